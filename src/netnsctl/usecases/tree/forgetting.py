"""Removes files of the tree: those of a wire, by its name, or those of all wires that no longer exist."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_batch, config_files
from netnsctl.errors import NetnsctlError, NotFoundError
from netnsctl.execution import journal
from netnsctl.model.endpoint import RUNTIME_SCHEMES, Target
from netnsctl.model.ifcfg import spaces
from netnsctl.usecases.recorded import claiming, existing
from netnsctl.usecases.tree import resolvers
from netnsctl.usecases.tree import PLACE, merging, outdated, reading, saving
from netnsctl.usecases.tree.matching import Recorded


class Forgotten(object):
    """The files that describe the wires of a tree, for a session with the lock of the state held."""

    def __init__(self, session):
        self.session = session
        self.tree = reading.read(session.host)
        self._recorded = Recorded(session, self.tree.wires)
        self._found = [(wire, self._recorded.exact(wire)) for wire in self.tree.wires]
        self._named = {}  # {name: [(SavedWire, its Known or None)]}
        for wire, known in self._found:
            for name in set(outdated.names_of(wire, known)):
                self._named.setdefault(name, []).append((wire, known))
        self._said = {}  # of a SavedWire that was wired when it was named, what its record says of bridges

    def named(self, name):
        """The SavedWires that a name means: of the wire that is recorded so, that says WIRE=name, or whose ends make
        that name: list."""
        found = self._named.get(name, [])
        for wire, known in found:
            record = known and any(wire.bridges) and self._recorded.whole(known)
            if record:
                self._said[wire] = claiming.said_by(record) | claiming.unsaid_by(record)
        return [wire for wire, _ in found]

    def missing(self, name):
        """The error for a name that matches none of them."""
        error = existing.missing(self.session, 'config forget', name, self._ending_at)
        if error.message.endswith(': no such wire'):
            return NotFoundError('config forget %s: %s describes no such wire' % (name, PLACE),
                                 hint='`netnsctl config check` lists the files that cannot be used.')
        return error

    def _ending_at(self, session, asked):
        """Names of the wires of the tree that have an end where an Endpoint says."""
        recorded = existing.ending_at(session, asked)
        return [outdated.names_of(wire, record)[0] for wire, record in self._found
                if record is not None and record.name in recorded or any(
                    asked.ifname in (None, end.ifname) and asked.target in (end.target, Target(None, end.target.name))
                    for end in wire.ends)]

    def unwired(self):
        """The SavedWires that are not wired: list."""
        return [wire for wire, record in self._found if record is None]

    def stale(self):
        """The SavedWires that are not wired and come up by themselves, but for those of containers that are not
        running: list. A container that cannot be asked for is reported in a notice."""
        return [wire for wire in self.unwired() if wire.onboot and not self._is_asleep(wire)]

    def _is_asleep(self, wire):
        from netnsctl.edge.runtimes import finding
        for end in wire.ends:
            if end.target.scheme not in RUNTIME_SCHEMES:
                continue
            try:
                finding.by_scheme(end.target.scheme).lookup(self.session.host, end.target.name)
            except NotFoundError:
                return True  # it is stopped, and may be started again
            except NetnsctlError as error:
                self.session.notices.append('%s: left as it is: %s' % (wire.where('WIRE', 'PEER', 'BRIDGE'),
                                                                       error.message))
                return True
        return False

    def unread(self, record):
        """What keeps those files that a recorded wire has, or may have, in the tree from being read, or the directories
        that they are in: list of text. Nobody can tell what they describe."""
        return [problem.message for problem in saving.problems_of(self.session.host, self.tree, record)]

    def files_of(self, wires):
        """The places of the files that describe these SavedWires, in order. A bridge's goes with the last wire that the
        tree plugs into it."""
        return outdated.files_of(self.session.host, self.tree, wires)

    def require_read(self, what, wires):
        """NetnsctlError if these SavedWires have a bridge, and what plugs others into it could not be read: the next
        run may be able to, and what is left now it would not find."""
        unread = [problem.message for problem in self.tree.problems if problem.is_unread]
        if unread and any(any(wire.bridges) for wire in wires):
            raise NetnsctlError('%s: %s' % (what, unread[0]))

    def in_doubt(self, wires):
        """The files of bridges that stay when those of these SavedWires go, since files cannot be used that may plug
        others in: list of text."""
        if not self.tree.problems:
            return []
        return ['%s: others may need it: %s' % (place, self.tree.problems[0].message)
                for place in sorted(set(item.place for item in outdated.bridges_of(self.tree, wires)))]

    def unsaid(self, wires):
        """outdated.unsaid(), without these SavedWires: nothing where a file cannot be used, which may be another
        wire's. One that is not wired said all that the file of its bridge says."""
        going, said, names = set(wires), set(), set()
        for wire, known in self._found:
            if wire in going and any(wire.bridges):
                names.add(known and known.name)
                said |= self._said[wire] if wire in self._said else claiming.said_of_bridges(wire.ends)
        if not said or self.tree.problems:
            return []
        return outdated.unsaid(self.tree, said, [
            wire for wire, known in self._found if wire not in going and known is None],
            (record for record in self.session.recorded() if record.name not in names))


def forget(session, names, dry_run=False):
    """Removes the files of the wires of these names, with the lock of the state held: their places, in order. dry_run:
    says which, and removes none.

    NotFoundError if the tree has none for a name; nothing was removed then. Either all of the files are removed or
    none.
    """
    tree = Forgotten(session)
    wires = []
    for name in names:
        found = tree.named(name)
        if not found:
            raise tree.missing(name)
        wires += [wire for wire in found if wire not in wires]
    tree.require_read('config forget', wires)
    session.notices += ['%s; it stays' % text for text in tree.in_doubt(wires)]
    return remove(tree, wires, dry_run)


def forget_stale(session, dry_run=False):
    """Removes the files of wires that are not there, with the lock of the state held: their places, in order. dry_run:
    says which, and removes none.

    NetnsctlError if nothing was wired since the host booted: then no wire is there, and none of them is stale.
    """
    if not has_been_wired(session):
        raise NetnsctlError('config forget --stale: nothing has been wired since this host booted',
                            hint='First: netnsctl up')
    tree = Forgotten(session)
    session.notices += ['%s: it stays' % problem.message for problem in tree.tree.problems]
    stale = tree.stale()
    tree.require_read('config forget --stale', stale)
    return remove(tree, stale, dry_run)


def has_been_wired(session):
    """Was anything wired since the host booted? Only then can the files of a wire be stale."""
    return session.state.require_own(journal.FOLDER)


def remove(tree, wires, dry_run=False):
    """Removes the files of SavedWires of a Forgotten, and what only these wires said of a bridge from its file, of
    which a notice tells: all, or none. The places of the files that are removed, in order. dry_run: removes none.
    """
    session, places = tree.session, tree.files_of(wires)
    changes = []
    for item, gone, keeps_ipv6 in tree.unsaid(wires):
        text = None if item.place in places else config_files.read(session.host, item.place)
        if text is None:
            continue
        places = sorted(set(places + outdated.lost_aliases(item, gone)))
        updated = merging.update_bridge(item.link.device, gone, keeps_ipv6, text, item.place)
        if updated != text:
            changes.append((item.place, updated))
            session.notices.append('%s: %s what no other wire gives the bridge: %s' % (
                item.place, 'would lose' if dry_run else 'loses', ', '.join(sorted(word for _, word in gone))))
    if dry_run:
        return places
    config_batch.sweep(session.host, PLACE)
    saving.write_changes(session.host, changes + [(place, None) for place in places])
    targets = [spaces.target_of_or_none(place.split('/')[-2]) for place in places]
    session.notices += [error.message for error in resolvers.settle_of(session, [one for one in targets if one])]
    return places
