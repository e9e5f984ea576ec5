"""Wires that nobody confirms and whose own process was killed: `watch` undoes them too."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge.events import folders
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.recorded import unconfirmed
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.session import Session

GRACE_SECONDS = 2.0  # that their own process has
LOOK_SECONDS = 5.0  # between looks, where there is no inotify
PAUSE_SECONDS = 300.0  # the longest between attempts at what cannot be undone


class Overdue(object):
    """Tells when there is something to undo. due: the monotonic moment at which step() has to be called, or None."""

    def __init__(self, host):
        self._session = Session(host)
        self._watch = None
        self._pause = LOOK_SECONDS
        self.due = monotonic()
        try:
            self._watch = folders.FolderWatch(self._session.state.path(unconfirmed.FOLDER))
        except OSError:
            pass

    def filenos(self):
        """What becomes readable when there is something to look at: list."""
        return [self._watch.fileno()] if self._watch is not None else []

    def step(self):
        """Is there anything to undo now?"""
        try:
            if self._watch is not None and self._watch.read():
                self.due = monotonic()
        except OSError:
            self._watch, self.due = None, monotonic()
        if self.due is None or monotonic() < self.due:
            return False
        waits = self._seconds_to_wait()
        is_due = waits is not None and waits <= 0
        self._pause = min(PAUSE_SECONDS, self._pause * 2) if is_due else LOOK_SECONDS
        self.due = None if waits is None else monotonic() + (self._pause if is_due else waits)
        if self._watch is None and (waits is None or waits > LOOK_SECONDS):
            self.due = monotonic() + LOOK_SECONDS
        return is_due

    def _seconds_to_wait(self):
        """Seconds until the next wire is due, or None."""
        try:
            found = unconfirmed.marks(self._session) if unconfirmed.is_any(self._session) else ()
            del self._session.notices[:]
            if found:
                return min(mark.due for mark in found) + GRACE_SECONDS - unconfirmed.uptime(self._session.host)
        except NetnsctlError:
            pass
        return None

    def close(self):
        """Lets go of the directory."""
        if self._watch is not None:
            self._watch.close()
        self._session.close()


def undo(session, tell):
    """Undoes what is overdue, if anything; tell(text) is called with what was done."""
    if not unconfirmed.is_any(session):
        return
    with session.locked():
        transaction.recover(session)
    for notice in session.notices:
        tell(notice)
    del session.notices[:]
