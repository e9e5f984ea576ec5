"""NICs whose namespace has ended: they are brought home, and their wires are removed.

A container that ends does not return a NIC by itself as long as anything keeps its namespace alive, and where it does,
the NIC comes back down, without its addresses, and under another name. Every command that changes something looks.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import declared
from netnsctl.usecases.lending import marks
from netnsctl.usecases.recorded import existing


def lent(session, name, pending=False):
    """(the record of a wire that has a NIC, the end that the NIC is at, what it was: edge.nics.saved), or None.
    pending: of one that is begun, or being removed."""
    record = session.journal.load(name, pending)
    if record is None:
        return None
    for end, anchor in zip(record.ends, reversed(record.ends)):
        if anchor.lent is not None:
            return record, end, anchor.lent
    return None


def ended(session):
    """The committed records, with NICs, of which the namespace is gone: list of (record, end, what the NIC was)."""
    found = []
    for name in marks.names(session):
        there = lent(session, name)
        if there is not None and not existing.is_there(there[0], there[1]):
            found.append(there)
    return found


def unfinished(session):
    """The pending records with NICs, of which a run was killed or could not bring them back: as ended()."""
    found = [lent(session, name, pending=True) for name in marks.names(session)]
    return [there for there in found if there is not None]


def bring_home(session, roll_back):
    """Brings the NICs home whose namespaces ended, with the lock held, and says so in notices: the records that are
    gone with that. roll_back(session, record): removes a pending wire.

    What fails now is tried again by the next command, and affects no other wire.
    """
    gone = []
    for name in marks.names(session):
        try:
            there = lent(session, name)
            if there is None:
                if not session.journal.names()[1]:
                    marks.remove(session, name)  # a pending wire may still restore the one that it was to replace
                continue
            record, end, was = there
            if existing.is_there(record, end):
                continue
            session.journal.reopen(name)
            roll_back(session, record.with_changes(replaces=None))
            marks.remove(session, name)
            session.notices.append('%s ended: the NIC %s is back, and the wire %s is removed' % (
                end.target, was['name'], name))
            gone.append(record)
        except Exception as error:
            session.notices.append('the NIC of the wire %s: %s' % (name, declared(error, 'bring it back').message))
    return gone
