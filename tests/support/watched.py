"""A program that is left running, and what it prints meanwhile."""
from __future__ import absolute_import, division, print_function

import os
import signal
import threading
import time

from support import process


class Watched(object):
    """A running program: out and err grow as it prints. end() ends it, by its PID."""

    def __init__(self, argv, environ=None):
        self.process = process.start(argv, environ)
        self.pid = self.process.pid
        self.out, self.err = '', ''
        self._threads = [threading.Thread(target=self._read, args=(name,)) for name in ('out', 'err')]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def _read(self, name):
        stream = getattr(self.process, 'std' + name)
        while True:
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                return
            setattr(self, name, getattr(self, name) + process.native(piece))

    def wait_for(self, holds, seconds=90.0):
        """Waits until holds() gives something that is true: that. AssertionError with all it printed if it does not."""
        deadline = time.time() + seconds
        while True:
            found = holds()
            if found:
                return found
            if time.time() >= deadline:
                raise AssertionError('not within %g s\n--- out\n%s--- err\n%s' % (seconds, self.out, self.err))
            time.sleep(0.02)

    def send(self, signum):
        os.kill(self.pid, signum)

    def wait(self, seconds=90.0):
        """Its status, once it has ended."""
        self.wait_for(lambda: self.process.poll() is not None, seconds)
        for thread in self._threads:
            thread.join(10)
        return self.process.returncode

    def end(self, signum=signal.SIGTERM):
        """Ends it: its status."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        try:
            return self.wait()
        except AssertionError:
            self.process.kill()
            raise
        finally:
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()


def children_of(pid):
    """PIDs of the children of a process."""
    found = []
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open('/proc/%s/stat' % entry) as source:
                    if int(source.read().rpartition(')')[2].split()[1]) == pid:
                        found.append(int(entry))
            except (IOError, OSError):
                pass  # it has ended
    return found


def hurried(argv, text):
    """The argument vector of a netnsctl (support.program) that runs these statements first."""
    return [word.replace('sys.exit(main())', text + '\nsys.exit(main())') for word in argv]
