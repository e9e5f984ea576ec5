"""`dhcp` at an end of a wire, on throwaway hosts: real clients, and busybox's udhcpd on the network of a NIC."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import sys
import time

import pytest

from support import dhcp_client, inject, process
from support.aside import own_host
from support.dhcp_client import address, client_pid
from support.tree import wires
from support.waiting import until

NETWORK = """
ip netns add router; ip netns add a
ip link add nic0 type veth peer name r0 netns router
ip link set nic0 up; ip -n router link set r0 up; ip -n router address add 10.1.1.1/24 dev r0
cat >/run/udhcpd.conf <<'end-of-file'
interface r0
start 10.1.1.50
end 10.1.1.60
option router 10.1.1.1
option subnet 255.255.255.0
option dns 10.1.1.1
lease_file /run/leases
pidfile /run/udhcpd.pid
end-of-file
: >/run/leases
"""
SERVE = """ip netns exec router busybox udhcpd -f /run/udhcpd.conf >/dev/null 2>&1 </dev/null & echo $! >/run/server"""
# It is said after a second, which a server may take or not.
WAITS = 'netnsctl: waiting for an address by DHCP: eth0 of netns://a\n'
# Where the test does not say which client: the one that gives up sooner.
HIDE = 'p=$(command -v dhclient) && mount --bind /dev/null $p || true'
SHOW = 'for p in /sbin/dhclient /usr/sbin/dhclient; do umount $p 2>/dev/null || true; done'
WIRE = ['wire', '--name', 'w', 'a:eth0=dhcp', 'macvlan://nic0']


@pytest.fixture
def host(run_netnsctl):
    """A throwaway host whose NIC nic0 is on a network with a router and a DHCP server."""
    made = own_host(run_netnsctl)
    made.sh(NETWORK)
    made.sh(SERVE)
    made.sh(HIDE)
    yield made
    made('unwire', '--all')
    made.sh('kill $(cat /run/server) 2>/dev/null || true; '
            'for f in /run/netnsctl/dhcp/*.pid; do kill $(cat $f) 2>/dev/null || true; done')
    made.close()


def choose(host, client):
    """dhcp_client.choose(), once nothing hides dhclient."""
    host.sh(SHOW)
    return dhcp_client.choose(host, client)


def nothing_is_left(host):
    links = host.sh('ip -n a -br link').split('\n')
    return (wires(host) == [] and [line.split()[0] for line in links if line] == ['lo']
            and host.sh('ls /run/netnsctl/dhcp 2>/dev/null | grep -v conf$ || true') == ''
            and host.sh('ls /etc/netns/* 2>/dev/null || true').strip() in ('', '/etc/netns/a:'))


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_route_by_a_gateway_is_made_in_a_namespace_that_never_had_an_ipv4_address(host, backend):
    inject.available()
    before = host.sh('ip -n a link show lo; ip -n a route show table all')
    made = inject.traced(host, ['wire', '--save', '--no-check', '--backend', backend, '--name', 'w',
                                'a:eth0=dhcp,route=10.9.0.0/16@10.1.1.7', 'macvlan://nic0'],
                         '-s', '4096', '-e', 'trace=sendto', log='/run/trace')
    assert made.status == 0 and 'state DOWN' in before, (made, before)
    # What makes the kernel take the gateway comes and goes in one datagram. strace may know RTM_DELROUTE by its number.
    [sent] = host.sh('grep -e DELROUTE -e type=0x19 /run/trace').splitlines()
    assert sent.count('nlmsg_len') == 3 and '10.9.0.0/16 via 10.1.1.7' in host.sh('ip -n a route'), sent
    assert host('config', 'check').status == 0 and host('down').status == 0
    assert host.sh('ip -n a link show lo; ip -n a route show table all') == before
    assert host('up').status == 0 and '10.9.0.0/16 via 10.1.1.7' in host.sh('ip -n a route')


@pytest.mark.parametrize('client', ['dhclient', 'udhcpc', 'busybox'])
def test_a_wire_to_a_nic_has_its_address_until_it_is_removed(host, client):
    only = choose(host, client)
    made = host(*WIRE, **only)
    assert (made.status, made.err.replace(WAITS, '')) == (0, ''), made
    leased = address(host)
    assert leased.startswith('10.1.1.5')
    assert made.out == 'wired w: netns://a:eth0 %s <-> macvlan://nic0 (%s, checked)\n' % (
        leased, made.out.split('(')[1].split(',')[0])
    assert 'default via 10.1.1.1' in host.sh('ip -n a route')
    assert host.sh('cat /etc/netns/a/resolv.conf').endswith('nameserver 10.1.1.1\n')
    pid = client_pid(host)
    again = host(*WIRE, **only)
    assert again.out == 'already wired: w: netns://a:eth0 dhcp <-> macvlan://nic0\n' and client_pid(host) == pid
    assert host('ls').out == 'w  whole  netns://a:eth0 dhcp:%s  macvlan://nic0\n' % address(host)
    assert host('check', 'w').out.count('gateway  10.1.1.1') == 2
    assert host('unwire', 'w').out == 'unwired w\n'
    assert host.is_gone(pid) and nothing_is_left(host)
    assert host(*WIRE, **only).status == 0 and address(host) == leased  # the server knows its MAC address


def test_the_library_and_json_tell_the_same(host):
    told = json.loads(host('wire', '--json', '--name', 'w', 'a:eth0=dhcp', 'macvlan://nic0').out)['wires'][0]
    assert told['leased'] == [address(host)] and told['ends'][0]['dhcp'] is True and told['check']['ok'] is True
    script = """
import sys
sys.path[:0] = %r
import netnsctl
made = netnsctl.wire('a:eth0=dhcp', 'macvlan://nic0')
sys.stdout.write('%%s %%s %%s %%s' %% (made.name, made.state, made.ends[0]['dhcp'], netnsctl.check('w').ok))
""" % [path for path in sys.path if path]
    assert host.sh("%s - <<'end-of-file'%send-of-file" % (sys.executable, script)) == 'w whole True True'


def test_a_wire_to_a_bridge_has_one_too(host):
    host.sh('ip link add br0 type bridge; ip link set br0 up; ip link set nic0 master br0')
    made = host('wire', '--name', 'w', 'a:eth0=dhcp,fd00::2/64,ipv6', 'bridge://br0')
    assert made.status == 0 and address(host).startswith('10.1.1.5'), made
    assert host('check', 'w').status == 0 and host('ls').out.split()[1] == 'whole'
    assert host('unwire', 'w').status == 0 and nothing_is_left(host)


def test_a_server_in_the_other_end_may_give_it(host):
    host.sh('ip netns add b; sed "s/^interface.*/interface eth0/; s/10.1.1/10.2.2/" -i /run/udhcpd.conf')
    served = process.start(host.argv(*WIRE[:3] + ['a:eth0=dhcp', 'b:eth0=10.2.2.1/24']), host.environ())
    while 'eth0' not in host.sh('ip -n b -br link'):
        time.sleep(0.05)
    host.sh('ip netns exec b busybox udhcpd -f /run/udhcpd.conf >/dev/null 2>&1 </dev/null & echo $! >>/run/server')
    result = process.finish(served)
    assert result.status == 0 and 'checked' in result.out and address(host).startswith('10.2.2.5'), result


@pytest.mark.parametrize('client', ['dhclient', 'busybox'])
def test_without_a_lease_in_time_there_is_no_wire(host, client):
    host.sh('kill $(cat /run/server)')
    only = choose(host, client)
    before = host.sh('ip -br link')
    made = host(*WIRE, **only)
    assert made.status == 1 and 'eth0 of netns://a: no address by DHCP' in made.err, made
    assert 'Is there a DHCP server on the network of this link?' in made.err and made.out == ''
    assert nothing_is_left(host) and host.sh('ip -br link') == before


def test_a_host_without_a_client_is_told_before_anything_is_made(host):
    made = host(*WIRE, **choose(host, ''))
    assert made.status == 3 and 'neither dhclient nor udhcpc' in made.err and nothing_is_left(host), made


@pytest.mark.one_python
def test_one_that_was_to_be_replaced_is_back_with_its_client(host):
    assert host(*WIRE).status == 0
    leased, pid = address(host), client_pid(host)
    host.sh('ip link add nic1 type veth peer name n1; ip link set nic1 up; ip link set n1 up')
    made = host('wire', '--name', 'w', '--replace', 'a:eth0=dhcp', 'macvlan://nic1')
    assert made.status == 1 and 'no address by DHCP' in made.err, made
    assert host('ls').out == 'w  whole  netns://a:eth0 dhcp:%s  macvlan://nic0\n' % address(host)
    assert address(host) == leased and client_pid(host) != pid and host.is_gone(pid)


def is_back(host, leased, pid):
    """Is the wire as it was, with its address and another client than the one of that PID?"""
    return (host('ls').out == 'w  whole  netns://a:eth0 dhcp:%s  macvlan://nic0\n' % leased
            and address(host) == leased and client_pid(host) not in ('', pid) and host.is_gone(pid))


@pytest.mark.one_python
@pytest.mark.parametrize('words,status', [
    (['--replace', 'a:taken=10.1.1.9/24'], 4), (['--replace', '--save', 'a:eth0=10.1.1.9/24'], 1),
    (['--replace', '--atomic', '-f', '-'], 4)])
def test_a_wire_whose_replacement_fails_has_its_client_again(host, words, status):
    assert host(*WIRE).status == 0
    leased, pid = address(host), client_pid(host)
    host.sh('ip -n a link add taken type bridge; mkdir -p /etc/sysconfig/netns; : >/etc/sysconfig/netns/a')
    feed, ends = '', ['--name', 'w', 'macvlan://nic0']
    if '-f' in words:
        feed, ends = 'a:eth0=10.1.1.9/24 macvlan://nic0 --name w\na:taken=10.3.3.1/24 host:y --name d\n', []
    failed = host('wire', '--no-check', *(words + ends), **{'feed': feed})
    assert failed.status == status and 'is back' not in failed.err, failed
    assert is_back(host, leased, pid)


@pytest.mark.one_python
@pytest.mark.parametrize('following', [['unwire', '--if-exists', 'other'], ['confirm', '--all'], ['up'],
                                       ['shape', 'w', 'a', 'rate=none'], ['config', 'save', '--all'],
                                       ['watch', '--once'], ['wire', '--no-check', 'host:x=10.7.7.1/24', 'b:x']])
def test_a_wire_whose_replacement_is_killed_has_its_client_again_with_the_next_command(host, following):
    assert host(*WIRE).status == 0
    leased, pid = address(host), client_pid(host)
    inject.inject(host, 'rename', 'signal=KILL', 2, WIRE[:3] + ['--no-check', '--replace', 'a:eth0=10.1.1.9/24',
                                                                'macvlan://nic0'])
    assert 'whole' not in host('ls').out
    host.sh('ip netns add b')
    told = host(*following)
    assert told.status == 0 and 'put back the wire w' in told.out + told.err, told
    if following[0] == 'wire':
        host('unwire', 'host:x', 'b:x')
    assert is_back(host, leased, pid)


@pytest.mark.one_python
def test_a_wire_that_is_back_without_an_address_is_told(host):
    assert host(*WIRE).status == 0
    host.sh('kill $(cat /run/server); ip -n a link add taken type bridge')
    failed = host('wire', '--replace', '--name', 'w', 'a:taken=10.1.1.9/24', 'macvlan://nic0')
    assert failed.status == 4 and 'the wire w is back, but eth0 of netns://a: no address by DHCP' in failed.err, failed
    host.sh(SERVE)
    assert host(*WIRE).status == 0 and host('ls').out.split()[1] == 'whole'


@pytest.mark.one_python
def test_what_nobody_confirmed_leaves_the_one_before_it_with_its_client(host):
    assert host(*WIRE).status == 0
    leased, pid = address(host), client_pid(host)
    made = host('wire', '--no-check', '--replace', '--confirm', '1', '--name', 'w', 'a:eth0=10.1.1.9/24',
                'macvlan://nic0')
    assert made.status == 0, made
    until(lambda: address(host) == leased and 'undone' not in host('ls').out, seconds=30)
    assert is_back(host, leased, pid)


def test_it_is_asked_for_without_the_lock_and_a_signal_takes_the_wire_back(host):
    host.sh('kill $(cat /run/server); ip netns add x; ip netns add y')
    asking = process.start(host.argv(*WIRE), host.environ())
    while not client_pid(host):
        time.sleep(0.05)
    assert host('wire', 'x', 'y').status == 0 and asking.poll() is None
    pid = client_pid(host)
    os.kill(asking.pid, signal.SIGTERM)
    result = process.finish(asking)
    assert result.status == 128 + signal.SIGTERM and host.is_gone(pid), result
    assert host('unwire', 'x', 'y').status == 0 and nothing_is_left(host)


def test_the_next_command_takes_back_what_a_killed_one_left_without_its_lease(host):
    host.sh('kill $(cat /run/server)')
    asking = process.start(host.argv(*WIRE), host.environ())
    while not client_pid(host):
        time.sleep(0.05)
    pid = client_pid(host)
    host.sh('ip netns add x; ip netns add y')
    assert host('wire', 'x', 'y').status == 0 and wires(host) == ['w', 'x-y']  # while it waits
    os.kill(asking.pid, signal.SIGKILL)
    process.finish(asking)
    told = host('unwire', 'x', 'y')
    assert told.status == 0 and 'rolled back the unfinished wire w of an earlier run' in told.err, told
    assert host.is_gone(pid) and nothing_is_left(host)


def test_what_a_killed_one_was_to_replace_comes_back(host):
    assert host('wire', '--no-check', '--name', 'w', 'a:eth0=10.1.1.9/24', 'macvlan://nic0').status == 0
    host.sh('kill $(cat /run/server)')
    asking = process.start(host.argv(*(WIRE + ['--replace'])), host.environ())
    while not client_pid(host):
        time.sleep(0.05)
    os.kill(asking.pid, signal.SIGKILL)
    process.finish(asking)
    told = host('unwire', '--if-exists', 'other')
    assert 'put back the wire w, which an earlier run did not finish replacing' in told.err, told
    assert host('ls').out == 'w  whole  netns://a:eth0 10.1.1.9/24  macvlan://nic0\n'


@pytest.mark.one_python
def test_who_waits_longer_than_a_second_is_told_for_what(host):
    host.sh('kill $(cat /run/server)')
    made = host(*WIRE)
    assert made.status == 1 and made.err.startswith(WAITS) and made.err.count('waiting for') == 1, made


def test_the_lease_and_its_time_are_shown(host):
    assert host(*WIRE).status == 0
    shown = [line.split() for line in host('show', 'w').out.splitlines() if line.startswith('    dhcp')][0]
    assert shown[1] == address(host) + ',' and shown[2:4] == ['lapses', 'in'] and 0 < int(shown[4]) <= 864000
    leased, = json.loads(host('ls', '--json').out)['wires'][0]['ends'][0]['leased']
    assert leased['address'] == address(host) and 0 < leased['seconds_left'] <= 864000


def test_one_that_is_removed_while_it_asks_is_told(host):
    host.sh('kill $(cat /run/server)')
    asking = process.start(host.argv(*WIRE), host.environ())
    while not client_pid(host):
        time.sleep(0.05)
    assert host('unwire', 'w').status == 0
    result = process.finish(asking)
    assert result.status == 3 and 'was removed while it waited for a DHCP lease' in result.err, result
    assert nothing_is_left(host)


@pytest.mark.one_python
@pytest.mark.parametrize('gets_one', [True, False])
def test_one_that_is_shaped_while_it_asks_is_the_same_wire(host, gets_one):
    host.sh('kill $(cat /run/server)')
    asking = process.start(host.argv(*WIRE), host.environ())
    while not client_pid(host):
        time.sleep(0.05)
    shaped = host('shape', 'w', 'a', 'rate=10mbit')
    assert shaped.status == 0, shaped
    if gets_one:
        host.sh(SERVE)
    result = process.finish(asking)
    assert result.status == (0 if gets_one else 1), result
    if gets_one:
        assert host('ls').out.split()[:2] == ['w', 'whole'] and 'qdisc tbf' in host.sh('tc -n a qdisc show dev eth0')
    else:
        assert 'no address by DHCP' in result.err and nothing_is_left(host)


def test_a_client_that_died_is_told_and_started_again_by_the_same_wire(host):
    assert host(*WIRE).status == 0
    pid, index = client_pid(host), host.sh('ip -n a -o link show eth0').split(':')[0]
    host.sh('kill -9 %s' % pid)
    assert host.is_gone(pid) and host('ls').out.split()[1] == 'altered'
    checked = host('check', 'w')
    assert checked.status == 5 and 'netnsctl wire netns://a:eth0=dhcp macvlan://nic0' in checked.out, checked
    again = host(*WIRE)
    assert again.status == 0 and again.out.startswith('already wired'), again
    assert client_pid(host) != pid and host.sh('ip -n a -o link show eth0').split(':')[0] == index
    assert host('ls').out.split()[1] == 'whole'


@pytest.mark.one_python
def test_a_file_of_wires_asks_for_all_at_once_and_what_gets_none_costs_only_itself(host):
    host.sh('ip netns add b; ip netns add c; ip link add nic1 type veth peer name n1; ip link set nic1 up;'
            ' ip link set n1 up')
    feed = b'a:eth0=dhcp macvlan://nic0\nb:eth0=dhcp macvlan://nic1\nc:eth0=10.1.1.9/24,gw=10.1.1.1 macvlan://nic0\n'
    made = host('wire', '-f', '-', feed=feed)
    assert made.status == 1 and '-:2: eth0 of netns://b: no address by DHCP' in made.err, made
    assert wires(host) == ['a:eth0-nic0', 'c:eth0-nic0'] and address(host).startswith('10.1.1.5')
    told = json.loads(host('ls', '--json').out)['wires']
    assert [wire['ends'][0].get('dhcp') for wire in told] == [True, None]
    assert host('unwire', '--all').status == 0
    made = host('wire', '-f', '-', '--atomic', feed=feed)
    assert made.status == 1 and wires(host) == [] and nothing_is_left(host), made
    made = host('wire', '-f', '-', '--atomic', feed=feed.splitlines(True)[0])
    assert made.status == 0 and 'checked' in made.out and host('ls').out.split()[1] == 'whole', made


@pytest.mark.parametrize('client', ['dhclient', 'busybox'])
def test_a_dry_run_can_be_pasted(host, client):
    only = choose(host, client)
    told = host('wire', '--dry-run', '--name', 'w', 'a:eth0=dhcp', 'macvlan://nic0', **only)
    assert told.status == 0 and nothing_is_left(host), told
    host.sh(told.out)
    assert address(host).startswith('10.1.1.5')
    pid = client_pid(host)
    host.sh('kill %s; rm -r /run/netnsctl/dhcp; ip -n a link del eth0' % pid)


def test_it_is_saved_and_comes_back_with_its_address(host):
    made = host('wire', '--save', 'a:eth0=dhcp', 'macvlan://nic0')
    assert made.status == 0 and 'wrote /etc/sysconfig/netns/a/ifcfg-eth0' in made.out, made
    leased = address(host)
    assert 'BOOTPROTO=dhcp\n' in host.sh('cat /etc/sysconfig/netns/a/ifcfg-eth0')
    assert host('config', 'check').status == 0 and host('up').out.startswith('nothing to do')
    assert host('down').status == 0
    assert host('up').status == 0 and address(host) == leased
    again = host('wire', 'a:eth0=dhcp', 'macvlan://nic0')
    assert again.status == 0 and again.out.startswith('already wired'), again
    assert host('down').status == 0


@pytest.mark.parametrize('a,b,text', [
    ('a:x=dhcp,10.1.1.2/24', 'macvlan://nic0', 'dhcp and the address 10.1.1.2/24 exclude each other'),
    ('a:x=dhcp,gw=10.1.1.1', 'macvlan://nic0', 'dhcp and gw=10.1.1.1 exclude each other'),
    ('a:x=dhcp,dhcp', 'macvlan://nic0', 'dhcp is given twice'),
    ('host:x=dhcp', 'macvlan://nic0', 'dhcp cannot be given at host'),
    ('a:x=10.1.1.2/24', 'bridge://br0=dhcp', 'dhcp cannot be given at a bridge'),
    ('a:x=10.1.1.2/24', 'macvlan://nic0=dhcp', 'dhcp is not an item of'),
    ('a:x=dhcp', 'ipvlan://nic0', 'an ipvlan has that of its NIC'),
    ('a:x=dhcp', 'dummy://', 'a dummy link does not lead to a server')])
def test_what_cannot_be_is_refused_and_nothing_is_touched(host, a, b, text):
    refused = host('wire', a, b)
    assert refused.status == 2 and text in refused.err and nothing_is_left(host), refused


@pytest.mark.parametrize('syscall,what', [('unlink', 'signal=KILL'), ('unlink', 'error=EIO'), ('openat', 'error=EIO')])
def test_the_servers_of_a_lease_go_with_the_next_command_if_not_with_the_wire(host, syscall, what):
    inject.available()
    resolv = '/etc/netns/a/resolv.conf'
    assert host(*WIRE).status == 0 and '10.1.1.1' in host.sh('cat ' + resolv)
    result = inject.traced(host, ['unwire', 'w'], '-P', resolv, '-e', 'inject=%s:%s%s' % (
        syscall, what, ':when=2' if syscall == 'openat' else ''))
    assert result.status == (-9 if 'KILL' in what else 6), result
    assert 'KILL' in what or 'remove the name servers of wires that are gone: ' in result.err, result
    host('unwire', '--if-exists', 'none')
    assert nothing_is_left(host)


def test_a_wire_that_has_its_lease_and_no_descriptor_left_goes_with_the_servers_of_that(host):
    inject.available()
    told = []
    for number in range(1, 7):
        result = inject.traced(host, WIRE, '-e', 'inject=socket:error=EMFILE:when=%d' % number)
        told.append(result.err)
        assert nothing_is_left(host) if result.status else host('unwire', 'w').status == 0, result
    assert any('The wire has been removed.' in text for text in told), told
