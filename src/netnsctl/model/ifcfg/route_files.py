"""route-DEV, route6-DEV, rule-DEV and rule6-DEV: lines as `ip route add` and `ip rule add` take them, or ADDRESSn form.

As ifup-routes of initscripts 9.03.40 reads them, words cut at blanks, with no quotes.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import lines, masks

_ADDRESS_FORM = re.compile(r'(?m)^[ \t]*ADDRESS[0-9]+=')
# METRICn and OPTIONSn are NetworkManager's.
_KEY = re.compile(r'(ADDRESS|NETMASK|GATEWAY|METRIC|OPTIONS)(0|[1-9][0-9]{0,4})\Z')
_KEY_ON_LINE = re.compile(r'([ \t]*[A-Z]+)[0-9]+=')


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
        # A # within a line is not a comment there.
        if not lines.is_comment(line):
            rows.append((number, lines.split_words(line)))
    return rows


def _from_addresses(text, place):
    """ADDRESSn, NETMASKn and GATEWAYn from 0 on; one behind a gap is never read by initscripts, and refused here."""
    values, numbers = {}, {}
    for line in lines.parse(text, place):
        if line.key is None:
            continue
        match = _KEY.match(line.key)
        if not match:
            raise UsageError('%s:%d: no key %s; known keys: ADDRESSn, NETMASKn, GATEWAYn, METRICn and OPTIONSn' % (
                place, line.number, line.key))
        numbers.setdefault(int(match.group(2)), line.number)
        values[(int(match.group(2)), match.group(1))] = line.value
    rows = []
    for at, index in enumerate(sorted(numbers)):
        if at != index or not values.get((index, 'ADDRESS')):
            raise UsageError('%s:%d: there is no ADDRESS%d, so higher numbers are not read' % (
                place, numbers[index], at))
        rows.append((numbers[index], _words_of(values, index, '%s:%d' % (place, numbers[index]))))
    return rows


def _words_of(values, index, where):
    address, mask = values[(index, 'ADDRESS')], values.get((index, 'NETMASK'))
    try:
        length = masks.mask_length(mask) if mask else masks.class_length(address)
    except UsageError:
        raise UsageError('%s: ADDRESS%d and NETMASK%d are not a network: %s %s' % (where, index, index, address,
                                                                                mask or ''))
    words = ['%s/%d' % (address, length)]
    for key, word in (('GATEWAY', 'via'), ('METRIC', 'metric')):
        words += [word, values[(index, key)]] if values.get((index, key)) else []
    return words + lines.split_words(values.get((index, 'OPTIONS'), ''))


def render(rows):
    """Text of a file from lists of words."""
    return ''.join(' '.join(words) + '\n' for words in rows)


def update(text, place, parse_words, wanted, words_of):
    """A file with other rows: its text, or None if nothing is left to say. Comments stay, and lines that still hold.

    text: as it is, or None. wanted: values as parse_words gives them. words_of: function of one, its words. A file that
    says just these, in whatever form and order, stays to the byte. UsageError as parse().
    """
    rows = parse(text or '', place, parse_words)
    if set(value for _, value in rows) == set(wanted):
        return text
    kept = dict((number, value) for number, value in rows if value in wanted)
    added = [words_of(value) for value in wanted if value not in kept.values()]
    if _ADDRESS_FORM.search(text or ''):
        written = _update_addresses(text, place, kept, added, words_of)
    else:
        written = [line for number, line in enumerate(_split(text), 1) if lines.is_comment(line) or number in kept]
        written += [' '.join(words) for words in added]
    return None if all(_is_blank(line) for line in written) else ''.join(line + '\n' for line in written)


def _split(text):
    found = (text or '').split('\n')
    return found if found[-1] else found[:-1]  # what follows the last line feed


def _is_blank(text):
    return not text.strip(' \t\n')


def _update_addresses(text, place, kept, added, words_of):
    """The lines of a file in ADDRESSn form: in that form still, numbered without a gap, if it can say what is added;
    else as words. kept: {number of a row's first line: value}."""
    first, indexes = {}, {}
    found = lines.parse(text, place)
    for line in found:
        if line.key is not None:
            first.setdefault(_KEY.match(line.key).group(2), line.number)
    in_form = all(len(words) == 1 or words[1:2] == ['via'] and len(words) == 3 for words in map(_without_dev, added))
    for index in sorted(first, key=int):
        if first[index] in kept:
            indexes[index] = len(indexes)
    written = []
    for line in found:
        if line.key is None:
            written.append(line.text)
            continue
        index = _KEY.match(line.key).group(2)
        if index not in indexes:
            continue
        if in_form:
            written.append(_KEY_ON_LINE.sub(r'\g<1>%d=' % indexes[index], line.text, 1))
        elif line.number == first[index]:
            written.append(' '.join(words_of(kept[line.number])))
    if not in_form:
        return written + [' '.join(words) for words in added]
    for at, words in enumerate(map(_without_dev, added), len(indexes)):
        address, _, length = words[0].partition('/')
        written += ['ADDRESS%d=%s' % (at, address), 'NETMASK%d=%s' % (at, masks.mask_of(int(length)))]
        written += ['GATEWAY%d=%s' % (at, words[2])] if words[1:] else []
    return written


def _without_dev(words):
    """A route's words without its own link: the other form has no place for it, nor need of it."""
    if 'dev' not in words:
        return words
    at = words.index('dev')
    return words[:at] + words[at + 2:]
