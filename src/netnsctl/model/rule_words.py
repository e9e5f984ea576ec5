"""The rarer words of policy rules (not, goto, suppress_prefixlength, ipproto, uidrange), as `ip rule add` takes them.

A Rule keeps them in one text, in the order of WORDS and in one spelling each; the kernel has an attribute for most.
No I/O.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import route_words

FLAGS = ('not', 'nop', 'l3mdev')
# iproute2's words -> the one that is kept; in their order in a Rule
_SPELLINGS = (('not', ()), ('goto', ()), ('nop', ()), ('l3mdev', ()), ('realms', ('realm',)),
              ('suppress_prefixlength', ('suppress_pl', 'sup_pl')), ('suppress_ifgroup', ('sup_group',)),
              ('ipproto', ()), ('sport', ()), ('dport', ()), ('uidrange', ()))
WORDS = tuple(word for word, _ in _SPELLINGS)
NAMES = dict([(word, word) for word in WORDS] + [(other, word) for word, others in _SPELLINGS for other in others])
# Those that need no table, since they lead to none, or to that of a VRF.
TABLELESS = ('goto', 'nop', 'l3mdev')
# Word -> the attribute of fib_rules.h; `not` is a flag and `nop` an action.
ATTRIBUTES = {'goto': 'FRA_GOTO', 'l3mdev': 'FRA_L3MDEV', 'realms': 'FRA_FLOW',
              'suppress_prefixlength': 'FRA_SUPPRESS_PREFIXLEN', 'suppress_ifgroup': 'FRA_SUPPRESS_IFGROUP',
              'ipproto': 'FRA_IP_PROTO', 'sport': 'FRA_SPORT_RANGE', 'dport': 'FRA_DPORT_RANGE',
              'uidrange': 'FRA_UID_RANGE'}
# The first Linux that has a word; those that are not here are older than 2.6.32.
SINCE = {'suppress_prefixlength': '3.12', 'suppress_ifgroup': '3.12', 'l3mdev': '4.8', 'uidrange': '4.10',
         'ipproto': '4.17', 'sport': '4.17', 'dport': '4.17'}
PROTOCOLS = {'icmp': 1, 'tcp': 6, 'udp': 17, 'dccp': 33, 'gre': 47, 'esp': 50, 'ah': 51, 'ipv6-icmp': 58, 'icmpv6': 58,
             'sctp': 132}
FR_ACT_TO_TBL, FR_ACT_GOTO, FR_ACT_NOP = 1, 2, 3
_NUMBER = re.compile(r'(0|[1-9][0-9]{0,9})\Z')
_RANGE = re.compile(r'(0|[1-9][0-9]{0,9})(?:-(0|[1-9][0-9]{0,9}))?\Z')
_U32 = 4294967295


def parse(word, value, names):
    """What follows one of WORDS (None after a flag) -> the words as they are kept. UsageError.

    names: as routing.no_names().
    """
    if word in FLAGS:
        return word
    if word in ('sport', 'dport', 'uidrange'):
        return '%s %s' % (word, _parse_range(word, value))
    if word == 'realms':
        number = route_words.parse_realms(value, names)
        if not number:
            raise UsageError('realms %s: has no effect' % value)
        return 'realms %s' % route_words.realms_words(number)
    known, lowest, highest = {
        'goto': ({}, 1, _U32), 'suppress_prefixlength': ({}, 0, 128), 'ipproto': (PROTOCOLS, 1, 255),
        'suppress_ifgroup': (dict(names('group'), default=0), 0, _U32 - 1)}[word]
    number = known.get(value, int(value) if _NUMBER.match(value) else -1)
    if not lowest <= number <= highest:
        raise UsageError('%s %s: not a number from %d to %d%s' % (
            word, value, lowest, highest, ', nor one of %s' % ' '.join(sorted(known)) if known else ''))
    return '%s %d' % (word, number)


def _parse_range(word, text):
    """'80' or '80-90' -> as the kernel's range is written: of one port the port, of users always both."""
    match = _RANGE.match(text)
    first, last = [int(part) for part in match.groups(match.group(1))] if match else (1, 0)
    if word == 'uidrange':
        lowest, highest = 0, _U32 - 1
    else:
        lowest, highest = 1, 65534  # fib_rule_port_range_valid()
    if not lowest <= first <= last <= highest:
        raise UsageError('%s %s: not a number, nor a range such as 1000-2000, from %d to %d'
                         % (word, text, lowest, highest))
    return '%d' % first if first == last and word != 'uidrange' else '%d-%d' % (first, last)


def split(options):
    """Rule.options ('not goto 200') -> {word: text, or None of a flag}."""
    found, words = {}, (options or '').split()
    while words:
        word = words.pop(0)
        found[word] = None if word in FLAGS else words.pop(0)
    return found


def join(found):
    """{word: 'word value'}, as parse() gives them, -> one text; None of none."""
    return ' '.join(found[word] for word in WORDS if word in found) or None


def values_of(options):
    """{word: value as the kernel has it} of Rule.options: a number, (first, last) of a range, or True of a flag."""
    found = {}
    for word, text in split(options).items():
        if text is None:
            found[word] = True
        elif word == 'realms':
            found[word] = route_words.parse_realms(text, lambda _: {})
        elif word in ('sport', 'dport', 'uidrange'):
            first, _, last = text.partition('-')
            found[word] = int(first), int(last or first)
        else:
            found[word] = int(text)
    return found


def options_of(values):
    """The other way round, from what edge.netlink.reading says of a rule; None of none."""
    found = {}
    for word, value in values.items():
        if value is True:
            text = ''
        elif word == 'realms':
            text = ' ' + route_words.realms_words(value)
        elif isinstance(value, tuple):
            text = ' %d' % value[0] if value[0] == value[1] and word != 'uidrange' else ' %d-%d' % value
        else:
            text = ' %d' % value
        found[word] = word + text
    return join(found)


def check(label, options, priority, family, kind):
    """UsageError unless the kernel takes these words with the rest of the rule. kind: Rule.type."""
    found = split(options)
    tableless = [word for word in TABLELESS if word in found] + [kind] * bool(kind)
    if len(tableless) > 1:
        raise UsageError('%s: %s and %s exclude each other' % (label, tableless[0], tableless[1]))
    if priority is not None and 'goto' in found and int(found['goto']) <= priority:
        raise UsageError('%s: goto must lead to a later rule, with a number above %d' % (label, priority))
    if family == 6 and 'realms' in found:
        raise UsageError('%s: rules of IPv6 have no realms' % label)


def tableless(options):
    """The word of Rule.options that takes the place of a table, or None."""
    return next((word for word in TABLELESS if word in (options or '').split()), None)


def newest(options):
    """(the word of Rule.options that came last to the kernel, the Linux that brought it), or None."""
    found = [word for word in split(options) if word in SINCE]
    if not found:
        return None
    word = max(found, key=lambda word: [int(part) for part in SINCE[word].split('.')])
    return word, SINCE[word]
