"""Other hosts: namespaces, each joined to this one by a veth pair, that can have the other end of a VXLAN."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from support import process
from support.inside import ip, set_up

VNI = os.getpid() % 10000 + 42
MTU = 1400


def wait_for_own_route(ns, address):
    """The kernel adds the route to an IPv6 address of its own some time after the link is up."""
    deadline = time.time() + 60
    while 'local %s ' % address not in ip(ns, '-6', 'route', 'show', 'table', 'local'):
        assert time.time() < deadline
        time.sleep(0.02)


class Far(object):
    """Another host: name of its namespace, ours and theirs: addresses on the way there."""

    def __init__(self, name, number, family=4):
        self.name, self.dev = name, 'nwx%d' % number
        form = '192.0.2.%d' if family == 4 else '2001:db8::%x'
        self.ours, self.theirs = form % (number * 4 + 1), form % (number * 4 + 2)
        length = '/30' if family == 4 else '/126'
        process.must(['ip', 'link', 'add', 'name', self.dev, 'mtu', str(MTU), 'type', 'veth', 'peer', 'name', 'up',
                      'mtu', str(MTU), 'netns', name])
        for place, dev, address in (([], self.dev, self.ours), (['-n', name], 'up', self.theirs)):
            process.must(['ip'] + place + ['addr', 'add', address + length, 'dev', dev]
                         + (['nodad'] if family == 6 else []))
        process.must(['ip', '-n', name, 'link', 'set', 'dev', 'up', 'addrgenmode', 'none'])
        process.must(['ip', '-n', name, 'link', 'set', 'dev', 'up', 'up'])
        set_up(None, self.dev)
        set_up(name, 'up')
        if family == 6:
            wait_for_own_route(None, self.ours)
            wait_for_own_route(name, self.theirs)

    def join(self, address, port=4789):
        """Has the other end of the VXLAN, with an address in it."""
        process.must(['ip', '-n', self.name, 'link', 'add', 'name', 'vx', 'type', 'vxlan', 'id', str(VNI), 'remote',
                      self.ours, 'dstport', str(port)])
        process.must(['ip', '-n', self.name, 'addr', 'add', address, 'dev', 'vx'])
        for words in ('addrgenmode none', 'up'):  # the state of a vxlan is UNKNOWN
            process.must(['ip', '-n', self.name, 'link', 'set', 'dev', 'vx'] + words.split())


@pytest.fixture
def far(netns):
    """far(family=4) -> a Far."""
    made = []

    def make(family=4):
        made.append(Far(netns(), len(made), family))
        return made[-1]
    yield make
    for other in made:
        process.must(['ip', 'link', 'del', 'dev', other.dev])
