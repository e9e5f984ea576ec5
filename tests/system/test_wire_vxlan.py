"""vxlan://ID: layer 2 to other hosts, which are namespaces here, joined to this one by a veth pair each."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import inject, process
from support.far import MTU, VNI
from support.inside import addresses, ip, links, pings
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


def anchor(*items):
    return 'vxlan://%d=%s' % (VNI, ','.join(items))


def test_an_address_is_in_use_in_its_own_network_alone(run_netnsctl, netns, far):
    a, b, c, other = netns('a'), netns('b'), netns('c'), far()
    assert run_netnsctl('wire', '--no-check', a + ':v=10.9.0.1/24', anchor('remote=' + other.theirs)).status == 0
    elsewhere = anchor('remote=' + other.theirs, 'port=4790')
    assert run_netnsctl('wire', '--no-check', '--name', 'w', b + ':v=10.9.0.1/24', elsewhere).status == 0
    for name, nic in ((c + ':m=10.9.0.1/24', 'macvlan://' + other.dev), (b + ':m=10.9.0.2/24', 'vxlan://1=remote='
                                                                          + other.theirs)):
        assert run_netnsctl('wire', '--no-check', name, nic).status == 0
    again = run_netnsctl('wire', '--no-check', a + ':n=10.9.0.1/24', 'macvlan://' + other.dev)
    assert again.status == 4 and 'the address 10.9.0.1 is in use: the wire %s:m-%s has it' % (c, other.dev) in again.err
    # The host has it too, elsewhere than in that VXLAN.
    replaced = run_netnsctl('wire', '--no-check', '--name', 'w', '--replace', '%s:v=%s/24' % (b, other.ours), elsewhere)
    assert replaced.status == 0, replaced
    refused = run_netnsctl('wire', '--no-check', '%s:n=%s/24' % (a, other.ours), 'macvlan://' + other.dev)
    assert refused.status == 4 and 'it is an address of this host (on %s)' % other.dev in refused.err


@pytest.mark.parametrize('items, text', [
    (['remote=fe80::1'], 'the link-local remote fe80::1 needs local=, the link-local address of this host there'),
    (['remote=fe80::1', 'local=fe80::2'], 'link-local addresses need dev=, the NIC that they are on'),
    (['remote=fe80::1', 'local=2001:db8::1', 'dev=x'], 'some of its addresses are link-local and some are not'),
    (['remote=ff05::1', 'local=fe80::2', 'dev=x'], 'some of its addresses are link-local and some are not'),
])
def test_link_local_addresses_that_cannot_be_are_refused(run_netnsctl, netns, items, text):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', a + ':v=10.9.0.1/24', anchor(*items))
    assert result.status == 2 and text in result.err
    assert_untouched(before)


@pytest.mark.parametrize('items', [['remote=fe80::1', 'local=fe80::2'], ['remote=ff02::1'],
                                   ['remote=ff02::1', 'local=fe80::2']])
def test_link_local_addresses_with_their_nic(run_netnsctl, netns, far, backend, items):
    a, other = netns(), far(6)
    made = run_netnsctl('wire', backend, '--no-check', '--name', 'w', a + ':v=10.9.0.1/24',
                        anchor(*(items + ['dev=' + other.dev])))
    assert made.status == 0, made
    assert links(a)['v']['mtu'] == MTU - 70


@pytest.mark.parametrize('family', [4, 6])
def test_it_reaches_another_host_with_an_mtu_that_fits(run_netnsctl, netns, far, backend, family):
    a, other = netns(), far(family)
    other.join('10.9.0.2/24')
    before = own_state()
    words = ['wire', backend, '--name', 'w', a + ':v=10.9.0.1/24', anchor('remote=' + other.theirs)]
    result = run_netnsctl(*words)
    assert result.status == 0, result
    assert pings(a, '10.9.0.2')
    assert links(a)['v']['mtu'] == MTU - {4: 50, 6: 70}[family]
    details = ip(a, '-d', 'link', 'show', 'dev', 'v')
    assert 'vxlan id %d' % VNI in details and 'dstport 4789' in details
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole'], run_netnsctl('ls')
    assert run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_several_remotes_are_all_reached(run_netnsctl, netns, far, backend):
    a, one, two = netns(), far(), far()
    one.join('10.9.0.2/24', 5000)
    two.join('10.9.0.3/24', 5000)
    before = own_state()
    result = run_netnsctl('wire', backend, '--name', 'w', a + ':v=10.9.0.1/24',
                          anchor('remote=' + one.theirs, 'remote=' + two.theirs, 'port=5000', 'ttl=9'))
    assert result.status == 0, result
    assert pings(a, '10.9.0.2') and pings(a, '10.9.0.3')
    assert 'ttl 9' in ip(a, '-d', 'link', 'show', 'dev', 'v')
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_a_remote_that_was_removed_is_told_with_what_adds_it(run_netnsctl, netns, far):
    a, one, two = netns(), far(), far()
    assert run_netnsctl('wire', '--name', 'w', a + ':v=10.9.0.1/24',
                        anchor('remote=' + one.theirs, 'remote=' + two.theirs)).status == 0
    for remote in (one.theirs, two.theirs):
        process.must(['bridge', '-n', a, 'fdb', 'del', '00:00:00:00:00:00', 'dev', 'v', 'dst', remote])
        shown = run_netnsctl('show', 'w')
        text = 'nothing is sent to the remote %s' % remote
        assert shown.out.startswith('w: altered\n') and text in shown.out, shown
        lines = run_netnsctl('check', 'w').out.splitlines()
        at, = [at for at, line in enumerate(lines) if text in line]
        process.must(['sh', '-ec', lines[at + 1]])
        assert run_netnsctl('ls').out.split()[1] == 'whole' and run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0


def test_an_address_of_this_host_is_no_remote_and_local_is_one(run_netnsctl, netns, far):
    a, other, before = netns(), far(), own_state()
    for items, status, text in (
            (['remote=' + other.ours], 4, 'the remote %s is an address of this host' % other.ours),
            (['remote=' + other.theirs, 'local=192.0.2.77'], 3, '192.0.2.77, which is not an address of this host'),
            (['remote=255.255.255.255'], 2, '255.255.255.255 is not the address of a host')):
        result = run_netnsctl('wire', a + ':v=10.9.0.1/24', anchor(*items))
        assert result.status == status and text in result.err, result
    large = [a + ':v=10.9.0.1/24,mtu=%d' % (MTU - 49)]
    result = run_netnsctl('wire', *(large + [anchor('remote=' + other.theirs, 'dev=' + other.dev)]))
    assert result.status == 1 and 'larger than %d, the most that fits' % (MTU - 50) in result.err, result
    assert_untouched(before)
    result = run_netnsctl('wire', '--name', 'w', *(large + [anchor('remote=' + other.theirs)]))
    assert result.status == 0 and 'larger packets are sent in fragments' in result.err, result
    assert run_netnsctl('unwire', 'w').status == 0


def test_it_is_saved_and_comes_back(run_netnsctl, netns, far):
    a, other = netns(), far()
    other.join('10.9.0.2/24')
    result = run_netnsctl('wire', '--save', '--name', 'w', a + ':v=10.9.0.1/24',
                          anchor('remote=' + other.theirs, 'dev=' + other.dev, 'local=' + other.ours))
    assert result.status == 0, result
    with open('/etc/sysconfig/netns/%s/ifcfg-v' % a) as source:
        assert 'ANCHOR=vxlan://%d=dev=%s,local=%s,remote=%s\n' % (VNI, other.dev, other.ours, other.theirs) \
            in source.read()
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('down', a).status == 0 and run_netnsctl('up', a).out == 'wired w\n'
    assert pings(a, '10.9.0.2') and run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('unwire', '--forget', 'w').status == 0


def test_a_dry_run_can_be_pasted(run_netnsctl, netns, far):
    a, one, two = netns(), far(), far()
    two.join('10.9.0.3/24')
    result = run_netnsctl('wire', '--dry-run', a + ':v=10.9.0.1/24',
                          anchor('remote=' + one.theirs, 'remote=' + two.theirs))
    assert result.status == 0, result
    process.must(['sh', '-ec', result.out])
    assert addresses(a, 'v') == ['10.9.0.1/24'] and pings(a, '10.9.0.3')


def test_an_end_of_the_host_is_made_where_it_is(run_netnsctl, far, backend):
    other, before = far(), own_state()
    other.join('10.9.0.2/24')
    dev = 'nwh%d' % os.getpid()
    result = run_netnsctl('wire', backend, '--name', 'w', 'host:%s=10.9.0.1/24' % dev,
                          anchor('remote=' + other.theirs))
    assert result.status == 0 and pings(None, '10.9.0.2'), result
    assert run_netnsctl('unwire', 'w').status == 0
    assert list(set(own_state()) - set(before)) == []


@pytest.mark.parametrize('when', range(3, 12))
def test_a_run_that_was_killed_leaves_nothing_on_the_host(run_netnsctl, netns, far, when):
    inject.available()
    a, other, before = netns(), far(), own_state()
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'w', a + ':v=10.9.0.1/24',
             anchor('remote=' + other.theirs)]
    process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=sendto',
                 '-e', 'inject=sendto:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
    assert_untouched(before)


@pytest.mark.parametrize('words,status,text', [
    ('vxlan://16777216=remote=192.0.2.2', 2, '16777216 is not the ID of a VXLAN (0 to 16777215)'),
    ('vxlan://', 2, 'nothing is not the ID of a VXLAN'),
    ('vxlan://42', 2, 'vxlan://42: it has no remote'),
    ('vxlan://42=remote=192.0.2.2,remote=192.0.2.2', 2, 'remote=192.0.2.2 is given twice'),
    ('vxlan://42=remote=192.0.2.2,remote=2001:db8::1', 2, 'its addresses are of both IPv4 and IPv6'),
    ('vxlan://42=remote=192.0.2.2,local=2001:db8::1', 2, 'its addresses are of both IPv4 and IPv6'),
    ('vxlan://42=remote=239.1.1.1', 2, 'the group 239.1.1.1 needs dev='),
    ('vxlan://42=remote=239.1.1.1,remote=192.0.2.2,dev=eth9', 2, 'with the group 239.1.1.1 it can have no other'),
    ('vxlan://42=remote=ff02::9', 2, 'the group ff02::9 needs dev='),
    ('vxlan://42=remote=192.0.2.2,local=239.1.1.1', 2, 'local 239.1.1.1: not the address of a host'),
    ('vxlan://42=remote=192.0.2.2,port=0', 2, '0 is not a UDP port (1 to 65535)'),
    ('vxlan://42=remote=192.0.2.2,ttl=256', 2, '256 is not a TTL (1 to 255)'),
    ('vxlan://42=remote=192.0.2.2,dev=nwnone', 3, 'this host has no link nwnone'),
    ('vxlan://42=remote=192.0.2.2,dev=a/b', 2, 'interface name "a/b"'),
    ('vxlan://42=remote=x', 2, 'x'), ('vxlan://42=tag=7', 2, 'tag=7 is not an item of vxlan://42')])
def test_what_cannot_be_is_refused_and_nothing_is_touched(run_netnsctl, netns, words, status, text):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', a + ':v=10.9.0.1/24', words)
    assert result.status == status and text in result.err, result
    assert_untouched(before)


def test_an_id_that_is_taken_and_a_port_that_is_taken_are_named(run_netnsctl, netns, far, backend):
    a, b, other = netns(), netns(), far()
    assert run_netnsctl('wire', backend, '--name', 'w', a + ':v=10.9.0.1/24',
                        anchor('remote=' + other.theirs)).status == 0
    # Which has nothing to do with it, but is no link of the host's either.
    assert run_netnsctl('wire', backend, '--name', 'also', a + ':m', 'macvlan://' + other.dev).status == 0
    before = own_state()
    words = ['wire', backend, b + ':v=10.9.0.3/24', anchor('remote=192.0.2.77')]
    taken = run_netnsctl(*words)
    assert taken.status == 4 and 'this host already has the VXLAN %d on port 4789' % VNI in taken.err, taken
    assert taken.err.splitlines()[1:] == ['  vxlan://%d is an end of the wire w.' % VNI, '  netnsctl unwire w']
    assert_untouched(before)
    assert run_netnsctl('unwire', 'w').status == 0
    ip(None, 'link', 'add', 'nwh%d' % os.getpid(), 'type', 'vxlan', 'id', str(VNI), 'remote', '192.0.2.77', 'dstport',
       '4789')
    taken = run_netnsctl(*words)
    assert taken.status == 4 and 'already has the VXLAN' in taken.err and 'wire also' not in taken.err, taken
    ip(None, 'link', 'delete', 'dev', 'nwh%d' % os.getpid())
    assert run_netnsctl('unwire', 'also').status == 0
