"""`unwire`: a bridge that netnsctl made goes with its last wire, but not what somebody else has on it."""
from __future__ import absolute_import, division, print_function

import pytest

BRIDGE = 'bridge://br9=10.9.0.1/24,fd00:9::1/64'
USES = {
    'the address 10.88.0.1/24, which no wire gave it':
        ('ip addr add 10.88.0.1/24 dev br9', 'ip addr del 10.88.0.1/24 dev br9'),
    'the address fd00:88::1/64, which no wire gave it':
        ('ip addr add fd00:88::1/64 dev br9', 'ip addr del fd00:88::1/64 dev br9'),
    'the link mv0': ('ip link add mv0 link br9 type macvlan mode bridge', 'ip link del mv0'),
    'a link in another network namespace':
        ('ip link add mv0 link br9 type macvlan mode bridge; ip link set mv0 netns c; ip -n c link set mv0 up',
         'ip -n c link del mv0'),
}


@pytest.fixture
def wired(host):
    """A function that makes a wire of c, a or b to the bridge."""
    host.sh('for name in a b c; do ip netns add $name; done')

    def wire(name, end, bridge=BRIDGE, *words):
        result = host('wire', '--no-check', '--name', name, end, bridge, *words)
        assert result.status == 0, result
    return wire


@pytest.mark.parametrize('use', sorted(USES))
def test_a_bridge_that_somebody_else_uses_stays_with_that_and_goes_once_nobody_does(host, wired, use):
    wired('w', 'a:e=10.9.0.2/24')
    host.sh(USES[use][0])
    result = host('unwire', 'w')
    assert (result.status, result.out) == (0, 'unwired w\n'), result
    assert result.err == ('netnsctl: the bridge br9, which netnsctl made, stays, because of %s. '
                          'To remove it: ip link delete br9\n' % use), result
    assert '10.9.0.1' not in host.sh('ip address show br9')
    host.sh(USES[use][1])
    wired('w', 'a:e=10.9.0.2/24')
    result = host('unwire', 'w')
    assert (result.status, result.err) == (0, '') and 'br9' not in host.sh('ip link'), result


@pytest.mark.parametrize('is_new', [True, False])
def test_it_stays_with_the_addresses_that_somebodys_route_over_it_needs(host, wired, is_new):
    if not is_new:
        wired('v', 'b:e=10.9.0.3/24', 'bridge://br9')
    wired('w', 'a:e=10.9.0.2/24')
    host('unwire', '--if-exists', 'v')
    host.sh('ip route add 10.99.0.0/16 via 10.9.0.7; ip route add 10.98.0.0/16 via 10.9.0.7 table 77')
    result = host('unwire', 'w')
    assert result.status == 0 and 'stays with its addresses, because of the route 10.9' in result.err, result
    assert '10.99.0.0/16 via 10.9.0.7 dev br9' in host.sh('ip route')
    assert '10.98.0.0/16 via 10.9.0.7 dev br9' in host.sh('ip route show table 77')


def test_addresses_of_other_wires_and_the_kernels_own_do_not_keep_it(host, wired):
    """Of lost ones too, whose ports are gone."""
    wired('w', 'a:e=10.9.0.2/24')
    wired('v', 'b:e=10.10.0.2/24', 'bridge://br9=10.10.0.1/24')
    host.sh('ip netns del b; until ip -6 address show dev br9 | grep -q "fe80.*link"; do sleep 0.1; done')
    result = host('unwire', 'w')
    assert (result.status, result.err) == (0, '') and 'br9' not in host.sh('ip link'), result


def test_of_many_wires_the_last_asks_and_tells_it_once(host, wired):
    lines = ''.join('a:e{0}=10.9.0.{0}/24 {1} --name w{0}\n'.format(number, BRIDGE) for number in range(2, 7))
    for keeps in (True, False):
        result = host('wire', '--no-check', '-f', '-', feed=lines)
        assert result.status == 0, result
        host.sh('ip address %s 10.88.0.1/24 dev br9' % ('add' if keeps else 'del'))
        result = host('unwire', '--all')
        assert result.status == 0 and result.err.count('br9, which netnsctl made, stays') == keeps, result
        assert ('br9' in host.sh('ip link')) == keeps


def test_a_wire_that_is_replaced_leaves_what_somebody_else_has_on_its_bridge(host, wired):
    wired('w', 'a:e=10.9.0.2/24')
    host.sh('ip addr add 10.88.0.1/24 dev br9')
    wired('w', 'a:e=10.9.0.3/24', BRIDGE, '--replace')
    assert 'inet 10.88.0.1/24' in host.sh('ip address show br9')


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_an_address_that_goes_takes_no_later_one_of_its_network_along(host, wired, backend):
    host.sh('echo 0 >/proc/sys/net/ipv4/conf/all/promote_secondaries')  # what CentOS 6.5 has
    wired('w', 'a:e=10.9.0.2/24', BRIDGE, '--backend=' + backend)
    wired('v', 'b:e=10.9.0.3/24', 'bridge://br9=10.9.0.9/24')
    host.sh('ip address add 10.9.0.77/24 dev br9; echo 0 >/proc/sys/net/ipv4/conf/br9/promote_secondaries')
    assert host('unwire', 'w').status == 0
    shown = host.sh('ip -4 address show br9')
    assert [text in shown for text in ('10.9.0.1/', '10.9.0.9/', '10.9.0.77/')] == [False, True, True], shown
    assert host('check', 'v').status == 0
    assert host.sh('cat /proc/sys/net/ipv4/conf/br9/promote_secondaries').strip() == '0'


@pytest.mark.parametrize('count', [1, 3])
def test_a_bridge_that_stays_for_somebodys_port_is_told_once_with_the_last_wire(host, wired, count):
    for number in range(count):
        wired('w%d' % number, 'a:e%d=10.9.0.%d/24' % (number, number + 2))
    host.sh('ip link add user1 type veth peer name user2; ip link set user1 master br9')
    result = host('unwire', '--all')
    assert (result.status, result.err) == (0, (
        'netnsctl: the bridge br9, which netnsctl made, stays, because of its port user1. '
        'To remove it: ip link delete br9\n')), result
    assert 'inet 10.9.0.1' not in host.sh('ip address show br9')


def test_a_bridge_that_somebody_made_in_the_place_of_the_wires_is_not_told_of(host, wired):
    wired('w', 'a:e=10.9.0.2/24')
    host.sh('ip link del br9; ip link add br9 type bridge; ip link add user1 type veth peer name user2; '
            'ip link set user1 master br9')
    result = host('unwire', 'w')
    assert (result.status, result.err) == (0, ''), result
    assert 'user1' in host.sh('ip link show master br9')


# Bridges with an address of full length, over which each wire has a route of the host's to its other end.
HOST_ROUTES = ('bridge://br9=10.9.0.1/32,fd00:9::1/128', 'e=10.9.0.%d/32,fd00:9::%d/128')


def routes_of(host):
    """The destinations of all routes over br9 that the kernel did not make itself: set."""
    lines = (host.sh('ip -o route show table all') + host.sh('ip -o -6 route show table all')).splitlines()
    return set(line.split()[0] for line in lines if ' dev br9 ' in line + ' ' and 'proto kernel' not in line)


@pytest.fixture
def host_routed(wired):
    """A function that makes a wire with host routes: of a namespace, by its last octet."""
    def wire(name, netns, octet, *words):
        wired(name, netns + ':' + HOST_ROUTES[1] % (octet, octet), HOST_ROUTES[0], *words)
    return wire


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
@pytest.mark.parametrize('order', ['wv', 'vw'])
def test_a_wires_own_host_routes_go_with_it_and_do_not_keep_the_bridge(host, host_routed, backend, order):
    host_routed('w', 'a', 2, '--backend', backend)
    host_routed('v', 'b', 3, '--backend', backend)
    for name, left in zip(order, (3 if order == 'wv' else 2, None)):
        result = host('unwire', name)
        assert (result.status, result.err) == (0, ''), result
        assert routes_of(host) == (set(['10.9.0.%d' % left, 'fd00:9::%d' % left]) if left else set())
    assert 'br9' not in host.sh('ip link')


def test_neither_do_those_of_a_lost_wire_whose_place_is_free_again(host, host_routed):
    host_routed('w', 'a', 2)
    host_routed('v', 'b', 3)
    host.sh('ip netns del a; ip netns add a')
    host_routed('w', 'a', 2)
    assert routes_of(host) == set(['10.9.0.2', 'fd00:9::2', '10.9.0.3', 'fd00:9::3'])
    host.sh('ip netns del a')
    result = host('unwire', 'v')
    assert (result.status, result.err) == (0, '') and 'br9' not in host.sh('ip link'), result
    result = host('unwire', 'w')
    assert (result.status, result.err) == (0, ''), result


def test_a_route_of_somebodys_to_the_same_address_keeps_it(host, host_routed):
    host_routed('w', 'a', 2)
    host.sh('ip route add 10.9.0.2/32 dev br9 metric 7')
    result = host('unwire', 'w')
    assert result.status == 0 and 'stays with its addresses, because of the route 10.9.0.2/32' in result.err, result
    assert '10.9.0.2 dev br9 scope link metric 7' in host.sh('ip route').replace(' linkdown', '')


def test_a_route_that_was_displaced_comes_back_where_the_bridge_stays(host, host_routed):
    host.sh('ip link add d0 type veth peer name d1; ip link set d0 up; ip route add 10.9.0.2/32 dev d0')
    host_routed('w', 'a', 2, '--replace')
    host_routed('v', 'b', 3)
    result = host('unwire', 'w')
    assert (result.status, result.err) == (0, ''), result
    assert '10.9.0.2 dev d0' in host.sh('ip route') and routes_of(host) == set(['10.9.0.3', 'fd00:9::3'])


def test_a_wire_with_host_routes_is_replaced_and_goes_down_and_up(host, host_routed):
    host_routed('w', 'a', 2, '--save')
    host_routed('w', 'a', 4, '--replace', '--save')
    assert routes_of(host) == set(['10.9.0.4', 'fd00:9::4'])
    result = host('down')
    assert (result.status, result.err) == (0, '') and 'br9' not in host.sh('ip link'), result
    result = host('up')
    assert result.status == 0 and 'displaced' not in result.err, result
    assert routes_of(host) == set(['10.9.0.4', 'fd00:9::4'])
