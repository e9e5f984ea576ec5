"""A forked worker: its answer comes whole, or it is told why there is none; it is never waited for in vain."""
from __future__ import absolute_import, division, print_function

import os
import signal
import time

import pytest

from netnsctl.edge.worker import Worker
from netnsctl.errors import Interrupted
from support.watched import children_of


def answer_of(work):
    worker = Worker(work)
    while not worker.is_done(0.02):
        pass
    return worker.answer()


@pytest.fixture(autouse=True)
def no_child_is_left():
    """Of those that the test starts; what is there for other tests stays."""
    before = children_of(os.getpid())
    yield
    assert set(children_of(os.getpid())) <= set(before)


def fail(error):
    raise error


class Local(object):
    def __reduce__(self):
        raise TypeError('not one to send')


class ReadBadly(object):
    """It can be sent, but not be read."""

    def __reduce__(self):
        return fail, (ValueError('not one to read'),)


def test_a_long_answer_comes_whole():
    assert answer_of(lambda: ['x' * 3000000, 1]) == (True, ['x' * 3000000, 1])


@pytest.mark.parametrize('work,why', [
    (lambda: fail(ValueError('a mistake')), 'ValueError: a mistake'),
    (lambda: [Local()], 'TypeError: not one to send'),
    (lambda: [ReadBadly()], 'ValueError: not one to read'),
    (lambda: os.kill(os.getpid(), signal.SIGKILL), 'it was killed by signal 9'),
    (lambda: os._exit(0), 'it ended without an answer'),
    (lambda: fail(SystemExit(0)), 'it ended without an answer'),
], ids=['raises', 'cannot be sent', 'cannot be read', 'killed', 'ends', 'exits'])
def test_without_an_answer_it_is_told_why(work, why):
    assert answer_of(work) == (False, why)


@pytest.mark.parametrize('text', [
    b'0', b'00000000000000ff+x', b'no such length..+x', b'000000000000000a+\x80\x02cos\n'])
def test_a_damaged_answer_is_none(monkeypatch, text):
    monkeypatch.setattr('netnsctl.edge.worker._answer_of', lambda work: text)
    is_told, why = answer_of(lambda: None)
    assert not is_told and why


def test_what_a_killed_worker_started_and_holds_the_pipe_is_not_waited_for(tmpdir):
    def work():
        pid = os.fork()
        if not pid:
            time.sleep(60)
            os._exit(0)
        tmpdir.join('pid').write(str(pid))
        os.kill(os.getpid(), signal.SIGKILL)

    try:
        assert answer_of(work) == (False, 'it was killed by signal 9')
        os.kill(int(tmpdir.join('pid').read()), 0)  # still there
    finally:
        os.kill(int(tmpdir.join('pid').read()), signal.SIGKILL)


def test_where_children_are_not_waited_for_the_answer_comes_all_the_same():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert answer_of(lambda: 'done') == (True, 'done')
        assert answer_of(lambda: os._exit(1)) == (False, 'it ended without an answer')
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.fixture
def raising():
    """SIGTERM raises Interrupted, as in a command."""
    def ring(signum, _):
        raise Interrupted(signum)
    before = signal.signal(signal.SIGTERM, ring)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_signal_while_it_is_started_comes_and_no_worker_is_left(raising, monkeypatch):
    real = os.fork

    def fork():
        child = real()
        if child:
            os.kill(os.getpid(), signal.SIGTERM)
        return child
    monkeypatch.setattr(os, 'fork', fork)
    with pytest.raises(Interrupted):
        Worker(lambda: time.sleep(1000))


def test_a_signal_while_it_is_reaped_leaves_no_pid_that_may_be_anothers(raising, monkeypatch):
    worker, real = Worker(lambda: 1), os.waitpid

    def waitpid(pid, flags):
        answer = real(pid, flags)
        if answer[0]:
            os.kill(os.getpid(), signal.SIGTERM)
        return answer
    while not worker.is_done(0.02):
        pass
    monkeypatch.setattr(os, 'waitpid', waitpid)
    with pytest.raises(Interrupted):
        worker.answer()
    worker.stop(signal.SIGTERM)
