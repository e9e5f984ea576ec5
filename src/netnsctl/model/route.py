"""A route of one link as a value, and the names of scopes. No I/O; routing.py reads and checks one."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import named_tuple
from netnsctl.errors import UsageError
from netnsctl.model.names import is_number

SCOPES = {'global': 0, 'site': 200, 'link': 253, 'host': 254, 'nowhere': 255}  # rtnetlink.h, RT_SCOPE_*
_ROUTE = 'dst via metric src scope table onlink mtu type tos protocol realms options nexthops'


class Route(named_tuple('Route', _ROUTE)):
    """A route of one link, by the words of `ip route add`; None is the kernel's default.

    dst: '10.9.0.0/16', '0.0.0.0/0'. via, src: addresses; via of an IPv4 route may be one of IPv6 (RFC 5549). metric:
    1..2^32-1. scope: as parse_scope() gives it (IPv4 only). table: its number (None: main). onlink: the gateway is on
    the link, whatever the addresses say. mtu: bytes. type: 'blackhole', 'unreachable', 'prohibit' or 'throw', of a
    route that leads nowhere and belongs to no link, or 'local'. tos: 1..255 (IPv4 only). protocol: RTPROT_*. realms:
    FROM << 16 | TO. options: the other words, as route_words.parse_option() gives them, in one text ('initcwnd 10 mtu
    lock 1400'). nexthops: several gateways in place of via, in one text ('nexthop via 10.0.0.1 weight 1 nexthop via
    10.0.0.2 weight 2').
    """
    __slots__ = ()

    def __new__(cls, dst, via=None, metric=None, src=None, scope=None, table=None, onlink=False, mtu=None, type=None,
                tos=None, protocol=None, realms=None, options=None, nexthops=None):
        return tuple.__new__(cls, (dst, via, metric, src, scope, table, bool(onlink), mtu, type, tos, protocol, realms,
                                   options, nexthops))

    def words(self, dev=None):
        """The words after `ip route add`: list."""
        found = [self.type] if self.type else []
        has_link = dev and (not self.type or self.type == 'local') and not self.nexthops
        found += [self.dst] + self._via_words() + (['dev', dev] if has_link else [])
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
        found += ['proto', str(self.protocol)] if self.protocol else []
        for nexthop in (self.nexthops or '').split('nexthop ')[1:]:
            found += ['nexthop'] + nexthop.split() + (['dev', dev] if dev else [])
        return found

    def _via_words(self):
        if not self.via:
            return []
        return ['via', 'inet6', self.via] if ':' in self.via and ':' not in self.dst else ['via', self.via]

    def is_plain(self):
        """Can the command line express it, with just dst and via?"""
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


def as_route(value):
    """A Route, or what Route.record() gave of one -> Route."""
    return value if isinstance(value, Route) else Route(*value)


def parse_scope(text):
    """iproute2's name of a scope, or a number from 0 to 255 -> its name, or where it has none the number, as text."""
    if text not in SCOPES and not (is_number(text, 3) and int(text) < 256):
        raise UsageError('scope %s: not one of %s, nor a number up to 255' % (text, ' '.join(sorted(SCOPES))))
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
