"""Causes that lie in links, addresses and routes; a sound wire has none."""
from __future__ import absolute_import, division, print_function


import pytest

from netnsctl.usecases.check import checking
from support.lab import HOST_ROUTES, V4, V6, check, codes, only_cause, run


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
