"""What a container can do to a map of the host: nothing but to its own box in it."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support.engine import http
from support.process import must

EVERY = bool(os.environ.get('NETNSCTL_TEST_EVERY'))
LINKS = 6000 if EVERY else 600


def looked(run_netnsctl, **options):
    result = run_netnsctl('map', '--json', timeout=300, **options)
    assert result.status == 0, result
    return json.loads(result.out)


def space_of(document, name):
    return [space for space in document['namespaces'] if space['id'] == name][0]


def link_of(space, name):
    return [link for link in space['links'] if link['name'] == name][0]


def test_thousands_of_links_hide_nothing_of_others_nor_the_wire(run_netnsctl, netns):
    evil, mine = netns('evil'), netns('mine')
    must(['ip', '-n', evil, '-batch', '-'], timeout=600, feed=''.join(
        'link add l%d type veth peer name m%d\n' % (number, number) for number in range(LINKS // 2)))
    assert run_netnsctl('wire', '--name', mine, '--no-check', evil + ':e=10.1.1.1/24', mine + ':m=10.1.1.2/24'
                        ).status == 0
    document = looked(run_netnsctl)
    crowd = space_of(document, 'netns://' + evil)
    assert len(crowd['links']) + crowd['more_links'] == LINKS // 2 * 2 + 2 and len(crowd['links']) <= 4096
    assert link_of(crowd, 'e')['wire'] == mine
    assert link_of(space_of(document, 'netns://' + mine), 'm')['peer']['namespace'] == 'netns://' + evil
    for form in ('text', 'svg', 'html', 'dot', 'mermaid'):
        assert run_netnsctl('map', '--format', form, timeout=300).status == 0


def test_a_link_under_the_index_of_anothers_is_not_taken_for_it(run_netnsctl, netns):
    """evil makes a pair whose indexes are those of the pair of two others."""
    evil, one, other, beside = netns('evil'), netns('a'), netns('b'), netns('c')
    for here, there in ((one, other), (evil, beside)):
        must(['ip', '-n', here, 'link', 'add', 'x', 'index', '50', 'type', 'veth', 'peer', 'name', 'x', 'index', '60',
              'netns', there])
    document = looked(run_netnsctl)
    for here, there in ((one, other), (other, one), (evil, beside), (beside, evil)):
        assert link_of(space_of(document, 'netns://' + here), 'x')['peer']['namespace'] == 'netns://' + there


def test_nothing_that_a_container_names_reaches_the_terminal_as_it_is(run_netnsctl, netns):
    evil = netns('evil')
    name = '\x1b[2J\x07"<'
    must(['ip', '-n', evil, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'other'])
    must(['ip', '-n', evil, 'link', 'set', 'dev', name, 'alias', '\x1b]0;owned\x07'])
    for form in ('text', 'json', 'dot', 'mermaid', 'svg', 'html'):
        result = run_netnsctl('map', '--format', form)
        assert result.status == 0 and not set(result.out + result.err) & set('\x1b\x07'), form


@pytest.mark.parametrize('body', [
    '', '{}', '[7, {}, {"Id": []}]', '[{"Id": "x", "Names": 7, "Ports": "y"}]',
    '[{"Id": "' + 'a' * 64 + '", "Names": ["/\\u001b[2J"], "Ports": [{"PublicPort": true, "PrivatePort": -1}]}]',
    '[' * 100000])
def test_an_engine_that_talks_nonsense_costs_its_containers_alone(run_netnsctl, netns, engine, body):
    name = netns('a')
    lying = engine(lambda request: http('200 OK', body))
    document = looked(run_netnsctl, environ=lying.environ)
    assert space_of(document, 'netns://' + name)['containers'] == []
    assert not [space for space in document['namespaces'] if space['id'].startswith('docker://')]


def test_an_engine_that_does_not_answer_is_noted(run_netnsctl, netns, engine):
    name = netns('a')
    document = looked(run_netnsctl, environ=engine(lambda request: None).environ)
    assert [note for note in document['notes'] if note.startswith('the containers of docker are not known')]
    assert space_of(document, 'netns://' + name)
