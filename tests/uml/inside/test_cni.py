"""The CNI plugin's example of a VLAN, on a NIC of a guest."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import cni
from support.inside import addresses, ip, links, pings
from support.program import TOP


@pytest.mark.thorough
def test_a_vlan_of_the_hosts_nic(run_netnsctl, netns, up):
    a, b = netns('a'), netns('b')
    vlan, = cni.of_conflist(os.path.join(TOP, 'docs', 'cni', 'vlan.conflist'))
    if up[0] != 'eth0':
        vlan.config['anchor'] = vlan.config['anchor'].replace('eth0', up[0])
    far = cni.network(name='far', anchor='vlan://%s/100' % up[1], addresses='192.168.100.1/24')
    result = vlan.add(a)
    far.add(b)
    assert addresses(a, 'eth0') == ['192.168.100.20/24'] and 'vlan protocol 802.1Q id 100' in ip(
        a, '-d', 'link', 'show', 'dev', 'eth0')
    assert pings(a, '192.168.100.1')
    assert vlan('CHECK', a, previous=result).status == 0
    # A NIC has each VLAN once.
    answer = vlan('ADD', b, container='c2', ifname='eth1', addresses='192.168.100.21/24')
    assert answer.code == 104 and 'VLAN 100' in answer.document['msg'], answer
    for one, ns in ((vlan, a), (far, b)):
        assert one('DEL', ns).status == 0 and links(ns) == {}
