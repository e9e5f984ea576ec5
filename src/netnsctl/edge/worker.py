"""A forked copy of this process that does part of the work on another processor and returns the result."""
from __future__ import absolute_import, division, print_function

import os
import signal

try:
    # It reads only what a fork of this process wrote into a pipe that nobody else has.
    import cPickle as pickle  # nosec B403 # novm - Python 2's pickle is thirty times slower
except ImportError:
    import pickle  # nosec B403 # as above

from netnsctl.compat import is_readable, uninterrupted
from netnsctl.edge import syscalls
from netnsctl.edge.child import Fork, Waiting


_HEAD = 16  # hexadecimal digits of the length of an answer, before it
_TOLD, _FAILED = b'+', b'-'  # the first byte of an answer: what work() returned, or why there is nothing


class Worker(object):
    """Starts work() at once in a fork of this process, whose descriptors (and so the lock) it shares.

    If this process ends, however it ends, the worker gets SIGTERM. OSError if there can be no other process.
    """

    def __init__(self, work):
        self._reader, writer = os.pipe()
        self._pieces, self._status = [], None
        parent = os.getpid()
        try:
            fork = Fork()
        except BaseException:
            os.close(self._reader)
            os.close(writer)
            raise
        self._pid = fork.pid
        if not self._pid:
            _be_the_worker(work, self._reader, writer, parent, fork)
        os.close(writer)
        try:
            fork.deliver()
        except BaseException:  # whoever asked for it never gets to know it
            self.end()
            raise

    def stop(self, signum):
        """Sends it a signal; none after answer()."""
        if self._pid is not None:
            os.kill(self._pid, signum)

    def end(self):
        """Ends it with SIGTERM, and waits until it has ended: nobody wants its answer."""
        self.stop(signal.SIGTERM)
        while not self.is_done(1):
            self.stop(signal.SIGTERM)  # Python 2 loses one that comes before the fork is complete
        self._is_gone(0)

    def is_done(self, seconds):
        """Is it finished? Waits for at most that long."""
        if self._reader is None:
            return True
        if is_readable(self._reader, seconds):
            return not self._read()
        if self._is_gone():
            # Something that it started may hold the pipe open: nothing more comes, and no end.
            while is_readable(self._reader, 0) and self._read():
                pass
            self._close()
        return self._reader is None

    def _read(self):
        """Is there more to come? Reads a piece."""
        piece = uninterrupted(os.read, self._reader, 1 << 20)
        if piece:
            self._pieces.append(piece)
        else:
            self._close()
        return bool(piece)

    def _close(self):
        if self._reader is not None:
            os.close(self._reader)
            self._reader = None

    def _is_gone(self, flags=os.WNOHANG):
        if self._pid is not None:
            waiting = Waiting()  # a signal between the two would leave the PID of somebody else to stop()
            try:
                pid, status = uninterrupted(os.waitpid, self._pid, flags)
            except OSError:
                pid, status = self._pid, None  # started with SIGCHLD ignored, as a daemon may do: its status is lost
            if pid:
                self._pid, self._status = None, status
            waiting.deliver()
        return self._pid is None

    def answer(self):
        """Once it is done: (True, what work() returned), or (False, why that is not known) if it raised, was killed, or
        returned what cannot be sent."""
        self._is_gone(0)
        text, self._pieces = b''.join(self._pieces), []  # thousands of results are not kept twice
        try:
            if text and len(text) == _HEAD + int(text[:_HEAD], 16):
                answer = pickle.loads(text[_HEAD + 1:])
                return text[_HEAD:_HEAD + 1] == _TOLD, answer
        except Exception as error:
            return False, _said(error)
        if self._status and os.WIFSIGNALED(self._status):
            return False, 'it was killed by signal %d' % os.WTERMSIG(self._status)
        return False, 'it ended with its answer cut short' if text else 'it ended without an answer'


def _said(error):
    return '%s: %s' % (error.__class__.__name__, error)


def _answer_of(work):
    """What is sent to the parent: bytes."""
    try:
        answer = _TOLD + pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        answer = _FAILED + pickle.dumps(_said(error), pickle.HIGHEST_PROTOCOL)
    return ('%0*x' % (_HEAD, len(answer))).encode('ascii') + answer


def _be_the_worker(work, reader, writer, parent, fork):
    """Never returns: the worker must not run the parent's exit handlers (flush, atexit)."""
    status = 1
    try:
        os.close(reader)
        fork.deliver()
        syscalls.end_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            answer = _answer_of(work)
            while answer:
                answer = answer[uninterrupted(os.write, writer, answer):]
            status = 0
    finally:
        os._exit(status)
