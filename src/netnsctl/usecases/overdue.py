"""Wires that are taken back though they were committed: their command was killed while it waited for their addresses by
DHCP, or nobody confirmed them in time. roll_back: usecases.wires.transaction.roll_back."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError, cause_of
from netnsctl.execution import signals
from netnsctl.usecases.ends import asking
from netnsctl.usecases.recorded import unconfirmed


def undo_abandoned(session, roll_back):
    """Takes wires back whose command was killed while it waited for their addresses by DHCP: the records of those in
    whose place none came back."""
    gone = []
    if session.state.has('asking'):
        session.state.sweep(asking.FOLDER)
        for name, wire_id, replaces in asking.abandoned(session):
            try:
                record = session.journal.load(name)
                if record is not None and record.id == wire_id:
                    is_back = _undo_committed(session, record, replaces, roll_back) is not None
                    session.notices.append(('put back the wire %s, which an earlier run did not finish replacing'
                                            if is_back else 'rolled back the unfinished wire %s of an earlier run')
                                           % (replaces['name'] if is_back else name))
                    gone += [] if replaces else [record]
                asking.forget(session, wire_id)
            except Exception as error:
                session.notices.append('the unfinished wire %s of an earlier run: %s' % (name, cause_of(error)))
    return gone


def undo_overdue(session, roll_back):
    """Undoes the wires that were not confirmed in time: the records of those in whose place none came back."""
    if not session.state.has('unconfirmed'):
        return []
    marks, gone, known = unconfirmed.every(session), [], set(sum(session.journal.names(), []))
    unconfirmed.sweep(session, marks)
    found = [mark for mark in marks if mark.due is not None]
    if found:
        now = unconfirmed.uptime(session.host)
    elif session.confirming is None:
        unconfirmed.tidy(session)
    for mark in found:
        if not known.intersection(name for name, _, _ in mark.wires):
            unconfirmed.forget(session, mark.key)  # killed before its commit, or right after it was removed
        if mark.due > now:
            continue
        for name, wire_id, replaces in reversed(mark.wires):
            try:
                record = session.journal.load(name)
                if record is not None and record.id == wire_id:
                    _undo_unconfirmed(session, mark, record, replaces, roll_back)
                    gone += [] if replaces else [record]
            except Exception as error:  # whatever is wrong with one must not block every command
                session.notices.append('undo the wire %s, which was not confirmed in time: %s'
                                       % (name, cause_of(error)))
        if not set(name for name, _, _ in mark.wires).intersection(session.journal.names()[1]) and not (
                unconfirmed.is_left(session, mark)):
            unconfirmed.forget(session, mark.key)
    return gone


def _undo_unconfirmed(session, mark, record, replaces, roll_back):
    """Takes a committed wire back, and brings back the one that it took the place of (its record's data, or None)."""
    with signals.held():
        _note_undone(session, mark, record, None)
        back = _undo_committed(session, record, replaces, roll_back)
        if back is not None:
            _note_undone(session, mark, record, back.id)
    session.notices.append('the wire %s was not confirmed within %d s, and has been undone%s' % (
        record.name, mark.seconds, '; it is again as it was before' if back else
        '; the one before it cannot come back, since its network namespace is gone' if replaces else ''))


def _note_undone(session, mark, record, back):
    try:
        unconfirmed.note_undone(session, mark, record.name, back)
    except (NetnsctlError, EnvironmentError) as error:  # of a full disk, say: it is undone all the same
        session.notices.append('note that the wire %s was undone: %s' % (record.name, cause_of(error)))


def _undo_committed(session, record, replaces, roll_back):
    """Takes a committed wire back: the record of the one that came back in its place, or None. replaces: that one's
    data, or None."""
    record = record.with_changes(replaces=replaces)
    servers_of = session.targets_with_servers(record)
    if servers_of:
        from netnsctl.usecases.tree import resolvers
        try:
            resolvers.note_unsettled(session, servers_of)
        except NetnsctlError:
            pass  # only a kill needs the note
    with signals.held():
        # From here on a kill rolls it back in the same way. What is to come back needs the disk; what goes does not.
        if replaces:
            session.journal.commit(record)
        session.journal.reopen(record.name)
        roll_back(session, record)
        now = replaces and session.journal.load(replaces['name'])
        is_back = bool(now) and now.id == replaces['id']
    if servers_of:
        session.notices += [error.message for error in resolvers.settle_of(session, servers_of)]
    return now if is_back else None
