"""The file of wires: one per line, written as after `netnsctl wire`; # begins a comment. No I/O."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import to_bytes
from netnsctl.errors import UsageError
from netnsctl.model import endpoint, names

LINE_BYTES = 65536
MOST_ERRORS = 1000
_OPTIONS = ('--name', '--mtu')


class WireLine(object):
    """One line: number (from 1), a and b (Endpoint), name and mtu (None if the line has none), filename (None of a wire
    that no file names)."""
    __slots__ = ('number', 'a', 'b', 'name', 'mtu', 'filename')

    def __init__(self, number, a, b, name, mtu, filename=None):
        self.number, self.a, self.b, self.name, self.mtu, self.filename = number, a, b, name, mtu, filename


class LineError(UsageError):
    """A line that is malformed: number (from 1), reason. Its message is 'FILE:LINE: reason'."""

    def __init__(self, filename, number, error):
        UsageError.__init__(self, '%s:%d: %s' % (filename, number, error.message), hint=error.hint)
        self.number, self.reason = number, error.message


def parse(text, filename):
    """The text of a file -> (list of WireLine, list of LineError for the lines that are malformed).

    UsageError if MOST_ERRORS lines are: that is another kind of file.
    """
    lines, errors = [], []
    if to_bytes(text[:3]).startswith(b'\xef\xbb\xbf'):
        raise UsageError('%s:1: begins with a byte order mark' % filename)
    for number, line in enumerate(text.split('\n'), 1):
        try:
            words = split(line)
            if words:
                lines.append(_checked(parse_words(filename, number, words)))
        except UsageError as error:
            errors.append(LineError(filename, number, error))
            if len(errors) == MOST_ERRORS:
                raise UsageError('%s: not a file of wires: %d malformed lines, the first is line %d: %s'
                                 % (filename, MOST_ERRORS, errors[0].number, errors[0].reason))
    return lines, errors


def split(line):
    """The words of a line: list, empty of one that holds no wire. UsageError."""
    if len(line) > LINE_BYTES:
        raise UsageError('the line is longer than %d bytes' % LINE_BYTES)
    if line.endswith('\r'):
        raise UsageError('the line ends in a carriage return')
    if '"' not in line and "'" not in line and '\\' not in line and '#' not in line:
        return line.split()  # shlex is many times slower, and a file may hold thousands
    import shlex
    try:
        return shlex.split(line, True)
    except ValueError as error:
        raise UsageError('cannot be split into words: %s' % error)


def parse_words(filename, number, words):
    """The WireLine of a line's words. UsageError."""
    options = {}
    ends = []
    words = list(words)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition('=')
        if name in _OPTIONS:
            if not equals and words:
                value = words.pop(0)
            if not value:
                raise UsageError('%s: no value' % name)
            if name in options:
                raise UsageError('%s is given twice' % name)
            options[name] = value
        elif word.startswith('-'):
            raise UsageError('%s: not an option of a wire in a file' % word,
                             hint='A line takes --name and --mtu; other options go on the command line, for all wires.')
        else:
            ends.append(word)
    if len(ends) != 2:
        raise UsageError('a wire has two endpoints, this line has %d' % len(ends))
    mtu = names.check_mtu(options['--mtu']) if '--mtu' in options else None
    if '--name' in options:
        names.check_wire_name(options['--name'])
    return WireLine(number, endpoint.parse(ends[0]), endpoint.parse(ends[1]), options.get('--name'), mtu, filename)


def _checked(line):
    """The same WireLine. UsageError if its two ends cannot have the nat or the published ports that it asks for."""
    if line.a.has_uplink or line.b.has_uplink:
        from netnsctl.model.features import uplink  # few wires have either
        uplink.check(line.a, line.b)
    return line
