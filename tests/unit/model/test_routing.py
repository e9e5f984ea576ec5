"""Routes and policy rules as values: from iproute2's words and back, and held to what the kernel takes."""
from __future__ import absolute_import, division, print_function

import errno
import json

import pytest

from netnsctl.compat import native_tree
from netnsctl.errors import UsageError
from netnsctl.execution.backends import refusals
from netnsctl.model import operations as op
from netnsctl.model import route_checks, route_words, routing
from netnsctl.model.route import Route, as_route, parse_scope, scope_number
from netnsctl.model.rule import Rule


def route(text, family=None):
    return routing.parse_route(text.split(), 'A', family)


def rule(text, family=None):
    return routing.parse_rule(text.split(), family)


ROUTES = [
    ('10.9.0.0/16', Route('10.9.0.0/16')),
    ('10.9.0.1', Route('10.9.0.1/32')),
    ('0/0', Route('0.0.0.0/0')), ('10.9/16', Route('10.9.0.0/16')), ('10/255.0.0.0', Route('10.0.0.0/8')),
    ('10.9.0.0/16 via inet6 fd00::1', Route('10.9.0.0/16', 'fd00::1')),
    ('default via inet6 fe80::1', Route('0.0.0.0/0', 'fe80::1')),
    ('10/8 via inet 10.1.1.2', Route('10.0.0.0/8', '10.1.1.2')),
    ('table 5 default via 10.1.1.2', Route('0.0.0.0/0', '10.1.1.2', table=5)),
    ('dev A fd09::/16 metric 5', Route('fd09::/16', metric=5)),
    ('fd09::/16 scope link', Route('fd09::/16')),
    ('local 10.9.0.0/16 dev lo', Route('10.9.0.0/16', table=255, type='local')),
    ('10.9.0.0/16 nexthop via 10.1.1.2', Route('10.9.0.0/16', '10.1.1.2')),
    ('default nexthop via fd00::2 dev A weight 2 nexthop onlink via fd00::3',
     Route('::/0', nexthops='nexthop via fd00::2 weight 2 nexthop via fd00::3 weight 1 onlink')),
    ('10.9.0.0/16 congctl lock cubic features ecn', Route('10.9.0.0/16', options='features ecn congctl lock cubic')),
    ('to 10.9.0.0/16 dev A', Route('10.9.0.0/16')),
    ('default via 10.1.1.2', Route('0.0.0.0/0', '10.1.1.2')),
    ('default via fd00::2 dev A', Route('::/0', 'fd00::2')),
    ('default src fd00:0::1', Route('::/0', src='fd00::1')),
    ('default', Route('0.0.0.0/0')),
    ('10.9.0.0/16 via 10.1.1.2 dev A metric 5 src 10.1.1.1 scope global table 100 onlink mtu 1400',
     Route('10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', 'global', 100, True, 1400)),
    ('10.9.0.0/16 scope 253 priority 0x10 table local', Route('10.9.0.0/16', metric=16, scope='link', table=255)),
    ('10.9.0.0/16 scope host', Route('10.9.0.0/16', scope='host')),
    ('10.9.0.0/16 scope 17 preference 4294967295 table 4294967295',
     Route('10.9.0.0/16', metric=4294967295, scope='17', table=4294967295)),
    ('10.9.0.0/16 metric 0 table main', Route('10.9.0.0/16')),
    ('FD09::/16 table 254', Route('fd09::/16')),
    ('fd09::/16 mtu 65520', Route('fd09::/16', mtu=65520)),
    ('blackhole 10.9.0.0/16', Route('10.9.0.0/16', type='blackhole')),
    ('unreachable default metric 7', Route('0.0.0.0/0', metric=7, type='unreachable')),
    ('prohibit fd09::/16 dev A', Route('fd09::/16', type='prohibit')),
    ('throw 10.9.0.0/16 table 100', Route('10.9.0.0/16', table=100, type='throw')),
    ('10.9.0.0/16 reject', Route('10.9.0.0/16', type='unreachable')),
    ('reject 10.9.0.0/16', Route('10.9.0.0/16', type='unreachable')),
    ('unicast 10.9.0.0/16 oif A', Route('10.9.0.0/16')),
    ('10.9.0.0/16 tos 0x10', Route('10.9.0.0/16', tos=16)), ('10.9.0.0/16 dsfield 10', Route('10.9.0.0/16', tos=16)),
    ('10.9.0.0/16 tos 0', Route('10.9.0.0/16')),
    ('10.9.0.0/16 proto static', Route('10.9.0.0/16', protocol=4)),
    ('10.9.0.0/16 protocol 99', Route('10.9.0.0/16', protocol=99)),
    ('10.9.0.0/16 realms 7', Route('10.9.0.0/16', realms=7)), ('10.9.0.0/16 realm 7', Route('10.9.0.0/16', realms=7)),
    ('10.9.0.0/16 realms 2/3', Route('10.9.0.0/16', realms=(2 << 16) + 3)),
    ('10.9.0.0/16 mtu lock 1400', Route('10.9.0.0/16', options='mtu lock 1400')),
    ('10.9.0.0/16 initcwnd 10 mtu 1400 advmss lock 1300 via 10.1.1.2',
     Route('10.9.0.0/16', '10.1.1.2', mtu=1400, options='advmss lock 1300 initcwnd 10')),
    ('10.9.0.0/16 rtt 0.25s rttvar 50ms rto_min 200ms', Route('10.9.0.0/16',
                                                              options='rtt 250ms rttvar 50ms rto_min 200ms')),
    ('10.9.0.0/16 window 4096 hoplimit 9 equalize', Route('10.9.0.0/16', options='window 4096 hoplimit 9')),
]


@pytest.mark.parametrize('text,value', ROUTES, ids=[text for text, _ in ROUTES])
def test_a_route_from_the_words_of_ip_route_add_and_back(text, value):
    assert route(text) == value
    assert route(' '.join(value.words('A'))) == value
    assert route(' '.join(value.words())) == value
    data = native_tree(json.loads(json.dumps(value.record())))
    assert data == value.record() and Route(*data) == value and as_route(data) == value


def test_a_default_route_is_of_the_family_of_its_file():
    assert route('default dev A', 6) == Route('::/0') and route('default dev A', 4) == Route('0.0.0.0/0')
    for text, family in (('10.9.0.0/16', 6), ('fd09::/16', 4), ('default via 10.1.1.2', 6), ('default via fd00::2', 4)):
        with pytest.raises(UsageError):
            route(text, family)


@pytest.mark.parametrize('text,words', [
    ('', 'no destination'), ('dev A', 'no destination'), ('blackhole', 'no destination'),
    ('10.9.0.0/16 weight 1', '"weight" is not accepted here; accepted: advmss congctl cwnd dev dsfield'),
    ('10.9.0.0/16 nexthop', 'no via'), ('10.9.0.0/16 nexthop via 10.1.1.2 weight 257', 'weight is not from 1 to 256'),
    ('10.9.0.0/16 nexthop via 10.1.1.2 dev B', 'dev can only be A here'),
    ('10.9.0.0/16 nexthop via', 'the form is via ADDRESS'),
    ('10.9.0.0/16 via 10.1.1.2 nexthop via 10.1.1.3 nexthop via 10.1.1.4', 'a gateway or a type of its own'),
    ('10.9.0.0/16 nexthop via fd00::1 nexthop via fd00::2', 'of another family'),
    ('10.9.0.0/16 encap ip id 5 dst 10.1.1.2', 'encap: a tunnel on the route itself is not supported'),
    ('10.9.0.0/16 nhid 5', 'nhid: an `ip nexthop` object'), ('10.9.0.0/16 congctl 5', 'congctl 5: not the name'),
    ('10.9.0.0/16 features foo', 'features foo: known: ecn'), ('10.9.0.0/16 initcwnd x',
    'initcwnd x: not a number'),
    ('10.9.0.0/16 initcwnd', 'nothing after initcwnd'), ('10.9.0.0/16 initcwnd lock', 'nothing after lock'),
    ('10.9.0.0/16 initcwnd 5 initcwnd 6', 'initcwnd is given twice'), ('10.9.0.0/16 rtt 5min',
    'nor a time such as 100ms'),
    ('10.9.0.0/16 advmss 5ms', 'advmss 5ms: not a number'), ('broadcast 10.9.0.0/16',
    'the kernel makes such routes itself'),
    ('blackhole 10.9.0.0/16 via 10.1.1.2', 'cannot have a gateway'), ('10.9.0.0/16 tos 0x13', 'for ECN'),
    ('fd09::/16 tos 0x10', 'routes of IPv6 have no tos'), ('10.9.0.0/16 tos lowdelay', 'nor a name in'),
    ('10.9.0.0/16 proto bird', 'nor a name in'), ('10.9.0.0/16 realms 1/2/3', 'not [FROM/]TO'),
    ('10.9.0.0/16 realms 65536', 'not [FROM/]TO'),
    ('default 10.9.0.0/16', '"10.9.0.0/16" is not accepted'), ('default to 10.9.0.0/16', 'to is given twice'),
    ('fd09::/16 via inet 10.1.1.1', 'another family'), ('local 10.9.0.0/16 via 10.1.1.2', 'cannot have a gateway'),
    ('10.9.0.0/16 dev', 'nothing after dev'),
    ('10.9.0.0/16 dev B', 'dev can only be A here'), ('10.9.0.0/16 metric 1 metric 2', 'metric is given twice'),
    ('10.9.0.0/16 metric 1 priority 2', 'priority is given twice'),
    ('10.9.0.0/16 onlink onlink', 'onlink is given twice'),
    ('10.9.0.1/16', 'bits set beyond'), ('10.9.1/16', 'bits set beyond'),
    ('10.9', 'not a network'), ('10.9.0.0/33', 'not a network'),
    ('10.9.0.0/16 via fd00::1', 'via fd00::1 is of another family'), ('fd09::/16 src 10.1.1.1', 'another family'),
    ('10.9.0.0/16 via 10.1.1.2/24', 'route via 10.1.1.2/24'), ('10.9.0.0/16 metric 4294967296', 'metric is not from 1'),
    ('10.9.0.0/16 metric -1', 'metric -1 is not a number'), ('10.9.0.0/16 metric 010', 'metric 010 is not a number'),
    ('10.9.0.0/16 metric 1.5', 'not a number'), ('10.9.0.0/16 table 0', 'table is not from 1'),
    ('10.9.0.0/16 table vpn', 'a number, or one of default local main'), ('10.9.0.0/16 table 4294967296', 'not from 1'),
    ('10.9.0.0/16 mtu lock 67', 'mtu is not from 68'), ('10.9.0.0/16 mtu 67', 'mtu is not from 68 to 65520'),
    ('10.9.0.0/16 mtu 65521', 'mtu is not from 68'), ('10.9.0.0/16 onlink', 'needs a gateway (via)'),
    ('10.9.0.0/16 scope near', 'scope near: not one of global host link nowhere site'),
    ('10.9.0.0/16 scope 256', 'scope 256'), ('10.9.0.0/16 scope nowhere', 'not with scope nowhere'),
    ('10.9.0.0/16 via 10.1.1.2 scope link', 'not with scope link'),
    ('10.9.0.0/16 via 10.1.1.2 scope 254', 'not with scope host'),
    ('10.9.0.0/16%A', 'a zone'),
])
def test_a_route_that_is_none_is_refused_by_what_is_wrong(text, words):
    with pytest.raises(UsageError) as caught:
        route(text)
    assert words in caught.value.message


@pytest.mark.parametrize('value', [
    Route('10.9.0.0'), Route('10.9.0.0/16', 'FD00::1'), Route('FD09::/16'), Route('10.9.0.0/16', metric=0),
    Route('10.9.0.0/16', table=0), Route('10.9.0.0/16', scope='x'), Route('10.9.0.0/16', src='10.1.1.1/24')])
def test_a_route_made_by_hand_is_held_to_the_same(value):
    with pytest.raises(UsageError):
        route_checks.check_route(value)


def test_a_plain_route_is_recorded_as_ever():
    assert Route('10.9.0.0/16').record() == ['10.9.0.0/16', None]
    assert Route('10.9.0.0/16', '10.1.1.2').record() == ['10.9.0.0/16', '10.1.1.2']
    assert Route('10.9.0.0/16', src='10.1.1.1').record() == ['10.9.0.0/16', None, None, '10.1.1.1']


def test_scopes_have_iproute2s_names():
    assert [parse_scope(text) for text in ('link', '253', '0', '254', '200', '255', '5')] == [
        'link', 'link', 'global', 'host', 'site', 'nowhere', '5']
    assert [scope_number(text) for text in ('global', 'link', '5')] == [0, 253, 5]
    for text in ('', 'scope link', '-1', '256', 'Link', '5\n'):
        with pytest.raises(UsageError):
            parse_scope(text)


RULES = [
    ('from 10.0.0.0/8 table 100', Rule(4, '10.0.0.0/8', table=100)),
    ('from 10.0.0.1 lookup main', Rule(4, '10.0.0.1/32')),
    ('to 10.9.0.0/16', Rule(4, to='10.9.0.0/16')),
    ('from all to FD09::/16 table 4294967295 priority 7', Rule(6, to='fd09::/16', table=4294967295, priority=7)),
    ('from 10.0.0.0/8 to 10.9.0.0/16 iif A oif B fwmark 1/0xff table 256 pref 1000',
     Rule(4, '10.0.0.0/8', '10.9.0.0/16', 'A', 'B', 1, 255, 256, 1000)),
    ('dev lo table local prio 4294967295', Rule(4, iif='lo', table=255, priority=4294967295)),
    ('fwmark 0xffffffff order 1', Rule(4, fwmark=4294967295, priority=1)),
    ('fwmark 5/0xffffffff table default', Rule(4, fwmark=5, table=253)),
    ('fwmark 0/0x1 preference 5', Rule(4, fwmark=0, fwmask=1, priority=5)),
    ('fwmark 0/0xffffffff preference 5', Rule(4, fwmark=0, fwmask=4294967295, priority=5)),
    ('table 100', Rule(4, table=100)),
    ('from 10.0.0.5 prohibit', Rule(4, '10.0.0.5/32', type='prohibit')),
    ('from all to fd09::/16 unreachable priority 7', Rule(6, to='fd09::/16', priority=7, type='unreachable')),
    ('from 10.0.0.5 type blackhole tos 0x10', Rule(4, '10.0.0.5/32', type='blackhole', tos=16)),
    ('from 10.0.0.5 reject', Rule(4, '10.0.0.5/32', type='unreachable')),
    ('from 10.0.0.5 tos 8 table 7', Rule(4, '10.0.0.5/32', table=7, tos=8)),
    ('from 0.0.0.0/0 table 100', Rule(4, table=100)),
    ('from 10.0.0.0/8 not table 100', Rule(4, '10.0.0.0/8', table=100, options='not')),
    ('goto 300 pref 200', Rule(4, priority=200, options='goto 300')), ('type nop', Rule(4, options='nop')),
    ('from 10.0.0.5 l3mdev', Rule(4, '10.0.0.5/32', options='l3mdev')),
    ('table main sup_pl 0 suppress_ifgroup default', Rule(4, options='suppress_prefixlength 0 suppress_ifgroup 0')),
    ('dport 80-80 sport 1-9 ipproto tcp table 5', Rule(4, table=5, options='ipproto 6 sport 1-9 dport 80')),
    ('iif not uidrange 0 table 7', Rule(4, iif='not', table=7, options='uidrange 0-0')),
    ('realms 1/2 table 7', Rule(4, table=7, options='realms 1/2')),
    ('realm 2 table 7', Rule(4, table=7, options='realms 2')),
]


@pytest.mark.parametrize('text,value', RULES, ids=[text for text, _ in RULES])
def test_a_rule_from_the_words_of_ip_rule_add_and_back(text, value):
    assert rule(text) == value
    assert rule(' '.join(value.words()), value.family) == value
    data = native_tree(json.loads(json.dumps(value.record())))
    assert data == value.record() and Rule(*data) == value


def test_a_rule_is_of_the_family_of_its_file():
    assert rule('iif A table 5', 6) == Rule(6, iif='A', table=5)
    assert rule('from ::/0 table 5') == rule('from all table 5', 6) == Rule(6, table=5)
    for text, family in (('from 10.0.0.0/8', 6), ('to fd00::/16', 4), ('from 0.0.0.0/0', 6),
                         ('from 10.0.0.0/8 to fd00::/16', None)):
        with pytest.raises(UsageError) as caught:
            rule(text, family)
        assert 'is of another family' in caught.value.message


@pytest.mark.parametrize('text,words', [
    ('', 'it is empty'), ('from', 'nothing after from'), ('table', 'nothing after table'),
    ('from 10.0.0.0/8 nat', '"nat" is not accepted here; accepted: blackhole dev dport dsfield from fwmark goto'),
    ('from 10.0.0.0/8 prohibit blackhole', 'the type must be one of'),
    ('from 10.0.0.0/8 type throw', 'the type must be one of'),
    ('from 10.0.0.0/8 prohibit table 7', 'prohibit leads to no table'), ('from fd00::/8 tos 0x10', 'have no tos'),
    ('not not from 10.0.0.0/8', 'not is given twice'), ('ipproto tpc', 'ipproto tpc: not a number from 1 to 255, nor'),
    ('ipproto 0 table 5', 'not a number from 1'), ('ipproto', 'nothing after ipproto'),
    ('goto 5 pref 5', 'a later rule'), ('goto 0', 'goto 0: not'),
    ('goto 5 table 7', 'goto leads to no table'), ('nop prohibit', 'nop and prohibit exclude'),
    ('l3mdev table 7', 'l3mdev leads to no table'), ('goto 5 nop', 'goto and nop exclude'),
    ('to fd00::/8 realms 1 table 7', 'have no realms'), ('realms 0 table 7', 'has no effect'),
    ('realms x table 7', 'realms x: not'), ('suppress_prefixlength 129', 'not a number from 0 to 128'),
    ('sup_pl 0 suppress_prefixlength 0', 'is given twice'), ('suppress_ifgroup x', 'nor one of default'),
    ('sport 0', 'sport 0: not a number, nor a range'), ('dport 90-80', 'dport 90-80: not'),
    ('uidrange 5-', 'uidrange 5-'), ('from 10.0.0.0/8 from 10.1.0.0/16', 'from is given twice'),
    ('table 5 lookup 6', 'lookup is given twice'), ('iif A dev B', 'dev is given twice'),
    ('from 10.0.0.1/8', 'rule 10.0.0.1/8: has bits set'), ('from A', 'rule A: not a network'),
    ('fwmark 0', 'fwmark needs a number'), ('fwmark 1/0', 'the mask of fwmark is not from 1'),
    ('fwmark x', 'fwmark x is not a number'), ('fwmark 1/', 'the mask of fwmark  is not a number'),
    ('fwmark 4294967296', 'fwmark is not from 0'), ('fwmark 010', 'not a number'), ('table 0', 'table is not from 1'),
    ('table vpn', 'a number, or one of'), ('priority 0', 'priority is not from 1'), ('priority 4294967296', 'priority'),
    ('priority high', 'priority high is not a number'), ('iif ' + 'i' * 16, 'longer than 15 bytes'), ('oif a/b', '"/"'),
    ('iif all', 'has another meaning'),
])
def test_a_rule_that_is_none_is_refused_by_what_is_wrong(text, words):
    with pytest.raises(UsageError) as caught:
        rule(text)
    assert words in caught.value.message


@pytest.mark.parametrize('value', [
    Rule(5), Rule(4, '10.0.0.0'), Rule(4, '0.0.0.0/0'), Rule(4, 'fd00::/16'), Rule(4, table=None), Rule(4, fwmask=1),
    Rule(4, priority=0), Rule(4, fwmark=-1), Rule(6, iif='')])
def test_a_rule_made_by_hand_is_held_to_the_same(value):
    with pytest.raises(UsageError):
        route_checks.check_rule(value)


def test_which_rules_the_kernel_would_take_for_one_that_is_to_be_deleted():
    one = Rule(4, '10.0.0.0/8', iif='A', table=100, priority=5)
    assert one.fits(one) and one.fits(one._replace(to='10.9.0.0/16')) and one.fits(one._replace(fwmark=1))
    for other in (one._replace(family=6), one._replace(priority=6), one._replace(table=101), one._replace(from_=None),
                  one._replace(from_='10.0.0.0/9'), one._replace(iif='B')):
        assert not one.fits(other)
    # 2.6.32 looks at no number of a table that one byte does not hold.
    assert one._replace(table=256).fits(one)


def test_the_names_of_tables_are_the_kernels():
    assert routing.TABLES == {'default': 253, 'main': 254, 'local': 255} and Rule().table == 254


def test_names_are_those_of_the_host():
    files = {'rt_tables': {'vpn': 100}, 'rt_dsfield': {'lowdelay': 16}, 'rt_protos': {'bird': 12},
    'rt_realms': {'a': 5}}

    def names(name):
        return files[name]
    assert routing.parse_route('10.9.0.0/16 table vpn tos lowdelay proto bird realms a/7'.split(), 'A',
                                  names=names) == Route('10.9.0.0/16', table=100, tos=16, protocol=12,
                                                        realms=(5 << 16) + 7)
    assert routing.parse_rule('from 10.0.0.1 lookup vpn'.split(), names=names) == Rule(4, '10.0.0.1/32', table=100)
    with pytest.raises(UsageError) as caught:
        routing.parse_route('10.9.0.0/16 table vpm'.split(), 'A', names=names)
    assert 'table vpm: a number, or one of default local main vpn' in caught.value.message


def test_the_types_and_metrics_are_the_kernels_numbers():
    from netnsctl.edge.netlink import reading
    assert dict((name, number) for number, name in reading.DEAD_ENDS.items()) == route_words.DEAD_ENDS
    metrics = route_words.metrics_of('rtt 100ms cwnd lock 8 initcwnd 10 rto_min 200ms')
    assert metrics == {1: 1 << 7 | 1 << 13, 4: 800, 7: 8, 11: 10, 13: 200}
    again = route_words.options_of(dict(metrics, **{}))
    assert again == 'rtt 800 cwnd lock 8 initcwnd 10 rto_min 200' and route_words.metrics_of(again) == metrics
    assert route_words.options_of({2: 1400}) is None and route_words.options_of({1: 4, 2: 1400}) == 'mtu lock 1400'


@pytest.mark.parametrize('words,newest', [
    ('10.9.0.0/16 via 10.0.0.1 initcwnd 10 mtu lock 1400', None), ('blackhole 10.9.0.0/16', None),
    ('10.9.0.0/16 initrwnd 9 congctl cubic quickack 1', ('congctl', '4.0')),
    ('10.9.0.0/16 via inet6 fd00::1', ('gateway of IPv6 for IPv4', '5.2')),
    ('default nexthop via 10.0.0.1 nexthop via 10.0.0.2', None),
    ('default nexthop via fd00::1 nexthop via fd00::2', ('nexthop of IPv6', '3.8')),
    ('unreachable fd09::/64', None), ('throw fd09::/64', ('throw of IPv6', '3.7'))])
def test_a_route_that_is_refused_is_said_to_need_a_newer_kernel(words, newest):
    route = routing.parse_route(words.split(), 'A')
    operation = op.AddRoute(**dict(zip(route._fields, route), ns='a', dev='A'))
    assert route_words.newest(operation) == newest
    for number, has_hint in ((errno.EINVAL, newest is not None), (errno.ENETUNREACH, False)):
        error = refusals.refusal(operation, {}, number)
        assert error.errno == number and bool(error.hint) == has_hint
        if has_hint:
            assert error.hint == 'A kernel before Linux %s has no %s in routes.' % (newest[1], newest[0])


@pytest.mark.parametrize('words,family,same', [
    ('-6 from fd00::/64 table 5', 6, 'from fd00::/64 table 5'), ('-6 from all table 5', 6, 'table 5'),
    ('-4 fwmark 1 table 5', 4, 'fwmark 1 table 5'), ('-6 table 5', None, None), ('-6 from all fwmark 1', None, None)])
def test_a_rule_may_begin_with_its_family(words, family, same):
    found = routing.parse_rule(words.split(), family)
    assert found.family == int(words[1])
    if same:
        assert found == routing.parse_rule(same.split(), family)
    for other in (4, 6):
        if other != found.family:
            with pytest.raises(UsageError) as caught:
                routing.parse_rule(words.split(), other)
            assert 'is for IPv%d' % found.family in caught.value.message


def test_a_family_alone_is_no_rule():
    for words in (['-6'], ['from', 'all', '-6'], ['-6', '-6', 'table', '5']):
        with pytest.raises(UsageError):
            routing.parse_rule(words, 6)
