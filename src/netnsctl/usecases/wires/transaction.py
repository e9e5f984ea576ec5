"""The transaction of a wire, over a Session with the lock held: commit, rollback, and recovery of what a killed run
left half done. It starts with Journal.begin().
"""
from __future__ import absolute_import, division, print_function

import errno
from itertools import chain

from netnsctl.compat import random_mac
from netnsctl.errors import ConflictError, NetnsctlError, UndoError, cause_of
from netnsctl.execution import backends, identity, signals
from netnsctl.execution.undoing import take_back
from netnsctl.model.operations import BRIDGE_ALIAS, AddAddress, AddLink, SetAlias, SetUp
from netnsctl.usecases.recorded import records

_TRIES_AGAIN = 'It is still in the journal: the next netnsctl command tries again.'


def commit(session, record):
    """A wire is made: it is committed, or waits for the others of its group."""
    if session.claimed is not None:
        session.claimed.note(record)
    session.places.add(record)
    if session.group is None:
        if session.confirming is not None:
            from netnsctl.usecases.recorded import unconfirmed
            unconfirmed.note(session, session.confirming, [record], record.id)
        if record.dhcp and session.takes_back:
            from netnsctl.usecases.ends import asking
            asking.note(session, record)
        old = record.replaces
        if old and old.name != record.name:
            # First: until the new one is committed, it is the pending one that brings the old one back.
            session.journal.withdraw(old)
            session.journal.forget(old.name)
        session.untold = record
        session.journal.commit(record.with_changes(replaces=None))
    else:
        session.journal.begin(record.with_changes(group=session.group))


def commit_group(session, made):
    """Commits the wires of the group (records), all in the same moment, whatever happens in between."""
    with signals.held():
        if session.confirming is not None:
            from netnsctl.usecases.recorded import unconfirmed
            unconfirmed.note(session, session.confirming, made, session.group)
        session.journal.mark_group(session.group)
        for record in made:
            # With its group: what is withdrawn again stands or falls with the others.
            session.journal.commit(record.with_changes(replaces=None, group=session.group))
        session.journal.unmark_group(session.group)


def take_group_back(session, made):
    """Takes back what the group has begun, and what commit_group() committed of it (records), in an order in which a
    kill leaves all or nothing. UndoError names what could not be removed."""
    with signals.held():
        for record in made:
            session.journal.withdraw(record)
        session.journal.unmark_group(session.group)  # from here on none is valid
        if session.confirming is not None:
            from netnsctl.usecases.recorded import unconfirmed
            unconfirmed.forget(session, session.group)
        errors = []
        # What is committed no longer knows what it replaced.
        whole = dict((record.name, record) for record in made)
        for record in _begun_in_group(session):
            try:
                roll_back(session, whole.get(record.name, record))
            except NetnsctlError as error:
                errors.append(error)
        if errors:
            raise UndoError('; '.join(error.message for error in errors), hint=errors[0].hint)


def _begun_in_group(session):
    """The pending records of the group, the last made first: list."""
    found = []
    for name in session.journal.names()[1]:
        record = session.journal.load(name, pending=True)
        if record is not None and record.group == session.group:
            found.append(record)
    return sorted(found, key=lambda record: record.made, reverse=True)


def recover(session):
    """Rolls back what earlier runs left half done, and undoes what was not confirmed in time: the records that are gone
    with that. To be called with the lock held.

    What cannot be rolled back now stays in the journal and is reported in a notice: it affects no other wire.
    """
    gone, pending = [], session.journal.begun()
    for name in pending:
        try:
            record = session.journal.load(name, pending=True)
            if record is None:
                continue  # one that was put back along with another
            committed = session.journal.load(name)
            if committed is not None and (committed.id, committed.revision) == (record.id, record.revision):
                session.journal.forget(name)  # killed right after its commit
                continue
            if session.journal.group_marked(record.group):
                session.journal.commit(record.with_changes(replaces=None))
                continue
            roll_back(session, record)
            notice = ('took back the change of the wire %s that an earlier run did not finish' if record.is_change
                      else 'put back the wire %s, which an earlier run did not finish replacing' if record.replaces
                      else 'rolled back the unfinished wire %s of an earlier run')
            session.notices.append(notice % (record.replaces or record).name)
            if not record.replaces:
                gone.append(record)
        except NetnsctlError as error:
            session.notices.append('the unfinished wire %s of an earlier run: %s' % (name, error.message))
        except Exception:
            # Whatever is wrong with it, one damaged file must not block every command.
            session.notices.append('the record of the unfinished wire %s is damaged: %s'
                                % (name, session.state.path('wires', name + '.pending.json')))
    session.journal.sweep()
    session.journal.follow(pending)
    for folder in ('names', 'nics'):
        session.state.sweep(folder)
    session.state.sweep_ended('dhcp')
    if session.state.has('nics') and session.state.names('nics'):
        from netnsctl.usecases.lending import returned  # few wires have a NIC
        gone += returned.bring_home(session, roll_back)
    if session.state.has('asking') or session.state.has('unconfirmed'):  # few hosts have any
        from netnsctl.usecases import overdue
        gone += overdue.undo_abandoned(session, roll_back) + overdue.undo_overdue(session, roll_back)
    if session.state.has('unsettled'):  # few hosts have it
        _settle_servers(session)
    return gone


def _settle_servers(session):
    """The resolv.conf of namespaces no longer has the servers of wires that a killed run removed."""
    from netnsctl.usecases.tree import resolvers
    try:
        resolvers.settle_unsettled(session)
    except NetnsctlError as error:
        session.notices.append('the name servers of wires that an earlier run removed: %s' % error.message)


def roll_back(session, record, namespaces=None, standing=(), veth_gone=False):
    """Takes back what a pending record may have made, and forgets it; puts back a wire that it was to replace.

    standing: as for undo_of(). veth_gone: its links are known to be gone. UndoError names what could not be removed;
    the record then stays pending.
    """
    session.claimed = None
    opened = namespaces
    with signals.held():
        try:
            session.journal.withdraw(record)
            opened = session.open_of(record) if namespaces is None else namespaces
            if not record.is_change:
                session.stop_clients(record.name)
            backend = session.backend(session.choice_for(record), opened, record.name)
            undo = tuple(step for step in undo_of(session, record, standing)
                         if not (veth_gone and step.verb == 'delete-link' and step.peer))
            failures = take_back(undo, opened, backend, session.is_recorded, session.notices.append, session.given_to)
            if failures:
                # An answer that was lost can hide a success, and what the host's ip could not take back may still go
                # the other way: what is left is looked up again.
                failures = take_back(undo, opened, session.backend(session.choose('netlink'), opened, record.name),
                                     session.is_recorded, session.notices.append, session.given_to)
            if failures:
                causes = '; '.join(error.message for _, error in failures)
                raise UndoError('roll back %s: %s' % (record.name, causes), hint=_TRIES_AGAIN)
            if record.is_change:
                session.journal.put_back(record.replaces)
            elif record.replaces:
                _make_again(session, record.replaces, opened)
            session.journal.forget(record.name)
            if any(end.lent for end in record.ends) and not record.replaces:
                from netnsctl.usecases.lending import marks  # few wires have a NIC
                marks.remove(session, record.name)
            if not record.is_change:
                _confirm_nothing(session, record)
        except UndoError:
            raise
        except Exception as error:
            raise UndoError('roll back %s: %s' % (record.name, cause_of(error)), hint=_TRIES_AGAIN)
        finally:
            if namespaces is None and opened is not None:
                records.close_all(opened)


def roll_back_begun(session, record, namespaces):
    """roll_back() if exactly this record is pending, and not another that was begun in its place and rolled back.
    UndoError also if that cannot be told."""
    try:
        now = session.journal.load(record.name, pending=True)
    except NetnsctlError as error:
        raise UndoError('roll back %s: %s' % (record.name, error.message), hint=_TRIES_AGAIN)
    if now is not None and now.id == record.id:
        roll_back(session, record, namespaces)


def _confirm_nothing(session, record):
    """Nobody waits for it any more."""
    if record.dhcp and session.state.has('asking'):
        from netnsctl.usecases.ends import asking
        asking.forget(session, record.id)
    if session.state.has('unconfirmed'):  # few hosts have one
        from netnsctl.usecases.recorded import unconfirmed
        unconfirmed.wire_is_gone(session, record)


def undo_of(session, record, standing=()):
    """What removes a wire now, as operations: its undo list without the addresses and routes that another wire needs.
    standing: records that are pending and count as wires all the same; a bridge goes with the last of them."""
    steps = record.undo_operations()
    if any(step.verb in ('restore-sysctl', 'close-forward') for step in steps):
        from netnsctl.usecases.uplinks import sharing  # few wires have nat or publish
        steps = sharing.without_shared(session, record, steps, standing)
    steps = _without_others_routes(session, record, steps, standing)
    bridges, kept = set(end.bridge for end in record.ends if end.bridge), set()
    going = set((step.dev, step.address) for step in steps if step.verb == 'delete-address' and step.dev in bridges)
    for other in chain(standing, session.wires_that_stay()) if going else ():
        if kept == going:
            break  # with a thousand wires on one bridge, the first says all
        if other.name not in (record.name, (record.replaces or record).name):
            kept |= going & set((end.bridge, address) for end in other.ends for address in end.addresses)
    later = set(('bridge', end.bridge) for other in standing for end in other.ends if end.own_bridge)
    return tuple(step for step in steps if not (step.verb == 'delete-address' and (step.dev, step.address) in kept
                                                or step.verb == 'delete-link' and (step.kind, step.dev) in later))


def _without_others_routes(session, record, steps, standing):
    """The same without routes over links of the host that wires share, and that another wire has: the kernel refused
    this one's, which is why it is undone."""
    own_links = set(end.dev for end in record.ends if end.ns == 'host')
    mine = dict((_route_key(step.__dict__), step) for step in steps
                if step.verb == 'delete-route' and step.ns == 'host' and step.dev and step.dev not in own_links)
    others = set()
    for other in chain(standing, session.wires_that_stay()) if mine else ():
        if other.name not in (record.name, (record.replaces or record).name):
            # Not parsed: with a thousand wires on one bridge, `unwire --all` comes here a thousand times.
            others.update(_route_key(step) for step in other.data['plan']
                          if step['verb'] == 'add-route' and step['ns'] == 'host')
    kept = [mine[key] for key in others.intersection(mine)]
    return tuple(step for step in steps if not any(step is other for other in kept)) if kept else steps


def _route_key(step):
    return tuple(step.get(field) or None for field in ('dev', 'dst', 'metric', 'table', 'tos'))


def load_backends(session, record):
    """Loads what roll_back() of a wire takes, while it still stands: there may be no descriptor left for that.
    NetnsctlError."""
    backends.load(session.choice_for(record).name, 'netlink', *(['uplinks'] if record.has_uplink else []))
    if any(step['verb'] == 'delete-port' for step in record.data['undo']):
        backends.load('switch_ports')


def _make_again(session, old, opened):
    """A wire that was removed to be replaced comes back, by its own plan; what of it is still there is left.

    opened: {reference: Netns} that may have its namespaces: there may be no descriptor left to open them again.
    """
    namespaces = dict((reference, there) for reference, told in old.netns.items()
                      for there in opened.values() if there.is_the_same_as(told))
    own = {} if len(namespaces) == len(old.netns) else records.open_namespaces(old)
    namespaces = own or namespaces
    try:
        if len(namespaces) < len(old.netns):
            return  # one of its namespaces is gone: the wire died with it
        _require_names(old, namespaces)
        backend = session.backend(session.choose('netlink'), namespaces, old.name)
        for operation in _bridge_again(old, namespaces) + _host_link_again(old, namespaces) + old.plan_operations():
            try:
                if not operation.verb.endswith('netns-name') and operation.verb != 'release-ports':
                    backend.apply((operation,))
            except NetnsctlError as error:
                # There already, or gone already: the wire may still have been standing.
                if error.exit_code != 4 and getattr(error, 'errno', None) not in (errno.ESRCH, errno.ENODEV):
                    raise
        for end, other in zip(old.ends, reversed(old.ends)):
            if not end.has_link:
                continue
            there = namespaces[end.ns]
            if identity.link_of_end(there, end, other) is None:
                end.index = there.rtnl().index_of(end.dev)
        old.note_nodes(namespaces)
        session.journal.commit(old)
        session.came_back += [old] if old.dhcp else []
    finally:
        records.close_all(own)


def _require_names(old, namespaces):
    """ConflictError where a link that is not the wire's has the name of one of its ends by now."""
    for end, other in zip(old.ends, reversed(old.ends)):
        link = namespaces[end.ns].rtnl().link(name=end.dev) if end.has_link else None
        if link is not None and link.mac != end.mac and not end.has_borrowed_mac and identity.link_of_end(
                namespaces[end.ns], end, other) is None:
            raise ConflictError('%s: the name of its link is taken' % end.place)


def _host_link_again(old, namespaces):
    """The operations for a macvlan of the host that an earlier wire had made and that went with this one."""
    from netnsctl.model.links.macvlan import host_name  # few wires are put back
    for step in old.undo_operations():
        if step.verb == 'delete-link' and step.kind == 'macvlan' and step.ns == 'host':
            if step.dev == host_name(step.anchor) and namespaces[step.ns].rtnl().index_of(step.dev) is None:
                return (AddLink(step.ns, step.dev, step.mac, None, 'macvlan', step.anchor),
                        SetAlias(step.ns, step.dev, BRIDGE_ALIAS),
                        SetUp(step.ns, step.dev))
    return ()


def _bridge_again(old, namespaces):
    """The operations for a bridge that an earlier wire had made and that went with this one, and for its addresses."""
    steps = []
    for end in old.ends:
        if not end.bridge:
            continue
        planned = [(step.verb, getattr(step, 'address', None)) for step in old.plan_operations()
                   if getattr(step, 'dev', None) == end.bridge]
        missing = namespaces[end.ns].rtnl().link(name=end.bridge) is None
        if end.own_bridge and missing and ('add-link', None) not in planned:
            steps += [AddLink(end.ns, end.bridge, random_mac(), None, 'bridge'),
                      SetAlias(end.ns, end.bridge, BRIDGE_ALIAS), SetUp(end.ns, end.bridge)]
        if end.tag and end.own_bridge:
            steps += _vlan_again(old, end)
        steps += [AddAddress(end.ns, end.bridge, address) for address in old.own_addresses(end)
                  if ('add-address', address) not in planned]
    return tuple(steps)


def _vlan_again(old, end):
    """The operations by which a bridge that stayed filters VLANs again, and is in that of an end with its addresses."""
    from netnsctl.model import operations as op  # few wires have a tag
    left = [op.DeleteVlan(step.ns, step.dev, step.vid, True) for step in old.undo_operations()
            if step.verb == 'add-vlan' and step.dev == end.bridge]
    moved = [op.AddVlan(end.ns, end.bridge, int(end.tag), True)] + left if left and end.addresses else []
    return [op.SetVlanFiltering(end.ns, end.bridge, 1)] + moved
