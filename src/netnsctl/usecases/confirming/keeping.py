"""`netnsctl confirm`: wires that would be undone are kept, and saved where that was asked for."""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import shell_quote
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError, UndoError
from netnsctl.execution.journal import DamagedError
from netnsctl.model.names import may_be_name
from netnsctl.usecases.recorded import existing, unconfirmed
from netnsctl.usecases.wires import transaction


class Kept(object):
    """What became of it: confirmed, waiting_for_nothing (names), saved ([(place of a file, its new text or None)]),
    errors."""

    def __init__(self):
        self.confirmed, self.waiting_for_nothing, self.saved, self.errors = [], [], [], []


def confirm(session, words, every=False):
    """Confirms the wires that these words mean, or with every all that wait: Kept. UsageError, ConflictError."""
    with session.locked():
        transaction.recover(session)
        return _Confirmation(session).do(words, every)


class _Confirmation(object):
    def __init__(self, session):
        self.session, self.kept = session, Kept()
        # With those of wires that an earlier `confirm` could not save.
        self.marks = unconfirmed.every(session) if unconfirmed.is_any(session) else []

    def do(self, words, every):
        if every:
            for mark in self.marks:
                self._confirm(mark)
            return self.kept
        names, errors = existing.select(self.session, 'confirm', words)
        for error in errors:
            self.kept.errors.append(_too_late(self.session, [word for word in words if may_be_name(word)], error))
        if errors:
            return self.kept
        for name in names:
            if name in self.kept.confirmed:
                continue  # along with another
            record = self.session.journal.load(name)
            mark = [mark for mark in self.marks if any(told == record.id for _, told, _ in mark.wires)]
            undone = unconfirmed.undone(self.session, name, record)
            if mark:
                self._confirm(mark[0])
            elif undone is not None:
                self.kept.errors.append(ConflictError(_late(name, undone) + '; it is as it was before'))
            else:
                self.kept.waiting_for_nothing.append(name)
        return self.kept

    def _confirm(self, mark):
        """All wires of a Mark."""
        names = []
        for name, wire_id, _ in mark.wires:
            try:
                record = self.session.journal.load(name)
            except NetnsctlError as error:
                self.kept.errors.append(error)
                if not isinstance(error, DamagedError):
                    return  # it waits on
                continue  # must not keep the others from being confirmed
            if record is not None and record.id == wire_id and name not in self.kept.confirmed:
                names.append(name)
        # First: a wire must not be undone because it cannot be saved, nor be saved and then undone.
        if mark.save:
            unconfirmed.confirm(self.session, mark)
        self.kept.confirmed += names
        if not mark.save or self._save(mark, names):
            unconfirmed.forget(self.session, mark.key)

    def _save(self, mark, names):
        """Saves these wires of a Mark: True, or False where one cannot be saved. The next `confirm` tries again."""
        from netnsctl.usecases.tree import saving
        told, replaced = len(self.kept.errors), dict((name, replaces) for name, _, replaces in mark.wires)
        for name in names:
            try:
                record = self.session.journal.load(name).with_changes(replaces=replaced[name])
                self.kept.saved += saving.save_new(self.session, record, saving.before_new(self.session, record))
            except NetnsctlError as error:
                error.message = '%s: confirmed, but not saved: %s' % (name, error.message)
                error.hint = error.hint or 'Once it can be saved, this does it: netnsctl confirm %s' % shell_quote(name)
                self.kept.errors.append(error)
        return len(self.kept.errors) == told


def _too_late(session, names, error):
    """The error for a word that means no wire: that it was undone, where it was."""
    for name in names:
        undone = unconfirmed.undone(session, name, None)
        if undone is not None and name in error.message and not isinstance(error, UndoError):
            return NotFoundError(_late(name, undone))
    return error


def _late(name, undone):
    return 'confirm %s: too late: it was not confirmed within %d s, and was undone at %s' % (
        name, undone['seconds'], time.strftime('%H:%M:%S', time.localtime(undone['at'])))
