# -*- coding: utf-8 -*-
"""Addresses of a wire: what a link may carry, and who reaches whom."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import addressing


def answer(call, *arguments):
    """What it returns, or says."""
    try:
        return call(*arguments)
    except (UsageError, ValueError) as error:
        return str(error)


def test_plain_ipv4_is_judged_as_by_ipaddress(monkeypatch):
    octets = ('0', '1', '10', '127', '128', '191', '223', '224', '255')
    hosts = ['%s.%s.0.%s' % (first, second, last) for first in octets for second in ('0', '255') for last in octets]
    lengths = ('', '/0', '/1', '/7', '/8', '/9', '/24', '/30', '/31', '/32', '/33', '/024', '/')
    texts = [host + length for host in hosts for length in lengths] + ['1.2.3', '01.2.3.4', '1.2.3.256', '']
    beside = hosts[::7] + ['10.0.0.3', '128.255.0.7']
    calls = [(addressing.parse_address, (text,)) for text in texts]
    calls += [(addressing.parse_ip, (text, 'gw')) for text in texts]
    for net in [host + length for host in hosts[::5] for length in ('/1', '/9', '/24', '/30', '/31', '/32')]:
        calls += [(addressing.network_of, (net,))]
        calls += [(call, pair) for ip in beside
                  for call, pair in ((addressing.covers, (net, ip)), (addressing._is_broadcast, (ip, net)))]
    quick = [answer(call, *arguments) for call, arguments in calls]
    monkeypatch.setattr(addressing, '_ipv4', lambda text: (None, None))
    monkeypatch.setattr(addressing, '_is_plain_host', lambda text: False)
    assert [(call, arguments, said) for (call, arguments), said in zip(calls, quick)
            if answer(call, *arguments) != said] == []


@pytest.mark.parametrize('text,normal', [
    ('10.1.1.1', '10.1.1.1/32'), ('10.1.1.1/24', '10.1.1.1/24'), ('10.1.1.0/31', '10.1.1.0/31'),
    ('10.1.1.255/32', '10.1.1.255/32'), ('fd00::1', 'fd00::1/128'), ('FD00:0:0::1/64', 'fd00::1/64'),
    ('fd00::/127', 'fd00::/127'), ('fe80::1/64', 'fe80::1/64'), ('169.254.1.1/16', '169.254.1.1/16'),
    ('fd00::ffff:ffff:ffff:ffff/64', 'fd00::ffff:ffff:ffff:ffff/64'), ('255.255.255.254/31', '255.255.255.254/31'),
])
def test_an_address_in_normal_form(text, normal):
    assert addressing.parse_address(text) == normal
    assert addressing.parse_address(normal) == normal


@pytest.mark.parametrize('text,words', [
    ('10.1/24', 'not an IPv4 or IPv6 address'), ('10.1.1.1/', 'must be a number'), ('10.1.1.1/33', 'not an IPv4'),
    ('10.1.1.1/255.255.255.0', 'must be a number'), ('10.1.1.1/-1', 'must be a number'), ('fd00::1/129', 'not an IPv4'),
    ('10.1.1.1/ 24', 'must be a number'), ('fd00::1/', 'must be a number'), ('010.1.1.1/24', 'not an IPv4'),
    ('10.1.1.1.1', 'not an IPv4'), ('10.1.1.256/24', 'not an IPv4'), ('', 'not an IPv4'), ('eth0', 'not an IPv4'),
    ('10.1.1.0/24', 'the address of the network 10.1.1.0/24 itself'),
    ('10.1.1.255/24', 'the broadcast address of 10.1.1.0/24'),
    ('::ffff:10.0.0.1/120', 'an IPv4 address written as IPv6'), ('255.255.255.255', 'the broadcast address'),
    ('255.255.255.255/32', 'the broadcast address'), ('224.0.0.1/24', 'a multicast address'),
    ('ff02::1/64', 'a multicast'),
    ('127.0.0.1/8', 'a loopback address'), ('127.1.2.3', 'a loopback address'), ('::1/128', 'a loopback address'),
    ('0.0.0.0/32', 'the unspecified address'), ('::/64', 'the unspecified address'),
    ('::1/64', 'a loopback address'), ('::/128', 'the unspecified address'), ('0.1.2.3/8', 'in 0.0.0.0/8'),
])
def test_an_address_that_no_link_may_carry(text, words):
    with pytest.raises(UsageError) as caught:
        addressing.parse_address(text)
    assert caught.value.message.startswith('address %s: ' % text)
    assert words in caught.value.message


@pytest.mark.parametrize('text,via,normal', [
    ('10.9.0.0/16', None, '10.9.0.0/16'), ('10.9.0.1', None, '10.9.0.1/32'), ('default', None, '0.0.0.0/0'),
    ('default', '10.1.1.1', '0.0.0.0/0'), ('default', 'fd00::1', '::/0'), ('FD00::/16', None, 'fd00::/16'),
    ('::/0', None, '::/0'),
])
def test_a_destination_in_normal_form(text, via, normal):
    assert addressing.parse_destination(text, via) == normal


def test_who_covers_what():
    assert addressing.covers('10.1.1.1/24', '10.1.1.9')
    assert not addressing.covers('10.1.1.1/24', '10.1.2.9')
    assert not addressing.covers('10.1.1.1/24', 'fd00::1')
    assert addressing.covers('fd00::1/64', 'fd00::9')
    assert addressing.is_host('10.1.1.1/32') and addressing.is_host('fd00::1/128')
    assert not addressing.is_host('fd00::1/32') and not addressing.is_host('10.1.1.1/24')


@pytest.mark.parametrize('own,peer,routes', [
    (['10.1.1.1/32'], ['10.1.1.2/32'], ['10.1.1.2/32']),
    (['10.1.1.1/24'], ['10.1.1.2/24'], []),
    (['10.1.1.1/32'], ['10.1.1.2/24'], ['10.1.1.2/32']),
    (['10.1.1.1/32', '10.3.0.1/24'], ['10.3.0.2/24', '10.9.9.9/32'], ['10.9.9.9/32']),
    (['10.1.1.1/24'], ['fd00::1/64'], []),
    (['10.1.1.1/24', 'fd00::1/128'], ['10.1.1.2/24', 'fd00::2/128'], ['fd00::2/128']),
    (['10.1.1.1/24'], ['10.1.1.2/24', '10.7.0.1/24'], []),
    ([], ['10.1.1.2/24'], []), (['10.1.1.2/24'], [], []),
])
def test_host_routes_are_for_what_no_network_covers(own, peer, routes):
    assert addressing.host_routes(own, peer, 'a') == routes


@pytest.mark.parametrize('own,peer', [(['10.1.1.1/24'], ['10.2.2.2/24']), (['fd00::1/64'], ['fd01::1/64']),
                                      (['10.1.1.1/24', 'fd00::1/64'], ['10.1.1.2/24', 'fd01::1/64'])])
def test_ends_on_no_common_network_are_refused_with_a_way_out(own, peer):
    with pytest.raises(UsageError) as caught:
        addressing.host_routes(own, peer, 'netns://a')
    assert caught.value.message.startswith('netns://a: ')
    assert '/32' in caught.value.hint or '/128' in caught.value.hint


@pytest.mark.parametrize('ip,own,peer,reached,expected', [
    ('10.1.1.254', ['10.1.1.1/24'], [], [], True), ('10.9.9.9', ['10.1.1.1/32'], ['10.9.9.9/32'], [], True),
    ('fe80::1', ['fd00::1/64'], [], [], True), ('10.9.9.9', ['10.1.1.1/24'], [], ['10.9.0.0/16'], True),
    ('10.9.9.9', ['10.1.1.1/24'], [], [], False), ('fd00::9', ['10.1.1.1/24'], [], ['10.9.0.0/16'], False)])
def test_what_is_on_the_link(ip, own, peer, reached, expected):
    assert addressing.is_on_link(ip, own, peer, reached) is expected


@pytest.mark.parametrize('ip,own,words', [
    ('10.1.1.1', ['10.1.1.1/24'], "netns://a: the gateway 10.1.1.1 is the end's own address"),
    ('10.1.1.255', ['fd00::1/64', '10.1.1.1/24'],
     'netns://a: the gateway 10.1.1.255 is the broadcast address of 10.1.1.1/24'),
    ('10.1.1.0', ['10.1.1.1/24'], 'netns://a: the gateway 10.1.1.0 is the address of the network of 10.1.1.1/24'),
    ('fd00::1', ['10.1.1.1/24'], 'netns://a: the gateway fd00::1 cannot be used: the end has no IPv6 address'),
    ('10.1.1.2', [], 'netns://a: the gateway 10.1.1.2 cannot be used: the end has no IPv4 address')])
def test_what_can_be_no_gateway(ip, own, words):
    with pytest.raises(UsageError) as caught:
        addressing.require_gateway(ip, own, 'netns://a', 'gateway')
    assert caught.value.message == words


@pytest.mark.parametrize('own,peer,reached', [
    (['10.0.0.1/24'], ['10.1.0.2/32'], ['10.1.0.0/16']), (['fd00::1/64'], ['fe80::1/64'], []),
    (['fe80::1/64'], ['fd00::1/64'], []), (['10.0.0.1/32'], ['10.1.0.2/24'], ['10.1.0.2/32'])])
def test_routes_that_were_asked_for_and_link_local_addresses_count(own, peer, reached):
    assert addressing.host_routes(own, peer, 'netns://a', reached) == []


def test_the_first_address_of_an_ipv6_network_is_one_of_a_host():
    assert addressing.parse_address('2001:db8::/64') == '2001:db8::/64'


def test_an_address_at_both_ends_is_refused():
    addressing.require_distinct(['10.1.1.1/32'], ['10.1.1.2/32'])
    with pytest.raises(UsageError) as caught:
        addressing.require_distinct(['10.1.1.1/32', '10.1.1.3/24'], ['10.1.1.1/24'])
    assert '10.1.1.1 is given at both ends' in caught.value.message
