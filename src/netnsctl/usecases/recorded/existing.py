"""Decides which recorded wire is meant, in whatever form it is named.

A name of a wire is its record's. An end of a wire is known by its network namespace, which may be given as a name, a
path, a PID or the ID of a container: another spelling of the same namespace is the same end. Where the recorded
namespace is gone (a container was restarted, or stopped), the text of its target still says which end it was. Targets
on the host have only one form, and are compared as text.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError, UndoError, UsageError
from netnsctl.model import endpoint
from netnsctl.model.names import check_known_name, default_name, may_be_name
from netnsctl.usecases.recorded import records
from netnsctl.usecases.ends.resolving import canonical_target, resolve


class Now(object):
    """What targets mean now: each is looked up once per command, and only if the text alone is not enough."""

    def __init__(self, session):
        self._session, self._found = session, {}

    def note(self, target, opened):
        """A Target was resolved to this Netns."""
        if not target.is_on_host:
            self._found[target] = opened.identity()

    def identity(self, target):
        """The Netns.identity() that a Target means, or None: there is none, or it cannot be found out."""
        if target.is_on_host:
            return None
        if target not in self._found:
            self._found[target] = None
            try:
                opened, _ = resolve(self._session.host, target, self._session.home, self._session.presence)
            except NetnsctlError:
                return None
            try:
                self._found[target] = opened.identity()
            finally:
                opened.close()
        return self._found[target]


def fits_by_text(end, asked):
    """Does a recorded end have the target text of an Endpoint? Items are ignored."""
    if asked.ifname not in (None, end.dev):
        return False
    recorded = end.parsed_target()
    return recorded.name == asked.target.name if asked.target.scheme is None else recorded == asked.target


def fits_by_namespace(now, record, end, asked):
    """Is a recorded end in the namespace that the target of an Endpoint means now, whatever their texts?"""
    return _fits(end, asked, lambda: now.identity(asked.target), lambda: record.identity(end))


def _fits_a_lost_one(now, record, end, asked):
    """Is the target of a recorded end, whose namespace is gone, another spelling of an Endpoint's?"""
    return _fits(end, asked, lambda: now.identity(asked.target),
                 lambda: None if is_there(record, end) else now.identity(end.parsed_target()))


def _fits(end, asked, meant, recorded):
    """Is a recorded end the one that an Endpoint asks for? meant(), recorded(): the Netns.identity() of each, or None;
    what is on the host is compared by its text."""
    if asked.ifname not in (None, end.dev):
        return False
    target = end.parsed_target()
    if target.is_on_host or asked.target.is_on_host:
        return target == asked.target
    one = meant()
    other = None if one is None else recorded()
    return other is not None and netns.is_one(one, other)


def is_there(record, end):
    """Is the namespace that a recorded end is in still there?"""
    try:
        opened = netns.open_again(record.identity(end))
    except NetnsctlError:
        return True
    if opened is not None:
        opened.close()
    return opened is not None


def by_text(record, a, b):
    """The ends of a record in the order of two Endpoints that they are called as, or None. Items are not looked at."""
    return _in_order(record, a, b, fits_by_text)


def by_namespace(now, record, a, b):
    """The ends of a record in the order of two Endpoints whose namespaces they are in, or None."""
    return _in_order(record, a, b, lambda end, asked: fits_by_namespace(now, record, end, asked))


def ends_of(session, record, a, b):
    """The ends of a record in the order of two Endpoints that mean them, by their text or by their namespaces, or
    None."""
    now = session.now
    return by_text(record, a, b) or by_namespace(now, record, a, b) or _in_order(
        record, a, b, lambda end, asked: fits_by_text(end, asked) or fits_by_namespace(now, record, end, asked)
        or _fits_a_lost_one(now, record, end, asked))


def _fits_now(now, record, end, asked):
    """Is a recorded end where an Endpoint says now, or did it have that text, if its namespace is gone?"""
    return (fits_by_namespace(now, record, end, asked) or _fits_a_lost_one(now, record, end, asked)
            or fits_by_text(end, asked) and not is_there(record, end))


def _in_order(record, a, b, fits):
    first, second = record.ends
    for ends in ((first, second), (second, first)):
        if fits(ends[0], a) and fits(ends[1], b):
            return ends
    return None


# What `wire` is asked for.

def of_request(wiring):
    """The recorded wire that a resolved Wiring is about: (record, its ends in the order of the endpoints), or (None,
    None); the ends are None if the record joins others.

    The known one; else by the name; where none was asked for, also by the name that the ends have the other way round,
    and by the namespaces. The Wiring takes over the name of the record.
    """
    session = wiring.session
    asked = wiring.asked()
    if wiring.known is not None:
        return wiring.known, ends_of(session, wiring.known, *asked)
    names = [wiring.name] if wiring.options.name else [wiring.name, default_name(*reversed(wiring.endpoints))]
    for name in names:
        record = _standing_record(session, name)
        if record is not None:
            wiring.name = name
            # Names may have been swapped: namespaces take precedence.
            return record, by_namespace(session.now, record, *asked) or ends_of(session, record, *asked)
    record = None if wiring.options.name else _asked_before(wiring, asked) or _lost_before(wiring, asked)
    if record is None:
        return None, None
    wiring.name = record.name
    return record, by_namespace(session.now, record, *asked) or ends_of(session, record, *asked)


def owner(wiring):
    """The recorded wire that has one of the interfaces that a Wiring asks for, or None. It is looked for only when the
    kernel said that a name is taken."""
    for record in wiring.session.recorded():
        if by_namespace(wiring.session.now, record, *wiring.asked()) is not None:
            return record
    return None


def holder(wiring):
    """(the record of a wire that has a link of the namespace and the name that a Wiring asks for at one of its ends, or
    hangs on the same anchor, that end), or (None, None)."""
    for record in wiring.session.recorded():
        for end in record.ends:
            for asked, target, opened in zip(wiring.endpoints, wiring.targets, wiring.opened):
                # An anchor has no link of its own: any two of them would be alike.
                is_its = asked.ifname == end.dev if end.dev else str(target) == end.target
                if is_its and opened.is_the_same_as(record.identity(end)):
                    return record, end
    return None, None


def _asked_before(wiring, asked):
    """The record of a wire that was asked for between the same namespaces in other words, or None."""
    keys = [opened.key for opened in wiring.opened if opened.key != wiring.session.home.key]
    if not keys or wiring.session.places.names is None and not all(_has_links(wiring, key) for key in keys):
        return None
    for name in sorted(_names_at(wiring.session, keys, [one.ifname for one in asked if one.ifname])):
        record = _standing_record(wiring.session, name)
        ends = record and by_namespace(wiring.session.now, record, *asked)
        if ends and (any(one.ifname for one in asked)
                     or not any(end.asked('ifname') for end in ends) and record.has_default_name()):
            return record
    return None


def _lost_before(wiring, asked):
    """The record of a lost wire of a container that was asked for in other words, or None."""
    if not any(end.target.scheme in endpoint.RUNTIME_SCHEMES for end in asked):
        return None
    from netnsctl.usecases.recorded import respelled  # nothing that a wire between namespaces needs
    for name in respelled.names_of(wiring.session.journal.names()[0], asked):
        record = _standing_record(wiring.session, name)
        if record is not None and record.has_default_name() and ends_of(wiring.session, record, *asked):
            return record
    return None


def _standing_record(session, name):
    """The record of a wire that was committed, or made by the group that is under way, or None."""
    record = session.journal.load(name)
    if record is None and session.group is not None:
        record = session.journal.load(name, pending=True)
        return record if record is not None and record.group == session.group else None
    return record


def settle_spelling(wiring):
    """keep_spelling(), before anything that a resolved Wiring does."""
    _, ends = of_request(wiring)
    if ends is not None:
        keep_spelling(wiring, ends)


def keep_spelling(wiring, ends):
    """Keeps the targets of recorded ends that still mean the same namespaces in a wire that replaces theirs: its saved
    files stay in the same directories. A name replaces a PID or a path."""
    for at, end in enumerate(ends):
        before = end.parsed_target()
        if before != wiring.targets[at] and before.scheme not in ('pid', 'path'):
            meant = wiring.session.now.identity(before)
            if meant is not None and wiring.opened[at].is_the_same_as(meant):
                wiring.targets[at] = before


def start(session):
    """For a command that makes many wires, with the lock held: where none is recorded yet, its own are all."""
    if not any(session.journal.names()):
        session.places.names = {}


def _has_links(wiring, key):
    """Has a namespace of a Wiring any link but those that the kernel makes? Most new wires go to one that has none, and
    need not search the journal."""
    known = wiring.session.places
    if key not in known.linked:
        opened = [opened for opened in wiring.opened if opened.key == key][0]
        if all(link.name in netns.FALLBACK for link in opened.rtnl().links()):
            return False
        known.linked.add(key)
    return True


class Places(object):
    """Where recorded wires end, read once per command. linked: keys of namespaces that are known to have links. names:
    {key: {name of a wire: tuple of the links at its ends}}, or None as long as nobody asked."""

    def __init__(self):
        self.linked, self.names = set(), None

    def add(self, record):
        """A wire was made."""
        devs = tuple(end.dev for end in record.ends)
        for identity in record.netns.values() if self.names is not None else ():
            wires = self.names.setdefault(netns.key_of(identity), {})
            wires[record.name] = tuple(set(wires.get(record.name, ()) + devs))


def _names_at(session, keys, devs):
    """Names of the recorded wires that end in all of these namespaces and have links of all these names: set.

    The records themselves are parsed only for what is left: Python 2.6 takes 100 times as long for that as today's.
    """
    places = session.places
    if places.names is None:
        places.names = {}
        for record in session.recorded(pending=session.group is not None):
            places.add(record)
    found = set.intersection(*[set(places.names.get(key, ())) for key in keys])
    return set(name for name in found if set(devs) <= set(places.names[keys[0]][name]))


# What the other commands are asked for.

def joining(session, a, b):
    """The name of the recorded wire between two Endpoints (their items are not looked at), or None.

    The containers need not be there any more. ConflictError if it could be more than one wire.
    """
    for end in (a, b):
        end.target = canonical_target(end.target)
    for name in (default_name(a, b), default_name(b, a)):
        record = session.journal.load(name)
        if record is not None and by_text(record, a, b) and _is_standing(session, record):
            return name
    called = [record for record in session.recorded() if by_text(record, a, b)]
    # If such a wire exists, there is no need to ask what the words mean now.
    found = [record.name for record in called if _is_standing(session, record)] or _meant(
        session, called, lambda record: _in_order(
            record, a, b, lambda end, asked: _fits_now(session.now, record, end, asked)))
    if len(found) > 1:
        raise ConflictError('%s and %s: joined by more than one wire: %s' % (a.place(), b.place(), ', '.join(found)),
                            hint='Give the interface names as well, or the name of the wire.')
    return found[0] if found else None


def ending_at(session, asked):
    """Names of the recorded wires that have an end where an Endpoint says; its items are not looked at."""
    asked.target = canonical_target(asked.target)
    called = [record for record in session.recorded() if any(fits_by_text(end, asked) for end in record.ends)]
    return _meant(session, called,
                  lambda record: any(_fits_now(session.now, record, end, asked) for end in record.ends))


def _meant(session, called, is_meant):
    """Names of the recorded wires that are called so, without those that another container has the name of by now, and
    of those that are meant in other words; in order."""
    found = set(record.name for record in called if not _has_passed_on(session, record))
    return [record.name for record in session.recorded() if record.name in found or is_meant(record)]


def _is_standing(session, record):
    """Are the namespaces of a record there, and called as they were then?"""
    return all(is_there(record, end) for end in record.ends) and not _has_passed_on(session, record)


def _has_passed_on(session, record):
    """Does another container now have the name of a container in which a record ends, and which still runs? Only docker
    and podman rename those that run."""
    renaming = [end for end in record.ends if end.target.startswith(records.RENAMING)]
    return any(is_there(record, end) for end in renaming) and session.meanings.has_successor(record)


def select(session, what, words, rolled_back=()):
    """The recorded wires that the words of a command (what: 'unwire') mean: (names, errors for the words that mean
    none).

    Two words are two names of wires, or else the two ends of one; any other number of them are names. rolled_back:
    records of wires that were half done and are already gone. UsageError for what can be neither, ConflictError if two
    words can be taken both ways, or join more than one wire.
    """
    seen = set()
    words = [word for word in words if not (word in seen or seen.add(word))]
    possible = [word for word in words if may_be_name(word)]  # no look at the names of all wires
    there = set(word for word in possible if session.journal.has(word)).union(record.name for record in rolled_back)
    pending = set(word for word in possible if session.journal.has(word, pending=True))
    if len(words) == 2:
        joined = _joined(session, what, words, there, rolled_back)
        if joined is not None:
            return [joined], []
        if not there.union(pending).intersection(words):
            return [], [NotFoundError('%s %s %s: no wire joins these two, and none has either name' % (
                (what,) + tuple(words)), hint='`netnsctl ls` lists them.')]
    found, errors = [], []
    for word in words:
        if word in there:
            found.append(word)
        elif word in pending:
            errors.append(UndoError('%s %s: it is half done, and cannot be rolled back' % (what, word),
                                    hint='netnsctl doctor wires'))
        else:
            errors.append(missing(session, what, word))
    return found, errors


def _joined(session, what, words, there, rolled_back):
    """The name of the wire that joins two endpoints, or None: there is none, or the words are names of wires."""
    named = [word for word in words if word in there]
    try:
        ends = [endpoint.parse(word) for word in words]
    except UsageError:
        if named:
            return None
        raise
    joined = joining(session, *ends)
    if joined is None:
        joined = ([record.name for record in rolled_back if by_text(record, *ends)] + [None])[0]
    if joined is not None and len(named) == 2:
        raise ConflictError('%s %s %s: each is the name of a wire, and both are the ends of %s'
                            % (what, words[0], words[1], joined),
                            hint='netnsctl %s %s\nnetnsctl %s %s; netnsctl %s %s'
                                 % (what, joined, what, words[0], what, words[1]))
    return joined


def named(session, what, word):
    """The committed record of the wire that a word of a command (what: 'show') names. NotFoundError, ConflictError,
    UsageError as missing()."""
    record = session.journal.load(word) if may_be_name(word) else None
    if record is None:
        raise missing(session, what, word)
    return record


def missing(session, what, word, find=ending_at):
    """The error for a word of a command (what: 'unwire') that is not the name of a wire: with what it may mean.
    UsageError if it could not be a name. find: as ending_at(), which knows the wires that the command takes."""
    ending = []
    try:
        ending = find(session, endpoint.parse(word))
    except UsageError:
        pass
    if not ending:
        check_known_name(word)
        return NotFoundError('%s %s: no such wire' % (what, word), hint='`netnsctl ls` lists them.')
    hint = '\n'.join('netnsctl %s %s' % (what, name) for name in ending[:20])
    if len(ending) == 1:
        return NotFoundError('%s %s: no wire has this name; it is an end of %s' % (what, word, ending[0]), hint=hint)
    return ConflictError('%s %s: no wire has this name; it is an end of %d: %s' % (
        what, word, len(ending), ', '.join(ending)), hint=hint)
