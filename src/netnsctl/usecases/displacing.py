"""Routes that stand where a wire's have to go: with --replace, and for `up`, they give way and come back later."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink.reading import RT_TABLE_MAIN
from netnsctl.errors import ConflictError
from netnsctl.model import addressing, operations
from netnsctl.usecases import records


def find(wiring, ends):
    """Settles which routes a resolved Wiring displaces, in its plan.Ends. ConflictError where one is another wire's, or
    could not be brought back with unwire.

    Without --replace nobody looks: the kernel refuses the second route to one destination by itself.
    """
    for at, end in enumerate(ends):
        wanted = set((route.dst, route.metric or (1024 if ':' in route.dst else 0), route.table or RT_TABLE_MAIN)
                     for route in end.wanted_routes(ends[1 - at]))
        rtnl = wiring.opened[at].rtnl()
        clashes = [route for route in rtnl.routes(table=None) if (route.dst, route.metric, route.table) in wanted]
        names = dict((link.index, link.name) for link in rtnl.links()) if clashes else {}
        for route in clashes:
            _refuse_wires_route(wiring, at, end, route)
            if route.index not in names:
                raise ConflictError('%s: the route to %s that is in the way has several next hops'
                                    % (end.label, route.dst),
                                    hint='Such a one cannot be displaced and brought back: take it away by hand.')
        end.displaced = tuple(_as_operation(end.ns, names[route.index], route) for route in clashes)


def _refuse_wires_route(wiring, at, end, route):
    """ConflictError where an reading.Route that is in the way is another wire's: neither could ever stand."""
    for record in wiring.session.recorded():
        name = record['name']
        if name == wiring.name or wiring.known is not None and name == wiring.known['name']:
            continue
        for other in record['ends']:
            if other['index'] == route.index and wiring.opened[at].is_the_same_as(record['netns'][other['ns']]):
                raise ConflictError('%s: the route to %s is in the way of that of the wire %s, and belongs to the '
                                    'wire %s (%s)' % (end.label, route.dst, wiring.name, name, records.place(other)),
                                    hint='Only one of them can have it, unless they differ in their metrics.')


def _as_operation(ns, dev, route):
    """The add-route that makes an edge.netlink.reading.Route anew."""
    found = operations.AddRoute(ns, dev, route.dst, route.via, route.metric or None, route.src, route.protocol, None,
                                None if route.table == RT_TABLE_MAIN else route.table, route.onlink or None, route.mtu)
    if ':' in route.dst or route.scope == found.scope_number():
        return found
    return operations.AddRoute(**dict(found.__dict__, scope=addressing.scope_name(route.scope)))


def tell(session, name, ends):
    """Nobody may wonder where a route went."""
    for end in ends:
        for route in end.displaced:
            session.notices.append('%s: the route to %s gave way to the wire %s, and comes back when that is taken away'
                                   % (end.label, ' '.join(route.words()), name))
