"""`open`: where chains of others would drop what a wire sends through the host, rules let it pass."""
from __future__ import absolute_import, division, print_function

import json
import sys

import pytest

from support import process

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat'
DROPPING = ("nft 'add table inet theirs; "
            "add chain inet theirs fw { type filter hook forward priority 0; policy drop; }; "
            "add rule inet theirs fw counter comment \"of mine\"'; "
            "iptables-legacy -P FORWARD DROP; iptables-legacy -A FORWARD -s 10.9.0.0/24 -j DROP")


def test_packets_pass_chains_that_drop_all_and_the_rules_go_with_the_wire(world):
    world.sh(DROPPING)
    before = world.rules()
    for backend in ('netlink', 'iproute'):
        made = world('wire', '--backend', backend, '--name', 'w', WEB, BRIDGE)
        assert made.status == 0, made
        assert 'w: host: what link br0 sends out over IPv4 is dropped by' in made.err and '--open' in made.err, made
        world.serve('web', 80)
        assert world.ask('out', '192.0.2.1', 8080, seconds=1) == 'no answer'
        assert world('unwire', 'w').status == 0
        made = world('wire', '--backend', backend, '--open', '--name', 'w', WEB, BRIDGE)
        assert (made.status, made.err) == (0, ''), made
        assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
        asked = world('check', 'w', '--to', '192.0.2.9')
        assert asked.status == 0, asked
        again = world('wire', '--backend', backend, '--open', '--name', 'w', WEB, BRIDGE)
        assert again.out.startswith('already wired'), again
        assert world('unwire', 'w').status == 0
        assert world.rules() == before


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_it_serves_ipv6_as_well(world, backend):
    world.sh(DROPPING + '; ip6tables-legacy -P FORWARD DROP; ip -6 route add default via 2001:db8::9; '
             'ip -n out -6 route add fd00::/64 via 2001:db8::1')
    before = world.rules()
    ends = 'web:eth0=fd00::2/64,publish=8080:80', 'bridge://br0=fd00::1/64,nat'
    if backend == 'netlink':
        made = world('wire', '--backend', backend, '--name', 'w', *ends)
        assert made.status == 0, made
        said = world('check', 'w', '--to', '2001:db8::9')
        assert (said.status, 'over IPv6 is dropped by' in said.out) == (5, True), said
        assert world('unwire', 'w').status == 0
    made = world('wire', '--backend', backend, '--open', '--name', 'w', *ends)
    assert made.status == 0, made
    rules = world.rules()
    assert '-i br0 -m comment --comment "netnsctl:w:open"' in rules or '--comment netnsctl:w:open' in rules, rules
    world.serve('web', 80, address='::')
    assert world.ask('out', '2001:db8::1', 8080) == 'web 2001:db8::9'
    assert world('check', 'w', '--to', '2001:db8::9').status == 0
    world.sh('ip6tables-legacy -F FORWARD')
    assert 'chain FORWARD of ip6tables-legacy, table filter' in world('ls', '--json').out
    assert (world('up').status, world.rules()) == (0, rules)
    assert world('unwire', 'w').status == 0
    assert world.rules() == before


def test_files_of_wires_and_the_library_have_it_too(world):
    world.sh(DROPPING)
    before = world.rules()
    lines = '%s %s --name w\nweb:p=10.9.1.1/24 db:p=10.9.1.2/24 --name plain\n' % (WEB, BRIDGE)
    said = world('wire', '--dry-run', '--json', '--open', '-f', '-', feed=lines.encode())
    assert said.status == 0 and any('netnsctl:w:open' in text for text in json.loads(said.out)['commands']), said
    made = world('wire', '--open', '-f', '-', feed=lines.encode())
    assert (made.status, 'plain' in made.out) == (0, True), made
    there = world.rules()
    assert 'netnsctl:w:open' in there and 'plain' not in there
    assert world('unwire', '--all').status == 0
    none = world('wire', '--open', '-f', '-', feed=lines.splitlines()[1].encode())
    assert (none.status, '--open is for wires with nat' in none.err) == (2, True), none
    library(world, "netnsctl.wire(%r, %r, name='w', open=True)" % (WEB, BRIDGE))
    assert world.rules() == there
    library(world, "netnsctl.check('w', to='192.0.2.9').ok or sys.exit(1); netnsctl.unwire('w')")
    assert world.rules() == before


def library(world, statements):
    """Runs statements that use `import netnsctl` on the throwaway host."""
    process.must(world.host.prefix + [sys.executable, '-c', 'import sys; sys.path[:0] = %r; import netnsctl; %s' % (
        sys.path, statements)], environ=world.host.environ())


def test_each_wire_of_a_bridge_has_its_own(world):
    world.sh(DROPPING)
    before = world.rules()
    assert world('wire', '--open', '--name', 'one', WEB, BRIDGE).status == 0
    assert world('wire', '--open', '--name', 'one.b', 'db:eth0=10.0.0.3/24', BRIDGE).status == 0
    assert world('unwire', 'one.b').status == 0
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    assert json.loads(world('ls', '--json').out)['wires'][0]['state'] == 'whole'
    assert world('unwire', 'one').status == 0
    assert world.rules() == before


def test_it_is_saved_restored_after_a_reload_and_comes_back_with_up(world):
    world.sh(DROPPING)
    made = world('wire', '--save', '--open', '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    there = world.rules()
    assert 'FORWARD_OPEN=yes\n' in world.sh('cat /etc/sysconfig/netns/host/ifcfg-br0')
    assert world('config', 'check').status == 0
    world.sh('iptables-legacy -F FORWARD; iptables-legacy -A FORWARD -s 10.9.0.0/24 -j DROP')
    seen, = json.loads(world('ls', '--json').out)['wires']
    assert 'lacks its rules in chain FORWARD of iptables-legacy, table filter' in seen['remarks'][0], seen
    assert (world('up').status, world.rules()) == (0, there)
    assert world('unwire', 'w').status == 0
    assert (world('up').status, world.rules()) == (0, there)


def test_a_chain_that_is_gone_keeps_no_wire(world):
    world.sh(DROPPING)
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh('nft delete table inet theirs; iptables-legacy -F FORWARD; iptables-legacy -P FORWARD ACCEPT')
    world.sh('iptables-legacy -t filter -N NETNSCTL-mine')
    gone = world('unwire', 'w')
    assert gone.status == 0, gone
    assert 'netnsctl' not in world.rules() and 'NETNSCTL-mine' in world.rules()


def test_a_dry_run_says_the_rules_and_nothing_is_made_where_nothing_drops(world):
    plain = world('wire', '--dry-run', '--open', WEB, BRIDGE)
    assert (plain.status, ':open' in plain.out) == (0, False), plain
    world.sh(DROPPING)
    before = world.rules()
    said = world('wire', '--dry-run', '--open', '--name', 'w', WEB, BRIDGE)
    assert 'iptables-legacy -t filter -I FORWARD -i br0 -m comment --comment netnsctl:w:open -j ACCEPT\n' in said.out
    assert 'insert rule inet theirs fw iifname "br0" accept comment "netnsctl:w:open"' in said.out
    assert world.rules() == before
    world.sh('\n'.join(line for line in said.out.splitlines() if ':open' in line))
    assert world.rules() != before


def test_a_wire_that_fails_leaves_no_rule(world):
    world.sh(DROPPING)
    before = world.rules()
    world.sh("mkdir /run/sick; printf '#!/bin/sh\\nexit 3\\n' >/run/sick/iptables-legacy-restore; "
             'chmod 755 /run/sick /run/sick/*')
    made = world('wire', '--open', '--name', 'w', 'web:eth0=10.0.0.2/24', BRIDGE, path='/run/sick')
    assert made.status == 1, made
    assert world.rules() == before


def test_open_for_nothing_is_refused(world):
    made = world('wire', '--open', 'web:eth0=10.0.0.2/24', 'bridge://br0=10.0.0.1/24')
    assert (made.status, '--open is for wires with nat or publish=' in made.err) == (2, True), made
    made = world('wire', 'web:eth0=10.0.0.2/24,open', BRIDGE)
    assert (made.status, 'open belongs to the other end' in made.err) == (2, True), made
    made = world('wire', 'web:eth0=10.0.0.2/32', 'host:h=10.0.0.1/32,open')
    assert (made.status, 'open is for a wire with nat or publish=' in made.err) == (2, True), made
    world.sh(DROPPING)
    made = world('wire', '--open', 'web:eth0=10.0.0.2/24', 'bridge://br+=10.0.0.1/24,nat')
    assert (made.status, 'link br+' in made.err) == (2, True), made


def test_what_ip6tables_would_drop_passes_as_well(world):
    world.sh('ip6tables -P FORWARD DROP; ip6tables-legacy -P FORWARD DROP')
    before = world.rules()
    made = world('wire', '--open', '--name', 'w', 'web:eth0=fd00::2/64,publish=8080:80', 'bridge://br0=fd00::1/64,nat')
    assert made.status == 0, made
    world.serve('web', 80, address='::')
    assert world.ask('out', '2001:db8::1', 8080) == 'web 2001:db8::9'
    assert world('check', 'w').status == 0
    assert world('unwire', 'w').status == 0
    assert world.rules() == before


def test_a_rule_that_is_rewritten_and_keeps_its_comment_lets_nothing_pass_and_is_told(world):
    world.sh('iptables -P FORWARD DROP')
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh('iptables -R FORWARD 1 -i br9 -m comment --comment netnsctl:w:open -j ACCEPT')
    seen, = json.loads(world('ls', '--json').out)['wires']
    assert 'lacks its rules in chain FORWARD of iptables, table filter' in seen['remarks'][0], seen
    assert world('up').status == 0
    assert world('check', 'w').status == 0
    assert world('unwire', 'w').status == 0
    # Not ours by then.
    assert world.sh('iptables -S FORWARD').splitlines()[1:] == [
        '-A FORWARD -i br9 -m comment --comment "netnsctl:w:open" -j ACCEPT']
