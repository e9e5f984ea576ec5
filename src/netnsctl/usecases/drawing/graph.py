"""The map as boxes, rows and lines: what all pictures have in common."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, printable, unicode_of
from netnsctl.usecases.drawing import words

LETTERS = 200  # of one text: a name may be long, and an alias has 256 bytes
ROWS, HOST_ROWS = 100, 3000  # of a namespace, of the host; those that are joined to something come first
PEER, PORT, PARENT = 'peer', 'port', 'parent'


class Row(object):
    """A link in a picture. box, name: which. text: its name. about: list of text. state: 'up', 'down', 'no carrier'.
    wire: the name of its wire or None, wire_state: its state. link: of the document. is_concerned: has it
    a problem?"""

    def __init__(self, box, link, gateways, states):
        self.box, self.name, self.link = box, link['name'], link
        self.state, self.wire = words.state_of(link), link.get('wire')
        self.wire_state = states.get(self.wire)
        self.text = clean(link['name'])
        self.about = [clean(text) for text in [words.kind_of(link)] + words.remarks_of(link) + words.addresses_of(link)
                      + ['default via %s' % via if via else 'default' for via in gateways]]
        self.lines, self.is_concerned = [], False


class Box(object):
    """A namespace in a picture. number, id, title, about (list of text), rows (list of Row), more: how many links are
    left out. space: of the document. is_concerned: has it, or has one of its rows, a problem?"""

    def __init__(self, number, space, hostname):
        self.number, self.id, self.space = number, space['id'], space
        self.title = clean('%s  %s' % (space['id'], hostname) if space['id'] == 'host' else space['id'])
        self.about = [clean(text) for text in words.aliases_of(space)]
        if space['unread']:
            self.about.append(clean('cannot be read: %s' % space['unread']))
        self.rows, self.more, self.is_concerned = [], space['more_links'], False


class Line(object):
    """What joins two rows. kind: PEER, PORT (of a bridge, the first is the port), PARENT (the first hangs on the
    second). wire: the name of a wire or None, wire_state."""

    def __init__(self, kind, first, second):
        self.kind, self.first, self.second = kind, first, second
        self.is_concerned = kind != PORT and (first.is_concerned or kind == PEER and second.is_concerned)
        self.wire = first.wire or (second.wire if kind == PEER else None)
        self.wire_state = first.wire_state or (second.wire_state if kind == PEER else None)


def clean(text):
    """A text as unicode in one line, without what would act on a terminal or is no character of XML."""
    shown = unicode_of(printable(native(text)))
    shown = u''.join([u'?' if ord(letter) & 0xfffe == 0xfffe else letter for letter in shown])
    return shown if len(shown) <= LETTERS else shown[:LETTERS - 1] + u'\u2026'


def of(document):
    """([Box], [Line]) of a document."""
    states, boxes, by_name = words.states_of(document), [], {}
    joined, concerned = _joined(document), words.concerned(document)
    for number, space in enumerate(document['namespaces']):
        box = Box(number, space, document['hostname'])
        gateways = words.gateways_of(space)
        links = [link for link in space['links']
                 if (space['id'], link['name']) in joined or words.is_worth_drawing(link)]
        rows = HOST_ROWS if space['id'] == 'host' else ROWS
        if len(links) > rows:
            links.sort(key=lambda link: (space['id'], link['name']) not in joined)
            box.more += len(links) - rows
        for link in links[:rows]:
            row = Row(box, link, gateways.get(link['name'], ()), states)
            row.is_concerned = (space['id'], link['name']) in concerned
            box.rows.append(row)
            by_name[space['id'], link['name']] = row
        box.is_concerned = (space['id'], None) in concerned or any(row.is_concerned for row in box.rows)
        boxes.append(box)
    return boxes, _lines(boxes, by_name)


def _joined(document):
    """(id, name) of every link that is joined to another."""
    found = set()
    for space in document['namespaces']:
        for link in space['links']:
            for key in _joints(space['id'], link):
                found.update([key[1], (space['id'], link['name'])])
    return found


def _joints(identity, link):
    """(kind, (id, name)) of what a link leads to."""
    if 'master' in link:
        yield PORT, (identity, link['master'])
    for kind in (PEER, PARENT):
        joint = link.get(kind)
        if joint and joint['namespace'] and joint['link']:
            yield kind, (joint['namespace'], joint['link'])


def _lines(boxes, by_name):
    found, seen = [], set()
    for box in boxes:
        for row in box.rows:
            for kind, key in _joints(box.id, row.link):
                other = by_name.get(key)
                if other is None or other is row or kind == PEER and (id(other), id(row)) in seen:
                    continue
                seen.add((id(row), id(other)))
                line = Line(kind, row, other)
                row.lines.append(line)
                other.lines.append(line)
                found.append(line)
    return found
