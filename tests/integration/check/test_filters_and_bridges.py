"""Causes that lie in firewalls, neighbour tables and bridges, and how a check ends."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from netnsctl.edge.packets import claims, icmp
from netnsctl.edge.netlink import neighbours
from netnsctl.edge.host import Host
from netnsctl.errors import KernelError
from netnsctl.usecases.check import checking
from support.lab import V4, V6, check, codes, only_cause, run


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
    assert check(a, bridge_end).ok


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


def test_what_fails_for_no_lasting_cause_is_looked_at_twice(lab, monkeypatch):
    a, b = lab.pair(V4)
    lab.go(a.netns.name, 'ip neigh replace 10.1.1.2 lladdr 02:00:00:00:00:99 dev A nud permanent')
    looks = []

    def probe(*arguments):
        if looks:
            lab.go(a.netns.name, 'ip neigh del 10.1.1.2 dev A')
        looks.append(real(*arguments))
        return looks[-1]

    real = checking.probe
    monkeypatch.setattr(checking, 'probe', probe)
    assert check(a, b).ok
    assert [all(item.ok for item in look) for look in looks] == [False, True]


def test_what_fails_for_a_cause_that_lasts_is_looked_at_once(lab, monkeypatch):
    a, b = lab.pair(V4)
    lab.go(b.netns.name, 'ip link set dev B down')
    looks = []

    def probe(*arguments):
        looks.append(arguments)
        return real(*arguments)

    real = checking.probe
    monkeypatch.setattr(checking, 'probe', probe)
    assert not check(a, b, seconds=0.2).ok
    assert len(looks) == 1


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
              'from netnsctl.usecases.check import checking\n'
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
