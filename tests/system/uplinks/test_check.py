"""`check` of a wire with nat: what of the way out is not as it must be, and who drops the packets."""
from __future__ import absolute_import, division, print_function

import pytest

WEB, NAT = 'web:eth0=10.0.0.2/24', 'bridge://br0=10.0.0.1/24,nat'


@pytest.fixture
def wired(world):
    assert world('wire', '--name', 'w', WEB, NAT).status == 0
    return world


def fails(world, *said):
    result = world('check', 'w')
    assert result.status == 5, result
    for text in said:
        assert text in result.out, result


def test_it_passes_and_sends_an_echo_where_it_is_told_to(wired):
    assert wired('check', 'w').status == 0
    there = wired('check', 'w', '--to', '192.0.2.9')
    assert (there.status, 'outside  192.0.2.9' in there.out) == (0, True), there
    nobody = wired('check', 'w', '--to', '192.0.2.77')
    assert (nobody.status, '192.0.2.77 does not answer an echo' in nobody.out) == (5, True), nobody


def test_a_host_without_a_route_to_the_address_is_the_cause(wired):
    result = wired('check', 'w', '--to', '198.51.100.7')
    assert result.status == 5 and 'host: no route to 198.51.100.7' in result.out, result
    assert 'try another address' not in result.out, result


def test_rules_and_forwarding_that_are_gone_are_named(wired):
    wired.sh('nft flush ruleset; iptables-legacy -t nat -F; sysctl -q -w net.ipv4.ip_forward=0')
    fails(wired, 'lacks its rules in the firewall', 'net.ipv4.ip_forward is 0', 'netnsctl up')
    assert wired('up').status == 0
    assert wired('check', 'w').status == 0


def test_a_container_without_a_way_back_is_the_cause(wired):
    wired.sh('ip -n web route delete default')
    fails(wired, 'netns://web:eth0: it has no default route over IPv4', 'ip route add default via 10.0.0.1')
    wired.sh('ip -n web route add default via 10.0.0.1')
    assert wired('check', 'w').status == 0


def test_a_way_back_by_a_rule_for_what_leaves_from_its_address_is_one(wired):
    wired.sh('ip -n web route delete default; ip -n web route add default via 10.0.0.1 table 100; '
             'ip -n web rule add from 10.0.0.2 table 100')
    assert wired('check', 'w').status == 0


def test_routes_of_its_own_instead_of_a_default_one_are_no_cause(world):
    made = world('wire', '--name', 'w', WEB + ',route=192.0.2.0/24@10.0.0.1,publish=8080:80',
                 'bridge://br0=10.0.0.1/24,fd00::1/64')
    assert made.status == 0 and world('check', 'w').status == 0, made


def test_a_policy_of_forward_is_named_with_what_lets_packets_pass(wired):
    wired.sh('ip route add default via 192.0.2.9; iptables -P FORWARD DROP')
    fails(wired, 'dropped by chain FORWARD of iptables', 'its policy is drop')
    paste(wired)
    assert wired('check', 'w').status == 0
    assert wired('check', 'w', '--to', '192.0.2.9').status == 0


def test_the_chain_that_docker_leaves_to_its_users_is_used(wired):
    wired.sh('ip route add default via 192.0.2.9; iptables -P FORWARD DROP; iptables -N DOCKER-USER; '
             'iptables -A DOCKER-USER -j RETURN; iptables -A FORWARD -j DOCKER-USER')
    fails(wired, '-I DOCKER-USER -i br0 -j ACCEPT')
    paste(wired)
    assert wired('check', 'w', '--to', '192.0.2.9').status == 0


def test_a_rule_of_another_table_of_nft_is_named(wired):
    wired.sh("ip route add default via 192.0.2.9; nft add table inet wall; nft 'add chain inet wall ways { type filter "
             "hook forward priority 0; }'; nft add rule inet wall ways iifname br0 drop")
    fails(wired, 'dropped by chain ways of nft, table inet wall', 'the rule iifname "br0" drop')
    paste(wired)
    assert wired('check', 'w', '--to', '192.0.2.9').status == 0


def test_replies_that_are_dropped_are_named(wired):
    wired.sh('ip route add default via 192.0.2.9; iptables -P FORWARD DROP; iptables -A FORWARD -i br0 -j ACCEPT')
    fails(wired, 'what answers link br0 over IPv4 is dropped by chain FORWARD')
    paste(wired)
    assert wired('check', 'w', '--to', '192.0.2.9').status == 0


def test_what_keeps_the_outside_from_a_published_port_is_named(world):
    made = world('wire', '--name', 'w', WEB + ',publish=8080:80', 'bridge://br0=10.0.0.1/24')
    assert made.status == 0, made
    world.serve('web', 80)
    world.sh('iptables -P FORWARD DROP; iptables -A FORWARD -i br0 -j ACCEPT; '
             'iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT')
    assert world.ask('out', '192.0.2.1', 8080, seconds=1) == 'no answer'
    fails(world, 'what comes for the published ports through link br0 over IPv4 is dropped by chain FORWARD')
    told = world('doctor', 'forward-chain')
    assert 'drops what comes to w through link br0' in told.out, told
    assert 'IPv4 from elsewhere to br0, for published ports: dropped by chain FORWARD' in told.out, told
    paste(world)
    assert world('check', 'w').status == 0
    assert '  ok   forward-chain' in world('doctor', 'forward-chain').out
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'


def test_ports_at_an_address_that_the_host_has_not_and_to_a_container_that_it_does_not_reach_are_named(world):
    ports = ',publish=198.51.100.7:8080:80'
    made = world('wire', '--name', 'w', WEB + ports, 'bridge://br0')
    told = ('is no address of this host', 'no default route')
    assert (made.status, [text in made.err for text in told]) == (0, [True, True]), made
    fails(world, 'ports are published at 198.51.100.7, which is no address of this host',
          'its published ports lead to 10.0.0.2, to which there is no route by link br0')
    world.sh('ip address add 198.51.100.7/32 dev up0; ip address add 10.0.0.1/24 dev br0')
    fails(world, 'netns://web:eth0: it has no default route over IPv4')
    world.sh('ip -n web route add default via 10.0.0.1')
    assert world('check', 'w').status == 0


def paste(world):
    """Runs the commands that `check` proposes."""
    lines = world('check', 'w').out.splitlines()
    at = [number for number, line in enumerate(lines) if 'is dropped by' in line][0]
    world.sh(lines[at + 1].strip())


def test_an_echo_out_is_for_a_wire_that_leads_out(world):
    assert world('wire', '--name', 'plain', WEB, 'bridge://br0=10.0.0.1/24').status == 0
    refused = world('check', 'plain', '--to', '192.0.2.9')
    assert (refused.status, 'neither nat nor published ports' in refused.err) == (2, True), refused
    assert world('check', 'plain', '--to', 'there').status == 2


def test_an_echo_is_not_sent_to_what_is_not_one_other_host(wired):
    wired.sh('ip route add local 198.51.100.0/24 dev lo; ip route add broadcast 203.0.113.9 dev up0; '
             'ip -n out address add 192.0.2.10/24 dev eth0')
    echoes = 'grep ^Icmp: /proc/net/snmp | tail -n1 | cut -d" " -f 2,16'
    before = wired.sh('ip netns exec web sh -c %r; ip netns exec out sh -c %r' % (echoes, echoes))
    for to, why in (('255.255.255.255', 'the broadcast address'), ('224.0.0.1', 'a multicast address'),
                    ('ff02::1', 'a multicast address'), ('0.0.0.0', 'the unspecified address'),
                    ('::', 'the unspecified address'), ('0.1.2.3', '0.0.0.0/8'), ('127.0.0.1', 'a loopback address'),
                    ('::1', 'a loopback address'), ('240.0.0.1', '240.0.0.0/4'),
                    ('::ffff:192.0.2.9', 'an IPv4 address written as IPv6'), ('fe80::1', 'a host on one link'),
                    ('192.0.2.9/24', 'not an IPv4 or IPv6 address'), ('', 'empty value'),
                    ('10.0.0.2', 'an address of netns://web'), ('10.0.0.1', 'an address of this host'),
                    ('192.0.2.1', 'an address of this host'), ('192.0.2.0', 'the address of the network 192.0.2.0/24'),
                    ('192.0.2.255', 'the broadcast address of 192.0.2.0/24'),
                    ('10.0.0.255', 'the broadcast address of 10.0.0.0/24'),
                    ('2001:db8::', 'the address of the network 2001:db8::/64'),
                    ('198.51.100.7', 'table local'), ('203.0.113.9', 'a broadcast address')):
        refused = wired('check', 'w', '--to', to)
        assert (refused.status, why in refused.err, refused.out) == (2, True, ''), (to, refused)
    assert wired.sh('ip netns exec web sh -c %r; ip netns exec out sh -c %r' % (echoes, echoes)) == before
    assert wired('check', 'w', '--to', '192.0.2.10').status == 0
