"""Decodes rtnetlink's answers: links, addresses, routes and rules.

Only the attributes that netnsctl uses: fully decoding one link takes longer than making it.
"""
from __future__ import absolute_import, division, print_function

import errno
import _socket as socket
import struct
from binascii import hexlify

from netnsctl.compat import native
from netnsctl.errors import KernelError

IFF_UP, IFF_LOWER_UP = 1, 0x10000
IFA_F_SECONDARY, IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x01, 0x08, 0x40
RT_TABLE_MAIN, RT_TABLE_LOCAL = 254, 255
# Of routes that the kernel makes by itself: after an ICMP redirect, with an address, after a router's advertisement.
RTPROTS_OF_KERNEL = (1, 2, 9)  # RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA
IFA_F_PERMANENT = 0x80
RTN_UNICAST = 1
DEAD_ENDS = {6: 'blackhole', 7: 'unreachable', 8: 'prohibit', 9: 'throw'}  # RTN_*, that belong to no link
ALL_KINDS = (RTN_UNICAST,) + tuple(sorted(DEAD_ENDS))  # of routes that somebody asked for
RTNH_F_ONLINK = 4
RTAX_MTU, RTAX_CC_ALGO = 2, 16
RTN_LOCAL = 2
FR_ACT_TO_TBL = 1
ALL_BITS = 4294967295
RTA_DST = 1
_NO_ADDRESS = {socket.AF_INET: b'\0' * 4, socket.AF_INET6: b'\0' * 16}

# The fixed parts of messages: ifinfomsg, ifaddrmsg, rtmsg (fib_rule_hdr is of the same shape).
LINK = struct.Struct('=BxHiII')
ADDRESS = struct.Struct('=BBBBI')
ROUTE = struct.Struct('=BBBBBBBBI')
_ATTRIBUTE = struct.Struct('=HH')
_U32 = struct.Struct('=I')


class Link(object):
    """A link as RTM_NEWLINK tells it: index, name, kind, mac (text), mtu (bytes), up and carrier (bool), operstate
    (RFC 2863 number, 6 is up), peer (the ifindex that IFLA_LINK names, or None), peer_nsid (IFLA_LINK_NETNSID: which
    namespace that index is in, as a number that only this namespace knows; None: its own), master (ifindex or None),
    alias."""
    __slots__ = ('index', 'name', 'kind', 'mac', 'mtu', 'up', 'carrier', 'operstate', 'peer', 'peer_nsid', 'master',
                 'alias')


class Address(object):
    """An address: index of its link, family, address (text), prefixlen, flags (IFA_F_*), scope (RT_SCOPE_*), valid
    (seconds that it holds, None for ever, or where the kernel does not tell)."""
    __slots__ = ('index', 'family', 'address', 'prefixlen', 'flags', 'scope', 'valid')

    @property
    def tentative(self):
        return bool(self.flags & IFA_F_TENTATIVE)

    @property
    def dadfailed(self):
        return bool(self.flags & IFA_F_DADFAILED)


class Route(object):
    """A route: family, dst ('10.1.1.2/32', '0.0.0.0/0'), via (text or None), index of its link (or None), table, type
    (RTN_*), protocol (RTPROT_*), scope (RT_SCOPE_*), metric (0: none), src (preferred source, text or None), onlink
    (bool), tos, realms (0: none), metrics ({RTAX_*: number, or text of RTAX_CC_ALGO}), gateways ([(address, weight,
    onlink)] of several next hops; index is then that of their link, None if they have several)."""
    __slots__ = ('family', 'dst', 'via', 'index', 'table', 'type', 'protocol', 'scope', 'metric', 'src', 'onlink',
                 'tos', 'realms', 'metrics', 'gateways')

    @property
    def kind(self):
        """The name of its type."""
        return 'local' if self.type == RTN_LOCAL else self.dead_end or 'unicast'

    @property
    def dead_end(self):
        """The name of its type ('blackhole'), if it leads nowhere, else None."""
        return DEAD_ENDS.get(self.type)

    @property
    def mtu(self):
        """Bytes, or None."""
        return self.metrics.get(RTAX_MTU)


class Rule(object):
    """A policy rule, its fields named as those of a rule that one asks for: family (4 or 6), from_ and to ('10.0.0.0/8'
    or None), iif and oif (names of links or None), fwmark and fwmask (numbers; both None: not looked at, fwmask None:
    all bits), table, priority, type ('prohibit', or None of one that leads to its table),
    tos. more: what else it says, {word of `ip rule`: number, (first, last), or True of a flag}. plain: it looks at
    nothing beyond all that."""
    __slots__ = ('family', 'from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'table', 'priority', 'type', 'tos',
                 'more', 'plain')


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


def each_attribute(data, offset=0):
    """The same where types repeat, as in a list of one type, or where their flag bits matter: [(type with its two flag
    bits, value as bytes)]."""
    found = []
    while offset + 4 <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, offset)
        if length < 4 or offset + length > len(data):
            break
        found.append((kind, data[offset + 4:offset + length]))
        offset += (length + 3) & ~3
    return found


def decoded(decode, bodies):
    """decode(body) for each: list. KernelError if one is interrupted, or holds what cannot be."""
    try:
        return [decode(body) for body in bodies]
    except MALFORMED as error:
        raise malformed(error)


# What functions that decode raise for a message that is cut short or holds what cannot be. TypeError: ord(b'').
MALFORMED = (struct.error, ValueError, LookupError, TypeError, socket.error)


def malformed(error):
    """The KernelError for one of these."""
    return KernelError('read from rtnetlink: a malformed message: %s' % error, errno.EBADMSG)


def _u32(data):
    return None if data is None else _U32.unpack_from(data)[0]


def _i32(data):
    return None if data is None else struct.unpack('=i', data[:4])[0]


def _text(data):
    return None if data is None else native(data).rstrip('\0')


def _ip(family, data):
    return None if data is None else socket.inet_ntop(family, data)


_MAC, _MAC_TEXT = struct.Struct('6B'), ':'.join(['%02x'] * 6)
OF_A_LINK = frozenset((1, 3, 4, 5, 10, 16, 18, 20, 37))  # of some fifty


def link_of(body):
    """if_link.h: IFLA_ADDRESS 1, IFNAME 3, MTU 4, LINK 5, MASTER 10, OPERSTATE 16, LINKINFO 18 (KIND 1), IFALIAS 20,
    LINK_NETNSID 37."""
    link = Link()
    read_link(link, body, OF_A_LINK)
    return link


def read_link(link, body, wanted):
    """Fills in the fields of a Link from a body. wanted: the types of attributes to look for, OF_A_LINK at least.
    Returns (flags, type of hardware, attributes, those of IFLA_LINKINFO)."""
    _, hardware, link.index, flags, _ = LINK.unpack_from(body)
    found = attributes(body, 16, wanted)
    info = attributes(found[18], 0) if 18 in found else {}
    link.name = _text(found.get(3))
    mac = found.get(1, b'')
    link.mac = _MAC_TEXT % _MAC.unpack(mac) if len(mac) == 6 else ':'.join(['%02x' % byte for byte in bytearray(mac)])
    link.mtu = _u32(found.get(4))
    link.up = bool(flags & IFF_UP)
    link.carrier = bool(flags & IFF_LOWER_UP)
    link.operstate = bytearray(found.get(16, b'\0'))[0]
    link.peer = _u32(found.get(5)) or None
    link.peer_nsid = _i32(found.get(37))
    link.master = _u32(found.get(10))
    link.kind = _text(info.get(1))
    link.alias = _text(found.get(20))
    return flags, hardware, found, info


def packed_address(text):
    """'10.1.1.2' -> its 4 bytes, 'fd00::1' -> its 16."""
    return socket.inet_pton(socket.AF_INET6 if ':' in text else socket.AF_INET, text)


def leading_to(destinations):
    """For Rtnl.routes(): only(body) of the routes to these networks ('10.1.1.2/32')."""
    wanted = []
    for text in destinations:
        address, _, length = text.partition('/')
        packed = packed_address(address)
        # A default route has no RTA_DST.
        wanted.append((struct.pack('B', int(length)),
                       _ATTRIBUTE.pack(4 + len(packed), RTA_DST) + packed if int(length) else b''))
    return lambda body: any(body[1:2] == length and attribute in body for length, attribute in wanted)


def overlapping(network):
    """The same of the routes to what overlaps a network (ipaddress), but for default routes."""
    own, length = bytes(network.network_address.packed), network.prefixlen
    number = int(hexlify(own), 16)

    def only(body):
        shorter = min(length, ord(body[1:2]))
        found = attributes(body, 12, (RTA_DST,)).get(RTA_DST, b'') if shorter else b''
        if len(found) != len(own):
            return False
        return (int(hexlify(found), 16) ^ number) >> (len(own) * 8 - shorter) == 0
    return only


def address_of(body):
    """if_addr.h: IFA_ADDRESS 1, IFA_LOCAL 2 (the own address where the link has a peer), IFA_CACHEINFO 6 (of IPv4
    from 3.9), IFA_FLAGS 8 (32 bits, from 3.14)."""
    address = Address()
    address.family, address.prefixlen, flags, address.scope, address.index = ADDRESS.unpack_from(body)
    found = attributes(body, 8)
    wide = _u32(found.get(8))
    address.flags = flags if wide is None else wide
    address.address = _ip(address.family, found.get(2) or found.get(1))
    lifetime = found.get(6) or b''
    address.valid = _u32(lifetime[4:8]) if len(lifetime) >= 8 else None
    if address.valid == 0xffffffff:
        address.valid = None
    return address


def route_of(body):
    """rtnetlink.h: RTA_DST 1, OIF 4, GATEWAY 5, PRIORITY 6, PREFSRC 7, METRICS 8, MULTIPATH 9, FLOW 11, TABLE 15, VIA
    18. None for families that are not IP."""
    route = Route()
    route.family, length, _, route.tos, table, route.protocol, route.scope, route.type, flags = ROUTE.unpack_from(body)
    if route.family not in (socket.AF_INET, socket.AF_INET6):
        return None
    found = attributes(body, 12)
    wide = _u32(found.get(15))
    route.table = table if wide is None else wide
    route.dst = '%s/%d' % (_ip(route.family, found.get(1) or _NO_ADDRESS[route.family]), length)
    route.via = _ip(route.family, found.get(5))
    route.index = _u32(found.get(4))
    route.metric = _u32(found.get(6)) or 0
    route.src = _ip(route.family, found.get(7))
    route.onlink = bool(flags & RTNH_F_ONLINK)
    route.realms = _u32(found.get(11)) or 0
    route.metrics = dict((number, _text(value) if number == RTAX_CC_ALGO else _u32(value))
                         for number, value in attributes(found[8], 0).items()
                         if len(value) == 4 or number == RTAX_CC_ALGO) if 8 in found else {}
    route.gateways = []
    if 18 in found:
        route.via = _ip(struct.unpack_from('=H', found[18])[0], found[18][2:])
    if 9 in found:
        _read_nexthops(route, found[9])
    return route


def _read_nexthops(route, data):
    """struct rtnexthop of rtnetlink.h: length, flags, weight less one, index; attributes follow."""
    indexes, offset = set(), 0
    while offset + 8 <= len(data):
        length, flags, weight, index = struct.unpack_from('=HBBi', data, offset)
        if length < 8 or offset + length > len(data):
            break
        found = attributes(data[offset:offset + length], 8)
        indexes.add(index)
        route.gateways.append((_ip(route.family, found.get(5)), weight + 1, bool(flags & RTNH_F_ONLINK)))
        offset += (length + 3) & ~3
    route.index = indexes.pop() if len(indexes) == 1 else None


# Beside the attributes that are read: FRA_PROTOCOL 21 says who made the rule, FRA_PAD 18 nothing.
_PLAIN = frozenset((1, 2, 3, 4, 6, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24))
_PORT_MASKS = (28, 29)  # FRA_SPORT_MASK, FRA_DPORT_MASK, told with every port since 6.15
FIB_RULE_INVERT = 2
FR_ACT_GOTO, FR_ACT_NOP = 2, 3


def rule_of(body):
    """fib_rules.h: FRA_DST 1, SRC 2, IIFNAME 3, PRIORITY 6, FWMARK 10, TABLE 15, FWMASK 16, OIFNAME 17. None for
    families that are not IP."""
    family, to_length, from_length, tos, table, _, _, action, flags = ROUTE.unpack_from(body)
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
    rule.tos, rule.type = tos or None, DEAD_ENDS.get(action)  # FR_ACT_* has the numbers of RTN_*
    rule.more = _more_of(found, action, flags)
    if not rule.table and ('goto' in rule.more or 'nop' in rule.more or 'l3mdev' in rule.more):
        rule.table = RT_TABLE_MAIN  # as those that lead nowhere have it
    is_known = action in (FR_ACT_TO_TBL, FR_ACT_GOTO, FR_ACT_NOP) or rule.type is not None
    rule.plain = is_known and all(number in _PLAIN or number in _PORT_MASKS and value == b'\xff\xff'
                                  for number, value in found.items())
    return rule


def _more_of(found, action, flags):
    """Rule.more: FRA_GOTO 4, FLOW 11, SUPPRESS_IFGROUP 13, SUPPRESS_PREFIXLEN 14, L3MDEV 19, UID_RANGE 20, IP_PROTO 22,
    SPORT_RANGE 23, DPORT_RANGE 24."""
    more = {}
    if flags & FIB_RULE_INVERT:
        more['not'] = True
    if action == FR_ACT_NOP:
        more['nop'] = True
    if action == FR_ACT_GOTO and 4 in found:
        more['goto'] = _u32(found[4])
    if _u32(found.get(11)):
        more['realms'] = _u32(found[11])
    for number, word in ((13, 'suppress_ifgroup'), (14, 'suppress_prefixlength')):
        if _u32(found.get(number)) not in (None, ALL_BITS):  # so today's kernels say that nothing is suppressed
            more[word] = _u32(found[number])
    if found.get(19, b'\0')[:1] != b'\0':
        more['l3mdev'] = True
    if found.get(22, b'\0')[:1] != b'\0':
        more['ipproto'] = ord(found[22][:1])
    for number, word, form in ((20, 'uidrange', '=II'), (23, 'sport', '=HH'), (24, 'dport', '=HH')):
        if number in found:
            more[word] = struct.unpack_from(form, found[number])
    return more
