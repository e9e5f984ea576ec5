"""A container renames, disguises, deletes and imitates the one link of its wire: that costs it its own wire, and no
other's."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.inside import ip, links, set_up
from support.process import must, run
from support.untouched import assert_untouched, own_state

NIC = 'nwz%d' % os.getpid()
# kind -> (anchor, what makes another link of that kind in a namespace, on or beside a link `own` of its own)
KINDS = {
    'macvlan': ('macvlan://' + NIC, 'ip link add link own name {0} address {1} type macvlan'),
    'vxlan': ('vxlan://77=remote=10.78.0.2', 'ip link add name {0} address {1} type vxlan id 77 dstport 4789 '
                                             'remote 10.78.0.2'),
    'ipvlan': ('ipvlan://' + NIC, 'ip link add link own name {0} type ipvlan'),
    'vlan': ('vlan://%s/77' % NIC, 'ip link add link own name {0} type vlan id 77'),
}


@pytest.fixture(params=['macvlan', 'vxlan'])  # of the others: tests/uml/inside
def kind(request, netns):  # whose namespaces are there still when this ends
    """(anchor, command that makes a decoy) of a kind, on a stand-in for a NIC."""
    for found in made(request.param):
        yield found


def made(name):
    must(['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', NIC + 'p'])
    set_up(None, NIC + 'p', NIC)
    must(['ip', 'address', 'add', '10.78.0.1/24', 'dev', NIC])
    yield KINDS[name]
    must(['ip', 'link', 'del', 'dev', NIC])


def spoil(ns, *words):
    must(['ip', '-n', ns, 'link'] + list(words))


def test_what_a_container_does_to_its_link_costs_it_no_other(run_netnsctl, netns, kind):
    evil, before = netns('evil'), sorted(links(None))
    anchor, imitate = kind
    words = ['wire', '--no-check', '--name', 'w', evil + ':m=10.79.0.2/24', anchor]
    assert run_netnsctl(*words).status == 0
    was = links(evil)['m']
    # Under another name, with a MAC address that the host's NIC has where it can have one, and a look-alike beside it.
    spoil(evil, 'set', 'dev', 'm', 'down')
    spoil(evil, 'set', 'dev', 'm', 'name', 'x')
    run(['ip', '-n', evil, 'link', 'set', 'dev', 'x', 'address', '02:de:ad:be:ef:02'])
    spoil(evil, 'add', 'own', 'type', 'veth', 'peer', 'name', 'own2')
    must(['ip', 'netns', 'exec', evil, 'sh', '-c', imitate.format('m', was['address'])])
    shown = run_netnsctl('show', 'w').out
    assert shown.startswith('w: altered\n') and 'was renamed to x' in shown, shown
    gone = run_netnsctl('unwire', 'w')
    assert gone.status == 0, gone
    assert sorted(links(evil)) == ['m', 'own', 'own2']  # its own are left to it
    spoil(evil, 'del', 'dev', 'm')
    # Deleted, with a look-alike under its index: that is not taken for it.
    assert run_netnsctl(*words).status == 0
    index = links(evil)['m']['ifindex']
    spoil(evil, 'del', 'dev', 'm')
    must(['ip', 'netns', 'exec', evil, 'sh', '-c', imitate.replace('name {0}', 'name {0} index %d' % index).format(
        'm', was['address'])])
    assert run_netnsctl('show', 'w').out.startswith('w: altered\n')
    again = run_netnsctl('wire', '--replace', *(words[1:4] + [evil + ':n=10.79.0.2/24', anchor]))
    assert again.status in (0, 6), again
    assert run_netnsctl('unwire', '--if-exists', 'w').status in (0, 6)
    assert 'm' in links(evil)
    must(['ip', 'netns', 'delete', evil])
    run_netnsctl('unwire', '--if-exists', 'w')
    assert run_netnsctl('ls').out == ''
    assert sorted(links(None)) == before


def test_a_link_that_its_container_deleted_is_told_and_made_again(run_netnsctl, netns, kind):
    a, before = netns('a'), own_state()
    words = ['wire', '--no-check', '--name', 'w', a + ':m=10.79.0.2/24', kind[0]]
    assert run_netnsctl(*words).status == 0
    ip(a, 'link', 'del', 'dev', 'm')
    assert 'the link is gone' in run_netnsctl('show', 'w').out
    assert run_netnsctl('check', 'w').status == 5
    assert run_netnsctl('wire', '--replace', *words[1:]).status == 0
    assert run_netnsctl('ls').out.split()[1] == 'whole'
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_a_namespace_that_ended_and_is_kept_does_not_keep_the_link(run_netnsctl, netns, kind):
    name, (anchor, _) = netns('kept'), kind
    words = ['wire', '--no-check', '--name', 'w', name + ':m=10.79.0.2/24', anchor]
    assert run_netnsctl(*words).status == 0
    index = links(name)['m']['ifindex']
    held = os.open('/run/netns/' + name, os.O_RDONLY)
    try:
        must(['ip', 'netns', 'delete', name])
        must(['ip', 'netns', 'add', name])
        again = run_netnsctl(*words)
        assert again.status == 0 and links(name)['m']['mtu'], again
        there = must(['nsenter', '--net=/proc/%d/fd/%d' % (os.getpid(), held), 'ip', 'link', 'show'])
        assert '\n%d: ' % index not in there and ' m@' not in there, there
    finally:
        os.close(held)
    assert run_netnsctl('unwire', 'w').status == 0
