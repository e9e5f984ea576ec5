"""route-DEV, route6-DEV, rule-DEV and rule6-DEV: lines as `ip route add` and `ip rule add` take them, or ADDRESSn form.

As ifup-routes of initscripts 9.03.40 reads them, words cut at blanks, with no quotes.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.ifcfg import lines

_ADDRESS_FORM = re.compile(r'(?m)^\s*ADDRESS[0-9]+=')
_KEY = re.compile(r'(ADDRESS|NETMASK|GATEWAY)([0-9]+)\Z')


def parse(text, place, parse_words):
    """[(line's number, what parse_words made of its words)] of a file. UsageError 'FILE:LINE: reason'.

    parse_words: function of a list of words; its UsageError gets the place.
    """
    if len(text) > lines.FILE_BYTES:
        raise UsageError('%s: longer than %d bytes' % (place, lines.FILE_BYTES))
    rows = _from_addresses(text, place) if _ADDRESS_FORM.search(text) else _from_words(text, place)
    found = []
    for number, words in rows:
        try:
            found.append((number, parse_words(words)))
        except UsageError as error:
            raise UsageError('%s:%d: %s' % (place, number, error.message))
    return found


def _from_words(text, place):
    rows = []
    for number, line in enumerate(text.split('\n'), 1):
        try:
            lines.refuse_odd_text(line)
        except ValueError as error:
            raise UsageError('%s:%d: %s' % (place, number, error))
        # A # within a line is no comment there.
        if line.strip() and not line.strip().startswith('#'):
            rows.append((number, line.split()))
    return rows


def _from_addresses(text, place):
    """ADDRESSn, NETMASKn and GATEWAYn from 0 on; one behind a gap is never read by initscripts, and refused here."""
    values, numbers = {}, {}
    for line in lines.parse(text, place):
        if line.key is None:
            continue
        match = _KEY.match(line.key)
        if not match:
            raise UsageError('%s:%d: no key %s; there are ADDRESSn, NETMASKn and GATEWAYn' % (place, line.number,
                                                                                              line.key))
        numbers.setdefault(int(match.group(2)), line.number)
        values[(int(match.group(2)), match.group(1))] = line.value
    rows = []
    for at, index in enumerate(sorted(numbers)):
        if at != index or not values.get((index, 'ADDRESS')):
            raise UsageError('%s:%d: there is no ADDRESS%d: what has a higher number is not read' % (
                place, numbers[index], at))
        rows.append((numbers[index], _words_of(values, index, '%s:%d' % (place, numbers[index]))))
    return rows


def _words_of(values, index, where):
    address, mask = values[(index, 'ADDRESS')], values.get((index, 'NETMASK'))
    try:
        length = _length(address, mask)
    except (UsageError, ValueError):
        raise UsageError('%s: ADDRESS%d and NETMASK%d are no network: %s %s' % (where, index, index, address,
                                                                                mask or ''))
    words = ['%s/%d' % (address, length)]
    return words + (['via', values[(index, 'GATEWAY')]] if values.get((index, 'GATEWAY')) else [])


def _length(address, mask):
    if mask:
        from netnsctl.model.ifcfg.link import mask_length
        return mask_length(mask)
    first = int(addressing.parse_ip(address, 'the address').partition('.')[0])
    return 8 if first < 128 else 16 if first < 192 else 24


def render(rows):
    """Text of a file from lists of words."""
    return ''.join(' '.join(words) + '\n' for words in rows)
