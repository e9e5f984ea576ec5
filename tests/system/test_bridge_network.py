"""A wire to a bridge disturbs nobody on it: its MAC address, its MTU, its addresses, its neighbours' tables."""
from __future__ import absolute_import, division, print_function

import itertools
import json
import os
import time

import pytest

from support.inside import ip
from support.process import run

BRIDGE = 'br%d' % os.getpid()
NUMBERS = itertools.count()
BACKENDS = ['--backend=iproute', '--backend=netlink']


def link(ns, dev):
    """What `ip -d -j link show` says of a link: dict, or None where there is none."""
    result = run(['ip'] + (['-n', ns] if ns else []) + ['-d', '-j', 'link', 'show', 'dev', dev])
    return json.loads(result.out)[0] if result.status == 0 else None


@pytest.fixture
def bridge():
    """bridge(*words) -> the name of a bridge of the host, made with words of `ip link add`; removed afterwards."""
    def make(*words):
        ip(None, 'link', 'add', BRIDGE, *(list(words) + ['type', 'bridge']))
        ip(None, 'link', 'set', BRIDGE, 'up')
        return BRIDGE
    yield make
    if link(None, BRIDGE):
        ip(None, 'link', 'delete', BRIDGE)


@pytest.fixture
def lan(netns):
    """lan(bridge, mac) -> a namespace that is joined to the bridge by a link with that MAC address on the host's side,
    as a LAN is by a NIC."""
    def join(bridge, mac='52:54:00:12:34:56', address=None):
        name = netns('lan')
        near = 'l%d%s' % (next(NUMBERS), bridge)  # the last test's goes some time after its namespace
        ip(None, 'link', 'add', near, 'address', mac, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
        ip(None, 'link', 'set', near, 'mtu', str(link(None, bridge)['mtu']))
        ip(name, 'link', 'set', 'eth0', 'mtu', str(link(None, bridge)['mtu']))
        ip(None, 'link', 'set', near, 'master', bridge, 'up')
        ip(name, 'link', 'set', 'eth0', 'up')
        if address:
            ip(name, 'addr', 'add', address, 'dev', 'eth0', *(['nodad'] if ':' in address else []))
        return name
    return join


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_bridge_keeps_the_mac_address_of_its_nic(run_netnsctl, netns, bridge, lan, backend):
    br, a = bridge(), netns()
    lan(br)
    assert link(None, br)['address'] == '52:54:00:12:34:56'
    for number in range(5):
        assert run_netnsctl('wire', backend, '%s:e%d=10.234.0.%d/24' % (a, number, number + 2),
                            'bridge://' + br, '--no-check').status == 0
        assert link(None, br)['address'] == '52:54:00:12:34:56'


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('near', ['', '=mac=02:00:00:00:00:01'])
def test_a_bridge_without_ports_keeps_its_mac_address_as_wires_come_and_go(run_netnsctl, netns, bridge, backend, near):
    br, a = bridge(), netns()
    before = link(None, br)['address']
    for number in range(3):
        assert run_netnsctl('wire', backend, '%s:e%d=10.234.0.%d/24' % (a, number, number + 2),
                            'bridge://%s%s' % (br, near if number == 0 else '')).status == 0
        assert link(None, br)['address'] == before
    for number in range(3):
        assert run_netnsctl('unwire', '%s:e%d' % (a, number), 'bridge://' + br).status == 0
        assert link(None, br)['address'] == before


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('mtu', [1400, 9000])
def test_ends_take_the_mtu_of_the_bridge(run_netnsctl, netns, bridge, backend, mtu):
    br, a = bridge('mtu', str(mtu)), netns()
    words = 'wire', backend, a + ':A=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % br
    made = run_netnsctl(*(words + ('--json',)))
    assert made.status == 0, made.err
    near = [end['ifname'] for end in json.loads(made.out)['wires'][0]['ends'] if end['bridge']][0]
    assert (link(a, 'A')['mtu'], link(None, near)['mtu'], link(None, br)['mtu']) == (mtu, mtu, mtu)
    again = run_netnsctl(*words)
    assert (again.status, again.out.split(':')[0]) == (0, 'already wired')
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if a in line] == ['whole']


def test_an_mtu_that_was_asked_for_comes_before_that_of_the_bridge(run_netnsctl, netns, bridge):
    br, a = bridge('mtu', '1400'), netns()
    assert run_netnsctl('wire', a + ':A=10.234.0.2/24,mtu=1300', 'bridge://' + br).status == 0
    assert link(a, 'A')['mtu'] == 1300
    assert link(None, br)['mtu'] == 1400


# An address that somebody has

def wire_on(run_netnsctl, bridge, ns, address, *words):
    return run_netnsctl('wire', '%s:A=%s' % (ns, address), 'bridge://' + bridge, *words)


@pytest.mark.parametrize('address', ['10.234.0.2/24', 'fd34::2/64'])
def test_an_address_of_another_wire_on_the_bridge_is_refused_and_the_wire_named(run_netnsctl, netns, bridge, address):
    br, a, b = bridge(), netns('a'), netns('b')
    assert wire_on(run_netnsctl, br, a, address).status == 0
    refused = wire_on(run_netnsctl, br, b, address)
    bare = address.partition('/')[0]
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: netns://%s: the address %s is in use: the wire %s:A-%s has it, at netns://%s:A'
        % (b, bare, a, br, a))
    assert link(b, 'A') is None
    assert run_netnsctl('ls').out.count('bridge://' + br) == 1
    assert wire_on(run_netnsctl, br, b, address, '--force', '--no-check').status == 0
    assert run_netnsctl('unwire', b + ':A', 'bridge://' + br).status == 0
    # The same wire again is no clash with itself, nor one that takes its place.
    assert wire_on(run_netnsctl, br, a, address).out.startswith('already wired')
    assert wire_on(run_netnsctl, br, a, address + ',mtu=1400', '--replace', '--no-check').status == 0
    assert run_netnsctl('unwire', a + ':A', 'bridge://' + br).status == 0
    assert wire_on(run_netnsctl, br, b, address).status == 0


@pytest.mark.parametrize('address', ['10.234.0.9/24', 'fd34::9/64'])
@pytest.mark.parametrize('end', ['bridge://%s', 'host:h%s=10.234.7.1/24'])
def test_an_address_of_the_host_is_refused(run_netnsctl, netns, bridge, end, address):
    br, a = bridge(), netns('a')
    ip(None, 'addr', 'add', address, 'dev', br, *(['nodad'] if ':' in address else []))
    bare = address.partition('/')[0]
    refused = run_netnsctl('wire', '%s:A=%s,10.234.7.2/24' % (a, address), end % br)
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: netns://%s: the address %s is in use: it is an address of this host (on %s)' % (a, bare, br))
    assert link(a, 'A') is None


@pytest.mark.parametrize('words', [(), ('--dry-run',)])
@pytest.mark.parametrize('address', ['10.234.0.7/24', 'fd34::7/64'])
def test_an_address_that_a_neighbour_answers_for_is_refused_and_its_mac_named(run_netnsctl, netns, bridge, lan,
                                                                              address, words):
    br, a = bridge(), netns('a')
    other = lan(br, address=address)
    mac = link(other, 'eth0')['address']
    refused = wire_on(run_netnsctl, br, a, address, *words)
    if words:  # a dry run sends nothing
        assert refused.status == 0
        return
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: netns://%s: the address %s is in use: %s on %s answers for it'
        % (a, address.partition('/')[0], mac, br))
    assert link(a, 'A') is None
    assert wire_on(run_netnsctl, br, a, address, '--force', '--no-check').status == 0


def test_an_address_of_a_wire_whose_namespace_is_gone_is_free(run_netnsctl, netns, bridge):
    br, a, b = bridge(), netns('a'), netns('b')
    assert wire_on(run_netnsctl, br, a, '10.234.0.2/24').status == 0
    ip(None, 'netns', 'delete', a)
    assert wire_on(run_netnsctl, br, b, '10.234.0.2/24').status == 0


def test_a_wired_container_that_answers_for_what_is_not_its_own_keeps_nobody_from_it_and_is_named(run_netnsctl, netns,
                                                                                                    bridge):
    br, a, b = bridge(), netns('a'), netns('b')
    assert wire_on(run_netnsctl, br, a, '10.234.0.2/24').status == 0
    ip(a, 'link', 'set', 'A', 'address', '02:de:ad:be:ef:01')
    ip(a, 'addr', 'add', '10.234.0.5/24', 'dev', 'A')
    made = wire_on(run_netnsctl, br, b, '10.234.0.5/24', '--no-check')
    assert made.status == 0, made
    assert 'the other end of the wire %s:A-%s answers for 10.234.0.5 too, which is not its own' % (a, br) in made.err


def test_an_address_for_the_bridge_itself_is_asked_for_too(run_netnsctl, netns, bridge, lan):
    br, a = bridge(), netns('a')
    lan(br, address='10.234.0.1/24')
    refused = run_netnsctl('wire', a + ':A=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % br)
    assert refused.status == 4
    assert 'bridge://%s: the address 10.234.0.1 is in use' % br in refused.err


def test_lines_of_a_file_that_take_a_neighbours_address_or_each_others_are_refused_one_by_one(run_netnsctl, netns,
                                                                                             bridge, lan, tmpdir):
    br, a, b, c, d = [bridge()] + [netns(name) for name in 'abcd']
    lan(br, address='10.234.0.7/24')
    lines = ['%s:A=10.234.0.%d/24 bridge://%s' % (ns, number, br) for ns, number in ((a, 2), (b, 7), (c, 2), (d, 4))]
    path = tmpdir.join('wires')
    path.write('\n'.join(lines) + '\n')
    result = run_netnsctl('wire', '-f', str(path))
    assert result.status == 4
    assert '%s:2: netns://%s: the address 10.234.0.7 is in use: ' % (path, b) in result.err
    assert '%s:3: netns://%s: the address 10.234.0.2 is in use: the wire %s:A-%s' % (path, c, a, br) in result.err
    assert [bool(link(ns, 'A')) for ns in (a, b, c, d)] == [True, False, False, True]


# Neighbours' tables

def answers(ns, address):
    """Is an echo answered that is sent once, by what the namespace knows of its neighbours?"""
    words = ['busybox', 'ping6' if ':' in address else 'ping', '-c', '1', '-W', '1', address]
    return run(['ip', 'netns', 'exec', ns] + words).status == 0


def known_mac(ns, address):
    """The MAC address by which a namespace knows a neighbour, or None."""
    found = json.loads(ip(ns, '-j', 'neigh', 'show', 'to', address) or '[]')
    return found[0].get('lladdr') if found else None


@pytest.mark.parametrize('old,new,own', [('10.234.0.2/24', '10.234.0.2/24', '10.234.0.7/24'),
                                         ('fd34::2/64', 'fd34::2/64', 'fd34::7/64')])
def test_neighbours_learn_that_an_address_has_moved(run_netnsctl, netns, bridge, lan, old, new, own):
    br, a, b = bridge(), netns('a'), netns('b')
    other, bare = lan(br, address=own), old.partition('/')[0]
    assert wire_on(run_netnsctl, br, a, old).status == 0
    wait_until_usable(a, 'A')
    assert answers(other, bare)
    assert known_mac(other, bare) == link(a, 'A')['address']
    assert run_netnsctl('unwire', a + ':A', 'bridge://' + br).status == 0
    assert wire_on(run_netnsctl, br, b, new).status == 0
    wait_until_usable(b, 'A')
    assert wait_for(lambda: known_mac(other, bare) == link(b, 'A')['address'])
    assert answers(other, bare)


def wait_for(condition, seconds=10):
    until = time.time() + seconds
    while not condition() and time.time() < until:
        time.sleep(0.05)
    return condition()


def wait_until_usable(ns, dev):
    """Until duplicate address detection has found none."""
    assert wait_for(lambda: 'tentative' not in ip(ns, 'addr', 'show', 'dev', dev))


def test_a_wire_that_is_made_again_keeps_its_mac_addresses(run_netnsctl, netns, bridge):
    br, a = bridge(), netns('a')
    words = 'wire', a + ':A=10.234.0.2/24', 'bridge://' + br, '--json'

    def macs(result):
        return [end['mac'] for end in json.loads(result.out)['wires'][0]['ends']]

    made = macs(run_netnsctl(*words))
    ip(None, 'netns', 'delete', a)
    ip(None, 'netns', 'add', a)
    assert macs(run_netnsctl(*words)) == made
    assert link(a, 'A')['address'] == made[0]
    assert macs(run_netnsctl(*(words + ('--replace', '--mtu', '1400')))) == made
    assert macs(run_netnsctl('wire', a + ':A=10.234.0.2/24,mac=02:00:00:00:00:09', 'bridge://' + br, '--json',
                             '--replace')) == ['02:00:00:00:00:09', made[1]]


# What is said of a bridge

def test_a_bridge_that_had_to_be_made_is_named(run_netnsctl, netns):
    a = netns('a')
    made = wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24')
    assert made.out.endswith('links up); made the bridge %s\n' % BRIDGE)
    assert run_netnsctl('unwire', a + ':A', 'bridge://' + BRIDGE).status == 0
    document = json.loads(wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--json').out)
    assert document['wires'][0]['made_bridges'] == [BRIDGE]
    again = json.loads(wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--json').out)
    assert again['wires'][0]['made_bridges'] == []


def test_check_says_which_addresses_it_could_not_test(run_netnsctl, netns, bridge):
    br, a, b = bridge(), netns('a'), netns('b')
    assert wire_on(run_netnsctl, br, a, '10.234.0.2/24', '--name', a).status == 0
    near = 'bridge://%s:%s' % (br, json.loads(run_netnsctl('show', a, '--json').out)['ends'][1]['ifname'])
    assert run_netnsctl('check', a).out == (
        '%s: ok\n  not tested: 10.234.0.2/24 of netns://%s:A: %s has no IPv4 address\n' % (a, a, near))
    assert json.loads(run_netnsctl('check', a, '--json').out)['checks'][0]['untested'] == [
        '10.234.0.2/24 of netns://%s:A: %s has no IPv4 address' % (a, near)]
    assert run_netnsctl('wire', b + ':A=10.234.0.3/24', 'bridge://%s=10.234.0.1/24' % br, '--name', b).status == 0
    assert 'not tested' not in run_netnsctl('check', b).out


def test_a_bridge_of_our_own_that_is_down_shows_in_ls(run_netnsctl, netns):
    a = netns('a')
    assert wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--name', a).status == 0
    ip(None, 'link', 'set', BRIDGE, 'down')
    shown = json.loads(run_netnsctl('show', a, '--json').out)
    assert shown['state'] == 'altered'
    assert [remark for remark in shown['remarks'] if remark.endswith('the bridge %s is down' % BRIDGE)]
    ip(None, 'link', 'set', BRIDGE, 'up')
    assert json.loads(run_netnsctl('show', a, '--json').out)['state'] == 'whole'


def test_a_port_that_does_not_forward_yet_fails_the_check_without_a_bridge_address_too(run_netnsctl, netns, bridge):
    br, a = bridge(), netns('a')
    ip(None, 'link', 'set', br, 'type', 'bridge', 'stp_state', '1', 'forward_delay', '3000')
    made = wire_on(run_netnsctl, br, a, '10.234.0.2/24')
    assert made.status == 5
    assert 'does not forward, it is listening' in made.err or 'does not forward, it is learning' in made.err


# The same through ends on the host

@pytest.mark.parametrize('first,second,theirs', [
    ('10.234.1.1/24', '10.234.1.7/24', '10.234.1.1/24'), ('10.234.1.1/32', '10.234.2.1/32', '10.234.1.1/32'),
    ('fd34:1::1/64', 'fd34:1::7/64', 'fd34:1::1/64')])
def test_an_address_that_the_host_end_of_another_wire_has_is_refused_and_the_wire_named(run_netnsctl, netns, first,
                                                                                       second, theirs):
    a, b, one, two = netns('a'), netns('b'), 'h1' + BRIDGE, 'h2' + BRIDGE
    near = [text.replace('1/', '9/') for text in (first, theirs)]
    made = run_netnsctl('wire', '%s:A=%s' % (a, near[0]), 'host:%s=%s' % (one, first))
    assert made.status == 0, made
    words = ['wire', '%s:A=%s' % (b, near[1].replace('9/', '8/')), 'host:%s=%s' % (two, theirs)]
    refused = run_netnsctl(*words)
    bare = theirs.partition('/')[0]
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: host: the address %s is in use: the wire %s:A-host:%s has it, at host:%s' % (bare, a, one, one))
    assert link(None, two) is None
    # The other end's address as well.
    refused = run_netnsctl('wire', '%s:A=%s' % (b, near[0]), 'host:%s=%s' % (two, second))
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: netns://%s: the address %s is in use: the wire %s:A-host:%s has it, at netns://%s:A'
        % (b, near[0].partition('/')[0], a, one, a))
    assert run_netnsctl(*(words + ['--force', '--no-check'])).status == 0
    assert run_netnsctl('unwire', '%s:A' % b, 'host:' + two).status == 0
    again = run_netnsctl('wire', '%s:A=%s,mtu=1400' % (a, near[0]), 'host:%s=%s' % (one, first), '--replace',
                         '--no-check')
    assert again.status == 0, again
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('address', ['10.234.0.9/24', '10.234.0.9/32', 'fd34::9/64'])
@pytest.mark.parametrize('end', ['host:h%s=%s', 'bridge://n%s=%s'])
def test_an_address_that_another_link_of_the_host_has_is_refused_and_the_link_named(run_netnsctl, netns, bridge, end,
                                                                                   address):
    br, a = bridge(), netns('a')
    ip(None, 'addr', 'add', address, 'dev', br, *(['nodad'] if ':' in address else []))
    refused = run_netnsctl('wire', '%s:A=%s' % (a, address.replace('9/', '8/')), end % (br, address))
    assert (refused.status, refused.err.splitlines()[0].partition(': ')[2].partition(': ')[2]) == (
        4, 'the address %s is in use: it is an address of this host (on %s)' % (address.partition('/')[0], br))
    assert link(a, 'A') is None


def test_link_local_addresses_of_the_host_are_of_one_link_and_may_be_the_same(run_netnsctl, netns):
    for name in ('1', '2'):
        ns = netns('a')
        made = run_netnsctl('wire', '%s:A=fe80::2/64' % ns, 'host:h%s%s=fe80::1/64' % (name, BRIDGE), '--no-check')
        assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0


# What a check knows of the bridge

@pytest.mark.parametrize('address,own', [('10.234.3.1/24', '10.234.3.2/24'), ('fd34:3::1/64', 'fd34:3::2/64')])
def test_a_check_sends_echoes_to_an_address_that_only_the_bridge_itself_knows_of(run_netnsctl, netns, bridge, address,
                                                                                 own):
    br, a = bridge(), netns('a')
    for text in ('10.99.99.1/24', address):
        ip(None, 'addr', 'add', text, 'dev', br, *(['nodad'] if ':' in text else []))
    assert wire_on(run_netnsctl, br, a, own, '--name', 'w').status == 0
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    assert report['ok'] and report['untested'] == []
    assert set(probe['address'] for probe in report['probes']) == set(text.partition('/')[0] for text in (address, own))
    ip(a, 'route', 'add', 'unreachable', address.partition('/')[0])
    assert run_netnsctl('check', 'w').status == 5
    ip(a, 'route', 'del', 'unreachable', address.partition('/')[0])
    # One of another network is none that the end could reach.
    ip(None, 'addr', 'del', address, 'dev', br)
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    assert report['ok'] and report['probes'] == []
    assert run_netnsctl('unwire', '--all').status == 0


def test_an_mtu_that_is_more_than_the_bridges_is_told_and_fails_the_check(run_netnsctl, netns, bridge):
    br, a = bridge('mtu', '1400'), netns('a')
    made = run_netnsctl('wire', '--name', 'w', '%s:A=mtu=1500' % a, 'bridge://' + br)
    assert made.status == 5
    assert 'its mtu 1500 is more than the 1400 of the bridge %s, which drops what is larger' % br in made.err
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    cause, = report['causes']
    assert cause['code'] == 'mtu-differs' and 'bridge %s has an MTU of 1400' % br in cause['text']
    assert run(['sh', '-c', cause['hint']]).status == 0
    assert run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('asked,changed,told', [('', '1400', 'has the mtu 1400, not 1500'),
                                                (',mtu=1400', '1300', 'has the mtu 1300, not 1400')])
def test_a_changed_mtu_is_an_alteration_whether_one_was_asked_for_or_not(run_netnsctl, netns, asked, changed, told):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '%s:A=10.234.3.1/24%s' % (a, asked), b + ':B=10.234.3.2/24', '--no-check').status == 0
    ip(a, 'link', 'set', 'A', 'mtu', changed)
    wire, = json.loads(run_netnsctl('ls', '--json').out)['wires']
    assert (wire['state'], wire['remarks']) == ('altered', ['netns://%s:A: %s' % (a, told)])
    assert run_netnsctl('unwire', '--all').status == 0


# IPv6 where it is switched off for new links

@pytest.fixture
def no_ipv6():
    """IPv6 is off for new links of the host."""
    name = 'net.ipv6.conf.default.disable_ipv6'
    before = run(['sysctl', '-n', name]).out.strip()
    run(['sysctl', '-qw', name + '=1'])
    yield
    run(['sysctl', '-qw', '%s=%s' % (name, before)])


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_bridge_that_netnsctl_makes_gets_ipv6_on_request(run_netnsctl, netns, no_ipv6, backend):
    a, b, br = netns('a'), netns('b'), 'n' + BRIDGE
    ends = [a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64' % br]
    refused = run_netnsctl('wire', backend, *ends)
    assert refused.status == 1
    assert 'IPv6 is switched off there (net.ipv6.conf.default.disable_ipv6=1)' in refused.err
    assert 'Add ",ipv6" to this end' in refused.err and link(None, br) is None
    made = run_netnsctl('wire', backend, ends[0], ends[1] + ',ipv6')
    assert made.status == 0, made
    assert run_netnsctl('wire', backend, ends[0], ends[1] + ',ipv6').out.startswith('already wired')
    # A second wire to it, with an address of its own for the bridge.
    more = run_netnsctl('wire', backend, b + ':A=fd36::2/64,ipv6', 'bridge://%s=fd36::1/64' % br)
    assert more.status == 0, more
    run(['sysctl', '-qw', 'net/ipv6/conf/%s/disable_ipv6=1' % br])
    assert run_netnsctl('unwire', b + ':A', 'bridge://' + br).status == 0
    refused = run_netnsctl('wire', backend, b + ':A=fd36::2/64,ipv6', 'bridge://%s=fd36::1/64' % br)
    assert 'net.ipv6.conf.%s.disable_ipv6=1' % br in refused.err and 'Add ",ipv6"' in refused.err
    assert run_netnsctl('unwire', '--all').status == 0 and link(None, br) is None


@pytest.mark.parametrize('word', ['', ',ipv6'])
def test_ipv6_of_a_bridge_of_others_is_left_to_its_owner(run_netnsctl, netns, bridge, no_ipv6, word):
    br, a = bridge(), netns('a')
    refused = run_netnsctl('wire', a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64%s' % (br, word))
    assert refused.status == 1
    assert 'IPv6 is switched off there (net.ipv6.conf.%s.disable_ipv6=1)' % br in refused.err
    assert 'sysctl -w net/ipv6/conf/%s/disable_ipv6=0' % br in refused.err
    run(['sysctl', '-qw', 'net/ipv6/conf/%s/disable_ipv6=0' % br])
    made = run_netnsctl('wire', a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64%s' % (br, word))
    assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('backend', BACKENDS)
def test_an_end_on_the_host_gets_ipv6_on_request(run_netnsctl, netns, no_ipv6, backend):
    a, dev = netns('a'), 'h' + BRIDGE
    refused = run_netnsctl('wire', backend, a + ':A=fd35::2/64,ipv6', 'host:%s=fd35::1/64' % dev)
    assert refused.status == 1 and 'Add ",ipv6" to this end' in refused.err
    made = run_netnsctl('wire', backend, a + ':A=fd35::2/64,ipv6', 'host:%s=fd35::1/64,ipv6' % dev)
    assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0
