"""A container makes other links look like its end of a wire, and its end like another: only that wire is its own."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from netnsctl.edge.link_nodes import LinkNodes
from netnsctl.edge.netns import open_named
from support.inside import links, pings
from support.process import must

BACKENDS = ('netlink', pytest.param('iproute', marks=pytest.mark.thorough))


def mac_of(ns, dev):
    return links(ns)[dev]['address']


def decoy(ns, mac, name=None, number=0):
    """A veth pair inside a namespace, one end of which has the MAC address (and the name) of a wire's end."""
    must(['ip', '-n', ns, 'link', 'add', name or 'decoy%d' % number, 'address', mac, 'type', 'veth', 'peer', 'name',
          'de%d' % number])


def same_mac(ns, dev, hidden):
    mac = mac_of(ns, dev)
    must(['ip', '-n', ns, 'link', 'set', dev, 'address', '02:de:ad:be:ef:01'])
    decoy(ns, mac)


def same_name(ns, dev, hidden):
    must(['ip', '-n', ns, 'link', 'set', dev, 'down', 'name', 'hidden'])
    must(['ip', '-n', ns, 'link', 'set', 'hidden', 'up'])
    decoy(ns, '02:00:00:00:99:01', dev)


def same_name_and_mac(ns, dev, hidden):
    mac = mac_of(ns, dev)
    must(['ip', '-n', ns, 'link', 'set', dev, 'down', 'name', 'hidden', 'address', '02:de:ad:be:ef:01'])
    must(['ip', '-n', ns, 'link', 'set', 'hidden', 'up'])
    decoy(ns, mac, dev)


def many_with_the_mac(ns, dev, hidden):
    mac = mac_of(ns, dev)
    must(['ip', '-n', ns, 'link', 'set', dev, 'address', '02:de:ad:be:ef:01'])
    for number in range(30):
        decoy(ns, mac, number=number)


def moved(ns, dev, hidden):
    must(['ip', '-n', ns, 'link', 'set', dev, 'netns', hidden])


def moved_under_another_index(ns, dev, hidden):
    index = links(ns)[dev]['ifindex']
    must(['ip', '-n', hidden, 'link', 'add', 'inway', 'index', '%d' % index, 'type', 'veth', 'peer', 'name', 'inway2',
          'index', '900'])
    must(['ip', '-n', ns, 'link', 'set', dev, 'netns', hidden])


def moved_with_a_decoy(ns, dev, hidden):
    """Its index, MAC address and name are another link's, and it is somewhere else under others."""
    before = links(ns)[dev]
    moved_under_another_index(ns, dev, hidden)
    must(['ip', '-n', hidden, 'link', 'set', dev, 'name', 'x', 'address', '02:de:ad:be:ef:01'])
    must(['ip', '-n', ns, 'link', 'add', dev, 'address', before['address'], 'index', '%d' % before['ifindex'], 'type',
          'veth', 'peer', 'name', 'de0', 'index', '901'])


def moved_with_a_decoy_across(ns, dev, hidden):
    """The same, and the decoy's peer is in another namespace too, under the index of the wire's other end."""
    before = links(ns)[dev]
    moved_under_another_index(ns, dev, hidden)
    must(['ip', '-n', hidden, 'link', 'set', dev, 'name', 'x', 'address', '02:de:ad:be:ef:01'])
    must(['ip', '-n', ns, 'link', 'add', dev, 'address', before['address'], 'index', '%d' % before['ifindex'], 'type',
          'veth', 'peer', 'name', 'de0', 'index', '901', 'netns', hidden])


TRICKS = (same_mac, same_name, same_name_and_mac, many_with_the_mac, moved, moved_under_another_index,
          moved_with_a_decoy, moved_with_a_decoy_across)


@pytest.fixture
def evil(netns):
    """(a container's namespace, one that it hides links in)."""
    return netns('evil'), netns('hidden')


def host_links(ns=None):
    return set(links(ns))


@pytest.mark.parametrize('trick', TRICKS, ids=lambda trick: trick.__name__)
@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('other', ['namespace', 'bridge'])
def test_unwire_takes_the_real_pair_whatever_looks_like_it(run_netnsctl, netns, evil, other, backend, trick):
    container, hidden = evil
    mine = netns('b') if other == 'namespace' else None
    name = container + '-w'
    before = host_links(mine)
    far = mine + ':m0=10.4.0.2/24' if mine else 'bridge://br%s=10.4.0.2/24' % container[-8:]
    made = run_netnsctl('wire', '--name', name, '--backend', backend, container + ':e0=10.4.0.1/24', far)
    assert made.status == 0, made
    trick(container, 'e0', hidden)
    listed = run_netnsctl('ls')
    assert not [line for line in listed.out.splitlines() if name in line and 'whole' in line], listed
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert host_links(mine) == before
    assert name not in run_netnsctl('ls').out


@pytest.mark.parametrize('trick', TRICKS, ids=lambda trick: trick.__name__)
def test_replace_leaves_nothing_of_the_old_pair(run_netnsctl, netns, evil, trick):
    container, hidden = evil
    mine = netns('b')
    name = container + '-w'
    assert run_netnsctl('wire', '--name', name, container + ':e0=10.4.0.1/24', mine + ':m0=10.4.0.2/24').status == 0
    trick(container, 'e0', hidden)
    again = run_netnsctl('wire', '--name', name, '--replace', container + ':e9=10.4.0.1/24', mine + ':m9=10.4.0.2/24')
    assert again.status == 0, again
    assert host_links(mine) == set(['m9'])
    assert pings(mine, '10.4.0.1')


def moved_by_both(run_netnsctl, netns, *words):
    """(name of a wire, namespaces that hide its ends): both containers want to keep it, and neither namespace has an
    end of it any more."""
    one, other, hidden, dark = netns('a'), netns('b'), netns('h'), netns('d')
    name = one + '-w'
    made = run_netnsctl('wire', '--name', name, one + ':e0=10.4.0.1/24', other + ':m0=10.4.0.2/24', *words)
    assert made.status == 0, made
    must(['ip', '-n', one, 'link', 'set', 'e0', 'name', 'xe0', 'netns', hidden])
    must(['ip', '-n', other, 'link', 'set', 'm0', 'name', 'xm0', 'netns', dark])
    return name, hidden, dark


@pytest.mark.parametrize('backend', BACKENDS)
def test_ends_that_both_containers_moved_away_are_found(run_netnsctl, netns, backend):
    name, hidden, dark = moved_by_both(run_netnsctl, netns, '--backend', backend)
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert not links(hidden) and not links(dark)


def nameless(ns, attackers):
    """A named namespace loses its name, and lives on in a descriptor of a process that is in another: that process."""
    holder = attackers.hold('/run/netns/' + ns)
    must(['ip', 'netns', 'delete', ns])
    return holder


@pytest.mark.skipif(os.environ.get('NETNSCTL_TEST_KERNEL') == 'el6', reason='no namespace has a number there')
def test_what_cannot_be_found_for_certain_is_not_said_to_be_unwired(run_netnsctl, netns, attackers):
    name, hidden, dark = moved_by_both(run_netnsctl, netns)
    for ns, dev in ((hidden, 'xe0'), (dark, 'xm0')):
        must(['ip', '-n', ns, 'link', 'set', dev, 'address', '02:de:ad:be:ef:01'])
    holders = [nameless(ns, attackers) for ns in (hidden, dark)]
    kept = run_netnsctl('unwire', name)
    assert kept.status == 6 and 'may be an end' in kept.err, kept
    attackers.end(holders[0])
    deadline = time.time() + 20
    while run_netnsctl('unwire', '--if-exists', name).status:
        assert time.time() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize('index', [False, True], ids=['the same indexes', 'other indexes'])
def test_ends_in_namespaces_that_nobody_can_open_leave_a_doubt(run_netnsctl, netns, attackers, index):
    one, other, hidden, dark = netns('a'), netns('b'), netns('h'), netns('d')
    if not has_nodes(one):
        pytest.skip('this kernel does not tell what numbers its links have')
    name = one + '-w'
    made = run_netnsctl('wire', '--name', name, one + ':e0=10.4.0.1/24', other + ':m0=10.4.0.2/24')
    assert made.status == 0, made
    for ns, dev, away in ((one, 'e0', hidden), (other, 'm0', dark)):
        if index:
            must(['ip', '-n', away, 'link', 'add', 'inway', 'index', '%d' % links(ns)[dev]['ifindex'], 'type', 'veth',
                  'peer', 'name', 'inway2', 'index', '950'])
        must(['ip', '-n', ns, 'link', 'set', dev, 'netns', away])
        must(['ip', '-n', away, 'link', 'set', dev, 'name', 'x', 'address', '02:de:ad:be:ef:01'])
        if index:
            must(['ip', '-n', away, 'link', 'delete', 'inway'])
    holders = [nameless(ns, attackers) for ns in (hidden, dark)]
    kept = run_netnsctl('unwire', name)
    assert kept.status == 6 and 'the link x in a namespace' in kept.err, kept
    for holder in holders:
        attackers.end(holder)
    deadline = time.time() + 20
    while run_netnsctl('unwire', '--if-exists', name).status:
        assert time.time() < deadline
        time.sleep(0.2)


def test_veths_of_nested_containers_keep_nobody_from_unwiring(run_netnsctl, netns, attackers):
    """A container deletes its end, and has another in it that it moved a link to, as docker in docker does."""
    one, other, nested = netns('a'), netns('b'), netns('h')
    name = one + '-w'
    made = run_netnsctl('wire', '--name', name, one + ':e0=10.4.0.1/24', other + ':m0=10.4.0.2/24')
    assert made.status == 0, made
    must(['ip', '-n', one, 'link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'in'])
    must(['ip', '-n', one, 'link', 'set', 'in', 'netns', nested])
    nameless(nested, attackers)
    must(['ip', '-n', one, 'link', 'delete', 'e0'])
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert 'out' in links(one)


def test_a_wire_whose_links_somebody_deleted_takes_no_other_with_it(run_netnsctl, netns):
    """All of these have the same few indexes, and know each other's namespaces."""
    names = [netns('c') for _ in range(5)]
    pairs = list(zip(names, names[1:])) + [(names[0], names[2]), (names[1], names[3]), (names[0], names[3])]
    for at, (one, other) in enumerate(pairs):
        made = run_netnsctl('wire', '--no-check', '--name', '%s-%d' % (names[0], at), '%s:e%d=10.4.%d.1/24' % (
            one, at, at), '%s:f%d=10.4.%d.2/24' % (other, at, at))
        assert made.status == 0, made
    for at, (one, _) in enumerate(pairs):
        must(['ip', '-n', one, 'link', 'delete', 'e%d' % at])
        gone = run_netnsctl('unwire', '%s-%d' % (names[0], at))
        assert gone.status == 0, gone
        whole = [line for line in run_netnsctl('ls').out.splitlines() if names[0] + '-' in line and 'whole' in line]
        assert len(whole) == len(pairs) - 1 - at


@pytest.mark.parametrize('others', [True, False], ids=['by a process', 'by its name'])
def test_a_namespace_outlives_the_process_that_it_was_taken_from(run_netnsctl, netns, attackers, others):
    """Two containers whose first processes ended, while others, or a name, keep their namespaces."""
    spaces = netns('a'), netns('b')
    firsts = [attackers.sleep(ns) for ns in spaces]
    name = spaces[0] + '-w'
    made = run_netnsctl('wire', '--name', name, '--no-check', '%d:e0=10.4.0.1/24' % firsts[0].pid,
                        '%d:m0=10.4.0.2/24' % firsts[1].pid)
    assert made.status == 0, made
    if others:
        for ns in spaces:
            attackers.sleep(ns)
    for first in firsts:
        attackers.end(first)
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert not links(spaces[0]) and not links(spaces[1])


def has_nodes(ns):
    """Does this kernel number links (edge.link_nodes)?"""
    opened = open_named(ns)
    try:
        with LinkNodes(opened):
            return True
    except OSError:
        return False
    finally:
        opened.close()


def disguise(hidden, dev, number):
    """A link that was moved away, under a MAC address, a name and an index of the owner's choice: the index, when it is
    moved on."""
    must(['ip', '-n', hidden, 'link', 'set', dev, 'name', 'q%d' % number, 'address', '02:de:ad:be:ef:0%d' % number])


def moved_twice(run_netnsctl, netns, *words):
    """As moved_by_both(), and from there on to others, under other names, MAC addresses and indexes."""
    one, other, name = netns('a'), netns('b'), None
    name = one + '-w'
    made = run_netnsctl('wire', '--name', name, one + ':e0=10.4.0.1/24', other + ':m0=10.4.0.2/24', *words)
    assert made.status == 0, made
    ends = []
    for number, (ns, dev) in enumerate(((one, 'e0'), (other, 'm0'))):
        index = links(ns)[dev]['ifindex']
        first, second = netns('h%d' % number), netns('i%d' % number)
        must(['ip', '-n', ns, 'link', 'set', dev, 'netns', first])
        must(['ip', '-n', second, 'link', 'add', 'inway', 'index', '%d' % index, 'type', 'veth',
              'peer', 'name', 'inway2', 'index', '950'])
        disguise(first, dev, number)
        must(['ip', '-n', first, 'link', 'set', 'q%d' % number, 'netns', second])
        ends.append(second)
    return name, ends, (one, other)


@pytest.mark.parametrize('decoys', [False, True], ids=['nothing', 'decoys'])
def test_ends_under_other_indexes_and_addresses_are_found(run_netnsctl, netns, decoys):
    """Nothing of the pair is as the record has it, and in its own namespaces there is nothing, or decoys."""
    name, ends, own = moved_twice(run_netnsctl, netns)
    if not has_nodes(own[0]):
        pytest.skip('this kernel does not tell what numbers its links have')
    if decoys:
        for ns, dev in zip(own, ('e0', 'm0')):
            must(['ip', '-n', ns, 'link', 'add', dev, 'type', 'veth', 'peer', 'name', 'de0', 'netns', ends[0]])
            must(['ip', '-n', ends[0], 'link', 'set', 'de0', 'name', 'of' + dev])
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert not [dev for ns in ends for dev in links(ns) if dev.startswith('q')]


def test_ends_that_were_moved_away_and_back_are_found(run_netnsctl, netns):
    name, ends, own = moved_twice(run_netnsctl, netns)
    if not has_nodes(own[0]):
        pytest.skip('this kernel does not tell what numbers its links have')
    for number in (0, 1):
        index = links(ends[number])['q%d' % number]['ifindex']
        must(['ip', '-n', own[number], 'link', 'add', 'inway', 'index', '%d' % index, 'type', 'veth', 'peer', 'name',
              'inway2', 'index', '950'])
        must(['ip', '-n', ends[number], 'link', 'set', 'q%d' % number, 'netns', own[number]])
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert not [dev for ns in own for dev in links(ns) if dev.startswith('q')]


def test_a_decoy_of_a_deleted_end_keeps_nobody_from_unwiring(run_netnsctl, netns):
    """In a nested namespace, under the indexes of the pair, which is gone."""
    one, other, hidden, dark = netns('a'), netns('b'), netns('h'), netns('d')
    if not has_nodes(one):
        pytest.skip('this kernel does not tell what numbers its links have')
    name = one + '-w'
    made = run_netnsctl('wire', '--name', name, one + ':e0=10.4.0.1/24', other + ':m0=10.4.0.2/24')
    assert made.status == 0, made
    indexes = links(one)['e0']['ifindex'], links(other)['m0']['ifindex']
    must(['ip', '-n', one, 'link', 'delete', 'e0'])
    must(['ip', '-n', one, 'link', 'add', 'moves', 'type', 'veth', 'peer', 'name', 'stays'])
    must(['ip', '-n', one, 'link', 'set', 'moves', 'netns', hidden])  # so that it has a number
    must(['ip', '-n', hidden, 'link', 'add', 'decoy', 'index', '%d' % indexes[0], 'type', 'veth', 'peer', 'name', 'de0',
          'index', '%d' % indexes[1], 'netns', dark])
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert 'decoy' in links(hidden)
