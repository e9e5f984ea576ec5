"""BOOTPROTO=dhcp on throwaway hosts: real clients, and busybox's udhcpd for a server."""

from __future__ import absolute_import, division, print_function

import json
import os
import time

import pytest

from support import inject, process
from support.aside import own_host
from support.dhcp_client import ONLY, choose
from support.program import SOURCE
from support.tree import TREE, wires, write
from support.watched import Watched

SCRIPT = os.path.join(SOURCE, 'netnsctl', 'libexec', 'dhcp-script')
FILES = {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n',
         'a/ifcfg-eth0': 'BRIDGE=br0\nBOOTPROTO=dhcp\n',
         'b/ifcfg-eth0': 'BRIDGE=br0\nIPADDR=10.0.0.3\nPREFIX=24\n'}


@pytest.fixture
def host(run_netnsctl):
    """A throwaway host with the tree FILES, whose b is up."""
    made = own_host(run_netnsctl)
    write(made, FILES)
    yield made
    made('down')
    made.sh('kill $(cat /run/server) 2>/dev/null || true; '
            'for f in /run/netnsctl/dhcp/*.pid; do kill $(cat $f) 2>/dev/null || true; done')
    made.close()


def serve(host, client='busybox'):
    """Starts the server, and has netnsctl find this client alone."""
    choose(host, client)
    assert host('up', 'b').status == 0
    host.sh("""cat >/run/udhcpd.conf <<'end-of-file'
interface br0
start 10.0.0.50
end 10.0.0.60
option router 10.0.0.1
option subnet 255.255.255.0
option dns 10.0.0.1
option domain a.example
lease_file /run/leases
pidfile /run/udhcpd.pid
end-of-file
        : >/run/leases; busybox udhcpd -f /run/udhcpd.conf >/dev/null 2>&1 </dev/null & echo $! >/run/server""")


def address(host):
    words = host.sh('ip -n a -4 -br address show eth0').split()
    return words[2] if len(words) > 2 else None


def client_pid(host):
    return host.sh('cat /run/netnsctl/dhcp/*.pid 2>/dev/null || true').strip()


@pytest.mark.parametrize('client', ['dhclient', 'udhcpc', 'busybox'])
def test_an_address_is_there_until_down_ends_the_client(host, client):
    serve(host, client)
    result = host('up', only_path=ONLY)
    assert result.status == 0, result
    first = address(host)
    assert first.startswith('10.0.0.5') and first.endswith('/24')
    assert 'default via 10.0.0.1' in host.sh('ip -n a route')
    assert host.sh('ip netns exec a cat /etc/resolv.conf').endswith('nameserver 10.0.0.1\n')
    pid = client_pid(host)
    assert host('up', only_path=ONLY).out.startswith('nothing to do') and client_pid(host) == pid
    assert host('config', 'check').status == 0, host('config', 'check')
    assert host('down', 'a').status == 0
    assert host.is_gone(pid) and host.sh('ls /etc/netns 2>/dev/null || true') == ''
    assert host('up', only_path=ONLY).status == 0
    assert address(host) == first  # its lease was kept


@pytest.mark.parametrize('client', ['dhclient', 'udhcpc'])
def test_a_wire_that_is_made_anew_has_its_address_again(host, client):
    serve(host, client)
    assert host('up', only_path=ONLY).status == 0
    first, pid = address(host), client_pid(host)
    write(host, {'a/ifcfg-eth0': FILES['a/ifcfg-eth0'] + 'MTU=1400\n'})
    result = host('up', only_path=ONLY)
    assert result.status == 0 and result.out == 'recreated a:eth0-br0\n', result
    assert address(host) == first and client_pid(host) != pid and host.is_gone(pid)
    write(host, {'a/ifcfg-eth0': 'BRIDGE=br0\nIPADDR=10.0.0.9\nPREFIX=24\n'})
    pid = client_pid(host)
    assert host('up', only_path=ONLY).status == 0
    assert address(host) == '10.0.0.9/24' and host.is_gone(pid)


def test_a_client_that_died_is_told_and_started_again_without_making_the_wire_anew(host):
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    index = host.sh('ip -n a -o link show eth0').split(':')[0]
    pid = client_pid(host)
    host.sh('kill -9 %s' % pid)
    assert host.is_gone(pid)
    check = host('config', 'check')
    assert check.status == 1 and 'a:eth0: its DHCP client is not running' in check.out, check
    assert host('up', only_path=ONLY).status == 0
    assert client_pid(host) != pid and host.sh('ip -n a -o link show eth0').split(':')[0] == index
    assert host('config', 'check').status == 0


def test_a_client_that_cannot_be_looked_up_costs_only_its_wire(host):
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    host.sh('f=$(echo /run/netnsctl/dhcp/*.pid); pid=$(cat $f); rm $f; mkdir $f; kill $pid')
    write(host, {'b/ifcfg-e': 'PEER=pe\nIPADDR=10.7.0.1\nPREFIX=24\n'})
    result = host('up', only_path=ONLY)
    assert result.status == 1 and 'wired b:e-host:pe\n' in result.out and '.pid: ' in result.err, result
    host.sh('rmdir /run/netnsctl/dhcp/*.pid')


def test_a_wire_that_is_back_does_with_its_lease_what_its_file_says(host):
    write(host, {'a/ifcfg-eth0': FILES['a/ifcfg-eth0'] + 'DEFROUTE=no\nPEERDNS=no\n'})
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    pid = client_pid(host)
    host.sh('ip -n a link add taken type bridge')
    failed = host('wire', '--replace', '--name', 'a:eth0-br0', 'a:taken=10.0.0.9/24', 'bridge://br0')
    assert failed.status == 4 and host.is_gone(pid), failed
    assert address(host).startswith('10.0.0.5') and 'default' not in host.sh('ip -n a route')
    assert host.sh('ls /etc/netns 2>/dev/null || true') == '' and host('config', 'check').status == 0


def test_a_client_on_a_link_that_is_gone_is_none(host):
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    pid = client_pid(host)
    host.sh('ip -n a link del eth0; rm /run/netnsctl/wires/a*')  # its wire was made by another's hand since
    assert host('up', only_path=ONLY).status == 0
    assert address(host) and client_pid(host) != pid and host.is_gone(pid)


def test_gateways_of_a_route_file_are_those_of_the_network_that_the_lease_leads_to(host):
    write(host, {'a/route-eth0': '10.5.0.0/16 via 10.0.0.1\ndefault via 10.0.0.1 dev eth0 table 1000\n'})
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    assert '10.5.0.0/16 via 10.0.0.1 dev eth0' in host.sh('ip -n a route')
    assert 'default via 10.0.0.1 dev eth0' in host.sh('ip -n a route show table 1000')
    assert 'src ' + address(host).partition('/')[0] in host.sh('ip -n a route get 10.5.0.1')
    assert host('config', 'check').status == 0
    assert host('up', only_path=ONLY).out.startswith('nothing to do')
    assert host('config', 'save', '--all').status == 0
    assert host('config', 'check').status == 0


@pytest.mark.parametrize('place', ['echo mine >/etc/netns/a/resolv.conf',
                                   'echo mine >/run/mine; ln -s /run/mine /etc/netns/a/resolv.conf'])
def test_a_persons_resolv_conf_stays(host, place):
    serve(host)
    host.sh('mkdir -p /etc/netns/a; ' + place)
    assert host('up', only_path=ONLY).status == 0 and address(host)
    assert host.sh('cat /etc/netns/a/resolv.conf') == 'mine\n'
    assert host('down').status == 0
    assert host.sh('cat /etc/netns/a/resolv.conf') == 'mine\n'


def test_servers_of_the_tree_come_before_those_of_a_lease(host):
    serve(host)
    place = '/etc/netns/a/resolv.conf'
    assert host('up', only_path=ONLY).status == 0
    assert host.sh('cat %s' % place).endswith('nameserver 10.0.0.1\n')
    write(host, {'a/ifcfg-f': 'PEER=pf\nIPADDR=10.3.0.1\nPREFIX=24\nDNS1=10.3.0.2\n'})
    assert host('up', only_path=ONLY).status == 0
    assert host.sh('cat %s' % place).endswith('nameserver 10.3.0.2\n')
    host.sh('kill -USR1 %s; sleep 1' % client_pid(host))  # udhcpc renews
    assert host.sh('cat %s' % place).endswith('nameserver 10.3.0.2\n')


def test_a_route_that_was_lost_is_back_with_the_next_renewal_and_another_links_stays(host):
    serve(host)
    assert host('up', only_path=ONLY).status == 0
    host.sh('ip -n a route del default')
    renew = ('ip netns exec a env interface=eth0 ip=%s subnet=255.255.255.0 router=10.0.0.1 sh %s renew'
             % (address(host).partition('/')[0], SCRIPT))
    host.sh(renew)
    assert 'default via 10.0.0.1 dev eth0' in host.sh('ip -n a route')
    host.sh('ip -n a link add x type veth peer name y; ip -n a link set x up; ip -n a link set y up;'
            ' ip -n a address add 10.9.0.1/24 dev x; ip -n a route replace default via 10.9.0.2')
    host.sh(renew)
    assert 'default via 10.9.0.2' in host.sh('ip -n a route')


def test_the_script_tells_dhclient_that_an_unconfirmed_lease_is_none(host):
    host.sh('! env reason=TIMEOUT interface=lo new_ip_address=10.0.0.7 sh %s' % SCRIPT)


def test_a_down_that_was_killed_leaves_no_client_to_the_next(host):
    inject.available()
    serve(host)
    for when in (1, 2, 3):
        assert host('up', only_path=ONLY).status == 0
        pid = client_pid(host)
        inject.inject(host, 'rename', 'signal=KILL', when, ['down', 'a'], only_netnsctl=True)
        assert host('down', 'a').status == 0
        assert host.is_gone(pid) and host.sh('ls /run/netns').split() == ['b'], when


def test_servers_that_do_not_answer_are_waited_for_at_once_and_without_the_lock(host):
    choose(host, 'busybox')
    write(host, {'a/ifcfg-eth0': 'PEER=pa\nBOOTPROTO=dhcp\n', 'c/ifcfg-eth0': 'PEER=pc\nBOOTPROTO=dhcp\n'})
    host.sh('ip netns add x; ip netns add y')
    up = process.start(host.argv('up'), host.environ(only_path=ONLY))
    while len(client_pid(host).split()) < 2:
        assert up.poll() is None, process.finish(up)
        time.sleep(0.05)
    assert host('wire', 'x', 'y').status == 0
    assert up.poll() is None, 'it has waited for the lock'
    result = process.finish(up)
    assert result.status == 1 and 'eth0 of netns://a: no address by DHCP' in result.err, result
    assert 'eth0 of netns://c: no address by DHCP' in result.err and '%s/a/ifcfg-eth0' % TREE in result.err, result
    assert address(host) is None and '198.18' not in host.sh('ip address show pa'), 'the pool is for files without DHCP'


@pytest.mark.parametrize('client', ['dhclient', 'udhcpc'])
def test_down_ends_a_client_that_is_still_asking(host, client):
    choose(host, client)
    write(host, {'a/ifcfg-eth0': 'PEER=pa\nBOOTPROTO=dhcp\n'})
    up = process.start(host.argv('up', 'a'), host.environ(only_path=ONLY))
    while not client_pid(host):
        time.sleep(0.05)
    again = host('up', 'a', only_path=ONLY)
    assert again.status == 0 and again.out.startswith('nothing to do'), again
    result = host('down', 'a')
    assert result.status == 0 and 'removed the namespace a\n' in result.out, result
    result = process.finish(up, timeout=10)
    assert result.status == 1 and 'no address by DHCP' in result.err, result


def test_a_host_without_a_client_costs_only_its_wire(host):
    choose(host, '')
    result = host('up', only_path=ONLY)
    assert result.status == 3 and 'neither dhclient nor udhcpc' in result.err and 'wired b:' in result.out, result


@pytest.mark.parametrize('client, event', [('dhclient', 'reason=EXPIRE interface=eth0 sh %s'),
                                           ('busybox', 'interface=eth0 sh %s deconfig')])
def test_a_lease_that_lapsed_is_told_by_all_who_look_until_there_is_another(host, client, event):
    serve(host, client)
    assert host('up', 'a').status == 0 and address(host) is not None
    host.sh('kill $(cat /run/server)')
    host.sh('ip netns exec a env ' + event % SCRIPT)  # what the client runs when the time is up
    name = [name for name in wires(host) if name.startswith('a')][0]
    shown = host('show', name)
    assert 'altered' in shown.out and 'its DHCP lease has expired' in shown.out, shown
    assert 'altered' in host('ls').out
    check = host('config', 'check', 'a')
    assert check.status == 1 and '%s/a/ifcfg-eth0:1: ' % TREE in check.out and 'expired' in check.out, check
    before = client_pid(host)
    result = host('up', 'a')
    assert result.status == 1 and 'its DHCP lease has expired' in result.err, result
    assert client_pid(host) == before and wires(host).count(name) == 1
    checked = host('check', name)
    assert checked.status == 5 and 'its DHCP lease has expired' in checked.out + checked.err, checked


def test_a_client_that_was_stopped_is_told(host):
    """It renews nothing, while its address holds until the lease is over."""
    serve(host, 'busybox')
    assert host('up', 'a').status == 0 and address(host) is not None
    pid = client_pid(host)
    host.sh('kill -STOP %s' % pid)
    try:
        shown = host('ls')
        assert 'altered' in shown.out, shown
        name = [name for name in wires(host) if name.startswith('a')][0]
        assert 'kill -CONT %s' % pid in host('show', name).out
        checked = host('check', name)
        assert checked.status == 5 and 'was stopped' in checked.out + checked.err, checked
    finally:
        host.sh('kill -CONT %s' % pid)
    assert 'altered' not in host('ls').out


@pytest.fixture
def watching(host):
    """watching() starts `watch --json` on the host: Watched, which ends with the test."""
    started = []

    def begin():
        host.sh('mkdir -p /etc/sysconfig/netns')
        started.append(Watched(host.argv('watch', '--json'), host.environ()))
        return started[-1]
    yield begin
    for watch in started:
        watch.end()


@pytest.mark.parametrize('lost', ['lapsed', 'client'])
def test_watch_tells_once_that_a_lease_is_lost_and_that_there_is_one_again(host, watching, lost):
    serve(host)
    watch = watching()

    def seen(kind):
        events = [json.loads(line) for line in watch.out.rpartition('\n')[0].splitlines()]
        return [event for event in events if event['event'] == kind]
    assert host('up', 'a').status == 0 and address(host) is not None
    name, own = [name for name in wires(host) if name.startswith('a')][0], address(host)
    if lost == 'lapsed':
        host.sh('ip netns exec a env interface=eth0 sh %s deconfig' % SCRIPT)
    else:
        host.sh('kill -9 %s' % client_pid(host))
    watch.wait_for(lambda: seen('lapsed'))
    event = seen('lapsed')[0]
    assert event['wire'] == name and event['text'].startswith('%s: netns://a:eth0: its DHCP ' % name), event
    assert not seen('leased')
    if lost == 'lapsed':
        host.sh('ip -n a address add %s dev eth0' % own)
    else:
        assert host('up', 'a').status == 0
    watch.wait_for(lambda: seen('leased'))
    assert len(seen('lapsed')) == len(seen('leased')) == 1
    assert host.sh('ls /run/netnsctl/dhcp').count('lapsed') == 0


def test_watch_tells_each_cause_once_and_of_no_address_where_the_namespace_is_gone(host, watching):
    serve(host)
    watch = watching()
    assert host('up', 'a').status == 0 and address(host) is not None
    pid = client_pid(host)
    host.sh('ip -n a address flush dev eth0')
    watch.wait_for(lambda: 'has expired or was removed' in watch.out)
    host.sh('kill -9 %s' % pid)
    watch.wait_for(lambda: 'its DHCP client is not running' in watch.out)
    host.sh('ip netns del a')
    watch.wait_for(lambda: 'lapsed' not in host.sh('ls /run/netnsctl/dhcp'))
    assert watch.out.count('"lapsed"') == 2 and '"leased"' not in watch.out
