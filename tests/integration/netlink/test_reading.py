"""The rtnetlink reader against what `ip -json` says."""
from __future__ import absolute_import, division, print_function

import errno
import json
import socket
import time

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.edge.netlink import lookups, writing
from support.process import must
from support.rtnl import veth

SETUP = """link add name A address 02:00:00:00:00:01 mtu 1400 type veth peer name B address 02:00:00:00:00:02
link add name br0 address 02:00:00:00:00:03 type bridge
link set dev br0 alias some-words
link set dev B master br0
link add name away type veth peer name p0 netns %(other)s
address add 10.1.1.1/24 dev A
address add 10.1.1.9 peer 10.1.1.10/32 dev A
address add 10.3.1.1/24 dev A scope link
address add fd00::1/64 dev A nodad
link set dev lo up
link set dev A up
link set dev B up
link set dev br0 up
route add 10.9.0.0/16 via 10.1.1.2 dev A metric 5 proto 186
route add 10.8.0.0/16 dev A src 10.1.1.1
route add default via 10.1.1.254 dev A
route add fd09::/16 via fd00::2 dev A metric 7
route add default via fd00::ff dev A
route add blackhole 10.66.0.0/16
route add 10.7.0.0/16 dev A table 100
route add 10.6.0.0/16 via 10.77.0.1 dev A onlink table 70000 mtu 1200
route add fd06::/16 via fd00::2 dev A table 70000 mtu 1300
"""
RULES = """rule add from 10.0.0.0/8 to 10.9.0.0/16 iif A oif gone fwmark 0x1/0xff table 100 priority 1000
rule add from 10.1.1.1 table 70000
rule add fwmark 0xffffffff table 5 priority 4294967295
rule add fwmark 0/0x3 iif lo table local priority 7
"""


# What looks at more than is read, or leads to no table.
MORE = (('not from 10.0.0.0/8 table 9', {'not': True}), ('nop', {'nop': True}), ('goto 32766', {'goto': 32766}),
        ('ipproto tcp dport 80 table 9', {'ipproto': 6, 'dport': (80, 80)}),
        ('table 9 suppress_prefixlength 0 suppress_ifgroup 7', {'suppress_prefixlength': 0, 'suppress_ifgroup': 7}),
        ('uidrange 0-5 sport 80-90 table 9', {'uidrange': (0, 5), 'sport': (80, 90)}),
        ('realms 1/2 table 9', {'realms': 65538}))


SCOPES = {0: 'global', 253: 'link', 254: 'host'}


@pytest.fixture
def place(netns):
    """(name, Netns) of a namespace with some of everything in it."""
    name, other = netns(), netns()
    must(['ip', '-n', name, '-batch', '-'], feed=SETUP % {'other': other})
    opened = edge_netns.open_named(name)
    yield name, opened
    opened.close()


def told(name, *words):
    return json.loads(must(['ip', '-n', name, '-d', '-j'] + list(words)))


def settled(name, opened):
    """Waits for link-local addresses to come, and for states to follow carriers, so that two reads agree."""
    deadline = time.time() + 60
    while time.time() < deadline and (
            any(item.tentative for item in opened.rtnl().addresses())
            or any(link.carrier and link.operstate not in (0, 6) for link in opened.rtnl().links())):  # UNKNOWN, UP
        time.sleep(0.05)


def test_links_are_what_ip_says(place):
    name, opened = place
    settled(name, opened)
    links = opened.rtnl().links()
    rows = told(name, 'link')
    names = dict((row['ifindex'], row['ifname']) for row in rows)
    assert [link.index for link in links] == [row['ifindex'] for row in rows]
    for link, row in zip(links, rows):
        assert (link.name, link.mac, link.mtu, link.alias) == (row['ifname'], row['address'], row['mtu'],
                                                               row.get('ifalias'))
        assert link.kind == row.get('linkinfo', {}).get('info_kind')
        assert link.up == ('UP' in row['flags']) and link.carrier == ('LOWER_UP' in row['flags'])
        assert names.get(link.master) == row.get('master')
        assert link.peer_nsid == row.get('link_netnsid')
        if 'link' in row:
            assert names[link.peer] == row['link']
        assert link.peer == (row.get('link_index')
                             or ([index for index, other in names.items() if other == row.get('link')] or [None])[0])
        assert ('UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT',
                'UP')[link.operstate] == row['operstate']
        one = opened.rtnl().link(name=link.name)
        same = [field for field in link.__slots__ if getattr(one, field) == getattr(link, field)]
        assert sorted(same) == sorted(link.__slots__)
        assert opened.rtnl().link(index=link.index).name == link.name == names[opened.rtnl().index_of(link.name)]
    assert opened.rtnl().link(name='away').peer_nsid is not None


def test_a_veths_peer_is_told_by_ethtool_too(place):
    """As before Linux 4.1, when IFLA_LINK did not say it."""
    _, opened = place
    rtnl = opened.rtnl()
    indexes = dict((name, rtnl.index_of(name)) for name in ('A', 'B', 'away'))
    for name, peer in (('A', indexes['B']), ('B', indexes['A']), ('away', rtnl.link(name='away').peer)):
        link = rtnl.link(name=name)
        assert lookups.peer_index(rtnl, link) == peer
        link.peer = None
        assert lookups.peer_index(rtnl, link) == peer
    lo = rtnl.link(name='lo')
    assert lookups.peer_index(rtnl, lo) is None


def test_addresses_are_what_ip_says(place):
    name, opened = place
    settled(name, opened)
    links = dict((link.index, link.name) for link in opened.rtnl().links())
    found = sorted((links[item.index], 'inet6' if item.family == socket.AF_INET6 else 'inet', item.address,
                    item.prefixlen, SCOPES[item.scope])
                   for item in opened.rtnl().addresses())
    rows = [(row['ifname'], item['family'], item['local'], item['prefixlen'], item['scope'])
            for row in told(name, 'address') for item in row['addr_info']]
    assert found == sorted(rows)
    assert ('A', 'inet', '10.3.1.1', 24, 'link') in found
    assert ('A', 'inet', '10.1.1.9', 32, 'global') in found and ('A', 'inet6', 'fd00::1', 64, 'global') in found
    index = opened.rtnl().index_of('A')
    every = opened.rtnl().addresses()
    assert [item.address for item in opened.rtnl().addresses(index)] == [
        item.address for item in every if item.index == index]
    for family, text in ((socket.AF_INET, '10.9.9.9'), (socket.AF_INET6, 'fd00::9/64')):
        for strict in (None, False):  # as lists are asked for since Linux 4.20, and before
            opened.rtnl()._strict = strict
            of_link = [item.address for item in every if item.index == index and item.family == family]
            assert of_link == [item.address for item in opened.rtnl().addresses(index, family)]
            assert of_link == [item.address for item in lookups.addresses_like(opened.rtnl(), index, [text, text])]
            assert [item.address for item in every if item.family == family] == [
                item.address for item in opened.rtnl().addresses(family=family)]
    assert lookups.addresses_like(opened.rtnl(), index, []) == []
    assert [item.address for item in lookups.addresses_like(opened.rtnl(), index, ['10.9.9.9', 'fd00::9'])] == [
        item.address for item in every if item.index == index]


def test_routes_are_what_ip_says(place):
    name, opened = place
    settled(name, opened)
    links = dict((link.index, link.name) for link in opened.rtnl().links())
    for family, option, all_zero, host in ((socket.AF_INET, '-4', '0.0.0.0/0', '/32'),
                                           (socket.AF_INET6, '-6', '::/0', '/128')):
        found = sorted((route.dst, route.via, links[route.index], route.metric, route.src)
                       for route in opened.rtnl().routes(family))
        rows = [row for row in told(name, option, 'route', 'show', 'table', 'main') if row.get('type', 'unicast')
                == 'unicast']
        assert found == sorted((all_zero if row['dst'] == 'default' else row['dst']
                                if '/' in row['dst'] else row['dst'] + host,
                                row.get('gateway'), row['dev'], row.get('metric', 0), row.get('prefsrc'))
                                for row in rows)
        assert len(found) > 2
    route, = [route for route in opened.rtnl().routes() if route.dst == '10.9.0.0/16']
    assert (route.protocol, route.table, route.type, route.scope) == (186, 254, 1, 0)
    assert '10.7.0.0/16' in [route.dst for route in opened.rtnl().routes(table=100)]
    assert '10.66.0.0/16' not in [route.dst for route in opened.rtnl().routes()]
    of_all = opened.rtnl().routes(table=None)
    assert set((254, 100, 70000)) <= set(route.table for route in of_all)
    assert [(route.table, route.onlink, route.mtu, route.via) for route in of_all if route.dst == '10.6.0.0/16'] == [
        (70000, True, 1200, '10.77.0.1')]
    assert [(route.onlink, route.mtu) for route in of_all if route.dst == 'fd06::/16'] == [(False, 1300)]
    assert (opened.rtnl().routes()[0].onlink, opened.rtnl().routes()[0].mtu) == (False, None)


def test_rules_are_what_ip_says(place):
    name, opened = place
    must(['ip', '-n', name, '-batch', '-'], feed=RULES)
    for words in ('from fd00::/16 oif A table 100 priority 3', 'to fd09::1 table 70000'):
        must(['ip', '-n', name, '-6', 'rule', 'add'] + words.split())
    rules = opened.rtnl().rules()
    assert [rule.plain for rule in rules] == [True] * len(rules)
    for family, option, host in ((4, '-4', 32), (6, '-6', 128)):
        found = [rule for rule in rules if rule.family == family]
        assert [rule.priority for rule in found] == [row['priority'] for row in told(name, option, 'rule')]
        assert [rule.priority for rule in opened.rtnl().rules(socket.AF_INET6 if family == 6 else socket.AF_INET)] == [
            rule.priority for rule in found]
        for rule, row in zip(found, told(name, option, 'rule')):
            assert rule.from_ == (None if row['src'] == 'all' else '%s/%d' % (row['src'], row.get('srclen', host)))
            assert rule.to == ('%s/%d' % (row['dst'], row.get('dstlen', host)) if 'dst' in row else None)
            assert (rule.iif, rule.oif) == (row.get('iif'), row.get('oif'))
            table = row['table']
            assert rule.table == {'local': 255, 'main': 254, 'default': 253}.get(table) or str(rule.table) == table
            assert ('0x%x' % rule.fwmark if rule.fwmark else None) == row.get('fwmark') or rule.fwmark == 0
    marks = dict((rule.priority, (rule.fwmark, rule.fwmask)) for rule in rules if rule.family == 4)
    assert [marks[priority] for priority in (1000, 4294967295, 7, 32766)] == [
        (1, 255), (4294967295, None), (0, 3), (None, None)]


@pytest.mark.parametrize('words,more', MORE)
def test_what_else_a_rule_looks_at_is_read(place, words, more):
    name, opened = place
    must(['ip', '-n', name, 'rule', 'add'] + words.split() + ['priority', '55'])
    rule, = [rule for rule in opened.rtnl().rules() if rule.priority == 55]
    assert rule.plain and rule.more == more


def test_a_rule_that_looks_at_what_is_not_read_is_not_plain(place):
    name, opened = place
    must(['ip', '-n', name, 'rule', 'add', 'tun_id', '5', 'table', '9', 'priority', '55'])
    assert [rule.plain for rule in opened.rtnl().rules() if rule.priority == 55] == [False]


@pytest.mark.parametrize('words,tos,kind', [('tos 0x10 table 9', 0x10, None),
                                            ('from 10.0.0.0/8 unreachable', None, 'unreachable')])
def test_a_tos_and_a_rule_that_leads_nowhere_are_read(place, words, tos, kind):
    name, opened = place
    must(['ip', '-n', name, 'rule', 'add'] + words.split() + ['priority', '55'])
    rule, = [rule for rule in opened.rtnl().rules() if rule.priority == 55]
    assert (rule.plain, rule.tos, rule.type) == (True, tos, kind)


def test_what_is_not_there_is_none(place):
    rtnl = place[1].rtnl()
    assert rtnl.index_of('none') is None and rtnl.link(name='none') is None and rtnl.link(index=99999) is None
    assert rtnl.index_of('') is None and rtnl.index_of('n' * 300) is None


def test_every_request_of_a_datagram_has_its_answer_and_the_kernel_goes_on(place):
    rtnl = place[1].rtnl()
    answers = rtnl.request([veth('c0', 'c1'), veth('c0', 'c2'), veth('c3', 'c4')])
    assert [answer and answer[0] for answer in answers] == [None, errno.EEXIST, None]
    assert rtnl.index_of('c2') is None and rtnl.index_of('c4') is not None
    many = rtnl.request([veth('d%d' % at, 'e%d' % at) for at in range(60)])
    assert many == [None] * 60


def test_the_kernels_own_words_are_found(place):
    rtnl = place[1].rtnl()
    too_long = writing.encode('ifinfmsg', 16, 0x605, {}, [['IFLA_IFNAME', 40 * 'x']])
    (number, words), = rtnl.request([too_long])
    assert (number, words) == (errno.ERANGE, 'Attribute failed policy validation')  # since Linux 4.20, lib/nlattr.c


def test_a_namespace_of_thousands_of_addresses_is_read_whole(netns):
    name = netns()
    must(['ip', '-n', name, '-batch', '-'], feed='link set lo up\n' + ''.join(
        'address add 10.5.%d.%d/32 dev lo\n' % divmod(number, 250) for number in range(2000)))
    opened = edge_netns.open_named(name)
    assert len([item for item in opened.rtnl().addresses() if item.address.startswith('10.5.')]) == 2000
    opened.close()
