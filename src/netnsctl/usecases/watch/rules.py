"""What `netnsctl watch` does about the host's firewall: when rules are changed, by a reload of firewalld for instance,
or because docker starts, the wires get back what they need of it."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge.events import rules
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases.recorded.records import Journal

# After the first change, since a reload makes many; twice as long each time that it goes on, since another program may
# remove what is restored again and again.
FIRST_SECONDS, MOST_SECONDS = 1.0, 64.0
LOOK_SECONDS = 60.0  # between looks where changes are not reported


class Rules(object):
    """host: edge.Host. filenos() and due are for poll(2); step() says whether to look at the rules of wires."""

    def __init__(self, host):
        self._host, self._journal = host, Journal(State(host))
        self._pause, self._last = FIRST_SECONDS, None
        self.due = monotonic()  # what was changed while nobody watched
        try:
            self._watch = rules.RuleWatch()
        except OSError:
            self._watch = None

    def filenos(self):
        """What is readable when there is news: list. Nothing while it is known that there is."""
        return [self._watch.fileno()] if self._watch is not None and (self.due is None or self._is_looking) else []

    @property
    def _is_looking(self):
        """Is the moment that is due a look, without news?"""
        return self._last is not None and self.due - self._last >= LOOK_SECONDS

    def step(self):
        """Are the rules to be looked at now?"""
        now = monotonic()
        if self.filenos() and self._watch.read():
            self._pause = min(self._pause * 2, MOST_SECONDS) if self._last is not None and (
                now - self._last < self._pause * 2) else FIRST_SECONDS
            self.due = now + self._pause
        if self.due is None or now < self.due:
            return False
        if self._watch is not None:
            self._watch.read()
        self._last, self.due = now, None
        if self._watch is None or rules.is_silent(self._host):
            self.due = now + LOOK_SECONDS
        try:
            return any(self._journal.names())
        except NetnsctlError:
            return False

    def close(self):
        if self._watch is not None:
            self._watch.close()


def restore(session, tell):
    """Makes again what is missing, and tells it."""
    if not any(record.has_uplink for record in session.recorded(pending=True)):
        return
    from netnsctl.usecases.up_down import up_down
    up_down.restore_rules(session)
    for notice in session.notices:
        tell(notice)
    del session.notices[:]
