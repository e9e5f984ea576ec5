"""Matches a wire of the tree to its record: by its ends, then by its name, whatever else was edited."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model import endpoint
from netnsctl.model.ifcfg import spaces
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.ends.resolving import canonical_target


class Recorded(object):
    """The committed records, looked up by what the tree says.

    wires: the tree's SavedWires, if they are all known: a record that joins just the ends of one of them is no other's.
    """

    def __init__(self, session, wires=()):
        self.session = session
        self._by_name, self._by_end, self._by_targets, self._claims, self._strangers = {}, {}, {}, {}, None
        for record in session.recorded():
            self.add(record)
        for wire in wires:
            for record in self._sharing(wire):
                if existing.by_text(record, *wire.ends):
                    self._claims[record.name] = wire

    def add(self, record):
        """A wire was made."""
        self._by_name[record.name] = record
        if record.tree:
            self._by_targets.setdefault(_targets(record), {})[record.name] = record
        for end in record.ends:
            self._by_end.setdefault(_key(end.target, end.dev), []).append(record)

    def remove(self, record):
        """A wire was removed."""
        self._by_name.pop(record.name, None)
        self._by_targets.get(_targets(record), {}).pop(record.name, None)
        if self._strangers is not None:
            self._strangers.remove(record)
        for end in record.ends:
            key = _key(end.target, end.dev)
            self._by_end[key] = [other for other in self._by_end.get(key, ()) if other.name != record.name]

    def is_empty(self):
        return not self._by_name

    def named(self, name):
        """The record of a wire that is there."""
        return self._by_name[name]

    def exact(self, wire):
        """The record that joins just the two ends of a SavedWire, or None."""
        found = self._joining(wire)
        return found[0] if found else None

    def all_of(self, wire):
        """Every record that matches a SavedWire of the tree, now or before it was edited: list, the best first."""
        found = self._joining(wire)
        if not found:
            found = [record for record in self._sharing(wire) if self._is_free(record, wire)]
        named = self._by_name.get(wire.name)
        if named is not None and named not in found and self._is_free(named, wire) and _share_a_target(named, wire):
            found.append(named)
        return found or [record for record in self._by_targets.get(_targets(wire), {}).values()
                         if self._was_renamed(record, wire)][:1]

    def find(self, wire):
        """The record of a SavedWire, or None. ConflictError if it could be two, or if an unrelated wire has its
        name."""
        found = self.all_of(wire)
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
        found = found or [record for record in self._others(wire)
                          if existing.ends_of(self.session, record, *wire.ends)]
        return sorted(found, key=lambda record: record.name != wire.name)

    def _others(self, wire):
        """Records in which no wire of the tree is found by its text, and that end in the same namespaces, or in ones
        that are gone: they may be called in other words there."""
        if self._strangers is None:
            self._strangers = _Strangers(record for name, record in self._by_name.items() if name not in self._claims)
        return self._strangers.at(self.session.now, wire)

    def _is_free(self, record, wire):
        return self._claims.get(record.name, wire) is wire

    def _was_renamed(self, record, wire):
        """Were the files gone from which `up` made it, between the same two targets?"""
        return (self._is_free(record, wire) and not any(self.session.host.exists(place) for place in record.tree))


class _Strangers(object):
    """Records by the namespaces that they end in."""

    def __init__(self, found):
        self._by_key, self._lost = {}, []
        for record in found:
            if all(existing.is_there(record, end) for end in record.ends):
                for identity in record.netns.values():
                    self._by_key.setdefault(netns.key_of(identity), []).append(record)
            else:
                self._lost.append(record)

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
