"""A container moves its macvlan away and makes others look like it: unwire takes that one, or says that it cannot."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from hostile.test_decoys import BACKENDS, has_nodes, nameless
from support.inside import links, set_up
from support.process import must

NIC = 'nwh%d' % os.getpid()


@pytest.fixture
def nic():
    """A link of the host's that stands in for a NIC."""
    must(['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', NIC + 'p'])
    set_up(None, NIC + 'p', NIC)
    yield 'macvlan://' + NIC
    must(['ip', 'link', 'del', 'dev', NIC])


def wired(run_netnsctl, netns, nic, *words):
    """(name of a wire, the container's namespace, one that it hides links in)."""
    container, hidden = netns('evil'), netns('hidden')
    name = container + '-w'
    made = run_netnsctl('wire', '--name', name, '--no-check', container + ':m=10.1.1.2/24', nic, *words)
    assert made.status == 0, made
    return name, container, hidden


def decoy(ns, index, mac, name='m'):
    """A macvlan on a link of the container's own, under an index, a name and a MAC address that it wants."""
    must(['ip', '-n', ns, 'link', 'add', 'own', 'type', 'veth', 'peer', 'name', 'own2'])
    must(['ip', '-n', ns, 'link', 'add', 'link', 'own', 'name', name, 'index', '%d' % index, 'address', mac,
          'type', 'macvlan'])


def macvlans(ns):
    return [name for name in links(ns) if not name.startswith('own') and name != 'lo']


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('disguised', [False, True], ids=['as it was', 'with another MAC address'])
def test_the_real_one_is_taken_and_no_decoy(run_netnsctl, netns, nic, backend, disguised):
    name, container, hidden = wired(run_netnsctl, netns, nic, '--backend', backend)
    if not has_nodes(container):
        pytest.skip('this kernel does not tell what numbers its links have')
    real = links(container)['m']
    if disguised:
        must(['ip', '-n', container, 'link', 'set', 'dev', 'm', 'address', '02:de:ad:be:ef:01'])
    must(['ip', '-n', container, 'link', 'set', 'dev', 'm', 'netns', hidden])
    must(['ip', '-n', hidden, 'link', 'set', 'dev', 'm', 'name', 'x'])
    decoy(container, real['ifindex'], real['address'])
    listed, = [line for line in run_netnsctl('ls').out.splitlines() if name in line]
    assert 'altered' in listed and 'the link is gone' in run_netnsctl('show', name).out
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert macvlans(hidden) == [] and macvlans(container) == ['m']


@pytest.mark.skipif(os.environ.get('NETNSCTL_TEST_KERNEL') == 'el6', reason='no namespace has a number there')
def test_one_in_a_namespace_that_nobody_can_open_leaves_a_doubt(run_netnsctl, netns, nic, attackers):
    name, container, hidden = wired(run_netnsctl, netns, nic)
    must(['ip', '-n', container, 'link', 'set', 'dev', 'm', 'netns', hidden])
    must(['ip', '-n', hidden, 'link', 'set', 'dev', 'm', 'name', 'x', 'address', '02:de:ad:be:ef:01'])
    holder = nameless(hidden, attackers)
    kept = run_netnsctl('unwire', name)
    assert kept.status == 6 and 'the link x may be that of the wire' in kept.err, kept
    attackers.end(holder)
    await_unwired(run_netnsctl, name)


def test_one_that_is_not_known_for_certain_leaves_a_doubt_or_is_taken(run_netnsctl, netns, nic):
    """Its MAC address is another, and it has a number on later kernels alone."""
    name, container, hidden = wired(run_netnsctl, netns, nic)
    is_certain = 'node' in record_of(name)
    must(['ip', '-n', container, 'link', 'set', 'dev', 'm', 'address', '02:de:ad:be:ef:01'])
    must(['ip', '-n', container, 'link', 'set', 'dev', 'm', 'netns', hidden])
    gone = run_netnsctl('unwire', name)
    if not is_certain:
        assert gone.status == 6 and 'the link m may be that of the wire' in gone.err, gone
        must(['ip', '-n', hidden, 'link', 'del', 'dev', 'm'])
        gone = run_netnsctl('unwire', '--if-exists', name)
    assert gone.status == 0 and macvlans(hidden) == [], gone


def test_one_that_its_container_deleted_is_gone_whatever_others_have(run_netnsctl, netns, nic):
    """Macvlans on the same NIC: another wire's, under the same index, and one of the host's own."""
    name, container, hidden = wired(run_netnsctl, netns, nic)
    other, its, _ = wired(run_netnsctl, netns, nic, '--force')
    must(['ip', 'link', 'add', 'link', NIC, 'name', 'z', 'index', '999', 'netns', hidden,
          'type', 'macvlan', 'mode', 'bridge'])
    must(['ip', '-n', container, 'link', 'del', 'dev', 'm'])
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert macvlans(its) == ['m'] and macvlans(hidden) == ['z']
    must(['ip', '-n', its, 'link', 'del', 'dev', 'm'])
    assert run_netnsctl('unwire', other).status == 0


def test_what_a_container_made_on_its_macvlan_is_told(run_netnsctl, netns, nic):
    """It is on the NIC itself, and so stays there without the wire's."""
    name, container, _ = wired(run_netnsctl, netns, nic)
    must(['ip', '-n', container, 'link', 'add', 'link', 'm', 'name', 'm2', 'index', '77', 'type', 'macvlan'])
    decoy(container, 78, '02:de:ad:be:ef:01', 'm3')
    gone = run_netnsctl('unwire', name)
    assert gone.status == 0 and sorted(macvlans(container)) == ['m2', 'm3'], gone
    assert gone.err == 'netnsctl: netns://%s: the link m2, which belongs to no wire, is also on %s, and stays\n' % (
        container, NIC)


def record_of(name):
    with open('/run/netnsctl/wires/%s.json' % name) as source:
        return source.read()


def await_unwired(run_netnsctl, name):
    deadline = time.time() + 20
    while run_netnsctl('unwire', '--if-exists', name).status:
        assert time.time() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize('how', ['unwire', 'replace'])
def test_a_namespace_that_outlives_its_first_process_keeps_no_macvlan(run_netnsctl, netns, nic, attackers, how):
    container = netns('evil')
    name = container + '-w'
    first = attackers.sleep(container)
    words = 'wire', '--name', name, '--no-check', nic
    assert run_netnsctl(*(words + ('%d:m=10.1.1.2/24' % first.pid,))).status == 0
    attackers.sleep(container)
    attackers.end(first)
    if how == 'replace':
        other = netns('other')
        gone = run_netnsctl(*(words + (other + ':m=10.1.1.2/24', '--replace')))
        assert macvlans(other) == ['m']
    else:
        gone = run_netnsctl('unwire', name)
    assert gone.status == 0, gone
    assert macvlans(container) == []
    assert run_netnsctl('unwire', '--if-exists', name).status == 0
