"""Taking wires away: what they made goes, what they displaced comes back, and doing it twice is no error."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.execution import signals
from netnsctl.usecases import records
from netnsctl.usecases.resolving import canonical_target

# Wires that are taken away side by side: most of what there is to win, and far from any limit of descriptors.
AT_ONCE = 32


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
    told = []
    unwire_many(session, [name], lambda _, error: told.append(error))
    for error in told:
        if error is not None:
            raise error
    return bool(told)


def unwire_many(session, names, tell):
    """Takes wires away, with the lock held, many at a time.

    tell(name, NetnsctlError or None) is called for each that was there: one that cannot be taken away does not keep the
    others. A signal ends it when those that are under way are gone.
    """
    names = list(names)
    while names:
        with signals.held():
            taken = _unwire_first(session, names[:AT_ONCE], tell)
        del names[:taken]


def _unwire_first(session, names, tell):
    """Takes as many of these wires away as can be held open at once: how many, at least one."""
    going = []
    count = 0
    try:
        for name in names:
            try:
                opened = _begin(session, name)
            except NetnsctlError as error:
                if going:
                    break  # for want of descriptors, maybe: once these are gone it is the first
                tell(name, error)
                return 1
            count += 1
            if opened is not None:
                going.append(opened)
        _finish(session, going, tell)
    finally:
        for _, namespaces in going:
            records.close_all(namespaces, session.home)
    return count


def _begin(session, name):
    """(record, {reference: Netns}) of a wire that is pending from here on; None where there is no such wire.

    Its namespaces are opened first: a wire in one that may not be entered stands.
    """
    record = session.journal.load(records.check_known_name(name))
    if record is None:
        return None
    namespaces = records.open_namespaces(record, session.home)
    try:
        session.load_backends(record)
        session.journal.reopen(name)
    except BaseException:
        records.close_all(namespaces, session.home)
        raise
    return dict(record, replaces=None), namespaces


def _finish(session, going, tell):
    gone = _delete_veths(session, going)
    for at, (record, namespaces) in enumerate(going):
        try:
            session.roll_back(record, namespaces, [other for other, _ in going[at + 1:]], at in gone)
        except NetnsctlError as error:
            tell(record['name'], error)
        else:
            tell(record['name'], None)


def _delete_veths(session, going):
    """Deletes the links of those wires whose undo list begins with that, side by side: their places in `going`."""
    first = dict((at, _veth_first(record)) for at, (record, _) in enumerate(going))
    places = [at for at in sorted(first) if first[at] is not None]
    if len(places) < 2 or session.choose_many().name != 'netlink':
        return set()
    from netnsctl.execution import deleting  # a single wire needs no threads
    gone = deleting.delete_veths([(first[at], going[at][1]) for at in places])
    return set(places[place] for place in gone)


def _veth_first(record):
    """The DeleteVeth of a record, if nothing has to go before it but addresses of a bridge, else None."""
    for step in records.undo_operations(record):
        if step.verb == 'delete-veth':
            return step
        if step.verb != 'delete-address':
            return None
    return None
