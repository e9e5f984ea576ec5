"""nat and published ports among rules of others that look like ours, and with firewall programs that lie: what is
somebody else's stays as it is, byte for byte."""
from __future__ import absolute_import, division, print_function

import json
import time

import pytest

from support.uplink_host import UplinkHost

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat'
DROPPING = 'iptables -P FORWARD DROP'


@pytest.fixture
def nft(run_netnsctl):
    made = UplinkHost(run_netnsctl, 'nft')
    yield made
    made.close()


def stand_in(world, name, script):
    """A program of that name that comes before the host's, in a folder: that."""
    world.sh("mkdir -p /run/sick; cat >/run/sick/%s <<'end-of-file'\n#!/bin/sh\n%s\nend-of-file\nchmod 755 /run/sick "
             '/run/sick/%s' % (name, script, name))
    return '/run/sick'


# Tables and chains of our names

TABLES = (
    '', 'set s { type ipv4_addr; elements = { 10.0.0.2 }; };', 'chain mine { counter accept; };', 'comment "mine"; ',
    'chain prerouting { type filter hook prerouting priority 0; counter accept comment "netnsctl:w:nat"; };',
    'chain prerouting { type nat hook prerouting priority -100; tcp dport 80 accept comment "mine"; };',
    'chain postrouting { type nat hook postrouting priority 100; ip saddr 10.0.0.0/24 masquerade; };',
)


def test_a_table_of_somebody_elses_called_netnsctl_is_refused_and_stays(nft):
    for table in TABLES:
        nft.sh("nft 'table inet netnsctl { %s }'" % table)
        before = nft.rules()
        made = nft('wire', '--name', 'w', WEB, BRIDGE)
        assert (made.status, 'nft has a table inet netnsctl that netnsctl did not make' in made.err) == (4, True), made
        assert nft.rules() == before
        assert nft.sh('cat /proc/sys/net/ipv4/ip_forward') == '0\n'
        nft.sh('nft delete table inet netnsctl')


def test_iptables_takes_its_place_and_leaves_it_alone(nft):
    nft.sh("nft 'table inet netnsctl { %s }'; echo 'firewall = iptables' >/etc/netnsctl.conf" % TABLES[-1])
    before = nft.rules()
    assert nft('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert nft('unwire', 'w').status == 0
    assert nft.rules() == before


def test_a_table_ip_netnsctl_of_somebody_elses_is_another_one(nft):
    nft.sh("nft 'table ip netnsctl { chain prerouting { type nat hook prerouting priority -100; counter accept comment "
           "\"netnsctl:w:publish\"; }; }'")
    before = nft.rules()
    assert nft('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert nft('ls', 'w').out.split()[1] == 'whole'
    assert nft('unwire', 'w').status == 0
    assert nft.rules() == before


@pytest.mark.parametrize('lines', [
    '-N NETNSCTL-PRE',
    '-N NETNSCTL-POST; -A NETNSCTL-POST -s 10.9.0.0/24 -j MASQUERADE; -A POSTROUTING -j NETNSCTL-POST',
    '-N NETNSCTL-OUT; -A NETNSCTL-OUT -m comment --comment "netnsctl:w:nat and more" -j RETURN',
])
def test_a_chain_of_somebody_elses_called_as_ours_is_refused_and_stays(run_netnsctl, lines):
    world = UplinkHost(run_netnsctl, 'iptables')
    try:
        world.sh('; '.join('iptables -t nat ' + line for line in lines.split('; ')))
        before = world.rules()
        made = world('wire', '--name', 'w', WEB, BRIDGE)
        assert (made.status, 'iptables has a chain NETNSCTL-' in made.err) == (4, True), made
        assert world.rules() == before
    finally:
        world.close()


def test_chains_whose_names_begin_as_ours_do_are_left_alone(world):
    world.sh('for t in nat filter raw; do iptables -t $t -N NETNSCTL-MINE; iptables -t $t -A NETNSCTL-MINE -m comment '
             '--comment netnsctl:w:nat -j RETURN; done; iptables -t filter -N NETNSCTL-PRE; '
             'iptables -t filter -A FORWARD -j NETNSCTL-PRE')
    before = world.rules()
    assert world('wire', '--name', 'w', WEB + ',localhost', BRIDGE).status == 0
    assert world('unwire', 'w').status == 0
    assert world.rules() == before


def test_what_others_put_into_ours_outlives_the_wire(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    if world.program == 'nft':
        world.sh("nft add rule inet netnsctl postrouting ip saddr 10.9.0.0/24 masquerade; nft 'add set inet netnsctl s "
                 "{ type ipv4_addr; }'")
    else:
        world.sh('iptables -t nat -A NETNSCTL-POST -s 10.9.0.0/24 -j MASQUERADE; iptables -t nat -N MINE; '
                 'iptables -t nat -A MINE -j NETNSCTL-PRE')
    gone = world('unwire', 'w')
    assert gone.status == 0, gone
    left = world.sh('nft -s list ruleset; iptables-save')
    assert 'ip saddr 10.9.0.0/24' in left and 'netnsctl:w:' not in left and 'dport' not in left, left
    assert ('set s {' if world.program == 'nft' else '-A MINE -j NETNSCTL-PRE') in left, left


# Comments like ours

def test_rules_of_others_with_a_wires_comment_stay_where_open_puts_its_own(world):
    world.sh(DROPPING + '; iptables -A FORWARD -s 10.9.0.0/24 -m comment --comment netnsctl:w:open -j DROP; '
             'iptables -A FORWARD -m comment --comment "netnsctl:w:open of mine" -j LOG; nft add table inet wall; '
             "nft 'add chain inet wall ways { type filter hook forward priority 0; policy drop; }'; "
             "nft 'add rule inet wall ways iifname \"br9\" accept comment \"netnsctl:w:open\"'")
    before = world.rules()
    made = world('wire', '--open', '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    assert json.loads(world('ls', '--json').out)['wires'][0]['state'] == 'whole'
    assert world('unwire', 'w').status == 0
    assert world.rules() == before


def test_names_of_wires_of_all_sorts_are_told_apart(world):
    before = world.rules()
    for name in ('w' * 100, 'a:b@c+d.e-f_g', 'x:nat'):
        assert world('wire', '--name', name, WEB + ',localhost', BRIDGE).status == 0
        assert world('wire', '--name', name[:-1] + 'z', 'db:eth0=10.0.0.3/24,publish=8081:80', BRIDGE).status == 0
        assert world('unwire', name[:-1] + 'z').status == 0
        assert world('ls', name).out.split()[1] == 'whole'
        assert world('unwire', name).status == 0
        assert world.rules() == before


def test_a_name_that_a_firewall_would_read_as_more_is_refused(nft):
    nft.sh(DROPPING)
    before = nft.rules()
    for name in ('w"; flush ruleset; #', "w' -j DROP", 'w\n-F', 'w x', '../w', 'w;x', '$(id)'):
        refused = nft('wire', '--name', name, WEB, BRIDGE)
        assert refused.status == 2 and 'Traceback' not in refused.err, refused
    for link in ('br";drop', "br';x", 'br$(id)', 'br{a}', 'br*', 'br\\'):
        made = nft('wire', '--open', '--name', 'w', WEB, 'bridge://%s=10.0.0.1/24,nat' % link)
        assert made.status in (1, 2) and 'Traceback' not in made.err, made
    assert nft.rules() == before


# What a container does

def test_a_container_that_takes_anothers_address_and_mac_gets_no_published_port_of_a_wire_that_stands(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert world('wire', '--name', 'thief', 'db:eth0=10.0.0.3/24', BRIDGE).status == 0
    rules, record = world.rules(), world.sh('cat /run/netnsctl/wires/w.json')
    mac = world.sh('ip netns exec web cat /sys/class/net/eth0/address').strip()
    # All that root in a container can: its link's name, addresses and MAC address, and rules of its own.
    world.sh('ip -n db link set eth0 down; ip -n db link set eth0 name eth7 address %s; ip -n db link set eth7 up; '
             'ip -n db address add 10.0.0.2/24 dev eth7; '
             "ip netns exec db nft 'table inet netnsctl { chain c { accept comment \"netnsctl:w:publish\"; }; }'" % mac)
    taken = world('wire', 'db:eth1=10.0.0.4/24,publish=8080:80', BRIDGE)
    assert (taken.status, 'the wire w publishes 8080:80' in taken.err) == (4, True), taken
    assert world('up').status == 0
    assert (world.rules(), world.sh('cat /run/netnsctl/wires/w.json')) == (rules, record)
    for name in ('thief', 'w'):
        assert world('unwire', name).status == 0
    assert 'netnsctl' not in world.sh('nft list ruleset; iptables-save').lower()


# Programs that lie

def test_programs_that_fail_or_print_garbage_change_nothing(world):
    before = world.rules()
    for script in ('exit 3', 'kill -9 $$', 'printf "\\0\\377garbage {\\n"; exit 0', ':'):
        refuse(world, script, before)


@pytest.mark.thorough
def test_programs_that_print_without_end_change_nothing(world):
    refuse(world, 'exec yes "table inet netnsctl { # handle 1"', world.rules())


def refuse(world, script, before):
    for name in ['nft'] if world.program == 'nft' else ['iptables-save', 'iptables-nft-save']:
        stand_in(world, name, script)
    made = world('wire', '--name', 'w', WEB, BRIDGE, path='/run/sick')
    assert 'Traceback' not in made.err, made
    if made.status == 0:  # a program that says that nothing is there may be right
        world('unwire', 'w')
    assert world.rules() == before
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward; ip -o link show br0 2>/dev/null || true') == '0\n'


@pytest.mark.thorough
def test_a_program_that_hangs_is_ended(nft):
    assert nft('wire', '--name', 'w', WEB, BRIDGE).status == 0
    before, begun = nft.rules(), time.time()
    stand_in(nft, 'nft', 'exec sleep 100')
    seen = nft('ls', 'w', path='/run/sick')
    assert 'its rules cannot be read' in nft('show', 'w', path='/run/sick').out and seen.status == 0, seen
    assert time.time() - begun < 60
    assert nft.rules() == before


MANY = """
print("table inet big { set s { type ipv4_addr; elements = { ")
print(", ".join("10.%d.%d.%d" % (at >> 16, at >> 8 & 255, at & 255) for at in range(10000)))
print(" }; }; chain c {")
for at in range(5000):
    print("tcp dport %d drop comment \\"netnsctl:w:nat\\"" % (at + 1))
print("}; }")"""


@pytest.mark.thorough
def test_a_firewall_of_many_rules_and_elements_keeps_no_wire(world):
    world.sh("python3 -c '%s' | nft -f -" % MANY)
    made = world('wire', '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    assert world('ls', 'w').out.split()[1] == 'whole'
    assert world('check', 'w').status == 0
    assert world('unwire', 'w').status == 0
    assert world.sh('nft list table inet big | grep -c netnsctl:w:nat') == '5000\n'
