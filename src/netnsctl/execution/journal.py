"""The journal: one JSON file per wire, written before the wire's first operation and kept for as long as it stands.

    wires/NAME.pending.json   begun, or being removed: its undo list has to be run
    wires/NAME.json           committed: the wire is made

    groups/ID                 the pending wires of this group are valid: the process was killed while committing them

Each step from one to the other is a single rename(2), so a kill at any moment leaves one or the other.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import random_hex, to_bytes
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import as_json

VERSION = 1
FOLDER = 'wires'
GROUPS = 'groups'
_DONE, _PENDING = '.json', '.pending.json'
# The mtime of a directory in which no wire is pending and no temp file is left: whoever changes it, and is killed, has
# given it another one. So one more wire takes no look at the names of 10,000.
_SETTLED = 86399


class DamagedError(NetnsctlError):
    """A file of the journal does not contain a record that this netnsctl understands."""


class Journal(object):
    """The records of all wires. A record is plain data; see usecases.records for its fields."""

    def __init__(self, state):
        self.state = state
        self._made_under = None  # the lock under which the directory was made and looked at
        self._begun = None  # names of the wires that are pending under this lock, if they are known: set

    def names(self):
        """(names of committed wires, names of pending ones), each sorted; nothing is read but the directory."""
        files = self.state.names(FOLDER)
        pending = sorted(name[:-len(_PENDING)] for name in files if name.endswith(_PENDING))
        done = sorted(name[:-len(_DONE)] for name in files if name.endswith(_DONE) and not name.endswith(_PENDING))
        return done, pending

    def begun(self):
        """The names of pending wires, sorted; the directory is not read if the last run left it settled."""
        return [] if self._is_settled() else self.names()[1]

    def has(self, name, pending=False):
        """Is there a committed (or pending) wire of this name, whatever is in its record?"""
        return self.state.require_own(FOLDER) and os.path.lexists(self.path(name, pending))

    def follow(self, begun):
        """Of all wires these alone may be pending, and no temp file is left: if none is when the lock is released, the
        directory is settled."""
        self._begun = set(name for name in begun if self.has(name, pending=True))
        self.state.before_unlock = self._settle

    def lose_track(self):
        """Another process may have changed it under this lock."""
        self._begun = None

    def _is_settled(self):
        try:
            return self.state.require_own(FOLDER) and os.stat(self.state.path(FOLDER)).st_mtime == _SETTLED
        except OSError:
            return False

    def _settle(self):
        begun, self._begun = self._begun, None
        if begun is not None and not begun:
            try:
                os.utime(self.state.path(FOLDER), (_SETTLED, _SETTLED))
            except OSError:
                pass  # there is none yet; or the next run looks at them all

    def path(self, name, pending=False):
        """The file of a committed (or pending) wire."""
        return self.state.path(FOLDER, name + (_PENDING if pending else _DONE))

    def load(self, name, pending=False, mentioning=()):
        """The record of a committed (or pending) wire, or None; one that cannot be read is an error that names
        the file. mentioning: texts in plain ASCII; None for a record that does not have them all somewhere."""
        path = self.path(name, pending)
        data = self.state.read(FOLDER, os.path.basename(path))
        if data is None or not all(to_bytes(text) in data for text in mentioning):
            return None
        record = as_json(data)
        if record is None:
            raise DamagedError('read %s: not a record of a wire' % path)
        if not isinstance(record, dict) or record.get('version') != VERSION:
            raise DamagedError('read %s: not a record that this version of netnsctl understands' % path)
        return record

    def begin(self, record):
        """Records a wire that is about to be made."""
        if self.state.lock_fd is None or self.state.lock_fd != self._made_under:
            self.state.make(FOLDER)
            self._made_under = self.state.lock_fd
        self._note_begun(record['name'])
        self.state.write_json(FOLDER, record['name'] + _PENDING, record)

    def commit(self, record):
        """The wire is made: its record replaces the pending one."""
        self.state.write_json(FOLDER, record['name'] + _DONE, record)
        self.forget(record['name'])

    def put_back(self, record):
        """The committed record is this one again; a pending one stays."""
        self.state.write_json(FOLDER, record['name'] + _DONE, record)

    def reopen(self, name):
        """A committed wire is about to be removed."""
        self._note_begun(name)
        self._rename(name + _DONE, name + _PENDING)

    def withdraw(self, record):
        """Makes exactly this record pending again if it was committed, with what it replaces, which its commit omits:
        for a failure or an interruption right after that. Of a change the committed record stays."""
        name = record['name']
        if not os.path.exists(self.state.path(FOLDER, name + _DONE)):
            return
        done = Journal.load(self, name)
        if done['id'] != record['id']:
            return
        try:
            if record.get('change'):
                # Not the number of what is committed: that would count as done.
                Journal.begin(self, dict(record, id=random_hex(8)))
            elif record.get('replaces'):
                Journal.put_back(self, dict(done, replaces=record['replaces']))
        except NetnsctlError:
            pass  # on a full disk it is rolled back all the same: only a kill in the middle is not made up for
        if not record.get('change'):
            self.reopen(name)

    def forget(self, name):
        """Nothing of the pending wire is left."""
        try:
            os.unlink(self.state.path(FOLDER, name + _PENDING))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise NetnsctlError('remove the record of %s: %s' % (name, error.strerror))
        if self._begun is not None:
            self._begun.discard(name)

    def _note_begun(self, name):
        if self._begun is not None:
            self._begun.add(name)

    def mark_group(self, group):
        """The pending wires of a group are valid from here on."""
        self.state.make(GROUPS)
        self.state.write_json(GROUPS, group, {})

    def group_marked(self, group):
        return group is not None and os.path.exists(self.state.path(GROUPS, group))

    def unmark_group(self, group):
        """Removes the mark of the group, if there is one."""
        self.state.remove(GROUPS, group)

    def sweep(self):
        """Removes what killed runs left: temp files, and marks of groups, none of whose wires is pending any more."""
        for folder in ((), (GROUPS,)) if self._is_settled() else ((), (FOLDER,), (GROUPS,)):
            self.state.sweep(*folder)
        try:
            groups = os.listdir(self.state.path(GROUPS))
        except OSError:
            return
        try:
            begun = [Journal.load(self, name, pending=True) for name in self.names()[1]] if groups else []
        except NetnsctlError:
            return  # it may be of any of them
        for group in set(groups) - set(record and record.get('group') for record in begun):
            self.unmark_group(group)

    def _rename(self, old, new):
        try:
            os.rename(self.state.path(FOLDER, old), self.state.path(FOLDER, new))
        except OSError as error:
            raise NetnsctlError('rename %s to %s: %s' % (self.state.path(FOLDER, old), new, error.strerror))
