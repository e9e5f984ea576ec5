"""Turns wires into the files that describe them: the inverse of reading. Text by jinja2, quoting by
model.ifcfg.lines."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import iproute_names, templates
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.ifcfg import aliases, assignments, file_names, lines, link, route_files, spaces
from netnsctl.model.names import default_name
from netnsctl.model.routing import no_names
from netnsctl.usecases.tree import PLACE, merging, outdated
from netnsctl.usecases.tree.reading import PREFIX, SIDE_PREFIXES, parser_of

TEMPLATE = 'ifcfg.j2'


class Described(object):
    """What a wire says about one link. space: name of the directory; link: link.Link; routes, rules: as Endpoint has
    them.

    needs_no_name: does the wire have this name even if this file does not say so?
    """
    __slots__ = ('space', 'link', 'routes', 'rules', 'needs_no_name')

    def __init__(self, space, parsed, routes=(), rules=()):
        self.space, self.link, self.routes, self.rules = space, parsed, tuple(routes), tuple(rules)
        self.needs_no_name = False

    def place(self, prefix=PREFIX):
        return '%s/%s/%s%s' % (PLACE, self.space, prefix, self.link.device)


def describe(name, a, b, folders=None):
    """What the tree must say about a wire between two Endpoints with schemes and interface names: list of Described.

    folders: {Target: name of the directory that there is for it}. UsageError for what cannot be saved: a PID, a path,
    an interface name that initscripts could not read.
    """
    found, ends = [], []
    for end, peer in ((a, b), (b, a)):
        before = len(found)
        if end.target.scheme == 'bridge':
            if peer.target.scheme == 'host':
                raise UsageError('%s: a host link that is plugged into a bridge cannot be saved'
                                 % peer.place())
            found += describe_bridge(end) + _describe_port(name, end, peer)
        elif not end.target.has_no_link:
            found.append(_describe_end(name, end, peer, folders or {}))
        ends.append([described for described in found[before:] if described.link.type != link.BRIDGE])
    for described in found:
        described.needs_no_name = name in (default_name(a, b), default_name(b, a))
        if not described.needs_no_name and described in ends[1] and _is_read_first(described, ends[0]):
            described.link.wire_end = 2
    return found


def _is_read_first(described, others):
    """Does tree.build() come upon the link of a Described before those of the other end?"""
    return not others or _order(described) < _order(others[0])


def _order(described):
    return described.space == spaces.HOST, described.space, described.link.device


def _describe_end(name, end, peer, folders):
    if not end.ifname:
        raise UsageError('%s: an interface name is needed to save it' % end.place())
    if file_names.is_copy(end.ifname) or file_names.parent_of(end.ifname) is not None:
        raise UsageError('%s: cannot be saved: a file named %s%s is not read as the file of a link' % (
            end.place(), PREFIX, end.ifname))
    parsed = link.Link(end.ifname, netns=end.target, mac=end.mac, mtu=end.mtu, scope=end.scope)
    # A name with ~ is one that netnsctl made of long or odd ones; nobody may give it, and the ends make it again.
    parsed.wire = None if '~' in (name or '') else name
    if peer.target.scheme == 'bridge':
        parsed.bridge, parsed.peer, parsed.tag = peer.target.name, peer.ifname, dict(peer.data).get('tag')
    elif peer.target.has_no_link:
        parsed.anchor, parsed.peer = str(Endpoint(peer.target, data=peer.data)), peer.ifname
        if peer.target.has_port:
            parsed.type = link.OVSPORT
    else:
        spaces.space_of(peer.target)
        parsed.peer, parsed.peer_netns = peer.ifname, peer.target
    if end.has_uplink:
        _describe_uplink(parsed, end)
    for key, text in end.shaping:
        setattr(parsed, key, text)
    parsed.addresses, parsed.addresses6 = _by_family(end.addresses)
    parsed.ipv6 = end.ipv6 and not parsed.addresses6
    parsed.bootproto = link.DHCP if end.dhcp else link.STATIC
    for gateway in end.gateways:
        setattr(parsed, 'gateway6' if ':' in gateway else 'gateway', gateway)
    return Described(folders.get(end.target) or spaces.space_of(end.target), parsed, end.routes, end.rules)


def _describe_uplink(parsed, end):
    parsed.nat, parsed.localhost = ('nat', 'yes') in end.data, ('localhost', 'yes') in end.data
    parsed.open = ('open', 'yes') in end.data
    parsed.publish = tuple(value for key, value in end.data if key == 'publish')


def _by_family(addresses):
    return (tuple(address for address in addresses if ':' not in address),
            tuple(address for address in addresses if ':' in address))


def describe_bridge(end):
    """What the tree must say about an Endpoint that is a bridge: list of Described, empty if nothing is asked of the
    bridge itself. Its VLAN is that of its addresses."""
    if not (end.addresses or end.ipv6 or end.has_uplink):
        return []
    tag = dict(end.data).get('tag') if end.addresses else None
    parsed = link.Link(end.target.name, type=link.BRIDGE, netns=Target('host', ''), tag=tag)
    _describe_uplink(parsed, end)
    parsed.addresses, parsed.addresses6 = _by_family(end.addresses)
    parsed.ipv6 = end.ipv6 and not parsed.addresses6
    return [Described(spaces.HOST, parsed)]


def _describe_port(name, end, peer):
    """The bridge's port, which needs a file of its own only to have an MTU or a MAC address, to be shaped, or where the
    other end has none that could say BRIDGE: list of Described."""
    is_alone = peer.target.has_no_link or peer.target.scheme == 'bridge'
    if not (end.mtu or end.mac or end.shaping or is_alone) or not (end.ifname or is_alone):
        return []
    port = Endpoint(Target('host', ''), end.ifname, mac=end.mac, mtu=end.mtu)
    port.shaping = end.shaping
    found = _describe_end(name, port, peer, {})
    found.link.bridge, found.link.tag = end.target.name, dict(end.data).get('tag')
    return [found]


def render(items):
    """Assignments [(key, value)] -> the text of a new file. UsageError for a value that cannot stand in one."""
    try:
        quoted = [(key, lines.quote(value)) for key, value in items]
    except ValueError as error:
        raise UsageError('a value cannot be saved: it contains %s' % error)
    return templates.render(TEMPLATE, {'items': quoted})


class Texts(object):
    """The future contents of files. read: function of a place: the text that is there now, or None; names: function of
    a folder: names of the files there; tables: iproute_names.Names."""

    def __init__(self, read, names=lambda folder: (), tables=no_names):
        self._read, self._names, self._tables, self._before, self._after = read, names, tables, {}, {}
        self._described = set()

    def read(self, place):
        """The text of a file, with all that was added so far; None if there is none."""
        if place not in self._before:
            self._before[place] = self._after[place] = self._read(place)
        return self._after[place]

    def add_wire(self, found):
        """add(), for all that describe() gave of one wire. Its name is needed in one file only."""
        for described in found:
            text = self.read(described.place()) if described.link.wire else None
            if text is not None:
                parsed = link.from_lines(lines.parse(text, described.place()), described.place(), described.link.device)
                for other in found if parsed.wire == described.link.wire else ():
                    other.needs_no_name = True
        for described in found:
            self.add(described)

    def add(self, described):
        """Puts what a Described says into its files. UsageError for a file that is not well formed, or about which
        another wire said something else."""
        place, device = described.place(), described.link.device
        in_files = dict((prefix, self._rows(described.place(prefix), prefix, device)) for prefix in SIDE_PREFIXES)
        wanted, routes = merging.settle_default_route(described, in_files['route-'])
        text = self.read(place)
        if text is not None:
            self._leave_to_aliases(described, wanted, text)
        self._put(place, render(assignments.to_items(wanted)) if text is None
                  else merging.update_file(described, wanted, text, place), described)
        if described.link.type != link.BRIDGE:  # whose routes and rules are not part of any wire
            for prefix in SIDE_PREFIXES:
                self._add_rows(described, prefix, routes)
        self._described.add(place)

    def _leave_to_aliases(self, described, wanted, text):
        """Takes the addresses that aliases of the link say out of a Link that is to be saved. An alias whose address
        the
        wire does not have goes. UsageError for a range of which it has a part."""
        place = described.place()
        folder, _, name = place.rpartition('/')
        for other in self._names(folder):
            device = other[len(PREFIX):]
            if not other.startswith(PREFIX) or file_names.is_copy(device) \
                    or file_names.parent_of(device) != wanted.device:
                continue
            other = '%s/%s' % (folder, other)
            if self.read(other) is None:
                continue  # it was just taken out
            parent = link.from_lines(lines.parse(text, place), place, wanted.device)
            alias = aliases.read(self.read(other), other, device, parent)
            here = [address for address in alias.addresses if address in wanted.addresses]
            if alias.is_left:
                continue
            if len(here) == len(alias.addresses):
                wanted.addresses = tuple(address for address in wanted.addresses if address not in here)
            elif here:
                raise UsageError('%s: the wire has only a part of its addresses' % other,
                                 hint='Remove it: the addresses are then saved in %s.' % place)
            elif wanted.type != link.BRIDGE:
                self._put(other, None, described)

    def _rows(self, place, prefix, device):
        return [value for _, value in route_files.parse(
            self.read(place) or '', place, parser_of(prefix, device, self._tables))]

    def _add_rows(self, described, prefix, routes):
        device, place = described.link.device, described.place(prefix)
        is_6 = prefix.endswith('6-')
        if prefix.startswith('route'):
            wanted = [route for route in routes if (':' in route.dst) == is_6]
        else:
            wanted = [rule for rule in described.rules if (rule.family == 6) == is_6]
        self._put(place, route_files.update(
            self.read(place), place, parser_of(prefix, device, self._tables), wanted,
            (lambda route: route.words(device)) if prefix.startswith('route') else (lambda rule: rule.words())),
            described)

    def _put(self, place, text, described):
        if described.place() in self._described and described.link.type != link.BRIDGE and text != self.read(place):
            raise UsageError('%s: two wires contradict each other about it' % place)
        self._after[place] = text

    def move(self, old, described):
        """A Described has the text of another place (or None: it has none), for what is not part of a wire."""
        if old is None:
            return
        parsed = lines.parse(self.read(old), old)
        device = [('DEVICE', described.link.device)] if any(line.key == 'DEVICE' for line in parsed) else []
        self.read(described.place())
        self._after[described.place()] = lines.update(parsed, device, lambda key: key == 'DEVICE')

    def take_off(self, place, device, gone, keeps_ipv6):
        """Takes out of a bridge's file what no wire says any more, as merging.without() has it."""
        self._after[place] = merging.update_bridge(device, gone, keeps_ipv6, self.read(place), place)

    def remove(self, place):
        """Marks a file for removal."""
        self.read(place)
        self._after[place] = None

    def changes(self):
        """[(place, text that is to be there, or None)] of those that differ, in order."""
        return [(place, self._after[place]) for place in sorted(self._after)
                if self._after[place] != self._before[place]]


def render_wires(wires, read=lambda place: None, names=lambda folder: (), read_tree=None):
    """The files of new wires [(name, Endpoint, Endpoint)]: {place: text, or None of one that goes}. UsageError if two
    say different things.

    read, names: as Texts has them, of the tree that they are added to; read_tree: function that reads it, a Tree.
    ConflictError if a file there describes another wire.
    """
    texts, all_found = Texts(read, names, iproute_names.Names()), [describe(name, a, b) for name, a, b in wires]
    places = set(described.place() for found in all_found for described in found
                 if described.link.type != link.BRIDGE and texts.read(described.place()) is not None)
    for item, gone, keeps_ipv6 in outdated.unsaid_anew(read_tree(), wires, places) if places and read_tree else ():
        texts.take_off(item.place, item.link.device, gone, keeps_ipv6)
        for place in outdated.lost_aliases(item, gone):
            texts.remove(place)
    for found in all_found:
        for described in found:
            _keep_name(described, texts.read(described.place()))
        texts.add_wire(found)
    return dict(texts.changes())


def _keep_name(described, text):
    """Gives a Described the name that the text of its file (or None) has for it, unless it was given another one.
    ConflictError as refuse_another()."""
    base = refuse_another(described, text)
    if base is not None and described.needs_no_name and base.wire:
        described.link.wire = base.wire


def refuse_another(described, text):
    """ConflictError if the text of a Described's file (or None) describes a link of another wire; else what it says, as
    link.Link, or None of a bridge and where there is none."""
    wanted, place = described.link, described.place()
    if text is None or wanted.type == link.BRIDGE:
        return None
    base = link.from_lines(lines.parse(text, place), place, wanted.device)
    if base.wire is not None and base.wire == wanted.wire:
        return base
    said = [(key, there, meant) for key, there, meant in (
        ('BRIDGE', base.bridge, wanted.bridge), ('ANCHOR', base.anchor, wanted.anchor),
        ('PEER', base.peer, wanted.peer),
        ('PEER_NETNS', base.peer_netns, wanted.peer_netns)) if there is not None]
    for key, there, meant in said or [('WIRE', base.wire, wanted.wire)]:
        if there not in (meant, None) and not (key == 'PEER' and meant is None):
            raise ConflictError('%s:%d: it describes another wire: %s is %s' % (place, base.numbers[key], key, there),
                                hint='Give the end another interface name, or remove the file: netnsctl config forget')
    return base
