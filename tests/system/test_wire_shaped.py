"""Ends that are shaped: rate= and burst=, with the queue tbf. netem is in tests/uml/inside/test_netem.py."""
from __future__ import absolute_import, division, print_function

import json
import re

import pytest

from support import process
from support.inside import enter
from support.tree import tree_of
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


def queue(ns, dev):
    """What tc says of the queue of a link: 'tbf 1: root refcnt 3 rate 10Mbit burst 31250b lat 50ms'."""
    return process.must(enter(ns) + ['tc', 'qdisc', 'show', 'dev', dev]).replace('qdisc ', '').strip()


def shaped(ns, dev):
    """(rate, burst) as tc prints them, or None if tbf does not shape the link."""
    found = re.search(r'^tbf .* rate (\S+) burst (\S+)', queue(ns, dev), re.MULTILINE)
    return found and found.groups()


def test_both_ways_are_shaped_known_again_changed_and_removed(run_netnsctl, netns, backend):
    a, b, before = netns('a'), netns('b'), own_state()
    words = ['wire', backend, '--name', 'w', a + ':A=10.1.1.1/32,rate=10mbit',
             b + ':B=10.1.1.2/32,rate=2mbit,burst=16kb']
    result = run_netnsctl(*words)
    assert (result.status, result.err) == (0, '')
    assert shaped(a, 'A') == ('10Mbit', '31250b') and shaped(b, 'B') == ('2Mbit', '16Kb')
    assert run_netnsctl(*words).out.startswith('already wired: w')
    other = [word.replace('rate=10mbit', 'rate=10000kbit') for word in words]
    assert run_netnsctl(*other).out.startswith('already wired: w')
    other = [word.replace('rate=10mbit', 'rate=5mbit') for word in words]
    differs = run_netnsctl(*other)
    assert differs.status == 4 and 'shaping rate=10mbit, asked for rate=5mbit' in differs.err
    assert 'netnsctl shape changes how it is shaped while it stays up.' in differs.err
    assert shaped(a, 'A') == ('10Mbit', '31250b')
    assert run_netnsctl(*(other + ['--replace'])).status == 0
    assert shaped(a, 'A') == ('5Mbit', '15625b')
    assert run_netnsctl('ls').out == ('w  whole  netns://%s:A 10.1.1.1/32,rate=5mbit  '
                                      'netns://%s:B 10.1.1.2/32,rate=2mbit,burst=16kb\n' % (a, b))
    assert '    shaping    rate=2mbit burst=16kb\n' in run_netnsctl('show', 'w').out
    ends = json.loads(run_netnsctl('show', 'w', '--json').out)['ends']
    assert [end['shaping'] for end in ends] == [{'rate': '5mbit'}, {'rate': '2mbit', 'burst': '16kb'}]
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_both_backends_make_the_same_queue(run_netnsctl, netns):
    a, found = netns(), []
    for backend in BACKENDS:
        words = ('wire', '--backend', backend, a + ':A=10.1.1.1/32,rate=1234567,burst=20kb', 'host')
        assert run_netnsctl(*words).status == 0
        found.append(queue(a, 'A'))
        assert run_netnsctl('unwire', '--all').status == 0
    assert found[0] == found[1] and 'tbf' in found[0]


def test_what_became_of_the_queue_is_told(run_netnsctl, netns, backend):
    a, b = netns(), netns()
    words = ['wire', backend, '--name', 'w', a + ':A=10.1.1.1/32,rate=10mbit', b + ':B=10.1.1.2/32,rate=2mbit']
    assert run_netnsctl(*words).status == 0
    process.must(enter(a) + 'tc qdisc change dev A root tbf rate 5mbit burst 31250 limit 93750'.split())
    process.must(enter(b) + 'tc qdisc del dev B root'.split())
    shown = run_netnsctl('show', 'w')
    assert shown.out.splitlines()[:3] == [
        'w: altered', '  netns://%s:A: has the rate 5mbit, not 10mbit' % a,
        '  netns://%s:B: is not shaped as asked for: its queue (tbf) is gone' % b]
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'altered']
    checked = run_netnsctl('check', 'w')
    assert checked.status == 5 and 'has the rate 5mbit, not 10mbit' in checked.out
    differs = run_netnsctl(*words)
    assert differs.status == 4 and 'is altered' in differs.err
    assert run_netnsctl(*(words + ['--replace'])).status == 0
    assert run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_dry_run_pastes(run_netnsctl, netns):
    a, b = netns(), netns()
    words = ['wire', '--name', 'w', a + ':A=10.1.1.1/32,rate=10mbit', b + ':B=10.1.1.2/32,rate=2mbit']
    result = run_netnsctl(*(words + ['--dry-run']))
    assert result.status == 0
    assert result.out.splitlines()[-2:] == [
        'tc -n %s qdisc replace dev A root handle 1: tbf rate 10mbit burst 31250b limit 93750b' % a,
        'tc -n %s qdisc replace dev B root handle 1: tbf rate 2mbit burst 6250b limit 18750b' % b]
    process.must(['sh', '-ec', result.out])
    assert shaped(a, 'A') == ('10Mbit', '31250b') and shaped(b, 'B') == ('2Mbit', '6250b')


def test_an_end_at_a_bridge_shapes_what_goes_to_the_container(run_netnsctl, netns, backend):
    a, before = netns(), own_state()
    assert run_netnsctl('wire', backend, a + ':A=10.1.1.2/24,rate=1mbit', 'bridge://nwshbr:nwshp=10.1.1.1/24,rate=3mbit'
                        ).status == 0
    assert shaped(a, 'A')[0] == '1Mbit' and shaped(None, 'nwshp')[0] == '3Mbit' and shaped(None, 'nwshbr') is None
    assert run_netnsctl('unwire', '--all').status == 0
    assert_untouched(before)


def test_a_large_mtu_has_a_larger_burst(run_netnsctl, netns):
    a = netns()
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32,rate=1mbit,mtu=9000', 'host')
    assert result.status == 0 and shaped(a, 'A') == ('1Mbit', '18028b')
    assert run_netnsctl('unwire', '--all').status == 0
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32,rate=1mbit,burst=4kb,mtu=9000', 'host')
    assert result.status == 2 and 'burst=4kb: smaller than a packet' in result.err


@pytest.mark.parametrize('item,why', [
    ('burst=16kb', 'burst= needs rate='), ('rate=fast', 'rate=fast: not a number with a unit that tc knows'),
    ('rate=1mbit,rate=2mbit', 'rate= is given twice'), ('loss=200%', 'loss=200%: more than 100%'),
    ('rate=10mbit,burst=1kb', 'burst=1kb: too small'), ('delay=$(id)', 'delay=$(id): not a number'),
])
def test_bad_items_are_refused_before_anything_is_touched(run_netnsctl, netns, item, why):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', '%s:A=10.1.1.1/32,%s' % (a, item), 'host')
    assert result.status == 2 and why in result.err, result
    assert_untouched(before)


def test_a_kernel_without_netem_changes_nothing(run_netnsctl, netns, backend):
    a, aside = netns(), netns()
    if process.run(enter(aside) + 'tc qdisc add dev lo root netem delay 1ms'.split()).status == 0:
        pytest.skip('this kernel has netem')
    before = own_state()
    result = run_netnsctl('wire', backend, a + ':A=10.1.1.1/32,rate=1mbit,delay=10ms', 'host')
    assert (result.status, result.out) == (1, '')
    assert result.err == ('netnsctl: shape what leaves A in netns://%s by netem: this kernel has no netem\n'
                          '  Its module is sch_netem: modprobe sch_netem\n'
                          '  On EL8 and later it is in a package of its own: dnf install kernel-modules-extra\n' % a)
    assert_untouched(before)


def test_the_tree_says_it_and_brings_it_back(host):
    host.sh('ip netns add a; ip netns add b')
    words = ('--no-check', '--name', 'w', '--save', 'a:A=10.1.1.2/24,rate=10mbit',
             'bridge://br0:port=10.1.1.1/24,rate=3mbit,burst=16kb')
    assert host('wire', *words).status == 0
    files = tree_of(host)
    assert 'RATE=10mbit\n' in files['a/ifcfg-A'] and 'RATE=3mbit\nBURST=16kb\n' in files['host/ifcfg-port']
    assert host('config', 'check').status == 0
    assert host('down').status == 0 and host('up').status == 0
    assert 'rate 3Mbit burst 16Kb' in host.sh('tc qdisc show dev port')
    assert 'rate 10Mbit' in host.sh('tc -n a qdisc show dev A')
    assert host('config', 'check').status == 0
    host.sh('sed -i s/RATE=10mbit/RATE=20000kbps/ /etc/sysconfig/netns/a/ifcfg-A')
    differs = host('config', 'check')
    assert differs.status == 1 and 'ifcfg-A:' in differs.out + differs.err
    assert 'shaping: rate=10mbit, but the tree says rate=160mbit' in differs.out + differs.err
    assert host('up').status == 0 and 'rate 160Mbit' in host.sh('tc -n a qdisc show dev A')
    host.sh('tc -n a qdisc del dev A root')
    assert host('config', 'check').status == 1
    assert host('up').status == 0 and 'rate 160Mbit' in host.sh('tc -n a qdisc show dev A')


def test_a_file_of_wires_and_the_tree_have_it_too(host):
    host.sh('ip netns add a; ip netns add b')
    lines = 'a:A=10.1.1.1/24,rate=10mbit b:B=10.1.1.2/24 --name w1\na:C=10.2.1.1/24 b:D=10.2.1.2/24,rate=1mbit\n'
    assert host('wire', '--no-check', '-f', '-', feed=lines).status == 0
    assert 'rate 10Mbit' in host.sh('tc -n a qdisc show dev A') and 'rate 1Mbit' in host.sh('tc -n b qdisc show dev D')
    assert host('config', 'save', '--all').status == 0 and 'RATE=1mbit\n' in tree_of(host)['b/ifcfg-D']
    rendered = host('config', 'render', 'a:E=10.3.1.1/24,rate=3000kbit,delay=10ms,loss=1%', 'b:F=10.3.1.2/24')
    assert rendered.status == 0 and 'RATE=3mbit\n' in rendered.out and 'LOSS=1%\n' in rendered.out
    assert host('config', 'check').status == 0
    host.sh('echo DELAY=15 >>/etc/sysconfig/netns/b/ifcfg-B')
    found = host('config', 'check')
    assert found.status == 0 and 'DELAY has no effect here: without a unit it is' in found.out + found.err
    host.sh('echo BURST=8kb >>/etc/sysconfig/netns/b/ifcfg-B')
    found = host('config', 'check')
    assert found.status == 2 and 'ifcfg-B:' in found.err + found.out and 'burst= needs rate=' in found.err + found.out
