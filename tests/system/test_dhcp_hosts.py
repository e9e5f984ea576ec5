"""The MAC address of an end by DHCP: the same each time, and another on each host."""
from __future__ import absolute_import, division, print_function

import pytest

from support.aside import own_host
from support.tree import write

SETUP = """ip netns add a; ip link add br0 type bridge; ip link set br0 up; ip address add 10.0.0.1/24 dev br0
rm -f /var/lib/dbus/machine-id; echo %d >/etc/machine-id
cat >/run/udhcpd.conf <<'end-of-file'
interface br0
start 10.0.0.50
end 10.0.0.60
lease_file /run/leases
pidfile /run/udhcpd.pid
end-of-file
: >/run/leases; busybox udhcpd -f /run/udhcpd.conf >/dev/null 2>&1 </dev/null & echo $! >/run/server"""


@pytest.fixture
def hosts(run_netnsctl):
    """Two throwaway hosts that are set up alike, but for their machine-id."""
    made = [own_host(run_netnsctl) for _ in range(2)]
    for number, host in enumerate(made):
        host.sh(SETUP % number)
        write(host, {'a/ifcfg-eth0': 'BRIDGE=br0\nBOOTPROTO=dhcp\n'})
    yield made
    for host in made:
        host('unwire', '--all')
        host.sh('kill $(cat /run/server) 2>/dev/null || true')
        host.close()


def mac(host):
    return host.sh('ip -n a -o link show eth0').split('link/ether ')[1][:17]


def planned(host):
    told = host('wire', '--dry-run', '--name', 'w', 'a:eth0=dhcp', 'bridge://br0')
    assert told.status == 0, told
    return told.out.split('address 02:')[1][:14]


def test_hosts_that_are_set_up_alike_have_different_addresses_each_the_same_each_time(hosts):
    first, second = [planned(host) for host in hosts]
    assert first != second
    assert [planned(host) for host in hosts] == [first, second]
    assert hosts[0]('up').status == 0 and mac(hosts[0]) == '02:' + first


def test_a_wire_that_stands_keeps_the_address_that_it_has(hosts):
    host = hosts[0]
    host.sh('mv /etc/machine-id /etc/later')
    assert host('up').status == 0
    before = mac(host)
    host.sh('mv /etc/later /etc/machine-id')
    assert host('up').out.startswith('nothing to do') and mac(host) == before
    again = host('wire', 'a:eth0=dhcp', 'bridge://br0')
    assert again.out.startswith('already wired') and host('config', 'check').status == 0, again
    assert host('down').status == 0 and host('up').status == 0 and mac(host) != before
