"""Wires whose link hangs on something of the host's: macvlan://NIC, dummy://."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess

import pytest

from support import inject, process
from support.inside import addresses, ip, links, pings, routes, set_up
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')
NIC = 'nwk%d' % os.getpid()


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


@pytest.fixture
def nic():
    """A link of the host's that stands in for a NIC."""
    process.must(['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', NIC + 'p'])
    set_up(None, NIC + 'p', NIC)
    yield 'macvlan://' + NIC
    process.must(['ip', 'link', 'del', 'dev', NIC])


@pytest.fixture
def router(netns, nic):
    """The name of a namespace behind that NIC that has 10.1.1.1."""
    name = netns('r')
    process.must(['ip', 'link', 'set', 'dev', NIC + 'p', 'netns', name])
    process.must(['ip', '-n', name, 'address', 'add', '10.1.1.1/24', 'dev', NIC + 'p'])
    set_up(name, NIC + 'p')
    set_up(None, NIC)
    return name


def test_a_macvlan_is_made_known_again_changed_and_removed(run_netnsctl, netns, nic, router, backend):
    a, before = netns('a'), own_state()
    name = '%s:m0-%s' % (a, NIC)
    words = ['wire', backend, a + ':m0=10.1.1.2/24,gw=10.1.1.1,mtu=1400', nic + '=mode=private']
    result = run_netnsctl(*words)
    assert (result.status, result.err) == (0, '')
    assert result.out == 'wired %s: netns://%s:m0 10.1.1.2/24 <-> %s (%s, checked)\n' % (name, a, nic, backend[10:])
    assert addresses(a, 'm0') == ['10.1.1.2/24'] and 'default via 10.1.1.1 dev m0' in routes(a)
    assert 'macvlan mode private' in ip(a, '-d', 'link', 'show', 'dev', 'm0')
    assert run_netnsctl(*words).out.startswith('already wired: ' + name)
    other = words[:-1] + [nic + '=mode=bridge']
    differs = run_netnsctl(*other)
    assert differs.status == 4 and 'items mode=private, asked for none' in differs.err
    assert run_netnsctl(*(other + ['--replace'])).status == 0
    assert 'macvlan mode bridge' in ip(a, '-d', 'link', 'show', 'dev', 'm0')
    assert run_netnsctl('check', name).status == 0
    assert run_netnsctl('ls').out == '%s  whole  netns://%s:m0 10.1.1.2/24  %s\n' % (name, a, nic)
    assert run_netnsctl('unwire', a, nic).out == 'unwired %s\n' % name
    assert_untouched(before)


def test_it_may_have_a_name_that_the_host_has(run_netnsctl, netns, nic, backend):
    a, before = netns(), own_state()
    assert run_netnsctl('wire', backend, '%s:%s=10.1.1.2/24' % (a, NIC), nic).status == 0
    assert list(links(a)) == [NIC]
    assert run_netnsctl('unwire', '--all').status == 0
    assert_untouched(before)


def test_two_of_them_and_one_of_the_hosts_reach_each_other(run_netnsctl, netns, nic):
    a, b = netns(), netns()
    wires = '%s:m=10.1.1.2/24 %s\n%s:m=10.1.1.3/24 %s\nhost:%sh=10.1.1.1/24 %s\n' % (a, nic, b, nic, NIC, nic)
    result = run_netnsctl('wire', '-f', '-', feed=wires)
    assert result.status == 0, result
    assert pings(a, '10.1.1.3') and pings(a, '10.1.1.1') and pings(b, '10.1.1.1')
    assert run_netnsctl('unwire', '--all').status == 0


def test_whatever_its_container_does_to_it_it_is_removed(run_netnsctl, netns, nic, backend):
    a, deep, before = netns(), netns(), own_state()
    assert run_netnsctl('wire', backend, '--name', 'w', a + ':m=10.1.1.2/24', nic).status == 0
    changes = ['set dev m down', 'set dev m name x']
    with open('/run/netnsctl/wires/w.json') as source:
        if 'node' in source.read():  # by which it is known whatever is done to it (Linux 5.2)
            changes.append('set dev x address 02:00:00:00:00:77')
    for words in changes:
        process.must(['ip', '-n', a, 'link'] + words.split())
    assert 'was renamed to x' in run_netnsctl('show', 'w').out
    process.must(['ip', '-n', a, 'link', 'set', 'dev', 'x', 'netns', deep])
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'altered']
    result = run_netnsctl('unwire', 'w')
    assert (result.status, result.out) == (0, 'unwired w\n')
    assert not links(deep)
    assert_untouched(before)


@pytest.mark.parametrize('when', range(3, 8))
def test_a_run_that_was_killed_is_rolled_back_or_stands(run_netnsctl, netns, nic, when):
    inject.available()
    a, before = netns(), own_state()
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'w', '%s:%s=10.1.1.2/24' % (a, NIC), nic]
    process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=sendto',
                 '-e', 'inject=sendto:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
    assert_untouched(before)


def test_a_nic_that_is_down_is_the_cause_of_a_check_that_fails(run_netnsctl, netns, nic):
    a = netns()
    process.must(['ip', 'link', 'set', 'dev', NIC, 'down'])
    result = run_netnsctl('wire', '--name', 'w', a + ':m=10.1.1.2/24', nic)
    assert result.status == 5 and '%s: link %s is down' % (nic, NIC) in result.err, result
    process.must(['ip', 'link', 'set', 'dev', NIC, 'up'])
    process.must(['ip', '-n', a, 'link', 'set', 'dev', 'm', 'down'])
    result = run_netnsctl('check', 'w')
    assert result.status == 5 and 'link m is down' in result.out, result
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_gateway_is_asked_and_one_that_is_silent_is_told_with_5(run_netnsctl, netns, nic, router):
    a = netns()
    words = ['wire', '--name', 'w', a + ':m=10.1.1.2/24,gw=10.1.1.1', nic]
    made = run_netnsctl(*words)
    assert (made.status, made.err) == (0, '') and made.out.endswith('checked)\n'), made
    checked = run_netnsctl('check', 'w')
    assert checked.status == 0 and checked.out.count('%s:m -> gateway  10.1.1.1' % a) == 2, checked
    process.must(['ip', 'netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1'])
    assert run_netnsctl('unwire', 'w').status == 0
    made = run_netnsctl(*words)
    told = 'netnsctl: w: the gateway 10.1.1.1 is there, but does not answer echoes\n'
    assert (made.status, made.err) == (0, told), made
    process.must(['ip', '-n', router, 'address', 'flush', 'dev', NIC + 'p'])
    assert run_netnsctl('unwire', 'w').status == 0
    made = run_netnsctl(*words)
    assert made.status == 5 and 'wired, but the check failed' in made.err, made
    assert 'the gateway 10.1.1.1 answers neither echoes nor ARP' in made.err
    told = json.loads(run_netnsctl('check', '--json', 'w').out)
    assert told['exit_code'] == 5 and told['checks'][0]['causes'][0]['code'] == 'gateway-silent'
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_duplicate_of_its_address_is_refused_and_fails_the_check_of_one_with_force(run_netnsctl, netns, nic, router):
    a = netns()
    refused = run_netnsctl('wire', '--name', 'w', a + ':m=10.1.1.1/24', nic)
    assert refused.status == 4 and 'on %s answers for it' % NIC in refused.err, refused
    made = run_netnsctl('wire', '--force', '--name', 'w', a + ':m=10.1.1.1/24', nic)
    assert made.status == 5 and 'has the address 10.1.1.1 too' in made.err, made
    assert run_netnsctl('unwire', 'w').status == 0


def test_what_it_is_as_json_has_no_link_at_the_nic(run_netnsctl, netns, nic):
    a = netns()
    made = json.loads(run_netnsctl('wire', '--json', a + ':m=10.1.1.2/24', nic + '=mode=vepa').out)
    listed = json.loads(run_netnsctl('ls', '--json').out)['wires'][0]
    assert [(end['target'], end['ifname']) for end in listed['ends']] == [('netns://' + a, 'm'), (nic, None)]
    assert [end.get('items') for end in listed['ends']] == [None, ['mode=vepa']]
    assert made['wires'][0]['ends'] == listed['ends'] if 'wires' in made else made['ends'] == listed['ends']
    assert run_netnsctl('unwire', '--all').status == 0


def test_an_mtu_for_the_whole_wire_is_that_of_its_link(run_netnsctl, netns, nic):
    a, name = netns('a'), '--name=w'
    words = ['wire', '--no-check', '--mtu=1300', name, a + ':m0=10.1.1.2/24', nic]
    assert run_netnsctl(*(words + ['--save'])).status == 0
    assert run_netnsctl('config', 'check').out == 'the wires match the tree\n'
    assert run_netnsctl('up').out == 'nothing to do: the wire matches the tree\n'
    assert links(a)['m0']['mtu'] == 1300 and run_netnsctl('unwire', 'w').status == 0
    assert run_netnsctl('config', 'forget', 'w').status == 0


def test_a_dry_run_can_be_pasted(run_netnsctl, netns, nic):
    a = netns()
    result = run_netnsctl('wire', '--dry-run', '%s:%s=10.1.1.2/24,gw=10.1.1.1' % (a, NIC), nic)
    assert result.status == 0, result
    subprocess.check_call(['sh', '-ec', result.out])
    assert addresses(a, NIC) == ['10.1.1.2/24'] and 'macvlan mode bridge' in ip(a, '-d', 'link', 'show', 'dev', NIC)
    assert run_netnsctl('ls').out == ''


def test_it_is_saved_and_comes_back(run_netnsctl, netns, nic, router):
    a, before = netns(), own_state()
    name = '%s:m-%s' % (a, NIC)
    result = run_netnsctl('wire', '--save', a + ':m=10.1.1.2/24,gw=10.1.1.1', nic + '=mode=vepa')
    assert result.status == 0 and 'wrote /etc/sysconfig/netns/%s/ifcfg-m' % a in result.out, result
    with open('/etc/sysconfig/netns/%s/ifcfg-m' % a) as source:
        assert 'ANCHOR=%s=mode=vepa\n' % nic in source.read()
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('down', a).out == 'unwired %s\n' % name
    assert_untouched(before)
    assert run_netnsctl('up', a).out == 'wired %s\n' % name
    assert 'macvlan mode vepa' in ip(a, '-d', 'link', 'show', 'dev', 'm')
    assert run_netnsctl('config', 'check').status == 0
    process.must(['ip', '-n', a, 'link', 'set', 'dev', 'm', 'down'])
    assert run_netnsctl('up', a).out == 'recreated %s\n' % name
    assert run_netnsctl('down', a).status == 0
    assert run_netnsctl('config', 'forget', name).status == 0


def test_that_of_the_host_is_saved_too(run_netnsctl, nic):
    name = 'host:%sh-%s' % (NIC, NIC)
    assert run_netnsctl('wire', '--save', 'host:%sh=10.1.1.1/24' % NIC, nic).status == 0
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('unwire', name).status == 0
    assert run_netnsctl('up', 'host').out == 'wired %s\n' % name
    assert run_netnsctl('unwire', '--forget', name).status == 0


@pytest.mark.parametrize('values,text', [
    ('ANCHOR=bridge://br0', 'ANCHOR: bridge://br0: not something on the host that a link can hang on'),
    ('ANCHOR=macvlan://x=mode=y', 'ANCHOR: endpoint macvlan://x=mode=y: mode=y: known modes'),
    ('ANCHOR=dummy://\nPEER=p', 'PEER: the link is attached to dummy://'),
    ('ANCHOR=dummy://\nBRIDGE=br0', 'BRIDGE: the link is attached to dummy://'),
    ('ANCHOR=dummy://\nTYPE=Bridge', 'ANCHOR: a bridge has none here')])
def test_a_file_with_an_anchor_that_cannot_be_is_named_with_its_line(run_netnsctl, netns, values, text):
    a = netns()
    folder = '/etc/sysconfig/netns/' + a
    os.makedirs(folder)
    try:
        with open(folder + '/ifcfg-m', 'w') as out:
            out.write(values + '\n')
        result = run_netnsctl('up', a)
        assert result.status == 2 and '/ifcfg-m:' in result.err and text in result.err, result
    finally:
        os.unlink(folder + '/ifcfg-m')
        os.rmdir(folder)


def test_check_of_one_without_an_address_says_that_only_its_links_were_looked_at(run_netnsctl, netns, nic):
    a = netns('a')
    assert 'links up)' in run_netnsctl('wire', '--name', a, a + ':m0', nic).out
    assert run_netnsctl('check', a).out == (
        '%s: ok (links up)\n  not tested: netns://%s:m0 has no address to send an echo from\n' % (a, a))


@pytest.mark.parametrize('words,status,text', [
    (['A', 'macvlan://nwnone'], 3, 'macvlan://nwnone: this host has no link nwnone'),
    (['A', 'NIC=mode=x'], 2, 'mode=x: known modes: bridge passthru private vepa'),
    (['A', 'NIC=mode=vepa,mode=vepa'], 2, 'mode= is given twice'),
    (['A', 'NIC=10.1.1.1/24'], 2, '10.1.1.1/24 is not an item of'),
    (['A', 'NIC='], 2, 'nothing is not an item of'),
    (['A', 'NIC:x'], 2, 'has no interface of its own'),
    (['A', 'macvlan://'], 2, 'an interface name is empty'),
    (['A', 'dummy://x'], 2, 'dummy://x: takes no name after the ://'),
    (['NIC', 'NIC'], 2, 'one end must be a namespace'), (['NIC', 'dummy://'], 2, 'one end must be a namespace'),
    (['NIC', 'bridge://nwnone'], 2, 'one end must be a namespace')])
def test_what_cannot_be_is_refused_and_nothing_is_touched(run_netnsctl, netns, nic, words, status, text):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', *[word.replace('NIC', nic).replace('A', a) if word[0] in 'AN' else word
                                    for word in words])
    assert result.status == status and text in result.err, result
    assert_untouched(before)


def test_a_link_that_would_not_fit_its_nic_is_refused_before_the_old_one_goes(run_netnsctl, netns, nic, backend):
    a = netns()
    words = ['wire', backend, '--name', 'w', a + ':m=10.1.1.2/24,mtu=1300']
    assert run_netnsctl(*(words + [nic])).status == 0
    process.must(['ip', 'link', 'set', 'dev', NIC, 'mtu', '1280'])
    before = own_state()
    result = run_netnsctl(*(words + ['--replace', nic + '=mode=vepa']))
    assert result.status == 1, result
    assert 'the mtu 1300 is larger than that of %s, which is 1280' % NIC in result.err
    assert 'ip link set dev %s mtu 1300' % NIC in result.err
    assert_untouched(before)
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_macvlan_that_has_its_nic_to_itself_is_named(run_netnsctl, netns, nic, backend):
    a, b = netns(), netns()
    alone = nic + '=mode=passthru'
    for first, second in ((alone, nic), (nic, alone)):
        assert run_netnsctl('wire', backend, '--no-check', '--name', 'w', a + ':m=10.1.1.2/24', first).status == 0
        before = own_state()
        result = run_netnsctl('wire', backend, b + ':m=10.1.1.3/24', second)
        assert result.status == 4 and 'has the NIC to itself' in result.err and 'netnsctl show w' in result.err, result
        assert_untouched(before)
        assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.parametrize('is_host', [False, True])
def test_a_macvlan_that_somebody_took_out_of_its_mode_is_told(run_netnsctl, netns, nic, is_host):
    a, name = (None, NIC + 'h') if is_host else (netns(), 'm')
    end = '%s:%s=10.1.1.2/24' % (a or 'host', name)
    assert run_netnsctl('wire', '--name', 'w', end, nic + '=mode=private').status == 0
    assert run_netnsctl('ls').out.split()[1] == 'whole' and run_netnsctl('check', 'w').status == 0
    ip(a, 'link', 'set', 'dev', name, 'type', 'macvlan', 'mode', 'bridge')
    shown = run_netnsctl('show', 'w')
    assert shown.out.startswith('w: altered\n') and 'it is no longer in mode=private' in shown.out, shown
    checked = run_netnsctl('check', 'w')
    assert checked.status == 5 and 'it is no longer in mode=private' in checked.out, checked
    process.must(['sh', '-ec', checked.out.splitlines()[-1]])
    assert run_netnsctl('ls').out.split()[1] == 'whole' and run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0
