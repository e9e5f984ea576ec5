"""The world in which backends are tried."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.edge.host import PATH, Host
from netnsctl.edge.ip_program import IpProgram
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.execution.backends.netlink import Netlink
from support.backend_world import MOVING, Moving, World, script


@pytest.fixture
def world(netns, tmpdir, rdo_ip):
    """world(kind) -> a World of its own; options: opened (how to open a name), moving_log."""
    made = []
    real = Host().find('ip')
    path = '%s:%s' % (rdo_ip, PATH)
    programs = {
        'netlink': Netlink, 'netlink moving': Moving,
        'iproute': lambda spaces: Iproute(Host(), IpProgram(real, '', True, True), spaces, tmpdir.strpath),
        'iproute moving': lambda spaces: Iproute(
            Host(), IpProgram(script(tmpdir.join('ip'), MOVING % {'ip': real, 'log': tmpdir.join('log')}), '', True,
                              True), spaces, tmpdir.strpath),
        'iproute rdo': lambda spaces: Iproute(Host(path=path), IpProgram(os.path.join(rdo_ip, 'ip'), '', True, False,
                                                                            numbers=False), spaces, tmpdir.strpath)}

    def add(kind, opener=edge_netns.open_named, **more):
        names = dict((reference, netns(reference)) for reference in 'ab')
        opened = dict((reference, opener(name)) for reference, name in names.items())
        made.extend(opened.values())
        opened.update(more)
        return World(kind, names, opened, programs[kind])
    yield add
    for opened in made:
        opened.close()
