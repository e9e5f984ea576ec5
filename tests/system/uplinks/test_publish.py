"""`publish=`: ports of the host lead to a container, from everywhere, and nowhere else once the wire is gone."""
from __future__ import absolute_import, division, print_function

import pytest

BRIDGE = 'bridge://br0=10.0.0.1/24'
WEB = 'web:eth0=10.0.0.2/24,publish=8080:80'


def made(world, *words):
    result = world('wire', *words)
    assert result.status == 0, result


def test_a_port_is_reached_from_outside_from_the_host_and_from_beside_the_container(world):
    before = world.rules()
    made(world, WEB, BRIDGE)
    made(world, 'db:eth0=10.0.0.3/24,gw=10.0.0.1', BRIDGE)
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    assert world.ask(None, '192.0.2.1', 8080).startswith('web ')
    assert world.ask('web', '192.0.2.1', 8080).startswith('web ')
    assert world.ask('db', '192.0.2.1', 8080).startswith('web ')
    assert world('unwire', '--all').status == 0
    assert world.rules() == before


def test_127_0_0_1_takes_a_word_of_its_own_and_is_closed_to_the_outside(world):
    made(world, '--name', 'w', WEB, BRIDGE)
    world.serve('web', 80)
    assert world.ask(None, '127.0.0.1', 8080) == 'no answer'
    made(world, '--replace', '--name', 'w', WEB + ',localhost', BRIDGE)
    assert world.ask(None, '127.0.0.1', 8080).startswith('web ')
    world.sh('ip -n out route add 127.0.0.0/8 via 192.0.2.1 table 5; ip -n out rule add to 127.0.0.0/8 table 5 pref 1; '
             'ip netns exec out sysctl -q -w net.ipv4.conf.all.route_localnet=1; ip -n out rule delete pref 0; '
             'ip -n out rule add pref 9 table local; sysctl -q -w net.ipv4.conf.all.rp_filter=0')
    world.serve(None, 99, address='127.0.0.1')
    assert world.ask('out', '127.0.0.1', 99, seconds=1) == 'no answer'


def test_a_container_with_localhost_cannot_pose_as_the_host_itself(world):
    made(world, '--name', 'w', WEB + ',localhost', BRIDGE)
    world.sh('python3 /run/first.py 99 >/run/first 2>&1 </dev/null & echo $! >>/run/servers; '
             'for i in $(seq 600); do grep -q ready /run/first && exit 0; sleep 0.05; done; exit 1')
    for source in ('127.0.0.2', '127.0.0.1', '10.0.0.2'):
        world.sh('ip netns exec web python3 /run/forge.py %s 10.0.0.1 99 $(cat /sys/class/net/br0/address) eth0'
                 % source)
    said = world.sh('for i in $(seq 600); do [ "$(wc -l </run/first)" = 2 ] && break; sleep 0.05; done; cat /run/first')
    assert said == 'ready\n10.0.0.2\n'


def test_a_port_of_one_address_of_the_host(world):
    world.sh('ip address add 192.0.2.2/24 dev up0')
    made(world, 'web:eth0=10.0.0.2/24,publish=192.0.2.2:8080:80', BRIDGE)
    made(world, 'db:eth0=10.0.0.3/24,publish=192.0.2.1:8080:80', BRIDGE)
    for name in ('web', 'db'):
        world.serve(name, 80)
    assert world.ask('out', '192.0.2.2', 8080) == 'web 192.0.2.9'
    assert world.ask('out', '192.0.2.1', 8080) == 'db 192.0.2.9'


def test_ranges_keep_their_order(world):
    made(world, 'web:eth0=10.0.0.2/24,publish=8000-8002:8000-8002,publish=9000-9001:80-81', BRIDGE)
    for port in (80, 81, 8002):
        world.serve('web', port)
    for port in (9000, 9001, 8002):
        assert world.ask('out', '192.0.2.1', port) == 'web 192.0.2.9'


def test_a_port_of_ipv6(world):
    made(world, 'web:eth0=fd00::2/64,publish=8080:80', 'bridge://br0=fd00::1/64')
    world.serve('web', 80, address='::')
    assert world.ask('out', '2001:db8::1', 8080) == 'web 2001:db8::9'


def test_what_the_kernel_knows_of_udp_does_not_outlive_the_wire(world):
    world.serve(None, 5353, 'udp', '192.0.2.1')
    assert world.ask('out', '192.0.2.1', 5353, 'udp', source=4000) == 'host 192.0.2.9'
    made(world, '--force', 'web:eth0=10.0.0.2/24,publish=5353:53/udp', BRIDGE)
    world.serve('web', 53, 'udp')
    assert world.ask('out', '192.0.2.1', 5353, 'udp', source=4000) == 'web 192.0.2.9'
    assert world('unwire', '--all').status == 0
    assert world.ask('out', '192.0.2.1', 5353, 'udp', source=4000) == 'host 192.0.2.9'


def test_one_port_for_two_wires_is_a_conflict(world):
    made(world, '--name', 'one', WEB, BRIDGE)
    before = world.rules()
    for item in ('publish=8080:80', 'publish=8000-9000:8000-9000', 'publish=192.0.2.1:8080:1'):
        second = world('wire', 'db:eth0=10.0.0.3/24,%s' % item, BRIDGE)
        assert (second.status, 'the wire one publishes 8080:80' in second.err) == (4, True), second
    assert world.rules() == before
    made(world, 'db:eth0=10.0.0.3/24,publish=8080:80/udp', BRIDGE)


def test_the_port_of_a_lost_wire_is_free_for_another(world):
    before = world.rules()
    made(world, '--name', 'one', WEB, BRIDGE)
    world.sh('ip netns delete web')
    assert 'lost' in world('ls', 'one').out
    words = ('--name', 'two', 'db:eth0=10.0.0.3/24,publish=8080:80', BRIDGE)
    planned = world('wire', '--dry-run', *words)
    assert planned.status == 0 and 'netnsctl unwire one' in planned.out, planned
    made(world, *words)
    world.serve('db', 80)
    assert world('up', '--firewall').status == 0 and '10.0.0.2' not in world.rules()
    world.sh('ip netns add web')
    again = world('wire', '--name', 'one', WEB, BRIDGE)
    assert (again.status, 'the wire two publishes 8080:80' in again.err) == (4, True), again
    assert world.ask('out', '192.0.2.1', 8080) == 'db 192.0.2.9'
    assert world('unwire', '--all').status == 0
    assert world.rules() == before


def test_what_fails_to_take_the_port_of_a_lost_wire_leaves_that_one_to_be_unwired(world):
    before = world.rules()
    made(world, '--name', 'one', WEB, BRIDGE)
    world.sh('ip netns delete web; ip -n db link add eth0 type veth peer name eth1')
    failed = world('wire', '--name', 'two', 'db:eth0=10.0.0.3/24,publish=8080:80', BRIDGE)
    assert failed.status == 4 and [wire for wire in ('one', 'two') if wire in world('ls').out] == ['one'], failed
    assert world('unwire', 'one').status == 0 and world.rules() == before


def test_a_dry_run_of_a_file_sees_a_port_that_two_lines_publish(world):
    lines = '%s %s --name one\ndb:eth0=10.0.0.3/24,publish=8080:80 %s --name two\n' % (WEB, BRIDGE, BRIDGE)
    result = world('wire', '--dry-run', '-f', '-', feed=lines.encode('ascii'))
    assert (result.status, 'the wire one publishes 8080:80' in result.err) == (4, True), result


def test_a_port_that_a_process_of_the_host_has_is_a_conflict(world):
    world.serve(None, 8080)
    taken = world('wire', WEB, BRIDGE)
    assert (taken.status, 'a process of this host has the tcp port 8080' in taken.err) == (4, True), taken
    made(world, 'web:eth0=10.0.0.2/24', BRIDGE)
    replaced = world('wire', '--replace', WEB, BRIDGE)
    assert (replaced.status, 'the tcp port 8080' in replaced.err) == (4, True), replaced
    made(world, '--force', '--replace', WEB, BRIDGE)


@pytest.mark.parametrize('bound, publish, said', [
    ('::', '192.0.2.1:8080:80', '(::)'), ('::ffff:192.0.2.1', '192.0.2.1:8080:80', '(192.0.2.1)'),
    ('::ffff:127.0.0.1', '8080:80', None), ('::ffff:192.0.2.1', '192.0.2.2:8080:80', None)])
def test_a_socket_of_ipv6_that_gets_ipv4_as_well_has_the_port_too(world, bound, publish, said):
    world.serve(None, 8080, address=bound)
    result = world('wire', 'web:eth0=10.0.0.2/24,publish=' + publish, BRIDGE)
    assert result.status == (4 if said else 0), result
    assert not said or 'has the tcp port 8080 ' + said in result.err, result


def test_a_port_of_127_0_0_1_that_a_process_has_is_a_conflict_of_localhost_alone(world):
    world.serve(None, 8080, address='127.0.0.1')
    taken = world('wire', WEB + ',localhost', BRIDGE)
    assert (taken.status, 'has the tcp port 8080 (127.0.0.1)' in taken.err) == (4, True), taken
    made(world, WEB, BRIDGE)


@pytest.mark.parametrize('item, said', [
    ('publish=80', 'not of the form'), ('publish=0:80', 'not from 1 to 65535'), ('publish=80:65536', 'not from 1'),
    ('publish=1-3:1-2', 'not of one length'), ('publish=80:80/sctp', 'not a protocol'),
    ('publish=127.0.0.1:80:80', 'reached from this host alone'), ('localhost', 'localhost needs publish='),
    ('publish=80:80,publish=80:81', 'given twice'), ('publish=[fd00::1]:80:80', 'no address of that family'),
    ('publish=300.1.1.1:80:80', '300.1.1.1'), ('publish=1-600:2-601', 'at most 256'),
])
def test_bad_ports_are_named(run_netnsctl, item, said):
    result = run_netnsctl('wire', 'web:eth0=10.0.0.2/24,' + item, BRIDGE)
    assert (result.status, said in result.err) == (2, True), result


def test_ports_belong_to_the_inner_end_of_a_wire_through_the_host(run_netnsctl):
    for words in (['web=10.0.0.2/24', 'bridge://br0=10.0.0.1/24,publish=80:80'],
                  ['web=10.0.0.2/32,publish=80:80', 'db=10.0.0.3/32']):
        assert run_netnsctl('wire', *words).status == 2


def test_a_container_without_a_way_back_is_told_and_keeps_the_default_route_that_it_has(world):
    made(world, 'db:eth0=10.0.0.3/24', BRIDGE)
    words = 'web:eth0=10.0.0.2/24%s,publish=8080:80', 'bridge://br0'
    result = world('wire', '--name', 'w', words[0] % '', words[1])
    assert (result.status, 'it has no default route over IPv4' in result.err) == (0, True), result
    made(world, '--replace', '--name', 'w', words[0] % ',gw=10.0.0.1', words[1])
    world.serve('web', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    result = world('wire', '--name', 'v', 'web:eth1=10.0.5.2/24,publish=8081:80', 'bridge://br5')
    assert (result.status, 'no default route' in result.err) == (0, False), result


def test_the_gateway_is_an_address_in_a_network_of_the_containers(world):
    made(world, 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=192.168.1.1/24,10.0.0.1/24')
    assert 'default via 10.0.0.1 ' in world.sh('ip -n web route')


def test_a_port_that_cannot_be_reached_is_told_of_the_new_wire(world):
    result = world('wire', '--name', 'w', 'web:eth0=10.3.0.2/32,publish=90:90', 'host:ha')
    assert (result.status, 'no route by link ha' in result.err) == (0, True), result
    assert world('check', 'w').status == 5
