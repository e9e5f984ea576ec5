"""An ifcfg file as text: lines of KEY=VALUE in the part of sh's grammar that means the same to every reader.

What a shell would expand, run or join is refused and not interpreted, so that a file that netnsctl takes has the same
values when initscripts source it; a variable is let be in the value of a key that has no effect. Quoting is
NetworkManager's (shvar.c, svEscape).
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import is_utf8, to_bytes, unicode_of
from netnsctl.errors import UsageError
from netnsctl.model.ifcfg.fields import find

FILE_BYTES = 1 << 16
_BLANKS = ' \t'  # what separates words to a shell: not what Unicode calls a blank
_CONTROL = re.compile('[\x00-\x08\x0a-\x1f\x7f]')
_CONTROL_OR_MARK = re.compile(u'[\x00-\x08\x0b-\x1f\x7f\ufeff]')
_ASSIGNMENT = re.compile(r'[ \t]*([A-Za-z_][A-Za-z0-9_]*)=')
# To a shell these end a word, quote or expand; the rest it takes as it is, for an assignment's value is not a pattern.
# In ASCII alone, since readers differ in what else is a blank.
_BARE = re.compile(r'[A-Za-z0-9_./:,+@%=!*?{}^\[\]-][A-Za-z0-9_./:,+@%=!*?{}^\[\]#-]*|')
_PLAIN = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_./:,+@%=!*?{}^\[\]-]*)\Z')  # most lines: the value is bare
_BARE_IDLE = re.compile(r'[A-Za-z0-9_./:,+@%=!*?{}^\[\]$~-][A-Za-z0-9_./:,+@%=!*?{}^\[\]#$~-]*|')
_SAFE = re.compile(r'[A-Za-z0-9_./:,+@%=-]+\Z')
_COMMENT = re.compile(r'[ \t]+#.*\Z|[ \t]*\Z')
_KEYS = {}  # each key once: thousands of files have the same
# Within double quotes a backslash escapes these alone (POSIX sh, 2.2.3).
_ESCAPED = '"\\$`'


class Line(object):
    """One line. number: from 1. text: without its line feed. key, value: None for a comment or a blank line.
    comment: what follows the value (blanks and a comment), or ''. repeats: (key, value) of a line that says again what
    an earlier one says, and has no key of its own; else None."""
    __slots__ = ('number', 'text', 'key', 'value', 'comment', 'repeats')

    def __init__(self, number, text, key=None, value=None, comment=''):
        self.number, self.text, self.key, self.value, self.comment = number, text, key, value, comment
        self.repeats = None


def parse(text, place):
    """The lines of a file: list of Line. UsageError 'FILE:LINE: reason'; place: the file's name for that.

    Each key appears once. The values are not checked here.
    """
    if len(to_bytes(text)) > FILE_BYTES:
        raise UsageError('%s: longer than %d bytes' % (place, FILE_BYTES))
    found, seen = [], {}
    looks_odd = not is_utf8(text) or _CONTROL_OR_MARK.search(unicode_of(text))
    for number, line in enumerate(text.split('\n'), 1):
        try:
            if looks_odd:
                refuse_odd_text(line)
            item = _parse_line(number, line)
        except ValueError as error:
            raise UsageError('%s:%d: %s' % (place, number, error))
        if item.key is not None:
            first, value = seen.setdefault(item.key, (number, item.value))
            if value != item.value:
                raise UsageError('%s:%d: %s is already given on line %d, with another value' % (place, number, item.key,
                                                                                              first))
            if first != number:
                item.repeats, item.key, item.value = (item.key, value), None, None
        found.append(item)
    if found and not found[-1].text:
        found.pop()  # what follows the last line feed
    return found


def split_words(text):
    """Its words, cut at blanks and tabs alone: list."""
    return [word for word in re.split('[ \t]+', text) if word]


def is_comment(line):
    """Says a line nothing: is it blank, or a comment?"""
    return line.strip(_BLANKS)[:1] in ('', '#')


def refuse_odd_text(line):
    """ValueError for a line (or a value) that holds what no reader agrees on."""
    if not is_utf8(line):
        raise ValueError('bytes that are not UTF-8')
    if to_bytes(line)[:3] == b'\xef\xbb\xbf':
        raise ValueError('a byte order mark')
    found = _CONTROL.search(line)
    if found:
        if found.group() == '\r':
            raise ValueError('a carriage return: the file has the line endings of another system')
        raise ValueError('a control character (0x%02x)' % ord(found.group()))


def _parse_line(number, line):
    match = _PLAIN.match(line)
    if match:
        key = match.group(1)
        return Line(number, line, _KEYS.setdefault(key, key), match.group(2))
    if is_comment(line):
        return Line(number, line)
    match = _ASSIGNMENT.match(line)
    if not match:
        raise ValueError('not of the form KEY=VALUE')
    key = match.group(1)
    known = find(key)
    value, end = _parse_value(line, match.end(), known is not None and not known[0].acted)
    if not _COMMENT.match(line, end):
        raise ValueError('%s: what follows its value is not understood: %s' % (key, line[end:].strip(_BLANKS)))
    return Line(number, line, key, value, line[end:].rstrip(_BLANKS))


def _parse_value(line, start, idle):
    """(value, index of what follows it). idle: the key has no effect, and its value may contain a variable."""
    first = line[start:start + 1]
    if first == "'":
        end = line.find("'", start + 1)
        if end < 0:
            raise ValueError("a quote ' that is not closed")
        return line[start + 1:end], end + 1
    if first == '"':
        return _parse_double_quoted(line, start + 1, idle)
    end = (_BARE_IDLE if idle else _BARE).match(line, start).end()
    after = line[end:end + 1]
    if after and after not in _BLANKS:
        raise ValueError('a value that holds %s must be in quotes' % after)
    return line[start:end], end


def _parse_double_quoted(line, at, idle):
    letters = []
    while at < len(line):
        letter = line[at]
        if letter == '"':
            return ''.join(letters), at + 1
        if letter == '`' or letter == '$' and not idle:
            raise ValueError('%s would be expanded by a shell; write \\%s' % (letter, letter))
        if letter == '\\' and line[at + 1:at + 2] and line[at + 1] in _ESCAPED:
            at += 1
            letter = line[at]
        letters.append(letter)
        at += 1
    raise ValueError('a quote " that is not closed')


def quote(value):
    """The value as a file has it: bare where that is safe, else in double quotes. ValueError for control characters."""
    if '\n' in value:
        raise ValueError('a line feed')
    refuse_odd_text(value)
    if not value or _SAFE.match(value):
        return value
    return '"%s"' % ''.join('\\' + letter if letter in _ESCAPED else letter for letter in value)


def update(found, items, acted):
    """A file's lines with other values: text. Comments, and keys that are not acted on, stay where they are.

    found: list of Line. items: [(key, value)] that the file is to have. acted: function of a key, True if the key is
    netnsctl's to write: those that items lack go. A line whose value is right stays to the letter.
    """
    wanted, written = dict(items), []
    asked = dict(items)
    for line in found:
        if line.repeats is not None and acted(line.repeats[0]) and asked.get(line.repeats[0]) != line.repeats[1]:
            continue
        if line.key is None or not acted(line.key):
            written.append(line.text)
        elif line.key in wanted:
            value = wanted.pop(line.key)
            written.append(line.text if value == line.value else '%s=%s%s' % (line.key, quote(value), line.comment))
    written += ['%s=%s' % (key, quote(value)) for key, value in items if key in wanted]
    return ''.join(line + '\n' for line in written)
