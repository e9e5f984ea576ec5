"""`netnsctl wire` makes a link with addresses and routes, through either backend."""
from __future__ import absolute_import, division, print_function

import json
import os
import re

import pytest

from support.inside import add_link, addresses, links, pings, routes
from support.untouched import assert_untouched, own_state


HOST_DEV = 'h%d' % os.getpid()


def test_both_ends_get_link_address_route_and_the_checked_wire_is_told(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32', backend)
    assert (result.status, result.err) == (0, '')
    assert result.out == (
        'wired %s:A-%s:B: netns://%s:A 10.1.1.1/32 <-> netns://%s:B 10.1.1.2/32 (%s, checked)\n'
        % (a, b, a, b, backend[10:])
    )
    assert addresses(a, 'A') == ['10.1.1.1/32'] and addresses(b, 'B') == ['10.1.1.2/32']
    assert routes(a) == ['10.1.1.2 dev A'] and routes(b) == ['10.1.1.1 dev B']
    assert pings(a, '10.1.1.2') and pings(b, '10.1.1.1')
    gone = run_netnsctl('unwire', a + ':A', b + ':B')
    assert (gone.status, gone.out) == (0, 'unwired %s:A-%s:B\n' % (a, b))
    assert_untouched(before)


def test_both_families_gateways_routes_mtu_and_mac(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    result = run_netnsctl(
        'wire',
        backend,
        '--mtu',
        '1400',
        '--no-check',
        a + ':A=10.2.0.1/24,10.3.0.1/24,fd00::1/64,gw=10.2.0.2,gw=fd00::2,mac=02:00:00:00:00:0a',
        b + ':B=10.2.0.2/24,10.3.0.2/24,fd00::2/64,route=10.9.0.0/16,route=10.8.0.0/16@10.3.0.1,mtu=1350',
    )
    assert result.status == 0, result
    assert addresses(a, 'A') == ['10.2.0.1/24', '10.3.0.1/24', 'fd00::1/64']
    assert routes(a) == [
        '10.2.0.0/24 dev A',
        '10.3.0.0/24 dev A',
        'default via 10.2.0.2 dev A',
        'default via fd00::2 dev A',
        'fd00::/64 dev A',
    ]
    assert routes(b) == [
        '10.2.0.0/24 dev B',
        '10.3.0.0/24 dev B',
        '10.8.0.0/16 via 10.3.0.1 dev B',
        '10.9.0.0/16 dev B',
        'fd00::/64 dev B',
    ]
    assert links(a)['A']['address'] == '02:00:00:00:00:0a'
    assert (links(a)['A']['mtu'], links(b)['B']['mtu']) == (1400, 1350)
    assert pings(a, 'fd00::2') and pings(b, '10.3.0.1')


def test_host_addresses_of_ipv6_get_routes_to_each_other(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    result = run_netnsctl('wire', backend, a + ':A=fd00::1', b + ':B=fd00::2/128')
    assert result.status == 0, result
    assert addresses(a, 'A') == ['fd00::1/128'] and 'fd00::2 dev A' in routes(a)
    assert pings(a, 'fd00::2') and pings(b, 'fd00::1')


def test_auto_takes_iproute_where_ip_knows_netns(run_netnsctl, netns):
    result = run_netnsctl('wire', netns('a'), netns('b'))
    assert result.status == 0 and result.out.endswith('(iproute, checked)\n'), result


def test_auto_takes_netlink_with_the_ip_of_el6(run_netnsctl, netns, old_ip):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a, b, path=old_ip)
    assert result.status == 0 and result.out.endswith('(netlink, checked)\n'), result
    assert run_netnsctl('unwire', a, b, path=old_ip).status == 0
    assert_untouched(before)


def test_auto_takes_netlink_where_there_is_no_ip_at_all(run_netnsctl, netns, tmpdir):
    result = run_netnsctl('wire', netns('a'), netns('b'), only_path=str(tmpdir))
    assert result.status == 0 and result.out.endswith('(netlink, checked)\n'), result


def test_auto_takes_iproute_with_an_ip_that_has_netns_but_no_dash_n(run_netnsctl, netns, rdo_ip):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.1.1.1/24,gw=10.1.1.2', b + ':B=10.1.1.2/24', path=rdo_ip)
    assert result.status == 0 and result.out.endswith('(iproute, checked)\n'), result
    assert pings(a, '10.1.1.2')
    assert run_netnsctl('unwire', a, b, path=rdo_ip).status == 0
    assert_untouched(before)


def test_iproute_asked_for_with_the_ip_of_el6_is_refused(run_netnsctl, netns, old_ip):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a, b, '--backend', 'iproute', path=old_ip)
    assert result.status == 1 and 'has no netns' in result.err, result
    assert_untouched(before)


def test_a_backend_that_is_none_is_a_usage_error(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a, b, '--backend', 'ifconfig')
    assert result.status == 2 and 'ifconfig' in result.err, result
    assert_untouched(before)


def test_the_host_as_an_end(run_netnsctl, netns, backend):
    a = netns('a')
    before = own_state()
    result = run_netnsctl('wire', backend, 'host:%s=10.231.7.1/32' % HOST_DEV, a + ':A=10.231.7.2/32')
    assert result.status == 0, result
    assert addresses(None, HOST_DEV) == ['10.231.7.1/32'] and '10.231.7.2 dev ' + HOST_DEV in routes(None)
    assert pings(None, '10.231.7.2') and pings(a, '10.231.7.1')
    assert run_netnsctl('unwire', 'host', a).status == 0
    assert_untouched(before)


def test_defaults_are_eth_in_a_namespace_nw_on_the_host_and_the_pool(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    add_link(a, 'eth0')
    first = run_netnsctl('wire', a, b, '--pool', '10.232.0.0/29')
    assert first.status == 0, first
    assert first.out.startswith(
        'wired %s-%s: netns://%s:eth1 10.232.0.1/32 <-> netns://%s:eth0 10.232.0.2/32 ' % (a, b, a, b)
    )
    second = run_netnsctl('wire', a, 'host', '--pool', '10.232.0.0/29')
    assert re.search(r' <-> host:nw[0-9a-f]{1,13} 10\.232\.0\.4/32 ', second.out), second
    third = run_netnsctl('wire', a + ':x', b + ':x', '--pool', '10.232.0.0/29')
    assert '10.232.0.5/32' in third.out, third
    full = run_netnsctl('wire', a + ':y', b + ':y', '--pool', '10.232.0.0/29')
    assert full.status == 4 and 'pool 10.232.0.0/29' in full.err, full


def test_an_address_that_was_given_back_is_given_again(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    first = run_netnsctl('wire', a, b, '--pool', '10.233.0.0/29', '--name', a)
    assert run_netnsctl('unwire', a).status == 0
    assert run_netnsctl('wire', a, b, '--pool', '10.233.0.0/29', '--name', a).out == first.out


@pytest.mark.parametrize('one,other,words', [
    ('=10.0.0.1', '', 'netns://{b}:x has no IPv4 address'),
    ('=10.0.0.1/24', '=fd00::1/64', 'fd00::1/64 of netns://{b}:x: netns://{a}:x has no IPv6 address')])
def test_a_wire_that_no_echo_could_be_sent_over_says_why(run_netnsctl, netns, one, other, words):
    a, b = netns('a'), netns('b')
    result = run_netnsctl('wire', '--name', a, a + ':x' + one, b + ':x' + other)
    assert result.status == 0 and 'links up)' in result.out, result
    assert result.err.startswith('netnsctl: %s: no echo was sent: 10.0.0.1/' % a), result
    assert words.format(a=a, b=b) in result.err and len(result.err.splitlines()) == 1, result
    assert run_netnsctl('wire', '--name', a, a + ':x' + one, b + ':x' + other).err == ''
    assert run_netnsctl('unwire', a).status == 0
    assert run_netnsctl('wire', '--no-check', '--name', a, a + ':x' + one, b + ':x' + other).err == ''


def test_the_check_of_a_lost_wire_fails_as_one_that_does_not_work(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--name', a, a + ':x', b + ':x').status == 0
    assert run_netnsctl('netns', 'delete', b).status == 0
    result = run_netnsctl('check', a)
    assert result.status == 5 and 'the network namespace of netns://%s is gone' % b in result.err, result
    document = json.loads(run_netnsctl('check', '--json', a).out)
    assert document['exit_code'] == 5 and document['checks'] == [
        {'name': a, 'ok': False, 'error': document['error']}], document
    assert run_netnsctl('unwire', a).status == 0
