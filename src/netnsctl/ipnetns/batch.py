"""-batch FILE: one command per line, read as iproute2 reads it (lib/utils.c, getcmdline() and makeargs())."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import is_readable, open_cloexec, to_bytes
from netnsctl.ipnetns import words
from netnsctl.ipnetns.options import is_prefix
from netnsctl.ipnetns.output import Refused, quoted, strerror

MOST_WORDS = 100
_BLOCK = 1 << 20
# Bytes of a line, and of lines joined by backslashes: a file without line feeds (/dev/zero) must not fill the memory.
LONGEST = 1 << 20


def run(settings, out):
    """Runs the commands of a file, or of standard input (-), up to the first that fails, or all with -force: 0 or 1.

    Raises Refused where iproute2 ends the batch: at a bad name or a usage error.
    """
    failed = 0
    for group in groups(settings.batch):
        for number, line in group:
            if _run_line(settings, number, line, out):
                failed = 1
                if not settings.force:
                    return failed
        out.flush()
    return failed


def _run_line(settings, number, line, out):
    arguments = split(line)
    if not arguments:
        return 0
    try:
        status = _one(settings, arguments, out)
    except Refused as refused:
        if refused.status == 255 or not refused.message:  # not: a command of exec that a signal ended
            raise
        status = out.refuse(refused)
    if status:
        out.tell(b'Command failed ' + settings.batch + b':' + to_bytes('%d' % number))
    return status


def _one(settings, arguments, out):
    # Lines are as `ip -batch` has them, with the object (netns, net), or as they are after `netnsctl netns`.
    if len(arguments[0]) > 2 and is_prefix(arguments[0], b'netns'):
        return words.run(settings, arguments[1:], out)
    if not words.is_word(arguments[0]):
        raise Refused(quoted(b'Object', arguments[0], b' is unknown, try "ip help".'), 1)
    return words.run(settings, arguments, out)


def groups(name):
    """The lines of a file, or of standard input (-), as they come: yields lists of (number, line), each all that can be
    read without waiting.

    Comments are removed, and lines that end in a backslash joined; the number is that of the last one. Raises Refused.
    """
    try:
        descriptor = 0 if name == b'-' else open_cloexec(name, os.O_RDONLY)
    except OSError as error:
        raise _unreadable(name, error)
    number, held, size, rest, ended = 0, [], 0, b'', False
    try:
        while not ended:
            text, ended = _read_some(descriptor, name)
            pieces = (rest + text).split(b'\n')
            rest = b'' if ended else pieces.pop()
            if len(rest) > LONGEST:
                raise _too_long(name, number + 1)
            found = []
            for piece in pieces:
                number += 1
                line = piece.split(b'#')[0]
                size += len(line)
                if size > LONGEST:
                    raise _too_long(name, number)
                if line.endswith(b'\\'):
                    held.append(line[:-1])
                else:
                    found.append((number, b''.join(held) + line))
                    held, size = [], 0
            if ended and held:
                found.append((number, b''.join(held)))
            yield found
    finally:
        if descriptor:
            os.close(descriptor)


def _too_long(name, number):
    return Refused(quoted(to_bytes('Line %d of' % number), name, to_bytes(' is longer than %d bytes' % LONGEST)))


def _read_some(descriptor, name):
    """(what can be read without waiting, waiting for something first; is that the end?)"""
    pieces, size = [], 0
    try:
        while size < _BLOCK:
            piece = os.read(descriptor, _BLOCK)
            pieces.append(piece)
            size += len(piece)
            if not piece or not is_readable(descriptor, 0):
                break
    except OSError as error:
        raise _unreadable(name, error)
    return b''.join(pieces), not pieces[-1]


def _unreadable(name, error):
    return Refused(quoted(b'Cannot open file', name, b' for reading: ' + strerror(error)))


def split(line):
    """The words of a line (bytes); "..." and '...' hold blanks. Refused for a quote that is not closed, status 1."""
    found, rest = [], line
    while True:
        rest = rest.lstrip(b' \t\r\n')
        if not rest:
            return found
        if len(found) >= MOST_WORDS - 1:
            raise Refused(b'Too many arguments to command', 1)
        if rest[:1] in (b'"', b"'"):
            word, closing, rest = rest[1:].partition(rest[:1])
            if not closing:
                raise Refused(b'Unterminated quoted string', 1)
            found.append(word)
            continue
        size = 0
        while size < len(rest) and rest[size:size + 1] not in (b' ', b'\t', b'\r', b'\n'):
            size += 1
        found.append(rest[:size])
        rest = rest[size:]
