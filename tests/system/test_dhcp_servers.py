"""DHCP servers that go away, or offer what no host can use, and real clients."""
from __future__ import absolute_import, division, print_function

import time

import pytest

from support import process
from support.aside import own_host
from support.dhcp_client import address, choose, client_pid
from support.tree import write
from support.waiting import until

SETUP = """
for each in 0 1; do
    ip link add br$each type bridge; ip link set br$each up; ip address add 10.1.$each.1/24 dev br$each
    cat >/run/udhcpd$each.conf <<end-of-file
interface br$each
start 10.1.$each.50
end 10.1.$each.60
option router 10.1.$each.1
option subnet 255.255.255.0
min_lease 1
option lease 3600
lease_file /run/leases$each
pidfile /run/udhcpd$each.pid
end-of-file
    : >/run/leases$each
done
ip netns add a; ip netns add b
"""
SERVE = 'busybox udhcpd -f /run/udhcpd%d.conf >/dev/null 2>&1 </dev/null & echo $! >>/run/servers'
STOP = 'kill $(cat /run/servers) 2>/dev/null || true; rm -f /run/servers'
CLIENTS = pytest.mark.parametrize('client', ['dhclient', 'busybox'])
WIRE = ['wire', '--no-check', '--name', 'w', 'a:eth0=dhcp', 'bridge://br0']
GONE_SECONDS = 24  # longer than dhclient asks before it pauses


@pytest.fixture
def host(run_netnsctl):
    """A throwaway host with two bridges, whose servers do not run."""
    made = own_host(run_netnsctl)
    made.sh(SETUP)
    yield made
    made('unwire', '--all')
    made.sh(STOP + '; for f in /run/netnsctl/dhcp/*.pid; do kill $(cat $f) 2>/dev/null || true; done')
    made.close()


def is_running(host, pid):
    return bool(pid) and host.sh('kill -0 %s 2>/dev/null && echo yes || true' % pid) != ''


@pytest.mark.one_python
@CLIENTS
def test_an_address_is_back_when_a_server_is_that_was_away_for_longer_than_the_lease(host, client):
    only = choose(host, client)
    host.sh('sed -i "s/^option lease.*/option lease 8/" /run/udhcpd0.conf; ' + SERVE % 0)
    made = host(*WIRE, **only)
    assert made.status == 0, made
    leased, pid = address(host), client_pid(host)
    host.sh(STOP)
    until(lambda: address(host) is None)
    time.sleep(GONE_SECONDS)
    assert is_running(host, pid) and client_pid(host) == pid
    assert 'has expired' in host('show', 'w').out
    host.sh(SERVE % 0)
    until(lambda: address(host) == leased)
    assert is_running(host, pid) and host('ls').out.split()[1] == 'whole'


@CLIENTS
def test_an_offer_that_no_host_can_use_is_no_address(host, client):
    only = choose(host, client)
    host.sh('sed -i "s/^option subnet.*/option subnet 255.0.255.0/" /run/udhcpd0.conf; ' + SERVE % 0)
    made = host(*WIRE, **only)
    assert made.status == 1 and 'with the mask 255.0.255.0, which no host can use' in made.err, made
    assert host('ls').out == '' and host.sh('ls /run/netnsctl/dhcp | grep -v conf$ || true') == ''
    assert host.sh('ip netns pids a') == ''


@CLIENTS
def test_a_router_outside_the_network_of_the_address_leads_out(host, client):
    only = choose(host, client)
    host.sh('sed -i "s/^option subnet.*/option subnet 255.255.255.255/" /run/udhcpd0.conf; ' + SERVE % 0)
    made = host(*WIRE, **only)
    assert made.status == 0 and address(host).endswith('/32'), made
    assert host.sh('ip -n a route').split()[:3] == ['default', 'via', '10.1.0.1']
    host.sh('ip netns exec a ping -c 1 -W 5 10.1.1.1')
    assert host('check', 'w').status == 0


@pytest.mark.one_python
def test_leases_of_wires_that_do_not_return_are_removed_in_the_end(host):
    host.sh(SERVE % 0)
    host.sh("""folder=/var/lib/netnsctl/dhcp; mkdir -p $folder; cd $folder
        echo 10.1.0.57 >w.0.address; touch gone.0.address gone.0.leases late.0.address runs.1.leases
        touch -d '31 days ago' *; touch -d '29 days ago' late.0.address
        mkdir -p -m 700 /run/netnsctl /run/netnsctl/dhcp; touch /run/netnsctl/dhcp/runs.1.pid""")
    assert host(*WIRE, **choose(host, 'busybox')).status == 0
    assert host.sh('ls /var/lib/netnsctl/dhcp').split() == ['late.0.address', 'runs.1.leases', 'w.0.address']
    assert address(host) == '10.1.0.57/24'  # its own is asked for, however old


A, B = 'a:eth0-br0', 'b:eth0-br1'  # wires as they are called by default


def make_anew(host, only):
    assert host('unwire', A).status == 0
    again = host('wire', '--no-check', 'a:eth0=dhcp', 'bridge://br0', **only)
    assert again.status == 0 and again.out.startswith('wired %s:' % A), again


def has_client(host):
    """Is the wire A whole?"""
    row = [line.split() for line in host('ls').out.splitlines() if line.startswith(A)][0]
    return row[1] == 'whole' and address(host) is not None and is_running(host, client_pid(host, A))


@pytest.mark.one_python
@CLIENTS
def test_a_wire_that_is_made_anew_while_up_waits_for_another_keeps_its_client(host, client):
    only = choose(host, client)
    host.sh(SERVE % 0)
    write(host, {'a/ifcfg-eth0': 'BRIDGE=br0\nBOOTPROTO=dhcp\n', 'b/ifcfg-eth0': 'BRIDGE=br1\nBOOTPROTO=dhcp\n'})
    up = process.start(host.argv('up'), host.environ(**only))
    until(lambda: address(host) and client_pid(host, B))
    make_anew(host, only)
    result = process.finish(up)
    assert result.status == 1 and 'eth0 of netns://b: no address by DHCP' in result.err, result
    assert 'netns://a' not in result.err and has_client(host), result


@pytest.mark.one_python
@CLIENTS
@pytest.mark.parametrize('had_one', [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_wire_that_is_made_anew_while_a_file_of_wires_waits_keeps_its_client(host, client, had_one):
    only = choose(host, client)
    host.sh('printf "a:eth0=dhcp bridge://br0\nb:eth0=dhcp bridge://br1\n" >/run/two')
    asking = process.start(host.argv('wire', '--no-check', '-f', '/run/two'), host.environ(**only))
    until(lambda: client_pid(host, A) and client_pid(host, B))
    host.sh(SERVE % 0)
    until(lambda: not had_one or address(host))
    make_anew(host, only)
    result = process.finish(asking)
    assert 'was removed while it waited for a DHCP lease' in result.err and has_client(host), result
