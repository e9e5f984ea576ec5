"""Wires that are undone unless they are confirmed in time, and those that were.

    unconfirmed/ID.json   {due, seconds, save, run, wires: [[name, id, the record that it took the place of, or null]]}
                          of one wire (ID is its id) or of several that stand or fall together (ID is their group)
                          {confirmed: true, ...} without due: they are confirmed, and are still to be saved
    undone/NAME.json      {at, seconds, back: the id of the wire that came back, or null}

Removing the first, or writing that they are confirmed, confirms all its wires at once. `due` is seconds since the host
was booted, which no change of the clock affects; run is the process that made them.
"""
from __future__ import absolute_import, division, print_function

import os
import time

from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.model.names import is_number

FOLDER, UNDONE = 'unconfirmed', 'undone'
SECONDS_MAX = 86400
LEASE_SECONDS = 60  # that a wire may wait for its lease before its time begins
_UNDONE_KEPT = 100  # the newest of these


class Request(object):
    """What `wire --confirm` asks of the wires that it makes: seconds; save: are they saved once they are confirmed?
    run: text that tells this command from others."""

    def __init__(self, seconds, save, run):
        self.seconds, self.save, self.run = seconds, save, run


def check_seconds(value):
    """'60' -> 60. UsageError outside 1..86400."""
    if not is_number(str(value), 5) or not 1 <= int(value) <= SECONDS_MAX:
        raise UsageError('confirm %s: not a number of seconds from 1 to %d' % (value, SECONDS_MAX))
    return int(value)


def uptime(host):
    """Seconds since the host was booted. Python 2 has no clock that nobody can set."""
    text = host.read('/proc/uptime') or ''
    try:
        return float(text.split()[0])
    except (ValueError, IndexError):
        raise NetnsctlError('read /proc/uptime: it does not hold a number of seconds')


class Mark(object):
    """What is written down of unconfirmed wires: due (None: they are confirmed, and are to be saved), seconds, save,
    run, wires ([(name, id, replaced record's data or None)]), key (the name of its file)."""

    def __init__(self, key, data):
        self.key = key
        self.due = None if data.get('confirmed') is True else float(data['due'])
        self.seconds, self.save, self.run = data['seconds'], data['save'], data['run']
        self.wires = [(name, wire_id, replaces) for name, wire_id, replaces in data['wires']]
        int(self.due or 0), int(self.seconds)  # finite numbers
        ''.join(text for name, wire_id, _ in self.wires for text in (name, wire_id))  # texts

    def data(self):
        """As the file has it."""
        found = {'confirmed': True} if self.due is None else {'due': self.due}
        return dict(found, seconds=self.seconds, save=self.save, run=self.run, wires=self.wires)

    def seconds_left(self, now):
        """Whole seconds until it is undone, not below 0. now: uptime()."""
        return max(0, int(self.due - now + 0.999))


def is_any(session):
    """Has there been any such wire since the host was booted? A plain wire pays for no more than this look."""
    return session.state.has(FOLDER)


def marks(session):
    """Every Mark of wires that wait: list. One that is damaged is reported in a notice. NetnsctlError if the folder
    cannot be read."""
    return [mark for mark in every(session) if mark.due is not None]


def unsaved(session):
    """The Marks of wires that are confirmed, and that are still to be saved: list. NetnsctlError as marks()."""
    return [mark for mark in every(session) if mark.due is None]


def every(session):
    """marks() and unsaved() by one look at the folder: list, those that wait first."""
    found = []
    for name in session.state.names(FOLDER):
        if name.endswith('.json'):
            mark = _load(session, name[:-len('.json')])
            if mark is not None:
                found.append(mark)
    return sorted(found, key=lambda mark: mark.due is None)


def _load(session, key):
    """The Mark in that file, or None."""
    data = session.state.read_json(FOLDER, key + '.json')
    try:
        return Mark(key, data)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        path = session.state.path(FOLDER, key + '.json')
        if os.path.exists(path):
            session.notices.append('%s is damaged: it does not say what is to be undone' % path)
        return None


def of(session, record):
    """The Mark of a wire, or None if it waits for nothing."""
    for key in (record.id, record.group) if is_any(session) else ():
        mark = key and _load(session, key)
        if mark and mark.due is not None and any(wire_id == record.id for _, wire_id, _ in mark.wires):
            return mark
    return None


def left(session):
    """{id of a record: seconds until it is undone}"""
    found = marks(session) if is_any(session) else ()
    now = uptime(session.host) if found else 0
    return dict((wire_id, mark.seconds_left(now)) for mark in found for _, wire_id, _ in mark.wires)


def note(session, request, made, key):
    """Writes down wires (Records) that are about to be committed, with the lock held. key: of the file.

    Where one replaces a wire that was not confirmed either, what comes back is what that one had replaced.
    """
    earlier = {}
    for mark in marks(session):
        earlier.update((wire_id, replaces) for _, wire_id, replaces in mark.wires)
    wires = []
    for record in made:
        old = record.replaces
        wires.append((record.name, record.id, old and (earlier[old.id] if old.id in earlier else old.data)))
    waits = LEASE_SECONDS if any(record.dhcp for record in made) else 0
    session.state.make(FOLDER)
    write(session, Mark(key, {'due': uptime(session.host) + request.seconds + waits, 'seconds': request.seconds,
                              'save': request.save, 'run': request.run, 'wires': wires}))


def renew(session, mark, request):
    """The time of these wires begins now."""
    mark.due, mark.seconds, mark.run = uptime(session.host) + request.seconds, request.seconds, request.run
    mark.save = mark.save or request.save
    write(session, mark)


def write(session, mark):
    """Writes a Mark, whose folder is there."""
    session.state.write_json(FOLDER, mark.key + '.json', mark.data())


def confirm(session, mark):
    """The wires of a Mark are confirmed, all at once, and are to be saved. With the lock held."""
    mark.due = None
    write(session, mark)


def are_saved(session, names):
    """Of confirmed wires that were still to be saved these are saved, by another way. With the lock held."""
    for mark in unsaved(session) if is_any(session) else ():
        mark.wires = [wire for wire in mark.wires if wire[0] not in names]
        if mark.wires:
            write(session, mark)
        else:
            forget(session, mark.key)


def forget(session, key):
    """These wires are confirmed and saved, or gone."""
    session.state.remove(FOLDER, key + '.json')


def sweep(session, found):
    """Removes temp files that killed runs left, and what is still to be saved of wires that are gone. With the lock
    held. found: every()."""
    for folder in (FOLDER, UNDONE):
        session.state.sweep(folder)
    for mark in found:
        if mark.due is None and not is_left(session, mark):
            forget(session, mark.key)


def tidy(session):
    """Removes the empty directory, so that plain wires need not look into it."""
    try:
        os.rmdir(session.state.path(FOLDER))
    except OSError:
        pass  # not there, or in use


def wire_is_gone(session, record):
    """A wire was removed or taken back: nothing is left to undo of it. With the lock held."""
    if os.path.exists(session.state.path(FOLDER, record.id + '.json')):
        forget(session, record.id)
    elif record.group is not None:
        mark = _load(session, record.group)
        if mark is not None and not is_left(session, mark):
            forget(session, mark.key)


def is_left(session, mark):
    """Is any wire of a Mark committed? One whose record cannot be read may be."""
    for name, wire_id, _ in mark.wires:
        try:
            record = session.journal.load(name)
        except NetnsctlError:
            return True
        if record is not None and record.id == wire_id:
            return True
    return False


def note_undone(session, mark, name, back):
    """Writes down that a wire was undone, so that who confirms it too late is told so. back: the id of the record that
    came back, or None."""
    session.state.make(UNDONE)
    folder = session.state.path(UNDONE)
    session.state.write_json(UNDONE, name + '.json', {'at': time.time(), 'seconds': mark.seconds, 'back': back})
    names = [os.path.join(folder, other) for other in os.listdir(folder)]
    if len(names) > _UNDONE_KEPT:
        for path in sorted(names, key=lambda path: os.stat(path).st_mtime)[:-_UNDONE_KEPT]:
            os.unlink(path)


def forget_undone(session, name):
    """A wire of that name was removed on request: that an earlier one was undone says nothing any more."""
    session.state.remove(UNDONE, name + '.json')


def undone(session, name, record):
    """{at, seconds, back} of a wire that was undone, and which no other has taken the place of since; else None.
    record: of that name, or None."""
    data = session.state.read_json(UNDONE, name + '.json') if session.state.has(UNDONE) else None
    if not isinstance(data, dict) or not set(data) >= set(['at', 'seconds', 'back']):
        return None
    return data if (record and record.id) == data['back'] else None
