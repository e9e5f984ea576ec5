"""vlan://NIC/ID and ipvlan://NIC, on the NICs of a guest, which a cable joins."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import inject, process
from support.inside import addresses, ip, links, pings
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


@pytest.mark.parametrize('target,kind', [('vlan://%s/100', 'vlan'),
                                         ('ipvlan://%s', 'ipvlan')])
def test_it_is_made_known_again_and_removed(run_netnsctl, netns, up, backend, target, kind):
    a, b, before = netns(), netns(), own_state()
    one, other = [target % nic for nic in up]
    words = ['wire', backend, '--name', 'w', a + ':v=10.1.1.2/24', one]
    result = run_netnsctl(*words)
    assert result.status == 0, result
    assert kind in ip(a, '-d', 'link', 'show', 'dev', 'v')
    assert links(a)['v']['address'] == links(None)[up[0]]['address']
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('wire', backend, '--name', 'far', b + ':v=10.1.1.3/24', other).status == 0
    assert pings(a, '10.1.1.3')
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole', 'whole']
    assert run_netnsctl('check', '--all').status == 0
    assert run_netnsctl('unwire', '--all').status == 0
    assert_untouched(before)


@pytest.mark.thorough
@pytest.mark.parametrize('target', ['vlan://%s/100', 'ipvlan://%s'])
def test_it_may_have_a_name_that_the_host_has_and_is_found_where_it_was_moved(run_netnsctl, netns, up, backend, target):
    a, deep, before = netns(), netns(), own_state()
    assert run_netnsctl('wire', backend, '--name', 'w', '%s:%s=10.1.1.2/24' % (a, up[0]), target % up[0]).status == 0
    assert list(links(a)) == [up[0]] and addresses(a, up[0]) == ['10.1.1.2/24']
    process.must(['ip', '-n', a, 'link', 'set', 'dev', up[0], 'name', 'x', 'netns', deep])
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'altered']
    assert run_netnsctl('unwire', 'w').status == 0 and not links(deep)
    assert_untouched(before)


@pytest.mark.parametrize('target', ['vlan://%s/100', 'ipvlan://%s'])
@pytest.mark.parametrize('when', [4, 6])
def test_a_run_that_was_killed_is_rolled_back(run_netnsctl, netns, up, target, when):
    inject.available()
    a, before = netns(), own_state()
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'w', '%s:%s=10.1.1.2/24' % (a, up[0]), target % up[0]]
    process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=sendto',
                 '-e', 'inject=sendto:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
    assert_untouched(before)


@pytest.mark.parametrize('target', ['vlan://%s/100', 'ipvlan://%s=mode=l3'])
def test_it_is_saved_and_comes_back(run_netnsctl, netns, up, target):
    a = netns()
    assert run_netnsctl('wire', '--save', '--name', 'w', a + ':v=10.1.1.2/24', target % up[0]).status == 0
    with open('/etc/sysconfig/netns/%s/ifcfg-v' % a) as source:
        text = source.read()
    assert 'ANCHOR=%s\n' % (target % up[0]) in text and 'MACADDR' not in text
    assert run_netnsctl('down', a).status == 0 and run_netnsctl('up', a).out == 'wired w\n'
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('unwire', '--forget', 'w').status == 0


def test_a_vlan_that_is_taken_is_named_in_whatever_namespace_it_is(run_netnsctl, netns, up, backend):
    a, b = netns(), netns()
    assert run_netnsctl('wire', backend, '--name', 'w', a + ':v=10.1.1.2/24', 'vlan://%s/100' % up[0]).status == 0
    before = own_state()
    result = run_netnsctl('wire', backend, b + ':v=10.1.1.3/24', 'vlan://%s/100' % up[0])
    assert result.status == 4 and '%s already has the VLAN 100' % up[0] in result.err, result
    large = run_netnsctl('wire', backend, b + ':v=10.1.1.3/24,mtu=9000', 'vlan://%s/101' % up[0])
    assert large.status == 1 and 'the mtu 9000 is larger than that of %s' % up[0] in large.err, large
    assert_untouched(before)
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_vlan_of_a_nic_that_is_down_is_refused_with_what_to_do(run_netnsctl, netns, nics, backend):
    name, before = netns(), own_state()
    refused = run_netnsctl('wire', backend, name + ':v=10.1.1.2/24', 'vlan://%s/100' % nics[0])
    assert refused.status == 1 and 'Network is down' in refused.err and 'The NIC is down' in refused.err, refused
    assert not links(name) and run_netnsctl('ls').out == ''
    assert_untouched(before)


@pytest.mark.thorough
def test_what_excludes_an_ipvlan_is_named(run_netnsctl, netns, up, backend):
    a, b, c, nic = netns(), netns(), netns(), up[0]
    assert run_netnsctl('wire', backend, '--name', 'w', a + ':v=10.1.1.2/24', 'ipvlan://' + nic).status == 0
    before = own_state()
    for words, status, text in (
            ([b + ':v=10.1.1.3/24', 'ipvlan://%s=mode=l3s' % nic], 4, 'have mode=l2'),
            ([b + ':v=10.1.1.3/24', 'macvlan://' + nic], 4, 'That of the wire w: netnsctl show w'),
            ([b + ':v=10.1.1.3/24', 'macvlan://' + nic], 4, nic + ' has a link of the kind ipvlan already'),
            ([b + ':v=10.1.1.3/24,mac=02:00:00:00:00:01', 'ipvlan://' + nic], 2, 'has the MAC address of its NIC')):
        result = run_netnsctl('wire', backend, *words)
        assert result.status == status and text in result.err, result
    assert_untouched(before)
    result = run_netnsctl('wire', '--replace', backend, '--name', 'w', a + ':v=10.1.1.2/24', 'macvlan://' + nic)
    assert result.status == 0, result
    assert links(a)['v']['address'] != links(None)[nic]['address']
    assert run_netnsctl('unwire', 'w').status == 0
    assert run_netnsctl('wire', backend, '--name', 'w', c + ':v=10.1.1.3/24', 'macvlan://' + nic).status == 0
    result = run_netnsctl('wire', backend, a + ':v=10.1.1.2/24', 'ipvlan://' + nic)
    assert result.status == 4 and nic + ' has a link of the kind macvlan already' in result.err, result
    assert 'That of the wire w: ' in result.err, result
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.thorough
def test_a_dry_run_can_be_pasted(run_netnsctl, netns, up):
    a = netns()
    for target, dev in (('vlan://%s/100', 'v'), ('ipvlan://%s', up[0])):
        result = run_netnsctl('wire', '--dry-run', '%s:%s=10.1.1.2/24' % (a, dev), target % up[0])
        assert result.status == 0, result
        process.must(['sh', '-ec', result.out])
        assert addresses(a, dev) == ['10.1.1.2/24']
        process.must(['ip', '-n', a, 'link', 'delete', 'dev', dev])
    assert run_netnsctl('ls').out == ''
