"""What `netnsctl watch` does about addresses by DHCP: it tells when an end has lost its lease, or its client ended, and
when it has one again. It starts nothing: the client asks by itself, and `up` starts one that is not running."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge.events import folders
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases.watch import told
from netnsctl.usecases.watch.told import Told

FOLDER, CLIENT, MARK = 'dhcp', '.pid', '.lapsed'
LOOK_SECONDS = 5.0  # between looks while there are clients: a lease lapses without a word


class Leases(object):
    """host: edge.Host. filenos() and due are for poll(2); step() says whether to look at the leases of wires."""

    def __init__(self, host):
        self._state, self._watch = State(host), None
        self.due = monotonic()
        try:
            self._watch = folders.FolderWatch(self._state.path(FOLDER))
        except OSError:
            pass

    def filenos(self):
        """What is readable when a client came or went: list."""
        return [self._watch.fileno()] if self._watch is not None else []

    def step(self):
        """Are there leases to look at now?"""
        now = monotonic()
        try:
            if self._watch is not None and self._watch.read():
                self.due = min(now + 1, self.due or now + 1)  # a new one asks for a moment
        except OSError:
            self._watch, self.due = None, now
        if self.due is None or now < self.due:
            return False
        has_any = bool(_names(self._state, CLIENT) or _names(self._state, MARK))
        self.due = now + LOOK_SECONDS if has_any or self._watch is None else None
        return has_any

    def close(self):
        """Lets go of the directory."""
        if self._watch is not None:
            self._watch.close()


def _names(state, ending):
    return set(name[:-len(ending)] for name in state.names(FOLDER) if name.endswith(ending))


def report(session, tell):
    """Tells of each end that lost its lease, once for each cause, and that it has one again. What was told is kept by
    marks beside the files of the clients, since each turn is a process of its own."""
    known, seen = _names(session.state, MARK), set()
    for record in session.recorded():
        troubles = _troubles(session, record) if record.dhcp else None
        for at, end in enumerate(record.ends if troubles is not None else ()):
            label = '%s.%d' % (record.name, at)
            if at in troubles:
                seen.add(label)
                if troubles[at] not in (None, session.state.read_json(FOLDER, label + MARK)):
                    _mark(session.state, label, troubles[at])
                    tell(Told('%s: %s: %s' % (record.name, end.place, troubles[at]), told.LAPSED, wire=record.name))
            elif label in known:
                tell(Told('%s: %s: has its address by DHCP again' % (record.name, end.place), told.LEASED,
                          wire=record.name))
    for label in known - seen:
        session.state.remove(FOLDER, label + MARK)


def _troubles(session, record):
    """{0 or 1: text} as dhcp.troubles() has them, None in place of the text while a command waits for the address and
    says what becomes of it. None where nothing can be seen, of a wire whose namespaces are not all there for instance.
    """
    from netnsctl.usecases.ends import dhcp, leased
    from netnsctl.usecases.recorded import inventory
    look = inventory.Look()
    try:
        opened = [look.namespace(record.identity(end)) for end in record.ends]
        if None in opened:
            return None
        found = dhcp.troubles(record, [leased.has_ipv4(netns, end) for netns, end in zip(opened, record.ends)])
        return dict((at, None if dhcp.Client(session, record.name, at).is_asked_for() else text) for at, text in found)
    except NetnsctlError:
        return None
    finally:
        look.close()


def _mark(state, label, text):
    try:
        state.write_json(FOLDER, label + MARK, text)
    except NetnsctlError:
        pass  # it is told again
