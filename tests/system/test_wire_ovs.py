"""Wires to a bridge of Open vSwitch: ovs://BRIDGE."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import inject, process
from support.inside import addresses, links, pings, routes
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


def vsctl(*words):
    return process.must(['ovs-vsctl', '--timeout=20'] + list(words))


def test_a_port_is_made_known_again_changed_and_removed(run_netnsctl, netns, ovs, backend):
    a, r, anchor, before = netns('a'), netns('r'), 'ovs://' + ovs.bridge, own_state()
    name = '%s:m0-%s' % (a, ovs.bridge)
    assert run_netnsctl('wire', backend, r + ':m0=10.1.1.1/24', anchor + '=tag=100').status == 0
    words = ['wire', backend, a + ':m0=10.1.1.2/24,gw=10.1.1.1,mtu=1400', anchor + '=tag=100']
    result = run_netnsctl(*words)
    assert result.status == 0, result
    port, = [port for port in ovs.ports(ovs.bridge) if ovs.port(port, 'external_ids:netnsctl-wire') == '"%s"' % name]
    assert result.out == 'wired %s: netns://%s:m0 10.1.1.2/24 <-> %s:%s (%s, checked)\n' % (
        name, a, anchor, port, backend[10:])
    assert addresses(a, 'm0') == ['10.1.1.2/24'] and 'default via 10.1.1.1 dev m0' in routes(a)
    assert (ovs.port(port, 'tag'), ovs.port(port, 'trunks')) == ('100', '[]')
    assert run_netnsctl(*words).out.startswith('already wired: ' + name)
    other = words[:-1] + [anchor + '=tag=200,trunks=10,20']
    differs = run_netnsctl(*other)
    assert differs.status == 4 and 'items tag=100, asked for tag=200, trunks=10, trunks=20' in differs.err, differs
    assert run_netnsctl(*(other + ['--replace', '--no-check'])).status == 0
    assert (ovs.port(port, 'tag'), ovs.port(port, 'trunks')) == ('200', '[10, 20]')
    assert ovs.port(port, 'vlan_mode') == 'native-untagged'
    assert not pings(a, '10.1.1.1')
    assert 'items      tag=200 trunks=10 trunks=20' in run_netnsctl('show', name).out
    assert run_netnsctl('unwire', a, anchor).out == 'unwired %s\n' % name
    assert run_netnsctl('unwire', '--all').status == 0
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_its_near_end_may_have_a_name(run_netnsctl, netns, ovs):
    a, before = netns(), own_state()
    near = 'nwp%d' % os.getpid()
    result = run_netnsctl('wire', '--name', 'w', a, 'ovs://%s:%s=trunks=0,10' % (ovs.bridge, near))
    assert result.status == 0, result
    assert ovs.ports(ovs.bridge) == [near] and ovs.port(near, 'trunks') == '[0, 10]'
    assert ovs.port(near, 'vlan_mode') == '[]'
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_vlans_are_kept_apart_and_a_trunk_has_them_tagged(run_netnsctl, netns, ovs):
    """The trunk's own VLAN is read off what it sends: its tag is that of the packets without one."""
    a, b, c = netns(), netns(), netns()
    wires = ''.join('%s:e=10.1.1.%d/24 ovs://%s=%s\n' % (ns, at, ovs.bridge, items) for at, (ns, items) in enumerate(
        [(a, 'tag=100'), (b, 'tag=200'), (c, 'tag=100,trunks=200')], 1))
    result = run_netnsctl('wire', '-f', '-', feed=wires)
    assert result.status == 0, result
    assert pings(a, '10.1.1.3') and pings(c, '10.1.1.1')
    assert not pings(a, '10.1.1.2') and not pings(c, '10.1.1.2')
    assert run_netnsctl('unwire', '--all').status == 0
    assert not ovs.ports(ovs.bridge)


def test_a_dry_run_prints_what_makes_it(run_netnsctl, netns, ovs):
    a, before = netns(), own_state()
    words = ['wire', '--name', "w", a + ':e=10.1.1.2/24', 'ovs://%s=tag=7' % ovs.bridge]
    told = run_netnsctl('wire', '--dry-run', *words[1:])
    assert told.status == 0 and not ovs.ports(ovs.bridge)
    assert_untouched(before)
    process.must(['sh', '-euc', told.out])
    port, = ovs.ports(ovs.bridge)
    assert ovs.port(port, 'tag') == '7' and ovs.port(port, 'external_ids') == '{netnsctl-wire=w}'
    assert addresses(a, 'e') == ['10.1.1.2/24']
    vsctl('del-port', ovs.bridge, port)
    process.must(['ip', 'link', 'del', 'dev', port])


def test_what_became_of_its_port_is_told_by_ls_and_check(run_netnsctl, netns, ovs):
    a = netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24', 'ovs://%s=tag=7' % ovs.bridge).status == 0
    port, = ovs.ports(ovs.bridge)
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole'] and run_netnsctl('check', 'w').status == 0
    vsctl('set', 'Port', port, 'tag=8')
    assert 'its port has tag=8, not tag=7' in run_netnsctl('show', 'w').out
    checked = run_netnsctl('check', 'w')
    assert checked.status == 5 and 'its port has tag=8, not tag=7' in checked.out, checked
    vsctl('del-port', ovs.bridge, port)
    assert 'is not a port of the bridge %s any more' % ovs.bridge in run_netnsctl('show', 'w').out
    assert run_netnsctl('check', 'w').status == 5
    again = run_netnsctl('wire', '--name', 'w', '--replace', a + ':e=10.1.1.2/24', 'ovs://%s=tag=7' % ovs.bridge)
    assert again.status == 0 and ovs.ports(ovs.bridge) == [port], again
    process.must(['ip', 'link', 'set', 'dev', port, 'down'])
    checked = run_netnsctl('check', 'w')
    assert checked.status == 5 and 'ovs://%s: link %s is down' % (ovs.bridge, port) in checked.out, checked
    assert run_netnsctl('unwire', 'w').status == 0
    assert not ovs.ports(ovs.bridge)


def test_a_port_that_is_somebody_elses_is_refused_and_stays(run_netnsctl, netns, ovs):
    a, near, before = netns(), 'nwp%d' % os.getpid(), own_state()
    vsctl('add-port', ovs.bridge, near, '--', 'set', 'Interface', near, 'type=internal')
    try:
        result = run_netnsctl('wire', a, 'ovs://%s:%s' % (ovs.bridge, near))
        assert result.status == 4, result
        assert "has a port %s already, which is not netnsctl's" % near in result.err
        assert ovs.ports(ovs.bridge) == [near]
    finally:
        vsctl('del-port', ovs.bridge, near)
    assert_untouched(before)


def test_a_port_that_a_wire_left_before_a_reboot_gives_way(run_netnsctl, netns, ovs):
    """Its row is there, on another bridge even, but neither its link nor the record of its wire."""
    a, other, before = netns(), ovs.bridge + 'x', own_state()
    near = 'nwp%d' % os.getpid()
    ovs.add_bridge(other)
    try:
        vsctl('--no-wait', 'add-port', other, near, 'tag=9', 'external_ids:netnsctl-wire="old"')
        result = run_netnsctl('wire', '--name', 'w', a, 'ovs://%s:%s=tag=7' % (ovs.bridge, near))
        assert result.status == 0, result
        assert not ovs.ports(other) and ovs.ports(ovs.bridge) == [near] and ovs.port(near, 'tag') == '7'
        assert run_netnsctl('unwire', 'w').status == 0
        vsctl('--no-wait', 'add-port', other, near, 'external_ids:netnsctl-wire="old"')
        vsctl('--no-wait', 'add-port', other, near + 'k')
        assert run_netnsctl('up').status == 0
        assert ovs.ports(other) == [near + 'k']
    finally:
        ovs.delete_bridge(other)
    assert_untouched(before)


@pytest.mark.parametrize('when', range(1, 12, 2))
def test_a_run_that_was_killed_is_rolled_back_or_stands(run_netnsctl, netns, ovs, when):
    inject.available()
    a, before = netns(), own_state()
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'w', a + ':e=10.1.1.2/24', 'ovs://' + ovs.bridge]
    process.run(['strace', '-qq', '-o', os.devnull, '-e', 'trace=sendto,vfork,clone,rename',
                 '-e', 'inject=sendto,vfork,clone,rename:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_a_container_that_is_gone_leaves_no_port_behind(run_netnsctl, netns, ovs):
    a, before = netns(), own_state()
    words = ['wire', '--name', 'w', a + ':e=10.1.1.2/24', 'ovs://' + ovs.bridge]
    assert run_netnsctl(*words).status == 0
    process.must(['ip', 'netns', 'delete', a])
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'lost']
    assert len(ovs.ports(ovs.bridge)) == 1  # the link is gone, and its row is there
    process.must(['ip', 'netns', 'add', a])
    assert run_netnsctl(*words).status == 0
    assert len(ovs.ports(ovs.bridge)) == 1 and list(links(a)) == ['e']
    process.must(['ip', 'netns', 'delete', a])
    assert run_netnsctl('unwire', 'w').status == 0
    assert not ovs.ports(ovs.bridge)
    process.must(['ip', 'netns', 'add', a])
    assert_untouched(before)


def test_bad_input_is_one_line_and_changes_nothing(run_netnsctl, netns, ovs):
    a, linux, before = netns(), 'nwl%d' % os.getpid(), own_state()
    process.must(['ip', 'link', 'add', 'name', linux, 'type', 'bridge'])
    try:
        for anchor, status, words in (
                ('ovs://nwnone', 3, 'Open vSwitch has no bridge nwnone'),
                ('ovs://' + linux, 4, '%s is a Linux bridge, not one of Open vSwitch' % linux),
                ('ovs://%s=tag=0' % ovs.bridge, 2, '0 is not the ID of a VLAN (1 to 4094)'),
                ('ovs://%s=tag=4095' % ovs.bridge, 2, '4095 is not the ID of a VLAN'),
                ('ovs://%s=trunks=1,5000' % ovs.bridge, 2, '5000 is not the ID of a VLAN (0 to 4094)'),
                ('ovs://%s=trunks=1,1' % ovs.bridge, 2, 'trunks=1 is given twice'),
                ('ovs://%s=tag=1,2' % ovs.bridge, 2, '2 is not an item of ovs://%s' % ovs.bridge),
                ('ovs://%s=10.1.1.1/24' % ovs.bridge, 2, 'is not an item of ovs://'),
                ('ovs://%s,tag=1' % ovs.bridge, 2, 'Did you mean ovs://%s=tag=1?' % ovs.bridge),
                ('ovs://--', 2, 'must not begin with "-"')):
            result = run_netnsctl('wire', a, anchor)
            assert (result.status, result.out) == (status, '') and words in result.err, result
    finally:
        process.must(['ip', 'link', 'del', 'dev', linux])
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_without_a_daemon_the_wire_is_refused_within_the_limit(run_netnsctl, netns, ovs):
    a, before = netns(), own_state()
    ovs.stop_daemon()
    result = run_netnsctl('wire', a, 'ovs://' + ovs.bridge)
    assert result.status == 1 and 'ovs-vsctl did not finish within 5 s' in result.err, result
    assert not ovs.ports(ovs.bridge)
    assert 'ovs-vswitchd is behind it' in run_netnsctl('doctor', 'ovs').out
    ovs.start_daemon()
    assert_untouched(before)
    assert 'Open vSwitch answers, with 1 bridge' in run_netnsctl('doctor', 'ovs').out


def test_a_larger_mtu_is_that_of_both_ends_and_a_smaller_one_is_told(run_netnsctl, netns, ovs):
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24,mtu=9000', 'ovs://%s' % ovs.bridge).status == 0
    port, = ovs.ports(ovs.bridge)
    with open('/sys/class/net/%s/mtu' % port) as source:
        assert source.read() == '9000\n'
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('unwire', 'w').status == 0
    told = run_netnsctl('wire', b + ':e=10.1.1.3/24,mtu=1400', 'ovs://%s' % ovs.bridge)
    assert told.status == 0 and 'a port with mtu 1400 lowers the mtu of the bridge' in told.err, told
    assert run_netnsctl('unwire', '--all').status == 0


def test_a_port_that_lost_its_mark_is_told_with_what_mends_it(run_netnsctl, netns, ovs):
    a = netns()
    assert run_netnsctl('wire', '--name', 'w', a, 'ovs://%s' % ovs.bridge).status == 0
    port, = ovs.ports(ovs.bridge)
    vsctl('clear', 'Port', port, 'external_ids')
    assert run_netnsctl('ls').out.split()[1] == 'altered'
    lines = run_netnsctl('check', 'w').out.splitlines()
    at, = [at for at, line in enumerate(lines) if 'its port no longer says which wire it is of' in line]
    process.must(['sh', '-ec', lines[at + 1]])
    assert run_netnsctl('ls').out.split()[1] == 'whole'
    assert run_netnsctl('unwire', 'w').status == 0 and not ovs.ports(ovs.bridge)


def test_a_port_without_its_mark_stays_and_unwire_says_so(run_netnsctl, netns, ovs):
    a = netns()
    for mark, said in (('clear Port %s external_ids', 'no longer says that it is of the wire w'),
                       ('set Port %s external_ids:netnsctl-wire=\'"x"\'', 'says that it is of the wire x')):
        assert run_netnsctl('wire', '--name', 'w', a, 'ovs://%s' % ovs.bridge).status == 0
        port, = ovs.ports(ovs.bridge)
        process.must(['sh', '-ec', 'ovs-vsctl --timeout=20 ' + mark % port])
        gone = run_netnsctl('unwire', 'w')
        assert gone.status == 0 and said in gone.err, gone
        assert ovs.ports(ovs.bridge) == [port]
        process.must(['sh', '-ec', gone.err.partition('To remove it: ')[2]])
        assert not ovs.ports(ovs.bridge)


def test_an_address_that_somebody_on_the_bridge_has_is_refused(run_netnsctl, netns, ovs):
    """By the bridge's own port, which is in no VLAN: what is in one cannot be asked from there."""
    a, b, stranger, near = netns(), netns(), netns(), 'nwq%d' % os.getpid()
    process.must(['sh', '-ec', 'ip link set {0} up; ip link add {1} type veth peer name e netns {2}; '
                  'ip link set {1} up; ip -n {2} address add 10.1.1.9/24 dev e; ip -n {2} link set e up; '
                  'ovs-vsctl --timeout=20 add-port {0} {1}'.format(ovs.bridge, near, stranger)])
    try:
        anchor = 'ovs://' + ovs.bridge
        assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24,gw=10.1.1.9', anchor).status == 0
        taken = run_netnsctl('wire', b + ':e=10.1.1.9/24', anchor)
        assert (taken.status, 'the address 10.1.1.9 is in use: ' in taken.err, 'on %s answers for it' % ovs.bridge
                in taken.err) == (4, True, True), taken
        both = run_netnsctl('wire', '-f', '-', feed='{0}:e=10.1.1.9/24 {1}\n{0}:f=10.1.1.8/24 {1}\n'.format(
            b, anchor))
        assert (both.status, both.out.count('wired ')) == (4, 1), both
        assert run_netnsctl('wire', b + ':g=10.1.1.9/24', anchor + '=tag=7').status == 0
        assert run_netnsctl('wire', '--no-check', '--force', b + ':h=10.1.1.9/24', anchor).status == 0
        # A container that answers for more than its own keeps nobody from being wired.
        process.must(['ip', '-n', a, 'address', 'add', '10.1.1.7/24', 'dev', 'e'])
        made = run_netnsctl('wire', '--no-check', b + ':i=10.1.1.7/24', anchor)
        assert made.status == 0 and 'the wire w answers for 10.1.1.7 too' in made.err, made
    finally:
        run_netnsctl('unwire', '--all')
        process.must(['sh', '-ec', 'ovs-vsctl --timeout=20 del-port %s %s; ip link del %s' % (ovs.bridge, near, near)])
