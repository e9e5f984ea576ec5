"""A container that its runtime is about to start, and the file that says so as long as it may have wires.

    oci/ID   {id, scheme, name, pid, start, hook: [PID, start time], done: when the hook had done its work, or null}
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.errors import NotFoundError
from netnsctl.model.endpoint import Target
from netnsctl.model.names import check_name

FOLDER = 'oci'
HELD_SECONDS = 10.0  # after the hook has ended; until it lets go of it, nobody can give its name to another either


class Container(object):
    """scheme: of its runtime ('podman', or None for one that netnsctl cannot ask). name: or None. identity: its ID.
    pid: of the process that is to become its init, in the host's PID namespace; start: when that began."""
    __slots__ = ('scheme', 'name', 'identity', 'pid', 'start')

    def __init__(self, scheme, name, identity, pid, start=None):
        self.scheme, self.name, self.identity, self.pid = scheme, name, identity, pid
        self.start = netns.start_time(pid) if start is None else start
        if self.start is None:
            raise NotFoundError('%s: there is no process with PID %d' % (self, pid))
        if scheme is not None and name is not None:
            check_name(name, scheme)

    def __str__(self):
        return str(self.target)

    @property
    def target(self):
        """The Target that stands for it in a record."""
        return Target('pid', '%d' % self.pid) if self.scheme is None else Target(
            self.scheme, self.name or self.identity)

    def targets(self):
        """Every Target that means it, but shortened IDs."""
        if self.scheme is None:
            return [self.target]
        return [Target(self.scheme, name) for name in (self.name, self.identity) if name]

    def is_called(self, name):
        """Is that its name, its ID, or 12 digits or more of the ID?"""
        return name in (self.name, self.identity) or len(name) >= 12 and self.identity.startswith(name)

    def is_there(self):
        """Does its init, or what is to become that, still run?"""
        return netns.start_time(self.pid) == self.start


def note(session, container, done=None):
    """Says that a container may have wires. Without the lock: nobody else writes that file. done: the hook's work is,
    now (compat.monotonic())."""
    session.state.make(FOLDER)
    hook = os.getpid()
    session.state.write_json(FOLDER, container.identity, {
        'id': container.identity, 'scheme': container.scheme, 'name': container.name, 'pid': container.pid,
        'start': container.start, 'hook': [hook, netns.start_time(hook)], 'done': done})


def forget(session, identity):
    """It has no wires any more."""
    session.state.remove(FOLDER, identity)


def noted(session):
    """[(Container, does its runtime hold it?)] of all that may have wires; a file that is damaged is removed."""
    found = []
    for name in session.state.names(FOLDER):
        data = session.state.read_json(FOLDER, name)
        try:
            pid, start = data['hook']
            is_held = start is not None and netns.start_time(pid) == start or (
                data['done'] is not None and monotonic() - data['done'] < HELD_SECONDS)
            found.append((Container(data['scheme'], data['name'], data['id'], data['pid'], data['start']), is_held))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            forget(session, name)
    return found


def wires_of(session, container):
    """The records of wires that a start made and that end in a container, or were made for an earlier run of it:
    list."""
    return [record for record in session.recorded() if 'container' in record.data and (
        record.data['container'] == container.identity or any(
            (there['pid'], there['start']) == (container.pid, container.start) for there in record.netns.values()))]
