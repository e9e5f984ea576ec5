"""The map as a tree for a terminal: each namespace with its links, what hangs on a link below it."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native
from netnsctl.usecases.drawing import words

# (branch, last branch, line, blank, joined to, hangs on), for terminals with and without UTF-8.
BOXES = (u'\u251c\u2500 ', u'\u2514\u2500 ', u'\u2502  ', u'   ', u'\u2500\u2500', u'\u2191')
ASCII = (u'|- ', u'`- ', u'|  ', u'   ', u'--', u'^')
CONCERNED = ' (!)'  # what a problem is about
COLOURS = {'whole': 'green', 'lost': 'red', 'altered': 'yellow', 'half': 'red'}


def draw(document, is_ascii=False):
    """The lines: list of [(text, colour or None)]. Texts are not escaped. colour: 'green', 'yellow', 'red', 'bold'."""
    marks = [native(mark) for mark in (ASCII if is_ascii else BOXES)]
    children = _children(document)
    told = words.states_of(document), words.concerned(document), words.routers_of(document)
    lines = []
    for number, space in enumerate(document['namespaces']):
        lines += ([[('', None)]] if number else []) + _space(document, space, children, told, marks)
    troubles = words.troubles_of(document)
    if troubles:
        lines.append([('', None)])
    return lines + [[(text, COLOURS.get(state))] for text, state in troubles]


def _children(document):
    """{(id of a namespace, name of a link): [(namespace, link) that hang on it]}; ports on their bridge, a macvlan, a
    vlan or a vxlan on what carries it."""
    found = {}
    for space in document['namespaces']:
        for link in space['links']:
            parent = link.get('parent')
            if 'master' in link:
                found.setdefault((space['id'], link['master']), []).append((space, link))
            if parent and parent['link'] and (parent['namespace'] != space['id'] or 'master' not in link):
                found.setdefault((parent['namespace'], parent['link']), []).append((space, link))
    return found


def _space(document, space, children, told, marks):
    head = [(space['id'], 'bold')]
    if (space['id'], None) in told[1]:
        head.append((CONCERNED, 'red'))
    about = words.aliases_of(space)
    if space['id'] == 'host':
        about.insert(0, document['hostname'])
        if space.get('forwards'):
            about.insert(1, 'forwards %s' % ' and '.join(space['forwards']))
    lines = [head + [('  ' + ', '.join(about), None)] if about else head]
    if space['unread']:
        return lines + [[(marks[1] + 'cannot be read: %s' % space['unread'], 'red')]]
    tops = [(space, link) for link in space['links'] if words.is_worth_drawing(link) and not _hangs_here(space, link)]
    lines += _branches(space, tops, '', (children, told, words.gateways_of(space), marks), set())
    if space['more_links']:
        lines.append([(marks[1] + '%d more links' % space['more_links'], None)])
    return lines


def _hangs_here(space, link):
    """Is it drawn below another link of its own namespace?"""
    parent = link.get('parent')
    return 'master' in link or bool(parent and parent['namespace'] == space['id'] and parent['link'])


def _branches(home, links, indent, about, seen):
    children, _, _, marks = about
    lines = []
    for number, (space, link) in enumerate(links):
        is_last = number == len(links) - 1
        lines.append([(indent + marks[is_last], None)] + _link(home, space, link, about))
        key = (space['id'], link['name'])
        if space is home and key not in seen:  # what hangs on a link elsewhere is drawn there
            below = children.get(key, ())
            lines += _branches(home, below, indent + marks[2 + is_last], about, seen | set([key]))
    return lines


def _link(home, space, link, about):
    """One link as [(text, colour)]."""
    _, (states, concerned, routers), gateways, marks = about
    state = words.state_of(link)
    name = link['name'] if space is home else '%s:%s' % (space['id'], link['name'])
    parts = [(name, 'bold'), ('  %s  ' % words.kind_of(link), None), (state, None if state == 'up' else 'yellow')]
    if (space['id'], link['name']) in concerned:
        parts.insert(1, (CONCERNED, 'red'))
    more = words.remarks_of(link) + words.addresses_of(link)
    if space is home:
        for via in gateways.get(link['name'], ()):
            router = routers.get((space['id'], link['name'], via))
            more.append('default%s%s' % (via and ' via %s' % via, ' (%s:%s)' % router if router else ''))
    if more:
        parts.append(('  ' + '  '.join(more), None))
    if link.get('peer'):
        parts.append(('  %s %s' % (marks[4], words.target_of(link['peer'])), None))
    parent = link.get('parent')
    if parent and space is home and (parent['namespace'] != space['id'] or 'master' in link):
        parts.append(('  %s %s' % (marks[5], words.target_of(parent)), None))
    if link.get('alias'):
        parts.append(('  "%s"' % link['alias'], None))
    if link.get('wire'):
        wire = link['wire']
        parts += [('  [wire %s ' % wire, None), (states.get(wire, '?'), COLOURS.get(states.get(wire))), (']', None)]
    return parts
