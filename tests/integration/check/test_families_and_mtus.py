"""Causes that lie in duplicates, IPv6, MTUs and echoes that are ignored."""
from __future__ import absolute_import, division, print_function


import pytest

from netnsctl.usecases.check import checking, echoes
from support.lab import V4, V6, check, codes, only_cause, run


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
