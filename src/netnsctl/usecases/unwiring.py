"""Taking wires away: what they made goes, what they displaced comes back, and doing it twice is no error."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import ConflictError
from netnsctl.usecases import records
from netnsctl.usecases.resolving import canonical_target


def find(session, a, b):
    """The name of the recorded wire between two Endpoints (their items are not looked at), or None.

    The containers need not be there any more. ConflictError where it could be more than one wire.
    """
    journal = session.journal
    for end in (a, b):
        end.target = canonical_target(end.target)
    for name in (records.default_name(a, b), records.default_name(b, a)):
        record = journal.load(name)
        if record is not None and records.matches(record, a, b):
            return name
    found = [record['name'] for record in session.recorded() if records.matches(record, a, b)]
    if len(found) > 1:
        raise ConflictError('%s and %s: joined by more than one wire: %s' % (a.place(), b.place(), ', '.join(found)),
                            hint='Give the interface names as well, or the name of the wire.')
    return found[0] if found else None


def unwire(session, name):
    """Takes a wire away, with the lock held: True, or False where there is no such wire.

    UndoError where something could not be taken away; the wire then stays in the journal as half done.
    """
    record = session.journal.load(records.check_known_name(name))
    if record is None:
        return False
    clear(session, record)
    return True


def clear(session, record):
    """Takes away what there is of a committed wire.

    Its namespaces are opened first: what may not be entered stays recorded.
    """
    namespaces = records.open_namespaces(record)
    try:
        session.journal.reopen(record['name'])
        session.roll_back(dict(record, replaces=None), namespaces)
    finally:
        records.close_all(namespaces)
