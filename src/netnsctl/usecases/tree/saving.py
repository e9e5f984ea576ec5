"""Writes what is wired now into the tree: only files whose values change are touched, and comments stay."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_batch, config_files, iproute_names
from netnsctl.errors import ConflictError, NetnsctlError, UndoError, UsageError
from netnsctl.execution import signals
from netnsctl.model.ifcfg import interface, spaces
from netnsctl.usecases.recorded import claiming, existing, unconfirmed
from netnsctl.usecases.tree import PLACE, kept, outdated, reading, rendering


def ends_of(record):
    """A recorded wire as two Endpoints, with what was decided when it was made.

    MAC addresses too, so that its neighbours find it again; a bridge's port gets a new one unless it was asked for. No
    MTU that was not asked for: the bridge, or the way to the remotes, that it was computed from may have another one
    by then.
    """
    found = []
    for end, other in (record.ends, reversed(record.ends)):
        item = end.made_endpoint()
        item.mtu = end.asked('mtu')
        if item.target.scheme == 'bridge':
            item.mac = end.asked('mac')
            # A port with any has a file, and so a name; and one whose other end is at an anchor, and has none.
            if not (item.mtu or item.mac or item.shaping) and not other.parsed_target().is_anchor:
                item.ifname = end.asked('ifname')
        elif item.target.has_port:
            item.mac, item.ifname = None, end.asked('ifname')
        found.append(item)
    return found


def require_savable(targets):
    """UsageError for a canonical Target that does not survive a reboot: a PID, a path."""
    for target in targets:
        spaces.space_of(target)


def save(session, names, dry_run=False):
    """Writes the files of these recorded wires (None: all), with the lock of the state held: as save_records().

    dry_run: says what would be written, and writes nothing.
    NotFoundError, ConflictError, UsageError for an unknown wire; ConflictError for one that is not confirmed yet, which
    would come back after it was undone. Of all, it is left out with a notice.
    """
    is_all = names is None
    names = session.journal.names()[0] if is_all else names
    found = [existing.named(session, 'config save', name) for name in names]
    for record in [record for record in found if unconfirmed.of(session, record) is not None]:
        if not is_all:
            raise ConflictError('config save %s: it is not confirmed yet' % record.name,
                                hint='netnsctl confirm %s' % record.name)
        session.notices.append('%s is not saved: it is not confirmed yet' % record.name)
        found.remove(record)
        names = [name for name in names if name != record.name]
    changes = save_records(session.host, found, [record for record in session.recorded() if record.name not in names],
                           outdated.Before(session, kept.Kept(session), found), dry_run)
    if not dry_run:
        unconfirmed.are_saved(session, names)
        _note_saved(session, names, changes)
    return changes


def save_records(host, found, others=(), before=None, dry_run=False):
    """Writes the files of these records: list of (place, its new text, or None of a file that was removed), in order;
    none where a signal came first, and waits.

    others: the other records, whose addresses of a shared bridge are saved too. before: outdated.Before, where the tree
    may say of them what they were: those files go. The lock of the state is held.
    UsageError for one that cannot be saved (a PID), or where a file that is there is not well formed; nothing was
    written then. NetnsctlError, Interrupted: all files are as they were.
    """
    if not dry_run:
        config_batch.finish(host, PLACE)
    if before is not None:
        _refuse_unread(host, before.tree.tree, before.records)
    folders = _folders(host, set(end.parsed_target() for record in found for end in record.ends))
    if not dry_run:
        _sweep(host, folders, before)
    texts = rendering.Texts(lambda place: config_files.read(host, place),
                            lambda folder: config_files.list_folder(host, folder), iproute_names.Names(host))
    for item, gone, keeps_ipv6 in before.unsaid() if before is not None else ():
        texts.take_off(item.place, item.link.device, gone, keeps_ipv6)
        for place in outdated.lost_aliases(item, gone):
            texts.remove(place)
    all_described = []
    for record in found:
        a, b = ends_of(record)
        found_links = rendering.describe(record.name, a, b, folders)
        for described in found_links:
            if before is not None and texts.read(described.place()) is None:
                texts.move(before.renamed(record.name, described, found_links), described)
            elif before is None or described.place() not in before.files:
                rendering.refuse_another(described, texts.read(described.place()))
        texts.add_wire(found_links)
        all_described += found_links
    bridges = set(end.bridge for record in found for end in record.ends) - set([None])
    for record in others:
        for end in ends_of(record):
            if end.target.scheme == 'bridge' and end.target.name in bridges:
                for described in rendering.describe_bridge(end):
                    texts.add(described)
    for place in before.outdated(all_described) if before is not None else ():
        texts.remove(place)
    changes = texts.changes()
    return changes if dry_run or write_changes(host, changes) else []


def _sweep(host, folders, before):
    """What a killed run left of a wire that was another then may lie anywhere; under this lock nobody is killed."""
    is_whole = before is not None and not before.tree.is_swept
    config_batch.sweep(host, PLACE, None if is_whole else folders.values())
    if is_whole:
        before.tree.is_swept = True


def before_new(session, record, is_one_of_many=False, is_made=True):
    """What save_new() is to know of the tree before: outdated.Before, or None where there is nothing of the wire that
    would have to go. is_one_of_many: the tree is read only if it said something else of the wire, as it was when the
    first of them was saved, and once for all of those. is_made: was it just made, and not there already?"""
    replaced = [record.replaces] if record.replaces else []
    if is_one_of_many and not replaced and not claiming.unsaid_by(record):
        if not is_made or not _said_otherwise(session, record):
            return None
    tree = session.tree_kept if is_one_of_many else None
    if tree is None or not tree.is_of(record):
        tree = kept.Kept(session)
    if is_one_of_many:
        session.tree_kept = tree
    return outdated.Before(session, tree, [record], replaced, is_made and not replaced)


def _said_otherwise(session, record):
    """Did the tree say of the wire of a new record what its files are not to say any more?"""
    if session.tree_before is None:
        session.tree_before = outdated.Earlier(session)
    if not session.tree_before.has(record.name):
        return False
    folders = _folders(session.host, [end.parsed_target() for end in record.ends])
    found = rendering.describe(record.name, *ends_of(record) + [folders])
    return session.tree_before.is_otherwise(record, [one.place() for one in found])


def save_new(session, record, before, is_made=True):
    """Writes the files of a wire, and removes those of the one that it took the place of, or that had its name: as
    save_records(). before, is_made: as before_new() has them."""
    tree, session.tree_kept = session.tree_kept, None  # nobody knows what it is after one that fails
    changes = save_records(session.host, [record], before=before)
    if tree is not None and tree.note(record, changes):
        session.tree_kept = tree
    _note_saved(session, [record.name], changes and not is_made)
    return changes


def _note_saved(session, names, is_said):
    """Writes into the records of these wires that they are in the tree: `down` removes them, also when their files were
    edited meanwhile. is_said: and that it says what they say: what is written by hand from now on stays. What cannot be
    written keeps no wire from being saved."""
    for name in names:
        try:
            record = session.journal.load(name)
            news = {} if record is None or record.is_of_tree else {'saved': True}
            if record is not None and is_said and claiming.unsaid_by(record):
                news['unsaid'] = []
            if news:
                session.journal.put_back(record.with_changes(**news))
        except NetnsctlError:
            continue


def _folders(host, targets):
    """{Target: name of its directory} of those that have one. UsageError if two directories stand for one."""
    found = {}
    for target in targets:
        known = folders_of(host, target)
        if len(known) > 1:
            raise UsageError('%s/%s and %s/%s mean the same, %s: remove one of the two' % (
                PLACE, known[0], PLACE, known[1], target))
        found.update((target, name) for name in known)
    return found


def folders_of(host, target):
    """Names of the directories that stand for a Target, in whatever spelling: list, of which a correct tree has at most
    one."""
    return [name for name in ('%s:%s' % (target.scheme, target.name), target.name or spaces.HOST)
            if spaces.target_of_or_none(name) == target and config_files.is_folder(host, '%s/%s' % (PLACE, name))]


def left_behind(host, record):
    """The files of a recorded wire that the tree has: list of places. None of them is opened."""
    found = []
    for end in record.ends:
        if not end.has_link:
            continue
        target = end.parsed_target()
        if target.is_anchor:
            target = interface.HOST
        for space in folders_of(host, target):
            place = '%s/%s/%s%s' % (PLACE, space, reading.PREFIX, end.dev)
            if host.exists(place):
                found.append(place)
    return found


def problems_of(host, tree, record):
    """The Problems of a Tree with the files that a recorded wire has there, or with their directories: list."""
    places = left_behind(host, record)
    places += sorted(set(place.rpartition('/')[0] for place in places))
    return [problem for place in places for problem in tree.problems if ' %s:' % place in ' ' + problem.message]


def _refuse_unread(host, tree, records):
    """Raises NetnsctlError if the disk did not let one of their files, or its directory, be read: it may describe what
    the wire was before."""
    for record in records:
        for problem in problems_of(host, tree, record):
            if problem.is_unread:
                raise NetnsctlError('%s is not saved: %s' % (record.name, problem.message))


def write_changes(host, changes):
    """Writes [(place, text; None: remove it)], with the lock of the state held: all of them, or none. True if they are
    written; False if a signal came first, and waits for whoever holds it. NetnsctlError, UsageError, Interrupted;
    UndoError where a signal came so late that they were to be put back, and cannot be."""
    if not changes:
        return False
    before = [(place, config_files.read(host, place)) for place, _ in changes]
    like = dict((place, config_batch.status_of(host, place)) for place, text in before if text is not None)
    batch = config_batch.Batch(host, PLACE)
    batch.prepare(changes)
    with signals.held() as hold:
        try:
            batch.commit()
        except BaseException:
            batch.undo()
            raise
        if hold.has_arrived():
            batch.undo()  # the signal, delivered now, ends the command with nothing done
            return False
        batch.forget()
        is_late = hold.has_arrived()
        if is_late:
            _put_back(host, before, like)
        return not is_late


def _put_back(host, before, like):
    """Writes the files that there were before: [(place, text)], {place: os.stat}. UndoError."""
    batch = config_batch.Batch(host, PLACE)
    try:
        batch.prepare(before, like)
        batch.commit()
        batch.forget()
    except NetnsctlError as error:
        batch.undo()
        raise UndoError('put the files of %s back: %s' % (PLACE, error.message))
