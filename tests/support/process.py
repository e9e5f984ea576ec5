"""Processes with a time limit, the same on Python 2 and 3."""
from __future__ import absolute_import, division, print_function

import os
import signal
import subprocess
import sys
import threading

from support import spawning

PY3 = sys.version_info[0] >= 3


class Result(object):
    """status (negative: ended by that signal), out and err (native str)."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def __repr__(self):
        return 'status %d\n--- out\n%s--- err\n%s' % (self.status, self.out, self.err)


def native(data):
    """What a program printed, as native str, whatever its bytes."""
    return data if isinstance(data, str) else data.decode('utf-8', 'surrogateescape')


# What a run in the background or under nohup ignores is not to be ignored by what tests start.
for _signum in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(_signum) == signal.SIG_IGN:
        signal.signal(_signum, signal.default_int_handler if _signum == signal.SIGINT else signal.SIG_DFL)


def as_from_a_shell():
    """For a preexec_fn, in the child: a session of its own, and the signals that Python 2 ignores for itself."""
    os.setsid()
    for signum in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(signum, signal.SIG_DFL)


# Python 3's Popen does all of that without code of ours in the child, and so with vfork(2).
if PY3:
    SPAWN, SESSION = subprocess.Popen, {'start_new_session': True, 'close_fds': True}
elif spawning.IS_POSSIBLE:
    SPAWN, SESSION = spawning.Spawned, {}
else:
    SPAWN, SESSION = subprocess.Popen, {'preexec_fn': as_from_a_shell, 'close_fds': True}


def start(argv, environ=None, feed_pipe=True):
    """Starts a process in a session of its own, so that it can be ended with all it started: Popen with pipes."""
    if environ is None and 'KERNEL_EL6_RECORD' in os.environ:
        # A tool of the tests': what is tried on that kernel is the program.
        environ = dict(os.environ, KERNEL_EL6='off')
    return SPAWN(argv, stdin=subprocess.PIPE if feed_pipe else None, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                 env=environ, cwd='/', **SESSION)


def finish(process, feed=b'', timeout=60):
    """Waits for a process that start() gave: Result. Past the time limit (seconds): it is ended, AssertionError."""
    late = []

    def end():
        late.append(True)
        os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout, end)
    timer.start()
    try:
        out, err = process.communicate(feed if isinstance(feed, bytes) else feed.encode('utf-8', 'surrogateescape'))
    finally:
        timer.cancel()
    result = Result(process.returncode, native(out), native(err))
    if late:
        raise AssertionError('no end within %g s: %r' % (timeout, result))
    return result


def run(argv, feed=b'', timeout=60, environ=None):
    """Runs a program to its end: Result."""
    return finish(start(argv, environ), feed, timeout)


def must(argv, feed=b'', timeout=60, environ=None):
    """What a program prints that must not fail."""
    result = run(argv, feed, timeout, environ)
    if result.status != 0:
        raise AssertionError('%s: %r' % (' '.join(argv), result))
    return result.out
