"""The tree's files for one link: those that could be read, and what is known of the others."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.endpoint import Target
from netnsctl.model.route import Route
from netnsctl.model.ifcfg import lines, spaces
from netnsctl.model.ifcfg.link import BRIDGE, DHCP

HOST = Target(spaces.HOST, '')


class Interface(object):
    """An ifcfg file with its aliases, route and rule files. space: the directory's name; target: its Target; link:
    link.Link; place: the file; routes, rules: as Endpoint has them. rows: {a Route or Rule: 'FILE:LINE' of it}.
    aliases: list of aliases.Alias, those that do not come up with it too."""
    __slots__ = ('space', 'target', 'link', 'place', 'routes', 'rules', 'rows', 'aliases')

    def __init__(self, space, link, place, routes=(), rules=(), rows=None, aliases=()):
        self.space, self.target, self.link, self.place = space, spaces.target_of(space), link, place
        self.routes, self.rules, self.rows = tuple(routes), tuple(rules), rows or {}
        if link.bootproto == DHCP:
            self.routes = tuple(_on_link(route) for route in self.routes)
            self.rows = dict((_on_link(row), place) for row, place in self.rows.items())
        self.aliases = tuple(aliases)

    @property
    def key(self):
        return self.target, self.link.device

    @property
    def addresses(self):
        """Its addresses of both families, with those of its aliases: tuple."""
        return self.link.addresses + tuple(
            address for alias in self.aliases if not alias.is_left for address in alias.addresses
        ) + self.link.addresses6

    @property
    def gateway(self):
        """The gateway of its IPv4 default route, or None: ifup-aliases uses an alias's if there is no other."""
        found = [self.link.default_gateway] + [alias.gateway for alias in self.aliases if not alias.is_left]
        return ([gateway for gateway in found if gateway is not None] + [None])[0]

    def where(self, *keys):
        """FILE:LINE of the first of these keys in it, or the file."""
        for key in keys:
            if key in self.link.numbers:
                return '%s:%d' % (self.place, self.link.numbers[key])
        return self.place

    def where_address(self, address):
        """FILE:LINE of an address ('10.0.0.1/24'), or of the addresses of its family, or the file."""
        key = self.link.keys.get(address)
        for alias in self.aliases:
            if key is None and address in alias.keys:
                return alias.where(alias.keys[address])
        if key is None:
            family = sorted(self.link.keys[other] for other in self.link.keys
                            if other[0] != 'DNS' and (':' in other) == (':' in address))
            key = family[0] if family else None
        return self.where(key)


def _on_link(row):
    """A row of a link by DHCP: its routes are there before the lease, so its gateway is on the link unseen."""
    if not isinstance(row, Route) or not row.via or ':' in row.via:
        return row
    return row._replace(onlink=True)


class Unread(object):
    """A file that exists and could not be used, or a whole directory. space: the directory's name; target, device: the
    link that it speaks of (device None: all links there); place: the file. peer: (Target, name) of the other end that
    it names, None if it names none, ANY where that could not be read either."""
    __slots__ = ('space', 'target', 'device', 'place', 'peer')
    ANY = 'any'

    def __init__(self, space, device, place, peer=ANY):
        self.space, self.target, self.device, self.place = space, spaces.target_of_or_none(space), device, place
        self.peer = peer

    def is_of(self, target, device):
        """Is it about that link?"""
        return self.target == target and self.device in (None, device)

    def may_name(self, item):
        """Could it be the other end of an Interface that names none?

        Where it cannot be told whom it names, only of one that looks for its other end there, or is known by the name
        of its wire alone: a bad file is to cost no other wires.
        """
        link = item.link
        if self.peer != self.ANY or link.bridge is not None:
            return self.peer == item.key and link.peer_netns in (None, self.target)
        if link.peer_netns is None:
            return self.target == HOST or link.wire is not None
        return link.peer_netns == self.target


def peer_in(text):
    """Unread.peer of a file that is not well formed, as far as it can be read."""
    values, is_odd = {}, False
    for line in text.split('\n'):
        try:
            for found in lines.parse(line, ''):
                if found.key is not None:
                    values[found.key] = found.value
        except UsageError:
            is_odd = True
    if not values.get('PEER'):
        return Unread.ANY if is_odd else None
    try:
        return (spaces.parse_target(values['PEER_NETNS']) if values.get('PEER_NETNS') else HOST), values['PEER']
    except UsageError:
        return Unread.ANY


def refuse_misplaced(item):
    """UsageError for settings where they have no effect: they were meant for something."""
    link = item.link
    _refuse_repeats(item)
    if link.netns is not None and link.netns != item.target:
        raise UsageError('%s: NETNS is %s, but the directory is for %s' % (item.where('NETNS'), link.netns,
                                                                            item.target))
    if link.type == BRIDGE:
        if item.target != HOST:
            raise UsageError('%s: TYPE: a bridge belongs to the host: its file belongs in the directory %s' % (
                item.where('TYPE'), spaces.HOST))
        _refuse_rows(item, 'a bridge has no routes and rules here: they belong to what is plugged into it')
    elif link.bridge is not None and link.anchor is not None and item.target != HOST:
        raise UsageError('%s: BRIDGE: the link is attached to %s and has no other end: only one of the host can be the '
                         'port of a bridge' % (item.where('BRIDGE'), link.anchor))
    elif link.bridge is not None and item.target == HOST:
        for address in item.addresses:
            raise UsageError('%s: %s: an address of a bridge\'s port: it belongs in ifcfg-%s' % (
                item.where_address(address), address, link.bridge))
        for key, value in (('GATEWAY', link.gateway), ('IPV6_DEFAULTGW', link.gateway6),
                           ('BOOTPROTO', link.bootproto == DHCP)):
            if value:
                raise UsageError('%s: %s: a bridge\'s port has none' % (item.where(key), key))
        _refuse_rows(item, 'a bridge\'s port has no routes and rules')


def refuse_source(item, addresses):
    """UsageError if a source address in the file is not one that the namespace will have. addresses: of all its
    links."""
    if item.link.srcaddr is None or item.link.bootproto == DHCP:
        return
    if item.link.srcaddr not in [addressing.bare(address) for address in addresses]:
        raise UsageError('%s: SRCADDR: %s is not an address of %s%s' % (
            item.where('SRCADDR'), item.link.srcaddr, item.link.device,
            '' if len(addresses) == len(item.addresses) else ', nor of another link in %s' % item.target))


def _refuse_repeats(item):
    """UsageError if an alias has an address that the link, or another alias, has, or that DHCP gives."""
    there = dict((addressing.bare(address), item.where_address(address)) for address in item.link.addresses)
    for alias in item.aliases:
        for address in alias.addresses if not alias.is_left else ():
            where = alias.where(alias.keys[address])
            if item.link.bootproto == DHCP:
                raise UsageError('%s: %s: its link gets its address by DHCP' % (where, address))
            if there.setdefault(addressing.bare(address), where) != where:
                raise UsageError('%s: the address %s is given twice: %s' % (where, address,
                                                                            there[addressing.bare(address)]))


def _refuse_rows(item, why):
    for row in item.routes + item.rules:
        raise UsageError('%s: %s' % (item.rows.get(row, item.place), why))
