"""The rules of wires are given to the programs in the words in which they list them: `ls` asks for no more then."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.edge.uplink import choosing
from netnsctl.model.features.uplink_steps import AddNat
from support.process import must

NETS = ['10.0.0.0/24', 'fd00::/64', '10.7.0.5/32', 'fd00:0:0:7::5/128']
PORTS = [['tcp', None, 8080, 8080, '10.0.0.2', 80], ['udp', '192.0.2.1', 53, 53, '10.0.0.2', 53],
         ['tcp', None, 8000, 8010, '10.0.0.2', 8000], ['tcp', None, 1, 3, '10.0.0.2', 5],
         ['tcp', None, 8080, 8080, 'fd00::2', 80], ['tcp', '2001:db8::1', 81, 81, 'fd00::2', 80],
         ['udp', None, 800, 810, 'fd00::2', 800]]


@pytest.mark.parametrize('program', choosing.PROGRAMS)
@pytest.mark.parametrize('is_local', [False, True])
def test_rules_are_given_as_they_are_listed(program, is_local):
    step = AddNat('host', 'w', program, 'br0', NETS, PORTS, NETS, is_local, [])
    tool = choosing.tool(Host(), program)
    listed, given = tool.as_listed(step), tool.wanted(step)
    assert dict((chain, len(rules)) for chain, rules in listed.items()) == dict(
        (chain, len(rules)) for chain, rules in given.items())
    if program == 'iptables' or 'v1.0.' in must(['nft', '--version']):  # others may have other words
        assert listed == given
