"""`up` and `down`: make and remove the wires that the tree describes."""
from __future__ import absolute_import, division, print_function

from itertools import chain

from netnsctl.edge.firewall import firewalld
from netnsctl.errors import Interrupted, NetnsctlError, NotFoundError, UsageError, declared
from netnsctl.execution import signals
from netnsctl.model.endpoint import RUNTIME_SCHEMES
from netnsctl.model.ifcfg import spaces as folder_names
from netnsctl.model.names import closest, default_name, may_be_name
from netnsctl.usecases.ends.staying import Staying
from netnsctl.usecases.recorded import comparing, existing, inventory
from netnsctl.usecases.switches import sweeping
from netnsctl.usecases.up_down import created_names, leasing, order, shared_out
from netnsctl.usecases.up_down.summary import Summary
from netnsctl.execution import crew
from netnsctl.usecases.tree import matching, resolvers
from netnsctl.usecases.wires import side_by_side, transaction, unwiring
from netnsctl.usecases.tree import PLACE, reading
from netnsctl.usecases.tree.matching import Recorded
from netnsctl.usecases.uplinks.standing import restore_all
from netnsctl.usecases.wires.wiring import Options, Wiring, wire as make_wire


LOOKS_EACH = 100  # that many take longer than starting a worker


def select(tree, spaces, at_boot=False):
    """(wires, problems) of these directories, or of all where spaces is None. at_boot: not what says ONBOOT=no."""
    wanted = None if spaces is None else set(spaces)
    return ([wire for wire in tree.wires if (wanted is None or wanted.intersection(wire.spaces))
             and (wire.onboot or not at_boot)],
            [problem for problem in tree.problems if wanted is None or wanted.intersection(problem.spaces)])


def named(session, tree, spaces):
    """The names of the directories that a person names, in whatever spelling: list, or None for None. NotFoundError for
    one that the tree does not have, ConflictError for a name that means two."""
    if spaces is None:
        return None
    known = set(item.space for item in tree.interfaces)
    known.update(space for problem in tree.problems for space in problem.spaces)
    known.update(space for wire in tree.wires for space in wire.spaces)
    found = []
    for text in spaces:
        space = folder_names.find(text, known) or matching.folder_of(session, text, known)
        if space is None:
            raise NotFoundError('%s: there is no such directory in %s, or it has no link' % (text, PLACE),
                                hint=_meant(session, tree, text, known))
        found.append(space)
    return found


def _meant(session, tree, text, known):
    """What a word that names no directory of the tree may have meant: a hint."""
    record = session.journal.load(text) if may_be_name(text) else None
    for wire in tree.wires:
        if text in (wire.name, default_name(*wire.ends)) or record and existing.by_text(record, *wire.ends):
            return 'The wire %s is in %s: give a directory.' % (text, ' and '.join(wire.spaces))
    if record:
        return 'The wire %s is in no file: netnsctl config save %s' % (text, text)
    found = closest(text, sorted(known)) or closest(
        text.rpartition('/')[2], [space.partition(':')[2] for space in sorted(known) if ':' in space])
    folders = [space for space in sorted(known) if found in (space, space.partition(':')[2])]
    if folders:
        return 'Did you mean %s?' % ' or '.join(folders)
    if not known:
        return 'It has none yet: netnsctl config save --all'
    return 'Its directories: ' + ' '.join(sorted(known)[:20])


class _Run(object):
    """One `up` or `down`, with the lock held: the tree, the selected part of it, and the Summary."""

    def __init__(self, session, spaces, at_boot, dry_run=False):
        if not dry_run:
            transaction.recover(session)
            sweeping.sweep(session)
        self.session, self.tree = session, reading.read(session.host)
        self.spaces = spaces = named(session, self.tree, spaces)
        self.wires, problems = select(self.tree, spaces, at_boot)
        self.wires.sort(key=lambda wire: not wire.sets_mtu_of_bridge)
        self.wires, self.is_in_turn = order.in_order(self.wires)
        session.notices += [text for space, text in self.tree.left if space is None]
        self.summary = Summary()
        if not self.wires:
            self.summary.unasked = len(select(self.tree, spaces)[0])
        self.summary.failed += [(problem.message.partition(': ')[0], UsageError(problem.message))
                                for problem in problems]
        self.recorded = Recorded(session, self.tree.wires)
        self.look = inventory.Look()
        self.standing = ()  # names of wires that were found beforehand to be whole, and as the tree says
        session.presence.many = len(self.wires) > 1

    def each(self, step):
        """step(run, wire) for each of the wires: one that fails does not affect the others; a signal ends the run."""
        try:
            self._look_ahead()
            if self.recorded.is_empty() and not self.is_in_turn \
                    and crew.size(len(self.wires), side_by_side.WIRES_EACH) > 1:
                shared_out.each(self, lambda wire: self._try(step, wire))
                return
            for wire in self.wires:
                self._try(step, wire)
        except Interrupted as error:
            self.summary.end(self.session, error)

    def _try(self, step, wire):
        try:
            step(self, wire)
        except Exception as error:
            self.fail(wire, declared(error, 'bring it up'))

    def _look_ahead(self):
        """Examines all wires that seem to be up, with several processes if there are many."""
        found = [wire for wire in self.wires if _needs_no_resolving(wire) and self.recorded.exact(wire) is not None]
        if crew.size(len(found), LOOKS_EACH) > 1:
            self.standing = set(chain(*crew.look(self._standing, found, LOOKS_EACH)))

    def _standing(self, wires):
        """The names of those of these recorded wires that are whole, and as the tree says, but for a DHCP client."""
        shared, names = inventory.Look(), []
        try:
            for wire in wires:
                try:
                    known = self.recorded.whole(self.recorded.exact(wire))
                    if _is_same(self.session, wire, known, existing.ends_of(self.session, known, *wire.ends), shared):
                        names.append(known.name)
                except Exception:  # nosec B112 # when its turn comes it is reported
                    continue
        finally:
            shared.close()
        return names

    def leased(self):
        """[(SavedWire, its record or None)] of those with an end by DHCP."""
        found = [(wire, self.recorded.exact(wire)) for wire in self.wires if any(wire.dhcp)]
        return [(wire, known and self.recorded.whole(known)) for wire, known in found]

    def look_anew(self):
        """Something is about to be changed: what was read from the kernel so far is no longer valid."""
        self.standing = ()
        self.look.close()
        self.look = inventory.Look()

    def fail(self, wire, error):
        self.summary.failed.append((wire.where('WIRE', 'PEER', 'BRIDGE'), error))

    def settle_servers(self):
        """The resolv.conf of each named namespace that is meant, from its links that are up now."""
        places = set(resolvers.place_of(item) for item in self.tree.interfaces
                     if self.spaces is None or item.space in self.spaces)
        for wire in self.wires:
            places.update(resolvers.place_of(item) for item in wire.interfaces)
        if self.spaces is None:
            places.update(resolvers.beyond(self.session.host, self.tree))
        found, failed = resolvers.settle_all(self.session, self.tree, self.recorded, places - set([None]))
        self.summary.failed += failed
        return found


def up_at_boot(session, spaces=None):
    """up(), without what says ONBOOT=no, whether it is named or not."""
    return up(session, spaces, at_boot=True)


def up(session, spaces=None, at_boot=None):
    """Makes what the tree describes and is missing, recreates what differs, leaves what matches: Summary.

    spaces: names of directories, or None for all but what says ONBOOT=no; at_boot: not that either. A bad file, or a
    container that is not there, affects only its own wires; a signal ends it, and complete wires are kept.
    NotFoundError for an unknown directory.
    """
    run = None
    try:
        with session.locked():
            run = _Run(session, spaces, spaces is None if at_boot is None else at_boot)
            restore_all(session, run.summary, run.recorded.with_uplink)
            existing.start(session)
            try:
                with Staying():
                    run.each(_bring_up)
            finally:
                run.look.close()
            with signals.held():
                servers, leased = run.settle_servers(), run.leased()
    except Interrupted as error:
        if run is None:
            raise
        run.summary.end(session, error)  # it came as the lock was let go, say
    if run.summary.interrupted is None:
        try:
            # Without the lock: waiting for a missing server takes time.
            leasing.get_addresses(session, leased, servers, run.fail)
        except Interrupted as error:
            run.summary.interrupted = error
    return run.summary


def restore_rules(session):
    """Makes again the rules in the host's firewall that recorded wires lack: a Summary of that."""
    summary = Summary()
    with session.locked():
        transaction.recover(session)
        firewalld.Firewalld(session.host).wait()
        restore_all(session, summary)
    return summary


def _bring_up(run, wire):
    session = run.session
    known = run.recorded.find(wire)
    if known is not None and known.name in run.standing:
        run.summary.same.append(known.name)
        return
    known = known and run.recorded.whole(known)
    ends = None if known is None else existing.ends_of(session, known, *wire.ends)
    name = wire.name or (known.name if ends or known and not known.has_default_name() else None)
    run.recorded.require_free_name(name or default_name(*wire.ends), known)
    if _is_same(session, wire, known, ends, run.look):
        run.summary.same.append(known.name)
        return
    run.look_anew()
    if _is_turned(wire, known, ends):
        wire, ends = wire.turned(), ends and ends[::-1]
    names = []
    wiring = _wiring_of(session, wire, known, name, names)
    try:
        _resolve(wiring)
        is_there = ends and known.name == wiring.name and not wiring.elsewhere(known, ends)
        if is_there and stands_as(session, known, ends, wire):
            run.summary.same.append(known.name)
            return
        reshaped = _reshaped(session, known, ends, wire) if is_there else None
        record = reshaped or make_wire(session, wiring).record
    except BaseException:
        _take_back_names(session, names)
        raise
    finally:
        wiring.close()
    (run.summary.made if known is None else run.summary.changed).append(record.name)
    if reshaped or record.is_change:
        run.summary.live.append(record.name)
    if known is not None:
        run.recorded.remove(known)
    run.recorded.add(matching.Known(record), wire)


def _is_same(session, wire, known, ends, look):
    """Is a SavedWire already there, as it says and under its name? known: its record, or None; ends: of that."""
    return (_needs_no_resolving(wire) and bool(ends) and wire.name in (None, known.name)
            and stands_as(session, known, ends, wire, look))


def _reshaped(session, record, ends, wire):
    """A recorded wire that differs from a SavedWire in its shaping alone has that changed while it stays up: the
    Record, or None if more differs."""
    if not any(end.shaping for end in chain(ends, wire.ends)):
        return None
    found = comparing.tree_differences(session, ends, wire.ends, any(wire.dhcp), wire.left)
    if dhcp_ends(session, record, wire) != wire.dhcp or any(key != 'shaping' for _, key, _ in found) \
            or inventory.look(record, clients=False, queues=False)[0] != inventory.WHOLE:
        return None
    from netnsctl.usecases.shaping import changing  # few wires are shaped
    wanted = dict((record.ends.index(end), asked.shaping) for end, asked in zip(ends, wire.ends) if end.has_link)
    return changing.set_shaping(session, record, wanted)[0]


def _wiring_of(session, wire, known, name, names):
    """The Wiring of a SavedWire. known, name: the record that it is, and what it is to be called, or None. names: gets
    the names of the namespaces that are made for it."""
    # The tree says who has an address, so nobody is asked.
    options = Options(wire.name, replace=True, check=False, asks_neighbours=False)
    wiring = Wiring(session, wire.ends[0], wire.ends[1], options, many=True, known=known,
                    make_missing=lambda target: created_names.make(session, target.name, names))
    wiring.is_valid = True  # a wire of the tree that is not is reported when that is read
    wiring.name = name or wiring.name  # one that was made of the ends may be none that a person may give
    wiring.marks = {'tree': [item.place for item in wire.interfaces if item is not None]}
    return wiring


def _is_turned(wire, known, ends):
    """Are the ends of a SavedWire in the other order in the wire that it describes: in the one that is recorded, or by
    the name that was made of them, where no WIRE_END says it?"""
    if ends:
        return ends[0] is not known.ends[0]
    return wire.name is not None and wire.name != default_name(*wire.ends) \
        and wire.name == default_name(*reversed(wire.ends))


def _take_back_names(session, names):
    """After a failure: the namespaces that were made for the wire, unless something uses them meanwhile."""
    with signals.held():
        session.notices += [error.message for error in created_names.remove_unused(session, names)[1]] if names else []


def _resolve(wiring):
    """As Wiring.resolve(); a runtime that does not answer counts as having no running container, as is normal at
    boot."""
    try:
        wiring.resolve()
    except NetnsctlError as error:
        if error.exit_code == 1 and any(end.target.scheme in RUNTIME_SCHEMES for end in wiring.endpoints):
            error = NotFoundError(error.message, hint=error.hint)
        if isinstance(error, NotFoundError):
            error.is_of_end = True
        raise error


def _needs_no_resolving(wire):
    """Do its ends' targets mean what a whole wire was found in? The name of a container may be another one's by now."""
    return not any(wire.dhcp) and all(
        end.target.scheme in ('netns', 'path') or end.target.is_on_host for end in wire.ends)


def stands_as(session, record, ends, wire, at=None):
    """Is a recorded wire whole, and what a SavedWire asks for? A DHCP client that died is simply restarted.

    at: an inventory.Look shared by many wires.
    """
    return (dhcp_ends(session, record, wire) == wire.dhcp and not comparing.tree_differences(
            session, ends, wire.ends, any(wire.dhcp), wire.left)
            and inventory.look(record, at, clients=False)[0] == inventory.WHOLE)


def dhcp_ends(session, record, wire):
    """Which ends of a recorded wire that joins those of a SavedWire have a DHCP client: (bool, bool), in the wire's
    order."""
    is_dhcp = tuple(bool(pid_file) for pid_file in record.dhcp or (None, None))
    same_way = existing.ends_of(session, record, *wire.ends)[0] is record.ends[0]
    return is_dhcp if same_way else is_dhcp[::-1]


def down(session, spaces=None, dry_run=False):
    """Removes what the tree describes and is wired, and namespaces that up() made and nothing uses: Summary.

    spaces as for up(); None also takes what says ONBOOT=no. Wires that are not in the tree stay. dry_run: tells which
    wires would be removed, and changes nothing.
    """
    run = None
    try:
        with session.locked():
            run = _Run(session, spaces, False, dry_run)
            if dry_run:
                run.summary.gone = [record.name for wire in run.wires for record in run.recorded.all_of(wire)]
                return run.summary
            _take_down(run)
            with signals.held():
                run.settle_servers()
                run.summary.removed, errors = created_names.remove_unused(session, _namespaces(run))
                run.summary.failed += [(error.message, error) for error in errors]
    except Interrupted as error:
        if run is None:
            raise
        run.summary.end(session, error)
    return run.summary


def _namespaces(run):
    """The names of the named namespaces that the directories of a run are about: set; None: all directories."""
    if run.spaces is None:
        return None
    names = set(end.target.name for wire in run.wires for end in wire.ends if end.target.scheme == 'netns')
    names.update(item.target.name for item in run.tree.interfaces
                 if item.space in run.spaces and item.target.scheme == 'netns')
    return names


def _take_down(run):
    """Removes what is recorded of the wires that are meant; one that fails does not affect the others, a signal ends
    the run."""
    going = {}

    def tell(name, error):
        wire, record = going.pop(name)
        if error is None:
            run.summary.gone.append(name)
        else:
            run.recorded.add(record)
            run.fail(wire, error)

    names = []
    for wire in run.wires:
        for record in run.recorded.all_of(wire):
            run.recorded.remove(record)
            going[record.name] = wire, record
            names.append(record.name)
    try:
        unwiring.unwire_many(run.session, names, tell)
    except Interrupted as error:
        run.summary.interrupted = error
        for _, record in going.values():
            run.recorded.add(record)  # not reached
