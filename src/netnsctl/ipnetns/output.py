"""What `netnsctl netns` prints: bytes, in blocks, and safe on a terminal."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import native, printable, to_bytes


class Refused(Exception):
    """The command ends here. message: bytes for standard error, without line feed; '' for none. status: its exit
    code: 1 a failed operation, 255 a usage error, 2 what the kernel refused. shown: bytes for standard output."""

    def __init__(self, message=b'', status=1, shown=b''):
        Exception.__init__(self, message, status)
        self.message = message
        self.status = status
        self.shown = shown


def strerror(error):
    """The words for an OSError: bytes."""
    return to_bytes(os.strerror(error.errno) if error.errno else str(error))


def shown(name):
    """A name (bytes) for output: a line feed in it is marked, so that it does not start a line on a terminal."""
    return name.replace(b'\n', b'\0')


def quoted(prefix, name, suffix):
    """prefix "name" suffix, as iproute2 puts names into its messages."""
    return prefix + b' "' + shown(name) + b'"' + shown(suffix)


def _visible(text):
    """Bytes as compat.printable() has them, line feeds but those of names as they are."""
    return b'\n'.join([to_bytes(printable(native(line.replace(b'\0', b'\\x0a')))) for line in text.split(b'\n')])


class Output(object):
    """Standard output, written when it is flushed or holds a block, and standard error, written at once.

    A name of a namespace may hold any byte but / and NUL: on a terminal, and only there, what is no plain text is
    shown as \\xNN. (iproute2 prints it as it is.)
    """

    def __init__(self):
        self._pieces = []
        self._size = 0
        self._terminals = {}

    def _write(self, descriptor, data):
        if descriptor not in self._terminals:
            self._terminals[descriptor] = os.isatty(descriptor)
        if self._terminals[descriptor]:
            data = _visible(data)
        else:
            data = data.replace(b'\0', b'\n')  # no output holds NUL
        while data:
            data = data[os.write(descriptor, data):]

    def put(self, data):
        """Adds to standard output. OSError."""
        self._pieces.append(data)
        self._size += len(data)
        if self._size > 65536:
            self.flush()

    def flush(self):
        """Writes out what was put. OSError."""
        data = b''.join(self._pieces)
        self.drop()
        self._write(1, data)

    def drop(self):
        """Forgets what was put."""
        self._pieces, self._size = [], 0

    def tell(self, line):
        """Prints a line on standard error, unless that is closed."""
        try:
            self._write(2, line + b'\n')
        except OSError:
            pass

    def refuse(self, refused):
        """Prints why a command ends: its exit status."""
        self.put(refused.shown)
        if refused.message:
            self.tell(refused.message)
        return refused.status
