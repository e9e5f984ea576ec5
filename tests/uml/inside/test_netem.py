"""Ends with delay=, jitter= and loss=, by the queue netem, alone and within tbf; and a NIC itself that is shaped."""
from __future__ import absolute_import, division, print_function

import json
import re

import pytest

from support import process
from support.inside import enter
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


def queues(ns, dev):
    """What tc says of the queues of a link: list of text."""
    return process.must(enter(ns) + ['tc', 'qdisc', 'show', 'dev', dev]).splitlines()


def round_trip(ns, address):
    """Milliseconds of the quickest of three echoes."""
    out = process.must(enter(ns) + ['busybox', 'ping', '-c', '3', '-W', '5', address])
    return min(float(found) for found in re.findall(r'time=([0-9.]+)', out))


def test_a_delayed_end_is_made_known_again_changed_and_removed(run_netnsctl, netns, backend):
    a, b, before = netns(), netns(), own_state()
    words = ['wire', backend, '--name', 'w', a + ':A=10.1.1.1/32,rate=10mbit,delay=30ms,jitter=2ms,loss=0.1%',
             b + ':B=10.1.1.2/32,delay=20ms']
    result = run_netnsctl(*words)
    assert result.status == 0 and 'checked' in result.out, result
    tbf, netem = queues(a, 'A')
    assert tbf.startswith('qdisc tbf 1: root') and 'rate 10Mbit burst 31250b' in tbf
    assert netem.startswith('qdisc netem 11: parent 1:1 limit ') and 'delay 30ms  2ms loss 0.1%' in netem
    assert [line.split(' limit')[0] for line in queues(b, 'B')] == ['qdisc netem 1: root refcnt 2']
    assert round_trip(a, '10.1.1.2') >= 48
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('check', 'w').status == 0
    ends = json.loads(run_netnsctl('show', 'w', '--json').out)['ends']
    assert ends[0]['shaping'] == {'rate': '10mbit', 'delay': '30ms', 'jitter': '2ms', 'loss': '0.1%'}
    process.must(enter(b) + 'tc qdisc change dev B root netem delay 10ms loss 5%'.split())
    shown = run_netnsctl('show', 'w').out
    assert 'has the delay 10ms, not 20ms' in shown and 'has the loss 5%, not none' in shown
    assert run_netnsctl('shape', 'w', b, 'delay=20ms').status == 0
    assert run_netnsctl('shape', 'w', a, 'loss=none', 'rate=none', 'jitter=none').status == 0
    assert [line.split(' limit')[0] for line in queues(a, 'A')] == ['qdisc netem 2: root refcnt 2']
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('shape', 'w', a, 'rate=5mbit').status == 0
    assert [line.split()[1] for line in queues(a, 'A')] == ['tbf', 'netem']
    assert run_netnsctl('shape', 'w', a, 'delay=none').status == 0
    assert [line.split()[1] for line in queues(a, 'A')] == ['tbf'] and round_trip(a, '10.1.1.2') < 45
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


@pytest.mark.thorough
def test_a_loss_of_everything_is_named_by_the_check(run_netnsctl, netns):
    a, b = netns(), netns()
    result = run_netnsctl('wire', '--name', 'w', a + ':A=10.1.1.1/32,loss=100%', b + ':B=10.1.1.2/32')
    assert result.status == 5 and 'netns://%s:A: loses 100%% of its packets, as it was asked to' % a in result.err
    assert run_netnsctl('unwire', 'w').status == 0


@pytest.mark.thorough
@pytest.mark.parametrize('target,backend', [('macvlan://%s', 'iproute'), ('vlan://%s/7', 'netlink'),
                                            ('ipvlan://%s', 'netlink'), ('phys://%s', 'iproute')])
def test_an_only_end_is_shaped(run_netnsctl, netns, up, backend, target):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', '--backend', backend, '--no-check', '--name', 'w',
                          a + ':v=10.1.1.2/24,rate=2mbit,delay=5ms', target % up[0])
    assert result.status == 0, result
    assert [line.split()[1] for line in queues(a, 'v')] == ['tbf', 'netem']
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('shape', 'w', a, 'none').status == 0
    assert 'tbf' not in ''.join(queues(a, 'v')) and run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('shape', 'w', 'v', 'rate=3mbit').status == 0 and 'rate 3Mbit' in queues(a, 'v')[0]
    assert run_netnsctl('shape', 'w', target % up[0], 'rate=3mbit').status == 2
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_the_doctor_finds_both_queues(run_netnsctl):
    finding, = json.loads(run_netnsctl('doctor', '--json', 'shaping').out)['findings']
    assert (finding['status'], finding['text']) == ('ok', 'what leaves a link can be limited (tbf) and delayed (netem)')
