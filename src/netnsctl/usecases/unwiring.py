"""Taking wires away: what they made goes, what they displaced comes back, and doing it twice is no error."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import ConflictError, NotFoundError, UndoError, UsageError, declared
from netnsctl.execution import signals
from netnsctl.model import endpoint
from netnsctl.usecases import records, transaction
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


def select(session, words, rolled_back=()):
    """The recorded wires that the words of `unwire` mean: (names, errors for the words that mean none).

    Two words are two names of wires, or else the two ends of one; any other number of them are names. rolled_back:
    records of wires that were half done and are gone by now. UsageError for what can be neither, ConflictError where
    two words can be taken both ways, or join more than one wire.
    """
    done, pending = session.journal.names()
    there = set(done).union(record['name'] for record in rolled_back)
    seen = set()
    words = [word for word in words if not (word in seen or seen.add(word))]
    if len(words) == 2:
        joined = _joining(session, words, there, rolled_back)
        if joined is not None:
            return [joined], []
        if not there.union(pending).intersection(words):
            return [], [NotFoundError('unwire %s %s: no wire joins these two, and none has either name' % tuple(words),
                                      hint='`netnsctl ls` lists them.')]
    found, errors = [], []
    for word in words:
        if word in there:
            found.append(word)
        elif word in pending:
            errors.append(UndoError('unwire %s: it is half done, and cannot be rolled back' % word,
                                    hint='netnsctl doctor wires'))
        else:
            errors.append(_missing(session, word))
    return found, errors


def _joining(session, words, there, rolled_back):
    """The name of the wire that joins two endpoints, or None: there is none, or the words are names of wires."""
    named = [word for word in words if word in there]
    try:
        ends = [endpoint.parse(word) for word in words]
    except UsageError:
        if named:
            return None
        raise
    joined = find(session, *ends)
    if joined is None:
        joined = ([record['name'] for record in rolled_back if records.matches(record, *ends)] + [None])[0]
    if joined is not None and len(named) == 2:
        raise ConflictError('unwire %s %s: each is the name of a wire, and both are the ends of %s'
                            % (words[0], words[1], joined),
                            hint='netnsctl unwire %s\nnetnsctl unwire %s; netnsctl unwire %s'
                                 % (joined, words[0], words[1]))
    return joined


def _missing(session, word):
    """The error for a word that is not the name of a wire. UsageError where it could not be one."""
    ending = []
    try:
        ending = ending_at(session, endpoint.parse(word))
    except UsageError:
        pass
    if not ending:
        records.check_known_name(word)
        return NotFoundError('unwire %s: no such wire' % word, hint='`netnsctl ls` lists them.')
    hint = '\n'.join('netnsctl unwire %s' % name for name in ending[:20])
    if len(ending) == 1:
        return NotFoundError('unwire %s: no wire has this name; it is an end of %s' % (word, ending[0]), hint=hint)
    return ConflictError('unwire %s: no wire has this name; it is an end of %d: %s' % (
        word, len(ending), ', '.join(ending)), hint=hint)


def ending_at(session, end):
    """Names of the recorded wires that have an end where an Endpoint says; its items are not looked at."""
    end.target = canonical_target(end.target)
    return [record['name'] for record in session.recorded() if records.ends_at(record, end)]


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
            except Exception as error:
                if going:
                    break  # for want of descriptors, maybe: once these are gone it is the first
                tell(name, declared(error, 'unwire %s' % name))
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
        if not any(end.ns in namespaces for end in record.ends):
            namespaces.update(session.open_living(record))
        transaction.load_backends(session, record)
        session.journal.reopen(name)
    except BaseException:
        records.close_all(namespaces, session.home)
        raise
    return record.with_changes(replaces=None), namespaces


def _finish(session, going, tell):
    gone = _delete_veths(session, going)
    for at, (record, namespaces) in enumerate(going):
        try:
            transaction.roll_back(session, record, namespaces, [other for other, _ in going[at + 1:]], at in gone)
        except Exception as error:
            tell(record.name, declared(error, 'unwire %s' % record.name))
        else:
            tell(record.name, None)


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
    """The DeleteLink of a record's pair, if nothing has to go before it but addresses of a bridge, else None."""
    for step in record.undo_operations():
        if step.verb == 'delete-link' and step.peer:
            return step
        if step.verb != 'delete-address':
            return None
    return None
