"""The map as SVG, through a template; every text is escaped there."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import templates
from netnsctl.usecases.drawing import graph, layout, words
from netnsctl.usecases.drawing.widths import COLUMN, COLUMNS, bar_name, columns, cut, row_text

COLOURS = 6  # of bars, in turn
TROUBLES = 50
LEGEND = (u'A bar is a bridge or a NIC, a dot what is joined to it; dashed: a macvlan, ipvlan, VLAN or VXLAN on it.',
          u'In brackets: wires of netnsctl, green as they were made, amber altered, red lost.')


def draw(document):
    """A whole SVG document."""
    return templates.render('map.svg.j2', dict(values(document), is_alone=True), trim=True)


def values(document):
    """What the template gets: width, height, title, boxes, bars, strokes."""
    boxes, lines = graph.of(document)
    picture = layout.lay_out(boxes, lines)
    names = dict((id(row), 'r%d_%d' % (box.number, number)) for box in boxes for number, row in enumerate(box.rows))
    legend = [(text, 'legend') for text in (LEGEND if picture.bars else ())[:2 if document['wires'] else 1]]
    troubles = [(cut(graph.clean(text), 3 * COLUMNS), state) for text, state in words.troubles_of(document)[:TROUBLES]]
    troubles = legend + troubles
    bottom = int(picture.height)
    return {
        'width': max([int(picture.width)] + [int(columns(text) * COLUMN) + 2 * layout.MARGIN for text, _ in troubles]),
        'height': bottom + layout.LINE * len(troubles) + (layout.PAD if troubles else 0),
        'troubles': [{'text': text, 'css': 'trouble w-%s' % state if state else 'trouble', 'x': layout.MARGIN,
                      'y': bottom + layout.LINE * (number + 1) - 4} for number, (text, state) in enumerate(troubles)],
        'title': graph.clean('Networks of %s' % document['hostname']),
        'boxes': [_box(picture, placed, names) for placed in picture.placed],
        'bars': [{'x': x, 'y1': y1 - 5, 'y2': y2 + 5, 'row': names[id(row)], 'title': row.text,
                  'css': 'bar %s' % _colour(row, number)} for number, (row, x, y1, y2) in enumerate(picture.bars)],
        'dots': [{'x': picture.bars[number][1], 'y': y, 'css': 'dot %s' % _colour(picture.bars[number][0], number)}
                 for number, y in picture.dots],
        'labels': [_label(picture.bars[number][0], number, x, y, side) for number, x, y, side in picture.labels],
        'beyond': [{'x': x, 'y': y, 'width': width, 'text': row.outside, 'to': picture.home.x}
                   for row, x, y, width in picture.beyond],
        'strokes': [_stroke(line, points, names) for line, points in picture.strokes]}


def _label(row, number, x, y, side):
    return {'x': x + 4 * side, 'y': y - 4, 'text': bar_name(row.text),
            'anchor': 'end' if side == layout.LEFT else 'start', 'css': 'label %s' % _colour(row, number)}


def _colour(row, number):
    return 'passing' if row.link['kind'] == graph.ROUTE else 'b%d' % (number % COLOURS)


def _box(picture, placed, names):
    box = placed.box
    y = placed.y + 15
    found = {'x': placed.x, 'y': placed.y, 'width': int(placed.width), 'height': int(placed.height),
             'name': 'n%d' % box.number, 'title': cut(box.title), 'tip': u', '.join([box.title] + box.about),
             'title_y': y, 'about': [{'text': cut(text), 'y': y + layout.LINE * (number + 1)}
                                     for number, text in enumerate(box.about)],
             'css': ('box home' if placed is picture.home else 'box') + (' concerned' if box.is_concerned else ''),
             'rows': [
                 _row(picture, placed, row, names) for row in box.rows],
             'more': u'%d more links' % box.more if box.more else '', 'more_y': placed.y + placed.height - 6,
             'text_x': placed.x + layout.PAD}
    return found


def _row(picture, placed, row, names):
    y, is_home = picture.at[id(row)], placed is picture.home
    name, about, wire = row_text(row)
    right = is_home and picture.body.get(id(row)) == layout.RIGHT
    x = placed.x + placed.width - layout.PAD if right else placed.x + layout.PAD
    state = [row.state] if row.state != 'up' else []
    # What a screen reader says begins with what is seen, which may be cut off.
    seen = u'  '.join([text for text in (name, about, wire) if text])
    tip = u'  '.join([row.text] + row.about + state)
    return {'id': names[id(row)], 'x': x, 'y': y - 4 if is_home else y + 4, 'name': name, 'about': about, 'wire': wire,
            'anchor': 'end' if right else 'start', 'top': y - layout.ROW // 2, 'box_x': placed.x,
            'css': ' '.join(['row'] + ['concerned'] * row.is_concerned + ['off'] * (row.state != 'up') + (
                ['w-' + row.wire_state] if row.wire_state else [])),
            'tip': tip, 'label': u', '.join([seen] + ([tip] if u'\u2026' in seen else state))}


def _stroke(line, points, names):
    """A line, or what leads to a bar within the host (None)."""
    found = {'d': 'M' + 'L'.join(['%d %d' % (x, y) for x, y in points]), 'css': 'line', 'first': '', 'second': ''}
    if line is not None:
        css = ['line', 'l-' + line.kind] + (['concerned'] if line.is_concerned else [])
        if line.wire_state:
            css.append('w-' + line.wire_state)
        if line.first.state != 'up' or line.second.state != 'up':
            css.append('off')
        found.update(css=' '.join(css), first=names[id(line.first)], second=names[id(line.second)])
    return found
