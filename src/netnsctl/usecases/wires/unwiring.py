"""Removing wires: removes what they made, restores what they displaced; doing it twice is not an error."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.errors import UndoError, declared
from netnsctl.execution import signals
from netnsctl.model.links import kind_of
from netnsctl.model.operations import BRIDGE_ALIAS
from netnsctl.model.names import check_known_name
from netnsctl.usecases.recorded import records
from netnsctl.usecases.wires import transaction

# How many wires are removed in parallel: enough for most of the gain, and far from any limit of descriptors.
AT_ONCE = 32


def unwire(session, name):
    """Removes a wire, with the lock held: True, or False if there is no such wire.

    UndoError if something could not be removed; the wire then stays in the journal as half done.
    """
    told = []
    unwire_many(session, [name], lambda _, error: told.append(error))
    for error in told:
        if error is not None:
            raise error
    return bool(told)


def ended_by(session, names):
    """The Targets of the ends of these recorded wires, for settle_servers() once the wires are gone: list. Empty where
    no namespace has a resolv.conf of its own. If that never comes, the next command settles them."""
    found = []
    for name in names if session.host.exists('/etc/netns') else ():
        record = session.journal.load(check_known_name(name))
        found += session.targets_with_servers(record) if record else []
    if found:
        from netnsctl.usecases.tree import resolvers
        resolvers.note_unsettled(session, found)
    return found


def settle_servers(session, targets):
    """The resolv.conf of named namespaces that wires ended in no longer has the servers of those: list of UndoError,
    if it cannot be had. The next command tries again."""
    if not targets:
        return []
    from netnsctl.usecases.tree import resolvers  # few namespaces have one
    return [UndoError('remove the name servers of wires that are gone: %s' % error.message, hint=error.hint)
            for error in resolvers.settle_of(session, targets)]


def forget_undone(session, names):
    """Wires of these names are removed on request: that earlier ones were undone says nothing any more."""
    if session.state.has('undone'):  # few hosts have one
        from netnsctl.usecases.recorded import unconfirmed
        for name in names:
            unconfirmed.forget_undone(session, name)


def unwire_many(session, names, tell):
    """Removes wires, with the lock held, many at a time.

    tell(name, NetnsctlError or None) is called for each that was there: one that cannot be removed does not stop the
    others. A signal ends it once those under way are removed.
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
                    break  # perhaps no descriptor was left: it comes first once these are gone
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
    """(record, {reference: Netns}) of a wire that is pending from here on; None if there is no such wire.

    Its namespaces are opened first: a wire in one that may not be entered stands.
    """
    record = session.journal.load(check_known_name(name))
    if record is None:
        return None
    namespaces = session.open_of(record, session.home)
    try:
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
            forget_undone(session, [record.name])
        except Exception as error:
            tell(record.name, declared(error, 'unwire %s' % record.name))
        else:
            _tell_what_stays(session, record, namespaces)
            tell(record.name, None)


def _tell_what_stays(session, record, namespaces):
    """A notice of other links of a container on the NIC that its macvlan was on, and of somebody's port that keeps a
    bridge without wires."""
    for bridge in set(end.bridge for end in record.ends if end.bridge and end.own_bridge):
        _tell_of_port(session, bridge)
    for step in record.undo_operations():
        if step.verb == 'delete-link' and step.anchor and step.ns != 'host' and kind_of(step).is_alone:
            from netnsctl.execution import searching
            for name in searching.beside(step, namespaces, session.is_recorded):
                session.notices.append('%s: the link %s, which belongs to no wire, is also on %s, and stays' % (
                    namespaces[step.ns].label, name, step.anchor))


def _tell_of_port(session, name):
    rtnl = session.home.rtnl()
    link = rtnl.link(name=name)
    if link is None or link.alias != BRIDGE_ALIAS or any(
            end.bridge == name for other in session.recorded(pending=True, mentioning=(name,)) for end in other.ends):
        return
    from netnsctl.edge import bridges  # few wires have one
    for port in bridges.names_of_ports(rtnl, link)[:1]:
        session.notices.append(
            'the bridge %s, which netnsctl made, stays, because of its port %s. To remove it: '
            'ip link delete %s' % (name, port, shell_quote(name)))


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
