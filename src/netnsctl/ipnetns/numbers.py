"""Numbers of namespaces: with the names, and by themselves (list-id); and their JSON."""
from __future__ import absolute_import, division, print_function

import os
import time

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.netlink import nsid
from netnsctl.ipnetns.options import INCOMPLETE, integer, usage, wrong
from netnsctl.ipnetns.output import Refused, quoted, shown

_ESCAPES = dict((byte, b'\\' + letter) for byte, letter in zip(bytearray(b'\t\n\r\f\b\\"'), (
    b't', b'n', b'r', b'f', b'b', b'\\', b'"')))


def explain(error):
    """The line for what the kernel refused: its own words, else errno's, as rtnl_talk() prints it."""
    if error.words:
        return b'Error: ' + error.words + (b'' if error.words.endswith(b'.') else b'.')
    return b'RTNETLINK answers: ' + to_bytes(os.strerror(error.errno))


def numbered(names, out):
    """[(name, its number or None, is it stale)] for these names, in their order.

    Reports each stale name on standard error, where iproute2 prints the kernel's refusal without the name.
    """
    rows = []
    asked = nsid.Nsids() if nsid.is_supported() else None
    deadline = time.time()  # do not wait for one that is just being created
    for name in names:
        descriptor, error = netns_dir.open_name(name, deadline)
        if descriptor is None:
            why = netns_dir.explain_stale(name)
            if why:
                out.tell(quoted(b'Network namespace', name, b' is stale: ' + why))
            rows.append((name, None, bool(why)))
            continue
        number = None
        try:
            if asked is not None:
                number = asked.of(descriptor)
        except nsid.NsidError:
            pass
        finally:
            os.close(descriptor)
        rows.append((name, number if number is not None and number >= 0 else None, False))
    return rows


def _read_filter(arguments):
    """What follows list-id: {'target-nsid': N, 'nsid': N}. Refused."""
    found = {}
    arguments = list(arguments)
    while arguments:
        word = arguments.pop(0)
        if word not in (b'target-nsid', b'nsid'):
            raise usage()
        if word in found:
            raise Refused(b'Error: duplicate "' + word + b'": "' + word + b'" is the second value.', 255)
        if not arguments:
            raise Refused(INCOMPLETE, 255)
        value = arguments.pop(0)
        number = integer(value)
        if number is None:
            raise wrong(value, b'"' + word + b'" value is invalid')
        if number < 0:
            # iproute2 names the word after it, or (null).
            raise wrong(value, b'"' + word + b'" value should be >= 0')
        found[word] = number
    return found


def show(settings, arguments, out):
    """list-id: every number that is assigned, or the one asked for, with the name that it has here."""
    if not nsid.is_supported():
        raise Refused(b'RTM_GETNSID is not supported by the kernel.', 95)  # ENOTSUP, as iproute2 ends
    wanted = _read_filter(arguments)
    asked = nsid.Nsids()
    target = wanted.get(b'target-nsid')
    try:
        if b'nsid' in wanted:
            found = [asked.show(wanted[b'nsid'], target)]
        else:
            found = asked.every(target)
    except nsid.NsidError as error:
        if b'nsid' in wanted:
            raise Refused(explain(error), 2)
        raise Refused(explain(error) + b'\nDump terminated', 1)
    try:
        names = netns_dir.names()
    except OSError:
        names = []
    known = dict((number, name) for name, number, _ in reversed(numbered(names, out)) if number is not None)
    rows = [(item, known.get(item.nsid if item.current is None else item.current)) for item in found]
    if settings.json:
        out.put(as_json([_fields(item, name) for item, name in rows], settings.pretty))
        return 0
    for item, name in rows:
        line = _say(b'nsid', item.nsid) + (b'' if item.current is None else _say(b'current-nsid', item.current))
        out.put(line + (b'' if name is None else b'(iproute2 netns name: ' + shown(name) + b')') + b'\n')
    return 0


def _say(word, number):
    return word + b' ' + (b'unassigned' if number < 0 else to_bytes(str(number))) + b' '


def _fields(item, name):
    fields = [(key, number) for key, number in ((b'nsid', item.nsid), (b'current-nsid', item.current))
              if number is not None and number >= 0]
    return fields + ([] if name is None else [(b'name', name)])


def as_json(rows, pretty):
    """Rows of (key, bytes or int) as iproute2 prints JSON: one line, or with -pretty a field a line."""
    objects = [[b'"' + key + b'":' + (b' ' if pretty else b'') + _json(value) for key, value in row] for row in rows]
    if not pretty:
        return b'[' + b','.join(b'{' + b','.join(fields) + b'}' for fields in objects) + b']\n'
    texts = [b'{\n' + b',\n'.join(b'        ' + field for field in fields) + b'\n    }' for fields in objects]
    return b'[ ' + b','.join(texts) + (b' ' if texts else b'') + b']\n'


def _json(value):
    if not isinstance(value, bytes):
        return to_bytes(str(value))
    return b'"' + b''.join(_ESCAPES.get(byte) or _one(byte) for byte in bytearray(value)) + b'"'


def _one(byte):
    # iproute2 leaves other control characters as they are, which is not JSON.
    return to_bytes('\\u%04x' % byte) if byte < 32 else bytes(bytearray([byte]))
