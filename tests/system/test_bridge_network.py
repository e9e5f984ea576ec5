"""A wire to a bridge disturbs nobody on it: its MAC address, its MTU, its addresses, its neighbours' tables."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support.inside import ip
from support.process import run

BRIDGE = 'br%d' % os.getpid()
BACKENDS = ['--backend=iproute', '--backend=netlink']


def link(ns, dev):
    """What `ip -d -j link show` says of a link: dict, or None where there is none."""
    result = run(['ip'] + (['-n', ns] if ns else []) + ['-d', '-j', 'link', 'show', 'dev', dev])
    return json.loads(result.out)[0] if result.status == 0 else None


@pytest.fixture
def bridge():
    """bridge(*words) -> the name of a bridge of the host, made with words of `ip link add`; removed afterwards."""
    def make(*words):
        ip(None, 'link', 'add', BRIDGE, *(list(words) + ['type', 'bridge']))
        ip(None, 'link', 'set', BRIDGE, 'up')
        return BRIDGE
    yield make
    if link(None, BRIDGE):
        ip(None, 'link', 'delete', BRIDGE)


@pytest.fixture
def lan(netns):
    """lan(bridge, mac) -> a namespace that is joined to the bridge by a link with that MAC address on the host's side,
    as a LAN is by a NIC."""
    count = []

    def join(bridge, mac='52:54:00:12:34:56', address=None):
        name = netns('lan')
        near = 'l%d%s' % (len(count), bridge)
        count.append(near)
        ip(None, 'link', 'add', near, 'address', mac, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
        ip(None, 'link', 'set', near, 'mtu', str(link(None, bridge)['mtu']))
        ip(name, 'link', 'set', 'eth0', 'mtu', str(link(None, bridge)['mtu']))
        ip(None, 'link', 'set', near, 'master', bridge, 'up')
        ip(name, 'link', 'set', 'eth0', 'up')
        if address:
            ip(name, 'addr', 'add', address, 'dev', 'eth0', *(['nodad'] if ':' in address else []))
        return name
    return join


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_bridge_keeps_the_mac_address_of_its_nic(run_netnsctl, netns, bridge, lan, backend):
    br, a = bridge(), netns()
    lan(br)
    assert link(None, br)['address'] == '52:54:00:12:34:56'
    for number in range(5):
        assert run_netnsctl('wire', backend, '%s:e%d=10.234.0.%d/24' % (a, number, number + 2),
                            'bridge://' + br, '--no-check').status == 0
        assert link(None, br)['address'] == '52:54:00:12:34:56'


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('near', ['', '=mac=02:00:00:00:00:01'])
def test_a_bridge_without_ports_keeps_its_mac_address_as_wires_come_and_go(run_netnsctl, netns, bridge, backend, near):
    br, a = bridge(), netns()
    before = link(None, br)['address']
    for number in range(3):
        assert run_netnsctl('wire', backend, '%s:e%d=10.234.0.%d/24' % (a, number, number + 2),
                            'bridge://%s%s' % (br, near if number == 0 else '')).status == 0
        assert link(None, br)['address'] == before
    for number in range(3):
        assert run_netnsctl('unwire', '%s:e%d' % (a, number), 'bridge://' + br).status == 0
        assert link(None, br)['address'] == before


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('mtu', [1400, 9000])
def test_ends_take_the_mtu_of_the_bridge(run_netnsctl, netns, bridge, backend, mtu):
    br, a = bridge('mtu', str(mtu)), netns()
    words = 'wire', backend, a + ':A=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % br
    made = run_netnsctl(*(words + ('--json',)))
    assert made.status == 0, made.err
    near = [end['ifname'] for end in json.loads(made.out)['wires'][0]['ends'] if end['bridge']][0]
    assert (link(a, 'A')['mtu'], link(None, near)['mtu'], link(None, br)['mtu']) == (mtu, mtu, mtu)
    again = run_netnsctl(*words)
    assert (again.status, again.out.split(':')[0]) == (0, 'already wired')
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if a in line] == ['whole']


def test_an_mtu_that_was_asked_for_comes_before_that_of_the_bridge(run_netnsctl, netns, bridge):
    br, a = bridge('mtu', '1400'), netns()
    assert run_netnsctl('wire', a + ':A=10.234.0.2/24,mtu=1300', 'bridge://' + br).status == 0
    assert link(a, 'A')['mtu'] == 1300
    assert link(None, br)['mtu'] == 1400
