"""Routes in the place of a wire's routes: with --replace, and for `up`, they are displaced and restored later."""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge.netlink.reading import ALL_KINDS, RT_TABLE_MAIN, leading_to
from netnsctl.errors import ConflictError
from netnsctl.model import operations
from netnsctl.model.route import scope_name
from netnsctl.usecases.recorded import existing


def find(wiring, ends):
    """Settles which routes a resolved Wiring displaces, in its plan.Ends. ConflictError if one is another wire's, or
    could not be brought back with unwire.

    Without --replace nothing is looked up: the kernel itself refuses a second route to the same destination.
    """
    for at, end in enumerate(ends):
        wanted = set((route.dst, route.metric or (1024 if ':' in route.dst else 0), route.table or RT_TABLE_MAIN,
                      route.tos or 0) for route in end.wanted_routes(ends[1 - at]) + end.host_routes())
        rtnl = wiring.opened[at].rtnl()
        only = leading_to(set(dst for dst, _, _, _ in wanted))
        families = set(socket.AF_INET6 if ':' in dst else socket.AF_INET for dst, _, _, _ in wanted)
        clashes = [route for family in sorted(families)
                   for route in rtnl.routes(family, table=None, kinds=ALL_KINDS, only=only)
                   if (route.dst, route.metric, route.table, route.tos) in wanted
                   and (wiring.opened[at].key, route.index) not in wiring.planned.gone_links]
        if not clashes:
            continue
        links = [rtnl.link(index=route.index) for route in clashes if route.index is not None]
        names = dict((link.index, link.name) for link in links if link is not None)
        going = [step.dst for step in end.host_steps if step.verb == 'delete-route']  # of lost wires
        clashes = [route for route in clashes if route.dst not in going
                   and not _goes_with_the_old_one(wiring, end, route)]
        for route in clashes:
            _refuse_wires_route(wiring, at, end, route)
            if route.index not in names and route.dead_end is None:
                raise ConflictError('%s: the route to %s that is in the way has several next hops'
                                    % (end.label, route.dst),
                                    hint='Such a route cannot be displaced and restored: remove it by hand.')
        end.displaced = tuple(_as_operation(end.ns, names.get(route.index), route) for route in clashes)


def _refuse_wires_route(wiring, at, end, route):
    """ConflictError if a reading.Route that is in the way belongs to another wire."""
    record, other = _wire_with(wiring, wiring.opened[at], route)
    if record is not None:
        raise ConflictError('%s: the route to %s is in the way of that of the wire %s, and belongs to the '
                            'wire %s (%s)' % (end.label, route.dst, wiring.name, record.name, other.place),
                            hint='Only one of them can have it, unless their metrics differ.')


def _wire_with(wiring, opened, route):
    """(the record of the wire that a reading.Route in a Netns belongs to, its end there), or (None, None)."""
    is_hosts = opened.key == wiring.session.home.key
    for record in wiring.session.recorded():
        if wiring.is_about(record.name):
            continue
        for end in record.ends:
            is_its = end.index == route.index or route.dead_end and _has_dead_end(record, end, route)
            if is_its and opened.is_the_same_as(record.identity(end)):
                return record, end
        if is_hosts and _has_on_host(wiring, record, route):
            return record, [end for end in record.ends if end.ns == 'host'][0]
    return None, None


def _goes_with_the_old_one(wiring, end, route):
    """Is a reading.Route of the host over a link that wires share that of the wire which is replaced?"""
    return end.ns == 'host' and any(_has_on_host(wiring, record, route) for record in wiring.session.recorded()
                                    if wiring.is_about(record.name))


def _has_on_host(wiring, record, route):
    """Did a recorded wire make a reading.Route of the host over a link that is no end of it: a bridge, or the host's
    macvlan?"""
    made = [step for step in record.planned('add-route') if (step.ns, step.dst) == ('host', route.dst) and step.dev]
    link = wiring.session.home.rtnl().link(index=route.index) if made and route.index is not None else None
    return link is not None and any(
        (step.dev, step.metric_number(), step.table or RT_TABLE_MAIN, step.tos or 0)
        == (link.name, route.metric, route.table, route.tos) for step in made)


def way_out(wiring, error):
    """Gives a ConflictError that a link or a route is there already the hint that helps."""
    step = error.operation
    if step is None or error.hint is not None:
        return
    if step.verb != 'add-route':
        record, end = existing.holder(wiring)
        if record is not None:
            error.hint = '%s is an end of the wire %s.\nnetnsctl unwire %s' % (end.place, record.name, record.name)
        return
    if wiring.options.replace:
        return
    opened = wiring.namespaces()[step.ns]
    for route in opened.rtnl().routes(table=step.table or RT_TABLE_MAIN, kinds=ALL_KINDS, only=leading_to([step.dst])):
        if (route.dst, route.metric, route.tos) == (step.dst, step.metric_number(), step.tos or 0):
            record, end = _wire_with(wiring, opened, route)
            if record is not None:
                error.hint = ('It belongs to the wire %s (%s): only one of them can have it, unless their metrics '
                              'differ.\nnetnsctl unwire %s' % (record.name, end.place,
                                                                      record.name))
            elif route.index is None and route.dead_end is None:
                error.hint = 'Such a route cannot be displaced and restored: remove it by hand.'
            else:
                error.hint = '--replace displaces it until unwire.'
            return


def _has_dead_end(record, end, route):
    """Did a recorded wire make a route that leads nowhere, and belongs to no link, at that end of it?"""
    return any(step.verb == 'add-route' and step.type and (step.ns, step.dst) == (end.ns, route.dst)
               for step in record.plan_operations())


def _as_operation(ns, dev, route):
    """The add-route that makes an edge.netlink.reading.Route again."""
    from netnsctl.model import route_words  # nothing is in the way of most wires
    kind, options = route.dead_end, route_words.options_of(route.metrics)
    found = operations.AddRoute(
        ns, None if kind else dev, route.dst, route.via, route.metric or None, route.src, route.protocol, None,
        None if route.table == RT_TABLE_MAIN else route.table, route.onlink or None,
        None if 'mtu lock' in (options or '') else route.mtu, kind, route.tos or None, route.realms or None, options,
        ' '.join('nexthop via %s weight %d%s' % (address, weight, ' onlink' if onlink else '')
                 for address, weight, onlink in route.gateways) or None)
    if ':' in route.dst or route.scope == found.scope_number():
        return found
    return operations.AddRoute(**dict(found.__dict__, scope=scope_name(route.scope)))


def tell(session, name, ends):
    """A notice says where a route went."""
    for end in ends:
        for route in end.displaced:
            session.notices.append('%s: the route to %s was displaced by the wire %s, and is restored when that is '
                                   'removed' % (end.label, ' '.join(route.words()), name))
