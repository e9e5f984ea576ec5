"""What wires have in common: those that have nothing in common can be made at the same time, by several processes.

All that one of them could find, or take from another, is a key: what shares one is made in its order.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge.netns import NETNS_DIR
from netnsctl.model import addressing, plan as planning
from netnsctl.model.links import item_of, kind_named
from netnsctl.model.names import default_name, may_be_pid

_LENT, _UPLINKS, _ROUTES = 'NICs that are lent', 'nat and published ports', 'routes of the host'


def keys_of(lines, options, presence):
    """The keys of each of the WireLines, which have canonical targets: list of lists; None for one that may have
    anything in common with any other. presence: resolving.Presence, which was asked ahead."""
    on_host = _OnHost(lines)
    return [_keys(line, options, on_host, presence) for line in lines]


class Opening(object):
    """Wires to one bridge that have no more in common than that bridge, once the first of them has made it: bridge
    (name), addresses (of the bridge), first (the place of that line), places (of all of them)."""

    def __init__(self, first, end):
        self.bridge, self.addresses, self.first, self.places = end.target.name, end.addresses, first, []
        self.shared = set([('link', self.bridge)])
        for address in end.addresses:
            self.shared.update([('network', addressing.network_of(address)), ('address', addressing.bare(address))])

    def keys_left(self, line, keys):
        """The keys that a line of it still has when the bridge is there."""
        far = [end for end in (line.a, line.b) if not end.target.is_on_host]
        return [key for key in keys if key not in self.shared] + [
            ('on', self.bridge, addressing.bare(address)) for end in far for address in end.addresses]


def openings(lines, keys_of):
    """The Openings of these lines: list. A bridge has none where a line wants more of it than the others do, or where
    its first line may have to wait for one before that."""
    found, owners, seen, spoiled = {}, {}, set(), set()
    ends = [_bare_bridge_end(line) for line in lines]
    for place, end in enumerate(ends):
        if end is not None and end.target.name not in found:
            opening = found[end.target.name] = Opening(place, end)
            for key in opening.shared:
                owners.setdefault(key, []).append(opening)
            if seen.intersection(keys_of[place]):
                spoiled.add(opening)
        seen.update(keys_of[place])
    for place, end in enumerate(ends):
        for opening in set(opening for key in keys_of[place] for opening in owners.get(key, ())):
            if end is not None and (end.target.name, end.addresses) == (opening.bridge, opening.addresses):
                opening.places.append(place)
            else:
                spoiled.add(opening)
    return sorted((opening for opening in found.values() if opening not in spoiled and len(opening.places) > 1),
                  key=lambda opening: opening.first)


def _bare_bridge_end(line):
    """The end (Endpoint) of a line that is a bridge and asks for nothing but addresses, joined to a namespace; or
    None."""
    for end, other in ((line.a, line.b), (line.b, line.a)):
        asked = ','.join(end.addresses)
        if (end.target.scheme == 'bridge' and not other.target.is_on_host and other.mtu is None
                and getattr(line, 'mtu', None) is None and str(end) == end.place() + (asked and '=' + asked)):
            return end
    return None


class _OnHost(object):
    """What the wires of a file bring to the host itself. links: names of links and bridges; addresses; networks: those
    of these addresses; has_routes: do any say where the host sends packets?"""

    def __init__(self, lines):
        self.links, self.addresses, self.networks, self.has_routes = set(), set(), set(), False
        for end in [end for line in lines for end in (line.a, line.b) if end.target.is_on_host]:
            self.links.update(name for name in (end.target.name, end.ifname) if name)
            self.addresses.update(addressing.bare(address) for address in end.addresses)
            self.networks.update(addressing.network_of(address) for address in end.addresses)
            self.has_routes = self.has_routes or bool(end.routes or end.gateways or end.rules)


def _keys(line, options, on_host, presence):
    ends = (line.a, line.b)
    if any(end.dhcp for end in ends):
        return None  # whose addresses are asked for at the end, all at once
    if options.pool is not None and not any(end.addresses or end.target.is_anchor for end in ends):
        return None
    keys = [line.name] if line.name else [default_name(*ends), default_name(*reversed(ends))]
    for end, other in (ends, reversed(ends)):
        more = _of_host(end, other, on_host) if end.target.is_on_host else _of_namespace(end.target, presence)
        if more is None:
            return None
        keys += more
    return keys


def _of_namespace(target, presence):
    """The namespaces that a Target may mean; None if that cannot be found out."""
    container = presence.asked(target)
    paths = ['/proc/%d/ns/net' % container.pid] if container else []
    if target.scheme in ('netns', None):
        paths.append('%s/%s' % (NETNS_DIR, target.name))
    if target.scheme == 'path':
        paths.append(target.name)
    if target.scheme == 'pid' or target.scheme is None and may_be_pid(target.name):
        paths.append('/proc/%s/ns/net' % target.name)
    keys = []
    for path in paths:
        try:
            status = os.stat(path)
            keys.append((status.st_dev, status.st_ino))
        except (EnvironmentError, TypeError, ValueError):
            pass
    # One that is not there yet can be called by its name alone; what makes it (`up`) makes it in one process.
    return keys or ([target] if target.scheme == 'netns' else None)


def _of_host(end, other, on_host):
    """What a wire with such an end, which is on the host, could share with another one there."""
    keys = [_UPLINKS] if end.has_uplink or other.has_uplink else []
    keys += [_ROUTES] if on_host.has_routes else []
    keys += [('link', end.ifname)] if end.ifname else []
    # The kernel prefers the first of two links that are in one network.
    keys += [('network', addressing.network_of(address)) for address in end.addresses]
    bare = [addressing.bare(address) for address in end.addresses + other.addresses]
    # The links of a bridge, or of a network, are together anyway; a host's own address is nobody else's anywhere.
    is_apart = end.target.is_anchor and not end.addresses
    keys += [('address', address) for address in bare if not is_apart or address in on_host.addresses]
    return keys + (_of_anchor(end, on_host) if end.target.is_anchor else [])


def _of_anchor(end, on_host):
    """A bridge, or a network that links hang on."""
    if not end.target.has_no_link:
        return [('link', end.target.name)]
    anchor = planning.End.of(end)
    kind, network = kind_named(anchor.kind), kind_named(anchor.kind).network(anchor)
    keys = [_LENT] if kind.lends else []
    keys += [('link', network)] if network else []
    keys += [('link', anchor.anchor)] if anchor.anchor else []
    # The way to the remotes, and the MTU of that, may be one that another wire makes; the address to send from too.
    keys += [('link', kind.needs(anchor))] if kind.needs(anchor) in on_host.links else []
    keys += [('address', local) for local in [item_of(anchor, 'local')] if local in on_host.addresses]
    return keys + [('network', network) for network in on_host.networks
                   if any(addressing.covers(network, remote) for remote, _ in kind.carriers(anchor))]
