"""The document as JSON: one line for each link, so that two of them can be compared line by line."""
from __future__ import absolute_import, division, print_function

import json

from netnsctl.compat import native, unicode_tree


def draw(document):
    """JSON text, with a line feed at its end."""
    document = dict(document)
    spaces = [_space(space) for space in document.pop('namespaces')]
    wires = [_compact(wire) for wire in document.pop('wires')]
    lines = ['{']
    for key in sorted(document):
        lines.append(' %s: %s,' % (_compact(key), _compact(document[key])))
    lines.append(' "namespaces": [\n  %s\n ],' % ',\n  '.join(spaces))
    lines.append(' "wires": [%s]' % ('\n  %s\n ' % ',\n  '.join(wires) if wires else ''))
    return '\n'.join(lines) + '\n}\n'


def _space(space):
    space = dict(space)
    links = [_compact(link) for link in space.pop('links')]
    head = _compact(space)[:-1]
    return '%s, "links": [%s]}' % (head, '\n   %s\n  ' % ',\n   '.join(links) if links else '')


def _compact(value):
    return native(json.dumps(unicode_tree(value), sort_keys=True))


def plain(value):
    """Any value as JSON for people and programs, with a line feed at its end."""
    return native(json.dumps(unicode_tree(value), indent=2, sort_keys=True)) + '\n'


def line(document):
    """The document in one line, without a line feed."""
    return _compact(document)
