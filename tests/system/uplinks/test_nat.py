"""`nat`: a container reaches the outside through the host, and nothing of that is left afterwards."""
from __future__ import absolute_import, division, print_function

import pytest

NAT = 'bridge://br0=10.0.0.1/24,nat'
PING = 'ip netns exec %s ping -c 1 -W 10 %s'


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_container_reaches_the_outside_by_nat_on_its_bridge(world, backend):
    before = world.rules()
    made = world('wire', '--backend', backend, 'web:eth0=10.0.0.2/24', NAT)
    assert made.status == 0, made
    world.serve('out', 80)
    assert world.ask('web', '192.0.2.9', 80) == 'out 192.0.2.1'
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'
    removed = world('unwire', '--all')
    assert removed.status == 0, removed
    assert world.rules() == before
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward; test ! -e /run/sysctl.d') == '0\n'


def test_what_stays_in_the_subnet_is_not_translated(world):
    for name, address in (('web', '10.0.0.2'), ('db', '10.0.0.3')):
        assert world('wire', '%s:eth0=%s/24' % (name, address), NAT).status == 0
    world.serve('db', 80)
    assert world.ask('web', '10.0.0.3', 80) == 'db 10.0.0.2'
    assert world.ask(None, '10.0.0.3', 80) == 'db 10.0.0.1'


def test_nat_at_the_hosts_own_end_with_full_prefixes(world):
    made = world('wire', 'web:eth0=10.0.0.2/32', 'host:toweb=10.0.0.1/32,nat')
    assert made.status == 0, made
    world.serve('out', 80)
    assert world.ask('web', '192.0.2.9', 80) == 'out 192.0.2.1'


def test_both_versions_of_ip_are_translated(world):
    made = world('wire', 'web:eth0=10.0.0.2/24,fd00::2/64', 'bridge://br0=10.0.0.1/24,fd00::1/64,nat')
    assert made.status == 0, made
    world.serve('out', 80, address='::')
    assert world.ask('web', '2001:db8::9', 80) == 'out 2001:db8::1'
    before = world.sh('cat /proc/sys/net/ipv6/conf/all/forwarding')
    assert world('unwire', '--all').status == 0
    assert (before, world.sh('cat /proc/sys/net/ipv6/conf/all/forwarding')) == ('1\n', '0\n')


def test_a_gateway_or_a_route_by_one_that_was_asked_for_is_not_joined_by_another(world):
    assert world('wire', 'web:eth0=10.0.0.2/24,route=192.0.2.0/24@10.0.0.1', NAT).status == 0
    assert world.sh('ip -n web route show default') == ''
    assert world('wire', 'db:eth0=10.0.0.3/24,gw=10.0.0.9', NAT).status == 0
    assert '10.0.0.9' in world.sh('ip -n db route show default')


def test_forwarding_goes_with_the_last_wire_that_needs_it(world):
    assert world('wire', '--name', 'one', 'web:eth0=10.0.0.2/24', NAT).status == 0
    assert world('wire', '--name', 'two', 'db:eth0=10.0.0.3/24', NAT).status == 0
    assert world('unwire', 'one').status == 0
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'
    world.serve('out', 80)
    assert world.ask('db', '192.0.2.9', 80) == 'out 192.0.2.1'
    assert world('unwire', 'two').status == 0
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '0\n'


def test_forwarding_that_was_on_stays_on(world):
    world.sh('sysctl -q -w net.ipv4.ip_forward=1')
    assert world('wire', 'web:eth0=10.0.0.2/24', NAT).status == 0
    assert world('unwire', '--all').status == 0
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'


def test_forwarding_stays_on_for_others_who_translate_addresses_by_then(world):
    assert world('wire', 'web:eth0=10.0.0.2/24', NAT).status == 0
    world.sh('iptables -t nat -A POSTROUTING -s 10.9.0.0/24 -j MASQUERADE')
    assert world('unwire', '--all').status == 0
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward; test ! -e /run/sysctl.d') == '1\n'


def test_the_same_again_changes_nothing_and_is_written_as_it_was_asked(world):
    assert world('wire', 'web:eth0=10.0.0.2/24', NAT).status == 0
    before = world.rules()
    again = world('wire', 'web:eth0=10.0.0.2/24', NAT)
    assert (again.status, again.out[:13]) == (0, 'already wired')
    assert world.rules() == before
    assert world('wire', 'web:eth0=10.0.0.2/24', 'bridge://br0=10.0.0.1/24').status == 4


def test_rules_are_removed_when_the_namespace_is_gone(world):
    before = world.rules()
    assert world('wire', '--name', 'w', 'web:eth0=10.0.0.2/24', NAT).status == 0
    world.sh('ip netns delete web')
    assert world('unwire', 'w').status == 0
    assert world.rules() == before


def test_rules_of_others_stay_as_they_are(world):
    world.sh('nft add table inet mine; nft add chain inet mine c; nft add rule inet mine c counter comment \\"x\\"; '
             'iptables-legacy -t nat -A POSTROUTING -s 10.9.0.0/24 -j MASQUERADE; iptables-legacy -t nat -N MINE')
    before = world.rules()
    assert world('wire', 'web:eth0=10.0.0.2/24', NAT).status == 0
    assert world('unwire', '--all').status == 0
    assert world.rules() == before


def test_the_dry_run_pastes(world):
    world.sh('sysctl -q -w net.ipv4.ip_forward=0')
    lines = world('wire', '--dry-run', 'web:eth0=10.0.0.2/24', NAT)
    assert lines.status == 0, lines
    world.sh(lines.out)
    world.serve('out', 80)
    assert world.ask('web', '192.0.2.9', 80) == 'out 192.0.2.1'


@pytest.mark.parametrize('words, said', [
    (['web:eth0=10.0.0.2/24,nat', 'bridge://br0=10.0.0.1/24'], 'nat belongs to the other end'),
    (['web:eth0=10.0.0.2/24', 'bridge://br0=nat'], 'nat needs an address'),
    (['web:eth0=10.0.0.2/24', 'bridge://br0=10.0.0.1/24,nat,nat'], 'nat is given twice'),
])
def test_bad_words_are_named(run_netnsctl, words, said):
    result = run_netnsctl('wire', *words)
    assert (result.status, said in result.err) == (2, True), result
