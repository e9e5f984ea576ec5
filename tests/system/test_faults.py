"""What goes wrong on the way: kills, signals, ends that die, many at once: all or nothing.

tests/faults tries each point of a run; here is what takes a course of its own. NETNSCTL_TEST_EVERY=1: more rounds.
"""

from __future__ import absolute_import, division, print_function

import fcntl
import os
import signal
import subprocess
import time

import pytest

from support import inject, process
from support.engine import http
from support.inside import addresses, links
from support.untouched import assert_untouched, own_state

EVERY = bool(os.environ.get('NETNSCTL_TEST_EVERY'))


@pytest.fixture
def strace():
    inject.available()


def litter():
    """Temporary files of ours in the state folder."""
    return [line.split()[0] for line in own_state()['state'] if '.tmp ' in line]


# 1. killed anywhere


def test_the_temporary_file_of_a_killed_run_goes_with_the_next_command(run_netnsctl, pair, strace):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + list(pair)
    assert inject.inject(run_netnsctl, 'rename', 'signal=KILL', 1, words).status == -9
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    left = litter()
    for path in left:
        os.unlink(path)
    assert left == []
    assert_untouched(before)


# 2. signals


def test_a_signal_while_an_engine_is_asked(run_netnsctl, pair, strace, engine):
    before = own_state()
    server = engine(lambda request: http('404 Not Found', '{"message": "no"}'))
    for syscall in ('sendto', 'connect'):
        result = inject.inject(run_netnsctl, syscall, 'signal=TERM', 1, ['wire'] + list(pair), environ=server.environ)
        run_netnsctl('unwire', '--if-exists', *pair)
        assert result.status == 143 and 'Traceback' not in result.err, result
        assert_untouched(before)


def test_a_signal_while_an_earlier_run_is_rolled_back(run_netnsctl, pair, strace):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + ['netns://' + name for name in pair]
    total = inject.count(run_netnsctl, 'sendto', words)
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    assert inject.inject(run_netnsctl, 'sendto', 'signal=KILL', total - 1, words).status == -9
    results = inject.inject(run_netnsctl, 'sendto', 'signal=TERM', 2, ['unwire', '--if-exists', 'nt-nothing'],
                            only_netnsctl=True)
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    for path in litter():
        os.unlink(path)
    assert_untouched(before)
    assert results.status == 143, results


@pytest.mark.parametrize('syscall', ['rename', 'unlink'])
def test_a_signal_during_the_commit_leaves_a_wire_or_none(run_netnsctl, pair, strace, syscall):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + list(pair)
    total = inject.count(run_netnsctl, syscall, words)
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    result = inject.inject(run_netnsctl, syscall, 'signal=TERM', total, words, only_netnsctl=True)
    listed = [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if pair[0] in line]
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    assert_untouched(before)
    assert (result.status, listed) in ((143, []), (0, ['whole'])), (result, listed)


@pytest.mark.parametrize('at', [1, 2])
def test_an_unwire_that_was_begun_when_a_signal_comes_is_carried_to_its_end(run_netnsctl, pair, strace, at):
    before = own_state()
    assert run_netnsctl('wire', '--no-check', '--backend', 'netlink', *pair).status == 0
    result = inject.inject(run_netnsctl, ('rename', 'unlink')[at - 1], 'signal=TERM', 1, ['unwire'] + list(pair),
                           only_netnsctl=True)
    assert_untouched(before)
    assert result.status == 143 and result.err.count('\n') == 1, result


def test_two_signals_are_one(run_netnsctl, pair):
    before = own_state()
    a, b = pair
    feed = ''.join('%s:x%d %s:x%d\n' % (a, number, b, number) for number in range(200))
    popen = run_netnsctl.start('wire', '-f', '-', '--atomic', '--no-check')
    popen.stdin.write(feed.encode())
    popen.stdin.close()
    popen.stdin = None
    deadline = time.time() + 20
    while len(links(a)) < 20 and time.time() < deadline:
        time.sleep(0.005)
    popen.send_signal(signal.SIGTERM)
    time.sleep(0.02)
    popen.send_signal(signal.SIGINT)
    out, err = popen.communicate()
    assert popen.returncode == 143 and b'Traceback' not in err, err
    for path in litter():
        os.unlink(path)
    assert_untouched(before)


# 3. an end dies between look-up and use


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_container_that_dies_after_its_lookup(run_netnsctl, docker, strace, backend):
    a, b = docker.run('a'), docker.run('b')
    before = own_state(docker.pid(a))
    # The second container's namespace is open once the lock is asked for; there strace holds the program up.
    popen = process.start(
        ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=flock', '-e', 'inject=flock:delay_enter=2500000:when=1']
        + run_netnsctl.argv('wire', '--backend', backend, 'docker://' + a, 'docker://' + b),
        run_netnsctl.environ(),
    )
    time.sleep(1)
    docker.stop(b)
    result = process.finish(popen)
    listed = [line for line in run_netnsctl('ls').out.splitlines() if a in line]
    run_netnsctl('unwire', 'docker://' + a, 'docker://' + b)
    assert_untouched(before)
    assert result.status in (1, 3) and b in result.err and listed == [], (result, listed)


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_named_namespace_that_is_deleted_after_its_lookup(run_netnsctl, pair, strace, backend):
    a, b = pair
    popen = process.start(
        ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=flock', '-e', 'inject=flock:delay_enter=1500000:when=1']
        + run_netnsctl.argv('wire', '--backend', backend, a, b),
        run_netnsctl.environ(),
    )
    time.sleep(0.7)
    before = own_state()
    process.must(['ip', 'netns', 'delete', b])
    result = process.finish(popen)
    process.must(['ip', 'netns', 'add', b])
    assert result.status in (1, 3) and b in result.err and result.out == '', result
    assert_untouched(before)
    assert run_netnsctl('wire', a, b).status == 0


# 9, 10, 11. many at once


def test_twenty_identical_wires_at_once_are_one(run_netnsctl, pair):
    before = own_state()
    started = [run_netnsctl.start('wire', *(pair if number % 2 else pair[::-1])) for number in range(20)]
    results = [run_netnsctl.finish(popen) for popen in started]
    assert [result.status for result in results] == [0] * 20, results
    words = sorted(result.out.split()[0] for result in results)
    assert words == ['already'] * 19 + ['wired'], words
    assert (len(links(pair[0])), len(links(pair[1]))) == (1, 1)
    assert run_netnsctl('unwire', '--if-exists', *pair).status == 0
    assert_untouched(before)


def test_wire_and_unwire_race_to_a_whole_wire_or_none(run_netnsctl, pair):
    before = own_state()
    for turn in range(100 if EVERY else 8):
        started = [
            run_netnsctl.start('wire', '--no-check', '--backend', ('iproute', 'netlink')[turn % 2], *pair),
            run_netnsctl.start('unwire', '--if-exists', *pair),
            run_netnsctl.start('wire', '--no-check', *pair),
        ]
        results = [run_netnsctl.finish(popen) for popen in started]
        assert [result.status for result in results] == [0, 0, 0], (turn, results)
        listed = [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if pair[0] in line]
        assert listed in ([], ['whole']), (turn, listed)
        assert len(links(pair[0])) == len(links(pair[1])) == len(listed), turn
    run_netnsctl('unwire', '--if-exists', *pair)
    assert_untouched(before)


def test_different_wires_at_once_get_different_addresses(run_netnsctl, pair):
    started = [
        run_netnsctl.start('wire', '%s:p%d' % (pair[0], number), '%s:p%d' % (pair[1], number), '--pool', '10.61.0.0/24')
        for number in range(10)
    ]
    assert [run_netnsctl.finish(popen).status for popen in started] == [0] * 10
    found = [address for number in range(10) for address in addresses(pair[0], 'p%d' % number)]
    assert len(set(found)) == 10


def test_the_locks_holder_is_killed_and_the_next_run_proceeds(run_netnsctl, pair):
    assert run_netnsctl('unwire', '--if-exists', 'nt-nothing').status == 0
    holder = subprocess.Popen(
        ['flock', '/run/netnsctl/lock', 'sh', '-c', 'echo in; exec sleep 1000'],
        stdout=subprocess.PIPE,
        preexec_fn=os.setsid,
    )
    holder.stdout.readline()
    waiting = run_netnsctl.start('wire', *pair)
    time.sleep(0.7)
    still = waiting.poll()
    os.killpg(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    result = run_netnsctl.finish(waiting)
    assert still is None and result.status == 0, result


def test_looking_needs_no_lock(run_netnsctl, pair):
    assert run_netnsctl('wire', *pair).status == 0
    with open('/run/netnsctl/lock') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (('ls',), ('show', '%s-%s' % pair), ('check', '%s-%s' % pair)):
            assert run_netnsctl(*words, timeout=10).status == 0, words
