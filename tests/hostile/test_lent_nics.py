"""What root in a container can do to a NIC that was lent to it; a veth stands in for the NIC.

tests/uml/inside/test_phys.py has the same with a real one."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.inside import addresses, ip, links, set_up

NIC = 'nwl%d' % os.getpid()


@pytest.fixture
def lent(run_netnsctl, netns):
    """The name of a namespace to which a NIC was lent as eth0, by the wire wNIC."""
    process.must(['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', NIC + 'p'])
    set_up(None, NIC + 'p', NIC)
    ip(None, 'address', 'add', '10.77.0.1/24', 'dev', NIC)
    a = netns('a')
    result = run_netnsctl('wire', '--force', '--name', 'w' + NIC, a + ':eth0=10.77.0.1/24', 'phys://' + NIC)
    assert result.status == 0, result
    yield a
    process.run(['ip', 'link', 'del', 'dev', NIC + 'p'])


def assert_returned(run_netnsctl, mac):
    result = run_netnsctl('unwire', 'w' + NIC)
    assert result.status == 0, result
    assert links(None)[NIC]['address'] == mac and addresses(None, NIC) == ['10.77.0.1/24']
    assert 'UP' in links(None)[NIC]['flags']


def test_one_that_was_renamed_and_has_another_take_its_place(run_netnsctl, lent):
    mac, peer = links(lent)['eth0']['address'], links(None)[NIC + 'p']['ifindex']
    for words in (['down'], ['name', 'x0'], ['address', '02:00:00:00:00:66'], ['alias', NIC]):
        ip(lent, 'link', 'set', 'dev', 'x0' if 'x0' in links(lent) else 'eth0', *words)
    ip(lent, 'link', 'add', 'name', 'eth0', 'address', mac, 'type', 'veth', 'peer', 'name', NIC)
    assert 'was renamed to x0' in run_netnsctl('ls', '--json').out
    assert_returned(run_netnsctl, mac)
    assert links(None)[NIC + 'p']['ifindex'] == peer and sorted(links(lent)) == ['eth0', NIC]
    assert not links(None)[NIC].get('ifalias')


def test_names_of_the_hosts_that_it_gives_the_nic_do_not_keep_it_from_coming_home(run_netnsctl, lent):
    mac = links(lent)['eth0']['address']
    ip(lent, 'link', 'set', 'dev', 'eth0', 'down', 'name', NIC + 'p')
    if process.run(['ip', '-n', lent, 'link', 'property', 'add', 'dev', NIC + 'p', 'altname', NIC]).status:
        pytest.skip('this kernel or ip has no alternative names')
    process.must(['ip', '-n', lent, 'link', 'property', 'add', 'dev', NIC + 'p', 'altname', 'lo' + NIC])
    assert_returned(run_netnsctl, mac)
    assert not links(None)[NIC].get('altnames')


def test_one_that_was_moved_on_is_followed(run_netnsctl, netns, lent):
    mac, deep = links(lent)['eth0']['address'], netns('deep')
    ip(lent, 'link', 'set', 'dev', 'eth0', 'name', 'mine', 'netns', deep)
    assert 'the link is gone' in run_netnsctl('ls', '--json').out
    assert_returned(run_netnsctl, mac)
    assert links(deep) == {}


def test_another_nic_of_the_host_is_never_taken_for_it(run_netnsctl, lent):
    """A link that has the index and the MAC address of a NIC that was destroyed."""
    found = links(lent)['eth0']
    ip(lent, 'link', 'del', 'dev', 'eth0')
    process.must(['ip', '-n', lent, 'link', 'add', 'name', 'eth0', 'index', '%d' % found['ifindex'], 'address',
                  found['address'], 'type', 'veth', 'peer', 'name', 'other'])
    result = run_netnsctl('unwire', 'w' + NIC)
    assert result.status == 0 and 'is gone' in result.err
    assert sorted(links(lent)) == ['eth0', 'other'] and NIC not in links(None)
