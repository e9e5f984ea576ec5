"""What goes wrong on the way: kills, signals, ends that die, helpers that hang, many at once: all or nothing.

NETNSCTL_TEST_EVERY=1 tries every point where a run can be killed, not a sample, and more rounds of the races.
"""

from __future__ import absolute_import, division, print_function

import fcntl
import json
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


def converge(run_netnsctl, a, b, before, at):
    """After a kill: the next command leaves nothing or a whole pair, and then the wire can be made and taken away."""
    following = run_netnsctl('unwire', 'nt-nothing')
    assert following.status == 0 and 'cannot' not in following.err, (at, following)
    listed = [line for line in run_netnsctl('ls').out.splitlines() if a in line]
    assert len(listed) <= 1 and [line for line in listed if line.split()[1] != 'whole'] == [], (at, listed)
    assert (len(links(a)), len(links(b))) == (len(listed), len(listed)), (at, listed)
    again = run_netnsctl('wire', '--no-check', a, b)
    assert again.status == 0 and again.out.startswith('already wired' if listed else 'wired'), (at, again)
    assert run_netnsctl('unwire', a, b).status == 0
    for path in litter():
        os.unlink(path)  # a test of its own holds that
    assert_untouched(before)


# 1. killed anywhere


@pytest.mark.parametrize(
    'backend, syscall',
    [
        ('netlink', 'sendto'),
        ('netlink', 'recvfrom'),
        ('netlink', 'rename'),
        ('netlink', 'unlink'),
        ('netlink', 'openat'),
        ('iproute', 'vfork,fork,clone,clone3'),
        ('iproute', 'rename'),
        ('iproute', 'unlink'),
        ('iproute', 'wait4'),
    ],
)
def test_wire_killed_anywhere(run_netnsctl, pair, strace, backend, syscall):
    before = own_state()
    words = ['wire', '--no-check', '--backend', backend] + list(pair)
    total = inject.count(run_netnsctl, syscall, words)
    assert run_netnsctl('unwire', *pair).status == 0
    killed = 0
    for at in reversed(inject.sample(total, 4)):
        result = inject.inject(run_netnsctl, syscall, 'signal=KILL', at, words, only_netnsctl=True)
        killed += result.status == -9
        converge(run_netnsctl, pair[0], pair[1], before, (syscall, at))
    assert killed


@pytest.mark.parametrize('by_pid', [False, True])
def test_the_helper_of_iproute_killed_anywhere(run_netnsctl, pair, strace, by_pid):
    before = own_state()
    a, b = pair
    ends = ['/run/netns/' + a, '/run/netns/' + b] if by_pid else [a, b]
    for at in range(1, 7):
        # The helpers send by sendmsg, netnsctl itself by sendto.
        result = inject.inject(run_netnsctl, 'sendmsg', 'signal=KILL', at, ['wire', '--backend', 'iproute'] + ends)
        assert result.status in (0, 1) and 'Traceback' not in result.err, (at, result)
        if result.status == 1:
            assert_untouched(before)
        else:
            assert run_netnsctl('unwire', *ends).status == 0
    assert_untouched(before)


@pytest.mark.parametrize('syscall', ['rename', 'sendto', 'unlink'])
def test_unwire_killed_anywhere(run_netnsctl, pair, strace, syscall):
    before = own_state()
    a, b = pair
    assert run_netnsctl('wire', '--no-check', '--backend', 'netlink', a, b).status == 0
    total = inject.count(run_netnsctl, syscall, ['unwire', a, b])
    for at in inject.sample(total, 3):
        assert run_netnsctl('wire', '--no-check', '--backend', 'netlink', a, b).status == 0
        result = inject.inject(run_netnsctl, syscall, 'signal=KILL', at, ['unwire', a, b], only_netnsctl=True)
        assert result.status == -9, result
        converge(run_netnsctl, a, b, before, (syscall, at))


@pytest.mark.parametrize('syscall', ['rename', 'sendto'])
def test_replace_killed_anywhere_leaves_the_old_wire_or_the_new(run_netnsctl, pair, strace, syscall):
    before = own_state()
    a, b = pair
    old = ['wire', '--no-check', '--backend', 'netlink', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24']
    new = ['wire', '--no-check', '--backend', 'netlink', '--replace', a + ':A=10.1.1.1/24', b + ':B=10.1.1.3/24']
    assert run_netnsctl(*old).status == 0
    total = inject.count(run_netnsctl, syscall, new)
    for at in inject.sample(total, 4):
        assert run_netnsctl(*(old + ['--replace'])).status == 0
        result = inject.inject(run_netnsctl, syscall, 'signal=KILL', at, new, only_netnsctl=True)
        assert result.status == -9, (at, result)
        assert run_netnsctl('unwire', 'nt-nothing').status == 0
        wires = [wire for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'] if wire['name'].startswith(a)]
        assert [wire['state'] for wire in wires] == ['whole'], (at, wires)
        assert addresses(b, 'B') == wires[0]['ends'][1]['addresses'], at
    assert run_netnsctl('unwire', a, b).status == 0
    for path in litter():
        os.unlink(path)
    assert_untouched(before)


def test_a_bridge_killed_anywhere(run_netnsctl, pair, strace):
    before = own_state()
    bridge = 'k%d' % os.getpid()
    words = ['wire', '--no-check', '--backend', 'netlink', pair[0], 'bridge://%s=10.244.0.1/24' % bridge]
    total = inject.count(run_netnsctl, 'sendto', words)
    assert run_netnsctl('unwire', pair[0], 'bridge://' + bridge).status == 0
    for at in inject.sample(total, 5):
        assert inject.inject(run_netnsctl, 'sendto', 'signal=KILL', at, words, only_netnsctl=True).status == -9
        assert run_netnsctl('unwire', 'nt-nothing').status == 0
        assert_untouched(before)


def test_the_temporary_file_of_a_killed_run_goes_with_the_next_command(run_netnsctl, pair, strace):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + list(pair)
    assert inject.inject(run_netnsctl, 'rename', 'signal=KILL', 1, words).status == -9
    assert run_netnsctl('unwire', *pair).status == 0
    left = litter()
    for path in left:
        os.unlink(path)
    assert left == []
    assert_untouched(before)


def test_a_lost_answer_is_no_lost_wire(run_netnsctl, pair, strace):
    """A request whose ack does not come is of unknown outcome; whatever is told, host and journal agree."""
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + list(pair)
    total = inject.count(run_netnsctl, 'recvfrom', words)
    assert run_netnsctl('unwire', *pair).status == 0
    for at in inject.sample(total, 5):
        result = inject.inject(run_netnsctl, 'recvfrom', 'error=ENOBUFS', at, words, only_netnsctl=True)
        assert 'Traceback' not in result.err and result.status in (0, 1, 3, 4), (at, result)
        converge(run_netnsctl, pair[0], pair[1], before, at)


# 2. signals


@pytest.mark.parametrize('word, status', [('TERM', 143), ('INT', 130), ('HUP', 129)])
@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_signal_rolls_back_and_gives_its_status(run_netnsctl, pair, strace, word, status, backend):
    before = own_state()
    words = ['wire', '--backend', backend] + ['netns://' + name for name in pair]
    total = inject.count(run_netnsctl, 'sendto', words)
    assert run_netnsctl('unwire', *pair).status == 0
    for at in inject.sample(total, 4):
        result = inject.inject(run_netnsctl, 'sendto', 'signal=' + word, at, words, only_netnsctl=True)
        assert result.status == status and 'Traceback' not in result.err and result.out == '', (at, result)
        assert len(result.err.splitlines()) <= 1, result
        assert_untouched(before)


def test_a_signal_while_an_engine_is_asked(run_netnsctl, pair, strace, engine):
    before = own_state()
    server = engine(lambda request: http('404 Not Found', '{"message": "no"}'))
    for syscall in ('sendto', 'connect'):
        result = inject.inject(run_netnsctl, syscall, 'signal=TERM', 1, ['wire'] + list(pair), environ=server.environ)
        run_netnsctl('unwire', *pair)
        assert result.status == 143 and 'Traceback' not in result.err, result
        assert_untouched(before)


def test_a_signal_while_an_earlier_run_is_rolled_back(run_netnsctl, pair, strace):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + ['netns://' + name for name in pair]
    total = inject.count(run_netnsctl, 'sendto', words)
    assert run_netnsctl('unwire', *pair).status == 0
    assert inject.inject(run_netnsctl, 'sendto', 'signal=KILL', total - 1, words).status == -9
    results = inject.inject(run_netnsctl, 'sendto', 'signal=TERM', 2, ['unwire', 'nt-nothing'], only_netnsctl=True)
    assert run_netnsctl('unwire', *pair).status == 0
    for path in litter():
        os.unlink(path)
    assert_untouched(before)
    assert results.status == 143, results


@pytest.mark.parametrize('syscall', ['setns', 'openat', 'flock', 'ioctl'])
def test_a_signal_at_any_moment_is_not_swallowed(run_netnsctl, pair, strace, syscall):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + ['netns://' + name for name in pair]
    total = inject.count(run_netnsctl, syscall, words)
    assert run_netnsctl('unwire', *pair).status == 0
    for at in inject.sample(total, 6):
        result = inject.inject(run_netnsctl, syscall, 'signal=TERM', at, words, only_netnsctl=True)
        if result.status == -15:
            continue  # before netnsctl listens to it
        assert result.status == 143 and 'Traceback' not in result.err, (syscall, at, result)
        assert_untouched(before)


@pytest.mark.parametrize('syscall', ['rename', 'unlink'])
def test_a_signal_during_the_commit_leaves_a_wire_or_none(run_netnsctl, pair, strace, syscall):
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink'] + list(pair)
    total = inject.count(run_netnsctl, syscall, words)
    assert run_netnsctl('unwire', *pair).status == 0
    result = inject.inject(run_netnsctl, syscall, 'signal=TERM', total, words, only_netnsctl=True)
    listed = [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if pair[0] in line]
    assert run_netnsctl('unwire', *pair).status == 0
    assert_untouched(before)
    assert (result.status, listed) in ((143, []), (0, ['whole'])), (result, listed)


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
    assert run_netnsctl('unwire', *pair).status == 0
    assert_untouched(before)


def test_wire_and_unwire_race_to_a_whole_wire_or_none(run_netnsctl, pair):
    before = own_state()
    for turn in range(100 if EVERY else 8):
        started = [
            run_netnsctl.start('wire', '--no-check', '--backend', ('iproute', 'netlink')[turn % 2], *pair),
            run_netnsctl.start('unwire', *pair),
            run_netnsctl.start('wire', '--no-check', *pair),
        ]
        results = [run_netnsctl.finish(popen) for popen in started]
        assert [result.status for result in results] == [0, 0, 0], (turn, results)
        listed = [line.split()[1] for line in run_netnsctl('ls').out.splitlines() if pair[0] in line]
        assert listed in ([], ['whole']), (turn, listed)
        assert len(links(pair[0])) == len(links(pair[1])) == len(listed), turn
    run_netnsctl('unwire', *pair)
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
    assert run_netnsctl('unwire', 'nt-nothing').status == 0
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
