"""A container that calls itself a router of IPv6: the host takes no route and no address from it."""
from __future__ import absolute_import, division, print_function

import sys
import time

import pytest

from support import inject, process
from support.process import must
from support.untouched import assert_untouched, own_state

# Says to all nodes on eth0 that this is a router to everywhere, and what addresses to take: RFC 4861, 4.2 and 4.6.2. It
# waits until eth0 has an address to send from.
ADVERTISE = r'''
import socket, struct, time
sender = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
text = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
text += struct.pack('!BBBBIII16s', 3, 4, 64, 0xc0, 86400, 14400, 0, socket.inet_pton(socket.AF_INET6, '2001:db8:66::'))
with open('/sys/class/net/eth0/ifindex') as source:
    index = int(source.read())
for left in reversed(range(600)):
    try:
        sender.sendto(text, ('ff02::1', 0, 0, index))
        break
    except (OSError, socket.error):
        if not left:
            raise
        time.sleep(0.05)
'''


def heard(dev):
    """How many router advertisements a link of the host has received."""
    with open('/proc/net/dev_snmp6/' + dev) as source:
        return dict(line.split() for line in source).get('Icmp6InRouterAdvertisements')


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
@pytest.mark.parametrize('other, dev', [('bridge://nwadv', 'nwadv'), ('host:nwadv', 'nwadv')])
def test_a_container_gives_the_host_no_route_by_an_advertisement(run_netnsctl, netns, backend, other, dev):
    box = netns('c')
    made = run_netnsctl('wire', '--backend', backend, '--name', box, box + ':eth0=10.71.0.2/24,ipv6',
                        other + '=10.71.0.1/24')
    assert made.status == 0, made
    try:
        must(['ip', 'netns', 'exec', box, sys.executable, '-c', ADVERTISE])
        deadline = time.time() + 30
        while heard(dev) == '0' and time.time() < deadline:
            time.sleep(0.05)
        assert heard(dev) != '0'
        assert 'ra' not in must(['ip', '-6', 'route', 'show', 'dev', dev]).split()
        assert '2001:db8:66:' not in must(['ip', '-6', 'addr', 'show', 'dev', dev])
    finally:
        assert run_netnsctl('unwire', box).status == 0


def test_a_bridge_that_somebody_else_made_keeps_what_they_set(run_netnsctl, netns):
    box = netns('c')
    must(['ip', 'link', 'add', 'name', 'nwadv', 'up', 'type', 'bridge'])
    try:
        assert run_netnsctl('wire', '--name', box, box + ':eth0=10.71.0.2/24', 'bridge://nwadv').status == 0
        with open('/proc/sys/net/ipv6/conf/nwadv/accept_ra') as source:
            assert source.read().strip() == '1'
        assert run_netnsctl('unwire', box).status == 0
    finally:
        must(['ip', 'link', 'del', 'dev', 'nwadv'])


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_link_that_cannot_be_kept_from_hearing_them_is_not_wired(run_netnsctl, netns, backend):
    inject.available()
    box, sysctl = netns('c'), '/proc/sys/net/ipv6/conf/nwadv/accept_ra'
    before = own_state()
    words = ['strace', '-qq', '-o', '/dev/null', '-P', sysctl, '-e', 'trace=write', '-e', 'inject=write:error=EIO']
    result = process.run(words + run_netnsctl.argv('wire', '--no-check', '--backend', backend,
                                                   box + ':eth0=10.71.0.2/24', 'bridge://nwadv=10.71.0.1/24'),
                         environ=run_netnsctl.environ())
    assert result.status == 1 and 'net/ipv6/conf/nwadv/accept_ra cannot be written' in result.err, result
    assert_untouched(before)
