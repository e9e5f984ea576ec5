"""Runs work that may hang, crash or change its process in a forked child with a time limit.

A helper of this program's own rather than a thread: a thread that waits in the kernel, or in a C library, cannot be
ended.
"""
from __future__ import absolute_import, division, print_function

import fcntl
import os
import signal

from netnsctl.compat import children_waited_for, is_readable, monotonic, native, to_bytes, uninterrupted
from netnsctl.errors import NetnsctlError, NoAnswerError

_DIED = '\0'
_MAY_RAISE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Fork(object):
    """A fork of this process. pid: as os.fork() gives it. OSError if there can be no other process.

    Python runs hooks around a fork (those of `logging`, say), and drops what a handler of a signal raises in one of
    them: nobody would hear of the signal. So signals wait until deliver(), which the parent calls where it can end the
    child; the child leaves them to the parent.
    """

    def __init__(self):
        self._came, self._before = [], []
        try:
            for signum in _MAY_RAISE:
                handler = signal.getsignal(signum)
                if callable(handler):
                    signal.signal(signum, self._note)
                    self._before.append((signum, handler))
        except ValueError:
            pass  # not the main thread: signals do not come here
        try:
            self.pid = os.fork()
        except OSError:
            self.deliver()
            raise
        if not self.pid:
            self._let_go()

    def _note(self, signum, _frame):
        self._came.append(signum)

    def _let_go(self):
        for signum, handler in self._before:
            signal.signal(signum, handler)

    def deliver(self):
        """Signals come at once again, and one that has come comes now."""
        self._let_go()
        for signum in self._came[:1]:
            dict(self._before)[signum](signum, None)


def run(work, seconds, attempt):
    """Runs work(tell) in a forked child and returns everything passed to tell(): native str.

    tell(text) sends at once; the child's standard streams lead to /dev/null, because C libraries write to them
    directly. attempt: what is being done, for the errors. NoAnswerError if it takes longer than that many seconds,
    NetnsctlError if work raised or the child was killed; the child is gone in any case.
    """
    with children_waited_for():
        return _run(work, seconds, attempt)


def _run(work, seconds, attempt):
    reader, writer = os.pipe()
    fork = Fork()
    child = fork.pid
    if not child:
        _be_the_child(work, reader, writer, seconds)
    try:
        os.close(writer)
        fork.deliver()
        text = _read_until(reader, monotonic() + seconds, attempt)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        # Its pipe is closed, so it is at its end, or SIGKILL is.
        status = uninterrupted(os.waitpid, child, 0)[1]
    text, died, cause = text.partition(_DIED)
    if status:
        raise NetnsctlError('%s: %s' % (attempt, cause if died else 'it ended with wait status %d' % status))
    return text


def _read_until(reader, deadline, attempt):
    pieces = []
    while True:
        left = deadline - monotonic()
        if left <= 0 or not is_readable(reader, left):
            raise NoAnswerError('%s: it did not finish in time' % attempt)
        piece = uninterrupted(os.read, reader, 65536)
        if not piece:
            return native(b''.join(pieces))
        pieces.append(piece)


def _be_the_child(work, reader, writer, seconds):
    """Never returns: the child must not run the parent's exit handlers (flush, atexit)."""
    status = 1
    try:
        # If the parent is killed nobody else ends us.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(seconds) + 1)
        os.close(reader)
        writer = _apart(writer)
        try:
            work(lambda text: os.write(writer, to_bytes(text)))
            status = 0
        except Exception as error:
            os.write(writer, to_bytes('%s%s: %s' % (_DIED, error.__class__.__name__, error)))
    finally:
        os._exit(status)


def _apart(writer):
    """Gives the standard streams to /dev/null: the pipe's end, clear of them, where a program without them has it."""
    writer = fcntl.fcntl(writer, fcntl.F_DUPFD, 3)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return writer
