"""A VXLAN whose link is the port of a bridge, so that several containers of a host are in it, and whose remotes change
while it stays up. Other hosts are namespaces."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import inject, process
from support.far import MTU, VNI
from support.inside import links, pings
from support.untouched import assert_untouched, own_state

BRIDGE, PORT = 'nwb%d' % os.getpid(), 'nwp%d' % os.getpid()
PLUG = 'bridge://%s:%s' % (BRIDGE, PORT)


@pytest.fixture(params=['iproute', 'netlink'])
def backend(request):
    return '--backend=' + request.param


def anchor(*remotes, **more):
    items = ['remote=' + one.theirs for one in remotes] + ['%s=%s' % pair for pair in sorted(more.items())]
    return 'vxlan://%d=%s' % (VNI, ','.join(items))


def told(dev=PORT):
    """{MAC address: remotes} of the link's forwarding table, without its own."""
    found = {}
    for line in process.must(['bridge', 'fdb', 'show', 'dev', dev]).splitlines():
        words = line.split()
        if 'dst' in words:
            found.setdefault(words[0], []).append(words[words.index('dst') + 1])
    return dict((mac, sorted(remotes)) for mac, remotes in found.items())


ALL = '00:00:00:00:00:00'


def learn(mac, remote):
    process.must(['bridge', 'fdb', 'add', mac, 'dev', PORT, 'dst', remote.theirs, 'self', 'dynamic'])


def test_several_containers_of_a_host_are_in_it_by_a_bridge(run_netnsctl, netns, far, backend):
    a, b, other = netns(), netns(), far()
    other.join('10.9.0.2/24')
    before = own_state()
    words = ['wire', backend, '--name', 'w', PLUG, anchor(other)]
    made = run_netnsctl(*words)
    assert made.status == 0 and 'made the bridge ' + BRIDGE in made.out, made
    for number, name in ((3, a), (4, b)):
        joined = run_netnsctl('wire', backend, '--name', 'w%d' % number, '%s:v=10.9.0.%d/24' % (name, number),
                              'bridge://' + BRIDGE)
        assert joined.status == 0, joined
        assert pings(name, '10.9.0.2') and links(name)['v']['mtu'] == MTU - 50
    assert pings(a, '10.9.0.4')
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('check', 'w').status == 0
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole'] * 3
    for name in ('w', 'w3', 'w4'):  # the bridge stays with the others
        assert run_netnsctl('unwire', name).status == 0
    assert_untouched(before)


def test_it_is_saved_and_comes_back(run_netnsctl, far):
    other, before = far(), own_state()
    made = run_netnsctl('wire', '--save', '--name', 'w', PLUG + '=10.9.0.1/24', anchor(other))
    assert made.status == 0, made
    try:
        with open('/etc/sysconfig/netns/host/ifcfg-' + PORT) as source:
            lines = source.read().splitlines()
        assert 'BRIDGE=' + BRIDGE in lines and 'ANCHOR=' + anchor(other) in lines
        assert run_netnsctl('config', 'check').status == 0
        assert run_netnsctl('down').status == 0
        assert_untouched(before)
        assert run_netnsctl('up').out == 'wired w\n'
        assert run_netnsctl('config', 'check').status == 0
    finally:
        assert run_netnsctl('unwire', '--forget', 'w').status == 0
    assert_untouched(before)


def test_its_files_are_those_that_render_prints(run_netnsctl, tmpdir):
    result = run_netnsctl('config', 'render', '--name', 'w', PLUG, 'vxlan://42=remote=192.0.2.9')
    assert result.status == 0, result
    assert 'BRIDGE=%s\nANCHOR=vxlan://42=remote=192.0.2.9\n' % BRIDGE in result.out


def test_its_remotes_change_while_it_stays_up(run_netnsctl, netns, far, backend):
    a, one, two, three = netns(), far(), far(), far()
    for number, other in ((2, one), (3, two), (4, three)):
        other.join('10.9.0.%d/24' % number)
    assert run_netnsctl('wire', backend, '--name', 'w', a + ':v=10.9.0.1/24', anchor(one, two)).status == 0
    assert pings(a, '10.9.0.2') and pings(a, '10.9.0.3')
    index = links(a)['v']['ifindex']
    words = ['wire', '--name', 'w', a + ':v=10.9.0.1/24', anchor(three, two)]
    refused = run_netnsctl(*words)
    assert refused.status == 4 and 'asked for' in refused.err
    assert '--replace changes its remotes while it stays up' in refused.err and 'recreates' not in refused.err
    changed = run_netnsctl(*(words + ['--replace']))
    assert changed.status == 0 and changed.out.startswith('changed w: '), changed
    assert links(a)['v']['ifindex'] == index
    assert pings(a, '10.9.0.4') and pings(a, '10.9.0.3') and not pings(a, '10.9.0.2')
    assert run_netnsctl(*words).out.startswith('already wired')
    shown = json.loads(run_netnsctl('show', '--json', 'w').out)
    assert shown['state'] == 'whole'
    assert shown['ends'][1]['items'] == sorted('remote=' + other.theirs for other in (two, three))
    assert run_netnsctl('unwire', 'w').status == 0


def test_who_was_behind_a_remote_that_is_gone_is_forgotten(run_netnsctl, far):
    one, two = far(), far()
    assert run_netnsctl('wire', '--name', 'w', PLUG, anchor(one, two)).status == 0
    learn('02:00:00:00:00:01', one)
    learn('02:00:00:00:00:02', two)
    assert run_netnsctl('wire', '--replace', '--name', 'w', PLUG, anchor(two)).status == 0
    assert told() == {ALL: [two.theirs], '02:00:00:00:00:02': [two.theirs]}
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_dry_run_says_what_changes_and_can_be_pasted(run_netnsctl, far):
    one, two = far(), far()
    assert run_netnsctl('wire', '--name', 'w', PLUG, anchor(one)).status == 0
    words = ['wire', '--name', 'w', '--replace', PLUG, anchor(two)]
    printed = run_netnsctl(*(words + ['--dry-run']))
    assert printed.out == ''.join('bridge fdb %s %s dev %s dst %s\n' % row for row in (
        ('append', ALL, PORT, two.theirs), ('del', ALL, PORT, one.theirs))), printed
    assert told() == {ALL: [one.theirs]}
    process.must(['sh', '-ec', printed.out])
    assert told() == {ALL: [two.theirs]}
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_remote_that_was_lost_comes_back_without_a_new_link(run_netnsctl, far):
    one, two = far(), far()
    words = ['wire', '--name', 'w', PLUG, anchor(one, two)]
    assert run_netnsctl(*words).status == 0
    index = links(None)[PORT]['ifindex']
    process.must(['bridge', 'fdb', 'del', ALL, 'dev', PORT, 'dst', two.theirs])
    refused = run_netnsctl(*words)
    assert refused.status == 4 and '--replace changes its remotes' in refused.err, refused
    assert run_netnsctl(*(words + ['--replace'])).out.startswith('changed w')
    assert links(None)[PORT]['ifindex'] == index and told() == {ALL: [one.theirs, two.theirs]}
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('unwire', 'w').status == 0


def test_the_tree_changes_them_too(run_netnsctl, far):
    one, two = far(), far()
    assert run_netnsctl('wire', '--save', '--name', 'w', PLUG, anchor(one)).status == 0
    index = links(None)[PORT]['ifindex']
    path = '/etc/sysconfig/netns/host/ifcfg-' + PORT
    with open(path) as source:
        text = source.read()
    with open(path, 'w') as target:
        target.write(text.replace(one.theirs, two.theirs))
    try:
        assert run_netnsctl('config', 'check').status == 1
        assert run_netnsctl('up').status == 0 and run_netnsctl('config', 'check').status == 0
        assert links(None)[PORT]['ifindex'] == index and told() == {ALL: [two.theirs]}
    finally:
        assert run_netnsctl('unwire', '--forget', 'w').status == 0


@pytest.mark.parametrize('more', [{'ttl': 9}, {'port': 4790}])
def test_what_differs_in_more_is_recreated(run_netnsctl, far, more):
    one, two = far(), far()
    assert run_netnsctl('wire', '--name', 'w', PLUG, anchor(one)).status == 0
    index = links(None)[PORT]['ifindex']
    refused = run_netnsctl('wire', '--name', 'w', PLUG, anchor(two, **more))
    assert refused.status == 4 and '--replace recreates it as requested' in refused.err, refused
    result = run_netnsctl('wire', '--replace', '--name', 'w', PLUG, anchor(two, **more))
    assert result.status == 0 and result.out.startswith('wired w: '), result
    assert links(None)[PORT]['ifindex'] != index
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.parametrize('words', [['--confirm', '100'], ['-f', '-', '--atomic']])
def test_one_that_may_be_taken_back_later_is_recreated(run_netnsctl, far, words):
    one, two, before = far(), far(), own_state()
    assert run_netnsctl('wire', '--name', 'w', PLUG, anchor(one)).status == 0
    ends = [] if '-f' in words else ['--name', 'w', PLUG, anchor(two)]
    feed = '%s %s --name w\n' % (PLUG, anchor(two)) if '-f' in words else ''
    result = run_netnsctl(*(['wire', '--replace'] + words + ends), feed=feed)
    assert result.status == 0 and told() == {ALL: [two.theirs]}, result
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_a_remote_that_is_refused_leaves_all_as_it_was(run_netnsctl, far):
    one, two = far(), far()
    assert run_netnsctl('wire', '--name', 'w', PLUG, anchor(one)).status == 0
    refused = run_netnsctl('wire', '--replace', '--name', 'w', PLUG,
                           anchor(two) + ',remote=' + two.ours)
    assert refused.status == 4 and 'is an address of this host' in refused.err, refused
    assert told() == {ALL: [one.theirs]} and run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_thousand_remotes_are_taken_and_replaced(run_netnsctl, far, backend):
    """The acks of so many requests do not fit the buffer of a socket."""
    far()
    words = ['wire', backend, '--name', 'w', '--replace', PLUG]
    items = ['remote=198.51.%d.%d' % (100 + number // 250, 1 + number % 250) for number in range(1000)]
    for wanted in (items, items[500:], items):
        result = run_netnsctl(*(words + ['vxlan://%d=%s' % (VNI, ','.join(wanted))]))
        assert result.status == 0 and len(told()[ALL]) == len(wanted), result
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.parametrize('call', ['sendto', 'rename,renameat,renameat2'])
def test_a_change_that_is_killed_is_done_or_taken_back(run_netnsctl, far, call):
    inject.available()
    one, two = far(), far()
    words = ['wire', '--backend=netlink', '--replace', '--no-check', '--name', 'w', PLUG]
    assert run_netnsctl(*(words + [anchor(one)])).status == 0
    total = inject.count(run_netnsctl, call, words + [anchor(two)])
    assert run_netnsctl(*(words + [anchor(one)])).status == 0 and total
    for when in inject.sample(total, 6):
        inject.inject(run_netnsctl, call, 'signal=KILL', when, words + [anchor(two)])
        seen = run_netnsctl('netns', 'list')  # which changes nothing
        assert seen.status == 0
        assert run_netnsctl('up', '--firewall').status == 0  # which takes back what was not finished
        assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole'], when
        assert told() in ({ALL: [one.theirs]}, {ALL: [two.theirs]}), when
        assert run_netnsctl(*(words + [anchor(one)])).status == 0
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_change_that_a_signal_ends_is_taken_back(run_netnsctl, far):
    inject.available()
    one, two = far(), far()
    words = ['wire', '--backend=netlink', '--replace', '--no-check', '--name', 'w', PLUG]
    assert run_netnsctl(*(words + [anchor(one)])).status == 0
    total = inject.count(run_netnsctl, 'sendto', words + [anchor(two)])
    assert run_netnsctl(*(words + [anchor(one)])).status == 0
    for when in sorted(set(inject.sample(total, 5) + [total - 1, total])):
        result = inject.inject(run_netnsctl, 'sendto', 'signal=TERM', when, words + [anchor(two)])
        assert result.status in (0, 143), (when, result)
        assert told() == {ALL: [two.theirs if result.status == 0 else one.theirs]}, (when, result)
        assert run_netnsctl(*(words + [anchor(one)])).status == 0
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.parametrize('ends, text', [
    (['bridge://nwb1', 'macvlan://lo0'], 'one end must be a namespace or a container'),
    (['bridge://nwb1', 'vxlan://42'], 'it has no remote')])
def test_what_no_bridge_can_take_is_refused(run_netnsctl, ends, text):
    before = own_state()
    for words in (ends, ends[::-1]):
        refused = run_netnsctl('wire', *words)
        assert refused.status == 2 and text in refused.err, refused
    assert_untouched(before)


def test_a_file_of_a_namespace_cannot_be_the_port_of_a_bridge_and_hang_on_a_vxlan(run_netnsctl, netns):
    a = netns()
    folder = '/etc/sysconfig/netns/' + a
    os.makedirs(folder)
    try:
        with open(folder + '/ifcfg-v', 'w') as target:
            target.write('BRIDGE=br0\nANCHOR=vxlan://42=remote=192.0.2.2\n')
        refused = run_netnsctl('up', a)
        assert refused.status == 2 and 'only one of the host can be the port of a bridge' in refused.err, refused
    finally:
        os.remove(folder + '/ifcfg-v')
        os.rmdir(folder)


# Containers that send more than the bridge takes

def test_a_vxlan_that_lowers_the_mtu_of_a_bridge_says_so_and_so_does_the_check_of_its_containers(
        run_netnsctl, netns, far, backend):
    a, b, other = netns(), netns(), far()
    for number, name in ((3, a), (4, b)):
        made = run_netnsctl('wire', backend, '--name', 'w%d' % number, '%s:v=10.9.0.%d/24' % (name, number),
                            'bridge://%s=10.9.0.1/24' % BRIDGE)
        assert made.status == 0 and 'mtu' not in made.err, made
    words = ['wire', backend, '--name', 'w', PLUG, anchor(other)]
    notice = 'a port with mtu %d lowers the mtu of the bridge %s, which is 1500' % (MTU - 50, BRIDGE)
    for more in (['--dry-run'], []):
        made = run_netnsctl(*(words + more))
        assert made.status == 0 and made.err.count(notice) == 1, made
    failed = run_netnsctl('check', 'w3')
    assert failed.status == 5 and 'bridge %s has an MTU of %d' % (BRIDGE, MTU - 50) in failed.out, failed
    for name in (a, b):
        process.must(['ip', '-n', name, 'link', 'set', 'dev', 'v', 'mtu', str(MTU - 50)])
    assert run_netnsctl('check', 'w3').status == 0
    assert run_netnsctl('unwire', 'w').status == 0


def test_the_check_of_a_container_sees_a_bridge_whose_mtu_was_lowered(run_netnsctl, netns):
    a = netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':v=10.9.0.3/24', 'bridge://%s=10.9.0.1/24' % BRIDGE).status == 0
    process.must(['ip', 'link', 'set', 'dev', BRIDGE, 'mtu', '1300'])
    failed = run_netnsctl('check', 'w')
    assert failed.status == 5 and 'bridge %s has an MTU of 1300, link v' % BRIDGE in failed.out, failed
    process.must(['ip', 'link', 'set', 'dev', BRIDGE, 'mtu', '1500'])
    assert run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0
