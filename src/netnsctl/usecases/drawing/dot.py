"""The map for graphviz: each namespace is a cluster, each link a node. Every text is in quotes, where only " and the
backslash mean something; nodes are called by numbers."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import templates
from netnsctl.usecases.drawing import graph

_COLOURS = {'whole': 'forestgreen', 'altered': 'darkorange', 'lost': 'red', 'half': 'red'}


def draw(document):
    """Text in the language of dot(1)."""
    boxes, lines = graph.of(document)
    return templates.render('map.dot.j2', values(boxes, lines, _quoted, u'\\n'), trim=True)


def values(boxes, lines, quoted, newline):
    """What the templates for graphviz and mermaid get. quoted(text): in their quotes."""
    names = {}
    for box in boxes:
        for number, row in enumerate(box.rows):
            names[id(row)] = 'n%d_%d' % (box.number, number)
    return {
        'boxes': [{'name': 'n%d' % box.number, 'title': quoted(newline, [box.title] + box.about + _more(box)),
                   'is_concerned': box.is_concerned,
                   'rows': [{'name': names[id(row)], 'state': row.state.replace(' ', ''),
                             'is_concerned': row.is_concerned,
                             'text': quoted(newline, [row.text + u'  ' + row.about[0]] + row.about[1:] + (
                                 [row.outside] if row.outside else []))}
                            for row in box.rows]} for box in boxes],
        'lines': [{'first': names[id(line.first)], 'second': names[id(line.second)], 'kind': line.kind,
                   'colour': _COLOURS.get(line.wire_state, ''), 'is_concerned': line.is_concerned,
                   'text': quoted(newline, [graph.clean(line.wire)]) if line.wire and line.kind != graph.PORT else ''}
                  for line in lines]}


def _more(box):
    return [u'%d more links' % box.more] if box.more else []


def _quoted(newline, texts):
    return u'"%s"' % newline.join([text.replace(u'\\', u'\\\\').replace(u'"', u'\\"') for text in texts])
