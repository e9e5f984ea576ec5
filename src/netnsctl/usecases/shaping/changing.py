"""Changes how the ends of a wire that is up are shaped, without rewiring: all that was asked for, or nothing."""
from __future__ import absolute_import, division, print_function

import copy

from netnsctl.compat import shell_quote
from netnsctl.edge.netlink import queues as there
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError, UsageError
from netnsctl.execution import identity, signals
from netnsctl.model import endpoint, operations, plan as planning, shaping
from netnsctl.usecases.check.report import command
from netnsctl.usecases.ends.resolving import canonical_target
from netnsctl.usecases.recorded import existing, queues, records
from netnsctl.usecases.wires.changing import pending_change

# A queue takes the place of another at once if it has another handle than that, and than the one to put back.
HANDLES = (1, 2, 3)


class Outcome(object):
    """The result: record (as it stands), end (records.End, of that record), changed (False: it was shaped so already),
    saved (as usecases.tree.saving.save() has it, or None), is_saved_otherwise (do its files say something else?)."""
    __slots__ = ('record', 'end', 'changed', 'saved', 'is_saved_otherwise')

    def __init__(self, record, end, changed):
        self.record, self.end, self.changed = record, end, changed
        self.saved, self.is_saved_otherwise = None, False


class _Change(object):
    """What has to be done at one end. netns: Netns; steps, undo: operations, empty where there is nothing to do."""

    def __init__(self, record, at, pairs, namespaces):
        self.end, self.pairs, self.netns = record.ends[at], pairs, _opened(record, at, namespaces)
        self.queues = ()
        link = _link_of(self.netns, self.end, record.ends[1 - at])
        found = there.of_links(self.netns.rtnl(), self.end.index)
        before = queues.steps_of(record, self.end)
        self.ns, self.dev = self.end.ns, self.end.dev
        roots = [queue for queue in found if queue.parent == there.ROOT and queue.handle]
        if roots and not before and pairs:
            raise ConflictError('%s: has a queue already that netnsctl did not make (%s)' % (
                self.end.place, roots[0].kind), hint='Remove it: ' + command(
                    self, 'tc qdisc del dev %s root' % shell_quote(self.dev)))
        self.steps = self.undo = ()
        if pairs == self.end.shaping and not queues.remarks(record, self.end, found):
            return
        try:
            self.queues = shaping.queues(pairs, link.mtu)
        except UsageError as error:
            raise UsageError('%s: %s' % (self.end.place, error.message), hint=error.hint)
        handles = [there.number_of(step.handle) for step in before if not step.parent]
        taken = [handle >> 16 for handle in handles + [queue.handle for queue in roots]]
        self.steps = tuple(planning.queue_steps(self, [number for number in HANDLES if number not in taken][0]))
        if pairs and [queue for queue in roots if queue.handle not in handles]:
            # Somebody else's by now: one within it may have the handle of the new one, and would take its place.
            self.steps = (operations.DeleteQueue(self.ns, self.dev, before[0].handle),) + self.steps
        if not pairs and [queue for queue in roots if queue.handle in handles]:
            self.steps = (operations.DeleteQueue(self.ns, self.dev, before[0].handle),)
        if self.steps:
            self.undo = tuple(before) or (operations.DeleteQueue(self.ns, self.dev, self.steps[0].handle),)


def change(session, name, end, items, save=False):
    """Changes the shaping of one end of a recorded wire: Outcome. With the lock held.

    end: its text. items: as shaping.changed() takes them. save: into the config tree too. NotFoundError, ConflictError,
    UsageError; NetnsctlError after which all is as it was; UndoError.
    """
    record, at, pairs = _asked(session, name, end, items)
    if save:
        from netnsctl.usecases.tree import saving
        saving.require_savable([other.parsed_target() for other in record.ends])
    new = set_shaping(session, record, {at: pairs}, save=save)
    outcome = Outcome(new[0], new[0].ends[at], new[0] is not record)
    outcome.saved = new[1]
    if not save:
        outcome.is_saved_otherwise = outcome.changed and _is_saved_otherwise(session, new[0])
    return outcome


def commands(session, name, end, items):
    """The same as shell commands, changing nothing: (list of text, remarks)."""
    from netnsctl.execution.backends.iproute import Iproute
    from netnsctl.usecases.wires import dry_run
    record, at, pairs = _asked(session, name, end, items)
    remarks, namespaces = [], session.open_of(record)
    try:
        steps = _Change(record, at, pairs, namespaces).steps
        printer = Iproute(session.host, dry_run.find_program(session, remarks), namespaces, record.name)
        return printer.lines(printer.plan(steps, live=False)) if steps else [], remarks
    finally:
        records.close_all(namespaces)


def set_shaping(session, record, wanted, save=False):
    """Gives ends of a record, {number of the end: pairs}, their shaping: (the Record as it stands, what was saved or
    None). With the lock held. The same Record where there was nothing to do. Errors as change()."""
    namespaces = session.open_of(record)
    try:
        changes = [(at, _Change(record, at, pairs, namespaces)) for at, pairs in sorted(wanted.items())]
        if not any(one.steps for _, one in changes) and all(one.pairs == one.end.shaping for _, one in changes):
            return record, _saved(session, record) if save else None
        return _carry_out(session, record, changes, namespaces, save)
    finally:
        records.close_all(namespaces)


def _carry_out(session, record, changes, namespaces, save):
    backend = session.backend(session.choice_for(record), namespaces, record.name)
    steps = backend.plan(sum((one.steps for _, one in changes), ()))
    undo = sum((one.undo for _, one in changes), ()) + tuple(
        step.undo() for step in steps if step.verb == 'add-netns-name')
    new = _changed_record(record, changes)
    pending = new.with_changes(undo=[step.record() for step in undo], replaces=record, change=True)
    with pending_change(session, pending, namespaces):
        backend.apply(steps)
        for at, one in changes:
            left = queues.remarks(new, new.ends[at], there.of_links(one.netns.rtnl(), one.end.index))
            if left:
                raise NetnsctlError('%s: %s' % (one.end.place, left[0]))
        with signals.held():
            session.journal.commit(new)
        return new, _saved(session, new) if save else None


def _changed_record(record, changes):
    """The Record with the new shaping of its ends, and what makes and removes it: of the same wire, which may wait to
    be confirmed, or for its lease."""
    new = records.Record(copy.deepcopy(record.data))
    new.data.update(revision=record.revision + 1, replaces=None)
    steps = list(new.plan_operations())
    for at, one in changes:
        new.ends[at].shaping = one.pairs
        if not one.steps and one.pairs:
            continue
        steps = [step for step in steps
                 if not (step.verb == 'add-queue' and (step.ns, step.dev) == (one.ns, one.dev))]
        steps += [step for step in one.steps if step.verb == 'add-queue']
    new.data['plan'] = [step.record() for step in steps]
    undo = [step.record() for step in operations.undo_of(steps) if step.verb == 'delete-queue']
    new.data['undo'] = undo + [data for data in new.data['undo'] if data['verb'] != 'delete-queue']
    return new


def _asked(session, name, end, items):
    """(the record, the number of the end that is meant, its new pairs)"""
    record = existing.named(session, 'shape', name)
    at = _number_of(session, record, end)
    try:
        return record, at, shaping.changed(record.ends[at].shaping, items)
    except UsageError as error:
        raise UsageError('shape %s: %s' % (end, error.message), hint=error.hint)


def _number_of(session, record, text):
    """Which end of a record a text means: its target, with or without its interface, or that alone. NotFoundError,
    ConflictError, UsageError."""
    if '=' in text:
        raise UsageError('shape %s: the items come after the end: %s' % (text, text.replace('=', ' ', 1)))
    asked = endpoint.parse(text)
    asked.target = canonical_target(asked.target)
    ways = (lambda end: existing.fits_by_text(end, asked), lambda end: end.dev == text,
            lambda end: existing.fits_by_namespace(session.now, record, end, asked))
    for fits in ways:
        found = [at for at, end in enumerate(record.ends) if fits(end)]
        if len(found) == 2:
            raise ConflictError('shape %s: both ends of %s are meant: %s and %s' % (
                (text, record.name) + tuple(end.place for end in record.ends)),
                                hint='Give the target and the interface.')
        if found:
            return _linked(record, found[0])
    raise NotFoundError('shape %s: not an end of %s' % (text, record.name),
                        hint='Its ends: %s' % ' '.join(shell_quote(end.place) for end in record.ends))


def _linked(record, at):
    if not record.ends[at].has_link:
        raise UsageError('shape %s: has no link of its own' % record.ends[at].target,
                         hint='The other end of %s has: %s' % (record.name, record.ends[1 - at].place))
    return at


def _opened(record, at, namespaces):
    end = record.ends[at]
    if end.ns not in namespaces:
        raise NotFoundError('%s: the network namespace of %s is gone' % (record.name, end.target),
                            hint='Wire it again; that also removes the old ends.')
    return namespaces[end.ns]


def _link_of(namespace, end, other):
    """The link of an end. NotFoundError, or ConflictError for one that was renamed."""
    link = identity.link_of_end(namespace, end, other)
    if link is None:
        raise NotFoundError('%s: its link is gone' % end.place)
    if link.name != end.dev:
        raise ConflictError('%s: was renamed to %s' % (end.place, link.name))
    return link


def _saved(session, record):
    from netnsctl.usecases.tree import saving
    return saving.save(session, [record.name])


def _is_saved_otherwise(session, record):
    """Do the wire's files, if it has any, say another shaping? Those that cannot be read do."""
    from netnsctl.usecases.tree import outdated, reading, saving
    if not saving.left_behind(session.host, record):
        return False
    saved = [wire.ends for wire in reading.read(session.host).wires if record.name in outdated.names_of(wire)]
    return not saved or any(_shapes(ends) != _shapes(record.ends) for ends in saved)


def _shapes(ends):
    return sorted(tuple(end.shaping) for end in ends)
