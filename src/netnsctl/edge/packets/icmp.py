"""ICMP echo (RFC 792, RFC 4443) on raw sockets that are made inside a namespace and used from outside it.

An echo counts where its answer came in over the link under test and the target's own socket
saw the request: an answer that somebody else gave, or that came another way, proves nothing.
Everything is sent before anything is waited for; between veth ends the kernel has usually
delivered request and answer by the time send returns, so a sound wire costs no waiting.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import PY3, monotonic, set_cloexec, to_bytes
from netnsctl.errors import KernelError

AF_INET, AF_INET6 = socket.AF_INET, socket.AF_INET6
IP_HEADER = {AF_INET: 20, AF_INET6: 40}
# Size of the IP packet of a small echo: what ping(8) sends.
SMALL = {AF_INET: 84, AF_INET6: 104}
# Missing answers are asked for again at these parts of the time limit.
SEND_AGAIN_AT = (0.05, 0.2, 0.6)

IPPROTO_ICMPV6 = 58
SO_BINDTODEVICE = getattr(socket, 'SO_BINDTODEVICE', 25)
SIOCGIFMTU = 0x8921
# raw(7): ICMP_FILTER at SOL_RAW, RFC 3542: ICMP6_FILTER; in both a bit that is set blocks that type.
SOL_RAW, ICMP_FILTER, ICMP6_FILTER = 255, 1, 1
# ip(7), ipv6(7): PROBE (2.6.22) sets DF and goes through the link's MTU, not by a path MTU that was learned earlier.
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_PROBE = 10, 23, 3

_ECHO = struct.Struct('!BBHHH8s')
_WORDS = struct.Struct('!8H')
_TYPES = {AF_INET: (8, 0), AF_INET6: (128, 129)}


def _but(*types):
    """An ICMPv6 filter that blocks every type except these."""
    words = [0xffffffff] * 8
    for kind in types:
        words[kind >> 5] &= ~(1 << (kind & 31)) & 0xffffffff
    return struct.pack('=8I', *words)


# {family: (protocol, filter for the socket that receives, for those that send, MTU discovery)}
_OPTIONS = {
    AF_INET: (socket.IPPROTO_ICMP, (SOL_RAW, ICMP_FILTER, struct.pack('=I', 0xffffffff & ~(1 << 0 | 1 << 8))),
              (SOL_RAW, ICMP_FILTER, struct.pack('=I', 0xffffffff)),
              (socket.IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_PROBE)),
    AF_INET6: (IPPROTO_ICMPV6, (IPPROTO_ICMPV6, ICMP6_FILTER, _but(128, 129)),
               (IPPROTO_ICMPV6, ICMP6_FILTER, _but()),
               (socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE)),
}


class Station(object):
    """One end's sockets for one family; made while the calling thread is inside the namespace.

    label: how to speak of the end. dev: name of the link that answers must come in by, or None for any. sources:
    addresses (text) that echoes leave from, each with a socket of its own: the kernel's own choice of a source address
    is not always the one under test. errno: why nothing can be sent or received here (ENODEV: no such link,
    EAFNOSUPPORT), or 0. unbound: {source: errno} of those that the namespace does not have (EADDRNOTAVAIL, also while
    an IPv6 address is tentative). Raises KernelError if the kernel refuses raw sockets (EPERM: no CAP_NET_RAW).
    """
    __slots__ = ('label', 'family', 'dev', 'errno', 'unbound', 'senders', 'receiver', 'wanted')

    def __init__(self, label, dev, family, sources):
        self.label = label
        self.family = family
        self.dev = dev
        self.errno = 0
        self.unbound = {}
        self.senders = {}
        self.receiver = None
        self.wanted = 0
        protocol, hear, deaf, discover = _OPTIONS[family]
        try:
            self.receiver = self._socket(protocol, hear)
            if dev is not None:
                self.receiver.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, to_bytes(dev) + b'\0')
            for source in sources:
                self.senders[source] = sender = self._socket(protocol, deaf)
                sender.setsockopt(*discover)
                self.bind(source)
        except (OSError, socket.error) as error:
            if error.errno in (errno.EPERM, errno.EACCES):
                self.close()
                raise KernelError('open a raw ICMP socket for %s: not permitted' % label, error.errno)
            self.errno = error.errno or errno.EIO

    def _socket(self, protocol, types):
        made = socket.socket(self.family, socket.SOCK_RAW, protocol)
        if not PY3:
            set_cloexec(made.fileno())
        made.setsockopt(*types)
        # The kernel gives a blocking socket that a signal interrupts no say in how long recv may take.
        made.setblocking(False)
        return made

    def _scope(self, address):
        """The index of the link that a link-local IPv6 address needs, else 0."""
        if self.dev is None or address[:4].lower() not in ('fe80', 'fe90', 'fea0', 'feb0'):
            return 0
        answer = ioctl(self.receiver.fileno(), 0x8933, struct.pack('16si20x', to_bytes(self.dev), 0))  # SIOCGIFINDEX
        return struct.unpack('16si20x', answer)[1]

    def where(self, address):
        """The socket address of an IP address as seen from this end."""
        return (address, 0) if self.family == AF_INET else (address, 0, 0, self._scope(address))

    def bind(self, source):
        """Tries to take a source address; notes the outcome in `unbound` and returns whether it has it."""
        try:
            self.senders[source].bind(self.where(source))
        except (OSError, IOError, socket.error) as error:
            self.unbound[source] = error.errno or errno.EADDRNOTAVAIL
            return False
        self.unbound.pop(source, None)
        return True

    def mtu(self):
        """The MTU in bytes of the link `dev` (netdevice(7)), at most 65535; None if it is unknown."""
        if self.dev is None or self.receiver is None:
            return None
        try:
            answer = ioctl(self.receiver.fileno(), SIOCGIFMTU, struct.pack('16si20x', to_bytes(self.dev), 0))
        except (OSError, IOError):
            return None
        return min(struct.unpack('16si20x', answer)[1], 65535)

    def close(self):
        """Closes the sockets; calling it twice is harmless."""
        for one in self.senders.values():
            one.close()
        if self.receiver is not None:
            self.receiver.close()


class Echo(object):
    """One echo request and what became of it.

    origin, target: Stations; a target None is somebody else, of whom only the answer is seen. source, address: text.
    size: of the IP packet, bytes. sent: how often the kernel was asked to send it. errno: of the last attempt to send,
    or 0. arrived: did the target's socket see it; answered: did the origin's see the answer; seconds: from the request
    that was answered to its answer.
    """
    __slots__ = ('origin', 'target', 'source', 'address', 'packed', 'size', 'sent', 'errno', 'arrived', 'answered',
                 'seconds')

    def __init__(self, origin, target, source, address, size):
        self.origin = origin
        self.target = target
        self.source = source
        self.address = address
        self.packed = socket.inet_pton(origin.family, address)
        self.size = size
        self.sent = 0
        self.errno = 0
        self.arrived = False
        self.answered = False
        self.seconds = None

    @property
    def ok(self):
        return self.answered and (self.arrived or self.target is None)

    @property
    def hopeless(self):
        """There is no socket to send it from, and waiting will not help."""
        return bool(self.origin.errno or self.source in self.origin.unbound)


def echo_request(family, number, cookie, size):
    """An ICMP echo request for an IP packet of `size` bytes.

    number: its sequence number; cookie: 8 bytes that begin the data, the first two are also the
    identifier. The rest is zeros, so that the checksum (RFC 1071) is that of the first 16 bytes;
    that of ICMPv6 is left to the kernel, which does it for every IPPROTO_ICMPV6 socket (RFC 3542).
    """
    kind = _TYPES[family][0]
    ident = struct.unpack('!H', cookie[:2])[0]
    checksum = 0
    if family == AF_INET:
        total = sum(_WORDS.unpack(_ECHO.pack(kind, 0, 0, ident, number, cookie)))
        total = (total & 0xffff) + (total >> 16)
        checksum = ~(total + (total >> 16)) & 0xffff
    head = _ECHO.pack(kind, 0, checksum, ident, number, cookie)
    return head.ljust(size - IP_HEADER[family], b'\0')


def exchange(echoes, seconds):
    """Sends every echo, and again what stays without an answer, until all have one or `seconds` have passed.

    The outcome is in the echoes. Nothing is waited for where no echo has a socket to leave from.
    """
    start = monotonic()
    cookie = os.urandom(8)
    numbered = {}
    stations = []
    for echo in echoes:
        for station in (echo.origin, echo.target) if echo.target is not None else (echo.origin,):
            station.wanted += 1
            if station not in stations and not station.errno:
                stations.append(station)
    for part in SEND_AGAIN_AT + (1.0,):
        for echo in echoes:
            if not echo.ok and not echo.hopeless:
                _send(echo, cookie, numbered)
        if _collect(stations, cookie, numbered, echoes, start + seconds * part):
            break
    for station in stations:
        station.wanted = 0


def _send(echo, cookie, numbered):
    number = len(numbered) + 1
    packet = echo_request(echo.origin.family, number, cookie, echo.size)
    numbered[number] = (echo, monotonic())
    echo.sent += 1
    try:
        echo.origin.senders[echo.source].sendto(packet, echo.origin.where(echo.address))
        echo.errno = 0
    except (OSError, IOError, socket.error) as error:
        # Not final: a link that has just come up may have no neighbour, or no route, for a moment.
        echo.errno = error.errno or errno.EIO


def _collect(stations, cookie, numbered, echoes, until):
    """Receives packets until that time; True once there is nothing left to wait for."""
    poll = None
    while True:
        for station in stations:
            # With a limit: a flood of echoes from inside a container must not delay us past the time limit.
            for _ in range(256):
                if station.wanted <= 0 or not _take(station, cookie, numbered):
                    break
        if all(echo.ok or echo.hopeless for echo in echoes):
            return True
        left = until - monotonic()
        if left <= 0:
            return False
        if poll is None:
            # Not select(2): with a thousand wires open, descriptors are over its limit of 1024.
            poll = select.poll()
            for station in stations:
                poll.register(station.receiver.fileno(), select.POLLIN)
        try:
            poll.poll(int(left * 1000) + 1)
        except (OSError, select.error) as error:
            if error.args[0] != errno.EINTR:
                raise


def _take(station, cookie, numbered):
    """Takes one packet off a station's socket and notes what it says; False if there is none."""
    try:
        data, sender = station.receiver.recvfrom(128)
    except (OSError, IOError, socket.error):
        return False  # EAGAIN, or an error that the network had queued for the socket: reading takes it off
    offset = 0
    if station.family == AF_INET:
        offset = (ord(data[:1]) & 15) * 4
    if len(data) < offset + _ECHO.size:
        return True
    kind, _, _, _, number, seen = _ECHO.unpack_from(data, offset)
    if seen != cookie or number not in numbered:
        return True
    echo, sent_at = numbered[number]
    request, reply = _TYPES[station.family]
    if kind == reply and station is echo.origin and not echo.answered:
        if socket.inet_pton(station.family, sender[0].split('%')[0]) == echo.packed:
            echo.answered = True
            echo.seconds = monotonic() - sent_at
            station.wanted -= 1
    elif kind == request and station is echo.target and not echo.arrived:
        echo.arrived = True
        station.wanted -= 1
    return True
