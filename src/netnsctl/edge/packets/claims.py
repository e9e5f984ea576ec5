"""Asks who has an address on a link, and announces an address there: ARP (RFC 826) and neighbour discovery (RFC 4861),
by packet sockets.

An address is asked for as RFC 5227 and RFC 4862 do it, from no address, so that it changes nobody's table.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import PY3, monotonic, set_cloexec, to_bytes
from netnsctl.edge.netlink.reading import packed_address
from netnsctl.errors import KernelError

AF_PACKET = 17
ETH_P_ARP, ETH_P_IPV6 = 0x0806, 0x86dd
IPPROTO_ICMPV6 = 58
SIOCGIFFLAGS, IFF_NOARP = 0x8913, 0x80
SIOCGIFHWADDR, ARPHRD_ETHER = 0x8927, 1
# Down, or more than the link's queue holds just now: who does not hear it does not answer.
_UNSENT = (errno.ENETDOWN, errno.ENOBUFS, errno.EAGAIN)
_ARP = struct.Struct('!6s6sHHHBBH6s4s6s4s')
_REQUEST, _REPLY = 1, 2
_SOLICITATION, _ADVERTISEMENT = 135, 136
_OVERRIDE = 0x20000000
_EVERYBODY = b'\xff' * 6
_ALL_NODES = b'\xff\x02' + b'\0' * 13 + b'\1'
_FRAME_BYTES = 1600
_LATE_FRAMES = 256  # that are still read when the time is up: more can come than are read
MOST = 64  # MAC addresses that are told of one address: whoever is on the link can answer with any number


def some_of(macs):
    """The first of them as text: whoever answers decides how many there are."""
    return ' and '.join(macs[:3]) + (' and %d more' % (len(macs) - 3) if len(macs) > 3 else '')


def request(mac, address, source=None):
    """An ARP request: bytes of the whole frame. mac: 6 bytes, the sender's; address: text; source: the sender's own
    (None: an ARP probe, from no address)."""
    return _arp(_REQUEST, mac, socket.inet_aton(source) if source else b'\0' * 4, socket.inet_aton(address))


def _arp(operation, mac, own, wanted):
    return _ARP.pack(_EVERYBODY, mac, ETH_P_ARP, 1, 0x0800, 6, 4, operation, mac, own, b'\0' * 6, wanted)


def solicitation(mac, address, source=None):
    """A neighbour solicitation (None: from the unspecified address): bytes of the whole frame. As request()."""
    packed = socket.inet_pton(socket.AF_INET6, address)
    group = b'\xff\x02' + b'\0' * 9 + b'\1\xff' + packed[-3:]  # RFC 4291: the solicited-node address
    return _icmpv6(mac, socket.inet_pton(socket.AF_INET6, source or '::'), group, _SOLICITATION, 0, packed,
                   b'\1\1' + mac if source else b'')


def advertisement(mac, address):
    """An unsolicited neighbour advertisement to all nodes: bytes of the whole frame. As request()."""
    packed = socket.inet_pton(socket.AF_INET6, address)
    return _icmpv6(mac, packed, _ALL_NODES, _ADVERTISEMENT, _OVERRIDE, packed, b'\2\1' + mac)


def checksum(source, target, protocol, body):
    """The checksum of what follows an IP header (RFC 1071, RFC 8200, RFC 9293), bytes of any length, between two packed
    addresses: int, 0 if the one that it has is right."""
    data = source + target + struct.pack('!II', len(body), protocol) + body + b'\0' * (len(body) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _icmpv6(mac, source, group, kind, flags, target, option=b''):
    body = struct.pack('!BBHI', kind, 0, 0, flags) + target + option
    number = checksum(source, group, IPPROTO_ICMPV6, body)
    body = body[:2] + struct.pack('!H', number) + body[4:]
    header = struct.pack('!IHBB', 6 << 28, len(body), IPPROTO_ICMPV6, 255) + source + group
    return b'\x33\x33' + group[-4:] + mac + struct.pack('!H', ETH_P_IPV6) + header + body


def _claim_of(frame):
    """(packed address, the MAC address in text that it came from) of an answer to one of our questions, or None.

    What ARP names as the sender's is for the sender to invent; a bridge learns the other.
    """
    kind = frame[12:14]
    if kind == struct.pack('!H', ETH_P_ARP) and len(frame) >= _ARP.size:
        fields = _ARP.unpack(frame[:_ARP.size])
        return (fields[9], _text(fields[1])) if fields[7] == _REPLY else None
    # IPv6's next header, hop limit (a router cannot have passed it on) and type.
    if kind == struct.pack('!H', ETH_P_IPV6) and len(frame) >= 78 and bytearray(frame[20:22]) == bytearray((58, 255)):
        if bytearray(frame[54:55])[0] == _ADVERTISEMENT:
            return frame[62:78], _text(frame[6:12])
    return None


def _text(mac):
    return ':'.join('%02x' % byte for byte in bytearray(mac))


def who_has(netns, dev, address, seconds=0.3):
    """Every MAC address (text, sorted) that answers for an address on a link within that time. As ask()."""
    return ask(netns, dev, [address], seconds)[address]


def ask(netns, dev, addresses, seconds):
    """Asks on a link who has addresses (text, both families): {address: sorted MAC addresses in text that answered
    within that time}. Raises as Question does."""
    question = Question(netns, dev, addresses)
    try:
        return question.answers(seconds)
    finally:
        question.close()


class Question(object):
    """Who on a link has addresses (text, both families)? Asked when it is made.

    sources: {address: own address that the question comes from}; of one that is not in it, from no address, as whoever
    is about to take it asks: a machine that is about to take it too would give it up.
    Raises KernelError: EPERM without CAP_NET_RAW, ENODEV where there is no such link; a link that is down, or that has
    no MAC addresses, or asks nobody for them, answers nothing.
    """

    def __init__(self, netns, dev, addresses, sources=None):
        self._addresses = dict((packed_address(address), address) for address in addresses)
        self._found = dict((address, set()) for address in addresses)
        self._link = _Link(netns, dev, [_ethertype(address) for address in addresses])
        try:
            if self._link.mac is not None:
                for address in addresses:
                    self._link.send((solicitation if ':' in address else request)(
                        self._link.mac, address, (sources or {}).get(address)))
        except BaseException:
            self.close()
            raise

    def answers(self, seconds):
        """{address: sorted MAC addresses in text that have answered until now, or do within that time}."""
        if self._link.mac is not None:
            own = _text(self._link.mac)
            for frame in self._link.frames(monotonic() + seconds):
                packed, mac = _claim_of(frame) or (None, None)
                # From our own address: somebody pretends to be us.
                if packed in self._addresses and mac != own and len(self._found[self._addresses[packed]]) < MOST:
                    self._found[self._addresses[packed]].add(mac)
        return dict((address, sorted(macs)) for address, macs in self._found.items())

    def close(self):
        """Takes the kernel some 10 ms, as that of an Announcer."""
        self._link.close()


class Announcer(object):
    """Tells everybody on links of a Netns who has an address: neighbours that know another MAC address for it forget
    it. close() takes the kernel some 10 ms (packet_release() waits for every reader of its lists): one serves many.

    Raises KernelError where packet sockets are refused.
    """

    def __init__(self, netns):
        self._label, self._own = netns.label, {}
        try:
            with netns.entered():
                self._socket = socket.socket(AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: hears nothing
        except (OSError, socket.error) as error:
            raise KernelError('use a packet socket in %s: %s' % (self._label, os.strerror(error.errno)), error.errno)
        if not PY3:
            set_cloexec(self._socket.fileno())
        self._socket.setblocking(False)

    def tell(self, dev, addresses, mac=None):
        """Announces on the link dev that a MAC address (mac: text; None: the link's own) has these addresses (text, of
        both families). Sends nothing if the link is down or has no MAC address. KernelError if it does not exist."""
        try:
            if dev not in self._own:
                self._own[dev] = _mac_of(self._socket, dev)
            own = mac and bytes(bytearray(int(byte, 16) for byte in mac.split(':'))) or self._own[dev]
            for address in addresses if self._own[dev] else ():
                for frame in _announcements(own, address):
                    self._socket.sendto(frame, (dev, 0))
        except (OSError, IOError, socket.error) as error:
            if error.errno not in _UNSENT:
                raise KernelError('tell who has an address on link %s of %s: %s' % (
                    dev, self._label, os.strerror(error.errno)), error.errno)

    def close(self):
        self._socket.close()


def _announcements(mac, address):
    """The frames that tell who has an address. mac: 6 bytes."""
    if ':' in address:
        return [advertisement(mac, address)]
    packed = socket.inet_aton(address)
    return [_arp(operation, mac, packed, packed) for operation in (_REQUEST, _REPLY)]  # RFC 5227; some believe only one


def _mac_of(opened, dev):
    """The MAC address of a link (netdevice(7)): 6 bytes, or None if it has none or asks nobody for them."""
    family, mac = struct.unpack('16xH14s', ioctl(opened.fileno(), SIOCGIFHWADDR, struct.pack('16s16x', to_bytes(dev))))
    return mac[:6] if family == ARPHRD_ETHER and not _asks_nobody(opened, dev) else None


def _ethertype(address):
    return ETH_P_IPV6 if ':' in address else ETH_P_ARP


def _asks_nobody(opened, dev):
    """Is it a link (netdevice(7), IFF_NOARP) on which MAC addresses are not asked for?"""
    answer = ioctl(opened.fileno(), SIOCGIFFLAGS, struct.pack('16sH22x', to_bytes(dev), 0))
    return bool(struct.unpack('16sH22x', answer)[1] & IFF_NOARP)


class _Link(object):
    """Packet sockets on one link. mac: the link's address, 6 bytes; None: it has none, is down, or has no ARP."""

    def __init__(self, netns, dev, ethertypes):
        self._attempt = 'use a packet socket on link %s of %s' % (dev, netns.label)
        self._sockets = []
        self.mac = None
        try:
            with netns.entered():
                # Protocol 0: hears nothing until it is bound to the link.
                for _ in sorted(set(ethertypes)) or [0]:
                    self._sockets.append(socket.socket(AF_PACKET, socket.SOCK_RAW, 0))
            for each, ethertype in zip(self._sockets, sorted(set(ethertypes)) or [0]):
                if not PY3:
                    set_cloexec(each.fileno())
                each.setblocking(False)
                each.bind((dev, ethertype))
                mac = each.getsockname()[4]
                self.mac = mac if len(mac) == 6 and not _asks_nobody(each, dev) else None
        except (OSError, IOError, socket.error) as error:
            self.close()
            if error.errno == errno.ENETDOWN:
                return
            raise KernelError('%s: %s' % (self._attempt, os.strerror(error.errno)), error.errno)

    def send(self, frame):
        try:
            self._sockets[0].send(frame)
        except (OSError, socket.error) as error:
            if error.errno not in _UNSENT:
                raise KernelError('%s: %s' % (self._attempt, os.strerror(error.errno)), error.errno)

    def frames(self, until):
        """What comes in until that moment (compat.monotonic()), and what is there then."""
        late = 0
        poller = select.poll()
        by_number = dict((each.fileno(), each) for each in self._sockets)
        for number in by_number:
            poller.register(number, select.POLLIN)
        while True:
            left = until - monotonic()
            try:
                ready = poller.poll(max(left, 0) * 1000)
            except (OSError, select.error) as error:
                if error.args[0] != errno.EINTR:
                    raise
                continue
            for number, _ in ready:
                try:
                    yield by_number[number].recv(_FRAME_BYTES)
                except (OSError, socket.error):
                    return  # the link went down, or away
            if left <= 0:
                late += 1
                if not ready or late >= _LATE_FRAMES:
                    return

    def close(self):
        for each in self._sockets:
            each.close()
        self._sockets = []
