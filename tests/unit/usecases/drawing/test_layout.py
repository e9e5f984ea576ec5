"""The picture: no line crosses a namespace that it does not belong to, and no two namespaces overlap."""
from __future__ import absolute_import, division, print_function

import xml.dom.minidom

import pytest

from netnsctl.usecases.drawing import graph, layout, svg, words
from support.map_documents import document, large, link, space


def segments(picture):
    for line, points in picture.strokes:
        for first, second in zip(points, points[1:]):
            yield line, first, second


def crossings(picture):
    """[(box, line)] of boxes that a line runs through though it ends in another one; the host's own lines are in it."""
    found = []
    for line, (x1, y1), (x2, y2) in segments(picture):
        for placed in picture.placed:
            if placed is picture.home:
                continue
            if (min(x1, x2) < placed.x + placed.width and max(x1, x2) > placed.x
                    and min(y1, y2) < placed.y + placed.height and max(y1, y2) > placed.y):
                found.append((placed.box.id, line))
    return found


def overlapping(picture):
    return [(one.box.id, other.box.id) for one in picture.placed for other in picture.placed
            if one is not other and one.x < other.x + other.width and other.x < one.x + one.width
            and one.y < other.y + other.height and other.y < one.y + one.height]


@pytest.mark.parametrize('count', [1, 2, 3, 7, 60, 200])
def test_no_line_crosses_a_namespace_and_all_are_apart(count):
    boxes, lines = graph.of(large(count))
    picture = layout.lay_out(boxes, lines)
    assert crossings(picture) == [] and overlapping(picture) == []
    assert len(picture.placed) == count + 3
    joined = set(id(line) for line, _ in picture.strokes)
    assert [line for line in lines if line.kind == graph.PEER and id(line) not in joined] == []
    for placed in picture.placed:
        assert 0 <= placed.x and placed.x + placed.width <= picture.width
        assert 0 <= placed.y and placed.y + placed.height <= picture.height


def test_what_is_joined_to_the_host_is_at_the_height_of_its_link_there():
    boxes, lines = graph.of(large(60))
    picture = layout.lay_out(boxes, lines)
    for line in lines:
        if line.kind == graph.PEER and boxes[0] in (line.first.box, line.second.box):
            assert picture.at[id(line.first)] == picture.at[id(line.second)]


def test_lines_outside_do_not_lie_upon_each_other():
    spaces = [space('netns://%d' % number, [link('a', peer=(('netns://%d' % ((number + 1) % 6)), 'b')), link(
        'b', peer=('netns://%d' % ((number - 1) % 6), 'a'))]) for number in range(6)]
    picture = layout.lay_out(*graph.of(document(space('host'), *spaces)))
    assert crossings(picture) == [] and len(picture.strokes) == 6
    upright = [(x1, min(y1, y2), max(y1, y2)) for _, (x1, y1), (x2, y2) in segments(picture) if x1 == x2]
    for number, (x, start, end) in enumerate(upright):
        for other in upright[number + 1:]:
            assert x != other[0] or end < other[1] or other[2] < start


@pytest.mark.parametrize('made', [
    document(space('host')), document(), document(space('netns://a', [link('x', peer=('netns://b', 'x'))]), space(
        'netns://b', [link('x', peer=('netns://a', 'x'))])),
    document(space('host', [link('m', 'macvlan', parent=('netns://a', 'x'))]), space('netns://a', [link('x', 'nic')])),
    document(space('host', [link('a', master='b'), link('b', 'bridge', master='a'), link('c', master='c')])),
    document(space('host', [link('v', peer=('host', 'w')), link('w', peer=('host', 'v'))])),
    document(space('host', [link('e%d' % number) for number in range(300)])),
    document(space('netns://a', unread='no time'), space('nsid://3', [link('x', peer=('host', 'gone'))]))])
def test_any_document_is_drawn_as_well_formed_xml(made):
    picture = xml.dom.minidom.parseString(svg.draw(made))
    assert len([group for group in picture.getElementsByTagName('g') if 'box' in group.getAttribute('class').split()]
               ) == len(made['namespaces'])


def test_no_name_gets_out_of_its_place():
    evil = u'"><script>alert(1)</script>&\x1b\u202e\ufffe]]>'
    made = document(space('host', [link(evil, peer=(evil, evil), alias=evil, wire=evil)], names=[evil]), space(
        evil, [link(evil, peer=('host', evil))]), hostname=evil)
    text = svg.draw(made)
    picture = xml.dom.minidom.parseString(text)
    assert picture.getElementsByTagName('script') == []
    assert not set(text) & set('\x1b')


ROUTED = document(
    space('host', [link('eth0', 'nic', addresses=['192.0.2.10/24']), link('br0', 'bridge', addresses=['10.0.0.1/24']),
                   link('p', master='br0', peer=('netns://a', 'e')), link('down0', 'nic', up=False)],
          gateways=[{'link': 'eth0', 'via': '192.0.2.1'}], forwards=['IPv4']),
    space('netns://a', [link('e', peer=('host', 'p'))], gateways=[{'link': 'e', 'via': '10.0.0.1'}]))


def test_the_bar_of_routing_joins_gateways_and_the_way_out():
    boxes, lines = graph.of(ROUTED)
    picture = layout.lay_out(boxes, lines)
    assert sorted(line.first.text for line in lines if line.kind == graph.ROUTE) == ['br0', 'eth0']
    rows = dict((row.text, row) for row in boxes[0].rows)
    bars = dict((row.text, number) for number, (row, _, _, _) in enumerate(picture.bars))
    joined = set(y for number, y in picture.dots if number == bars['routing'])
    assert joined == set(picture.at[id(rows[name])] for name in ('routing', 'br0', 'eth0'))
    assert [(picture.bars[number][0].text, side) for number, _, _, side in picture.labels] == [('br0', layout.RIGHT)]
    assert [(row.text, row.outside) for row, _, _, _ in picture.beyond] == [
        ('eth0', 'network 192.0.2.0/24, gateway 192.0.2.1')]


def test_what_is_beyond_a_nic_is_beside_it_and_upon_nothing():
    picture = layout.lay_out(*graph.of(dict(ROUTED, namespaces=ROUTED['namespaces'] + [
        space('netns://%d' % number, [link('x')]) for number in range(9)])))
    for _, x, y, width in picture.beyond:
        assert 0 <= x and x + width < picture.home.x
        assert [placed.box.id for placed in picture.placed if placed.x < x + width and x < placed.x + placed.width
                and placed.y < y + 10 and y - 10 < placed.y + placed.height] == []


def test_a_gateway_that_another_link_has_the_address_of_is_not_taken_for_that_one():
    made = document(ROUTED['namespaces'][0], space('netns://b', [link('e', peer=('netns://c', 'e'))], gateways=[
        {'link': 'e', 'via': '10.0.0.1'}]), space('netns://c', [link('e', peer=('netns://b', 'e'))]))
    assert words.routers_of(made) == {}
    assert [line for line in graph.of(made)[1] if line.kind == graph.ROUTE] == []
