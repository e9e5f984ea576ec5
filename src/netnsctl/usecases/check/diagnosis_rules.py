"""Which policy rule and which route keep a packet from its destination: the rules are walked as the kernel walks them.

The kernel itself says no more than that the network is unreachable.
"""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.edge.netlink import reading
from netnsctl.model import addressing
from netnsctl.model.rule import TABLES, Rule

RTN_LOCAL = 2
KINDS = reading.ALL_KINDS + (RTN_LOCAL,)
# The rules that the kernel makes: fib_default_rules_init() and fib6_rules_net_init().
ITS_OWN = ((0, 'local', (socket.AF_INET, socket.AF_INET6)), (32766, 'main', (socket.AF_INET, socket.AF_INET6)),
           (32767, 'default', (socket.AF_INET,)))
_NO_ROUTE_METRIC = 4294967295  # of the entry of IPv6 that stands for no route at all


class Way(object):
    """How far a packet comes. rule: the reading.Rule that decided, or None where none did; route: the reading.Route
    that it led to, None of a rule that forbids by itself. passed: [(rule, reading.Route or None)] that were passed
    over, though they lead to a table with a route to the destination: the rule does not match, or suppresses it. empty:
    rules that match and lead to a table without such a route, but for the kernel's own. missing: [(priority, table's
    name)] of the kernel's own rules that are gone, and whose table has such a route."""

    def __init__(self):
        self.rule = self.route = None
        self.passed, self.empty, self.missing = [], [], []

    @property
    def dead_end(self):
        """'prohibit', if it is forbidden or dropped, else None."""
        if self.rule is None:
            return None
        return self.rule.type if self.route is None else self.route.dead_end


def find_way(rtnl, source, address, dev):
    """Walks the rules of a socket's namespace for a packet of the namespace itself, an echo: Way, or None where the
    kernel has no rules of that family. dev: the link that it is bound to."""
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    rules = rtnl.rules_or_none(family)
    if rules is None:
        return None
    routes = rtnl.routes(family, None, kinds=KINDS, only=_leading_over(family, address))
    by_table = {}
    # The kernel takes the longest prefix, and of one length the lowest metric.
    for route in sorted(routes, key=lambda route: (-int(route.dst.partition('/')[2]), route.metric)):
        if not route.tos and route.metric != _NO_ROUTE_METRIC:
            by_table.setdefault(route.table, []).append(route)
    way, target = Way(), 0
    way.missing = [(priority, name) for priority, name in missing_own(rules, family) if TABLES[name] in by_table]
    for rule in rules:
        found = by_table.get(rule.table, [])
        if rule.priority < target:
            continue
        if not _matches(rule, source, address, dev):
            way.passed += [(rule, route) for route in found[:1] if rule.type is None]
            continue
        target = rule.more.get('goto', target)
        if rule.type is not None:
            way.rule = rule
            return way
        if 'goto' in rule.more or 'nop' in rule.more or 'l3mdev' in rule.more:
            continue
        if _decides(way, rule, found):
            return way
    return way


def _decides(way, rule, found):
    """Does a rule that matches lead to a route? found: those of its table to the destination, the best first."""
    if not found and rule.table not in TABLES.values():
        way.empty.append(rule)
    for route in found[:1]:
        if int(route.dst.partition('/')[2]) <= rule.more.get('suppress_prefixlength', -1):
            way.passed.append((rule, route))
        elif route.dead_end != 'throw':
            way.rule, way.route = rule, route
            return True
    return False


def _leading_over(family, address):
    """For Rtnl.routes(): only(body) of the routes to networks with that address in them."""
    own = socket.inet_pton(family, address)
    bits = ''.join('{0:08b}'.format(byte) for byte in bytearray(own))

    def only(body):
        length = ord(body[1:2])
        found = reading.attributes(body, 12, (reading.RTA_DST,)).get(reading.RTA_DST, b'')
        return bits[:length] == ''.join('{0:08b}'.format(byte) for byte in bytearray(found))[:length]
    return only


def _matches(rule, source, address, dev):
    """fib_rule_match() and its kin, for an echo that the namespace sends: no mark, no ports, by root."""
    more = rule.more
    has_all = (rule.plain and rule.iif in (None, 'lo') and rule.oif in (None, dev) and not rule.tos
               and all(network is None or addressing.covers(network, ip)
                       for network, ip in ((rule.from_, source), (rule.to, address)))
               and not (rule.fwmark or 0) & (reading.ALL_BITS if rule.fwmask is None else rule.fwmask)
               and more.get('ipproto') in (None, 58 if ':' in address else 1)
               and 'sport' not in more and 'dport' not in more and more.get('uidrange', (0, 0))[0] == 0)
    return has_all != ('not' in more)


def words_of(rule):
    """A rule as `ip rule` takes it, without its priority, and without a table where it leads to none: text."""
    words = Rule.of(rule)._replace(priority=None).words()
    if rule.type is not None:
        at = words.index('table')
        del words[at:at + 2]
    return ' '.join(words[2:] if words[:2] == ['from', 'all'] and words[2:] else words)


def route_words_of(route, name):
    """A route as `ip route delete` takes it: text. name: of its link, or None."""
    words = [route.dead_end or '', route.dst, 'via %s' % route.via if route.via else '',
             'dev %s' % name if name and not route.dead_end else '',
             'metric %d' % route.metric if route.metric else '', 'table %s' % table_name(route.table)]
    return ' '.join(word for word in words if word)


def table_name(number):
    """254 -> 'main', 100 -> '100'."""
    return dict((value, name) for name, value in TABLES.items()).get(number, str(number))


def missing_own(rules, family):
    """[(priority, name of its table)] of the kernel's own rules that are gone, with none in their place."""
    return [(priority, name) for priority, name, families in ITS_OWN if family in families
            and not any(rule.table == TABLES[name] and rule.type is None and not rule.more
                        and (rule.from_, rule.to, rule.iif, rule.oif, rule.fwmark, rule.tos) == (None,) * 6
                        for rule in rules)]
