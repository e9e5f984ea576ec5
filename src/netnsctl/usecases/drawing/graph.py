"""The map as boxes, rows and lines: what all pictures have in common."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, printable, unicode_of
from netnsctl.model import addressing
from netnsctl.usecases.drawing import words

NICS = ('nic', 'wlan', 'infiniband')
LETTERS = 200  # of one text: a name may be long, and an alias has 256 bytes
ROWS, HOST_ROWS = 100, 3000  # of a namespace, of the host; those that are joined to something come first
PEER, PORT, PARENT, ROUTE = 'peer', 'port', 'parent', 'route'


class Row(object):
    """A link in a picture. box, name: which. text: its name. about: list of text. state: 'up', 'down', 'no carrier'.
    wire: the name of its wire or None, wire_state: its state. link: of the document. is_concerned: has it
    a problem? outside: of a NIC of the host which network is beyond it, or ''."""

    def __init__(self, box, link, gateways, states):
        self.box, self.name, self.link = box, link['name'], link
        self.state, self.wire = words.state_of(link), link.get('wire')
        self.wire_state = states.get(self.wire)
        self.text = clean(link['name'])
        self.about = [clean(text) for text in [words.kind_of(link)] + words.remarks_of(link) + words.addresses_of(link)
                      + ['default via %s' % via if via else 'default' for via in gateways]]
        self.lines, self.is_concerned, self.outside = [], False, ''


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
    second), ROUTE (the host's routing, the second, passes on what comes by the first). wire: the name of a wire or
    None, wire_state."""

    def __init__(self, kind, first, second):
        self.kind, self.first, self.second = kind, first, second
        self.is_concerned = kind not in (PORT, ROUTE) and (first.is_concerned or kind == PEER and second.is_concerned)
        self.wire = None if kind == ROUTE else first.wire or (second.wire if kind == PEER else None)
        self.wire_state = None if kind == ROUTE else first.wire_state or (second.wire_state if kind == PEER else None)


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
    lines = _lines(boxes, by_name)
    if boxes and boxes[0].id == 'host':
        for row in boxes[0].rows:
            row.outside = _outside(boxes[0].space, row.link)
        lines += _routing(document, boxes[0], by_name)
    return boxes, lines


def _outside(space, link):
    """What is beyond a NIC of the host's: 'network 192.0.2.0/24, gateway 192.0.2.1'."""
    if link['kind'] not in NICS or not link['up']:
        return u''
    owners = [link] + [one for one in space['links'] if one['name'] == link.get('master')]
    networks = [network_of(address) for one in owners for address in words.addresses_of(one)]
    gateways = [gateway['via'] for gateway in space['gateways'] if gateway['via'] and gateway['link'] in [
        one['name'] for one in owners]]
    shown = [u'network ' + u', '.join(networks[:2])] if networks else [u'network']
    return clean(u', '.join(shown + [u'gateway %s' % one for one in gateways[:2]]))


def network_of(address):
    """'192.0.2.10/24' -> '192.0.2.0/24'"""
    try:
        return unicode_of(addressing.network_of(address))
    except ValueError:
        return unicode_of(address)


def _routing(document, home, by_name):
    """Lines to a row of its own, for the links of the host that namespaces use as their gateway, and those by which it
    passes on what comes from there."""
    space = document['namespaces'][0]
    gates = sorted(set(key[1] for key in words.routers_of(document).values() if key[0] == home.id))
    uplinks = [gateway['link'] for gateway in space['gateways'] if gateway['link'] not in gates]
    if 'forwards' not in space or not gates:
        return []
    does = bool(space['forwards'])
    row = Row(home, {'index': 0, 'name': 'routing', 'kind': ROUTE, 'mtu': 0, 'mac': '', 'addresses': [], 'up': does,
                     'state': 'up' if does else 'down', 'carrier': does}, (), {})
    row.about = [clean(words.forwards_of(space))]
    home.rows.append(row)
    found = [Line(ROUTE, by_name[home.id, name], row) for name in sorted(set(uplinks)) + gates
             if (home.id, name) in by_name]
    for line in found:
        line.first.lines.append(line)
        row.lines.append(line)
    return found


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
