"""What a wire to a bridge respects: its MAC address, its MTU, and addresses that somebody has."""
from __future__ import absolute_import, division, print_function

import itertools
import json
import time

import pytest

from support.inside import ip
from support.process import run
from support.bridge_network import BACKENDS, link, wire_on

NUMBERS = itertools.count()


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


def answers(ns, address):
    """Is an echo answered that is sent once, by what the namespace knows of its neighbours? (It asks for one that it
    knows again after 5 s, neigh/default/delay_first_probe_time.)"""
    words = ['busybox', 'ping6' if ':' in address else 'ping', '-c', '1', '-W', '3', address]
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
    wait_for(lambda: answers(other, bare))
    assert known_mac(other, bare) == link(a, 'A')['address']
    assert run_netnsctl('unwire', a + ':A', 'bridge://' + br).status == 0
    assert wire_on(run_netnsctl, br, b, new).status == 0
    wait_until_usable(b, 'A')
    assert wait_for(lambda: known_mac(other, bare) == link(b, 'A')['address'])
    assert answers(other, bare)


def wait_for(condition, seconds=60):
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


@pytest.mark.parametrize('backend', BACKENDS)
def test_what_is_refused_leaves_the_hosts_route_to_another_wire(run_netnsctl, netns, bridge, backend):
    br, a, b = bridge(), netns('a'), netns('b')
    near = 'bridge://%s=10.234.0.1/32' % br
    assert run_netnsctl('wire', '--name', 'v', a + ':A=10.234.0.2/32', near).status == 0
    for option in ('--force', '--replace'):
        refused = run_netnsctl('wire', backend, option, '--name', 'w', b + ':A=10.234.0.2/32', near)
        assert refused.status == 4 and 'the wire v' in refused.err, refused
        assert '10.234.0.2' in ip(None, 'route', 'show', 'dev', br)
    assert run_netnsctl('wire', '--replace', '--no-check', '--name', 'v', a + ':A=10.234.0.2/32,mtu=1400',
                        near).status == 0
    assert '10.234.0.2' in ip(None, 'route', 'show', 'dev', br)
    assert run_netnsctl('unwire', 'v').status == 0
    assert '10.234.0.2' not in ip(None, 'route', 'show')


def test_wires_that_change_places_in_one_step_leave_the_bridge_its_address(run_netnsctl, netns, bridge):
    br, a, b = bridge(), netns('a'), netns('b')
    near = 'bridge://%s=10.234.0.1/24' % br
    lines = '%s:A=10.234.0.2/24 %s --name %s\n%s:A=10.234.0.2/24 host=10.234.0.9/24 --name %s\n'
    options = ['wire', '--no-check', '--atomic', '-f', '-']
    assert run_netnsctl(*options, feed=lines % (a, near, 'v', b, 'w')).status == 0
    swapped = lines % (b, near, 'w', a, 'v')
    assert run_netnsctl(*(options + ['--replace', '--force']), feed=swapped).status == 0
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole', 'whole']
    assert '10.234.0.1' in ip(None, 'address', 'show', 'dev', br)
    # Both leave it, and nobody is left to need it.
    assert run_netnsctl(*options, feed='%s:B=10.234.0.3/24 %s --name x' % (a, near)).status == 0
    away = '%s:B=10.234.0.3/24 host=10.234.0.8/24 --name x\n%s:A=10.234.0.2/24 host=10.234.0.7/24 --name w\n' % (a, b)
    assert run_netnsctl(*(options + ['--replace', '--force']), feed=away).status == 0
    assert '10.234.0.1' not in ip(None, 'address', 'show', 'dev', br)
    assert run_netnsctl('unwire', '--all').status == 0
