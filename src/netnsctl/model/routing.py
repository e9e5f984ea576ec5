"""Policy rules, and routes with attributes: as values, as words of `ip rule add` and `ip route add`, and held to what
the kernel takes. No I/O."""
from __future__ import absolute_import, division, print_function

import re
from collections import namedtuple

from netnsctl.errors import UsageError
from netnsctl.model import addressing, route_words, rule_words
from netnsctl.model.names import MTU_MIN, check_ifname
from netnsctl.model.route import SCOPES, Route, parse_scope, scope_number

TABLES = {'default': 253, 'main': 254, 'local': 255}  # rtnetlink.h, RT_TABLE_*
MAIN = TABLES['main']
ALL_BITS = U32 = 4294967295
MTU_MAX = 65520          # the kernel cuts RTAX_MTU to 65535 - 15
_ANY = ('default', 'all', 'any')
_NUMBER = re.compile(r'(0[xX][0-9A-Fa-f]{1,16}|0|[1-9][0-9]{0,19})\Z')
# iproute2's words -> the field that each fills
_ROUTE_KEYS = {'to': 'dst', 'via': 'via', 'dev': 'dev', 'oif': 'dev', 'metric': 'metric', 'priority': 'metric',
               'preference': 'metric', 'pref': 'metric', 'src': 'src', 'scope': 'scope', 'table': 'table', 'tos': 'tos',
               'dsfield': 'tos', 'proto': 'protocol', 'protocol': 'protocol', 'realms': 'realms'}
_RULE_KEYS = {'from': 'from_', 'to': 'to', 'iif': 'iif', 'dev': 'iif', 'oif': 'oif', 'fwmark': 'fwmark',
              'table': 'table', 'lookup': 'table', 'priority': 'priority', 'preference': 'priority',
              'pref': 'priority', 'prio': 'priority', 'order': 'priority', 'type': 'type', 'tos': 'tos',
              'dsfield': 'tos'}
_RULE_TYPES = ('blackhole', 'unreachable', 'prohibit', 'reject')


class Rule(namedtuple('Rule', 'family from_ to iif oif fwmark fwmask table priority type tos options')):
    """A policy rule that leads to a table, or nowhere, by the words of `ip rule add`; None is what it does not look at.

    family: 4 or 6. from_, to: networks ('10.0.0.0/8'). iif, oif: names of links. fwmark, fwmask: 32-bit numbers
    (fwmask None: all bits). table: its number (main where type is one). priority: 1..2^32-1; None: to be chosen as the
    kernel would. type: 'blackhole', 'unreachable' or 'prohibit', of one that leads nowhere. tos: 1..255 (IPv4 only).
    options: the other words, as rule_words.parse() gives them, in one text ('not goto 200').
    """
    __slots__ = ()

    def __new__(cls, family=4, from_=None, to=None, iif=None, oif=None, fwmark=None, fwmask=None, table=MAIN,
                priority=None, type=None, tos=None, options=None):
        return tuple.__new__(cls, (family, from_, to, iif, oif, fwmark, fwmask, table, priority, type, tos, options))

    def words(self):
        """What stands after `ip rule add` (`ip -6 rule add` for family 6): list of words."""
        found = ['from', self.from_ or 'all']
        for key in ('to', 'iif', 'oif'):
            if getattr(self, key) is not None:
                found += [key, getattr(self, key)]
        if self.fwmark is not None:
            found += ['fwmark', '0x%x' % self.fwmark + ('' if self.fwmask is None else '/0x%x' % self.fwmask)]
        found += ['tos', '0x%02x' % self.tos] if self.tos else []
        found += (self.options or '').split()
        if not rule_words.tableless(self.options):
            # ip sends no table, or main, with a type, by its version: it is said.
            found += ['table', str(self.table)] + ([self.type] if self.type else [])
        return found + (['priority', str(self.priority)] if self.priority is not None else [])

    def record(self):
        """Plain data that compares equal after a round through JSON, and that Rule(*data) takes."""
        data = list(self)
        while len(data) > 9 and data[-1] is None:  # that many earlier records have
            data.pop()
        return data

    @classmethod
    def of(cls, other):
        """An edge.netlink.reading.Rule as one of these."""
        return cls(*[getattr(other, field) for field in cls._fields[:-1]]
                   + [rule_words.options_of(other.more) if other.more else None])

    def fits(self, other):
        """Would the kernel, told to delete this rule, take `other` (a Rule or an edge.netlink.reading.Rule)?

        It compares only what is named (fib_nl_delrule() of fib_rules.c), and 2.6.32 no table over 255.
        """
        if (self.family, self.priority, self.type) != (other.family, other.priority, other.type):
            return False
        if self.table < 256 and self.table != other.table:
            return False
        return all(getattr(self, key) in (None, getattr(other, key))
                   for key in ('from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'tos'))

    def check(self):
        """UsageError unless the kernel can take such a rule, and take it as it is written."""
        label = 'rule %s' % ' '.join(self.words())
        if self.family not in (4, 6):
            raise UsageError('%s: family %s is neither 4 nor 6' % (label, self.family))
        for network in (self.from_, self.to):
            if network is not None:
                _check_form(label, network, addressing.parse_destination(network, what='rule'))
                if addressing.family_of(network) != self.family:
                    raise UsageError('%s: %s is of another family' % (label, network))
                if network.endswith('/0'):
                    raise UsageError('%s: %s is every address: leave it out' % (label, network))
        for name in (self.iif, self.oif):
            if name not in (None, 'lo'):
                check_ifname(name)
        _check_number(label, 'fwmark', self.fwmark, 0)
        _check_number(label, 'the mask of fwmark', self.fwmask, 1)
        if self.fwmask is not None and self.fwmark is None or self.fwmark == 0 and self.fwmask is None:
            raise UsageError('%s: fwmark says nothing here: it is a number, and for 0 a mask' % label)
        if self.table is None:
            raise UsageError('%s: no table' % label)
        tableless = rule_words.tableless(self.options) or self.type
        if tableless and self.table != MAIN:
            raise UsageError('%s: %s leads to no table that could be named' % (label, tableless))
        rule_words.check(label, self.options, self.priority, self.family, self.type)
        _check_tos(label, self.tos, self.family, 'rules')
        _check_number(label, 'table', self.table, 1)
        _check_number(label, 'priority', self.priority, 1)  # 0 is that of the table local


def no_names(_):
    """What iproute2's files say where there are none: function of a file's name ('rt_tables'), {name: number}."""
    return {}


def parse_rule(words, family=None, names=no_names):
    """The words after `ip rule add` (list of text) -> Rule.

    [not] [from P] [to P] [iif D] [oif D] [fwmark N[/M]] [tos T] [table|lookup T] [TYPE]
    [priority|pref|prio|order N] and rule_words.WORDS; table: main where not given, as iproute2 has it. family: 4 or 6
    where the caller knows it, else that of P, else 4. UsageError names the first word that is wrong.
    """
    label = 'rule ' + ' '.join(words)
    words = list(words)
    options = _take_rule_words(label, words, names)
    found = _read(label, words, _RULE_KEYS, _RULE_TYPES, tuple(rule_words.NAMES))
    if not found and not options:
        raise UsageError('%s: says nothing' % label)
    found = dict((key, value) for key, value in found.items() if not (key in ('from_', 'to') and value in _ANY))
    for key in ('from_', 'to'):
        if key in found:
            found[key] = addressing.parse_destination(found[key], what='rule')
            family = family or addressing.family_of(found[key])
            if found[key] in ('0.0.0.0/0', '::/0') and addressing.family_of(found[key]) == family:
                del found[key]
    if 'fwmark' in found:
        mark, slash, mask = found['fwmark'].partition('/')
        found['fwmark'] = _number(label, 'fwmark', mark)
        mask = _number(label, 'the mask of fwmark', mask) if slash else ALL_BITS
        found['fwmask'] = None if mask == ALL_BITS and found['fwmark'] else mask if slash else None
    if 'priority' in found:
        found['priority'] = _number(label, 'priority', found['priority'])
    found['table'] = _table(label, found['table'], names) if 'table' in found else MAIN
    kinds = [found.pop(kind, None) and kind for kind in _RULE_TYPES] + [found.pop('type', None)]
    kinds = [kind for kind in kinds if kind is not None]
    if len(kinds) > 1 or kinds and kinds[0] not in _RULE_TYPES + ('unicast',):
        raise UsageError('%s: the type is one of %s' % (label, ' '.join(_RULE_TYPES)))
    if 'tos' in found:
        try:
            found['tos'] = route_words.parse_tos(found['tos'], names)
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
    rule = Rule(family or 4, type=route_words.parse_type(kinds[0]) if kinds else None, options=options, **found)
    rule.check()
    return rule


def _take_rule_words(label, words, names):
    """Rule.options of the rarer words of a rule, which are taken out of its words; None of none."""
    found, at = {}, 0
    while at < len(words):
        word = rule_words.NAMES.get(words[at])
        if word is None or at and words[at - 1] in _RULE_KEYS and words[at - 1] != 'type':
            at += 1
            continue
        is_flag = word in rule_words.FLAGS
        if word in found:
            raise UsageError('%s: %s stands twice' % (label, words[at]))
        if not is_flag and at + 1 == len(words):
            raise UsageError('%s: nothing after %s' % (label, words[at]))
        try:
            found[word] = rule_words.parse(word, None if is_flag else words[at + 1], names)
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
        at -= at > 0 and words[at - 1] == 'type'
        del words[at:at + (1 if is_flag else 2) + (words[at] == 'type')]
    return rule_words.join(found)


def parse_route(words, dev, family=None, names=no_names):
    """The words after `ip route add` (list of text) -> route.Route.

    [TYPE] DST|default [via A] [dev DEV] [metric N] [src A] [scope S] [table T] [onlink] [tos T] [proto P] [realms R]
    [OPTION [lock] N]..., where DEV can only be dev and OPTION is one of route_words.OPTIONS. family: 4 or 6 where the
    caller knows it; else `default` is of the family of via or src. names: as no_names(). UsageError names the first
    word that is wrong.
    """
    label = 'route ' + ' '.join(words)
    words = list(words)
    _refuse_words(label, words)
    nexthops = _take_nexthops(label, words, dev)
    kind = _take_type(label, words)
    if words and (re.search('[0-9:]', words[0]) or words[0] in _ANY):
        words.insert(0, 'to')
    options = _take_options(label, words)
    is_across = _take_family_of_via(words)
    found = _read(label, words, _ROUTE_KEYS, ('onlink', 'equalize', 'eql'),
                  tuple(route_words.OPTIONS) + ('nexthop',))
    for flag in ('equalize', 'eql'):
        found.pop(flag, None)  # of multipath routes; the kernel has not looked at it since 2.6.22
    if 'dst' not in found:
        raise UsageError('%s: no destination' % label)
    if found.pop('dev', dev) not in (dev, 'lo' if kind == 'local' else dev):  # any link does for a local one
        raise UsageError('%s: dev can only be %s here' % (label, dev))
    for key in ('via', 'src'):
        if key in found:
            found[key] = addressing.parse_ip(found[key], 'route %s' % key)
    if found['dst'] in _ANY:
        found['dst'] = 'default'
    for gateway in route_words.gateways_of(nexthops)[:1]:
        found.update({'via': gateway[0], 'onlink': gateway[2]} if nexthops.count('nexthop') == 1 else {})
    nexthops = None if nexthops and nexthops.count('nexthop') == 1 else nexthops
    hint = '::' if family == 6 else None if family or is_across else found.get('via') or found.get('src') or nexthops
    found['dst'] = addressing.parse_destination(found['dst'], hint)
    if family and addressing.family_of(found['dst']) != family:
        raise UsageError('%s: %s is no IPv%d network' % (label, found['dst'], family))
    is_6 = addressing.family_of(found['dst']) == 6
    if not is_across and not is_6 and ':' in found.get('via', ''):
        raise UsageError('%s: via %s is of another family: via inet6 %s is meant, maybe'
                         % (label, found['via'], found['via']))
    if 'metric' in found:
        found['metric'] = _number(label, 'metric', found['metric']) or None  # 0 is the default
    if 'scope' in found:
        found['scope'] = parse_scope(found['scope'])
        if is_6:
            del found['scope']  # the kernel does not look at it (ip6_route_info_create)
    if 'table' in found:
        table = _table(label, found['table'], names)
        found['table'] = None if table == MAIN else table
    elif kind == 'local':
        found['table'] = TABLES['local']  # as iproute2 has it
    try:
        for key, read in (('tos', route_words.parse_tos), ('protocol', route_words.parse_protocol),
                          ('realms', route_words.parse_realms)):
            if key in found:
                found[key] = read(found[key], names)
    except UsageError as error:
        raise UsageError('%s: %s' % (label, error.message))
    route = Route(type=kind, nexthops=nexthops, **dict(found, **options))
    check_route(route)
    return route


def _take_type(label, words):
    """The type that a route's words begin with, or `reject` after its destination, taken out of them: its name or
    None."""
    if words and words[0] in route_words.TYPES + route_words.OTHERS_TYPES:
        try:
            return route_words.parse_type(words.pop(0))
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
    for at, word in enumerate(words):
        if word == 'reject' and at and words[at - 1] not in _ROUTE_KEYS:  # as route(8) has it
            del words[at]
            return route_words.parse_type(word)
    return None


def _refuse_words(label, words):
    """UsageError for a word of iproute2 that is not served, which says why and what to do."""
    for word in words:
        if word in route_words.REFUSED:
            raise UsageError('%s: %s: %s' % (label, word, route_words.REFUSED[word]))


def _take_nexthops(label, words, dev):
    """Route.nexthops of what begins with the first `nexthop`, which is taken out of a route's words; None of none."""
    if 'nexthop' not in words:
        return None
    at = words.index('nexthop')
    taken, words[at:] = words[at:], []
    try:
        return route_words.parse_nexthops(taken, dev, lambda text: addressing.parse_ip(text, 'route via'))
    except UsageError as error:
        raise UsageError('%s: %s' % (label, error.message))


def _take_family_of_via(words):
    """Is a route's gateway said to be of IPv6, `via inet6 ADDRESS`? The family is taken out of its words."""
    for at, word in enumerate(words):
        if word == 'via' and words[at + 1:at + 2] in (['inet'], ['inet6']) and at + 2 < len(words):
            return words.pop(at + 1) == 'inet6'
    return False


def _take_options(label, words):
    """{'mtu': bytes, 'options': text} of the OPTIONS in a route's words, which are taken out of them."""
    found, at = {}, 0
    while at < len(words):
        word = words[at]
        if word not in route_words.OPTIONS or at and words[at - 1] in _ROUTE_KEYS:
            at += 1
            continue
        is_locked = words[at + 1:at + 2] == ['lock']
        value = words[at + 1 + is_locked:at + 2 + is_locked]
        if not value:
            raise UsageError('%s: nothing after %s' % (label, words[-1]))
        if word in found:
            raise UsageError('%s: %s stands twice' % (label, word))
        try:
            found[word] = route_words.parse_option(word, value[0], is_locked)
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
        del words[at:at + 2 + is_locked]
    mtu = found.pop('mtu').split()[1] if found.get('mtu', 'lock').find('lock') < 0 else None
    options = ' '.join(found[word] for word in sorted(found, key=lambda word: route_words.OPTIONS[word][0]))
    return dict([('mtu', int(mtu))] if mtu else [], **({'options': options} if options else {}))


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
        raise UsageError('%s: a route of the type %s leads to no gateway' % (label, route.type))
    _check_tos(label, route.tos, family, 'routes')
    if route.onlink and not route.via:
        raise UsageError('%s: onlink is said of a gateway, and there is no via' % label)
    if route.scope is None:
        return
    if family == 6:
        raise UsageError('%s: routes of IPv6 have no scope' % label)
    scope = scope_number(parse_scope(route.scope))
    if scope == SCOPES['nowhere'] or route.via and scope >= SCOPES['link']:
        raise UsageError('%s: not with scope %s' % (label, route.scope))


def _read(label, words, keys, flags, others=()):
    """Words in pairs -> {field: text, flag: True}. others: words that are taken too, and were taken out."""
    found = {}
    while words:
        word = words.pop(0)
        field = word if word in flags else keys.get(word)
        if field is None:
            known = sorted(set(keys).union(flags, others))
            raise UsageError('%s: "%s" is not taken here, there are %s' % (label, word, ' '.join(known)))
        if field in found:
            raise UsageError('%s: %s stands twice' % (label, word))
        if word not in flags and not words:
            raise UsageError('%s: nothing after %s' % (label, word))
        found[field] = True if word in flags else words.pop(0)
    return found


def _number(label, what, text):
    """'5' or '0x5' -> 5. Not 05: that is eight to iproute2."""
    if not _NUMBER.match(text):
        raise UsageError('%s: %s %s is no number' % (label, what, text))
    return int(text, 16) if text[:2].lower() == '0x' else int(text)


def _table(label, text, names):
    if text in TABLES:
        return TABLES[text]
    if not _NUMBER.match(text):
        known = names('rt_tables')
        if text in known:
            return known[text]
        raise UsageError('%s: table %s: a number, or one of %s' % (label, text,
        ' '.join(sorted(set(TABLES).union(known)))),
                         hint='Tables are named in /etc/iproute2/rt_tables.')
    return _number(label, 'table', text)


def _check_number(label, what, value, lowest, highest=U32):
    if value is not None and not lowest <= value <= highest:
        raise UsageError('%s: %s is not from %d to %d' % (label, what, lowest, highest))


def _check_tos(label, tos, family, what):
    if tos and family == 6:
        raise UsageError('%s: %s of IPv6 have no tos' % (label, what))
    if tos and tos & 3:
        raise UsageError('%s: tos: its two lowest bits are for ECN (RFC 3168)' % label)


def _check_form(label, text, normal):
    """What is compared with what the kernel says has to be written as the kernel does."""
    if text != normal:
        raise UsageError('%s: %s is written %s' % (label, text, normal))
