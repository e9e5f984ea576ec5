"""Does the kernel's own TCP pass where packets whose checksum was computed in software do?

A NIC that computes checksums wrongly of what a tunnel carries loses all TCP and UDP, while echoes pass: the kernel
computes those itself. TCP: RFC 9293; raw sockets: raw(7), which send what they are given.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import _socket as socket
import struct

from netnsctl.compat import PY3, monotonic, set_cloexec, to_bytes
from netnsctl.edge.netlink.reading import packed_address
from netnsctl.edge.packets import claims
from netnsctl.edge.packets.icmp import SO_BINDTODEVICE

# What many hosts answer for, and one that none does: any answer will do, a refusal too.
PORTS = (443, 80, 9)
HERE, THERE = 'here', 'there'
_SYN, _RST, _ACK = 2, 4, 16
_ANSWERS = (0, errno.ECONNREFUSED, errno.ECONNRESET)
_HEADER = struct.Struct('!HHIIBBHHH')
_NO_LINGER = struct.pack('ii', 1, 0)  # closed by a reset


def miscounts(netns, dev, source, address, seconds):
    """Which side sends wrong checksums, if a host does not answer a connect over a link but does answer a SYN whose
    checksum is computed here: HERE, or THERE if that of its answer is wrong. None if it answers both or neither, or if
    there is no raw socket.

    netns: Netns. source, address: text, of one family. seconds: how long each answer is waited for; four times as long
    for a second connect, which shows that no packet was lost by accident.
    """
    index = netns.rtnl().index_of(dev)
    if index is None or connects(netns, dev, index, source, address, seconds):
        return None
    if answers_raw(netns, dev, index, source, address, seconds) is None \
            or connects(netns, dev, index, source, address, seconds * 4):
        return None
    return answers_raw(netns, dev, index, source, address, seconds)


def connects(netns, dev, index, source, address, seconds):
    """Is any connect answered, or can none be sent at all?"""
    opened, waiting = [], {}
    poll = select.poll()
    try:
        with netns.entered():
            opened += [_socket(source, socket.SOCK_STREAM, socket.IPPROTO_TCP) for _ in PORTS]
        for one, port in zip(opened, PORTS):
            one.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, to_bytes(dev) + b'\0')
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            one.bind(_where(source, 0, index))
            number = one.connect_ex(_where(address, port, index))
            if number != errno.EINPROGRESS:
                return True  # answered at once, or unreachable: checksums are not to blame
            waiting[one.fileno()] = one
            poll.register(one.fileno(), select.POLLOUT)
        for descriptor in _ready(poll, monotonic() + seconds):
            if waiting[descriptor].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in _ANSWERS:
                return True
            poll.unregister(descriptor)
        return False
    except (OSError, socket.error):
        return True
    finally:
        for one in opened:
            one.close()


def answers_raw(netns, dev, index, source, address, seconds):
    """Is a SYN that is written here answered, and right: None, HERE (it is), THERE."""
    own = 32768 + struct.unpack('=H', os.urandom(2))[0] % 28000
    number, = struct.unpack('=I', os.urandom(4))
    raw = None
    try:
        with netns.entered():
            raw = _socket(source, socket.SOCK_RAW, socket.IPPROTO_TCP)
        raw.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, to_bytes(dev) + b'\0')
        raw.bind(_where(source, 0, index))
        for port in PORTS:
            raw.sendto(_syn(source, address, own, port, number), _where(address, 0, index))
        poll = select.poll()
        poll.register(raw.fileno(), select.POLLIN)
        for _ in _ready(poll, monotonic() + seconds):
            packet, sender = raw.recvfrom(2048)
            if sender[0].partition('%')[0] == address and _answers(packet, ':' in address, own, number):
                return HERE if _is_right(packet, source, address) else THERE
        return None
    except (OSError, socket.error):
        return None
    finally:
        if raw is not None:
            raw.close()


def _socket(source, kind, protocol):
    made = socket.socket(socket.AF_INET6 if ':' in source else socket.AF_INET, kind, protocol)
    if not PY3:
        set_cloexec(made.fileno())
    made.setblocking(False)
    return made


def _where(address, port, index):
    if ':' not in address:
        return address, port
    return address, port, 0, index if address[:4].lower() in ('fe80', 'fe90', 'fea0', 'feb0') else 0


def _ready(poll, until):
    """Descriptors as they become ready, until that moment."""
    while True:
        left = until - monotonic()
        if left <= 0:
            return
        try:
            found = poll.poll(int(left * 1000) + 1)
        except (OSError, select.error) as error:
            if error.args[0] != errno.EINTR:
                raise
            continue
        for descriptor, _ in found:
            yield descriptor


def _syn(source, address, own, port, number):
    """A segment that asks for a connection, with its checksum: bytes."""
    options = struct.pack('!BBH', 2, 4, 1240)  # the most that it takes in one segment
    parts = [own, port, number, 0, (_HEADER.size + len(options)) // 4 << 4, _SYN, 64240, 0, 0]
    parts[7] = checksum(_HEADER.pack(*parts) + options, source, address)
    return _HEADER.pack(*parts) + options


def checksum(segment, source, address):
    """The checksum of a segment between two addresses (text): int, 0 if the one that it has is right."""
    return claims.checksum(packed_address(source), packed_address(address), socket.IPPROTO_TCP, segment)


def _segment(packet, is_6):
    """Of what a raw socket gives: an IPv4 packet comes with its header."""
    return packet if is_6 or not packet else packet[(ord(packet[0:1]) & 15) * 4:]


def _is_right(packet, source, address):
    return not checksum(_segment(packet, ':' in address), address, source)


def _answers(packet, is_6, own, number):
    """Is it an answer to the SYN from that port with that number?"""
    packet = _segment(packet, is_6)
    if len(packet) < _HEADER.size:
        return False
    _, to, _, acknowledged, _, flags, _, _, _ = _HEADER.unpack(packet[:_HEADER.size])
    return to == own and bool(flags & _ACK) and acknowledged == number + 1 & 0xffffffff and bool(flags & (_SYN | _RST))
