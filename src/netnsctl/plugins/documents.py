"""JSON that comes from a runtime, and in which a container or an unprivileged user may have had a hand: bounded,
checked, and with every text native."""
from __future__ import absolute_import, division, print_function

import errno
import os
import select

from netnsctl.compat import monotonic, native, native_tree, printable, to_bytes
from netnsctl.edge.files import json_text
from netnsctl.errors import NetnsctlError, NoAnswerError, UsageError, cause_of

BYTES = 1 << 20
DEPTH = 32
SECONDS = 10.0


def read_all(descriptor, what):
    """All that can be read from a descriptor, as bytes. UsageError past BYTES, NoAnswerError where it does not end in
    SECONDS."""
    deadline, pieces, size = monotonic() + SECONDS, [], 0
    while True:
        left = deadline - monotonic()
        try:
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise NoAnswerError('read %s: it does not end within %d s' % (what, SECONDS))
            piece = os.read(descriptor, 1 << 16)
        except (EnvironmentError, select.error) as error:
            if error.args and error.args[0] == errno.EINTR:
                continue
            raise NetnsctlError('read %s: %s' % (what, error))
        if not piece:
            return b''.join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > BYTES:
            raise UsageError('%s: longer than %d bytes' % (what, BYTES))


def write(data):
    """Writes all of an answer (bytes) to standard output. NetnsctlError."""
    try:
        while data:
            data = data[os.write(1, data):]
    except EnvironmentError as error:
        raise NetnsctlError('write the answer to standard output: %s' % cause_of(error))


def complain(text):
    """Says in a line on standard error what standard output does not take."""
    try:
        os.write(2, to_bytes('%s\n' % printable(text)))
    except EnvironmentError:
        pass  # the exit status says it


def as_object(data, what):
    """The object that a JSON document (bytes) holds: dict. UsageError."""
    try:
        found = _loads(data.decode('utf-8'))
    except UnicodeDecodeError:
        raise UsageError('%s: not UTF-8' % what)
    except ValueError as error:
        raise UsageError('%s: not JSON: %s' % (what, printable(native(str(error)))[:200]))
    except RuntimeError:  # Python 3's RecursionError is one
        raise UsageError('%s: nested too deeply' % what)
    if not isinstance(found, dict):
        raise UsageError('%s: not a JSON object' % what)
    _require_shallow(found, what)
    return native_tree(found)


def _loads(text):
    try:
        return json_text.loads(text)
    except ValueError:
        import json  # says what is wrong with it, and where
        return json.loads(text)


def _require_shallow(tree, what):
    left = [(tree, 0)]
    while left:
        value, depth = left.pop()
        if depth > DEPTH:
            raise UsageError('%s: nested too deeply' % what)
        if isinstance(value, (dict, list)):
            left.extend((item, depth + 1) for item in (value.values() if isinstance(value, dict) else value))


def without_force(hint):
    """The hint of an error without what it says of --force, which who starts a container cannot give."""
    if not hint or '--force' not in hint:
        return hint
    import re  # what is not refused starts without it, which is a fifth of an ADD of CNI's
    return re.sub(r'[;.] --force [^.\n]*\.', '.', hint)
