"""nat and published ports in the tree, and after something has removed the rules."""
from __future__ import absolute_import, division, print_function

import json

from support.lacking import lacking
from support.uplink_host import UplinkHost

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80,publish=5353:53/udp,localhost', 'bridge://br0=10.0.0.1/24,nat'
FLUSH = 'nft flush ruleset; iptables-legacy -t nat -F; iptables-legacy -t nat -X'
# An iptables-nft-save that the kernel ends, as one that takes too much memory.
SICK = ("mkdir /run/sick; printf '#!/bin/sh\\nkill -9 $$\\n' >/run/sick/iptables-nft-save; "
        'chmod 755 /run/sick /run/sick/*')


def test_they_are_saved_and_come_back_with_up(world):
    made = world('wire', '--save', '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    before = world.rules()
    assert 'NAT=yes\n' in world.sh('cat /etc/sysconfig/netns/host/ifcfg-br0')
    said = world.sh('cat /etc/sysconfig/netns/web/ifcfg-eth0')
    assert 'PUBLISH="5353:53/udp 8080:80"\n' in said and 'PUBLISH_LOCALHOST=yes\n' in said
    assert world('config', 'check').status == 0
    assert world('unwire', 'w').status == 0
    up = world('up')
    assert up.status == 0, up
    assert world.rules() == before
    again = world('up')
    assert (again.status, world('config', 'check').status) == (0, 0), again
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'


def test_a_table_whose_rules_are_gone_goes_all_the_same(world):
    """As a run leaves it that is killed between the two."""
    before = world.rules()
    assert world('wire', WEB.replace(',localhost', ''), BRIDGE).status == 0
    world.sh({'nft': 'nft flush table inet netnsctl',
              'iptables': 'iptables -t nat -F; iptables -t nat -X'}[world.program])
    gone = world('unwire', '--all')
    assert gone.status == 0 and world.rules() == before, gone


def test_a_bridges_nat_in_the_tree_is_no_difference_of_its_other_wires(world):
    assert world('wire', '--save', 'web:eth0=10.0.0.2/24', BRIDGE).status == 0
    assert world('wire', '--save', 'db:eth0=10.0.0.3/24', 'bridge://br0=10.0.0.1/24').status == 0
    check = world('config', 'check')
    assert check.status == 0, check


def test_each_item_that_differs_is_told_with_the_line_that_says_it(world):
    assert world('wire', '--save', WEB, BRIDGE).status == 0
    for name, old, new in (('web/ifcfg-eth0', '8080:80', '8081:80'), ('host/ifcfg-br0', 'NAT=yes', 'NAT=no'),
                           ('web/ifcfg-eth0', 'PUBLISH_LOCALHOST=yes', 'PUBLISH_LOCALHOST=no')):
        place = '/etc/sysconfig/netns/' + name
        line = world.sh('cp %s /run/kept; grep -n %s %s' % (place, old, place)).partition(':')[0]
        world.sh('sed -i s/%s/%s/ %s' % (old, new, place))
        check = world('config', 'check')
        assert check.status == 1 and '%s:%s: items: ' % (place, line) in check.out + check.err, (name, check)
        world.sh('cp /run/kept %s' % place)
    assert world('config', 'check').status == 0


def test_keys_in_the_wrong_file_are_named(world):
    world.sh("mkdir -p /etc/sysconfig/netns/web; printf 'BRIDGE=br0\\nIPADDR=10.0.0.2\\nPREFIX=24\\nNAT=yes\\n' "
             ">/etc/sysconfig/netns/web/ifcfg-eth0")
    check = world('config', 'check')
    assert (check.status, 'nat belongs to the other end' in check.err + check.out) == (2, True), check
    world.sh("sed -i 's/NAT=yes/PUBLISH=80/' /etc/sysconfig/netns/web/ifcfg-eth0")
    check = world('config', 'check')
    assert (check.status, 'ifcfg-eth0:4: PUBLISH: publish=80: not of the form' in check.err + check.out) == (2, True)


def test_up_says_that_there_was_nothing_to_restore_only_where_nothing_was(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    none = world('up', '--firewall')
    assert none.out == 'nothing to do: no wire that is up lacks rules in the firewall or sysctls\n', none
    world.sh(FLUSH)
    up = world('up', '--firewall')
    assert (up.status, up.out) == (0, '') and 'w: restored what it needs of the host' in up.err, up


def test_rules_that_a_reload_took_are_seen_and_restored_by_up_and_by_the_same_wire(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    before = world.rules()
    for words in (['up'], ['up', '--firewall'], ['wire', '--name', 'w', WEB, BRIDGE]):
        world.sh(FLUSH)
        seen, = json.loads(world('ls', '--json').out)['wires']
        assert (seen['state'], 'lacks its rules in the firewall' in seen['remarks'][0]) == ('altered', True)
        restored = world(*words)
        assert restored.status == 0, restored
        assert world.rules() == before
        assert json.loads(world('ls', '--json').out)['wires'][0]['state'] == 'whole'
    world.sh(FLUSH)
    dry = world('wire', '--dry-run', '--name', 'w', WEB, BRIDGE)
    assert (dry.status, dry.out, dry.err) == (0, 'netnsctl up --firewall\n', '# already wired: w\n'), dry
    assert world('unwire', 'w').status == 0


def test_forwarding_is_left_for_the_next_command_where_nobody_says_if_others_need_it(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh(SICK)
    gone = world('unwire', 'w', path='/run/sick')
    assert (gone.status, 'set net/ipv4/ip_forward back' in gone.err) == (6, True), gone
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'
    again = world('unwire', '--if-exists', 'w')
    assert (again.status, world.sh('cat /proc/sys/net/ipv4/ip_forward')) == (0, '0\n'), again


def test_forwarding_that_somebody_turned_off_meanwhile_needs_no_answer(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh(SICK + '; sysctl -q -w net.ipv4.ip_forward=0')
    gone = world('unwire', 'w', path='/run/sick')
    assert (gone.status, world.sh('cat /proc/sys/net/ipv4/ip_forward')) == (0, '0\n'), gone


def test_forwarding_that_somebody_turned_off_is_seen_and_turned_on_again(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh('sysctl -q -w net.ipv4.ip_forward=0')
    assert 'net.ipv4.ip_forward is 0' in world('show', 'w').out
    assert world('up').status == 0
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'


def test_sysctl_of_all_files_does_not_turn_forwarding_off(world):
    world.sh('mkdir -p /etc/sysctl.d; echo net.ipv4.ip_forward=0 >/etc/sysctl.d/99-off.conf; : >/etc/sysctl.conf')
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh('sysctl -q --system 2>/dev/null || true')
    assert world.sh('cat /proc/sys/net/ipv4/ip_forward') == '1\n'


# A rule that is rewritten by hand, by program: what does it, and what is told of it.
REWRITE = {
    'nft': ("h=$(nft -a list chain inet netnsctl postrouting | sed -n 's/.*:nat\" # handle //p'); nft replace rule "
            "inet netnsctl postrouting handle $h ip saddr 10.0.0.0/25 masquerade comment '\"netnsctl:w:nat\"'",
            '10.0.0.0/25'),
    'iptables': ('iptables -t nat -R NETNSCTL-PRE 1 -p tcp --dport 81 -m comment --comment netnsctl:w:publish -j DNAT '
                 '--to-destination 10.0.0.2:80', '--dport 81')}


def test_a_rule_that_keeps_its_comment_and_is_another_one_is_told_and_mended(world):
    assert world('wire', '--name', 'w', 'web:eth0=10.0.0.2/24,publish=8080:80', BRIDGE).status == 0
    before = world.rules()
    change, said = REWRITE[world.program]
    for mend in (['up'], ['wire', '--name', 'w', 'web:eth0=10.0.0.2/24,publish=8080:80', BRIDGE]):
        world.sh(change)
        seen, = json.loads(world('ls', '--json').out)['wires']
        assert seen['state'] == 'altered' and 'has other rules in the firewall' in seen['remarks'][0]
        assert said in seen['remarks'][0]
        told = world('check', 'w')
        assert (told.status, said in told.out, 'netnsctl up' in told.out) == (5, True, True), told
        assert world(*mend).status == 0
        assert world.rules() == before
    world.sh(change)
    assert world('unwire', 'w').status == 0
    assert 'netnsctl' not in world.rules().lower()


def test_iptables_of_nft_leaves_nothing_where_there_is_no_nft(run_netnsctl):
    world = UplinkHost(run_netnsctl, 'iptables')
    try:
        world.sh('mkdir /mnt/bin; for p in ip modprobe iptables-save iptables-restore ip6tables-save '
                 'ip6tables-restore; do ln -s "$(command -v $p)" /mnt/bin/ || true; done; nft add table ip6 nat')
        before = world.sh('nft list ruleset')
        made = world('wire', '--name', 'w', 'web:eth0=10.0.0.2/24,fd00::2/64,publish=8080:80,localhost',
                     'bridge://br0=10.0.0.1/24,fd00::1/64,nat', only_path='/mnt/bin')
        assert made.status == 0, made
        assert world('unwire', 'w', only_path='/mnt/bin').status == 0
        assert world.sh('nft list ruleset') == before
        # A set that somebody puts there meanwhile is not to be seen by iptables.
        assert world('wire', '--name', 'w', WEB, BRIDGE, only_path='/mnt/bin').status == 0
        world.sh("nft 'add set ip nat mine { type ipv4_addr; }'")
        assert world('unwire', 'w', only_path='/mnt/bin').status == 0
        assert 'set mine' in world.sh('nft list ruleset')
    finally:
        world.close()


def test_a_table_that_iptables_cannot_show_is_named_and_gets_no_rule_twice(run_netnsctl):
    # As after `nft list ruleset >file; nft -f file`, which rewrites the rules of iptables-nft.
    world = UplinkHost(run_netnsctl, 'iptables')
    try:
        assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
        world.sh('nft add rule ip nat POSTROUTING ct status dnat ct mark set 7 2>/dev/null || true')
        if "Table `nat' is incompatible" not in world.sh('iptables-save'):
            lacking('iptables-nft', 'its tables are not those of nft, or it can show all that nft wrote')
        before, why = world.rules(), 'iptables-save: table nat has rules that were written by nft'
        more = ('wire', 'db:eth0=10.1.0.2/24', 'bridge://br1=10.1.0.1/24,nat')
        for words, status in ((('check', 'w'), 5), (('up',), 1), (more, 1), (('unwire', 'w'), 6)):
            seen = world(*words)
            assert (seen.status, why in seen.out + seen.err) == (status, True), (words, seen)
            assert world.rules() == before, words
        world.sh('nft -a list chain ip nat POSTROUTING | sed -n "s/.*mark set.* handle //p" | '
                 'xargs nft delete rule ip nat POSTROUTING handle')
        after = world('ls')
        assert 'rolled back' in after.err or world('unwire', '--all').status == 0, after
        assert 'netnsctl' not in world.rules().lower()
    finally:
        world.close()


def test_rules_that_cannot_be_restored_are_a_failure_of_up(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh(FLUSH)
    for words in (['up', '--firewall'], ['up']):
        result = world(*words, only_path='/nonexistent')
        assert result.status != 0 and 'netnsctl: w: ' in result.err and '1 failed' in result.err, result
    assert world('up', '--firewall').status == 0


def test_a_port_that_no_longer_gives_back_what_came_from_it_is_seen_and_restored(world):
    words = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0:p=10.0.0.1/24'
    assert world('wire', '--name', 'w', *words).status == 0
    world.sh('echo 0 >/sys/class/net/p/brport/hairpin_mode')
    seen, = json.loads(world('ls', '--json').out)['wires']
    assert (seen['state'], 'hairpin_mode of its port is 0' in seen['remarks'][0]) == ('altered', True)
    assert world('check', 'w').status == 5
    assert world('up', '--firewall').status == 0 and world('check', 'w').status == 0
    assert world.sh('cat /sys/class/net/p/brport/hairpin_mode') == '1\n'
