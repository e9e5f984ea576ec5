"""What a problem concerns is marked in each drawing, with --problems alone."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.usecases import drawing
from netnsctl.usecases.drawing import tree
from netnsctl.usecases.map import problems
from support.map_documents import document, link, space, wire

MARKS = {'text': ' (!)', 'svg': 'concerned"', 'html': 'concerned"', 'dot': 'penwidth=2', 'mermaid': 'stroke:#cf222e'}


def made(**fields):
    return document(space('host', [link('eth0', 'nic'), link('p', peer=('netns://a', 'e'), wire='w')]),
                    space('netns://a', [link('e', peer=('host', 'p'), wire='w')]), **fields)


def problem(document_of, *subjects):
    return {'check': 'c', 'status': 'warn', 'text': 'x', 'commands': [],
            'concerns': problems.concerns(document_of, subjects)}


def drawn(found, form):
    if form != 'text':
        text = drawing.draw(found, form)
        return text if form not in ('svg', 'html') else text[text.index('</style>'):]
    return '\n'.join(''.join(part for part, _ in line) for line in tree.draw(found))


@pytest.mark.parametrize('form', sorted(MARKS))
def test_what_is_concerned_is_marked(form):
    there = made()
    named = dict(there, problems=[problem(there, ('link', 'eth0'))])
    broken = made(problems=[], wires=[wire('w', 'altered', [('host', 'p'), ('netns://a', 'e')])])
    for found in (named, broken):
        assert MARKS[form] in drawn(found, form)
    for found in (there, dict(there, problems=[]), made(wires=[wire('w', 'altered', [('host', 'p')])])):
        assert MARKS[form] not in drawn(found, form)


def test_a_finding_concerns_what_it_is_about_and_no_link_that_a_container_called_so():
    there = made(wires=[wire('w', ends=[('host', 'p'), ('netns://a', 'e')])])
    there['namespaces'][1].update(names=['a'], links=there['namespaces'][1]['links'] + [link('eth0')])
    assert problems.concerns(there, [('link', 'eth0')]) == [{'namespace': 'host', 'link': 'eth0'}]
    assert problems.concerns(there, [('netns', 'a')]) == [{'namespace': 'netns://a', 'link': None}]
    assert problems.concerns(there, [('wire', 'w')]) == [{'namespace': 'host', 'link': 'p'},
                                                         {'namespace': 'netns://a', 'link': 'e'}]
    assert problems.concerns(there, [('wire', 'eth0'), ('link', 'a'), ('link', 'e'), ('netns', 'w')]) == []


def test_a_wire_without_a_link_on_the_host_concerns_what_it_hangs_on():
    there = made(wires=[wire('w', ends=[('host', 'p'), ('netns://a', 'e')])])
    there['wires'][0]['ends'][0].update(link=None, target='macvlan://eth0')
    assert problems.concerns(there, [('wire', 'w')])[0] == {'namespace': 'host', 'link': 'eth0'}
