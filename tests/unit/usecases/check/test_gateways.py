"""Which gateways a wire with one link has, and where an echo to one leaves from."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.model import links
from netnsctl.model.operations import AddLink
from netnsctl.usecases.check import checking, gateways
from netnsctl.usecases.recorded import records


def lone(addresses, found=(), routes=()):
    own = records.End({'gateways': list(found), 'routes': [list(route) for route in routes], 'index': 7})
    return gateways.Lone(checking.End('a:m', None, 'm', addresses), own, records.End({'target': 'dummy://'}))


@pytest.mark.parametrize('found,routes,expected', [
    ([], [], []),
    (['10.1.1.1'], [], ['10.1.1.1']),
    (['10.1.1.1', 'fd00::1'], [('10.7.0.0/16', '10.1.1.9'), ('10.8.0.0/16', '10.1.1.1'), ('10.9.0.0/16', None)],
     ['10.1.1.1', 'fd00::1', '10.1.1.9']),
    ([], [('0.0.0.0/0', None, None, None, None, None, False, None, None, None, None, None, None,
           'nexthop via 10.1.1.3 weight 1 nexthop via 10.1.1.4 weight 2')], ['10.1.1.3', '10.1.1.4'])])
def test_every_gateway_is_asked_once(found, routes, expected):
    assert lone([], found, routes).gateways == expected


@pytest.mark.parametrize('addresses,gateway,expected', [
    (['10.1.1.2/24'], '10.1.1.1', '10.1.1.2'),
    (['10.2.2.2/24', '10.1.1.2/24'], '10.1.1.1', '10.1.1.2'),
    (['10.2.2.2/32', '10.1.1.2/32'], '10.9.9.9', '10.2.2.2'),
    (['10.1.1.2/24', 'fd00::2/64'], 'fe80::1', 'fd00::2'),
    (['10.1.1.2/24'], 'fd00::1', None),
    ([], '10.1.1.1', None)])
def test_an_echo_leaves_from_the_address_on_the_gateways_network(addresses, gateway, expected):
    assert lone(addresses).source_to(gateway) == expected


@pytest.mark.parametrize('kind,data,is_hosts,text', [
    ('macvlan', None, True, 'macvlan://eth0=host'), ('macvlan', None, False, 'ipvlan://eth0'),
    ('macvlan', (('mode', 'vepa'),), False, 'send back'), ('ipvlan', None, True, 'does not reach the host'),
    ('ipvlan', None, False, None), ('ipvlan', (('mode', 'l3'),), False, 'mode=l3'),
    ('vlan', (('id', '7'),), False, 'eth0 is plugged into carry the VLAN 7'), ('vlan', (('id', '7'),), True, None),
    ('dummy', None, False, None)])
def test_a_kind_says_what_to_look_at_where_a_gateway_is_silent(kind, data, is_hosts, text):
    advice = links.kind_named(kind).advice(AddLink('a', 'm', None, None, kind, 'eth0', data), is_hosts)
    assert advice is None if text is None else text in advice
    assert advice is None or is_hosts or advice[-1] in '.?'  # more follows on the line
