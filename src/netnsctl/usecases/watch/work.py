"""The work that `netnsctl watch` has to do, and the child that does it: gathered, tried again, ended if it hangs."""
from __future__ import absolute_import, division, print_function

import os
import signal

from netnsctl.compat import monotonic, uninterrupted
from netnsctl.errors import Interrupted, NetnsctlError, declared
from netnsctl.execution import signals
from netnsctl.usecases.watch import turns
from netnsctl.usecases.watch.asked import is_asked
from netnsctl.usecases.watch.turns import Turn

TURN_SECONDS = 90.0  # longer than a turn waits for the lock of another netnsctl
SPACE_SECONDS = 30.0  # that each space may take besides: a DHCP client may wait for an answer
GRACE_SECONDS = 15.0  # that a turn has to roll back once it was told to end
# Docker before 1.10 tells of a start just before it: how long to wait for the container to run, attempt by attempt.
RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
# What is in the way of a wire may be in a namespace that has ended: when it is tried again, each time later.
PASSING = (2.0, 5.0, 15.0, 60.0, 300.0)


class Turns(object):
    """The work that is due, done in one child after the other: the state's lock lets no two work at once anyway.

    What comes in while a child works is gathered for the next one: twenty starts at once are two or three turns.
    work(turn): what the child does, which gives its exit status.
    """

    def __init__(self, work, complain):
        self.work, self.complain = work, complain
        self._next = Turn()
        self._alone = []  # spaces to try each in its own child, because one of them broke the last
        self._attempts = {}  # space: how often its container did not run yet
        self._later = {}  # space, or one of turns.FLAGS: when to try it again
        self._passing = {}  # the same: how often something was in its way
        self._are_rules_told = False  # has the last turn that had rules to restore said why it could not?
        self._not_before = 0.0  # no child is started before this moment
        self._child = self._turn = self._deadline = self._limit = None
        self._told_to_end = False

    def add(self, turn):
        """Adds work to be done."""
        for space in turn.gone | turn.sure | set(piece for piece in turn.unsure if is_asked(piece)):
            for known in (self._attempts, self._later, self._passing):
                known.pop(space, None)
        self._next.gone |= turn.gone
        self._next.sure = (self._next.sure - turn.gone) | turn.sure
        self._next.unsure |= turn.unsure
        for flag in turn.flags():
            setattr(self._next, flag, True)

    def due(self):
        """The moment at which step() has something to do if nothing happens, or None."""
        if self._child is not None:
            return self._deadline
        if self._next or self._alone:
            return self._not_before
        return min(self._later.values()) if self._later else None

    def step(self):
        """Reaps, ends and starts children. Never waits."""
        if self._child is not None:
            self._look_after()
        if self._child is None:
            now = monotonic()
            for space in [space for space, moment in self._later.items() if moment <= now]:
                del self._later[space]
                if space in turns.FLAGS:
                    setattr(self._next, space, True)
                else:
                    # One that something was in the way of ran: it may have ended since.
                    (self._next.unsure if space in self._passing else self._next.sure).add(space)
            if (self._next or self._alone) and now >= self._not_before:
                self._start()

    def _start(self):
        if self._alone:
            turn = Turn(unsure=[self._alone.pop()])
        else:
            turn, self._next = self._next, Turn()
        turn.is_told = self._are_rules_told
        turn.last = set(space for space in turn.sure if self._attempts.get(space, 0) >= len(RETRIES))
        try:
            child = os.fork()
        except OSError as error:
            self.complain(NetnsctlError('bring up %s: fork: %s' % (' '.join(turn.spaces()), error.strerror)))
            self.add(turn)
            self._not_before = monotonic() + 1.0
            return
        if not child:
            self._be_the_child(turn)
        self._child, self._turn, self._told_to_end = child, turn, False
        self._limit = TURN_SECONDS + SPACE_SECONDS * len(turn.spaces())
        self._deadline = monotonic() + self._limit

    def _be_the_child(self, turn):
        """Never returns."""
        status = turns.FAILED
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signals.install()  # so that SIGTERM rolls back what is half done
            status = self.work(turn)
        except NetnsctlError as error:
            self.complain(error)
        except Interrupted:
            pass
        except Exception as error:
            status = turns.BROKEN
            self.complain(declared(error, 'bring up %s' % ' '.join(turn.spaces())))
        finally:
            os._exit(status)

    def _look_after(self):
        pid, status = uninterrupted(os.waitpid, self._child, os.WNOHANG)
        if pid:
            self._child = None
            self._judge(status)
        elif monotonic() >= self._deadline:
            os.kill(self._child, signal.SIGKILL if self._told_to_end else signal.SIGTERM)
            self._told_to_end = True
            self._deadline = monotonic() + GRACE_SECONDS

    def _judge(self, status):
        """What remains to be done after a turn."""
        turn = self._turn
        ended_by_itself = os.WIFEXITED(status) and not self._told_to_end
        if ended_by_itself and os.WEXITSTATUS(status) != turns.BROKEN:
            self._judge_end(turn, os.WEXITSTATUS(status))
            return
        if not ended_by_itself:
            cause = 'it did not finish within %d s' % self._limit if self._told_to_end else (
                'its process was ended by signal %d' % os.WTERMSIG(status))
            self.complain(NetnsctlError('bring up %s: %s' % (' '.join(turn.spaces()), cause)))
        if len(turn.spaces()) > 1:
            self._alone.extend(space for space in turn.spaces() if space not in self._next.gone)
        if turn.spaces():
            self.add(Turn(**dict((flag, True) for flag in turn.flags())))

    def _judge_end(self, turn, status):
        soon = turn.sure - turn.last if status & turns.NOT_RUNNING_YET else set()
        self._try_again(soon)
        if status & turns.MAY_PASS:
            self._try_later(set(turn.spaces()) - soon - self._next.gone - self._next.sure)
        again = turn.flags() if status & turns.LOCKED_OUT else ['rules'] if status & turns.RULES_MISSING else []
        self._try_later(again)
        for flag in set(turn.flags()) - set(again):
            self._passing.pop(flag, None)
        if turn.rules and not status & turns.LOCKED_OUT:
            self._are_rules_told = bool(status & turns.RULES_MISSING)

    def _try_again(self, spaces):
        now = monotonic()
        for space in spaces - self._next.gone - self._next.sure:
            attempt = self._attempts.get(space, 0)
            self._attempts[space] = attempt + 1
            self._later[space] = now + RETRIES[attempt]

    def _try_later(self, spaces):
        for space in spaces:
            attempt = self._passing.get(space, 0)
            if attempt < len(PASSING):
                self._passing[space] = attempt + 1
                self._later[space] = monotonic() + PASSING[attempt]

    def end(self):
        """Ends the child that works, after it has rolled back, and waits for it."""
        if self._child is None:
            return
        deadline = monotonic() + GRACE_SECONDS
        os.kill(self._child, signal.SIGTERM)
        import time
        while not uninterrupted(os.waitpid, self._child, os.WNOHANG)[0]:
            if monotonic() >= deadline:
                os.kill(self._child, signal.SIGKILL)
                deadline += GRACE_SECONDS
            time.sleep(0.01)
        self._child = None
