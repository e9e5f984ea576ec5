"""What a drawing says of a link or a namespace, in words."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.usecases.drawing import structured, tree, words
from support import map_documents
from support.map_documents import document, space


def link(name='eth0', kind='veth', **fields):
    return map_documents.link(name, kind, **fields)


def lines(found, is_ascii=True):
    return [''.join(text for text, _ in line) for line in tree.draw(found, is_ascii)]


@pytest.mark.parametrize('details,text', [
    ({'tag': 100}, 'vlan 100'), ({'tag': 7, 'protocol': '802.1ad'}, 'vlan 7 802.1ad'), ({}, 'vlan'),
    ({'id': 42, 'remote': '10.0.0.1', 'port': 4789}, 'vlan 42 to 10.0.0.1')])
def test_a_kind_with_what_is_particular_to_it(details, text):
    assert words.kind_of(link(kind='vlan', details=details)) == text


def test_only_what_says_something_is_drawn():
    assert not words.is_worth_drawing(link(kind='loopback', name='lo', addresses=['127.0.0.1/8', '::1/128']))
    assert words.is_worth_drawing(link(kind='loopback', name='lo', addresses=['127.0.0.1/8', '10.0.0.1/32']))
    assert not words.is_worth_drawing(link(kind='sit', name='sit0', up=False))
    assert words.is_worth_drawing(link(kind='sit', name='sit0'))


def test_addresses_that_every_link_has_are_left_out():
    assert words.addresses_of(link(addresses=['10.0.0.1/24', 'fe80::1/64', 'fd00::1/64'])) == [
        '10.0.0.1/24', 'fd00::1/64']


def test_a_port_of_a_bridge_is_below_it_and_what_hangs_on_a_nic_too():
    found = document(
        space('host', [link(name='br0', kind='bridge'), link(name='p', master='br0', peer=('netns://a', 'eth0')),
                       link(name='eth0', kind='nic')]),
        space('netns://a', [link(peer=('host', 'p')), link(
            name='v', kind='vlan', details={'tag': 5}, parent=('host', 'eth0'))]))
    assert lines(found) == [
        'host  h', '|- br0  bridge  up', '|  `- p  veth  up  -- netns://a:eth0', '`- eth0  nic  up',
        '   `- netns://a:v  vlan 5  up', '', 'netns://a', '|- eth0  veth  up  -- host:p',
        '`- v  vlan 5  up  ^ host:eth0']


def test_a_circle_which_no_kernel_makes_ends():
    found = document(space('host', [link(name='top', kind='bridge'), link(name='a', master='top'), link(
        name='b', master='a', parent=('host', 'b')), link(name='c', master='c')]))
    assert len(lines(found)) < 10


def test_what_is_not_known_is_said():
    found = document(space('netns://a', [], unread='no time'),
                     space('pid://7', [link(peer=(None, None))], more_links=3), notes=['docker sleeps'])
    assert lines(found) == ['netns://a', '`- cannot be read: no time', '', 'pid://7', '`- eth0  veth  up  -- ?:?',
                            '`- 3 more links', '', 'note: docker sleeps']


def test_json_has_a_line_for_each_link_and_is_the_document():
    found = document(space('host', [link(), link(name='x')]), space('netns://a'), wires=[{'name': 'w'}])
    text = structured.draw(found)
    assert json.loads(text) == found
    assert len([line for line in text.splitlines() if '"mtu"' in line]) == 2
