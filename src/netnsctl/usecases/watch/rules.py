"""What `netnsctl watch` does about the host's firewall: when rules are changed, by a reload of firewalld for instance,
or because docker starts, the wires get back what they need of it."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge.events import folders, rules
from netnsctl.errors import NetnsctlError
from netnsctl.execution.journal import FOLDER
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
        self._has_news, self.due = True, monotonic()  # what was changed while nobody watched
        self._watch = _or_none(rules.RuleWatch)
        self._programs = None  # that have the rules of recorded wires: set; None: to be read again
        self._wires = _or_none(lambda: folders.FolderWatch(self._journal.state.path(FOLDER)))

    def filenos(self):
        """What is readable when there is news: list. None of the rules while it is known that there is."""
        found = [self._wires.fileno()] if self._wires is not None else []
        return found + ([self._watch.fileno()] if self._watch is not None and not self._has_news else [])

    def step(self):
        """Are the rules to be looked at now?"""
        now = monotonic()
        if self._watch is not None and not self._has_news and self._watch.read():
            self._pause = min(self._pause * 2, MOST_SECONDS) if self._last is not None and (
                now - self._last < self._pause * 2) else FIRST_SECONDS
            self._has_news, self.due = True, now + self._pause
        if self._have_wires_changed():
            self._programs = None
            if self.due is None:
                self.due = now + LOOK_SECONDS
        if self.due is None or now < self.due:
            return False
        if self._watch is not None:
            self._watch.read()
        had_news, self._has_news, self._last = self._has_news, False, now
        try:
            has_any, programs = any(self._journal.names()), self._known_programs()
        except NetnsctlError:
            has_any, programs = False, set()
        # Tables that report no change may come into use at any time, which nothing reports either.
        self.due = now + LOOK_SECONDS if programs or self._watch is None or self._wires is None else None
        is_silent = self._watch is None or 'iptables' in programs or rules.is_silent(self._host)
        return has_any and (had_news or is_silent)

    def _have_wires_changed(self):
        try:
            return self._wires is None or self._wires.read()
        except OSError:
            self._wires = None
            return True

    def _known_programs(self):
        """The programs that have the rules of recorded wires: set, empty where none has any."""
        if self._programs is None:
            self._programs = set()
            for name in self._journal.names()[0]:
                try:
                    record = self._journal.load(name, mentioning=('add-nat',))
                    self._programs.update(step.program for step in (record.planned('add-nat') if record else ()))
                except NetnsctlError:
                    continue  # what is wrong with it, `ls` says
        return self._programs

    def close(self):
        for watch in (self._watch, self._wires):
            if watch is not None:
                watch.close()


def _or_none(make):
    """What make() gives, or None where the kernel refuses that."""
    try:
        return make()
    except OSError:
        return None


def restore(session, tell):
    """Makes again what is missing, and tells it: [(name, NetnsctlError)] of wires that still lack it. NetnsctlError."""
    if not any(record.has_uplink for record in session.recorded(pending=True)):
        return []
    from netnsctl.usecases.up_down import up_down
    summary = up_down.restore_rules(session)
    for notice in session.notices:
        tell(notice)
    del session.notices[:]
    return summary.failed
