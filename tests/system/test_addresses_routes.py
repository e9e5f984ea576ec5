"""Addresses, routes and rules of ends: gateways off the link, IPv6 where it is off, what clashes with itself."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.compat import shell_quote
from support.inside import addresses, ip, links, pings, routes
from support.process import run

BACKENDS = ['--backend=iproute', '--backend=netlink']
PREFIX = 'h%d' % os.getpid()


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('address,gateway,shown', [
    ('10.61.0.2/32', '10.62.0.1', ['default via 10.62.0.1 dev A']),
    ('10.61.0.2/24', '10.62.0.1', ['10.61.0.0/24 dev A', 'default via 10.62.0.1 dev A']),
    ('fd61::2/64', 'fd62::1', ['default via fd62::1 dev A', 'fd61::/64 dev A', 'fd62::1 dev A'])])
def test_a_gateway_off_the_link_is_onlink_and_told_so(run_netnsctl, netns, backend, address, gateway, shown):
    a, b = netns('a'), netns('b')
    ip(b, 'link', 'add', 'br0', 'type', 'bridge')
    words = 'wire', backend, '%s:A=%s,gw=%s' % (a, address, gateway), b + ':B'
    made = run_netnsctl(*(words + ('--no-check',)))
    assert made.status == 0, made
    assert made.err == ('netnsctl: netns://%s: the gateway %s is not on any network of the link: its route '
                        'is onlink\n') % (a, gateway)
    assert routes(a) == shown
    length = '/128' if ':' in gateway else '/32'
    ip(b, 'addr', 'add', gateway + length, 'dev', 'B', *(['nodad'] if ':' in gateway else []))
    ip(b, 'route', 'add', address.partition('/')[0] + length, 'dev', 'B')
    assert pings(a, gateway)
    again = run_netnsctl(*words)
    assert (again.status, again.out.partition(':')[0], again.err) == (0, 'already wired', '')


@pytest.mark.parametrize('backend', BACKENDS)
def test_routes_that_were_asked_for_lead_to_the_other_end(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    made = run_netnsctl('wire', backend, a + ':A=10.61.0.2/32,route=10.62.0.1/32',
                        b + ':B=10.62.0.1/24,route=10.61.0.2/32')
    assert made.status == 0, made
    assert routes(a) == ['10.62.0.1 dev A']
    assert routes(b) == ['10.61.0.2 dev B', '10.62.0.0/24 dev B']
    made = run_netnsctl('wire', backend, a + ':A6=fd61::2/64,gw=fe80::1', b + ':B6=fe80::1/64,route=fd61::/64')
    assert made.status == 0, made
    assert 'default via fe80::1 dev A6' in routes(a)


@pytest.mark.parametrize('items,words', [
    ('10.61.0.2/24,gw=10.61.0.1,route=0.0.0.0/0@10.61.0.3',
     'the route 0.0.0.0/0 via 10.61.0.1 clashes with the route 0.0.0.0/0 via 10.61.0.3'),
    ('10.61.0.2/24,route=10.9.0.0/16@10.61.0.3,route=10.9.0.0/16@10.61.0.4',
     'the route 10.9.0.0/16 via 10.61.0.4 clashes with the route 10.9.0.0/16 via 10.61.0.3'),
    ('10.61.0.2/24,route=10.61.0.0/24@10.61.0.1',
     'the route 10.61.0.0/24 via 10.61.0.1 clashes with that of the address 10.61.0.2/24'),
    ('::ffff:10.0.0.1/120', 'address ::ffff:10.0.0.1/120: an IPv4 address written as IPv6'),
    ('10.61.0.2/24,gw=10.61.0.2', "the gateway 10.61.0.2 is the end's own address"),
    ('10.61.0.2/24,gw=fd00::1', 'the gateway fd00::1 cannot be used: the end has no IPv6 address'),
    ('10.61.0.2/24,ipv6,ipv6', 'ipv6 is given twice')])
def test_what_could_never_be_made_is_usage_and_nothing_is_made(run_netnsctl, netns, items, words):
    a, b = netns('a'), netns('b')
    refused = run_netnsctl('wire', '%s:A=%s' % (a, items), b + ':B', '--replace')
    assert refused.status == 2
    assert words in refused.err and '--replace' not in refused.err
    assert links(a) == links(b) == {}


def test_a_pool_that_is_none_is_named_as_such(run_netnsctl):
    refused = run_netnsctl('wire', 'a', 'b', '--pool', 'foo')
    assert (refused.status, refused.err.splitlines()[0]) == (
        2, 'netnsctl: pool foo: not a network such as 10.9.0.0/16')


@pytest.mark.parametrize('backend', BACKENDS)
def test_the_first_address_of_an_ipv6_network_is_taken(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    made = run_netnsctl('wire', backend, a + ':A=2001:db8::/64', b + ':B=2001:db8::1/64')
    assert made.status == 0, made
    assert addresses(a, 'A') == ['2001:db8::/64']


@pytest.mark.parametrize('family,address,peer', [('-4', '10.61.0.2/24', '10.61.0.1/24'),
                                                 ('-6', 'fd61::2/64', 'fd61::1/64')])
@pytest.mark.parametrize('action', ['prohibit', 'unreachable', 'blackhole'])
def test_a_rule_that_forbids_is_named_and_the_command_mends_it(run_netnsctl, netns, family, address, peer, action):
    a, b = netns('a'), netns('b')
    innocent = 'fd99::/64' if family == '-6' else '10.99.0.0/16'
    ip(a, family, 'rule', 'add', 'to', innocent, 'lookup', 'main', 'pref', '100')
    ip(a, family, 'rule', 'add', 'from', 'all', action, 'pref', '100')
    made = run_netnsctl('wire', '%s:A=%s' % (a, address), '%s:B=%s' % (b, peer), '--json')
    assert made.status == 5
    causes = json.loads(made.out)['wires'][0]['check']['causes']
    assert [cause['code'] for cause in causes] == ['rule-forbids']
    assert 'rule 100 (%s) of IPv%s' % (action, family[1]) in causes[0]['text']
    assert run(['sh', '-c', causes[0]['hint']]).status == 0
    assert run_netnsctl('check', '%s:A-%s:B' % (a, b)).status == 0


@pytest.mark.parametrize('backend', BACKENDS)
def test_ipv6_is_switched_on_for_the_new_link_alone(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    for scope in ('all', 'default'):
        ip_exec(a, 'sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % scope)
    refused = run_netnsctl('wire', backend, a + ':A=fd61::2/64', b + ':B=fd61::1/64')
    assert refused.status == 1
    assert 'Add ",ipv6" to this end' in refused.err and 'docker' not in refused.err
    for item in ('gw=fe80::1', 'route=fd62::/64'):
        refused = run_netnsctl('wire', backend, '%s:A=10.61.0.2/24,%s' % (a, item), b + ':B=10.61.0.1/24')
        assert refused.status == 1 and 'Add ",ipv6" to this end' in refused.err, refused
    made = run_netnsctl('wire', backend, a + ':A=fd61::2/64,ipv6', b + ':B=fd61::1/64')
    assert made.status == 0, made
    assert pings(b, 'fd61::2')
    assert ip_exec(a, 'sysctl', '-n', 'net.ipv6.conf.A.disable_ipv6') == '0\n'
    for scope in ('all', 'default', 'lo'):
        assert ip_exec(a, 'sysctl', '-n', 'net.ipv6.conf.%s.disable_ipv6' % scope) == '1\n'
    again = run_netnsctl('wire', backend, a + ':A=fd61::2/64,ipv6', b + ':B=fd61::1/64')
    assert again.out.startswith('already wired')
    assert run_netnsctl('unwire', a + ':A', b + ':B').status == 0


def test_a_dry_run_prints_how_ipv6_is_switched_on(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    for scope in ('all', 'default'):
        ip_exec(a, 'sysctl', '-qw', 'net.ipv6.conf.%s.disable_ipv6=1' % scope)
    shown = run_netnsctl('wire', a + ':A=fd61::2/64,ipv6', b + ':B=fd61::1/64', '--dry-run')
    assert 'ip netns exec %s sysctl -w net/ipv6/conf/A/disable_ipv6=0' % a in shown.out.splitlines()
    assert run(['sh', '-ec', shown.out]).status == 0
    assert addresses(a, 'A') == ['fd61::2/64']


def test_a_container_of_docker_gets_ipv6_on_request(run_netnsctl, docker, netns):
    name, b = docker.run('web'), netns('b')
    refused = run_netnsctl('wire', 'docker://%s:eth0=fd61::2/64' % name, b + ':B=fd61::1/64')
    assert 'docker run --sysctl net.ipv6.conf.all.disable_ipv6=0' in refused.err
    made = run_netnsctl('wire', 'docker://%s:eth0=fd61::2/64,ipv6' % name, b + ':B=fd61::1/64')
    assert made.status == 0, made
    assert pings(b, 'fd61::2')
    assert run_netnsctl('unwire', 'docker://%s:eth0' % name, b + ':B').status == 0


def ip_exec(ns, *words):
    """What a program prints that runs in a namespace."""
    return ip(None, 'netns', 'exec', ns, *words)


def test_a_link_of_the_host_in_the_place_of_a_bridge_or_a_namespace_gets_a_way_out(run_netnsctl, netns):
    a = netns('a')
    ip(None, 'link', 'add', PREFIX, 'type', 'veth', 'peer', 'name', PREFIX + 'x')
    ip(None, 'link', 'add', PREFIX + 'b', 'type', 'bridge')
    try:
        ip(None, 'link', 'set', PREFIX, 'master', PREFIX + 'b')
        refused = run_netnsctl('wire', a, 'bridge://%sx' % PREFIX)
        assert refused.status == 4
        assert 'is a link of kind veth, not a bridge' in refused.err and 'master br0' in refused.err
        refused = run_netnsctl('wire', a, 'bridge://' + PREFIX)
        assert 'is a port of the bridge %sb: wire to bridge://%sb.' % (PREFIX, PREFIX) in refused.err
        refused = run_netnsctl('wire', a, PREFIX + 'x')
        assert refused.status == 3
        assert '%sx is a link of this host, not a namespace. For a macvlan on it: macvlan://%sx.' % (
            PREFIX, PREFIX) in refused.err
        refused = run_netnsctl('wire', a, PREFIX)
        assert 'is a port of the bridge' in refused.err and 'macvlan://' not in refused.err
        refused = run_netnsctl('wire', a, 'lo')
        assert 'To wire the host itself, use `host`.\n' in refused.err and 'br0' not in refused.err
        refused = run_netnsctl('wire', a, PREFIX + 'b')
        assert '%sb is a bridge of this host: bridge://%sb.' % (PREFIX, PREFIX) in refused.err
        # Where docker does not answer either, a container may have been meant.
        refused = run_netnsctl('wire', a, PREFIX + 'x', environ={'DOCKER_HOST': 'unix:///nowhere/docker.sock'})
        assert refused.status in (1, 3) and '%sx is a link of this host, not a namespace.' % PREFIX in refused.err
        assert 'unix:///nowhere/docker.sock' in refused.err
        # And in the place of an end on the host
        for backend in BACKENDS:
            refused = run_netnsctl('wire', backend, a, 'host:%sb' % PREFIX)
            assert refused.status == 4
            assert '%sb is a bridge: bridge://%sb.' % (PREFIX, PREFIX) in refused.err
            ip(None, 'link', 'add', PREFIX + 'd', 'link', PREFIX + 'x', 'type', 'macvlan')
            refused = run_netnsctl('wire', backend, a, 'host:%sd' % PREFIX)
            ip(None, 'link', 'set', PREFIX + 'd', 'master', PREFIX + 'b')
            in_bridge = run_netnsctl('wire', backend, a, 'host:%sd' % PREFIX)
            ip(None, 'link', 'delete', PREFIX + 'd')
            assert refused.status == in_bridge.status == 4
            assert 'is a port of the bridge %sb: wire to bridge://%sb.' % (PREFIX, PREFIX) in in_bridge.err
            assert 'An end on the host is a new link: give it an unused name.' in refused.err
            assert 'ip link set dev %sd master br0' % PREFIX in refused.err
    finally:
        ip(None, 'link', 'delete', PREFIX)
        ip(None, 'link', 'delete', PREFIX + 'b')


@pytest.mark.parametrize('address', ['10.1.1.2', '10.1.1.2/32', 'fd00::2/64'])
def test_an_address_in_the_place_of_an_end_is_told_where_it_belongs(run_netnsctl, netns, address):
    refused = run_netnsctl('wire', netns('a') + '=10.1.1.1/32', address)
    assert refused.status == 3, refused
    assert '\n  An address comes after the end that gets it: web=%s.\n' % address in refused.err, refused


def test_an_address_in_the_place_of_a_name_of_a_link_is_noticed(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    made = run_netnsctl('wire', a + ':10.1.1.1', b + ':B')
    assert (made.status, made.err) == (
        0, 'netnsctl: netns://%s: its link is named 10.1.1.1; an address comes after a "=": netns://%s=10.1.1.1\n' % (
            a, a)), made


@pytest.mark.parametrize('words', [
    ('a:A,gw=10.0.0.1', 'b'), ('a:A,10.0.0.2', 'b'), ('a', 'bridge://br0,'), ('a:A', 'b:B', '--backend', 'foo'),
    ('a:A', 'b:B', '--backend', 'foo', '--dry-run')])
def test_a_comma_for_an_equals_sign_and_a_backend_that_is_none_are_usage(run_netnsctl, words):
    refused = run_netnsctl('wire', *words)
    assert refused.status == 2, refused


def test_a_dry_run_that_replaces_can_be_pasted(run_netnsctl, netns, tmpdir):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--name', a, a + ':A=10.61.0.1', b + ':B=10.61.0.2').status == 0
    shown = run_netnsctl('wire', '--dry-run', '--replace', '--name', a, a + ':A=10.61.0.9', b + ':B=10.61.0.2')
    assert shown.out.splitlines()[0] == 'netnsctl unwire ' + a and 'route del' not in shown.out
    script = tmpdir.join('netnsctl')
    script.write('#!/bin/sh\nexec %s "$@"\n' % ' '.join(shell_quote(word) for word in run_netnsctl.argv()))
    script.chmod(0o755)
    environ = run_netnsctl.environ()
    environ['PATH'] = '%s:%s' % (tmpdir, environ['PATH'])
    assert run(['sh', '-ec', shown.out], environ=environ).status == 0
    assert pings(a, '10.61.0.2') and addresses(a, 'A') == ['10.61.0.9/32']
    ip(a, 'link', 'delete', 'A')
