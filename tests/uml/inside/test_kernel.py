"""What the guest has that other machines may lack, for which the tests of this folder are run in it."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.inside import ip, pings


@pytest.mark.parametrize('words', ['bridge', 'dummy', 'geneve id 1 remote 10.0.0.1', 'ifb', 'veth peer name k1',
                                   'vrf table 10', 'vxlan id 1 dstport 4789'])
def test_its_kernel_makes_links_that_stand_alone(words):
    process.must(['ip', 'link', 'add', 'name', 'k0', 'type'] + words.split())
    process.must(['ip', 'link', 'del', 'dev', 'k0'])


@pytest.mark.parametrize('words', ['vlan id 7', 'macvlan mode bridge', 'macvtap mode bridge', 'ipvlan mode l2'])
def test_its_kernel_makes_links_that_stand_on_a_nic(nics, words):
    process.must(['ip', 'link', 'add', 'name', 'k0', 'link', nics[0], 'type'] + words.split())
    process.must(['ip', 'link', 'del', 'dev', 'k0'])


def test_its_kernel_shapes_and_delays(nics):
    process.must(['tc', 'qdisc', 'add', 'dev', nics[0], 'root', 'handle', '1:', 'tbf', 'rate', '10mbit', 'burst', '20k',
                  'latency', '50ms'])
    process.must(['tc', 'qdisc', 'add', 'dev', nics[0], 'parent', '1:1', 'netem', 'delay', '5ms'])
    shown = process.must(['tc', 'qdisc', 'show', 'dev', nics[0]])
    assert 'tbf 1: root' in shown and 'netem' in shown
    process.must(['tc', 'qdisc', 'del', 'dev', nics[0], 'root'])


def test_its_nics_have_a_device_and_a_cable_between_them(nics, netns):
    a = netns()
    for number, nic in enumerate(nics):
        assert os.path.isdir('/sys/class/net/%s/device' % nic)
        if number:
            ip(None, 'link', 'set', 'dev', nic, 'netns', a)
        ip((None, a)[number], 'address', 'add', '10.1.1.%d/24' % (number + 1), 'dev', nic)
        ip((None, a)[number], 'link', 'set', 'dev', nic, 'up')
    assert pings(None, '10.1.1.2')
