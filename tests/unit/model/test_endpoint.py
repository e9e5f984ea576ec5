# -*- coding: utf-8 -*-
"""The grammar of endpoints: what is taken, in which form, and what is refused and why."""
from __future__ import absolute_import, division, print_function

import ipaddress

import pytest

from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import endpoint, names
from netnsctl.model.endpoint import Target
from netnsctl.model.route import Route
from netnsctl.model.rule import Rule


def refused(text):
    with pytest.raises(UsageError) as caught:
        endpoint.parse(text)
    message = caught.value.message
    assert '\n' not in message or '\n' in text
    return message


@pytest.mark.parametrize('text,target,ifname', [
    ('host', Target('host', ''), None),
    ('host:up0', Target('host', ''), 'up0'),
    ('web', Target(None, 'web'), None),
    ('web:eth1', Target(None, 'web'), 'eth1'),
    ('a:b:eth1', Target(None, 'a:b'), 'eth1'),
    ('4711', Target(None, '4711'), None),
    ('007', Target(None, '007'), None),
    ('-web', Target(None, '-web'), None),
    ('netns://host', Target('netns', 'host'), None),
    ('netns://4711:eth0', Target('netns', '4711'), 'eth0'),
    ('docker://web-1_a.b:A', Target('docker', 'web-1_a.b'), 'A'),
    ('podman://web', Target('podman', 'web'), None),
    ('lxc://web', Target('lxc', 'web'), None),
    ('libvirt-lxc://web', Target('libvirt-lxc', 'web'), None),
    ('nspawn://web', Target('nspawn', 'web'), None),
    ('pid://4711:A', Target('pid', '4711'), 'A'),
    ('bridge://br0', Target('bridge', 'br0'), None),
    ('bridge://br0:port1', Target('bridge', 'br0'), 'port1'),
    ('/proc/1/ns/net', Target('path', '/proc/1/ns/net'), None),
    ('/proc/1/ns/net:A', Target('path', '/proc/1/ns/net'), 'A'),
    ('/tmp/a:b/net', Target('path', '/tmp/a:b/net'), None),
    ('./net', Target('path', './net'), None),
    ('path:///proc/1/ns/net:A', Target('path', '/proc/1/ns/net'), 'A'),
    ('n' * 255, Target(None, 'n' * 255), None),
    ('web:' + 'i' * 15, Target(None, 'web'), 'i' * 15),
    ('caf\xc3\xa9' if bytes is str else u'caf\xe9', Target(None, native(u'caf\xe9')), None),
    ('web:$(id)', Target(None, 'web'), '$(id)'),
])
def test_places(text, target, ifname):
    parsed = endpoint.parse(text)
    assert (parsed.target, parsed.ifname) == (target, ifname)
    assert (parsed.addresses, parsed.gateways, parsed.mac, parsed.mtu, parsed.routes) == ((), (), None, None, ())


@pytest.mark.parametrize('text,shown', [
    ('a:A=dhcp', 'a:A=dhcp'), ('a:A=mtu=1400,fd00::1/64,dhcp,gw=fd00::2', 'a:A=dhcp,fd00::1/64,gw=fd00::2,mtu=1400')])
def test_dhcp_is_kept_beside_what_a_lease_does_not_say(text, shown):
    parsed = endpoint.parse(text)
    assert parsed.dhcp and str(parsed) == shown and str(endpoint.parse(shown)) == shown
    assert not endpoint.parse('a:A').dhcp


def test_a_gateway_of_a_route_is_on_the_link_of_a_lease_unseen():
    assert endpoint.parse('a:A=dhcp,route=10.5.0.0/16@10.0.0.1,route=10.6.0.0/16').routes == (
        Route('10.5.0.0/16', '10.0.0.1', onlink=True), Route('10.6.0.0/16'))


@pytest.mark.parametrize('text,reason', [
    ('a=dhcp,10.0.0.1/24', 'dhcp and the address 10.0.0.1/24'), ('a=gw=10.0.0.1,dhcp', 'dhcp and gw=10.0.0.1'),
    ('a=dhcp,dhcp', 'dhcp is given twice'), ('a=dhcp=yes', 'unknown key dhcp='),
    ('host:x=dhcp', 'a second default route'), ('bridge://br0=dhcp', 'at a bridge'),
    ('macvlan://eth0=dhcp', 'dhcp is not an item of macvlan://eth0')])
def test_dhcp_where_it_cannot_be_is_refused(text, reason):
    assert reason in refused(text)


def test_items():
    parsed = endpoint.parse('a:A=10.1.1.1/24,FD00:0::1/64,10.2.2.2,fd01::2,gw=10.1.1.254,gw=FD00::FE,'
                            'mac=02:00:00:00:00:AA,mtu=1400,route=10.9.0.0/16,'
                            'route=10.8.0.0/16@10.1.1.2,route=default@fd00::2')
    assert parsed.addresses == ('10.1.1.1/24', 'fd00::1/64', '10.2.2.2/32', 'fd01::2/128')
    assert parsed.gateways == ('10.1.1.254', 'fd00::fe')
    assert (parsed.mac, parsed.mtu) == ('02:00:00:00:00:aa', 1400)
    assert parsed.routes == (Route('10.9.0.0/16'), Route('10.8.0.0/16', '10.1.1.2'), Route('::/0', 'fd00::2'))
    assert (parsed.rules, parsed.scope, parsed.is_in_grammar()) == ((), None, True)


def test_default_without_a_gateway_is_the_ipv4_one():
    assert endpoint.parse('a=10.1.1.1/24,route=default').routes == (Route('0.0.0.0/0'),)


@pytest.mark.parametrize('more', [{'routes': [Route('10.9.0.0/16', '10.1.1.2', metric=5)]},
                                  {'rules': [Rule(4, '10.0.0.0/8', table=5)]}, {'scope': 'link'}])
def test_what_only_a_file_can_ask_for_is_shown_and_not_taken_for_something_else(more):
    asked = endpoint.Endpoint(Target(None, 'a'), 'A', ['10.1.1.1/24'], **more)
    assert not asked.is_in_grammar()
    refused(str(asked))


def test_pairs_are_taken_for_routes_as_earlier_records_have_them():
    routes = [['10.9.0.0/16', None], ('10.8.0.0/16', '10.1.1.2')]
    asked = endpoint.Endpoint(Target(None, 'a'), routes=routes)
    assert asked.routes == (Route('10.9.0.0/16'), Route('10.8.0.0/16', '10.1.1.2'))
    assert str(asked) == 'a=route=10.9.0.0/16,route=10.8.0.0/16@10.1.1.2'


def test_the_ends_of_mtu_are_taken():
    assert [endpoint.parse('a=mtu=%d' % mtu).mtu for mtu in (68, 65535)] == [68, 65535]


@pytest.mark.parametrize('text', [
    'a', 'a:A', 'host', 'host:A=10.1.1.1/32', 'docker://a:A=10.1.1.1/24,gw=10.1.1.2,mac=02:00:00:00:00:01,mtu=1400',
    'path:///proc/1/ns/net:A=fd00::1/64,route=10.9.0.0/16,route=::/0@fd00::2', 'bridge://br0=10.1.1.1/24', 'pid://1',
])
def test_str_is_the_text_again(text):
    assert str(endpoint.parse(text)) == text


@pytest.mark.parametrize('text,words', [
    ('', 'an endpoint is empty'),
    ('=10.1.1.1/32', 'no target before the "="'),
    (':A', 'the name is empty'),
    ('a:', 'interface name is empty'),
    ('docker://', 'the name is empty'),
    ('docker://:A', 'the name is empty'),
    ('netns://a/b', 'not a name'),
    ('docker://../x', 'not a name'),
    ('netns://..', 'not a name'),
    ('.', 'not a name'),
    ('..', 'not a name'),
    ('..:A', 'not a name'),
    ('n' * 256, 'longer than 255 bytes'),
    ('path://', 'no path'),
    ('bridge://', 'interface name is empty'),
    ('bridge://' + 'b' * 16, 'longer than 15 bytes'),
    ('gre://a', 'unknown scheme gre://; known schemes: netns:// docker://'),
    ('bridge:/br0', 'endpoint bridge:/br0: a single "/" after the scheme'),
    ('path:/srv/ns:eth0', 'endpoint path:/srv/ns:eth0: a single "/" after the scheme'),
    ('DOCKER://a', 'unknown scheme DOCKER://'),
    ('0', '0 is not a PID'),
    ('000', '000 is not a PID'),
    ('-1', '-1 is not a PID'),
    ('+5', '+5 is not a PID'),
    ('pid://', 'nothing is not a PID'),
    ('pid://0', '0 is not a PID'),
    ('pid://-1', '-1 is not a PID'),
    ('pid://+5', '+5 is not a PID'),
    ('pid://1x', '1x is not a PID'),
    ('pid://007', '007 is not a PID'),
    ('pid://99999999999', '99999999999 is not a PID'),
    ('a\nb', 'control character'),
    ('a\x1b[31m', 'control character'),
    ('a\0', 'control character'),
    ('a\x7f', 'control character'),
    ('a:A\n', 'control character'),
    ('a:A=10.1.1.1/32\n', 'control character'),
    ('a:' + 'i' * 16, 'longer than 15 bytes'),
    ('a:.', 'has another meaning'),
    ('a:..', 'has another meaning'),
    ('a:lo', '"lo": has another meaning'),
    ('a:all', '"all": has another meaning'),
    ('a:default', '"default": has another meaning'),
    ('a:-A', 'must not begin with "-"'),
    ('a:A B', 'blanks'),
    ('a:A%d', '"%"'),
    ('bridge://br 0', 'blanks'),
    ('a:A=', 'an item is empty'),
    ('a:A=10.1.1.1/32,', 'an item is empty'),
    ('a:A=10.1.1.1/32,,mtu=1400', 'an item is empty'),
    ('a:A=ttl=5', 'unknown key ttl=; known keys: gw= mac= mtu= route='),
    ('a:A=MTU=1400', 'unknown key MTU='),
    ('a:A==1', 'unknown key ='),
    ('a=mtu=67', 'mtu 67: not a number from 68 to 65535'),
    ('a=mtu=65536', 'mtu 65536'),
    ('a=mtu=', 'mtu : not a number'),
    ('a=mtu=-1', 'mtu -1'),
    ('a=mtu=1e3', 'mtu 1e3'),
    ('a=mtu=1400,mtu=1400', 'mtu= is given twice'),
    ('a=mac=02:00:00:00:00:01,mac=02:00:00:00:00:02', 'mac= is given twice'),
    ('a=mac=02:00:00:00:00', 'not six bytes'),
    ('a=mac=02-00-00-00-00-01', 'not six bytes'),
    ('a=mac=01:00:5e:00:00:01', 'group address'),
    ('a=mac=00:00:00:00:00:00', 'zero'),
    ('a=gw=10.1.1.1/24', 'gw 10.1.1.1/24: not an IPv4 or IPv6 address'),
    ('a=gw=224.0.0.1', 'gw 224.0.0.1'),
    ('a=gw=0.0.0.0', 'gw 0.0.0.0'),
    ('a=gw=10.1.1.1,gw=10.1.1.2', 'gw= for one family is given twice'),
    ('a=10.1.1.1/32,10.1.1.1/24', 'the same address is given twice'),
    ('a=fd00::1/64,fd00:0::1/64', 'the same address is given twice'),
    ('a=route=10.9.0.0/16,route=10.9.0.0/16', 'the same route is given twice'),
    ('a=route=10.9.0.1/16', 'bits set beyond its prefix length'),
    ('a=route=', 'route : not a network'),
    ('a=route=10.9.0.0/16@', 'route via : not an IPv4'),
    ('a=route=fd00::/16@10.1.1.1', 'of different families'),
    ('a=route=10.9.0.0/33', 'not a network'),
    ('a:A=10.1/24', 'address 10.1/24: not an IPv4'),
])
def test_bad_endpoints_are_refused_by_what_is_wrong(text, words):
    assert words in refused(text)


def test_a_message_about_an_item_names_the_endpoint_too():
    assert refused('a:A=10.1.1.1/33').startswith('endpoint a:A=10.1.1.1/33: address 10.1.1.1/33: ')


def test_bytes_that_are_no_utf8_are_refused():
    assert 'not UTF-8' in refused('a\xff' if bytes is str else 'a\udcff')
    assert 'not UTF-8' in refused('a:i\xff' if bytes is str else 'a:i\udcff')


def test_over_long_names_are_counted_in_bytes():
    assert 'longer than 15 bytes' in refused(native(u'a:' + u'\xe9' * 8))
    assert 'longer than 255 bytes' in refused(native(u'\xe9' * 128))
    assert endpoint.parse(native(u'a:' + u'\xe9' * 7)).ifname == native(u'\xe9' * 7)


def test_an_interface_name_that_the_kernel_takes_for_blanks_is_refused():
    # To the kernel's isspace() the byte 0xa0 is a blank, and U+00E0 is C3 A0 in UTF-8: EINVAL from dev_valid_name().
    assert 'blanks' in refused(native(u'a:\xe0'))


@pytest.mark.parametrize('text',
                         ['a=fe80::1%eth0/64', 'a=gw=fe80::1%eth0', 'a=route=fd00::/64@fe80::1%2', 'a=fd00::1%x'])
def test_an_address_with_a_zone_is_refused(text):
    assert '%' in refused(text)


def test_targets_compare_by_value():
    assert Target('netns', 'a') == Target('netns', 'a')
    assert Target('netns', 'a') != Target(None, 'a')
    assert len(set([Target('netns', 'a'), Target('netns', 'a'), Target('pid', 'a')])) == 2


@pytest.mark.parametrize('target', [
    Target('host', ''), Target(None, 'web'), Target(None, '4711'), Target('netns', 'host'), Target('docker', 'a:b'),
    Target('path', '/tmp/x://y'), Target('bridge', 'br0'), Target(None, 'docker')])
def test_a_target_comes_back_from_its_text(target):
    assert Target.parse(str(target)) == target


def strategies():
    """Endpoints of the grammar as text, made piece by piece."""
    st = pytest.importorskip('hypothesis.strategies')
    word = st.text(u'abcdefghijklmnopqrstuvwxyz0123456789_', min_size=1, max_size=10).map(lambda text: u'n' + text)
    target = st.one_of(
        st.just(u'host'), word, word.map(lambda name: u'/run/' + name),
        st.integers(1, 99999).map(lambda n: u'pid://%d' % n),
        st.builds(lambda scheme, name: u'%s://%s' % (scheme, name),
                  st.sampled_from(endpoint.RUNTIME_SCHEMES + ('netns', 'bridge')), word))
    four = st.builds(lambda n, size: u'%s/%d' % (ipaddress.IPv4Address(n), size),
                     st.integers(0x0a000001, 0x0afffffe).filter(lambda n: n & 0xff not in (0, 255)),
                     st.sampled_from([8, 24, 32]))
    six = st.builds(lambda n: u'%s/64' % ipaddress.IPv6Address((0xfd << 120) + n), st.integers(1, 1 << 60))
    mac = st.integers(0, (1 << 40) - 1).map(lambda n: u'mac=02:' + u':'.join(u'%02x' % (n >> shift & 255)
                                                                                 for shift in (32, 24, 16, 8, 0)))
    mtu = st.integers(names.MTU_MIN, names.MTU_MAX).map(lambda n: u'mtu=%d' % n)
    route = st.sampled_from([u'route=10.9.0.0/16', u'route=default', u'route=fd99::/16@fd00::2', u'gw=10.1.1.1',
                             u'gw=fd00::1'])
    items = st.lists(st.one_of(four, six, mac, mtu, route), max_size=5,
                     unique_by=lambda item: item.partition(u'=')[0] if u'm' in item[:1] else item)
    return st.builds(lambda *parts: native(u''.join(parts)), target,
                     st.one_of(st.just(u''), word.map(lambda name: u':' + name)),
                     items.map(lambda found: u'=' + u','.join(found) if found else u''))


@pytest.mark.parametrize('text,again', [
    ('macvlan://eth0', None), ('macvlan://eth0=mode=vepa', None), ('macvlan://eth0=mode=bridge', 'macvlan://eth0'),
    ('ipvlan://eth0=mode=l3', None), ('ipvlan://eth0=mode=l2', 'ipvlan://eth0'), ('vlan://eth0.1/4094', None),
    ('vxlan://42=dev=eth0,port=5000,remote=192.0.2.2,remote=192.0.2.3', None),
    ('vxlan://0=ttl=9,remote=FD00:0::2,port=4789', 'vxlan://0=remote=fd00::2,ttl=9'), ('dummy://', None)])
def test_what_an_end_hangs_on_is_taken_again_from_its_own_text(text, again):
    first = endpoint.parse(text)
    assert str(first) == (again or text) and str(endpoint.parse(str(first))) == str(first)
    assert first.target.is_anchor and first.target.has_no_link and first.target.is_on_host


@pytest.mark.parametrize('text,word', [
    ('macvlan://eth0=mode=x', 'known modes: bridge passthru private vepa'),
    ('macvlan://eth0=mtu=1400', 'is not an item of'),
    ('macvlan://eth0=', 'nothing is not an item of'), ('macvlan://eth0:m', 'has no interface of its own'),
    ('macvlan://', 'an interface name is empty'), ('macvlan://a/b', 'interface name "a/b"'),
    ('dummy://x', 'endpoint dummy://x: takes no name after the ://, but is given x'),
    ('dummy://=mode=x', 'known items: none'),
    ('ipvlan://eth0=mode=l4', 'known modes: l2 l3 l3s'), ('vlan://eth0', 'a VLAN needs an ID'),
    ('vlan://eth0/0', '0 is not the ID of a VLAN (1 to 4094)'), ('vlan://eth0/4095', '4095 is not the ID'),
    ('vlan://eth0/', 'nothing is not the ID'), ('vlan:///7', 'an interface name is empty'),
    ('vlan://eth0/7/8', 'interface name "eth0/7"'), ('vlan://eth0/7=id=8', 'is not an item of vlan://eth0/7'),
    ('macvlan://eth0=mode=vepa,mode=vepa', 'is given twice')])
def test_what_an_anchor_does_not_take_is_said(text, word):
    with pytest.raises(UsageError) as caught:
        endpoint.parse(text)
    assert word in caught.value.message


def test_what_is_taken_is_taken_again_from_its_own_text():
    hypothesis = pytest.importorskip('hypothesis')
    taken = []

    @hypothesis.given(strategies())
    @hypothesis.settings(max_examples=300, deadline=None)
    def round_trip(text):
        try:
            first = endpoint.parse(text)
        except UsageError as error:
            # Addresses and gateways are made independently of each other: they can repeat.
            assert 'is given twice' in error.message
            return
        taken.append(text)
        second = endpoint.parse(str(first))
        assert str(second) == str(first)
        for field in endpoint.Endpoint.__slots__:
            assert getattr(second, field) == getattr(first, field)

    round_trip()
    assert len(taken) > 100


def test_nothing_but_usage_error_comes_out_of_any_text():
    hypothesis = pytest.importorskip('hypothesis')
    st = pytest.importorskip('hypothesis.strategies')
    near = st.text(u'ah:=/,.@%-+019f\n\xe9 gwmactuoe', max_size=40)
    raw = st.binary(max_size=40).map(native)

    @hypothesis.given(st.one_of(near, st.text(max_size=60), raw, near.map(lambda text: u'a:A=' + text)))
    @hypothesis.settings(max_examples=600, deadline=None)
    def parse(text):
        try:
            endpoint.parse(text)
        except UsageError as error:
            assert error.exit_code == 2 and error.message

    parse()


@pytest.mark.parametrize('text, target, ifname', [
    ('docker:web', ('docker', 'web'), None), ('docker:web:eth0=10.0.0.1', ('docker', 'web'), 'eth0'),
    ('docker://web', ('docker', 'web'), None), ('netns:docker:eth0', ('netns', 'docker'), 'eth0'),
    ('netns://docker:eth0', ('netns', 'docker'), 'eth0'), ('libvirt-lxc:x', ('libvirt-lxc', 'x'), None),
    ('bridge:br0=10.0.0.1/24', ('bridge', 'br0'), None), ('pid:4711:eth0', ('pid', '4711'), 'eth0'),
    ('web:docker', (None, 'web'), 'docker'), ('dockers:eth0', (None, 'dockers'), 'eth0')])
def test_a_target_may_be_spelled_as_its_folder_of_the_tree_is(text, target, ifname):
    found = endpoint.parse(text)
    assert (found.target.scheme, found.target.name, found.ifname) == target + (ifname,)


@pytest.mark.parametrize('text, meant', [
    ('bridge://br0=10.0.0.1/24,natt', 'nat'), ('a=10.0.0.2/24,opne', 'open'), ('a=dchp', 'dhcp'),
    ('a=10.0.0.2/24,publsh=8080:80', 'publish='),
    ('a=10.0.0.256/24', None), ('a=x=1', None)])
def test_a_mistyped_item_gets_the_one_that_it_may_mean(text, meant):
    with pytest.raises(UsageError) as failure:
        endpoint.parse(text)
    assert failure.value.hint == (meant and 'Did you mean %s?' % meant)
