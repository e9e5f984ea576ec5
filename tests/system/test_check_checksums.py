"""`check` of a VXLAN whose packets a NIC gives wrong checksums: echoes pass, and TCP does not.

Between this host and the other one everything goes through a program that reads whole packets from one link and sends
them on another. The kernel leaves the checksums of what it sends to the link to be computed there, and the program does
not do that for what the VXLAN carries, as a NIC whose offload of tunnels does not work; around it there is none.
"""
from __future__ import absolute_import, division, print_function

import ctypes
import fcntl
import os
import select
import socket
import struct
import threading
import time

import pytest

from netnsctl.edge.netns import open_named
from netnsctl.edge.packets import tcp
from support import process
from support.inside import set_up

VNI = os.getpid() % 10000 + 43
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
PACKET_OUTGOING = 4
ALL = 0x0003  # ETH_P_ALL, sockets of whose kind see each packet once


class Cable(object):
    """Joins two links of a namespace."""

    def __init__(self, ns, *names):
        opened = open_named(ns)
        with opened.entered():
            self._ends = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL)) for _ in names]
        opened.close()
        for end, name in zip(self._ends, names):
            end.bind((name, ALL))
        self._stop = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.daemon = True
        self._thread.start()

    def _carry(self):
        one, other = self._ends
        while True:
            ready = select.select([one, other, self._stop[0]], [], [])[0]
            if self._stop[0] in ready:
                return
            for end in ready:
                packet, sender = end.recvfrom(65536)
                if packet[12:14] == b'\x08\x00' and packet[23:24] == b'\x11':
                    packet = packet[:40] + b'\0\0' + packet[42:]  # UDP without a checksum
                if sender[2] != PACKET_OUTGOING:
                    try:
                        (other if end is one else one).send(packet)
                    except (OSError, socket.error):
                        pass  # one that is too large

    def close(self):
        os.write(self._stop[1], b'x')
        self._thread.join()
        for end in self._ends:
            end.close()
        for descriptor in self._stop:
            os.close(descriptor)


@pytest.fixture
def cable(netns):
    """The name of another host's namespace, which has 10.9.0.2 in the VXLAN and is at 192.0.2.2."""
    far, between = netns('far'), netns('cable')
    process.must(['ip', 'link', 'add', 'name', 'nwk0', 'type', 'veth', 'peer', 'name', 'c0', 'netns', between])
    process.must(['ip', '-n', far, 'link', 'add', 'name', 'k', 'type', 'veth', 'peer', 'name', 'c1', 'netns', between])
    process.must(['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'nwk0'])
    process.must(['ip', '-n', far, 'addr', 'add', '192.0.2.2/24', 'dev', 'k'])
    for name in ('c0', 'c1'):
        process.must(['ip', '-n', between, 'link', 'set', 'dev', name, 'up'])
    set_up(far, 'k')
    set_up(None, 'nwk0')
    set_up(between, 'c0', 'c1')
    process.must(('ip -n %s link add vx type vxlan id %d remote 192.0.2.1 dstport 4789' % (far, VNI)).split())
    process.must(('ip -n %s addr add 10.9.0.2/24 dev vx' % far).split())
    process.must(('ip -n %s -6 addr add 2001:db8:9::2/64 dev vx nodad' % far).split())
    process.must(('ip -n %s link set dev vx up' % far).split())
    joined = Cable(between, 'c0', 'c1')
    yield far
    joined.close()
    process.must(['ip', 'link', 'del', 'dev', 'nwk0'])


def turn_off(ns, dev):
    """What `ethtool -K DEV tx off` asks, which includes tx-checksum-ip-generic."""
    value = ctypes.create_string_buffer(struct.pack('=II', ETHTOOL_STXCSUM, 0))
    opened = open_named(ns)
    with opened.entered():
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(one.fileno(), SIOCETHTOOL, struct.pack('16sP16x', dev.encode('ascii'), ctypes.addressof(value)))
    one.close()
    opened.close()


OWN = [('10.9.0.1/24', '10.9.0.2'), ('2001:db8:9::1/64', '2001:db8:9::2')]


def make(run_netnsctl, ns, own, gateway):
    made = run_netnsctl('wire', '--no-check', '--name', 'w', '%s:v=%s,gw=%s' % (ns, own, gateway),
                        'vxlan://%d=remote=192.0.2.2' % VNI)
    assert made.status == 0, made


def check_until(run_netnsctl, text):
    """On a busy machine an answer may come too late for a check: the next one sees it."""
    deadline = time.time() + 60
    while True:
        found = run_netnsctl('check', 'w')
        if text in found.out:
            return found
        assert time.time() < deadline, found


@pytest.mark.parametrize('own,gateway', OWN)
def test_a_nic_that_computes_checksums_wrongly_is_told_with_what_helps(run_netnsctl, netns, cable, own, gateway):
    a = netns('a')
    make(run_netnsctl, a, own, gateway)
    turn_off(cable, 'vx')  # else its refusal has a wrong one too, over IPv6
    found = check_until(run_netnsctl, 'no TCP unless its checksum is computed in software')
    assert 'ip netns exec %s ethtool -K v tx-checksum-ip-generic off\n' % a in found.out, found
    turn_off(a, 'v')
    check_until(run_netnsctl, 'w: ok')
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.parametrize('own,gateway', OWN)
def test_a_nic_of_the_other_host_that_does_is_told(run_netnsctl, netns, cable, own, gateway):
    """The kernel computes that of a refusal itself: a connection has to be accepted."""
    a = netns('a')
    make(run_netnsctl, a, own, gateway)
    turn_off(a, 'v')
    opened = open_named(cable)
    family = socket.AF_INET6 if ':' in gateway else socket.AF_INET
    with opened.entered():
        listening = [socket.socket(family, socket.SOCK_STREAM) for _ in tcp.PORTS]
    for one, port in zip(listening, tcp.PORTS):
        one.bind((gateway, port))
        one.listen(5)
    check_until(run_netnsctl, 'with a right checksum: a NIC there computes it wrongly')
    turn_off(cable, 'vx')
    check_until(run_netnsctl, 'w: ok')
    for one in listening + [opened]:
        one.close()
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_firewall_that_drops_all_tcp_is_not_blamed_on_checksums(run_netnsctl, netns, cable):
    a = netns('a')
    process.must(['ip', 'netns', 'exec', cable, 'nft', 'add table inet t; add chain inet t c { type filter hook input '
                  'priority 0; }; add rule inet t c meta l4proto tcp drop'])
    make(run_netnsctl, a, *OWN[0])
    check_until(run_netnsctl, 'w: ok')
    assert run_netnsctl('unwire', 'w').status == 0
