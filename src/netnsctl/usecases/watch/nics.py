"""What `netnsctl watch` knows of NICs that are lent: it holds their namespaces, and notices at once when one ends.

A descriptor keeps a namespace alive, and with it the way to the NIC: it is moved back through that, instead of waiting
for the kernel to clean up. If this process is killed, the kernel returns the NIC, or the next command does.
"""
from __future__ import absolute_import, division, print_function

import os
import select

from netnsctl.compat import monotonic, set_cloexec
from netnsctl.edge import netns, syscalls
from netnsctl.edge.events import folders
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.lending import marks, returned
from netnsctl.usecases.wires.session import Session

# Between looks where the kernel reports nothing: no inotify, no pidfd_open(2) (before Linux 5.3).
LOOK_SECONDS = 1.0
# A NIC that could not be brought back is tried again after so long, twice as long each time.
FIRST_SECONDS, MOST_SECONDS = 1.0, 60.0


class Held(object):
    """A namespace that has a NIC: descriptor (None: it is gone already), process (a pidfd, or None), identity, since
    (the id of the wire's record)."""
    __slots__ = ('descriptor', 'process', 'identity', 'since')

    def __init__(self, record, end):
        self.identity, self.since = record.identity(end), record.id
        self.descriptor = self.process = None
        opened = netns.open_again(self.identity)
        if opened is None:
            return
        try:
            self.descriptor = os.dup(opened.fd)
            set_cloexec(self.descriptor)
        finally:
            opened.close()
        if self.identity['pid'] is not None:
            try:
                self.process = syscalls.pidfd_open(self.identity['pid'])
            except OSError:
                pass

    def has_ended(self):
        """Is its owner gone: the process, or the name?"""
        if self.descriptor is None:
            return True
        if self.identity['pid'] is not None:
            return netns.start_time(self.identity['pid']) != self.identity['start']
        try:
            status = os.stat(self.identity['path'])
        except OSError:
            return True
        return (status.st_dev, status.st_ino) != netns.key_of(self.identity)

    def close(self):
        for descriptor in (self.descriptor, self.process):
            if descriptor is not None:
                os.close(descriptor)
        self.descriptor = self.process = None


class Nics(object):
    """host: edge.Host. filenos() and due() are for poll(2); step() says whether a NIC has to be brought home."""

    def __init__(self, host):
        self._session = Session(host)
        self._held = {}
        self._watches, self._is_blind = [], False
        self._next_look = 0.0
        self._retry, self._pause = 0.0, FIRST_SECONDS  # at once, what ended while nobody watched
        for folder in (self._session.state.path(marks.FOLDER), self._session.state.path('wires'), netns.NETNS_DIR):
            try:
                self._watches.append(folders.FolderWatch(folder))
            except OSError:
                self._is_blind = True

    def filenos(self):
        """Descriptors that are readable when there is something to look at: list."""
        return [watch.fileno() for watch in self._watches] + [
            held.process for held in self._held.values() if held.process is not None]

    def due(self):
        """The moment at which step() has something to do if nothing happens, or None."""
        moments = [self._retry] if self._retry is not None else []
        if self._is_blind or any(self._is_silent(held) for held in self._held.values()):
            moments.append(self._next_look)
        return min(moments) if moments else None

    @staticmethod
    def _is_silent(held):
        """Does nothing report its end? A path need not be below /var/run/netns."""
        if held.descriptor is None:
            return False
        return held.process is None and (held.identity['pid'] is not None or held.identity['name'] is None)

    def step(self):
        """Has a namespace ended whose NIC is to be brought home now?"""
        now = monotonic()
        due = self.due()
        if not (self._has_news() or due is not None and now >= due):
            return False
        self._next_look = now + LOOK_SECONDS
        self._refresh()
        if not any(held.has_ended() for held in self._held.values()):
            self._retry, self._pause = None, FIRST_SECONDS
            return False
        if self._retry is not None and now < self._retry:
            return False
        self._retry, self._pause = now + self._pause, min(self._pause * 2, MOST_SECONDS)
        return True

    def _has_news(self):
        found = False
        for watch in self._watches:
            try:
                found = watch.read() or found
            except OSError:
                self._is_blind = found = True
        ended = [held for held in self._held.values() if held.process is not None and _is_readable(held.process)]
        for held in ended:
            os.close(held.process)  # once is enough
            held.process = None
        return found or bool(ended)

    def _refresh(self):
        """Holds the namespaces of the wires that there are now, and lets go of the others."""
        wanted = {}
        try:
            for name in marks.names(self._session):
                # Also while it is on its way home, which may fail the first time.
                there = returned.lent(self._session, name) or returned.lent(self._session, name, pending=True)
                if there is not None:
                    wanted[name] = there
        except (NetnsctlError, KeyError, TypeError, AttributeError):
            return  # what is wrong with the state, `ls` says; what is held stays
        for name in list(self._held):
            if name not in wanted or wanted[name][0].id != self._held[name].since:
                self._held.pop(name).close()
        for name in set(wanted) - set(self._held):
            try:
                self._held[name] = Held(*wanted[name][:2])
            except (NetnsctlError, OSError):
                self._is_blind = True  # looked for again

    def close(self):
        for watch in self._watches:
            watch.close()
        for held in self._held.values():
            held.close()
        self._session.close()


def _is_readable(descriptor):
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
