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


def problem(document_of, text):
    return {'check': 'c', 'status': 'warn', 'text': text, 'commands': [],
            'concerns': problems.concerns(document_of, [text])}


def drawn(found, form):
    if form != 'text':
        text = drawing.draw(found, form)
        return text if form not in ('svg', 'html') else text[text.index('</style>'):]
    return '\n'.join(''.join(part for part, _ in line) for line in tree.draw(found))


@pytest.mark.parametrize('form', sorted(MARKS))
def test_what_is_concerned_is_marked(form):
    there = made()
    named = dict(there, problems=[problem(there, 'the NIC eth0 is down')])
    broken = made(problems=[], wires=[wire('w', 'altered', [('host', 'p'), ('netns://a', 'e')])])
    for found in (named, broken):
        assert MARKS[form] in drawn(found, form)
    for found in (there, dict(there, problems=[]), made(wires=[wire('w', 'altered', [('host', 'p')])])):
        assert MARKS[form] not in drawn(found, form)


def test_a_text_concerns_what_it_names_and_no_link_that_a_container_called_so():
    there = made(wires=[wire('w', ends=[('host', 'p'), ('netns://a', 'e')])])
    there['namespaces'][1]['links'].append(link('the'))
    assert problems.concerns(there, ['the NIC (eth0) is down.']) == [{'namespace': 'host', 'link': 'eth0'}]
    assert problems.concerns(there, ['netns://a: it is odd']) == [{'namespace': 'netns://a', 'link': None}]
    assert problems.concerns(there, ['wire w']) == [{'namespace': 'host', 'link': 'p'},
                                                    {'namespace': 'netns://a', 'link': 'e'}]
    assert problems.concerns(there, ['eth01, a and nothing']) == []
