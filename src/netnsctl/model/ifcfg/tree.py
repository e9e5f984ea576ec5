"""From the files of the tree to the wires that they describe: each once, whether one end describes it or both."""
from __future__ import absolute_import, division, print_function

from itertools import islice

from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.features import uplink
from netnsctl.model.ifcfg import spaces
from netnsctl.model.ifcfg.fitting import leave_to_others, refuse_unfit, shares_network
from netnsctl.model.ifcfg.interface import HOST, Unread, refuse_misplaced, refuse_source
from netnsctl.model.ifcfg.link import BRIDGE, DHCP, OVSPORT


class Problem(object):
    """What keeps a wire from being made. message: 'FILE:LINE: reason'. spaces: names of the directories it is about.
    is_unread: has this process or the disk failed to read it?"""
    __slots__ = ('message', 'spaces', 'is_unread')

    def __init__(self, message, *names, **more):
        self.message, self.spaces = message, tuple(sorted(set(names)))
        self.is_unread = more.get('is_unread', False)


class SavedWire(object):
    """A wire of the tree. name: as WIRE= says, or None. ends: two Endpoints. interfaces: the Interface of each end, or
    None; bridges: that of the bridge that an end is, or None. spaces: names of the directories that it has to do with.
    onboot: is it brought up at boot? dhcp: for each end, has it its address by DHCP? left: for each end, the addresses
    of the bridge that it is which are left to other wires of that."""
    __slots__ = ('name', 'ends', 'interfaces', 'bridges', 'spaces', 'onboot', 'left')

    def __init__(self, name, ends, interfaces, bridges=(None, None), folders=None):
        self.name, self.ends, self.interfaces = name, tuple(ends), tuple(interfaces)
        self.bridges, self.left = tuple(bridges), ((), ())
        self.spaces = tuple(sorted(set(
            item.space if item is not None else (folders or {}).get(end.target) or spaces.space_of(end.target)
            for end, item in zip(ends, interfaces))))
        self.onboot = all(item.link.onboot for item in interfaces if item is not None)

    def turned(self):
        """The same wire with its ends in the other order."""
        found = SavedWire(self.name, self.ends[::-1], self.interfaces[::-1], self.bridges[::-1])
        found.spaces, found.left = self.spaces, self.left[::-1]
        return found

    @property
    def dhcp(self):
        return tuple(item is not None and item.link.bootproto == DHCP for item in self.interfaces)

    @property
    def sets_mtu_of_bridge(self):
        """Does it plug a link into a bridge that others which are made later take their MTU from: a VXLAN, or a port
        with an MTU of its own?"""
        return any(end.target.scheme == 'bridge' and (end.mtu or other.target.has_no_link)
                   for end, other in (self.ends, self.ends[::-1]))

    def file_of(self, at):
        """The Interface that gives an end its addresses: of the bridge that it is, or its own; None if none does."""
        return self.bridges[at] if self.ends[at].target.scheme == 'bridge' else self.interfaces[at]

    def where(self, *keys):
        """FILE:LINE of it: in the first file that has one of the keys, or the first file."""
        files = [item for item in self.interfaces if item is not None]
        for item in files:
            if any(key in item.link.numbers for key in keys):
                return item.where(*keys)
        return files[0].place


class Tree(object):
    """wires: list of SavedWire. problems: list of Problem. interfaces: list of Interface. left: [(directory, 'FILE:
    why')] of the files that are left alone."""
    __slots__ = ('wires', 'problems', 'interfaces', 'left')

    def __init__(self, interfaces, problems=(), left=()):
        self.interfaces, self.problems, self.wires, self.left = list(interfaces), list(problems), [], list(left)


class _Files(object):
    """What a wire is looked for in. by_key: {(Target, device): Interface}; unread: list of Unread; folders: {Target:
    name of its directory}."""

    def __init__(self, interfaces, unread):
        self.by_key = dict((item.key, item) for item in interfaces)
        self.folders = dict((item.target, item.space) for item in interfaces)
        self._naming = {}  # {(Target, device) that files name as their other end: those Interfaces}
        for item in interfaces:
            if item.link.peer is not None and item.link.type != OVSPORT:
                self._naming.setdefault((item.link.peer_netns or HOST, item.link.peer), []).append(item)
        self.unread = list(unread)
        self._plugged, self._takers = {}, {}  # {name of a bridge: Interfaces}; {(bridge, VLAN, address): keys of links}
        for item in interfaces:
            if item.link.bridge is not None:
                self._plugged.setdefault(item.link.bridge, []).append(item)

    def takers(self, bridge, address):
        """The keys of links that are plugged into a bridge (its Interface), and that share a network with an address of
        it: list, of no more than the first three."""
        key = bridge.link.device, bridge.link.tag, address
        if key not in self._takers:
            self._takers[key] = list(islice((
                item.key for item in self._plugged.get(bridge.link.device, ()) if item.link.tag == bridge.link.tag
                and shares_network(address, self._behind(item))), 3))
        return self._takers[key]

    def _behind(self, item):
        """The Interface that has the addresses at the other end of a bridge's port: of the port's file, its peer's."""
        if item.target != HOST:
            return item
        peer = self.by_key.get((item.link.peer_netns or HOST, item.link.peer), item)
        return self.by_key.get((HOST, peer.link.bridge), peer) if peer.target == HOST and peer is not item else peer

    def claims(self, item):
        """The Interfaces that say that their other end is that one: list."""
        return [other for other in self._naming.get(item.key, ()) if other.key != item.key]


def build(interfaces, problems=(), unread=(), left=()):
    """The Tree of these files. problems: of files that could not be read, which are the Unreads; more come from files
    that do not fit. left: as Tree has it.

    A wire that a bad file may have a part in is a Problem and no wire: made of the rest, it would be another one.
    """
    found = Tree(interfaces, problems, left)
    usable, bad = _parted(interfaces, found.problems)
    files, done = _Files(usable, list(unread) + bad), set()
    for item in sorted(usable, key=lambda one: (one.space == spaces.HOST, one.space, one.link.device)):
        if item.link.type == BRIDGE or item.key in done:
            continue
        done.add(item.key)
        names = [item.space]
        try:
            _refuse_half(item, files, names)
            wire = _wire_of(item, files)
            _refuse_same_end(wire)
            done.update(other.key for other in wire.interfaces if other is not None)
            names = list(wire.spaces)
            for other in wire.interfaces[1:]:
                if other is not None:
                    _refuse_half(other, files, names)
            _leave_to_others(wire, files)
            refuse_unfit(wire)
        except UsageError as error:
            found.problems.append(Problem(error.message, *names))
            continue
        found.wires.append(_in_order(wire))
    _refuse_repeats(found)
    return found


def _leave_to_others(wire, files):
    own = [item.key for item in wire.interfaces if item is not None]
    leave_to_others(wire, lambda at, address: any(key not in own for key in files.takers(wire.bridges[at], address)))


def _parted(interfaces, problems):
    """(the Interfaces that fit by themselves, Unreads of the others), whose Problems are added to problems."""
    usable, bad, known = [], [], {}
    for item in interfaces:
        known.setdefault(item.target, set()).update(item.addresses)
    for item in interfaces:
        try:
            refuse_misplaced(item)
            refuse_source(item, known[item.target])
            usable.append(item)
        except UsageError as error:
            problems.append(Problem(error.message, item.space))
            peer = None if item.link.peer is None else (item.link.peer_netns or HOST, item.link.peer)
            bad.append(Unread(item.space, item.link.device, item.place, peer))
    return usable, bad


def _refuse_same_end(wire):
    one, other = wire.interfaces
    if other is not None and one.link.wire_end is not None and one.link.wire_end == other.link.wire_end:
        raise UsageError('%s: WIRE_END is %d here and at %s' % (one.where('WIRE_END'), one.link.wire_end,
                                                                     other.where('WIRE_END')))


def _in_order(wire):
    """A SavedWire with its ends in the order that WIRE_END says."""
    one, other = wire.interfaces
    is_second = one.link.wire_end == 2 or other is not None and other.link.wire_end == 1
    return wire.turned() if is_second else wire


def _refuse_half(item, files, names):
    """UsageError if a file that could not be used may have a part in an Interface's wire; its directory is added to
    names."""
    link = item.link
    claimed = bool(files.claims(item))
    for bad in files.unread:
        if link.bridge is not None and bad.is_of(HOST, link.bridge):
            key, what = 'BRIDGE', 'its bridge'
        elif link.peer is not None and bad.is_of(link.peer_netns or HOST, link.peer):
            key, what = 'PEER', 'its other end'
        elif link.peer is None and not claimed and bad.device is not None and bad.may_name(item):
            key, what = 'PEER_NETNS', 'what may be its other end'
        else:
            continue
        names.append(bad.space)
        raise UsageError('%s: left as it is: %s is in a file that cannot be used, %s' % (
            item.where(key, 'WIRE'), what, bad.place))


def _wire_of(item, files):
    """The SavedWire that an Interface is an end of. UsageError names both files where they contradict each other."""
    is_plugged = item.link.bridge is not None and item.target != HOST
    if is_plugged and item.link.peer_netns not in (None, HOST):
        raise UsageError('%s: PEER_NETNS is %s, but the other end of what is plugged into a bridge is on the host'
                         % (item.where('PEER_NETNS'), item.link.peer_netns))
    peer = None if item.link.type == OVSPORT else _peer_of(item, files)  # the port has no file
    if peer is not None:
        _refuse_contradiction(item, peer)
        other = _endpoint(peer, files.by_key)
    elif is_plugged:
        other = _bridge_end(item, files.by_key)
    elif item.link.anchor is not None:
        other = endpoint.parse(item.link.anchor)
        other.ifname = item.link.peer
    else:
        if not (item.link.numbers or item.aliases or item.rows):
            raise UsageError('%s: it is empty, and no other file names it as the other end of its wire' % item.place)
        other = Endpoint(item.link.peer_netns or HOST, item.link.peer)
        if other.target == HOST and item.target == HOST:
            raise UsageError('%s: no PEER_NETNS says where the other end is, and no other file mentions this one'
                             % item.place)
    ends = (_endpoint(item, files.by_key), other)
    _check_uplink(item, ends)
    bridges = [files.by_key.get((HOST, end.target.name)) if end.target.scheme == 'bridge' else None for end in ends]
    return SavedWire(item.link.wire or peer and peer.link.wire, ends, (item, peer), bridges, files.folders)


def _check_uplink(item, ends):
    """UsageError names a file where nat or published ports cannot be."""
    if any(end.has_uplink for end in ends):
        try:
            for end in ends:
                for key, value in end.data:
                    if key in uplink.WORDS + uplink.KEYS:
                        uplink.read_item(end.target, key, value)
            uplink.check(*ends)
        except UsageError as error:
            raise UsageError('%s: %s' % (item.where(
                'PUBLISH', 'PUBLISH_LOCALHOST', 'NAT', 'FORWARD_OPEN', 'BRIDGE'), error.message))


def _peer_of(item, files):
    """The Interface of the other end, or None if no file describes it."""
    if item.link.peer is not None:
        peer = files.by_key.get((item.link.peer_netns or HOST, item.link.peer))
        if peer is not None and peer.link.type != BRIDGE:
            return peer
    claims = files.claims(item)
    if len(claims) > 1:
        raise UsageError('%s and %s both say that their other end is %s of %s' % tuple(
            sorted(one.where('PEER') for one in claims)[:2] + [item.link.device, item.target]))
    if claims and item.link.peer is None and item.link.peer_netns in (None, claims[0].target):
        return claims[0]
    if claims:
        raise UsageError('%s: its other end is %s of %s, and %s says that it is %s of %s' % (
            item.where('PEER', 'PEER_NETNS'), item.link.peer or 'any link', item.link.peer_netns or HOST,
            claims[0].where('PEER'), claims[0].link.device, claims[0].target))
    return None


def _refuse_contradiction(item, peer):
    """UsageError if two ends do not say the same of each other."""
    for one, other in ((item, peer), (peer, item)):
        for key, said, meant in (('PEER', one.link.peer, other.link.device),
                                 ('PEER_NETNS', one.link.peer_netns, other.target)):
            if said is not None and said != meant:
                raise UsageError('%s: %s is %s, but its other end at %s is %s' % (
                    one.where(key), key, said, other.where('PEER', 'PEER_NETNS'), meant))
    if item.link.bridge is not None and item.target != HOST and peer.link.bridge != item.link.bridge:
        raise UsageError('%s: BRIDGE is %s, but its other end at %s %s' % (
            item.where('BRIDGE'), item.link.bridge, peer.where('BRIDGE', 'PEER'),
            'is plugged into %s' % peer.link.bridge if peer.link.bridge else 'is plugged into no bridge'))
    if item.link.bridge is not None and item.target != HOST and peer.link.tag != item.link.tag:
        raise UsageError('%s: the VLAN is %s, but its other end at %s has %s' % (
            item.where('BRIDGE_PORT_VLANS', 'BRIDGE'), item.link.tag or 'none',
            peer.where('BRIDGE_PORT_VLANS', 'BRIDGE'), peer.link.tag or 'none'))
    if item.link.wire and peer.link.wire and item.link.wire != peer.link.wire:
        raise UsageError('%s: WIRE is %s, but %s says %s' % (item.where('WIRE'), item.link.wire, peer.where('WIRE'),
                                                             peer.link.wire))


def _endpoint(item, by_key):
    """What a file asks for, as an Endpoint."""
    link = item.link
    if link.bridge is not None and item.target == HOST:
        # A port of a bridge, described by itself: the addresses are the bridge's.
        end = _bridge_end(item, by_key)
        end.ifname = link.device
        end.mac, end.mtu, end.shaping = link.mac, link.mtu, link.shaping
        return end
    gateways = [link.default_gateway6] if link.default_gateway6 else []
    routes = list(item.routes)
    default = link.default_route(item.gateway)
    if default is not None and default.is_plain() and default.via:
        gateways.insert(0, default.via)
    elif default is not None:
        routes.insert(0, default)
    end = Endpoint(item.target, link.device, item.addresses, gateways, link.mac, link.mtu, routes)
    end.scope, end.rules, end.dhcp, end.shaping = link.scope, item.rules, link.bootproto == DHCP, link.shaping
    end.data = link.uplink
    end.ipv6 = link.ipv6 or any(':' in address for address in item.addresses)  # they are taken with IPV6INIT=yes alone
    return end


def _bridge_end(item, by_key):
    """The bridge that a link is plugged into, with the addresses that its own file gives it."""
    name = item.link.bridge
    bridge = by_key.get((HOST, name))
    if bridge is not None and bridge.link.type != BRIDGE:
        raise UsageError('%s: BRIDGE is %s, and %s is not a bridge (no TYPE=Bridge)' % (item.where('BRIDGE'), name,
                                                                                  bridge.where('TYPE')))
    port = item.link.peer if item.target != HOST else None
    # Those of a bridge are in one VLAN.
    addresses = bridge.addresses if bridge is not None and bridge.link.tag == item.link.tag else ()
    end = Endpoint(Target('bridge', name), port, addresses)
    end.ipv6 = any(':' in address for address in addresses) or bridge is not None and bridge.link.ipv6
    end.data = ((('tag', item.link.tag),) if item.link.tag else ()) + (item.link.uplink if item.target == HOST else ())
    # nat is of the addresses, and a bridge says `open` for all of its wires.
    words = () if bridge is None else [pair for pair in bridge.link.uplink if addresses or pair[0] != 'nat']
    end.data = tuple(sorted(set(end.data).union(words)))
    return end


def _refuse_repeats(found):
    """Two wires of one name, or one end of two wires: neither is made, and both files are named."""
    named, ends = {}, {}
    for wire in found.wires:
        if wire.name:
            named.setdefault(wire.name, []).append(wire)
        for end in wire.ends:
            if end.ifname:
                ends.setdefault((HOST if end.target.is_anchor else end.target, end.ifname), []).append(wire)
    bad = [('the wire %s' % name, wires, 'WIRE') for name, wires in named.items() if len(wires) > 1]
    bad += [('%s:%s' % key, wires, 'PEER') for key, wires in ends.items() if len(wires) > 1]
    for what, wires, key in sorted(bad, key=lambda row: row[0]):
        names = [space for wire in wires for space in wire.spaces]
        found.problems.append(Problem('%s: %s is described again at %s' % (
            wires[1].where(key), what, wires[0].where(key)), *names))
        found.wires = [wire for wire in found.wires if wire not in wires]
