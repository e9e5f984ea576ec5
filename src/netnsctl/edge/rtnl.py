"""rtnetlink (RFC 3549, rtnetlink(7)): a socket in one namespace, requests with acks, and what dumps say.

Requests that change something come ready-made (execution.backends fills pyroute2's message
classes); this module numbers, sends and answers for them. What is read is decoded here, only
the attributes that netnsctl looks at: a full decode of one link costs more than making it.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import socket
import struct
from binascii import hexlify
from fcntl import ioctl

from netnsctl.compat import PY3, native, set_cloexec, to_bytes
from netnsctl.errors import KernelError, NoAnswerError

RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE = 18, 22, 26, 34
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_CAPPED, NLM_F_ACK_TLVS = 1, 4, 0x300, 0x10, 0x100, 0x200
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLMSGERR_ATTR_MSG = 1
SIOCGIFINDEX = 0x8933
IFF_UP, IFF_RUNNING, IFF_LOWER_UP = 1, 0x40, 0x10000
IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x08, 0x40
RT_TABLE_MAIN = 254
RTN_UNICAST = 1
RTNH_F_ONLINK = 4
FR_ACT_TO_TBL = 1
ALL_BITS = 4294967295
RECEIVE_SECONDS = 5.0
BUFFER_BYTES = 1 << 17
SO_RCVTIMEO = getattr(socket, 'SO_RCVTIMEO', 20)
DUMP_TRIES = 20

_INDEX = struct.Struct('16si20x')  # struct ifreq of netdevice(7), with a number
_HEADER = struct.Struct('=IHHII')
_LINK = struct.Struct('=BxHiII')
_ADDRESS = struct.Struct('=BBBBI')
_ROUTE = struct.Struct('=BBBBBBBBI')
_ATTRIBUTE = struct.Struct('=HH')
_U32 = struct.Struct('=I')
_UNICAST = struct.pack('B', RTN_UNICAST)
_NO_STATISTICS = struct.pack('=HHI', 8, 29, 8)  # IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS: a third of the answer


class Link(object):
    """A link as RTM_NEWLINK tells it: index, name, kind, mac (text), mtu (bytes), up and carrier (bool), operstate
    (RFC 2863 number, 6 is up), peer (the ifindex that IFLA_LINK names, or None), peer_nsid (IFLA_LINK_NETNSID: which
    namespace that index is in, as a number that only this namespace knows; None: its own), master (ifindex or None),
    alias."""
    __slots__ = ('index', 'name', 'kind', 'mac', 'mtu', 'up', 'carrier', 'operstate', 'peer', 'peer_nsid', 'master',
                 'alias')


class Address(object):
    """An address: index of its link, family, address (text), prefixlen, flags (IFA_F_*), scope (RT_SCOPE_*)."""
    __slots__ = ('index', 'family', 'address', 'prefixlen', 'flags', 'scope')

    @property
    def tentative(self):
        return bool(self.flags & IFA_F_TENTATIVE)

    @property
    def dadfailed(self):
        return bool(self.flags & IFA_F_DADFAILED)


class Route(object):
    """A route: family, dst ('10.1.1.2/32', '0.0.0.0/0'), via (text or None), index of its link (or None), table, type
    (RTN_*), protocol (RTPROT_*), scope (RT_SCOPE_*), metric (0: none), src (preferred source, text or None), onlink
    (bool), mtu (bytes, or None)."""
    __slots__ = ('family', 'dst', 'via', 'index', 'table', 'type', 'protocol', 'scope', 'metric', 'src', 'onlink',
                 'mtu')


class Rule(object):
    """A policy rule, its fields named as those of a rule that one asks for: family (4 or 6), from_ and to ('10.0.0.0/8'
    or None), iif and oif (names of links or None), fwmark and fwmask (numbers; both None: not looked at, fwmask None:
    all bits), table, priority. plain: it leads to its table and looks at nothing else."""
    __slots__ = ('family', 'from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'table', 'priority', 'plain')


class Rtnl(object):
    """An rtnetlink socket in the namespace that the calling thread is in."""

    def __init__(self):
        try:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        except (OSError, socket.error) as error:
            raise KernelError('open a netlink socket: %s' % os.strerror(error.errno), error.errno)
        if not PY3:
            set_cloexec(self.socket.fileno())
        # The kernel's own time limit: Python's would be a poll(2) before each call. (The first send binds the socket.)
        limit = struct.pack('ll', int(RECEIVE_SECONDS), int(RECEIVE_SECONDS % 1 * 1e6))  # struct timeval
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, limit)
        for option in (NETLINK_EXT_ACK, NETLINK_CAP_ACK):
            try:
                self.socket.setsockopt(SOL_NETLINK, option, 1)
            except (OSError, socket.error):
                pass  # before Linux 4.12 (the kernel's own words) and 4.3 (acks without the request repeated)
        self._sequence = 0

    def close(self):
        self.socket.close()

    def request(self, messages):
        """Sends changes in one datagram and waits for every ack.

        messages: whole netlink messages (bytes) with NLM_F_ACK; their sequence numbers are set here.
        Returns a list with None, or (errno, the kernel's words or None), for each. The kernel goes on
        after one that fails. Raises NoAnswerError past the time limit.
        """
        try:
            return self._request(messages)
        except (OSError, socket.error) as error:
            # An ack may be lost with it: nobody knows what of this was done, and whoever asked looks again.
            raise KernelError('receive from rtnetlink: %s' % os.strerror(error.errno), error.errno)

    def _request(self, messages):
        first = self._sequence + 1
        numbered = []
        for message in messages:
            self._sequence += 1
            numbered += (message[:8], _U32.pack(self._sequence), message[12:])
        self._send(b''.join(numbered))
        answers = [None] * len(messages)
        missing = len(messages)
        while missing:
            for kind, flags, sequence, body in self._receive():
                if kind == NLMSG_ERROR and first <= sequence <= self._sequence:
                    answers[sequence - first] = _error_of(body, flags)
                    missing -= 1
        return answers

    def links(self):
        """Every link, in the order of their indexes: list of Link."""
        return [_link_of(body) for body in self._dump(RTM_GETLINK, _LINK.pack(0, 0, 0, 0, 0))]

    def link(self, name=None, index=None):
        """One link by its name or index, or None."""
        if index is None:
            index = self.index_of(name)
            if index is None:
                return None
        # By index: RTM_GETLINK takes a name only from 2.6.33 on.
        for body in self._retried(RTM_GETLINK, _LINK.pack(0, 0, index, 0, 0) + _NO_STATISTICS, (errno.ENODEV,)):
            return _link_of(body)
        return None

    def index_of(self, name):
        """The index of the link of that name, or None: one ioctl (netdevice(7)), the cheapest look there is."""
        try:
            answer = ioctl(self.socket.fileno(), SIOCGIFINDEX, _INDEX.pack(to_bytes(name), 0))
        except (OSError, IOError):
            return None
        return _INDEX.unpack(answer)[1]

    def addresses(self, index=None):
        """Every address, or those of one link: list of Address."""
        found = [_address_of(body) for body in self._dump(RTM_GETADDR, _ADDRESS.pack(0, 0, 0, 0, 0))]
        return [item for item in found if index is None or item.index == index]

    def rules(self, family=socket.AF_UNSPEC):
        """Every policy rule, of each family in the kernel's order: list of Rule."""
        body = _ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)  # struct fib_rule_hdr is of the same shape
        # A kernel built without policy rules of that family has none.
        found = self._retried(RTM_GETRULE, body, (errno.EAFNOSUPPORT,), NLM_F_DUMP)
        return [rule for rule in map(_rule_of, found) if rule]

    def routes(self, family=socket.AF_UNSPEC, table=RT_TABLE_MAIN):
        """The unicast routes of one table (254: main), or of all (None): list of Route."""
        body = _ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)
        # struct rtmsg has the type in its eighth byte; most of what comes are local and broadcast ones.
        found = [_route_of(item) for item in self._dump(RTM_GETROUTE, body) if item[7:8] == _UNICAST]
        return [route for route in found if route and table in (None, route.table)]

    def _send(self, data):
        try:
            self.socket.send(data)
        except (OSError, socket.error) as error:
            cause = os.strerror(error.errno) if error.errno else error
            raise KernelError('send to rtnetlink: %s' % cause, error.errno or 0)

    def _receive(self):
        """One datagram, cut into (type, flags, sequence, body)."""
        try:
            data = self.socket.recv(BUFFER_BYTES)
        except (OSError, socket.error) as error:
            if isinstance(error, socket.timeout) or error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise NoAnswerError('rtnetlink: no answer within %g s' % RECEIVE_SECONDS)
            raise
        found = []
        offset = 0
        while offset + 16 <= len(data):
            length, kind, flags, sequence, _ = _HEADER.unpack_from(data, offset)
            if length < 16:
                break
            found.append((kind, flags, sequence, data[offset + 16:offset + length]))
            offset += (length + 3) & ~3
        return found

    def _ask(self, kind, body, absent=(), flags=0):
        """Asks and returns the bodies of the answer. errnos in absent mean an empty answer.

        An interrupted dump (NLM_F_DUMP_INTR) and a receive buffer that ran over (ENOBUFS) raise _Interrupted.
        """
        self._sequence += 1
        sequence = self._sequence
        self._send(_HEADER.pack(16 + len(body), kind, NLM_F_REQUEST | flags, sequence, 0) + body)
        bodies = []
        broken = False
        while True:
            try:
                received = self._receive()
            except (OSError, socket.error) as error:
                if error.errno == errno.ENOBUFS:
                    raise _Interrupted()
                raise KernelError('receive from rtnetlink: %s' % os.strerror(error.errno), error.errno)
            for answer, answer_flags, number, content in received:
                if number != sequence:
                    continue
                broken = broken or bool(answer_flags & NLM_F_DUMP_INTR)
                if answer == NLMSG_DONE or answer == NLMSG_ERROR:
                    # NLMSG_DONE carries an error number as well: of a dump that ended half way.
                    refused = _error_of(content, answer_flags) if len(content) >= 4 else None
                    if refused and refused[0] not in absent:
                        raise KernelError('read from rtnetlink: %s' % (refused[1] or os.strerror(refused[0])), *refused)
                    if broken:
                        raise _Interrupted()
                    return bodies
                bodies.append(content)
                if not flags & NLM_F_DUMP:
                    return bodies

    def _dump(self, kind, body):
        return self._retried(kind, body, flags=NLM_F_DUMP)

    def _retried(self, kind, body, absent=(), flags=0):
        """_ask(), again where the answer was interrupted."""
        for _ in range(DUMP_TRIES):
            try:
                return self._ask(kind, body, absent, flags)
            except _Interrupted:
                self._drain()
        raise KernelError('read from rtnetlink: the list kept changing while it was read', errno.EINTR)

    def _drain(self):
        """Throws away what is left of an answer that was given up."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(BUFFER_BYTES):
                pass
        except (OSError, socket.error):
            pass
        finally:
            self.socket.setblocking(True)


class _Interrupted(Exception):
    """The dump was interrupted: what came is no list of what there is."""


def _error_of(body, flags):
    """The content of NLMSG_ERROR: None for an ack, else (errno, the kernel's words or None)."""
    number = -struct.unpack_from('=i', body)[0]
    if number == 0:
        return None
    words = None
    if flags & NLM_F_ACK_TLVS and len(body) >= 20:
        # With NETLINK_CAP_ACK only the header of the request is repeated; without, all of it.
        length = 16 if flags & NLM_F_CAPPED else struct.unpack_from('=I', body, 4)[0]
        text = attributes(body, 4 + ((length + 3) & ~3)).get(NLMSGERR_ATTR_MSG)
        words = native(text).rstrip('\0') if text else None
    return number, words


def attributes(body, offset, wanted=None):
    """Netlink attributes from an offset on: {type without its two flag bits: value as bytes}; wanted: of these types
    alone."""
    found = {}
    end = len(body)
    unpack = _ATTRIBUTE.unpack_from
    while offset + 4 <= end:
        length, kind = unpack(body, offset)
        if length < 4 or offset + length > end:
            break
        kind &= 0x3fff
        if wanted is None or kind in wanted:
            found[kind] = body[offset + 4:offset + length]
        offset += (length + 3) & ~3
    return found


def _u32(data):
    return None if data is None else _U32.unpack_from(data)[0]


def _i32(data):
    return None if data is None else struct.unpack('=i', data[:4])[0]


def _text(data):
    return None if data is None else native(data).rstrip('\0')


def _ip(family, data):
    return None if data is None else socket.inet_ntop(family, data)


_OF_A_LINK = frozenset((1, 3, 4, 5, 10, 16, 18, 20, 37))  # of some fifty


def _link_of(body):
    """if_link.h: IFLA_ADDRESS 1, IFNAME 3, MTU 4, LINK 5, MASTER 10, OPERSTATE 16, LINKINFO 18 (KIND 1), IFALIAS 20,
    LINK_NETNSID 37."""
    link = Link()
    _, _, link.index, flags, _ = _LINK.unpack_from(body)
    found = attributes(body, 16, _OF_A_LINK)
    link.name = _text(found.get(3))
    mac = native(hexlify(found.get(1, b'')))
    link.mac = ':'.join([mac[at:at + 2] for at in range(0, len(mac), 2)])
    link.mtu = _u32(found.get(4))
    link.up = bool(flags & IFF_UP)
    link.carrier = bool(flags & IFF_LOWER_UP)
    link.operstate = bytearray(found.get(16, b'\0'))[0]
    link.peer = _u32(found.get(5)) or None
    link.peer_nsid = _i32(found.get(37))
    link.master = _u32(found.get(10))
    link.kind = _text(attributes(found.get(18, b''), 0).get(1))
    link.alias = _text(found.get(20))
    return link


def _address_of(body):
    """if_addr.h: IFA_ADDRESS 1, IFA_LOCAL 2 (the own address where the link has a peer), IFA_FLAGS 8 (32 bits,
    from 3.14)."""
    address = Address()
    address.family, address.prefixlen, flags, address.scope, address.index = _ADDRESS.unpack_from(body)
    found = attributes(body, 8)
    wide = _u32(found.get(8))
    address.flags = flags if wide is None else wide
    address.address = _ip(address.family, found.get(2) or found.get(1))
    return address


def _route_of(body):
    """rtnetlink.h: RTA_DST 1, OIF 4, GATEWAY 5, PRIORITY 6, PREFSRC 7, METRICS 8 (RTAX_MTU 2), TABLE 15. None for
    families that are no IP."""
    route = Route()
    route.family, length, _, _, table, route.protocol, route.scope, route.type, flags = _ROUTE.unpack_from(body)
    if route.family not in (socket.AF_INET, socket.AF_INET6):
        return None
    found = attributes(body, 12)
    wide = _u32(found.get(15))
    route.table = table if wide is None else wide
    any_address = '0.0.0.0' if route.family == socket.AF_INET else '::'
    route.dst = '%s/%d' % (_ip(route.family, found.get(1)) or any_address, length)
    route.via = _ip(route.family, found.get(5))
    route.index = _u32(found.get(4))
    route.metric = _u32(found.get(6)) or 0
    route.src = _ip(route.family, found.get(7))
    route.onlink = bool(flags & RTNH_F_ONLINK)
    route.mtu = _u32(attributes(found[8], 0).get(2)) if 8 in found else None
    return route


# Beside the attributes that are read: FRA_PROTOCOL 21 says who made the rule, FRA_PAD 18 nothing.
_PLAIN = frozenset((1, 2, 3, 6, 10, 15, 16, 17, 18, 21))


def _rule_of(body):
    """fib_rules.h: FRA_DST 1, SRC 2, IIFNAME 3, PRIORITY 6, FWMARK 10, SUPPRESS_PREFIXLEN 14, TABLE 15, FWMASK 16,
    OIFNAME 17. None for families that are no IP."""
    family, to_length, from_length, tos, table, _, _, action, flags = _ROUTE.unpack_from(body)
    if family not in (socket.AF_INET, socket.AF_INET6):
        return None
    rule = Rule()
    found = attributes(body, 12)
    rule.family = 6 if family == socket.AF_INET6 else 4
    rule.to = '%s/%d' % (_ip(family, found[1]), to_length) if to_length and 1 in found else None
    rule.from_ = '%s/%d' % (_ip(family, found[2]), from_length) if from_length and 2 in found else None
    rule.iif, rule.oif = _text(found.get(3)), _text(found.get(17))
    mark, mask = _u32(found.get(10)), _u32(found.get(16))
    rule.fwmark = 0 if mark is None and mask is not None else mark
    rule.fwmask = None if mask == ALL_BITS and mark else mask
    wide = _u32(found.get(15))
    rule.table = table if wide is None else wide
    rule.priority = _u32(found.get(6)) or 0
    if _u32(found.get(14)) == ALL_BITS:
        del found[14]  # how today's kernels say that nothing is suppressed
    rule.plain = action == FR_ACT_TO_TBL and not tos and not flags & 2 and _PLAIN.issuperset(found)  # 2: `not`
    return rule
