"""Everything that is printed: escaped, encoded, coloured only for a terminal, and with its failures distinguished."""
from __future__ import absolute_import, division, print_function

import errno
import os
import sys

from netnsctl.compat import PY3, native, printable, to_bytes, unicode_of, unicode_tree
from netnsctl.errors import NetnsctlError

_emitted = []
_COLOURS = {'green': '32', 'yellow': '33', 'red': '31', 'bold': '1'}


class OutputError(NetnsctlError):
    """Standard output cannot be written (a full disk); what was done remains."""


def _write(stream, text):
    if stream is None:  # closed when Python started
        return
    raw = getattr(stream, 'buffer', stream)
    try:
        raw.write(text.encode('utf-8', 'backslashreplace') if PY3 else text)
        raw.flush()
    except (OSError, IOError) as error:
        # Python must not try again at exit to write what could not be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if error.errno != errno.EPIPE and stream is sys.stdout:
            raise OutputError('write to standard output: %s' % error.strerror,
                              hint='What was done remains in effect; `netnsctl ls` shows it.')


def local_time(seconds):
    """A moment (seconds since the epoch) on this host's clock, with the offset from UTC."""
    import time
    here = time.localtime(seconds)
    # Python 2's %z is that of the process's start, and '+0000' for some zones.
    import calendar
    minutes = (calendar.timegm(here) - int(seconds)) // 60
    return '%s %s%02d%02d' % (time.strftime('%Y-%m-%d %H:%M:%S', here), '-' if minutes < 0 else '+',
                              abs(minutes) // 60, abs(minutes) % 60)


def width_of(text):
    """Columns that a text takes on a terminal: East Asian wide characters take two, combining ones none."""
    if all(byte < 128 for byte in bytearray(to_bytes(text))):
        return len(text)
    import unicodedata
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in 'WF' else 1
               for letter in unicode_of(text))


def padded(text, width):
    """The text, padded with blanks to that many columns."""
    return text + ' ' * (width - width_of(text))


def cut(text, width):
    """Escaped text cut to a width in columns; it ends in ~ if anything was cut off."""
    letters, room = unicode_of(text), max(width - 1, 0)
    kept = u''
    for letter in letters:
        room -= width_of(native(letter))
        if room < 0:
            break
        kept += letter
    return native(kept) + '~' if width > 0 else ''


def flush():
    """Writes out whatever else was printed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, IOError, ValueError):
            pass  # a closed pipe: whoever read has left


def say(text, escaped=False):
    """Prints a line on standard output, escaped unless its parts have all been through printable() or colour()."""
    _write(sys.stdout, (text if escaped else printable(text)) + '\n')


def warn(text, escaped=False):
    """Prints a line on standard error, escaped unless it needs no escaping, which saves the memory for it."""
    _write(sys.stderr, (text if escaped else printable(text)) + '\n')


def ask(question):
    """Prints a question on standard error, escaped and without a line feed."""
    _write(sys.stderr, printable(question))


def emit_json(value, error=None, is_line=False):
    """One JSON document on standard output. error: what the command fails with, which the document then names. is_line:
    on a line of its own, as those before it."""
    _emitted.append(True)
    _write(sys.stdout, _as_json(_with_error(value, error), None if is_line else 2) + '\n')


def json_item(value):
    """The text of one item of emit_json_items(): of thousands it takes less memory than they do."""
    return _as_json(value).replace('\n', '\n    ')


def emit_json_items(value, key, items, error=None):
    """emit_json() of a dict whose last key in their order, which it lacks, has this list, of json_item()s."""
    if not items:
        emit_json(dict(value, **{key: []}), error)
        return
    _emitted.append(True)
    value = dict(_with_error(value, error), **{key: [0]})
    before, _, after = _as_json(value).rpartition('0')
    _write(sys.stdout, before)
    for at in range(0, len(items), 100):
        _write(sys.stdout, (',\n    ' if at else '') + ',\n    '.join(items[at:at + 100]))
    _write(sys.stdout, after + '\n')


def _as_json(value, indent=2):
    import json
    return json.dumps(unicode_tree(value), indent=indent, sort_keys=True)


def _with_error(value, error):
    return value if error is None else dict(value, error=error.message, hint=error.hint, exit_code=error.exit_code)


def emit_json_line(value):
    """One of several JSON documents, in one line on standard output. OutputError."""
    emit_json(value, is_line=True)


def emitted_json():
    """Has this command printed its document?"""
    return bool(_emitted)


def is_terminal(stream=None):
    """Is the stream (standard output) a terminal that should have colour? NO_COLOR and TERM=dumb mean no."""
    stream = stream or sys.stdout
    return stream is not None and stream.isatty() and 'NO_COLOR' not in os.environ and os.environ.get('TERM') != 'dumb'


def colour(text, name):
    """The text, escaped, in a colour (green, yellow, red, bold) where standard output is a terminal.

    For say(..., escaped=True).
    """
    if not is_terminal():
        return printable(text)
    return '\x1b[%sm%s\x1b[0m' % (_COLOURS[name], printable(text))


def report_error(error, before=''):
    """A declared error on standard error: one line, and its hint on lines of its own. before: what comes first."""
    warn('%snetnsctl: %s' % (before, error.message))
    for line in (error.hint or '').splitlines():
        warn('  %s' % line)
