"""Conflicts between two files of the tree: over a route of a namespace, or an address of a bridge."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing
from netnsctl.model.route import Route


def find(wires):
    """Of SavedWires: list of text 'FILE:LINE: what', each with the place of the other."""
    return _routes(wires) + _addresses(wires)


def _routes(wires):
    """The kernel tells routes apart by destination, table, metric and tos; of two equal ones it refuses the second."""
    first, found = {}, []
    for wire in wires:
        for end, item in zip(wire.ends, wire.interfaces):
            if item is None or end.target.scheme == 'bridge':
                continue
            gateways = [Route('::/0' if ':' in gateway else '0.0.0.0/0', gateway) for gateway in end.gateways]
            for route in gateways + list(end.routes):
                where = item.rows.get(route) or item.where('IPV6_DEFAULTGW' if ':' in route.dst else 'GATEWAY')
                key = (end.target, route.dst, route.table, route.metric or 0, route.tos or 0)
                other, wires_own = first.setdefault(key, (where, wire))
                if wires_own is not wire:
                    what = 'default route' if route.dst in ('0.0.0.0/0', '::/0') else 'route to %s' % route.dst
                    found.append('%s: %s has another %s with the same metric: %s: only one of them can be made' % (
                        where, end.target, what, other))
    return found


def _addresses(wires):
    """Several wires may give a bridge its own address; any other address on it belongs to one link."""
    first, found = {}, []
    for wire in wires:
        for at in (0, 1):
            bridge = [(end.target.name, end.data) for end in wire.ends if end.target.scheme == 'bridge'][:1]
            for address in wire.ends[at].addresses if bridge else ():
                file_of = wire.file_of(at)
                where = file_of.where_address(address) if file_of is not None else wire.where('PEER', 'WIRE')
                other = first.setdefault((bridge[0], addressing.bare(address)), where)
                if other != where:
                    found.append('%s: the address %s is given twice on the bridge %s: %s' % (
                        where, addressing.bare(address), bridge[0][0], other))
    return found
