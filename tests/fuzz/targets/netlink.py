"""What the kernel answers on netlink sockets: truncated, nested, of any kind."""
from __future__ import absolute_import, division, print_function

import errno
import _socket
import socket
import struct

from fuzz.targets import Target
from netnsctl.edge.netlink import (bridge_vlans, fdb, lookups, neighbours, nsid, queues, reading, rtnl,
                                   writing)
from netnsctl.edge.nics import saved
from netnsctl.edge.survey import links, more
from netnsctl.edge.uplink import conntrack, nft_tables


class Answers(object):
    """A socket that gives these datagrams, one a call, whoever asks; each message in them answers the last request, if
    its number is 0. Then there is no answer."""

    def __init__(self, datagrams):
        self._datagrams, self._number = list(datagrams), 0

    def send(self, data):
        # The number of the last message.
        at = 0
        while at + 16 <= len(data):
            length = struct.unpack_from('=I', data, at)[0]
            self._number = struct.unpack_from('=I', data, at + 8)[0]
            at += (max(length, 16) + 3) & ~3

    def recvfrom(self, _):
        if not self._datagrams:
            raise socket.error(errno.EAGAIN, 'no answer')
        return self._numbered(self._datagrams.pop(0)), (0, 0)

    def recv(self, size):
        return self.recvfrom(size)[0]

    def _numbered(self, data):
        at, found = 0, bytearray(data)
        while at + 16 <= len(found):
            length, = struct.unpack('=I', bytes(found[at:at + 4]))
            if bytes(found[at + 8:at + 12]) == b'\0' * 4:
                found[at + 8:at + 12] = bytearray(struct.pack('=I', self._number))
            if length < 16:
                break
            at += (length + 3) & ~3
        return bytes(found)

    def setsockopt(self, *_):
        pass

    setblocking = settimeout = bind = connect = setsockopt

    def fileno(self):
        return -1

    def close(self):
        pass


class Asked(rtnl.Rtnl):
    """An Rtnl on such a socket."""

    def __init__(self, datagrams):
        self.socket = self.control = Answers(datagrams)
        self._sequence, self.spent, self._strict = 0, False, True


def _ask_nsids(ask):
    def call(asked):
        numbers = nsid.Nsids.__new__(nsid.Nsids)
        numbers._socket, numbers._sequence = asked.socket, 0
        try:
            ask(numbers)
        except (nsid.NsidError, EnvironmentError, _socket.error):
            pass
    return call


def _network(text):
    import ipaddress
    from netnsctl.compat import unicode_of
    return ipaddress.ip_network(unicode_of(text))


def _survey(asked):
    found = reading.decoded(links.link_of, asked.dump_links())
    more.add(asked, found)


def _requests(asked):
    asked.request([writing.message(16, 5, b'\0' * 16), writing.message(24, 5, b'\0' * 12)])


def _shown(asked):
    for text in saved._addresses(asked, 1):
        saved.shown_address(text)
        saved.address_again(text, 7)


def _sent_again(asked):
    for text in saved._routes(asked, 2):
        saved.shown_route(text)
        saved.route_again(text, 2, 7)


# What may be asked, by the first byte of an input, with the length of what comes before the attributes of an answer.
CALLS = (
    (16, lambda asked: asked.links()),
    (16, _survey),
    (8, lambda asked: asked.addresses()),
    (8, lambda asked: asked.addresses(1)),
    (12, lambda asked: asked.rules()),
    (12, lambda asked: asked.routes()),
    (12, lambda asked: asked.routes(table=None, kinds=reading.ALL_KINDS, index=2)),
    (12, lambda asked: asked.routes(socket.AF_INET, only=reading.overlapping(_network('10.0.0.0/8')))),
    (12, lambda asked: asked.routes(socket.AF_INET6, only=reading.leading_to(['fd00::1/128', '::/0']))),
    (12, lambda asked: lookups.route_to(asked, '10.0.0.1', '10.0.0.2')),
    (12, lambda asked: lookups.route_to(asked, 'fd00::1')),
    (16, lookups.bridge_ports),
    (4, lambda asked: lookups.nsid_of(asked, 3)),
    (4, lookups.nsids),
    (16, lambda asked: lookups.link_beyond(asked, 1, 2)),
    (16, lambda asked: lookups.links_beyond(asked, 1, links.link_of)),
    (20, queues.of_links),
    (20, lambda asked: queues.of_links(asked, 2)),
    (12, lambda asked: fdb.remotes(asked)),
    (12, lambda asked: fdb.forget(asked, 2, b'\x0a\0\0\1')),
    (16, bridge_vlans.of_links),
    (16, lambda asked: bridge_vlans.settings_of(asked, _Bridge())),
    (4, lambda asked: neighbours.table(asked, socket.AF_INET)),
    (4, _requests),
    (16, lambda asked: asked.link(index=2)),
    (8, _shown),
    (12, _sent_again),
    (16, lambda asked: [ask(asked, 2) for ask in (saved.altnames, saved.genmode, saved.numbers_of, saved.flags_of,
                                             saved._mac_before_bond)]),
    (8, lambda asked: saved.next_hops(asked, socket.AF_INET)),
    (4, _ask_nsids(lambda numbers: numbers.every())),
    (4, _ask_nsids(lambda numbers: numbers.show(3, 4))),
    (4, _ask_nsids(lambda numbers: numbers.assign(3, -1))),
    (4, lambda asked: _by_hand(lambda: conntrack._dump(asked.socket, socket.AF_INET))),
    (4, lambda asked: _by_hand(lambda: nft_tables._chains(asked.socket, socket.AF_INET, 'nat'))),
    (4, lambda asked: _by_hand(lambda: nft_tables._all_or_none(asked.socket, socket.AF_INET, [(2, b''), (5, b'')]))),
)


class _Bridge(object):
    index, name = 2, 'no-such-bridge'


def _by_hand(ask):
    """What callers of modules for other kinds of netlink take for no answer."""
    try:
        ask()
    except (socket.error, OSError) + reading.MALFORMED:
        pass


def _datagrams(data):
    """The bytes as datagrams, each of which a length (two bytes) comes before."""
    found, at = [], 0
    while at + 2 <= len(data) and len(found) < 64:
        length = struct.unpack_from('=H', data, at)[0]
        found.append(data[at + 2:at + 2 + length])
        at += 2 + length
    return found


def _raw(data):
    CALLS[bytearray(data[:1] or b'\0')[0] % len(CALLS)][1](Asked(_datagrams(data[1:])))


class Built(object):
    """Messages that are well formed on the outside, built of bytes that say what comes next."""

    def __init__(self, data):
        self._data, self._at = bytearray(data), 0

    def byte(self):
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def take(self, count):
        self._at += count
        return bytes(self._data[self._at - count:self._at])

    def is_left(self):
        return self._at < len(self._data)

    def attributes(self, depth=0):
        """Attributes until a byte says that they end."""
        found = []
        while self.is_left() and len(found) < 40:
            what = self.byte()
            if what == 255:
                break
            number = self.byte()
            if what >= 192 and depth < 4:
                value = self.attributes(depth + 1)
            else:
                value = self.take(what % 64)
            found.append(struct.pack('=HH', len(value) + 4, number) + value + b'\0' * (-len(value) % 4))
        return b''.join(found)

    def messages(self, head):
        found = []
        while self.is_left() and len(found) < 20:
            what = self.byte()
            kind = {250: 3, 251: 2}.get(what, 16)
            flags = self.byte() << 4 & 0x300 if kind == 2 else 2
            body = self.take(4 if kind != 16 else head) + self.attributes()
            found.append(struct.pack('=IHHII', 16 + len(body), kind, flags, 0, 0) + body + b'\0' * (-len(body) % 4))
        return b''.join(found)


def _built(data):
    head, call = CALLS[bytearray(data[:1] or b'\0')[0] % len(CALLS)]
    done = struct.pack('=IHHIIi', 20, 3, 2, 0, 0, 0)
    call(Asked([Built(data[1:]).messages(head), done, done]))


_WORDS = ('veth\0', 'bridge\0', 'vlan\0', 'vxlan\0', 'macvlan\0', 'tbf\0', 'netem\0', 'nat\0', 'gre\0', 'bond\0',
          'tun\0',
          '\xfa\0\0\0\0\0', '\xff')
TARGETS = [Target('netlink', _raw, _WORDS), Target('netlink-attributes', _built, _WORDS)]
