# -*- coding: utf-8 -*-
"""Addresses of a wire: what a link may carry, who reaches whom, and the pool."""
from __future__ import absolute_import, division, print_function

import ipaddress
import time

import pytest

from netnsctl.compat import unicode_of
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model import addressing


def network(text):
    return ipaddress.ip_network(unicode_of(text), strict=False)


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
    assert '10.1.1.1 stands at both ends' in caught.value.message


def test_pool_gives_the_lowest_pair_first():
    pool = addressing.Pool('198.18.0.0/15', [])
    assert pool.pair() == ('198.18.0.1/32', '198.18.0.2/32')
    assert pool.pair() == ('198.18.0.3/32', '198.18.0.4/32')


def test_pool_steps_over_what_is_taken():
    pool = addressing.Pool('198.18.0.0/15',
                           ['198.18.0.1/32', '198.18.0.6/32', '198.18.1.0/24', '0.0.0.0/0', 'fd00::/8', '10.0.0.0/8'])
    assert pool.pair() == ('198.18.0.3/32', '198.18.0.4/32')
    assert pool.pair() == ('198.18.0.7/32', '198.18.0.8/32')


def test_a_pair_that_is_given_back_fits_again():
    pairs = [addressing.Pool('198.18.0.0/24', []).pair()]
    pool = addressing.Pool('198.18.0.0/24', ['198.18.0.3/32', '198.18.0.4/32'])
    assert pool.pair() == pairs[0]
    assert pool.pair() == ('198.18.0.5/32', '198.18.0.6/32')


@pytest.mark.parametrize('text,pairs', [
    ('198.18.0.0/31', [('198.18.0.0/32', '198.18.0.1/32')]), ('198.18.0.0/30', [('198.18.0.1/32', '198.18.0.2/32')]),
    ('fd00::/127', [('fd00::/128', 'fd00::1/128')]), ('fd00::/126', [('fd00::1/128', 'fd00::2/128')]),
])
def test_a_pool_ends_with_conflict(text, pairs):
    pool = addressing.Pool(text, [])
    assert [pool.pair() for _ in pairs] == pairs
    for _ in range(2):
        with pytest.raises(ConflictError) as caught:
            pool.pair()
        assert text in caught.value.message and '--pool' in caught.value.hint


def test_a_pool_that_a_route_covers_has_no_pair():
    with pytest.raises(ConflictError):
        addressing.Pool('198.18.0.0/24', ['198.16.0.0/12']).pair()


@pytest.mark.parametrize('text', ['198.18.0.1/32', 'fd00::1', '198.18.0.1/15', 'x', '', 'fd00::/129'])
def test_a_pool_with_no_room_for_a_pair_is_refused(text):
    with pytest.raises(UsageError):
        addressing.parse_pool(text)


def test_thousands_of_pairs_are_disjoint_and_quick():
    pool = addressing.Pool('198.18.0.0/15', [])
    began = time.time()
    pairs = [pool.pair() for _ in range(3000)]
    assert time.time() - began < 15
    assert len(set(address for pair in pairs for address in pair)) == 6000


def test_pairs_never_touch_what_is_taken():
    hypothesis = pytest.importorskip('hypothesis')
    st = pytest.importorskip('hypothesis.strategies')
    base = int(ipaddress.ip_address(u'198.18.0.0'))
    taken = st.builds(lambda offset, size: str(ipaddress.ip_network((base + offset, size), strict=False)),
                      st.integers(-300, 600), st.integers(23, 32))

    @hypothesis.given(st.lists(taken, max_size=12), st.sampled_from([24, 25, 28, 30, 31]))
    @hypothesis.settings(max_examples=200, deadline=None)
    def pairs(busy, size):
        text = '198.18.0.0/%d' % size
        pool = addressing.Pool(text, busy)
        held = [network(item) for item in busy]
        numbers = []
        while True:
            try:
                pair = pool.pair()
            except ConflictError:
                break
            for address in pair:
                assert network(address).subnet_of(network(text)) and not any(network(address).overlaps(other)
                                                                             for other in held)
                numbers.append(int(network(address).network_address))
        assert numbers == sorted(set(numbers))

    pairs()


@pytest.mark.parametrize('pool', ['::ffff:10.0.0.0/120', '127.0.0.0/8', '224.0.0.0/8', 'ff00::/16'])
def test_a_pool_that_no_host_can_have_is_refused(pool):
    with pytest.raises(UsageError):
        addressing.parse_pool(pool)
