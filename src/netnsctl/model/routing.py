"""The words of `ip rule add` and `ip route add`, read into rule.Rule and route.Route. No I/O."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import addressing, route_words, rule_words
from netnsctl.model.route import Route, parse_scope
from netnsctl.model.route_checks import check_route, check_rule
from netnsctl.model.rule import MAIN, TABLES, Rule

ALL_BITS = 4294967295
_ANY = ('default', 'all', 'any')
_NUMBER = re.compile(r'(0[xX][0-9A-Fa-f]{1,16}|0|[1-9][0-9]{0,19})\Z')
# iproute2's words -> the field that each fills
_ROUTE_KEYS = {'to': 'dst', 'via': 'via', 'dev': 'dev', 'oif': 'dev', 'metric': 'metric', 'priority': 'metric',
               'preference': 'metric', 'pref': 'metric', 'src': 'src', 'scope': 'scope', 'table': 'table', 'tos': 'tos',
               'dsfield': 'tos', 'proto': 'protocol', 'protocol': 'protocol', 'realms': 'realms',
               'realm': 'realms'}
_RULE_KEYS = {'from': 'from_', 'to': 'to', 'iif': 'iif', 'dev': 'iif', 'oif': 'oif', 'fwmark': 'fwmark',
              'table': 'table', 'lookup': 'table', 'priority': 'priority', 'preference': 'priority',
              'pref': 'priority', 'prio': 'priority', 'order': 'priority', 'type': 'type', 'tos': 'tos',
              'dsfield': 'tos'}
_RULE_TYPES = ('blackhole', 'unreachable', 'prohibit', 'reject')


def no_names(_):
    """What iproute2's files say where there are none: function of a file's name ('rt_tables'), {name: number}."""
    return {}


def parse_rule(words, family=None, names=no_names):
    """The words after `ip rule add` (list of text) -> Rule.

    [not] [from P] [to P] [iif D] [oif D] [fwmark N[/M]] [tos T] [table|lookup T] [TYPE]
    [priority|pref|prio|order N] and rule_words.WORDS; table: main where not given, as iproute2 has it. family: 4 or 6
    where the caller knows it, else that of -4 or -6 before all words, else that of P, else 4. UsageError names the
    first word that is wrong.
    """
    label = 'rule ' + ' '.join(words)
    words = list(words)
    if words[:1] in (['-4'], ['-6']):  # as `ip -6 rule add` has it
        version = int(words.pop(0)[1:])
        if family not in (None, version):
            raise UsageError('%s: it is for IPv%d, and the file is for IPv%d' % (label, version, family))
        family = version
    options = _take_rule_words(label, words, names)
    found = _read(label, words, _RULE_KEYS, _RULE_TYPES, tuple(rule_words.NAMES))
    if not found and not options:
        raise UsageError('%s: it is empty' % label)
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
        raise UsageError('%s: the type must be one of %s' % (label, ' '.join(_RULE_TYPES)))
    if 'tos' in found:
        try:
            found['tos'] = route_words.parse_tos(found['tos'], names)
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
    rule = Rule(family or 4, type=route_words.parse_type(kinds[0]) if kinds else None, options=options, **found)
    check_rule(rule)
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
            raise UsageError('%s: %s is given twice' % (label, words[at]))
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
    options = _take_options(label, words)
    is_across = _take_family_of_via(words)
    found = _read(label, words, _ROUTE_KEYS, ('onlink', 'equalize', 'eql'),
                  tuple(route_words.OPTIONS) + ('nexthop',), bare='dst')
    for flag in ('equalize', 'eql'):
        found.pop(flag, None)  # of multipath routes; the kernel has not looked at it since 2.6.22
    if 'dst' not in found:
        raise UsageError('%s: no destination' % label)
    if found.pop('dev', dev) not in (dev, 'lo' if kind == 'local' else dev):  # any link does for a local one
        raise UsageError('%s: dev can only be %s here' % (label, dev))
    nexthops = _parse_addresses(label, found, nexthops, family, is_across)
    _parse_attributes(label, found, kind, names)
    route = Route(type=kind, nexthops=nexthops, **dict(found, **options))
    check_route(route)
    return route


def _parse_addresses(label, found, nexthops, family, is_across):
    """Turns the text of a route's dst, via and src into their normal form, and a single next hop into its via: the
    nexthops that are left, or None. family, is_across: of the route, where it is known; is its gateway of IPv6?"""
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
        raise UsageError('%s: %s is not an IPv%d network' % (label, found['dst'], family))
    if not is_across and addressing.family_of(found['dst']) == 4 and ':' in found.get('via', ''):
        raise UsageError('%s: via %s is of another family: did you mean via inet6 %s?'
                         % (label, found['via'], found['via']))
    return nexthops


def _parse_attributes(label, found, kind, names):
    """Turns the text of a route's other words into what Route holds. kind: its type, or None."""
    if 'metric' in found:
        found['metric'] = _number(label, 'metric', found['metric']) or None  # 0 is the default
    if 'scope' in found:
        found['scope'] = parse_scope(found['scope'])
        if addressing.family_of(found['dst']) == 6:
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
    """Does a route give an IPv6 gateway, `via inet6 ADDRESS`? Removes the family from its words."""
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
            raise UsageError('%s: %s is given twice' % (label, word))
        try:
            found[word] = route_words.parse_option(word, value[0], is_locked)
        except UsageError as error:
            raise UsageError('%s: %s' % (label, error.message))
        del words[at:at + 2 + is_locked]
    mtu = found.pop('mtu').split()[1] if found.get('mtu', 'lock').find('lock') < 0 else None
    options = ' '.join(found[word] for word in sorted(found, key=lambda word: route_words.OPTIONS[word][0]))
    return dict([('mtu', int(mtu))] if mtu else [], **({'options': options} if options else {}))


def _read(label, words, keys, flags, others=(), bare=None):
    """Words in pairs -> {field: text, flag: True}. others: words that are taken too, and were taken out.

    bare: the field for a network without a word before it, wherever it appears.
    """
    found = {}
    while words:
        word = words.pop(0)
        field = word if word in flags else keys.get(word)
        if field is None and bare and bare not in found and (word in _ANY or re.search('[0-9:]', word)):
            found[bare] = word
            continue
        if field is None:
            known = sorted(set(keys).union(flags, others))
            raise UsageError('%s: "%s" is not accepted here; accepted: %s' % (label, word, ' '.join(known)))
        if field in found:
            raise UsageError('%s: %s is given twice' % (label, word))
        if word not in flags and not words:
            raise UsageError('%s: nothing after %s' % (label, word))
        found[field] = True if word in flags else words.pop(0)
    return found


def _number(label, what, text):
    """'5' or '0x5' -> 5. Not 05: that is eight to iproute2."""
    if not _NUMBER.match(text):
        raise UsageError('%s: %s %s is not a number' % (label, what, text))
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
