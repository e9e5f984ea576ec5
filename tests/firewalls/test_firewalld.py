"""nat, published ports and --open beside firewalld itself, with both of its backends and both of our programs."""
from __future__ import absolute_import, division, print_function

import json

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat'
TRUSTED = 'firewall-cmd --zone=trusted --change-interface=br0'


def settled(world):
    """The rules after firewalld has made its own again: it keeps chains of zones that were in use."""
    world.reload()
    return world.rules()


def test_check_and_the_doctor_name_what_drops_and_the_command_lets_it_pass(world):
    before = settled(world)
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    seen = world('check', 'w')
    assert (seen.status, TRUSTED in seen.out) == (5, True), seen
    assert 'what link br0 sends out over IPv4 is dropped by chain ' in seen.out
    assert 'filter_FORWARD of nft, table inet firewalld' in seen.out or 'FORWARD of iptables, table filter' in seen.out
    told = world('doctor', 'forward-chain')
    assert TRUSTED in told.out and 'drops what w sends through' in told.out, told
    world.sh(TRUSTED)
    assert world('check', 'w', '--to', '192.0.2.9').status == 0
    assert world('doctor', 'forward-chain').out.startswith('forwarding\n  ok ')
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    world.sh('firewall-cmd -q --zone=trusted --remove-interface=br0')
    assert world('unwire', 'w').status == 0
    assert settled(world) == before


def test_open_puts_the_link_into_a_zone_until_its_last_wire_goes_and_a_reload_is_made_good(world):
    before, zones = settled(world), world.sh('firewall-cmd --list-all-zones')
    one = world('wire', '--open', '--save', '--name', 'one', WEB, BRIDGE)
    assert one.status == 0, one
    two = world('wire', '--open', '--name', 'two', 'db:eth0=10.0.0.3/24,publish=8081:80', BRIDGE)
    assert two.status == 0, two
    assert world('check', 'one', '--to', '192.0.2.9').status == 0
    assert world('unwire', 'one').status == 0
    assert world('check', 'two', '--to', '192.0.2.9').status == 0
    world.reload()
    seen, = json.loads(world('ls', '--json').out)['wires']
    assert seen['state'] == 'altered' and 'lacks its link in zone trusted of firewalld' in ' '.join(seen['remarks'])
    restored = world('up', '--firewall')
    assert restored.status == 0, restored
    assert world('check', 'two', '--to', '192.0.2.9').status == 0
    # As `systemctl reload`, and the drop-in after it: firewalld has not even begun then.
    world.sh('kill -HUP $(cat /run/firewalld.pid)')
    assert world('up', '--firewall').status == 0
    world.configure()
    assert world('check', 'two', '--to', '192.0.2.9').status == 0
    world.serve('db', 80)
    assert world.ask('out', '192.0.2.1', 8081) == 'db 192.0.2.9'
    assert world('unwire', 'two').status == 0
    assert world.sh('firewall-cmd --list-all-zones') == zones
    assert settled(world) == before
    assert world('up').status == 0
    assert world('check', 'one', '--to', '192.0.2.9').status == 0


def test_a_zone_of_the_users_comes_back_and_firewalld_may_end_meanwhile(firewall_host):
    world = firewall_host('nft')
    world.start('nftables')
    world.sh('firewall-cmd -q --zone=block --add-interface=br0')
    made = world('wire', '--dry-run', '--open', '--name', 'w', WEB, BRIDGE)
    assert made.out.endswith(TRUSTED + '\n'), made
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    assert world.sh('firewall-cmd --get-zone-of-interface=br0') == 'trusted\n'
    assert world('unwire', 'w').status == 0
    assert world.sh('firewall-cmd --get-zone-of-interface=br0') == 'block\n'
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    world.stop()
    assert world('ls', 'w').out.split()[1] == 'whole'
    gone = world('unwire', 'w')
    assert gone.status == 0, gone


def test_firewalld_that_starts_after_the_wire_is_passed_too(firewall_host):
    world = firewall_host('nft')
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    assert world('wire', '--open', '--name', 'x', 'db:eth0=10.0.0.3/24', BRIDGE).status == 0
    world.start('nftables')
    assert world('check', 'w').status == 5
    restored = world('up', '--firewall')
    assert restored.status == 0, restored
    assert world('check', 'x', '--to', '192.0.2.9').status == 0
    assert world('unwire', 'x').status == 0
    assert world('check', 'w', '--to', '192.0.2.9').status == 0
    assert world('unwire', 'w').status == 0
    assert world.sh('firewall-cmd --get-zone-of-interface=br0 2>&1 || true') == 'no zone\n'
