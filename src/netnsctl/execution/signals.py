"""SIGINT, SIGTERM and SIGHUP as errors that a transaction can roll back from."""
from __future__ import absolute_import, division, print_function

import os

try:
    import _signal as signal  # novm - without the enum that Python 3 makes of each number and handler
except ImportError:  # Python 2
    import signal

from netnsctl.edge import netns
from netnsctl.errors import Interrupted

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_dropped = []  # those that held.drop() has ignored


def _raise(signum, _frame):
    # One is enough: a second signal must not interrupt the rollback that the first one started.
    for other in HANDLED:
        signal.signal(other, signal.SIG_IGN)
    netns.go_home()
    raise Interrupted(signum)


def install():
    """From here on the signals raise Interrupted; one that is ignored (nohup) stays ignored.

    SIGCHLD does not stay ignored: otherwise the exit status of helpers is lost.
    """
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for signum in HANDLED:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, _raise)


def hear():
    """What a held.drop() did ends: signals raise Interrupted again."""
    while _dropped:
        signal.signal(_dropped.pop(), _raise)


class held(object):
    """Context in which signals wait, for work that must not be interrupted. (Helpers have a session of their own.)"""

    def __enter__(self):
        self.arrived = []
        self._hold()
        return self

    def _hold(self):
        self.before = [(signum, signal.getsignal(signum)) for signum in HANDLED]
        try:
            for signum in HANDLED:
                signal.signal(signum, self._note)
        except ValueError:
            self.before = []  # not the main thread: signals do not come here

    def call(self, function, *arguments):
        """Calls a function with the signals restored, delivering a waiting one first; afterwards they wait again."""
        self._let_go()
        try:
            if self.arrived:
                self._pass_on(self.arrived.pop(0))
            return function(*arguments)
        finally:
            self._hold()

    def drop(self):
        """What would be ended is done: the signals that would raise Interrupted, and those that wait, are ignored until
        hear(). What a program that imports us, or a `held` around this one, does about them stays."""
        _dropped.extend(signum for signum, handler in self.before if handler is _raise)
        self.before = [(signum, signal.SIG_IGN if handler is _raise else handler) for signum, handler in self.before]

    def has_arrived(self):
        """Does a signal wait, for this one or for a `held` around it?"""
        around = [getattr(handler, '__self__', None) for _, handler in self.before]
        return bool(self.arrived) or any(isinstance(one, held) and one.has_arrived() for one in around)

    def _note(self, signum, _frame):
        self.arrived.append(signum)

    def _let_go(self):
        """The signals are as they were before."""
        for signum, handler in self.before:
            if handler is not None:
                signal.signal(signum, handler)

    def __exit__(self, kind, *_):
        self._let_go()
        if self.arrived and kind is None:
            self._pass_on(self.arrived[0])

    def _pass_on(self, signum):
        """To whom it was meant for: _raise, a `held` around this one, or the handler of a program that imports us."""
        handler = dict(self.before).get(signum)
        if callable(handler):
            handler(signum, None)  # at once: an exception must be raised inside the caller's `try`
        elif handler == signal.SIG_DFL:
            os.kill(os.getpid(), signum)
