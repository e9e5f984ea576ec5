"""What a drawing says of a link or a namespace, in words."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.usecases.drawing import structured, tree, words


def link(**fields):
    found = {'index': 2, 'name': 'eth0', 'kind': 'veth', 'state': 'up', 'up': True, 'carrier': True, 'mtu': 1500,
             'mac': '02:00:00:00:00:01', 'addresses': []}
    found.update(fields)
    return found


def space(identity='host', links=(), **fields):
    found = {'id': identity, 'inode': 1, 'names': [], 'mounts': [], 'containers': [], 'held_by': [], 'gateways': [],
             'processes': {'count': 0, 'first': []}, 'links': list(links), 'more_links': 0, 'unread': None}
    found.update(fields)
    return found


def document(*spaces, **fields):
    found = {'version': 1, 'time': 0, 'hostname': 'h', 'namespaces': list(spaces), 'wires': [], 'notes': []}
    found.update(fields)
    return found


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
        space('host', [link(name='br0', kind='bridge'), link(name='p', master='br0', peer={
            'namespace': 'netns://a', 'link': 'eth0', 'index': 2}), link(name='eth0', kind='nic')]),
        space('netns://a', [link(peer={'namespace': 'host', 'link': 'p', 'index': 3}), link(
            name='v', kind='vlan', details={'tag': 5}, parent={'namespace': 'host', 'link': 'eth0', 'index': 2})]))
    assert lines(found) == [
        'host  h', '|- br0  bridge  up', '|  `- p  veth  up  -- netns://a:eth0', '`- eth0  nic  up',
        '   `- netns://a:v  vlan 5  up', '', 'netns://a', '|- eth0  veth  up  -- host:p',
        '`- v  vlan 5  up  ^ host:eth0']


def test_a_circle_which_no_kernel_makes_ends():
    found = document(space('host', [link(name='top', kind='bridge'), link(name='a', master='top'), link(
        name='b', master='a', parent={'namespace': 'host', 'link': 'b', 'index': 1}), link(name='c', master='c')]))
    assert len(lines(found)) < 10


def test_what_is_not_known_is_said():
    found = document(space('netns://a', [], unread='no time'), space('pid://7', [link(peer={
        'namespace': None, 'link': None, 'index': 9})], more_links=3), notes=['docker sleeps'])
    assert lines(found) == ['netns://a', '`- cannot be read: no time', '', 'pid://7', '`- eth0  veth  up  -- ?:?',
                            '`- 3 more links', 'note: docker sleeps']


def test_json_has_a_line_for_each_link_and_is_the_document():
    found = document(space('host', [link(), link(name='x')]), space('netns://a'), wires=[{'name': 'w'}])
    text = structured.draw(found)
    assert json.loads(text) == found
    assert len([line for line in text.splitlines() if '"mtu"' in line]) == 2
