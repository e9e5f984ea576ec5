"""netnsctl watch: follows docker's and podman's events, and brings up the wires of a container that starts.

The waiting process does nothing else: each turn of work is done in a forked child, so that a hang, a crash or memory
use ends with it, and this process stays small.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import signal

from netnsctl.compat import monotonic, set_cloexec, uninterrupted
from netnsctl.edge.events import GONE, MISSED, RENAMED, STARTED, folders, sources
from netnsctl.edge.runtimes import presence
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.watch import leases, nics, overdue, rules, told, turns
from netnsctl.usecases.watch.asked import Asked
from netnsctl.usecases.watch.told import Told
from netnsctl.usecases.watch.turns import Turn, scheme_of
from netnsctl.usecases.watch.work import Turns

TREE_SECONDS = 5.0  # between looks at the tree, where there is no inotify


def once(host, tell, complain, up=None, spaces=None, asked=None):
    """Brings up the wires of all containers of the tree that run: the exit code. See Watch for the arguments."""
    up, spaces = _real(up, spaces)
    found, refused = [], 0
    try:
        found = spaces(host)
    except NetnsctlError as error:
        complain(error)
        refused = error.exit_code
    turn = Turn(unsure=[space for space in found if scheme_of(space)] + (asked or Asked()).everything(),
                is_overdue=True, nics=True)
    code = turns.take_turn(host, turn, tell, complain, up)[1]
    return refused or code


def _real(up, spaces):
    """up and spaces, or the real ones. Imported by the parent, so that the children find them there: 30 ms less for
    each, for 4 MB."""
    if up is None:
        from netnsctl.usecases.up_down import up_down
        up = up_down.up_at_boot
    if spaces is None:
        from netnsctl.usecases import tree
        spaces = tree.read_spaces
    return up, spaces


class Watch(object):
    """host: edge.Host. tell(text): a thing done. complain(error): a NetnsctlError that affects only what it names.

    up(session, [space, ...]) -> Summary and spaces(host) -> [space, ...]: usecases.up_down.up_down.up and
    usecases.tree.read_spaces, or a test's. place: the directory whose entries are the spaces. note(text): what an
    engine reported of any container, or None. asked: which labels and compose files are obeyed (asked.Asked), or None.
    Texts are told.Told.
    """

    def __init__(self, host, tell, complain, up=None, spaces=None, place='/etc/sysconfig/netns',
                 note=None, asked=None):
        self.host, self.tell, self.complain, self.note = host, tell, complain, note
        self.asked = asked or Asked()
        self._up, self._spaces = up, spaces
        self._refused = None  # why the tree cannot be read, as it was told
        self.place = host.path(place)
        self.sources = {}
        self.turns = Turns(self._work, complain)
        self._tree = self._nics = self._rules = self._leases = None
        self._tree_due = self._overdue = None
        self._signals = []
        self._alarm = None  # the pipe that a signal writes to

    def run(self):
        """Watches until SIGTERM or SIGINT: the number of that signal."""
        self._alarm = _pipe()
        try:
            self._take_signals()
            self._watch_tree()
            self._overdue = overdue.Overdue(self.host)
            self._nics, self._rules = nics.Nics(self.host), rules.Rules(self.host)
            self._leases = leases.Leases(self.host)
            self.tell(Told('watching %s' % self.place, told.WATCHING, place=self.place))
            self._choose_sources()
            while True:
                self._wait()
                ending = self._handle_signals()
                if ending:
                    return ending
                self._step()
        finally:
            self._close()

    def _step(self):
        if self._tree_changed():
            self._choose_sources()
        if self._nics.step():
            self.turns.add(Turn(nics=True))
        if self._rules.step():
            self.turns.add(Turn(rules=True))
        if self._leases.step():
            self.turns.add(Turn(leases=True))
        for source in list(self.sources.values()):
            following = source.following
            for event in source.step():
                if not following and source.following:
                    self.tell(Told('following %s' % source.scheme, told.FOLLOWING, runtime=source.scheme))
                    following = True
                self._take(event)
        if self._overdue.step():
            self.turns.add(Turn(is_overdue=True))
        self.turns.step()

    def _take(self, event):
        """Turns an event into work."""
        if self.note is not None and event.kind is not None:
            self.note(Told('%s: %s %s' % (event.scheme, event.kind, event.name or event.identity or 'events'),
                           told.CONTAINER, runtime=event.scheme, change=event.kind, container=event.name,
                           id=event.identity))
        if self.asked and event.kind is not None:
            self.turns.add(Turn(unsure=self.asked.after(event)))
        if event.kind == MISSED:
            self.turns.add(Turn(unsure=[space for space in self._real_spaces() if scheme_of(space) == event.scheme]))
            return
        spaces = [space for space in self._real_spaces() if scheme_of(space) == event.scheme
                  and event.is_of(space.partition(':')[2])]
        if not spaces:
            return
        if event.kind == GONE:
            # A wire may have been made by the other one of its name and its ID.
            self.turns.add(Turn(gone=spaces + ['%s:%s' % (event.scheme, word)
                                               for word in (event.name, event.identity) if word]))
        elif event.kind == STARTED:
            self.turns.add(Turn(sure=spaces))
        elif event.kind == RENAMED:
            self.turns.add(Turn(unsure=spaces))

    def _real_spaces(self):
        """The spaces of the tree; none of one that is refused, which is told once."""
        try:
            found, self._refused = _real(self._up, self._spaces)[1](self.host), None
        except NetnsctlError as error:
            if self._refused != error.message:
                self.complain(error)
            found, self._refused = [], error.message
        return found

    def _choose_sources(self):
        """Follows only the runtimes that the tree names; all there are where labels or compose files are obeyed."""
        wanted = set(scheme_of(space) for space in self._real_spaces()) - set([None])
        if self.asked:
            wanted.update(scheme for scheme in turns.FOLLOWED if presence.is_installed(self.host, scheme))
        for scheme in sorted(wanted - set(self.sources)):
            self.sources[scheme] = sources.source(self.host, scheme, self._complain_text)
        for scheme in set(self.sources) - wanted:
            self.sources.pop(scheme).close()
            self.tell(Told('no longer following %s: the tree names none of its containers' % scheme,
                           told.NOT_FOLLOWING, runtime=scheme))

    def _complain_text(self, text):
        self.complain(NetnsctlError(text))

    def _work(self, turn):
        """In the child: the status to end with."""
        up, _ = _real(self._up, self._spaces)
        return turns.take_turn(self.host, turn, self.tell, self.complain, up)[0]

    # the tree

    def _watch_tree(self):
        try:
            self._tree = folders.FolderWatch(self.place)
        except OSError:
            self._tree, self._tree_due = None, monotonic() + TREE_SECONDS

    def _tree_changed(self):
        if self._tree is not None:
            try:
                return self._tree.read()
            except OSError:
                self._watch_tree()
                return True
        if monotonic() < self._tree_due:
            return False
        self._watch_tree()
        return True

    # signals and waiting

    def _take_signals(self):
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            # Python 2 wants a function; SIGCHLD only has to wake poll(2).
            signal.signal(signum, self._note)
        signal.set_wakeup_fd(self._alarm[1])

    def _note(self, signum, _frame):
        self._signals.append(signum)

    def _handle_signals(self):
        """The number of the signal that ends us, or None."""
        arrived, self._signals = self._signals, []
        for signum in arrived:
            if signum in (signal.SIGTERM, signal.SIGINT):
                return signum
        if signal.SIGHUP in arrived:
            self.tell(Told('reading the tree again', told.READING))
            self._refused = None
            self._choose_sources()
            self.turns.add(Turn(unsure=[space for space in self._real_spaces() if scheme_of(space)]
                                + self.asked.everything()))
        return None

    def _wait(self):
        """Waits until something can be read, a signal comes, or something is due."""
        watched = [self._alarm[0]] + self._overdue.filenos()
        watched += sum((source.filenos() for source in self.sources.values()), [])
        if self._tree is not None:
            watched.append(self._tree.fileno())
        watched += self._nics.filenos() + self._rules.filenos() + self._leases.filenos()
        due = [source.due for source in self.sources.values() if source.channel is None]
        due += [moment for moment in (self._tree_due if self._tree is None else None, self.turns.due(),
                                      self._overdue.due, self._nics.due(), self._rules.due, self._leases.due)
                if moment is not None]
        poll = select.poll()
        for descriptor in watched:
            poll.register(descriptor, select.POLLIN)
        # A millisecond more than to the moment, which poll(2) rounds down to.
        wait = max(0, int((min(due) - monotonic()) * 1000) + 1) if due else None
        uninterrupted(poll.poll, wait)
        try:
            os.read(self._alarm[0], 4096)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                raise

    def _close(self):
        signal.set_wakeup_fd(-1)
        self.turns.end()
        if self._overdue is not None:
            self._overdue.close()
        for source in self.sources.values():
            source.close()
        for watch in (self._tree, self._nics, self._rules, self._leases):
            if watch is not None:
                watch.close()
        for descriptor in self._alarm:
            os.close(descriptor)


def _pipe():
    """A pipe none of whose ends waits or is inherited by programs."""
    import fcntl
    ends = os.pipe()
    for descriptor in ends:
        set_cloexec(descriptor)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_NONBLOCK)
    return ends
