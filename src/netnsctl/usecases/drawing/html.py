"""The map as one page: the SVG, what its parts are as JSON, and a script of its own; nothing is fetched."""
from __future__ import absolute_import, division, print_function

import base64
import hashlib
import json

from netnsctl.compat import native, shell_quote, to_bytes, unicode_of
from netnsctl.edge.files import templates
from netnsctl.usecases.drawing import graph, svg, words


def draw(document):
    """A whole HTML document."""
    script = templates.render('map.js.j2', {})
    found = svg.values(document)
    # The only script that the page may run: whatever gets into it as text can be none.
    digest = native(base64.b64encode(hashlib.sha256(to_bytes(script)).digest()))
    found.update(is_alone=False, script=unicode_of(script), script_hash=digest, data=_json(_details(document)))
    return templates.render('map.html.j2', found, trim=True)


def _json(value):
    """JSON that is no markup inside a script element."""
    text = native(json.dumps(value, sort_keys=True))
    return text.replace('&', '\\u0026').replace('<', '\\u003c').replace('>', '\\u003e')


def _details(document):
    """{id of an element: {'title', 'fields': [[name, text]], 'to': [[id, text]], 'commands': [text], 'search'}}"""
    boxes, _ = graph.of(document)
    wires = dict((wire['name'], wire) for wire in document['wires'])
    names = dict((id(row), 'r%d_%d' % (box.number, number)) for box in boxes for number, row in enumerate(box.rows))
    found = {}
    for box in boxes:
        found['n%d' % box.number] = _part(box.title, _of_space(box))
        for row in box.rows:
            to = [[names[id(other)], u'%s:%s' % (graph.clean(other.box.id), other.text)]
                  for line in row.lines for other in (line.first, line.second) if other is not row]
            found[names[id(row)]] = _part(u'%s:%s' % (graph.clean(box.id), row.text), _of_link(row, wires), to,
                                          _commands(row.wire) if row.wire else [])
    return found


def _part(title, fields, to=(), commands=()):
    fields = [[name, graph.clean(text)] for name, text in fields if text not in ('', None)]
    return {'title': title, 'fields': fields, 'to': list(to), 'commands': list(commands),
            'search': u' '.join([title] + [text for _, text in fields]).lower()}


def _commands(name):
    return [unicode_of('netnsctl %s %s' % (word, shell_quote(name))) for word in ('check', 'show', 'unwire')]


def _of_space(box):
    space = box.space
    return [('names', ', '.join(space['names'])), ('mounted on', ', '.join(space['mounts'])),
            ('containers', ', '.join('%s://%s' % (one['runtime'], one['name']) for one in space['containers'])),
            ('ports', ', '.join(words.port_of(port) for one in space['containers'] for port in one['ports'])),
            ('processes', ', '.join(['%d' % space['processes']['count']] + [
                '%s (%d)' % (one['command'], one['pid']) for one in space['processes']['first']])),
            ('held by', ', '.join('%s (%d)' % (one['command'], one['pid']) for one in space['held_by'])),
            ('inode', '' if space['inode'] is None else '%d' % space['inode']),
            ('cannot be read', space['unread'] or ''),
            ('links', '%d' % (len(space['links']) + space['more_links']))]


def _of_link(row, wires):
    link = row.link
    wire = wires.get(row.wire)
    fields = [('kind', words.kind_of(link)), ('state', row.state), ('addresses', ', '.join(link['addresses'])),
              ('MAC', link['mac']), ('MTU', '%d' % link['mtu'] if link['mtu'] else ''),
              ('index', '%d' % link['index'] if link['index'] else ''),
              ('port of', link.get('master', '')), ('port state', link.get('port_state', '')),
              ('VLANs', words.vlans_of(link['vlans']) if link.get('vlans') else ''),
              ('further remotes', ', '.join(link.get('remotes', ()))),
              ('ports', ', '.join(words.port_of(port) for port in link.get('publishes', ()))),
              ('queueing', ' '.join([link.get('qdisc', '')] + link.get('shaping', []))),
              ('alias', link.get('alias', '')), ('also called', ', '.join(link.get('altnames', ()))),
              ('bus', link.get('bus', ''))]
    fields += sorted((key, '%s' % value) for key, value in link.get('details', {}).items())
    if wire is not None:
        fields += [('wire', wire['name']), ('wire state', wire['state']), ('remarks', '; '.join(wire['remarks']))]
    return fields
