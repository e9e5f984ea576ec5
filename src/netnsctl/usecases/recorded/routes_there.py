"""A route of a wire held against those that there are."""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge.netlink.reading import RT_TABLE_MAIN, leading_to
from netnsctl.errors import NetnsctlError
from netnsctl.model.route import scope_name


def remark(wanted, index, routes):
    """How an add-route is not what there is, or None. What was not asked for may be anything, but for the metric."""
    found = routes.get((index, wanted.dst, wanted.table or RT_TABLE_MAIN), ())
    differing = [_difference(wanted, route) for route in found]
    if None in differing:
        return None
    where = wanted.dst if wanted.table is None else '%s in the table %d' % (wanted.dst, wanted.table)
    # One of another gateway or metric may stand beside it; only alone it is what became of it.
    if len(differing) == 1:
        return 'the route to %s has %s' % (where, differing[0])
    return 'lacks the %sroute to %s' % (wanted.type + ' ' if wanted.type else '', where)


def _difference(wanted, route):
    """'the metric 7, not 5' of the first of its attributes that is not as wanted, or None."""
    checks = [('via', wanted.via, route.via), ('metric', wanted.metric_number(), route.metric),
              ('tos', wanted.tos or 0, route.tos)]
    if wanted.type or wanted.options or wanted.nexthops:
        checks += _rare_checks(wanted, route)
    for key in ('src', 'mtu', 'onlink', 'protocol', 'realms'):
        if wanted.__dict__[key] is not None:
            checks.append((key, wanted.__dict__[key], getattr(route, key)))
    if wanted.scope is not None:
        checks.append(('scope', wanted.scope, scope_name(route.scope)))
    for key, mine, theirs in checks:
        if mine != theirs:
            return 'the %s %s, not %s' % (key, 'none' if theirs is None else theirs, 'none' if mine is None else mine)
    return None


def require_gateways(steps, namespaces):
    """NetnsctlError where an IPv4 route by a gateway of IPv6 is there without it: before Linux 5.2 the kernel passes
    over RTA_VIA. namespaces: {reference: Netns}."""
    for step in steps:
        if step.verb == 'add-route' and step.is_across():
            there = namespaces[step.ns].rtnl().routes(socket.AF_INET, step.table or RT_TABLE_MAIN,
                                                      only=leading_to([step.dst]))
            if not any(route.via == step.via for route in there):
                raise NetnsctlError('%s: this kernel makes no IPv4 route through the IPv6 gateway %s'
                                    % (step.dst, step.via), hint='Linux 5.2 and later do. Use an IPv4 gateway.')


def _rare_checks(wanted, route):
    from netnsctl.model import route_words  # few routes have any of it
    if wanted.type:
        yield 'type', wanted.type, route.kind
    if wanted.nexthops:
        yield 'nexthops', wanted.gateways(), route.gateways
    if wanted.options and not _has_options(route_words.metrics_of(wanted.options), route.metrics):
        yield 'options', wanted.options, route_words.options_of(route.metrics)


def _has_options(wanted, metrics):
    from netnsctl.model import route_words
    lock = wanted.pop(route_words.LOCK, 0)
    return (all(metrics.get(number) == value for number, value in wanted.items())
            and lock & metrics.get(route_words.LOCK, 0) == lock)
