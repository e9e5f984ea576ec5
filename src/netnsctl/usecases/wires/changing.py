"""Changes a wire whose link can stay as it is: other remotes of a VXLAN, of which the rest of it takes no notice."""
from __future__ import absolute_import, division, print_function

import contextlib
import copy

from netnsctl.compat import random_hex
from netnsctl.edge.netlink import fdb
from netnsctl.edge.netlink.reading import packed_address
from netnsctl.errors import NetnsctlError
from netnsctl.execution import signals
from netnsctl.model.links import kind_named
from netnsctl.model.operations import AddFdb
from netnsctl.model.remotes import DeleteFdb
from netnsctl.usecases.drift import remotes
from netnsctl.usecases.recorded import comparing, existing, inventory, records
from netnsctl.usecases.wires import deciding, transaction


class _Change(object):
    """What a request changes of a recorded wire. at: the number of its end with the link; steps: operations; asked: the
    Endpoint of the anchor; data: what the anchor is told now."""

    def __init__(self, record, at, steps, asked, data):
        self.record, self.at, self.steps, self.asked, self.data = record, at, tuple(steps), asked, tuple(data)

    def changed(self):
        """The Record as it is afterwards."""
        new = records.Record(copy.deepcopy(self.record.data))
        new.data.update(id=random_hex(8), replaces=None)
        end, anchor = new.ends[self.at], new.ends[1 - self.at]
        anchor.data['data'] = anchor.data['asked']['data'] = [list(pair) for pair in self.asked.data]
        plan = []
        for step in new.plan_operations():
            if step.verb == 'add-link' and step.kind == anchor.parsed_target().scheme:
                step = step.replaced(data=self.data)
            if step.verb != 'add-fdb':
                plan.append(step)
        at = 1 + max(place for place, step in enumerate(plan) if step.verb in ('add-link', 'move-link'))
        wanted = [value for key, value in self.data if key == 'remote'][1:]
        plan[at:at] = [AddFdb(end.ns, end.dev, remote) for remote in wanted]
        new.data['plan'] = [step.record() for step in plan]
        return new


def change_of(wiring, record):
    """How a resolved Wiring changes a recorded wire whose link stays: _Change, or None where it has to be recreated.

    NetnsctlError, ConflictError and others for what cannot be.
    """
    session = wiring.session
    found, ends = existing.of_request(wiring)
    if (ends is None or found is None or found.id != record.id or wiring.name != record.name
            or session.group is not None or session.confirming is not None or wiring.elsewhere(record, ends)):
        return None
    at = [number for number in (0, 1) if ends[number].has_link and not ends[1 - number].has_link]
    if not at or _differs_otherwise(wiring, record, ends, at[0]):
        return None
    end, anchor = deciding.ends_of(wiring)[::-1 if at[0] else 1]
    deciding.require_valid(wiring, (end, anchor))
    if inventory.find_link(wiring.opened[at[0]], ends[at[0]], ends[1 - at[0]]) is None:
        return None
    lacking = remotes.lacking(wiring.opened[at[0]].rtnl(), ends[at[0]].index, [
        value for key, value in ends[1 - at[0]].items if key == 'remote'])
    state, remarks = inventory.look(record)
    if len(remarks) != len(lacking) or state not in (inventory.WHOLE, inventory.ALTERED):
        return None
    deciding.settle_anchor(wiring, end, anchor)
    steps = kind_named(anchor.kind).changes(
        ends[at[0]], [pair for pair in ends[1 - at[0]].items if pair[1] not in lacking], [
            pair for pair in anchor.data if pair[0] != 'id'])
    made = ends[at[0]].mtu
    if not steps or end.mtu != made and not (end.bridge and made and made < end.mtu):
        return None
    return _Change(found, found.ends.index(ends[at[0]]), steps, wiring.endpoints[1 - at[0]], anchor.data)


def _differs_otherwise(wiring, record, ends, at):
    """Does a request differ in more from a record than in the items of the anchor?"""
    asked = list(wiring.endpoints)
    asked[1 - at] = copy.copy(asked[1 - at])
    asked[1 - at].data = tuple(ends[1 - at].items)
    if wiring.known is None:
        return bool(comparing.differences(ends, asked, record.tree and wiring.session))
    return bool(comparing.tree_differences(wiring.session, ends, asked))


def hint_of(wiring, record, differences):
    """How a recorded wire becomes what a resolved Wiring asks for: text. differences: [text], how it was asked for
    otherwise."""
    try:
        if (any(target.is_anchor and kind_named(target.scheme).changes for target in wiring.targets)
                and change_of(wiring, record)):
            return '--replace changes its remotes while it stays up.'
    except NetnsctlError:
        pass  # --replace says what is wrong
    hint = '--replace recreates it as requested.'
    if differences and all(': shaping ' in text for text in differences):
        hint += '\nnetnsctl shape changes how it is shaped while it stays up.'
    return hint


def changed(wiring, record):
    """Changes a recorded wire to what a Wiring asks for: carry_out(), or None where it has to be recreated."""
    change = change_of(wiring, record)
    return change and carry_out(wiring.session, change)


def carry_out(session, change):
    """Changes a wire: its Record as it stands, in the form of a pending one that takes it back (is_change). With
    the lock held. On any error it is as it was before."""
    record = change.record
    namespaces = session.open_of(record)
    try:
        backend = session.backend(session.choice_for(record), namespaces, record.name)
        # Of the operations that make a wire add-fdb has no inverse, since it goes with the link.
        undo = [DeleteFdb(step.ns, step.dev, step.remote) if step.verb == 'add-fdb' else step.undo()
                for step in reversed(change.steps)]
        new = change.changed()
        pending = new.with_changes(undo=[step.record() for step in undo], replaces=record, change=True)
        with pending_change(session, pending, namespaces):
            backend.apply(backend.plan(change.steps))
            with signals.held():
                session.journal.commit(new)
            session.claimed = None
            _forget_learned(session, change, namespaces)  # what is interrupted here is taken back as well
        return pending
    finally:
        records.close_all(namespaces)


@contextlib.contextmanager
def pending_change(session, pending, namespaces):
    """While a change is carried out: its Record (is_change) is in the journal, and any error takes it back. namespaces:
    the open ones of the wire, by name. With the lock held."""
    try:
        session.journal.begin(pending)
        yield
    except BaseException:
        with signals.held():
            # Not the number of what may be committed by now: that would count as done.
            pending = pending.with_changes(id=random_hex(8))
            session.journal.begin(pending)
            transaction.roll_back(session, pending, namespaces)
        raise


def _forget_learned(session, change, namespaces):
    """Those who were behind remotes that are gone may be elsewhere by now. They would age out, so a failure is a
    notice."""
    end = change.record.ends[change.at]
    for step in change.steps:
        if step.verb == 'delete-fdb':
            try:
                fdb.forget(namespaces[end.ns].rtnl(), end.index, packed_address(step.remote))
            except NetnsctlError as error:
                session.notices.append('%s: %s' % (end.place, error.message))
