"""A container that is shaped and does not want to be: it can take the queue off its own end, and nothing more."""
from __future__ import absolute_import, division, print_function

import time

import pytest

from support import process
from support.inside import enter
from support.untouched import assert_untouched, own_state


@pytest.fixture
def wired(run_netnsctl, netns):
    """The namespace of an end that is shaped, by a wire w to a bridge, whose port is shaped too."""
    a = netns('a')
    result = run_netnsctl('wire', '--name', 'w', a + ':A=10.1.1.2/24,rate=2mbit',
                          'bridge://nwhsbr:nwhsp=10.1.1.1/24,rate=3mbit')
    assert result.status == 0, result
    yield a
    run_netnsctl('unwire', '--if-exists', 'w')


def inside(ns, script):
    process.must(enter(ns) + ['sh', '-ec', script])


def shaped(ns, dev):
    return process.must(enter(ns) + ['tc', 'qdisc', 'show', 'dev', dev])


@pytest.mark.parametrize('script', [
    'tc qdisc del dev A root', 'tc qdisc replace dev A root handle 3: pfifo limit 9',
    'tc qdisc replace dev A root handle 2: htb', 'tc qdisc change dev A root tbf rate 1gbit burst 1m limit 2m',
    'tc qdisc replace dev A parent 1:1 handle 11: pfifo limit 100000',
    'tc qdisc replace dev A root handle 7: htb; tc class add dev A parent 7: classid 7:1 htb rate 1gbit; '
    'tc qdisc add dev A parent 7:1 handle 2: tbf rate 9mbit burst 9k limit 9k',
])
def test_what_it_does_to_its_queue_is_told_and_put_right_and_the_hosts_stays(run_netnsctl, wired, script):
    before = shaped(None, 'nwhsp')
    inside(wired, script)
    assert shaped(None, 'nwhsp') == before and 'rate 3Mbit' in before
    state = run_netnsctl('ls').out.split()[1]
    assert state == ('whole' if 'parent 1:1' in script else 'altered')
    assert run_netnsctl('shape', 'w', wired, 'rate=2mbit').status == 0
    assert 'rate 2Mbit' in shaped(wired, 'A').splitlines()[0]
    assert run_netnsctl('ls').out.split()[1] == 'whole'


def test_a_link_that_stands_in_for_it_is_not_shaped(run_netnsctl, wired):
    inside(wired, 'ip link set dev A name B; ip link add A type veth peer name x')
    result = run_netnsctl('shape', 'w', wired, 'rate=9mbit')
    assert result.status == 4 and 'was renamed to B' in result.err
    assert 'tbf' not in shaped(wired, 'A') and 'rate 2Mbit' in shaped(wired, 'B')


def test_thousands_of_queues_of_its_own_hold_nobody_up(run_netnsctl, wired):
    batch = ''.join('class add dev B parent 1: classid 1:%x htb rate 1mbit\nqdisc add dev B parent 1:%x handle %x: '
                    'pfifo\n' % (number, number, number) for number in range(2, 2002))
    inside(wired, 'ip link add B type veth peer name x; tc qdisc add dev B root handle 1: htb')
    process.must(enter(wired) + ['tc', '-batch', '-'], feed=batch.encode('ascii'))
    start = time.time()
    assert run_netnsctl('ls').out.split()[1] == 'whole'
    assert run_netnsctl('shape', 'w', wired, 'rate=1mbit').status == 0
    assert time.time() - start < 60
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_wire_whose_queues_are_gone_goes_without_a_trace(run_netnsctl, netns):
    a, before = netns(), own_state()
    assert run_netnsctl('wire', '--name', 'w', a + ':A=10.1.1.2/24,rate=2mbit', 'host:nwhs=10.1.1.1/24,rate=1mbit'
                        ).status == 0
    inside(a, 'tc qdisc del dev A root; ip link set dev A down')
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)
