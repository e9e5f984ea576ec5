"""Where everything is in a picture.

The host is in the middle, from top to bottom; namespaces are in a column on each side. A link of the host that leads
into a namespace is at the height of the link that it leads to, so that their line is straight, and what carries
several links (a bridge, a NIC) is a bar through the host, which has its name beside each line that ends at it. Beside
the NICs at the top is what is beyond them. What joins two namespaces runs outside of the columns. So no line crosses a
box, and however many namespaces there are, they are as legible as one.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.usecases.drawing import graph
from netnsctl.usecases.drawing.widths import of_bar_name, of_text, of_texts

ROW, TITLE, LINE, PAD, BETWEEN, GAP, LANE, BAR, MARGIN = 22, 22, 15, 10, 14, 34, 9, 16, 16
BELOW_TITLE = 4
LEFT, RIGHT = -1, 1


class Placed(object):
    """A box with its place: box, side (LEFT, RIGHT, 0 of the host), x, y, width, height, all in pixels, as everything
    here."""

    def __init__(self, box, side):
        self.box, self.side, self.x, self.y, self.width, self.height = box, side, 0, 0, 0, 0


class Picture(object):
    """placed: list of Placed, the host's first if there is one. home: that, or None. at: {id(row): y of its middle}.
    beyond: [(row, x, y, width)] of what is beyond a NIC. bars: [(row, x, y, y)]. labels: [(number of a bar, x, y,
    side)]: its name. strokes: [(graph.Line or None, points)]. dots: [(number of a bar, y)]: what is on it. body:
    rows of the host that are beside a namespace: {id(row): side}. width, height."""

    def __init__(self):
        self.placed, self.home, self.at, self.bars, self.strokes, self.body = [], None, {}, [], [], {}
        self.dots, self.labels, self.beyond = [], [], []
        self.width, self.height, self.text_left, self.text_right = 0, 0, 0, 0


def lay_out(boxes, lines):
    """The Picture of what graph.of() gives."""
    picture, joints = Picture(), _Joints(boxes, lines)
    home = joints.home
    columns = _columns(joints, [box for box in boxes if box is not home])
    around = [line for line in joints.outer if columns[line.first.box] != columns[line.second.box]]
    top = MARGIN + LANE * len(around)
    head = _head(joints)
    if home is not None:
        picture.home = Placed(home, 0)
        picture.placed.append(picture.home)
        picture.home.y = top
    y = top + (TITLE + BELOW_TITLE + LINE * len(home.about) + ROW * len(head) + PAD if home is not None else 0)
    for number, row in enumerate(head):
        picture.at[id(row)] = y - PAD - ROW * (len(head) - number) + ROW // 2
    bottoms = {LEFT: y, RIGHT: y}
    for box, side in sorted(columns.items(), key=lambda item: joints.rank[item[0]]):
        placed = Placed(box, side)
        placed.y, placed.height = bottoms[side], _fill(picture, box, bottoms[side])
        bottoms[side] += placed.height + BETWEEN
        picture.placed.append(placed)
    for host_row, row in joints.body.values():
        picture.at[id(host_row)] = picture.at[id(row)]
        picture.body[id(host_row)] = columns[row.box]
    if home is not None:
        lowest = max([picture.at[id(row)] for row in home.rows if id(row) in picture.at]
                     + [picture.at[id(line.first)] for line in joints.hanging] + [top + TITLE])
        picture.home.height = lowest + ROW // 2 + PAD + (ROW if home.more else 0) - top
    picture.height = max(list(bottoms.values()) + [picture.home.y + picture.home.height if home is not None else 0]
                         ) + MARGIN
    _across(picture, joints, columns, around, top)
    return picture


def _fill(picture, box, y):
    """Notes the heights of the rows of a namespace: its own height."""
    y_row = y + TITLE + LINE * len(box.about) + ROW // 2
    for number, row in enumerate(box.rows):
        picture.at[id(row)] = y_row + ROW * number
    return TITLE + LINE * len(box.about) + ROW * (len(box.rows) + bool(box.more)) + PAD // 2


class _Joints(object):
    """Which lines are drawn where. body: {id(row of the host): (it, the row of the namespace beside it)}. hanging:
    lines of rows that hang on one of the host's. inside: lines of the host alone, bars_of: {id(row): rows that it
    leads to}. outer: those between namespaces. rank: {box: its place in the order}."""

    def __init__(self, boxes, lines):
        self.home = boxes[0] if boxes and boxes[0].id == 'host' else None
        self.body, self.hanging, self.inside, self.outer = {}, [], [], []
        taken = set()
        for line in lines:
            homes = [row.box is self.home for row in (line.first, line.second)]
            row, host_row = (line.second, line.first) if homes[0] else (line.first, line.second)
            if all(homes):
                self.inside.append(line)
            elif not any(homes):
                self.outer.append(line)
            elif line.kind == graph.PARENT and homes[1]:
                self.hanging.append(line)
            elif id(host_row) in self.body or id(row) in taken:
                host_row.about.append(u'on %s:%s' % (graph.clean(row.box.id), row.text))
            else:
                self.body[id(host_row)] = host_row, row
                taken.add(id(row))
        self.bars_of = {}
        for line in self.inside:
            self.bars_of.setdefault(id(line.first), []).append(line.second)
        self.rank = self._ranks([box for box in boxes if box is not self.home])

    def _ranks(self, boxes):
        """Namespaces of one bridge or NIC beside each other; those that are joined to another only, behind that one."""
        places = dict((id(row), number) for number, row in enumerate(self.home.rows)) if self.home else {}
        first = {}
        for host_row, row in self.body.values():
            bar = self.bars_of.get(id(host_row), [host_row])[0]
            first[row.box] = min(first.get(row.box, len(places)), places[id(bar)])
        for line in self.hanging:
            first[line.first.box] = min(first.get(line.first.box, len(places)), places[id(line.second)])
        found = dict((box, (place, box.number, 0)) for box, place in first.items())
        for _ in range(3):
            for line in self.outer:
                for near, far in ((line.first.box, line.second.box), (line.second.box, line.first.box)):
                    if near in found and far not in found:
                        found[far] = found[near][:2] + (far.number + 1,)
        return dict((box, found.get(box, (len(places), box.number, 0))) for box in boxes)


def _columns(joints, boxes):
    """{box: LEFT or RIGHT}: in the order of their ranks to the side where there is more room; what is joined to another
    namespace alone to that one's."""
    heights, found = {LEFT: 0, RIGHT: 0}, {}
    before = None
    for box in sorted(boxes, key=lambda box: joints.rank[box]):
        if before is not None and joints.rank[box][2] and joints.rank[box][:2] == joints.rank[before][:2]:
            side = found[before]
        else:
            side = LEFT if heights[LEFT] < heights[RIGHT] else RIGHT
        heights[side] += TITLE + LINE * len(box.about) + ROW * len(box.rows) + BETWEEN
        found[box] = side
        before = box
    return found


def _head(joints):
    """The rows of the host that lead into no namespace, in the order of a tree; what leads out of it first."""
    if joints.home is None:
        return []
    below, found = {}, []
    for line in joints.inside:
        if line.kind != graph.ROUTE:
            below.setdefault(id(line.second), []).append(line.first)
    children = set(id(row) for rows in below.values() for row in rows)
    routing = [line.second for line in joints.inside if line.kind == graph.ROUTE]

    def add(row):
        if row not in found and id(row) not in joints.body:
            found.append(row)
            for child in below.get(id(row), ()):
                add(child)
    outside = [row for row in joints.home.rows if row.outside]
    for row in outside + routing[:1] + [row for row in joints.home.rows if id(row) not in children] + joints.home.rows:
        if row not in outside or id(row) not in children:
            add(row)
    for row in joints.home.rows:
        add(row)
    return found


def _across(picture, joints, columns, around, top):
    """Everything from left to right, once all heights are known."""
    at = picture.at
    lanes = dict((side, _lanes([(line, at[id(line.first)], at[id(line.second)]) for line in joints.outer
                                if line not in around and columns[line.first.box] == side]
                               + [(line, top - LANE, at[id(row)]) for line in around
                                  for row in (line.first, line.second) if columns[row.box] == side]))
                 for side in (LEFT, RIGHT))
    bars = _bars(picture, joints)
    x = MARGIN + (LANE * lanes[LEFT][1] + GAP // 2 if lanes[LEFT][1] else 0)
    start, x = x, _place(picture, LEFT, x)
    if joints.home is not None:
        outside = max([0] + [of_text(row.outside) for row in joints.home.rows if row.outside])
        x = max(x, start + outside + 2 * PAD + GAP) if outside else x
    if picture.home is not None:
        x = _place_home(picture, joints, bars, x)
    x = _place(picture, RIGHT, x, GAP if picture.home is not None or x > MARGIN else 0)
    _place_beyond(picture)
    picture.width = x + (LANE * lanes[RIGHT][1] + GAP // 2 if lanes[RIGHT][1] else 0) + MARGIN
    _outside(picture, joints, columns, around, lanes, top)


def _place_beyond(picture):
    """What is beyond the NICs, to the left of the host: there is no namespace at that height."""
    home = picture.home
    for row in home.box.rows if home is not None else ():
        if row.outside and id(row) not in picture.body:
            width = of_text(row.outside) + 2 * PAD
            picture.beyond.append((row, home.x - GAP - width, picture.at[id(row)], width))


def _place(picture, side, x, gap=0):
    """Gives the namespaces of a side their x: where the next thing begins."""
    column = [placed for placed in picture.placed if placed.side == side]
    if not column:
        return x
    width = max(of_texts(placed.box) for placed in column) + 2 * PAD
    for placed in column:
        placed.x, placed.width = x + gap, width
    return x + gap + width + (GAP if side == LEFT and picture.home is not None else 0)


def _bars(picture, joints):
    """({id(row): lane}, how many lanes, {id(row): (y, y)})"""
    reach = {}
    for line in joints.inside + joints.hanging:
        for row in (line.first, line.second):
            reach.setdefault(id(line.second), []).append(picture.at[id(row)])
    ends = dict((key, (min(ys), max(ys))) for key, ys in reach.items())
    rows = [row for row in (joints.home.rows if joints.home else ()) if id(row) in ends]
    lanes, count = _lanes([(id(row),) + ends[id(row)] for row in sorted(rows, key=lambda row: picture.at[id(row)])],
                          is_sorted=True)
    return lanes, count, ends


def _lanes(intervals, is_sorted=False):
    """({item: number}, how many): items whose intervals overlap have different numbers. The shortest first, so that a
    long one runs around them."""
    found, taken = {}, []
    if not is_sorted:
        intervals = sorted(intervals, key=lambda one: abs(one[2] - one[1]))
    for item, start, end in intervals:
        start, end = min(start, end) - 2, max(start, end) + 2
        free = [number for number, others in enumerate(taken)
                if all(end < other[0] or start > other[1] for other in others)]
        number = free[0] if free else len(taken)
        if not free:
            taken.append([])
        taken[number].append((start, end))
        found[item] = number
    return found, len(taken)


def _place_home(picture, joints, bars, x):
    lanes, count, ends = bars
    home = picture.home
    sides = {LEFT: [], RIGHT: []}
    for row in home.box.rows:
        sides[picture.body.get(id(row), LEFT)].append(row)
    picture.text_left = max([of_texts(home.box, sides[LEFT], False), of_texts(home.box, [], True)])
    picture.text_right = of_texts(home.box, sides[RIGHT], False) if sides[RIGHT] else 0
    label = max([0] + [of_bar_name(row.text) for row in home.box.rows if id(row) in lanes])
    home.x, home.width = x, 2 * PAD + picture.text_left + 2 * label + count * BAR + BAR + picture.text_right
    first = x + PAD + picture.text_left + label + BAR
    for row in home.box.rows:
        if id(row) in lanes:
            picture.bars.append((row, first + BAR * (count - 1 - lanes[id(row)])) + ends[id(row)])
    _to_bars(picture, joints, first - BAR // 2, first + BAR * count - BAR // 2)
    return x + home.width


def _to_bars(picture, joints, left, right):
    """The lines within the host: from its edge, or from a namespace, to the bars; to left or right without one."""
    home = picture.home
    where = dict((id(row), (number, x)) for number, (row, x, _, _) in enumerate(picture.bars))
    edges, limits = {LEFT: home.x, RIGHT: home.x + home.width}, {LEFT: left, RIGHT: right}
    named = []
    between = dict((id(host_row), line) for host_row, row in joints.body.values() for line in row.lines
                   if host_row in (line.first, line.second))
    for row in home.box.rows:
        side, y, is_between = picture.body.get(id(row), LEFT), picture.at[id(row)], id(row) in picture.body
        own = [where[id(bar)] for bar in joints.bars_of.get(id(row), []) + [row] if id(bar) in where]
        picture.dots += [(number, y) for number, _ in own]
        if is_between and own:
            named.append((own[0][0], y, side))
        if own or is_between:
            begin = edges[side] + side * GAP if is_between else edges[side] + PAD
            end = (max if side == LEFT else min)([x for _, x in own] or [limits[side]])
            picture.strokes.append((between.get(id(row)), [(begin, y), (end, y)]))
    sides = dict((placed.box, placed.side) for placed in picture.placed)
    for line in joints.hanging:
        side, y = sides[line.first.box], picture.at[id(line.first)]
        number, x = where[id(line.second)]
        picture.dots.append((number, y))
        named.append((number, y, side))
        picture.strokes.append((line, [(edges[side] + side * GAP, y), (x, y)]))
    _label(picture, named, limits)


def _label(picture, named, limits):
    """The names of bars, once beside each line that ends at one. named: [(number of a bar, y, side)]."""
    seen = set()
    for number, y, side in named:
        if (number, y, side) not in seen:
            seen.add((number, y, side))
            picture.labels.append((number, limits[side], y, side))


def _outside(picture, joints, columns, around, lanes, top):
    """The lines between namespaces."""
    at, edges = picture.at, {}
    for placed in picture.placed:
        edges[placed.box] = placed.x if placed.side == LEFT else placed.x + placed.width
    for line in joints.outer:
        ends = []
        for row in (line.first, line.second):
            side = columns[row.box]
            ends.append((edges[row.box], edges[row.box] + side * (GAP // 3 + LANE * lanes[side][0][line]),
                         at[id(row)]))
        (x1, out1, y1), (x2, out2, y2) = ends
        if line in around:
            above = top - LANE * (around.index(line) + 1)
            points = [(x1, y1), (out1, y1), (out1, above), (out2, above), (out2, y2), (x2, y2)]
        else:
            points = [(x1, y1), (out1, y1), (out2, y2), (x2, y2)]
        picture.strokes.append((line, points))
