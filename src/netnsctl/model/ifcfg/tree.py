"""From the files of the tree to the wires that they describe: each once, whether one end describes it or both."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.ifcfg import spaces
from netnsctl.model.ifcfg.link import BRIDGE, DHCP

HOST = Target(spaces.HOST, '')


class Interface(object):
    """An ifcfg file with its route and rule files. space: the folder's name; target: what it stands for; link:
    link.Link; place: the file; routes, rules: as Endpoint has them."""
    __slots__ = ('space', 'target', 'link', 'place', 'routes', 'rules')

    def __init__(self, space, link, place, routes=(), rules=()):
        self.space, self.target, self.link, self.place = space, spaces.target_of(space), link, place
        self.routes, self.rules = tuple(routes), tuple(rules)

    @property
    def key(self):
        return self.target, self.link.device

    def where(self, *keys):
        """FILE:LINE of the first of these keys that stands in it, or the file."""
        for key in keys:
            if key in self.link.numbers:
                return '%s:%d' % (self.place, self.link.numbers[key])
        return self.place


class Problem(object):
    """What keeps a wire from being made. message: 'FILE:LINE: reason'. spaces: names of the folders it is about."""
    __slots__ = ('message', 'spaces')

    def __init__(self, message, *names):
        self.message, self.spaces = message, tuple(sorted(set(names)))


class SavedWire(object):
    """A wire of the tree. name: as WIRE= says, or None. ends: two Endpoints. interfaces: the Interface of each end, or
    None. onboot: is it brought up at boot? dhcp: for each end, has it its address by DHCP?"""
    __slots__ = ('name', 'ends', 'interfaces', 'onboot')

    def __init__(self, name, ends, interfaces):
        self.name, self.ends, self.interfaces = name, tuple(ends), tuple(interfaces)
        self.onboot = all(item.link.onboot for item in interfaces if item is not None)

    @property
    def spaces(self):
        """Names of the folders that it has to do with."""
        return tuple(sorted(set(spaces.space_of(end.target) for end in self.ends)))

    @property
    def dhcp(self):
        return tuple(item is not None and item.link.bootproto == DHCP for item in self.interfaces)

    def where(self, *keys):
        """FILE:LINE of it: in the first file that has one of the keys, or the first file."""
        files = [item for item in self.interfaces if item is not None]
        for item in files:
            if any(key in item.link.numbers for key in keys):
                return item.where(*keys)
        return files[0].place


class Tree(object):
    """wires: list of SavedWire. problems: list of Problem. interfaces: list of Interface."""
    __slots__ = ('wires', 'problems', 'interfaces')

    def __init__(self, interfaces, problems=()):
        self.interfaces, self.problems, self.wires = list(interfaces), list(problems), []


def build(interfaces, problems=()):
    """The Tree of these files. problems: of files that could not be read; more come from files that do not fit."""
    found = Tree(interfaces, problems)
    by_key = dict((item.key, item) for item in interfaces)
    done = set()
    for item in sorted(interfaces, key=lambda one: (one.space == spaces.HOST, one.space, one.link.device)):
        if item.link.type == BRIDGE or item.key in done:
            continue
        done.add(item.key)
        try:
            refuse_own_netns(item)
            wire = _wire_of(item, by_key)
        except UsageError as error:
            found.problems.append(Problem(error.message, item.space))
            continue
        done.update(other.key for other in wire.interfaces if other is not None)
        found.wires.append(wire)
    _refuse_repeats(found)
    return found


def refuse_own_netns(item):
    """UsageError where NETNS says something else than the folder does."""
    if item.link.netns is not None and item.link.netns != item.target:
        raise UsageError('%s: NETNS is %s, and the folder stands for %s' % (item.where('NETNS'), item.link.netns,
                                                                            item.target))


def _wire_of(item, by_key):
    """The SavedWire that an Interface is an end of. UsageError names both files where they contradict each other."""
    if item.link.bridge is not None and item.target != HOST:
        if item.link.peer_netns not in (None, HOST):
            raise UsageError('%s: PEER_NETNS is %s, and the other end of what is plugged into a bridge is on the host'
                             % (item.where('PEER_NETNS'), item.link.peer_netns))
        return SavedWire(item.link.wire, (_endpoint(item, by_key), _bridge_end(item, by_key)), (item, None))
    peer = _peer_of(item, by_key)
    if peer is None:
        other = Endpoint(item.link.peer_netns or HOST, item.link.peer)
        if other.target == HOST and item.target == HOST:
            raise UsageError('%s: no PEER_NETNS says where the other end is, and no file speaks of this one'
                             % item.place)
        return SavedWire(item.link.wire, (_endpoint(item, by_key), other), (item, None))
    refuse_own_netns(peer)
    _refuse_contradiction(item, peer)
    return SavedWire(item.link.wire or peer.link.wire, (_endpoint(item, by_key), _endpoint(peer, by_key)), (item, peer))


def _peer_of(item, by_key):
    """The Interface of the other end, or None where no file describes it."""
    if item.link.peer is not None:
        peer = by_key.get((item.link.peer_netns or HOST, item.link.peer))
        if peer is not None and peer.link.type != BRIDGE:
            return peer
    claims = [other for other in by_key.values() if other.link.peer == item.link.device
              and (other.link.peer_netns or HOST) == item.target and other.key != item.key]
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
    """UsageError where two ends do not say the same of each other."""
    for one, other in ((item, peer), (peer, item)):
        for key, said, meant in (('PEER', one.link.peer, other.link.device),
                                 ('PEER_NETNS', one.link.peer_netns, other.target)):
            if said is not None and said != meant:
                raise UsageError('%s: %s is %s, and %s is the other end of it, which is %s' % (
                    one.where(key), key, said, other.where('PEER', 'PEER_NETNS'), meant))
    if item.link.wire and peer.link.wire and item.link.wire != peer.link.wire:
        raise UsageError('%s: WIRE is %s, and %s says %s' % (item.where('WIRE'), item.link.wire, peer.where('WIRE'),
                                                             peer.link.wire))


def _endpoint(item, by_key):
    """What a file asks for, as an Endpoint."""
    link = item.link
    if link.bridge is not None and item.target == HOST:
        # A port of a bridge, described by itself: the addresses are the bridge's.
        end = _bridge_end(item, by_key)
        end.ifname = link.device
        end.mac, end.mtu = link.mac, link.mtu
        return end
    gateways = [link.gateway6] if link.gateway6 else []
    routes = list(item.routes)
    if link.gateway and link.defroute:
        if link.metric is None and link.srcaddr is None:
            gateways.insert(0, link.gateway)
        else:
            routes.insert(0, addressing.Route('0.0.0.0/0', link.gateway, metric=link.metric, src=link.srcaddr))
    end = Endpoint(item.target, link.device, link.addresses + link.addresses6, gateways, link.mac, link.mtu, routes)
    end.scope, end.rules = link.scope, item.rules
    return end


def _bridge_end(item, by_key):
    """The bridge that a link is plugged into, with the addresses that its own file gives it."""
    name = item.link.bridge
    bridge = by_key.get((HOST, name))
    if bridge is not None and bridge.link.type != BRIDGE:
        raise UsageError('%s: BRIDGE is %s, and %s is no bridge (TYPE=Bridge)' % (item.where('BRIDGE'), name,
                                                                                  bridge.where('TYPE')))
    port = item.link.peer if item.target != HOST else None
    addresses = bridge.link.addresses + bridge.link.addresses6 if bridge is not None else ()
    return Endpoint(Target('bridge', name), port, addresses)


def _refuse_repeats(found):
    """Two wires of one name, or one end of two wires: neither is made, and both files are named."""
    named, ends = {}, {}
    for wire in found.wires:
        if wire.name:
            named.setdefault(wire.name, []).append(wire)
        for end in wire.ends:
            if end.ifname:
                ends.setdefault((end.target if end.target.scheme != 'bridge' else HOST, end.ifname), []).append(wire)
    bad = [('the wire %s' % name, wires, 'WIRE') for name, wires in named.items() if len(wires) > 1]
    bad += [('%s:%s' % key, wires, 'PEER') for key, wires in ends.items() if len(wires) > 1]
    for what, wires, key in sorted(bad, key=lambda row: row[0]):
        names = [space for wire in wires for space in wire.spaces]
        found.problems.append(Problem('%s: %s is described again at %s' % (
            wires[1].where(key), what, wires[0].where(key)), *names))
        found.wires = [wire for wire in found.wires if wire not in wires]
