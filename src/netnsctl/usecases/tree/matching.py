"""Matches a wire of the tree to its record: by its ends, then by its name, whatever else was edited."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model import endpoint
from netnsctl.model.ifcfg import spaces
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.ends.resolving import canonical_target


class _End(object):
    """What is kept of an end of a record: target (text), dev, as records.End has them."""
    __slots__ = ('target', 'dev')

    def __init__(self, target, dev):
        self.target, self.dev = target, dev

    @property
    def place(self):
        """'docker://a:A'; 'macvlan://eth0' of an anchor that has no link."""
        return self.target if self.dev is None else '%s:%s' % (self.target, self.dev)

    def parsed_target(self):
        """Its target as a Target."""
        return endpoint.Target.parse(self.target)


class Known(object):
    """What is kept of a record, since thousands of whole ones take much memory: name, is_of_tree, and two ends with
    target and dev."""
    __slots__ = ('name', 'is_of_tree', 'ends')

    def __init__(self, record):
        self.name, self.is_of_tree = record.name, record.is_of_tree
        self.ends = tuple(_End(end.target, end.dev) for end in record.ends)


class Recorded(object):
    """The committed records, looked up by what the tree says.

    wires: the tree's SavedWires, if they are all known: a record that joins just the ends of one of them is no other's.
    """

    def __init__(self, session, wires=()):
        self.session = session
        self._by_name, self._by_end, self._claims = {}, {}, {}
        self._by_targets = self._strangers = None  # of those that the tree calls otherwise: made when they are needed
        self.with_uplink = []  # names of those that have rules in the host's firewall
        for record in session.recorded():
            self.add(Known(record))
            self.with_uplink += [record.name] if record.has_uplink else []
        for wire in wires:
            for known in self._sharing(wire):
                if existing.by_text(known, *wire.ends):
                    self._claims[known.name] = wire

    def add(self, known, wire=None):
        """A wire was made: of this SavedWire, if that is known."""
        self._by_name[known.name] = known
        if wire is not None:
            self._claims[known.name] = wire
        if self._by_targets is not None:
            self._by_targets.setdefault(_targets(known), []).append(known)
        for end in known.ends:
            self._by_end.setdefault(_key(end.target, end.dev), []).append(known)

    def remove(self, known):
        """A wire was removed."""
        self._by_name.pop(known.name, None)
        if self._strangers is not None:
            self._strangers.remove(known)
        for where, key in [(self._by_targets or {}, _targets(known))] + [
                (self._by_end, _key(end.target, end.dev)) for end in known.ends]:
            where[key] = [other for other in where.get(key, ()) if other.name != known.name]

    def whole(self, known):
        """The record of a Known; None if it went meanwhile, where the lock is not held."""
        return self.session.journal.load(known.name)

    def is_empty(self):
        return not self._by_name

    def named(self, name):
        """The Known of a wire that is there."""
        return self._by_name[name]

    def exact(self, wire):
        """The Known that joins just the two ends of a SavedWire, or None."""
        found = self._joining(wire)
        return found[0] if found else None

    def all_of(self, wire, to_replace=False):
        """Every Known that matches a SavedWire of the tree, now or before it was edited: list, the best first. One that
        was made by hand, and never saved, is of the tree only where it joins just what that says; to_replace: also
        where it has a link that the tree wants to be another."""
        found = self._joining(wire)
        if not found:
            found = [record for record in self._sharing(wire) if self._is_free(record, wire)
                     and (to_replace or record.is_of_tree)]
        named = self._by_name.get(wire.name)
        if named is not None and named not in found and named.is_of_tree and self._is_free(named, wire) \
                and _share_a_target(named, wire):
            found.append(named)
        return found or [known for known in self._between(wire) if self._was_renamed(known, wire)][:1]

    def find(self, wire):
        """The Known of a SavedWire, or None. ConflictError if it could be two, or if an unrelated wire has its
        name."""
        found = self.all_of(wire, to_replace=True)
        if len(found) > 1:
            names = sorted(record.name for record in found)
            raise ConflictError('it would replace more than one wire: %s' % ', '.join(names),
                                hint='netnsctl unwire %s' % names[-1])
        self.require_free_name(wire.name, found[0] if found else None)
        return found[0] if found else None

    def require_free_name(self, name, record):
        """ConflictError if a wire that is not this record has the name."""
        other = self._by_name.get(name)
        if other is not None and (record is None or other.name != record.name):
            raise ConflictError('the wire %s exists and joins other ends: %s and %s'
                                % ((name,) + tuple(end.place for end in other.ends)),
                                hint='Give this one another name with WIRE=, or remove that one: '
                                     'netnsctl unwire %s' % name)

    def _sharing(self, wire):
        """Records with a link that is an end of it by target and name."""
        found = []
        for end in wire.ends:
            if end.ifname:
                found += [record for record in self._by_end.get(_key(str(end.target), end.ifname), ())
                          if record not in found]
        return found

    def _joining(self, wire):
        found = [record for record in self._sharing(wire) if existing.by_text(record, *wire.ends)]
        found = found or [known for known in self._others(wire) if self._joins(self.whole(known), wire)]
        return sorted(found, key=lambda record: record.name != wire.name)

    def _joins(self, record, wire):
        return record is not None and existing.ends_of(self.session, record, *wire.ends) is not None

    def _others(self, wire):
        """Records in which no wire of the tree is found by its text, and that end in the same namespaces, or in ones
        that are gone: they may be called in other words there."""
        if self._strangers is None:
            self._strangers = _Strangers((known, self.whole(known)) for name, known in self._by_name.items()
                                         if name not in self._claims)
        return self._strangers.at(self.session.now, wire)

    def _is_free(self, record, wire):
        return self._claims.get(record.name, wire) is wire

    def _between(self, wire):
        """Those between the same two targets as a SavedWire, in the order of their names: list."""
        if self._by_targets is None:
            self._by_targets = {}
            for _, known in sorted(self._by_name.items()):
                self._by_targets.setdefault(_targets(known), []).append(known)
        return self._by_targets.get(_targets(wire), ())

    def _was_renamed(self, known, wire):
        """Were the files gone from which `up` made it?"""
        record = self.whole(known) if self._is_free(known, wire) else None
        tree = record and record.tree
        return bool(tree) and not any(self.session.host.exists(place) for place in tree)


class _Strangers(object):
    """Knowns by the namespaces that they end in. found: (Known, its record)."""

    def __init__(self, found):
        self._by_key, self._lost = {}, []
        for known, record in found:
            if record is None:
                continue
            if all(existing.is_there(record, end) for end in record.ends):
                for identity in record.netns.values():
                    self._by_key.setdefault(netns.key_of(identity), []).append(known)
            else:
                self._lost.append(known)

    def at(self, now, wire):
        """Those that may be a SavedWire. now: existing.Now."""
        found = list(self._lost)
        for end in wire.ends if self._by_key else ():
            meant = now.identity(end.target)
            for record in self._by_key.get(meant and netns.key_of(meant), ()):
                if record not in found:
                    found.append(record)
        return found

    def remove(self, record):
        """A wire was removed."""
        for known in [self._lost] + list(self._by_key.values()):
            known[:] = [other for other in known if other.name != record.name]


def _targets(wire):
    """The targets of a record, or of a SavedWire, in whatever order."""
    return tuple(sorted(str(end.target) for end in wire.ends))


def _key(target, dev):
    """A link by its place: a bridge's ports are links of the host."""
    return 'host' if endpoint.Target.parse(target).is_anchor else target, dev


def _share_a_target(record, wire):
    """Does it share a container or namespace with the wire? (The host does not count.)"""
    targets = set(str(end.target) for end in wire.ends if not end.target.is_on_host)
    return bool(targets.intersection(end.target for end in record.ends))


def find(session, wire):
    """The name of the recorded wire that a SavedWire is, or None. ConflictError as Recorded.find()."""
    for name in (wire.name, default_name(*wire.ends), default_name(*reversed(wire.ends))):
        record = session.journal.load(name) if name else None
        if record is not None and existing.by_text(record, *wire.ends):
            return name  # without a look at all of the others
    record = Recorded(session).find(wire)
    return None if record is None else record.name


def folder_of(session, text, known):
    """The one of these directories of the tree whose namespace a text means in another spelling (a path, a PID, the ID
    of a container), or None. ConflictError if it is the namespace of two."""
    try:
        asked = endpoint.parse(text)
    except UsageError:
        return None
    meant = session.now.identity(canonical_target(asked.target)) if asked.ifname is None else None
    found = []
    for space in sorted(known) if meant is not None else ():
        target = spaces.target_of_or_none(space)
        other = target and session.now.identity(target)
        if other is not None and netns.is_one(meant, other):
            found.append(space)
    if len(found) > 1:
        raise ConflictError('%s: means %s' % (text, ' and '.join(found)), hint='Give one of them in that form.')
    return found[0] if found else None
