"""IP addresses and routes of a wire: what is taken, what two ends need to reach each other, and the pool.

Text in and out ('10.1.1.1/32'); the arithmetic is the ipaddress module's (its backport on Python 2).
"""
from __future__ import absolute_import, division, print_function

import bisect
import re
from collections import namedtuple
from itertools import chain

from netnsctl.compat import native, unicode_of
from netnsctl.errors import ConflictError, UsageError

# ipaddress is imported where it is needed: a wire of plain host addresses needs none of it, and loading it takes a
# tenth of what the whole command does.
DEFAULT_POOL = '198.18.0.0/15'  # RFC 2544: for benchmarks, routed nowhere
SCOPES = {'global': 0, 'site': 200, 'link': 253, 'host': 254, 'nowhere': 255}  # rtnetlink.h, RT_SCOPE_*
_NUMBER = '(0|[1-9][0-9]{0,2})'
_PLAIN_HOST = re.compile(r'%s\.%s\.%s\.%s(?:/32)?\Z' % ((_NUMBER,) * 4))
_MAC = r'[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}\Z'


_ROUTE = 'dst via metric src scope table onlink mtu type tos protocol realms options'


class Route(namedtuple('Route', _ROUTE)):
    """A route of one link, by the words of `ip route add`; None is what the kernel takes where nothing is said.

    dst: '10.9.0.0/16', '0.0.0.0/0'. via, src: addresses. metric: 1..2^32-1. scope: as parse_scope() gives it (IPv4
    only). table: its number (None: main). onlink: the gateway is on the link, whatever the addresses say. mtu: bytes.
    type: 'blackhole', 'unreachable', 'prohibit' or 'throw', of a route that leads nowhere and belongs to no link. tos:
    1..255 (IPv4 only). protocol: RTPROT_*. realms: FROM << 16 | TO. options: the other words, as
    route_words.parse_option() gives them, in one text ('initcwnd 10 mtu lock 1400').
    """
    __slots__ = ()

    def __new__(cls, dst, via=None, metric=None, src=None, scope=None, table=None, onlink=False, mtu=None, type=None,
                tos=None, protocol=None, realms=None, options=None):
        return tuple.__new__(cls, (dst, via, metric, src, scope, table, bool(onlink), mtu, type, tos, protocol, realms,
                                   options))

    def words(self, dev=None):
        """What stands after `ip route add`: list of words."""
        found = [self.type] if self.type else []
        found += [self.dst] + (['via', self.via] if self.via else []) + (['dev', dev] if dev and not self.type else [])
        for key in ('metric', 'src', 'scope', 'table', 'mtu'):
            value = getattr(self, key)
            if value is not None:
                found += [key, str(value)]
        if self.tos or self.realms or self.options:
            from netnsctl.model import route_words  # few routes have any
            found += ['tos', '0x%02x' % self.tos] if self.tos else []
            found += ['realms', route_words.realms_words(self.realms)] if self.realms else []
            found += (self.options or '').split()
        found += ['onlink'] if self.onlink else []
        return found + (['proto', str(self.protocol)] if self.protocol else [])

    def is_plain(self):
        """Is it all said with dst and via, as the command line says it?"""
        return self == Route(self.dst, self.via)

    def record(self):
        """Plain data that compares equal after a round through JSON, and that Route(*data) takes: [dst, via] where
        there is no more, which is also all that earlier records hold."""
        if self.is_plain():
            return [self.dst, self.via]
        data = list(self)
        while len(data) > 2 and not data[-1]:
            data.pop()
        return data

    def check(self):
        """UsageError unless the kernel can take such a route."""
        from netnsctl.model import routing  # nothing that a plain wire needs
        routing.check_route(self)


def as_route(value):
    """A Route, or what Route.record() gave of one -> Route."""
    return value if isinstance(value, Route) else Route(*value)


def parse_route(words, dev, family=None, **more):
    """routing.parse_route()."""
    from netnsctl.model import routing
    return routing.parse_route(words, dev, family, **more)


def parse_rule(words, family=None, **more):
    """routing.parse_rule()."""
    from netnsctl.model import routing
    return routing.parse_rule(words, family, **more)


def parse_scope(text):
    """iproute2's name of a scope, or a number from 0 to 255 -> its name, or where it has none the number, as text."""
    if text not in SCOPES and not (re.match(r'[0-9]{1,3}\Z', text) and int(text) < 256):
        raise UsageError('scope %s: not one of %s, nor a number to 255' % (text, ' '.join(sorted(SCOPES))))
    return scope_name(scope_number(text))


def scope_number(scope):
    """'link' -> 253, '17' -> 17."""
    return SCOPES[scope] if scope in SCOPES else int(scope)


def scope_name(number):
    """253 -> 'link', 17 -> '17'."""
    for name, value in SCOPES.items():
        if value == number:
            return name
    return str(number)


def parse_address(text):
    """'10.1.1.1/24', 'fd00::1' -> the same in normal form with its prefix length.

    UsageError where no link may carry it.
    """
    if _is_plain_host(text):
        return text if text.endswith('/32') else text + '/32'
    address, slash, length = text.partition('/')
    if slash and not re.match(r'[0-9]{1,3}\Z', length):
        raise UsageError('address %s: the prefix length must be a number after the slash' % text)
    _refuse_zone('address', text)
    import ipaddress
    try:
        parsed = ipaddress.ip_interface(unicode_of(text))
    except ValueError:
        raise UsageError('address %s: not an IPv4 or IPv6 address with a prefix length (10.1.1.1/24, fd00::1/64)'
                         % text)
    reason = _unfit(parsed)
    if reason:
        raise UsageError('address %s: %s' % (text, reason))
    return native(parsed.with_prefixlen)


def _is_plain_host(text):
    """Is it an IPv4 address in normal form, /32 or without a length, that nothing below could refuse?

    ipaddress takes ten times as long to say so, and a file of wires may hold thousands.
    """
    match = _PLAIN_HOST.match(text)
    if match is None:
        return False
    numbers = [int(number) for number in match.groups()]
    return 0 < numbers[0] < 224 and numbers[0] != 127 and max(numbers) < 256


def _unfit(interface):
    """Why no link may carry this address, or None."""
    if interface.ip.is_multicast:
        return 'a multicast address'
    if interface.ip.is_loopback:
        return 'a loopback address'
    if interface.ip.is_unspecified:
        return 'the unspecified address'
    if interface.version == 4 and interface.packed[0:1] == b'\0':
        return 'in 0.0.0.0/8, which is no address of a host'
    network = interface.network
    if interface.version == 6:
        # The first address of a network is that of its routers (RFC 4291, 2.6.1), and a host may have it.
        return 'an IPv4 address written as IPv6' if interface.ip.ipv4_mapped is not None else None
    if interface.ip.exploded == '255.255.255.255':
        return 'the broadcast address'
    if network.prefixlen < interface.max_prefixlen - 1:
        if interface.ip == network.network_address:
            return 'the address of the network %s itself' % network
        if interface.ip == network.broadcast_address:
            return 'the broadcast address of %s' % network
    return None


def _refuse_zone(what, text):
    if '%' in text:
        raise UsageError('%s %s: a zone (%%) is not part of an address here: the link is the one that is wired'
                         % (what, text))


def parse_ip(text, what):
    """An address with no length -> normal form. UsageError names what it was for."""
    _refuse_zone(what, text)
    import ipaddress
    try:
        parsed = ipaddress.ip_address(unicode_of(text))
    except ValueError:
        raise UsageError('%s %s: not an IPv4 or IPv6 address' % (what, text))
    if (parsed.is_multicast or parsed.is_unspecified or parsed.is_loopback
            or getattr(parsed, 'ipv4_mapped', None) is not None):
        raise UsageError('%s %s: not the address of a host on the link' % (what, text))
    return native(parsed.compressed)


def parse_server(text):
    """The address of a name server, which may run on the host itself (127.0.0.1) or be of one link (fe80::1%eth0) ->
    normal form. UsageError."""
    bare_text, percent, zone = text.partition('%')
    import ipaddress
    try:
        parsed = ipaddress.ip_address(unicode_of(bare_text))
    except ValueError:
        raise UsageError('the server %s: not an IPv4 or IPv6 address' % text)
    if parsed.is_multicast or parsed.is_unspecified or percent and not (parsed.is_link_local and zone):
        raise UsageError('the server %s: not the address of a host' % text)
    return native(parsed.compressed) + percent + zone


def parse_destination(text, via=None, what='route'):
    """A route's destination ('10.9.0.0/16', 'default') -> normal form; 'default' takes its family from via.

    UsageError names what it was for.
    """
    _refuse_zone(what, text)
    if text == 'default':
        return '::/0' if via and ':' in via else '0.0.0.0/0'
    import ipaddress
    try:
        return native(ipaddress.ip_network(unicode_of(text)).with_prefixlen)
    except ValueError as error:
        cause = ('has bits set beyond its prefix length' if 'host bits' in str(error)
                 else 'not a network such as 10.9.0.0/16')
        raise UsageError('%s %s: %s' % (what, text, cause))


def parse_mac(text):
    """'02:00:00:00:00:01' -> lower case. UsageError for a group address, all zeros, or another form."""
    if not re.match(_MAC, text):
        raise UsageError('mac %s: not six bytes such as 02:00:00:00:00:01' % text)
    if int(text[:2], 16) & 1 or text == '00:00:00:00:00:00':
        raise UsageError('mac %s: not the address of one link (a group address, or zero)' % text)
    return text.lower()


def family_of(text):
    """4 or 6, of an address or network in text."""
    return 6 if ':' in text else 4


def bare(address):
    """'10.1.1.1/24' -> '10.1.1.1'."""
    return address.partition('/')[0]


def is_host(address):
    """Has the address the full prefix length (/32, /128), and so no network of its own?"""
    return address.endswith('/128' if ':' in address else '/32')


def network_of(address):
    """'10.1.1.1/24' -> '10.1.1.0/24'."""
    import ipaddress
    return native(ipaddress.ip_interface(unicode_of(address)).network.with_prefixlen)


def covers(address, ip):
    """Is ip on the network that this address with its length connects the link to?"""
    if family_of(address) != family_of(ip):
        return False
    import ipaddress
    return ipaddress.ip_address(unicode_of(ip)) in ipaddress.ip_interface(unicode_of(address)).network


def host_routes(own, peer, label, reached=()):
    """The destinations that an end needs a host route to: list of '10.1.1.2/32'.

    own, peer: addresses of this end and of the other. reached: networks that routes which were asked for lead to. With
    /32 or /128 there is no connected route, so each address of the peer gets a route of its own. UsageError where the
    two ends share no network at all.
    """
    if len(own) == 1 and len(peer) == 1 and own[0].endswith('/32') and ':' not in own[0] + peer[0] and not reached:
        return [bare(peer[0]) + '/32']  # what most wires are, without the arithmetic
    routes = []
    for family in (4, 6):
        # Link-local addresses: every link of IPv6 has some, and reaches the other's.
        mine = [address for address in own if family_of(address) == family and not is_link_local(address)]
        theirs = [bare(address) for address in peer if family_of(address) == family and not is_link_local(address)]
        if not mine or not theirs:
            continue
        uncovered = [ip for ip in theirs if not any(not is_host(a) and covers(a, ip) for a in mine)
                     and not any(covers(dst, ip) for dst in reached)]
        if any(is_host(address) for address in mine):
            routes.extend('%s/%d' % (ip, 32 if family == 4 else 128) for ip in uncovered)
        elif len(uncovered) == len(theirs):
            raise UsageError('%s: %s is on no network with %s' % (label, ', '.join(mine), ', '.join(theirs)),
                             hint='Give both ends addresses of one network, or /%d to both, or this end a route to the '
                                  'other.' % (32 if family == 4 else 128))
    return routes


def is_link_local(address):
    """Is it one of fe80::/10, with or without a length?"""
    return ':' in address and covers('fe80::/10', bare(address))


def is_on_link(ip, own, peer, reached=()):
    """Can a gateway be reached on the link: on a connected network, by a route that leads there (reached: destinations
    of those without a gateway), or as the peer's own address? A link-local address of IPv6 is on any link."""
    return (ip in [bare(address) for address in peer] or is_link_local(ip)
            or any(covers(network, ip) for network in chain(own, reached)))


def require_gateway(ip, own, label, what):
    """UsageError where an address cannot be a gateway of an end with these addresses, on the link or off it."""
    if ip in [bare(address) for address in own]:
        raise UsageError('%s: the %s %s is the end\'s own address' % (label, what, ip))
    if not is_link_local(ip) and not any(family_of(address) == family_of(ip) for address in own):
        raise UsageError('%s: the %s %s cannot be used: the end has no IPv%d address'
                         % (label, what, ip, family_of(ip)))


def require_distinct(own, peer):
    """UsageError where one address stands at both ends."""
    both = set(bare(address) for address in own) & set(bare(address) for address in peer)
    if both:
        raise UsageError('the address %s stands at both ends' % ', '.join(sorted(both)))


def parse_pool(text):
    """'198.18.0.0/15' -> its network in normal form. UsageError where it has no room for a pair."""
    if text == DEFAULT_POOL:
        return text
    import ipaddress
    network = ipaddress.ip_network(unicode_of(parse_destination(text, what='pool')))
    if network.num_addresses < 2:
        raise UsageError('pool %s: no room for a pair of addresses' % text)
    first = network.network_address
    if first.is_multicast or first.is_loopback or getattr(first, 'ipv4_mapped', None) is not None:
        raise UsageError('pool %s: not addresses that hosts can have' % text)
    return native(network.with_prefixlen)


class Pool(object):
    """Hands out pairs of host addresses from a network, lowest first.

    pool: network in text. taken: networks in text that routes cover or wires hold; a default route is no cover.
    """

    def __init__(self, pool, taken):
        import ipaddress
        self.network = ipaddress.ip_network(unicode_of(pool))
        self.taken = []
        for text in taken:
            self.take(text)
        room = self.network.num_addresses
        # Neither the network's own address nor its broadcast, where it has them.
        self._first, self._end = (1, room - 1) if room > 2 else (0, room)

    def take(self, text):
        """No pair may touch this network (or address) any more."""
        import ipaddress
        network = ipaddress.ip_network(unicode_of(text), strict=False)
        if network.version == self.network.version and network.prefixlen and network.overlaps(self.network):
            self._take(int(network.network_address), int(network.broadcast_address))

    def _take(self, first, last):
        """Adds a range of numbers; ranges that meet become one, so that a thousand pairs are soon passed over."""
        at = bisect.bisect_left(self.taken, (first,))
        if at and self.taken[at - 1][1] >= first - 1:
            at -= 1
        end = at
        while end < len(self.taken) and self.taken[end][0] <= last + 1:
            first, last = min(first, self.taken[end][0]), max(last, self.taken[end][1])
            end += 1
        self.taken[at:end] = [(first, last)]

    def pair_beside(self, taken):
        """The lowest pair that is free and not in one of these networks (text) either, which count for no other pair.
        ConflictError as pair()."""
        if not taken:
            return self.pair()
        own = Pool.__new__(Pool)
        own.__dict__.update(self.__dict__, taken=list(self.taken))
        for text in taken:
            own.take(text)
        pair = own.pair()
        for address in pair:
            self.take(address)
        return pair

    def pair(self):
        """The lowest free pair: ('198.18.0.1/32', '198.18.0.2/32'). ConflictError where the pool is used up."""
        base = int(self.network.network_address)
        low = base + self._first
        for first, last in self.taken:  # sorted, and apart
            if first <= low + 1 and last >= low:
                # Pairs keep their parity, so that what is given back fits again.
                low = last + 1
                low += (low - base - self._first) % 2
        if low + 1 >= base + self._end:
            raise ConflictError('pool %s: every pair of addresses is taken' % self.network,
                                hint='Give the ends addresses, or another network with --pool.')
        address_class = type(self.network.network_address)
        pair = tuple('%s/%d' % (native(address_class(number).compressed), self.network.max_prefixlen)
                     for number in (low, low + 1))
        self._take(low, low + 1)
        return pair
