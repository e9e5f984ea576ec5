"""The distribution's CNI plugins, in tests: whether they are there, and what host-local has handed out.

Fixtures: leases, lan."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.cni import find_plugin, network

BRIDGE = 'nwc%d' % os.getpid()
PLUGINS = find_plugin('host-local')
needs_plugins = pytest.mark.skipif(PLUGINS is None, reason='no CNI plugins (Debian: containernetworking-plugins)')


@pytest.fixture
def leases(tmpdir):
    """host-local's folder of networks: a py.path."""
    return tmpdir.join('leases')


@pytest.fixture
def lan(leases, run_netnsctl):
    """A bridge with NAT whose addresses host-local hands out."""
    return network(anchor='bridge://' + BRIDGE, nat=True, path=PLUGINS, ipam={
        'type': 'host-local', 'dataDir': str(leases), 'subnet': '10.81.0.0/24', 'routes': [{'dst': '0.0.0.0/0'}]})


def leased(folder, name='lan'):
    """The addresses of a network that host-local has handed out: sorted list. folder: its dataDir."""
    place = os.path.join(str(folder), name)
    return sorted(entry for entry in os.listdir(place) if entry[0].isdigit()) if os.path.isdir(place) else []
