"""Events that docker and podman report about their containers: lines, and the events in them.

Seen in the output of docker 20.10 and podman 4.3; docker before 1.10 (EL6's is 1.7.1) gives no name, and neither
Type nor Actor (docker's docs, remote API v1.19); docker's newest API levels leave out status and id.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import is_utf8, native, native_tree
from netnsctl.edge.runtimes import engines

# What an event means for the wires of a container. MISSED: some may have been, so look at all of them.
STARTED, GONE, RENAMED, MISSED = 'started', 'gone', 'renamed', 'missed'
# `restart` is left out: docker's comes after its own start, podman's before the stop.
_KINDS = {'start': STARTED, 'die': GONE, 'died': GONE, 'stop': GONE, 'rename': RENAMED}
LINE_LIMIT = 1 << 20
# `podman events` and `docker events` print `TIME container start ID (image=x, name=y)`, docker before 1.10
# `TIME ID: (from x) start`.
_PLAIN = re.compile(r'\S+(?: \S+ \S+ \S+)? container ([a-z_]+) ([0-9a-f]{12,64}) \((.*)\)\Z')
_PLAIN_OLD = re.compile(r'\S+ ([0-9a-f]{12,64}): (?:\(from .*\) )?([a-z_]+)\Z')


class Event(object):
    """kind: one of the above, or None for what concerns no wire. name: the container's, or None if it is not told.
    identity: its ID, or None."""
    __slots__ = ('scheme', 'kind', 'name', 'identity')

    def __init__(self, scheme, kind, name=None, identity=None):
        self.scheme = scheme
        self.kind = kind
        self.name = name
        self.identity = identity

    def is_of(self, word):
        """Is its container called so: by its name, or by its ID or 12 digits or more of that?"""
        return word in (self.name, self.identity) or bool(
            self.identity and engines.is_id_prefix(word) and self.identity.startswith(word))

    def __repr__(self):
        return 'Event(%s, %s, %s)' % (self.scheme, self.kind, self.name)


class Lines(object):
    """Splits a stream of bytes into lines of at most limit bytes."""

    def __init__(self, limit=LINE_LIMIT):
        self.limit = limit
        self._rest = b''
        self._skipping = False

    def feed(self, data):
        """The lines completed by these bytes: list of bytes; None for one that was too long."""
        pieces = data.split(b'\n')
        pieces[0] = self._rest + pieces[0]
        self._rest = pieces.pop()
        lines = []
        for piece in pieces:
            lines.append(None if self._skipping or len(piece) > self.limit else piece.rstrip(b'\r'))
            self._skipping = False
        if len(self._rest) > self.limit:
            self._rest, self._skipping = b'', True
        return lines


def parse_line(scheme, line):
    """The Event in a line (bytes) of JSON or of plain text. ValueError for anything else."""
    text = line.strip()
    if text.startswith(b'{'):
        return _parse_json(scheme, text)
    text = native(text) if is_utf8(native(text)) else ''
    found = _PLAIN.match(text)
    if found:
        name = re.search(r'(?:\A|, )name=([^,]+)', found.group(3))
        return Event(scheme, _KINDS.get(found.group(1)), name.group(1) if name else None, found.group(2))
    found = _PLAIN_OLD.match(text)
    if found:
        return Event(scheme, _KINDS.get(found.group(2)), None, found.group(1))
    raise ValueError('not an event')


def _parse_json(scheme, text):
    import json
    try:
        document = native_tree(json.loads(text.decode('utf-8')))
    except RuntimeError:  # nested deeper than the interpreter's stack
        raise ValueError('not an event')
    actor = document.get('Actor')
    actor = actor if isinstance(actor, dict) else {}
    attributes = actor.get('Attributes')
    status = _first_text(document, ('status', 'Action', 'Status'))
    if status is None:
        raise ValueError('not an event')
    kind = _KINDS.get(status) if document.get('Type', 'container') == 'container' else None
    name = _first_text(document, ('Name',)) or _first_text(attributes, ('name',))
    identity = _first_text(document, ('id', 'ID')) or _first_text(actor, ('ID',))
    if kind and not name and not identity:
        raise ValueError('not an event')
    return Event(scheme, kind, name, identity)


def _first_text(values, keys):
    """The first of these values that is text and not empty, or None."""
    for key in keys:
        value = values.get(key) if isinstance(values, dict) else None
        if value and isinstance(value, str):
            return value
    return None
