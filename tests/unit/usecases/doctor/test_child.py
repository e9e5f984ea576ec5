"""Work in a child with a time limit, and in a throwaway namespace."""
from __future__ import absolute_import, division, print_function

import errno
import os
import signal
import sys
import time

import pytest

from netnsctl.edge import child
from netnsctl.errors import NetnsctlError, NoAnswerError
from netnsctl.usecases.doctor.kernel.throwaway import in_throwaway
from support import process


def assert_no_child():
    # By a call: what a with statement gets of the kernel's errors has no errno under Python 2.6.
    caught = pytest.raises(OSError, os.waitpid, -1, os.WNOHANG)
    assert caught.value.errno == errno.ECHILD


def test_all_that_the_child_told_comes_back():
    assert child.run(lambda tell: [tell('a'), tell(''), tell('b\n')], 10, 'try') == 'ab\n'
    assert_no_child()


def test_more_than_a_pipe_holds_comes_back_whole():
    text = 'x' * (1 << 20)

    def work(tell):
        for start in range(0, len(text), 4096):
            tell(text[start:start + 4096])
    assert child.run(work, 20, 'try') == text


def test_work_is_done_in_another_process():
    assert child.run(lambda tell: tell('%d' % os.getpid()), 10, 'try') != '%d' % os.getpid()


def test_work_that_raises_is_a_declared_error_with_its_words():
    def work(tell):
        tell('half')
        raise KeyError('lost')
    with pytest.raises(NetnsctlError) as caught:
        child.run(work, 10, 'look at it')
    assert caught.value.message == "look at it: KeyError: 'lost'"
    assert_no_child()


@pytest.mark.parametrize('work,words', [
    (lambda tell: os.kill(os.getpid(), signal.SIGKILL), 'wait status 9'), (lambda tell: os._exit(3), 'wait status 768'),
    (lambda tell: sys.exit(0), 'wait status 256'),
])
def test_work_that_ends_its_process_is_a_declared_error(work, words):
    with pytest.raises(NetnsctlError) as caught:
        child.run(work, 10, 'try')
    assert words in caught.value.message
    assert_no_child()


def test_work_that_hangs_is_ended():
    with pytest.raises(NoAnswerError) as caught:
        child.run(lambda tell: time.sleep(60), 0.2, 'try')
    assert caught.value.message == 'try: it did not finish in time'
    assert_no_child()


def test_work_that_would_not_hear_its_own_alarm_is_ended_too(tmpdir):
    def work(_tell):
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        time.sleep(2)
        open(str(tmpdir.join('went-on')), 'w').close()
    with pytest.raises(NoAnswerError):
        child.run(work, 0.2, 'try')
    assert_no_child()
    assert not tmpdir.join('went-on').check()


def test_work_that_tells_and_tells_is_ended_too():
    def work(tell):
        while True:
            tell('again')
            time.sleep(0.01)
    with pytest.raises(NoAnswerError):
        child.run(work, 0.3, 'try')
    assert_no_child()


def test_a_signal_while_the_child_works_goes_through_and_ends_the_child():
    class Rung(BaseException):
        pass

    def ring(*_):
        raise Rung()
    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Rung):
            child.run(lambda tell: time.sleep(60), 50, 'try')
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert_no_child()


def test_a_signal_that_is_only_noted_does_not_cut_it_short():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
        assert child.run(lambda tell: [time.sleep(0.5), tell('told')], 20, 'try') == 'told'
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung
    assert_no_child()


def test_no_descriptor_stays_open():
    before = os.listdir('/proc/self/fd')
    child.run(lambda tell: tell('x'), 10, 'try')
    with pytest.raises(NetnsctlError):
        child.run(lambda tell: 1 // 0, 10, 'try')
    with pytest.raises(NetnsctlError):
        child.run(lambda tell: time.sleep(60), 0.1, 'try')
    assert os.listdir('/proc/self/fd') == before


RUN = """import atexit, os, sys, time
from netnsctl.edge import child
from netnsctl.errors import NetnsctlError
atexit.register(sys.stdout.write, 'end\\n')
sys.stdout.write('begun\\n')
def work(tell):
    os.write(1, b'to standard output')
    os.write(2, b'to standard error')
    tell('told')
result = child.run(work, 10, 'try')
sys.stdout.write(result + '\\n')
"""


def of_a_process_of_its_own(text, before=()):
    environ = dict(os.environ, PYTHONPATH=':'.join(path for path in sys.path if path))
    return process.run(list(before) + [sys.executable, '-c', text], environ=environ)


def test_the_child_prints_nothing_and_leaves_its_parents_end_alone():
    result = of_a_process_of_its_own(RUN)
    assert (result.status, result.out, result.err) == (0, 'begun\ntold\nend\n', '')


def test_a_program_without_standard_streams_hears_its_child_too():
    result = of_a_process_of_its_own(RUN.replace('sys.stdout.write', 'open("/dev/null", "a").write')
                                     + 'os._exit(7 if result == "told" else 8)\n',
                                     before=['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'])
    assert result.status == 7


def runs(pid):
    try:
        with open('/proc/%d/stat' % pid) as source:
            return source.read().rpartition(')')[2].split()[0] not in 'ZX'
    except (OSError, IOError):
        return False


def test_a_child_whose_parent_is_killed_ends_by_itself(tmpdir):
    place = tmpdir.join('pid')
    text = ('import os, time\n'
            'from netnsctl.edge import child\n'
            'def work(tell):\n'
            '    open(%r, "w").write("%%d\\n" %% os.getpid())\n'
            '    time.sleep(3600)\n'
            'child.run(work, 1.5, "try")\n' % str(place))
    environ = dict(os.environ, PYTHONPATH=':'.join(path for path in sys.path if path))
    parent = process.start([sys.executable, '-c', text], environ)
    deadline = time.time() + 20
    while not (place.check() and place.read().endswith('\n')):
        assert time.time() < deadline, process.finish(parent)
        time.sleep(0.01)
    os.kill(parent.pid, signal.SIGKILL)
    process.finish(parent)
    pid = int(place.read())
    while runs(pid) and time.time() < deadline:
        time.sleep(0.05)
    assert not runs(pid)


# In a throwaway namespace

def test_a_throwaway_child_that_throws_says_with_what():
    def broken(_report):
        raise KeyError('lost')
    try:
        seen = in_throwaway(broken)
    except NetnsctlError as error:
        assert error.message == "probe in a throwaway child: KeyError: 'lost'"
    else:
        assert seen['unshare'].errno  # nobody may make one here, so it was not called
    assert_no_child()


def test_a_throwaway_child_that_hangs_is_ended():
    try:
        seen = in_throwaway(lambda report: time.sleep(60), seconds=0.2)
    except NetnsctlError as error:
        assert 'did not finish in time' in error.message
    else:
        assert seen['unshare'].errno
    assert_no_child()


def test_what_a_throwaway_child_met_is_told_by_step():
    def work(report):
        report('one', 0)
        report('two', errno.EOPNOTSUPP, 'of two\nlines\tand a tab')
        report('three', 0, 'well')
    seen = in_throwaway(work)
    if not seen['unshare'].errno:
        assert [str(seen[step]) for step in ('one', 'two', 'three')] == [
            'works', 'Operation not supported (EOPNOTSUPP): of two lines and a tab', 'well']


def test_a_throwaway_child_leaves_our_namespace_alone():
    before = os.readlink('/proc/self/ns/net')
    told = []
    in_throwaway(lambda report: told.append(report('x', 0)))
    assert os.readlink('/proc/self/ns/net') == before and told == []
