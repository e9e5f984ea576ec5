"""Each cause that a check can name is brought about on real namespaces, and a sound wire names none."""
from __future__ import absolute_import, division, print_function

import itertools
import os
import subprocess
import sys

import pytest

from netnsctl.compat import monotonic
from netnsctl.edge import claims, icmp
from netnsctl.edge.netlink import neighbours
from netnsctl.edge import netns as namespaces
from netnsctl.edge.host import Host
from netnsctl.errors import KernelError
from netnsctl.usecases import checking, echoes

_numbers = itertools.count(1)
V4 = (['10.1.1.1/24'], ['10.1.1.2/24'])
V6 = (['fd00::1/64'], ['fd00::2/64'])
HOST_ROUTES = (['10.1.1.1/32'], ['10.1.1.2/32'])


def run(text, *values):
    """Runs a command line: words are cut at blanks after the values are filled in."""
    subprocess.check_call((text % values).split())


class Lab(object):
    """Throwaway namespaces with unique names; `go` runs a command line inside one."""

    def __init__(self):
        self.names = []
        self.opened = []

    def netns(self):
        name = 'nwcause%d-%d' % (os.getpid(), next(_numbers))
        run('ip netns add %s', name)
        self.names.append(name)
        self.go(name, 'ip link set dev lo up')
        # A namespace's first sysctls come from the host's: the tests say themselves what they want.
        self.set(name, 'ipv4/conf/all/rp_filter', 0)
        return name

    def go(self, name, text, *values):
        run('ip netns exec %s ' % name + text, *values)

    def set(self, name, sysctl, value):
        self.go(name, 'sysctl -q -w net/%s=%s', sysctl, value)

    def give(self, name, dev, addresses, peers=()):
        self.go(name, 'ip link set dev %s up', dev)
        for address in addresses:
            self.go(name, 'ip addr add %s dev %s%s', address, dev, ' nodad' if ':' in address else '')
        for peer in peers:
            if peer.endswith('/32'):
                self.go(name, 'ip route add %s dev %s', peer, dev)

    def open(self, name):
        self.opened.append(namespaces.open_named(name))
        return self.opened[-1]

    def end(self, name, dev, addresses, **more):
        return checking.End('netns://%s:%s' % (name, dev), self.open(name), dev, addresses, **more)

    def veth(self, one, dev, other, peer):
        run('ip -n %s link add name %s type veth peer name %s netns %s', one, dev, peer, other)

    def away(self, name):
        """A link that is up and leads nowhere."""
        self.veth(name, 'away', name, 'nowhere')
        self.go(name, 'ip link set dev nowhere up')

    def pair(self, addresses):
        """Two wired namespaces: (End, End)."""
        a, b = self.netns(), self.netns()
        self.veth(a, 'A', b, 'B')
        self.give(a, 'A', addresses[0], addresses[1])
        self.give(b, 'B', addresses[1], addresses[0])
        return self.end(a, 'A', addresses[0]), self.end(b, 'B', addresses[1])

    def bridged(self, addresses, options=''):
        """Two namespaces plugged into a bridge in a third, which stands for the host: (End, End, name of the third)."""
        a, b, between = self.netns(), self.netns(), self.netns()
        self.go(between, 'ip link add name br0 type bridge ' + options)
        self.go(between, 'ip link set dev br0 up')
        for name, dev, port, own in ((a, 'A', 'pa', addresses[0]), (b, 'B', 'pb', addresses[1])):
            self.plug(between, port, name, dev, own)
        return self.end(a, 'A', addresses[0]), self.end(b, 'B', addresses[1]), between

    def plug(self, between, port, name, dev, addresses):
        self.veth(between, port, name, dev)
        self.go(between, 'ip link set dev %s master br0 up', port)
        self.give(name, dev, addresses)

    def routed(self):
        """Two namespaces that reach each other through a third, which routes: (End, End, name of the third)."""
        a, b, between = self.netns(), self.netns(), self.netns()
        for name, dev, port, net in ((a, 'A', 'pa', '10.1.1'), (b, 'B', 'pb', '10.1.2')):
            self.veth(between, port, name, dev)
            self.give(between, port, [net + '.254/24'])
            self.give(name, dev, [net + '.1/24'])
            self.go(name, 'ip route add default via %s.254', net)
        self.set(between, 'ipv4/ip_forward', 1)
        return self.end(a, 'A', ['10.1.1.1/24']), self.end(b, 'B', ['10.1.2.1/24']), between

    def check_from(self, name, a, b):
        """Checks as netnsctl would that runs inside that namespace, as it does on a host."""
        with self.open(name).entered():
            return check(a, b)

    def close(self):
        for netns in self.opened:
            netns.close()
        for name in self.names:
            run('ip netns del %s', name)


def check(a, b, seconds=0.3):
    return checking.check(Host(), a, b, seconds)


def codes(report):
    return [cause.code for cause in report.causes]


def only_cause(report):
    """The one cause of a failed check."""
    assert not report.ok
    assert len(report.causes) == 1, report.causes
    return report.causes[0]


@pytest.fixture
def lab():
    if os.getuid() != 0:
        pytest.skip('needs root')
    made = Lab()
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize('addresses', [V4, V6, HOST_ROUTES, (V4[0] + V6[0], V4[1] + V6[1]),
                                       (['10.1.1.1/24', '10.2.2.1/24'], ['10.1.1.2/24', '10.2.2.2/24'])])
def test_sound_wire_has_no_cause(lab, addresses):
    report = check(*lab.pair(addresses))
    assert report.ok and report.causes == ()
    # Per family and way a small echo and a full one, and a small one for each further address.
    assert len(report.probes) == 4 * len(set(':' in text for text in addresses[0])) + 2 * (
        len(addresses[0]) - len(set(':' in text for text in addresses[0])))
    assert all(probe.ok and probe.seconds >= 0 and probe.error is None for probe in report.probes)


def test_sound_wires_through_a_bridge_and_a_router_have_no_cause(lab):
    a, b, between = lab.bridged(V4)
    assert lab.check_from(between, a, b).ok
    a, b, between = lab.routed()
    assert lab.check_from(between, a, b).ok


def test_sound_wire_between_a_namespace_and_a_bridge(lab):
    a, _, between = lab.bridged(V4)
    lab.give(between, 'br0', ['10.1.1.254/24'])
    assert check(a, lab.end(between, 'br0', ['10.1.1.254/24'], bridge='br0', port='pa')).ok


def test_full_size_follows_the_mtu(lab):
    a, b = lab.pair(V4)
    for end in (a, b):
        lab.go(end.netns.name, 'ip link set dev %s mtu 65535', end.dev)
    report = check(a, b)
    assert report.ok
    assert sorted(set(probe.size for probe in report.probes)) == [84, 65535]


def test_two_ends_in_one_namespace(lab):
    name = lab.netns()
    lab.veth(name, 'A', name, 'B')
    lab.give(name, 'A', V4[0])
    lab.give(name, 'B', V4[1])
    ends = lab.end(name, 'A', V4[0]), lab.end(name, 'B', V4[1])
    assert check(*ends).ok
    lab.go(name, 'ip link set dev B down')
    assert 'link-down' in codes(check(*ends))


@pytest.mark.parametrize('addresses', [([], []), (V4[0], []), (V4[0], V6[1])])
def test_without_a_common_family_only_the_links_are_looked_at(lab, addresses):
    a, b = lab.pair(addresses)
    report = check(a, b)
    assert report.ok and report.probes == ()
    lab.go(b.netns.name, 'ip link set dev B down')
    assert only_cause(check(a, b)).code == 'link-down'


def test_address_that_is_tentative_is_waited_for(lab):
    a, b = lab.pair(([], []))
    for end, address in ((a, V6[0][0]), (b, V6[1][0])):
        lab.go(end.netns.name, 'ip addr add %s dev %s', address, end.dev)
    report = check(checking.End('a:A', a.netns, 'A', V6[0]), checking.End('b:B', b.netns, 'B', V6[1]))
    assert report.ok, report.causes


@pytest.mark.parametrize('way', [0, 1])
def test_link_missing(lab, way):
    ends = lab.pair(V4)
    lab.go(ends[way].netns.name, 'ip link set dev %s down', ends[way].dev)
    lab.go(ends[way].netns.name, 'ip link set dev %s name other', ends[way].dev)
    cause = [item for item in check(*ends).causes if item.code == 'link-missing'][0]
    assert ends[way].label in cause.text


@pytest.mark.parametrize('way', [0, 1])
def test_link_down(lab, way):
    ends = lab.pair(V4)
    lab.go(ends[way].netns.name, 'ip link set dev %s down', ends[way].dev)
    cause = only_cause(check(*ends))
    assert cause.code == 'link-down' and ends[way].label in cause.text
    # The hint is a command that mends it (the routes of IPv4 come back with the link).
    run(cause.hint)
    assert check(*ends).ok


def test_no_carrier(lab):
    a, b = lab.pair(V4)
    third = lab.netns()
    lab.go(a.netns.name, 'ip link del A')
    # The other end of A is now in a third namespace, down; B is a link of another veth that has carrier.
    lab.veth(a.netns.name, 'A', third, 'x')
    lab.veth(b.netns.name, 'B', third, 'y')
    lab.go(third, 'ip link set dev y up')
    lab.give(a.netns.name, 'A', V4[0])
    lab.give(b.netns.name, 'B', V4[1])
    cause = only_cause(check(a, b))
    assert cause.code == 'no-carrier' and a.label in cause.text


def test_address_missing(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip addr flush dev B')
    cause = only_cause(check(a, b))
    assert cause.code == 'address-missing' and b.label in cause.text and '10.1.1.2/24' in cause.text
    run(cause.hint)
    assert check(a, b).ok


def test_address_wrong(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip addr flush dev B')
    lab.give(b.netns.name, 'B', ['10.1.1.77/24'])
    cause = only_cause(check(a, b))
    assert cause.code == 'address-wrong' and '10.1.1.77/24' in cause.text


def test_address_on_another_link(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip addr flush dev B')
    lab.give(b.netns.name, 'lo', ['10.1.1.2/32'])
    cause = only_cause(check(a, b))
    assert cause.code == 'address-wrong' and 'link lo' in cause.text


def test_address_with_another_prefix(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip addr flush dev B')
    lab.give(b.netns.name, 'B', ['10.1.1.2/32'])
    cause = only_cause(check(a, b))
    assert cause.code == 'address-wrong' and '10.1.1.2/32 instead of 10.1.1.2/24' in cause.text


def test_no_route(lab):
    a, b = lab.pair(HOST_ROUTES)
    lab.go(a.netns.name, 'ip route del 10.1.1.2/32')
    cause = only_cause(check(a, b))
    assert cause.code == 'no-route' and a.label in cause.text
    run(cause.hint)
    assert check(a, b).ok


def test_no_route_of_ipv6(lab):
    a, b = lab.pair(V6)
    lab.go(a.netns.name, 'ip -6 route del fd00::/64 dev A')
    assert only_cause(check(a, b)).code == 'no-route'


def test_route_by_another_link(lab):
    a, b = lab.pair(V4)
    lab.away(a.netns.name)
    lab.give(a.netns.name, 'away', [], ['10.1.1.2/32'])
    cause = only_cause(check(a, b))
    assert cause.code == 'route-by-another-link' and a.label in cause.text and 'link away' in cause.text


def test_answer_over_another_link_does_not_pass(lab):
    a, b = lab.pair(V4)
    other = lab.netns()
    lab.veth(a.netns.name, 'away', other, 'x')
    lab.give(other, 'x', ['10.1.1.2/32'], ['10.1.1.1/32'])
    lab.give(a.netns.name, 'away', [], ['10.1.1.2/32'])
    cause = only_cause(check(a, b))
    assert cause.code == 'route-by-another-link' and a.label in cause.text


def test_rp_filter(lab):
    a, b = lab.pair(V4)
    lab.set(b.netns.name, 'ipv4/conf/all/rp_filter', 1)
    assert check(a, b).ok
    lab.away(b.netns.name)
    lab.give(b.netns.name, 'away', [], ['10.1.1.1/32'])
    report = check(a, b)
    assert codes(report) == ['route-by-another-link', 'rp-filter']
    assert not any(probe.arrived for probe in report.probes if probe.source == a.label)
    assert b.label in report.causes[1].text and 'rp_filter is 1' in report.causes[1].text


def test_rp_filter_is_not_blamed_where_it_is_off(lab):
    a, b = lab.pair(V4)
    lab.away(b.netns.name)
    lab.set(b.netns.name, 'ipv4/conf/B/rp_filter', 0)
    lab.give(b.netns.name, 'away', [], ['10.1.1.1/32'])
    report = check(a, b)
    assert only_cause(report).code == 'route-by-another-link'
    assert all(probe.arrived for probe in report.probes if probe.source == a.label)


def test_address_of_the_other_end_on_this_side_too(lab):
    a, b = lab.pair(V4)
    lab.give(a.netns.name, 'lo', ['10.1.1.2/32'])
    report = check(a, b)
    assert 'duplicate-address' in codes(report)
    assert a.label in report.causes[0].text and 'link lo' in report.causes[0].text


def test_duplicate_address_on_a_bridge(lab):
    a, b, between = lab.bridged(V4)
    third = lab.netns()
    lab.plug(between, 'pc', third, 'C', ['10.1.1.2/24'])
    mac = open_text(lab, third, 'C')
    # The answer that came last wins in a neighbour table: fix it on the stranger's, as bad luck would.
    lab.go(a.netns.name, 'ip neigh replace 10.1.1.2 lladdr %s dev A nud permanent', mac)
    report = lab.check_from(between, a, b)
    assert not report.ok and 'duplicate-address' in codes(report)
    assert mac in report.causes[0].text
    assert any(probe.answered and not probe.arrived for probe in report.probes)


def open_text(lab, name, dev):
    return lab.open(name).rtnl().link(name=dev).mac


def test_ipv6_tentative(lab, monkeypatch):
    monkeypatch.setattr(echoes, 'DAD_SECONDS', 0.2)
    a, b = lab.pair(([], []))
    lab.give(a.netns.name, 'A', V6[0])
    lab.set(b.netns.name, 'ipv6/conf/B/dad_transmits', 20)
    lab.go(b.netns.name, 'ip addr add fd00::2/64 dev B')
    cause = only_cause(check(checking.End('a:A', a.netns, 'A', V6[0]), checking.End('b:B', b.netns, 'B', V6[1])))
    assert cause.code == 'ipv6-tentative' and 'b:B' in cause.text


def test_ipv6_duplicate_found_by_the_kernel(lab):
    a, b, between = lab.bridged((V6[0], []))
    third = lab.netns()
    lab.plug(between, 'pc', third, 'C', V6[1])
    lab.go(b.netns.name, 'ip addr add %s dev B', V6[1][0])
    cause = only_cause(lab.check_from(between, a, checking.End('b:B', b.netns, 'B', V6[1])))
    assert cause.code == 'ipv6-dadfailed' and 'b:B' in cause.text


def test_ipv6_disabled(lab):
    a, b = lab.pair(V6)
    lab.set(b.netns.name, 'ipv6/conf/B/disable_ipv6', 1)
    cause = only_cause(check(a, b))
    assert cause.code == 'ipv6-disabled' and b.label in cause.text


@pytest.mark.parametrize('mtus', [(1500, 1400), (1400, 1500), (9000, 1500)])
def test_mtu_differs(lab, mtus):
    ends = lab.pair(V4)
    for end, mtu in zip(ends, mtus):
        lab.go(end.netns.name, 'ip link set dev %s mtu %d', end.dev, mtu)
    cause = only_cause(check(*ends))
    assert cause.code == 'mtu-differs' and ends[0].label in cause.text and ends[1].label in cause.text


def test_smaller_mtu_on_a_bridge_port(lab):
    a, b, between = lab.bridged(V4)
    lab.go(between, 'ip link set dev pb mtu 1300')
    report = lab.check_from(between, a, b)
    assert set(codes(report)) == set(['mtu-differs'])
    assert all('pb' in cause.text and '1300' in cause.text for cause in report.causes)


def test_smaller_mtu_behind_a_router(lab):
    a, b, between = lab.routed()
    far, farther = lab.netns(), b.netns.name
    # b's side of the router is put behind a further router whose link is narrow.
    lab.veth(between, 'narrow', far, 'n')
    lab.go(between, 'ip addr flush dev pb')
    lab.go(between, 'ip link del pb')
    lab.veth(far, 'pb', farther, 'B')
    lab.give(between, 'narrow', ['10.1.3.1/24'])
    lab.give(far, 'n', ['10.1.3.2/24'])
    lab.give(far, 'pb', ['10.1.2.254/24'])
    lab.give(farther, 'B', ['10.1.2.1/24'])
    lab.go(farther, 'ip route add default via 10.1.2.254')
    lab.go(between, 'ip route add 10.1.2.0/24 via 10.1.3.2')
    lab.go(far, 'ip route add default via 10.1.3.1')
    lab.set(far, 'ipv4/ip_forward', 1)
    assert lab.check_from(between, a, b).ok
    lab.go(between, 'ip link set dev narrow mtu 1200')
    lab.go(far, 'ip link set dev n mtu 1200')
    report = lab.check_from(between, a, b)
    assert set(codes(report)) == set(['mtu-differs'])
    assert all('1200' in cause.text for cause in report.causes)


def test_echo_ignored(lab):
    a, b = lab.pair(V4)
    lab.set(b.netns.name, 'ipv4/icmp_echo_ignore_all', 1)
    cause = only_cause(check(a, b))
    assert cause.code == 'echo-ignored' and b.label in cause.text
    run(cause.hint)
    assert check(a, b).ok


def test_echo_of_ipv6_ignored(lab):
    a, b = lab.pair(V6)
    lab.set(b.netns.name, 'ipv6/icmp/echo_ignore_all', 1)
    assert only_cause(check(a, b)).code == 'echo-ignored'


def need(program):
    if Host().find(program) is None:
        pytest.skip('%s is not installed' % program)


@pytest.mark.parametrize('rules,told', [
    (['iptables -P INPUT DROP'], 'policy of chain INPUT is drop'),
    (['iptables -P OUTPUT DROP'], 'policy of chain OUTPUT is drop'),
    (['iptables -A INPUT -p icmp -j DROP'], '-A INPUT -p icmp -j DROP'),
    (['iptables -N guard', 'iptables -A INPUT -j guard', 'iptables -A guard -j REJECT'], '-A guard -j REJECT'),
    (['iptables -t raw -A PREROUTING -i B -j DROP'], 'chain PREROUTING'),
])
def test_firewall_inside_a_namespace(lab, rules, told):
    need('iptables-save')
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'iptables -A INPUT -s 192.0.2.7 -j DROP')
    assert check(a, b).ok
    for rule in rules:
        lab.go(b.netns.name, rule)
    cause = only_cause(check(a, b))
    assert cause.code == 'firewall' and b.label in cause.text and told in cause.text


def test_firewall_of_ipv6(lab):
    need('ip6tables-save')
    a, b = lab.pair(V6)
    lab.go(b.netns.name, 'ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP')
    cause = only_cause(check(a, b))
    assert cause.code == 'firewall' and 'ip6tables' in cause.text


def test_legacy_tables_beside_those_of_nft(lab):
    need('iptables-legacy-save')
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'iptables -P FORWARD DROP')
    lab.go(b.netns.name, 'iptables-legacy -P INPUT DROP')
    cause = only_cause(check(a, b))
    assert cause.code == 'firewall' and 'chain INPUT' in cause.text


def test_policy_of_nft(lab):
    need('nft')
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'nft add table inet guard')
    lab.go(b.netns.name, 'nft add chain inet guard in { type filter hook input priority 0 ; policy drop ; }')
    cause = only_cause(check(a, b))
    assert cause.code == 'firewall' and 'inet guard' in cause.text


def test_forward_policy_drops_what_a_bridge_hands_to_iptables(lab):
    need('iptables-save')
    a, b, between = lab.bridged(V4)
    if lab.open(between).sysctl('bridge/bridge-nf-call-iptables') is None:
        pytest.skip('this kernel has no br_netfilter')
    lab.set(between, 'bridge/bridge-nf-call-iptables', 1)
    lab.go(between, 'iptables -P FORWARD DROP')
    cause = only_cause(lab.check_from(between, a, b))
    assert cause.code == 'forward-dropped'
    assert 'policy of chain FORWARD is drop' in cause.text and 'bridge br0' in cause.text
    lab.go(between, cause.hint)
    assert lab.check_from(between, a, b).ok


def test_forward_policy_drops_what_is_routed(lab):
    need('iptables-save')
    a, b, between = lab.routed()
    lab.go(between, 'iptables -P FORWARD DROP')
    cause = only_cause(lab.check_from(between, a, b))
    assert cause.code == 'forward-dropped' and 'policy of chain FORWARD is drop' in cause.text


def test_forward_policy_is_not_blamed_for_a_wire_that_does_not_pass_it(lab):
    need('iptables-save')
    between = lab.netns()
    lab.go(between, 'iptables -P FORWARD DROP')
    a, b = lab.pair(V4)
    assert lab.check_from(between, a, b).ok
    lab.go(b.netns.name, 'iptables -P INPUT DROP')
    assert only_cause(lab.check_from(between, a, b)).code == 'firewall'


def neighbours_of(lab, end):
    out = subprocess.Popen(['ip', '-n', end.netns.name, 'neigh', 'show', 'dev', end.dev], stdout=subprocess.PIPE)
    return out.communicate()[0].decode()


@pytest.mark.parametrize('addresses', [V4, V6])
def test_check_leaves_the_neighbour_tables_as_they_were(lab, addresses):
    a, b = lab.pair(addresses)
    known = addresses[1][0].split('/')[0]
    assert check(a, b).ok
    assert known not in neighbours_of(lab, a)
    assert addresses[0][0].split('/')[0] not in neighbours_of(lab, b)
    lab.go(a.netns.name, 'ip neigh add %s lladdr %s dev A nud permanent', known, b.netns.rtnl().link(name='B').mac)
    assert check(a, b).ok
    assert 'PERMANENT' in neighbours_of(lab, a)


def test_neighbour_table_that_is_full(lab, monkeypatch):
    a, b = lab.pair(V4)
    real = neighbours.table(a.netns.rtnl(), icmp.AF_INET)
    assert 0 <= real.entries and 0 < real.thresh2 <= real.thresh3

    def full(rtnl, family):
        # The table is one for all namespaces: filling the real one would cut off whoever else is on this host.
        real.entries = real.thresh3
        return real
    monkeypatch.setattr(neighbours, 'table', full)
    assert check(a, b).ok
    for end in (a, b):
        lab.set(end.netns.name, 'ipv4/conf/%s/arp_ignore' % end.dev, 8)
    cause = only_cause(check(a, b))
    assert cause.code == 'neighbour-table-full' and 'gc_thresh3' in cause.text


@pytest.mark.skipif(not os.environ.get('NETNSCTL_TEST_EVERY'), reason='it fills the one neighbour table of this host')
def test_neighbour_table_that_is_really_full(lab):
    a, b = lab.pair(V6)
    crowd = lab.netns()
    lab.away(crowd)
    room = neighbours.table(a.netns.rtnl(), icmp.AF_INET6).thresh3
    if room > 20000:
        pytest.skip('this kernel has room for %d neighbours' % room)
    lines = ''.join('neigh replace fd01::%x lladdr 02:00:00:00:00:01 dev away nud reachable\n' % number
                    for number in range(1, room + 20))
    filling = subprocess.Popen(['ip', '-n', crowd, '-force', '-batch', '-'],
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    filling.communicate(lines.encode())
    # Entries that are younger than five seconds do not make room.
    cause = only_cause(check(a, b))
    assert cause.code == 'neighbour-table-full' and 'gc_thresh3' in cause.text


def test_host_between_that_does_not_forward(lab):
    a, b, between = lab.routed()
    lab.set(between, 'ipv4/ip_forward', 0)
    report = lab.check_from(between, a, b)
    assert set(codes(report)) == set(['forwarding-off'])


def test_bridge_port_that_is_still_listening(lab):
    a, b, between = lab.bridged(V4, 'stp_state 1 forward_delay 1500')
    report = lab.check_from(between, a, b)
    assert set(codes(report)) == set(['bridge-port-not-forwarding'])
    assert 'listening' in report.causes[0].text and 'br0' in report.causes[0].text


def test_port_of_an_end_that_is_not_in_its_bridge(lab):
    a, _, between = lab.bridged(V4)
    lab.give(between, 'br0', ['10.1.1.254/24'])
    bridge_end = lab.end(between, 'br0', ['10.1.1.254/24'], bridge='br0', port='pa')
    lab.go(between, 'ip link set dev pa nomaster')
    cause = only_cause(check(a, bridge_end))
    assert cause.code == 'port-not-in-bridge' and 'pa' in cause.text
    run(cause.hint)
    # The kernel asks again for a neighbour that did not answer only after a second.
    assert check(a, bridge_end, seconds=1.2).ok


def test_bridge_that_is_down(lab):
    a, b, between = lab.bridged(V4)
    lab.go(between, 'ip link set dev br0 down')
    causes = lab.check_from(between, a, b).causes
    assert causes[0].code == 'link-down' and 'bridge br0' in causes[0].text


def test_unknown_cause_says_what_was_looked_at(lab):
    a, b = lab.pair(V4)
    # A neighbour that is written down wrong is none of the causes that are looked for.
    lab.go(a.netns.name, 'ip neigh replace 10.1.1.2 lladdr 02:00:00:00:00:99 dev A nud permanent')
    cause = only_cause(check(a, b))
    assert cause.code == 'unknown' and 'routes' in cause.text and 'duplicates' in cause.text


def test_failed_check_ends_within_its_time(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip link set dev B down')
    started = monotonic()
    assert not check(a, b, seconds=0.2).ok
    assert monotonic() - started < 0.2 + 1.0


def test_report_as_plain_data(lab):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip link set dev B down')
    data = check(a, b).to_json()
    assert data['ok'] is False
    assert data['probes'][0]['source'] == a.label and data['probes'][0]['answered'] is False
    assert data['probes'][0]['error'] == 'no answer'
    assert data['causes'][0]['code'] == 'link-down' and data['causes'][0]['hint'].endswith('ip link set dev B up')


def test_names_stay_as_they_are_and_hints_quote_them(lab):
    a, b = lab.netns(), lab.netns()
    dev = "x';$(id)"
    subprocess.check_call(['ip', '-n', a, 'link', 'add', 'name', dev, 'type', 'veth', 'peer', 'name', 'B', 'netns', b])
    lab.go(b, 'ip link set dev B up')
    cause = only_cause(check(lab.end(a, dev, []), lab.end(b, 'B', [])))
    assert dev in cause.text
    subprocess.check_call(['sh', '-c', cause.hint])
    assert lab.open(a).rtnl().link(name=dev).up


def test_raw_sockets_refused_are_an_error_and_no_failed_check(lab):
    need('setpriv')
    a, b = lab.pair(V4)
    script = ('from netnsctl.edge import netns, host\n'
              'from netnsctl.errors import KernelError\n'
              'from netnsctl.usecases import checking\n'
              'ends = [checking.End(n, netns.open_named(n), d, [x]) for n, d, x in %r]\n'
              'try:\n    checking.check(host.Host(), *ends)\n'
              'except KernelError as error:\n    print(error)\n'
              % [(a.netns.name, 'A', V4[0][0]), (b.netns.name, 'B', V4[1][0])])
    made = subprocess.Popen(['setpriv', '--bounding-set', '-net_raw', sys.executable, '-c', script],
                            stdout=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=os.pathsep.join(
                                path for path in sys.path if path)))
    out = made.communicate()[0].decode()
    assert out == 'open a raw ICMP socket for %s: not permitted\n' % a.netns.name


def test_arp_on_a_link_that_is_missing_is_a_declared_error(lab):
    name = lab.netns()
    with pytest.raises(KernelError):
        claims.who_has(lab.open(name), 'absent', '10.1.1.1')
