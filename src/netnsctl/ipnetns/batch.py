"""-batch FILE: a command a line, read as iproute2 reads it (lib/utils.c, getcmdline() and makeargs())."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import open_cloexec, to_bytes
from netnsctl.ipnetns import words
from netnsctl.ipnetns.options import is_prefix
from netnsctl.ipnetns.output import Refused, quoted, strerror

MOST_WORDS = 100


def run(settings, out):
    """Runs the commands of a file, or of standard input (-), up to the first that fails, or all with -force: 0 or 1.

    Refused ends it where iproute2 ends: at a bad name, or a usage error.
    """
    failed = 0
    for number, line in _lines(_read(settings.batch)):
        arguments = split(line)
        if not arguments:
            continue
        try:
            status = _one(settings, arguments, out)
        except Refused as refused:
            if refused.status == 255 or not refused.message:  # not: a command of exec that a signal ended
                raise
            status = out.refuse(refused)
        if status:
            out.tell(b'Command failed ' + settings.batch + b':' + to_bytes('%d' % number))
            failed = 1
            if not settings.force:
                break
    return failed


def _one(settings, arguments, out):
    # Lines are as `ip -batch` has them, with the object: netns, net.
    if not (len(arguments[0]) > 2 and is_prefix(arguments[0], b'netns')):
        raise Refused(quoted(b'Object', arguments[0], b' is unknown, try "ip help".'), 1)
    return words.run(settings, arguments[1:], out)


def _read(name):
    try:
        descriptor = 0 if name == b'-' else open_cloexec(name, os.O_RDONLY)
        try:
            pieces = []
            while True:
                piece = os.read(descriptor, 1 << 16)
                if not piece:
                    return b''.join(pieces)
                pieces.append(piece)
        finally:
            if descriptor:
                os.close(descriptor)
    except OSError as error:
        raise Refused(quoted(b'Cannot open file', name, b' for reading: ' + strerror(error)))


def _lines(text):
    """(number, line) with comments gone, and lines joined that a backslash ends; the number is the last one's."""
    number, held = 0, b''
    for line in text.split(b'\n'):
        number += 1
        line = held + line.split(b'#')[0] if b'#' in line else held + line
        if line.endswith(b'\\'):
            held = line[:-1]
            continue
        held = b''
        yield number, line
    if held:
        yield number, held


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
