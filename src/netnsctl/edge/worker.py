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


_HEAD = 16  # hexadecimal digits of the length of an answer, before it


class Worker(object):
    """Starts work() at once in a fork of this process, whose descriptors (and so the lock) it shares.

    If this process ends, however it ends, the worker gets SIGTERM. OSError if there can be no other process.
    """

    def __init__(self, work):
        self._reader, writer = os.pipe()
        self._pieces = []
        parent = os.getpid()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(self._reader)
            os.close(writer)
            raise
        if not self._pid:
            _be_the_worker(work, self._reader, writer, parent)
        os.close(writer)

    def stop(self, signum):
        """Sends it a signal; none after answer()."""
        if self._pid is not None:
            os.kill(self._pid, signum)

    def is_done(self, seconds):
        """Is it finished? Waits for at most that long."""
        if self._reader is None:
            return True
        if is_readable(self._reader, seconds):
            piece = uninterrupted(os.read, self._reader, 1 << 20)
            if piece:
                self._pieces.append(piece)
                return False
            os.close(self._reader)
            self._reader = None
        return self._reader is None

    def answer(self):
        """Once it is done: (True, what work() returned), or (False, None) if it raised or was killed."""
        try:
            uninterrupted(os.waitpid, self._pid, 0)
        except OSError:
            pass  # started with SIGCHLD ignored, as a daemon may do: nobody is waited for
        self._pid = None
        text, self._pieces = b''.join(self._pieces), []  # thousands of results are not kept twice
        length = int(text[:_HEAD] or b'0', 16)
        whole = length and len(text) == _HEAD + length
        return (True, pickle.loads(text[_HEAD:])) if whole else (False, None)


def _be_the_worker(work, reader, writer, parent):
    """Never returns: the worker must not run the parent's exit handlers (flush, atexit)."""
    status = 1
    try:
        os.close(reader)
        syscalls.end_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            answer = pickle.dumps(work(), pickle.HIGHEST_PROTOCOL)
            answer = ('%0*x' % (_HEAD, len(answer))).encode('ascii') + answer
            while answer:
                answer = answer[uninterrupted(os.write, writer, answer):]
            status = 0
    finally:
        os._exit(status)
