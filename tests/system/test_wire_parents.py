"""What a macvlan cannot be made on, or beside, and its NIC under another name."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.inside import ip, set_up
from support.untouched import assert_untouched, own_state

NIC, OTHER = 'nwp%d' % os.getpid(), 'nwq%d' % os.getpid()


@pytest.fixture
def nic(netns):  # whose namespaces are there still when this ends
    """The name of a link that stands in for a NIC."""
    ip(None, 'link', 'add', NIC, 'type', 'veth', 'peer', 'name', OTHER)
    ip(None, 'link', 'set', 'dev', OTHER, 'addrgenmode', 'none')
    ip(None, 'link', 'set', 'dev', OTHER, 'up')
    set_up(None, NIC)
    yield NIC
    ip(None, 'link', 'delete', 'dev', OTHER)


@pytest.fixture(params=('iproute', 'netlink'))
def backend(request):
    return '--backend=' + request.param


@pytest.mark.parametrize('words', ['macvlan://lo', 'ipvlan://lo', 'vlan://lo/7'])
def test_the_loopback_link_carries_none(run_netnsctl, netns, words):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', a + ':e=10.9.0.1/24', words)
    assert result.status == 2 and 'lo has no network behind it' in result.err, result
    assert_untouched(before)


@pytest.mark.parametrize('words', ['macvlan://nwinner', 'ipvlan://nwinner', 'vlan://nwinner/7',
                                   'vxlan://7=remote=192.0.2.7,dev=nwinner'])
def test_a_nic_of_another_namespace_is_not_found(run_netnsctl, netns, words):
    a, b = netns(), netns()
    ip(b, 'link', 'add', 'nwinner', 'type', 'veth', 'peer', 'name', 'x')
    before = own_state()
    result = run_netnsctl('wire', a + ':e=10.9.0.1/24', words)
    assert result.status == 3 and 'this host has no link nwinner' in result.err, result
    assert 'One in another network namespace cannot be used' in result.err
    assert_untouched(before)


def test_a_port_of_a_bridge_and_a_mac_address_that_is_taken_are_told_with_what_to_do(run_netnsctl, netns, nic, backend):
    a, b = netns(), netns()
    wire = ['wire', '--no-check', backend, '--name']
    assert run_netnsctl(*(wire + ['w', a + ':e=10.9.0.1/24,mac=02:00:00:00:0a:01', 'macvlan://' + nic])).status == 0
    before = own_state()
    result = run_netnsctl(*(wire + ['v', b + ':e=10.9.0.2/24,mac=02:00:00:00:0a:01', 'macvlan://' + nic]))
    assert result.status == 1 and 'another macvlan on it in any namespace, has the same MAC address' in result.err
    assert_untouched(before)
    assert run_netnsctl('unwire', 'w').status == 0
    ip(None, 'link', 'add', 'nwbr', 'type', 'bridge')
    try:
        ip(None, 'link', 'set', 'dev', nic, 'master', 'nwbr')
        before = own_state()
        result = run_netnsctl(*(wire + ['v', b + ':e=10.9.0.2/24', 'macvlan://' + nic]))
        assert result.status == 1 and 'A NIC that is in a bridge or a bond' in result.err, result
        assert_untouched(before)
    finally:
        ip(None, 'link', 'delete', 'dev', 'nwbr')


def test_a_nic_that_was_renamed_is_advised_by_the_name_it_has_now(run_netnsctl, netns, nic):
    a, new = netns(), 'nwr%d' % os.getpid()
    assert run_netnsctl('wire', '--no-check', '--name', 'w', a + ':e=10.9.0.1/24,gw=10.9.0.9',
                        'macvlan://' + nic).status == 0
    ip(None, 'link', 'set', 'dev', nic, 'down')
    ip(None, 'link', 'set', 'dev', nic, 'name', new)
    result = run_netnsctl('check', 'w')
    assert result.status == 5 and 'ip link set dev %s up' % new in result.out, result
    ip(None, 'link', 'set', 'dev', new, 'up')
    ip(None, 'link', 'add', nic, 'type', 'veth', 'peer', 'name', nic + 'x')  # another one by the old name
    try:
        result = run_netnsctl('check', 'w')
        assert result.status == 5 and 'ipvlan://' + new in result.out and 'tcpdump -n -e -i ' + new in result.out
    finally:
        ip(None, 'link', 'delete', 'dev', nic)
    assert run_netnsctl('unwire', 'w').status == 0
