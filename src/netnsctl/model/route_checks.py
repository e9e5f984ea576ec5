"""Routes and rules held to what the kernel takes. No I/O."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing, route_words, rule_words
from netnsctl.model.names import MTU_MIN, check_ifname
from netnsctl.model.route import SCOPES, parse_scope, scope_number
from netnsctl.model.rule import MAIN

_U32 = 4294967295
MTU_MAX = 65520          # the kernel cuts RTAX_MTU to 65535 - 15


def check_rule(rule):
    """UsageError unless the kernel can take this rule.Rule, and take it as it is written."""
    label = 'rule %s' % ' '.join(rule.words())
    if rule.family not in (4, 6):
        raise UsageError('%s: family %s is neither 4 nor 6' % (label, rule.family))
    for network in (rule.from_, rule.to):
        if network is not None:
            _check_form(label, network, addressing.parse_destination(network, what='rule'))
            if addressing.family_of(network) != rule.family:
                raise UsageError('%s: %s is of another family' % (label, network))
            if network.endswith('/0'):
                raise UsageError('%s: %s matches every address: leave it out' % (label, network))
    for name in (rule.iif, rule.oif):
        if name not in (None, 'lo'):
            check_ifname(name)
    _check_number(label, 'fwmark', rule.fwmark, 0)
    _check_number(label, 'the mask of fwmark', rule.fwmask, 1)
    if rule.fwmask is not None and rule.fwmark is None or rule.fwmark == 0 and rule.fwmask is None:
        raise UsageError('%s: fwmark needs a number and, if that is 0, a mask' % label)
    if rule.table is None:
        raise UsageError('%s: no table' % label)
    tableless = rule_words.tableless(rule.options) or rule.type
    if tableless and rule.table != MAIN:
        raise UsageError('%s: %s leads to no table that could be named' % (label, tableless))
    rule_words.check(label, rule.options, rule.priority, rule.family, rule.type)
    _check_tos(label, rule.tos, rule.family, 'rules')
    _check_number(label, 'table', rule.table, 1)
    _check_number(label, 'priority', rule.priority, 1)  # 0 is that of the table local


def check_route(route):
    """UsageError unless the kernel can take this route.Route: fib_check_nh() and fib_create_info() of
    fib_semantics.c."""
    label = 'route ' + ' '.join(route.words())
    _check_form(label, route.dst, addressing.parse_destination(route.dst))
    family = addressing.family_of(route.dst)
    for key in ('via', 'src'):
        ip = getattr(route, key)
        if ip is not None:
            _check_form(label, ip, addressing.parse_ip(ip, 'route %s' % key))
            if addressing.family_of(ip) != family and (key, family) != ('via', 4):
                raise UsageError('%s: %s %s is of another family' % (label, key, ip))
    for ip, _, _ in route_words.gateways_of(route.nexthops):
        if addressing.family_of(ip) != family or route.via or route.type:
            raise UsageError('%s: nexthop via %s: %s' % (label, ip, 'it is of another family' if not (
                route.via or route.type) else 'the route has a gateway or a type of its own'))
    _check_number(label, 'metric', route.metric, 1)
    _check_number(label, 'table', route.table, 1)
    _check_number(label, 'mtu', route_words.metrics_of(route.options).get(2, route.mtu), MTU_MIN, MTU_MAX)
    if route.type and (route.via or route.onlink):
        raise UsageError('%s: a route of type %s cannot have a gateway' % (label, route.type))
    _check_tos(label, route.tos, family, 'routes')
    if route.onlink and not route.via:
        raise UsageError('%s: onlink needs a gateway (via)' % label)
    if route.scope is None:
        return
    if family == 6:
        raise UsageError('%s: routes of IPv6 have no scope' % label)
    scope = scope_number(parse_scope(route.scope))
    if scope == SCOPES['nowhere'] or route.via and scope >= SCOPES['link']:
        raise UsageError('%s: not with scope %s' % (label, route.scope))


def _check_number(label, what, value, lowest, highest=_U32):
    if value is not None and not lowest <= value <= highest:
        raise UsageError('%s: %s is not from %d to %d' % (label, what, lowest, highest))


def _check_tos(label, tos, family, what):
    if tos and family == 6:
        raise UsageError('%s: %s of IPv6 have no tos' % (label, what))
    if tos and tos & 3:
        raise UsageError('%s: tos: its two lowest bits are for ECN (RFC 3168)' % label)


def _check_form(label, text, normal):
    """What is compared with the kernel's values must be written as the kernel does."""
    if text != normal:
        raise UsageError('%s: %s is written %s' % (label, text, normal))
