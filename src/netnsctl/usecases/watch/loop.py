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
from netnsctl.errors import Interrupted, NetnsctlError, declared
from netnsctl.execution import signals
from netnsctl.usecases.watch import nics, overdue, rules, told, turns
from netnsctl.usecases.watch.told import Told
from netnsctl.usecases.watch.turns import Turn, scheme_of

TURN_SECONDS = 90.0  # longer than a turn waits for the lock of another netnsctl
SPACE_SECONDS = 30.0  # that each space may take besides: a DHCP client may wait for an answer
GRACE_SECONDS = 15.0  # that a turn has to roll back once it was told to end
TREE_SECONDS = 5.0  # between looks at the tree, where there is no inotify
# Docker before 1.10 tells of a start just before it: how long to wait for the container to run, attempt by attempt.
RETRIES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
# What is in the way of a wire may be in a namespace that has ended: when it is tried again, each time later.
PASSING = (2.0, 5.0, 15.0, 60.0, 300.0)


def once(host, tell, complain, up=None, spaces=None):
    """Brings up the wires of all containers of the tree that run: the exit code. See Watch for the arguments."""
    up, spaces = _real(up, spaces)
    turn = Turn(unsure=[space for space in spaces(host) if scheme_of(space)], is_overdue=True, nics=True)
    return turns.take_turn(host, turn, tell, complain, up)[1]


def _real(up, spaces):
    """up and spaces, or the real ones. Imported by the parent, so that the children find them there: 30 ms less for
    each, for 4 MB."""
    if up is None:
        from netnsctl.usecases.up_down import up_down
        up = up_down.up_at_boot
    if spaces is None:
        from netnsctl.usecases import tree
        spaces = tree.spaces
    return up, spaces


class Watch(object):
    """host: edge.Host. tell(text): a thing done. complain(error): a NetnsctlError that affects only what it names.

    up(session, [space, ...]) -> Summary and spaces(host) -> [space, ...]: usecases.up_down.up_down.up and
    usecases.config_tree.spaces, or a test's. place: the directory whose entries are the spaces. note(text): what an
    engine reported of any container, or None. Texts are told.Told.
    """

    def __init__(self, host, tell, complain, up=None, spaces=None, place='/etc/sysconfig/netns',
                 note=None):
        self.host, self.tell, self.complain, self.note = host, tell, complain, note
        self._up, self._spaces = up, spaces
        self.place = host.path(place)
        self.sources = {}
        self.turns = Turns(self._work, complain)
        self._tree = self._nics = self._rules = None
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
        return _real(self._up, self._spaces)[1](self.host)

    def _choose_sources(self):
        """Follows only the runtimes that the tree names."""
        wanted = set(scheme_of(space) for space in self._real_spaces()) - set([None])
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
            self._choose_sources()
            self.turns.add(Turn(unsure=[space for space in self._real_spaces() if scheme_of(space)]))
        return None

    def _wait(self):
        """Waits until something can be read, a signal comes, or something is due."""
        watched = [self._alarm[0]] + self._overdue.filenos()
        watched += sum((source.filenos() for source in self.sources.values()), [])
        if self._tree is not None:
            watched.append(self._tree.fileno())
        watched += self._nics.filenos() + self._rules.filenos()
        due = [source.due for source in self.sources.values() if source.channel is None]
        due += [moment for moment in (self._tree_due if self._tree is None else None, self.turns.due(),
                                      self._overdue.due, self._nics.due(), self._rules.due) if moment is not None]
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
        for watch in (self._tree, self._nics, self._rules):
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
        self._later = {}  # space: when to try it again
        self._passing = {}  # space: how often something was in its way
        self._not_before = 0.0  # no child is started before this moment
        self._child = self._turn = self._deadline = self._limit = None
        self._told_to_end = False

    def add(self, turn):
        """Adds work to be done."""
        for space in turn.gone | turn.sure:
            for known in (self._attempts, self._later, self._passing):
                known.pop(space, None)
        self._next.gone |= turn.gone
        self._next.sure = (self._next.sure - turn.gone) | turn.sure
        self._next.unsure |= turn.unsure
        self._next.is_overdue = self._next.is_overdue or turn.is_overdue
        self._next.nics = self._next.nics or turn.nics
        self._next.rules = self._next.rules or turn.rules

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
                # One that something was in the way of ran: it may have ended since.
                (self._next.unsure if space in self._passing else self._next.sure).add(space)
            if (self._next or self._alone) and now >= self._not_before:
                self._start()

    def _start(self):
        if self._alone:
            turn = Turn(unsure=[self._alone.pop()])
        else:
            turn, self._next = self._next, Turn()
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
            if os.WEXITSTATUS(status) == turns.NOT_RUNNING_YET:
                self._try_again(turn.sure - turn.last)
            elif os.WEXITSTATUS(status) == turns.MAY_PASS:
                self._try_later(turn)
            return
        if not ended_by_itself:
            cause = 'it did not finish within %d s' % self._limit if self._told_to_end else (
                'its process was ended by signal %d' % os.WTERMSIG(status))
            self.complain(NetnsctlError('bring up %s: %s' % (' '.join(turn.spaces()), cause)))
        if len(turn.spaces()) > 1:
            self._alone.extend(space for space in turn.spaces() if space not in self._next.gone)

    def _try_again(self, spaces):
        now = monotonic()
        for space in spaces - self._next.gone - self._next.sure:
            attempt = self._attempts.get(space, 0)
            self._attempts[space] = attempt + 1
            self._later[space] = now + RETRIES[attempt]

    def _try_later(self, turn):
        for space in set(turn.spaces()) - self._next.gone - self._next.sure:
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
