"""Undo: turns an inverse from the journal, compared with the present state, into the requests that are still needed.

After a failure nobody knows how far things went (a lost ack can hide a success), so everything in the undo list is
looked up again: what is gone is done, and execution.identity decides which link is meant.
"""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.compat import shell_quote
from netnsctl.edge import bridges, netns
from netnsctl.edge.netlink.reading import ALL_KINDS, IFA_F_SECONDARY, RT_TABLE_MAIN, leading_to, packed_address
from netnsctl.errors import NetnsctlError, declared
from netnsctl.execution import identity
from netnsctl.model.links import kind_of
from netnsctl.model.operations import DeleteLink, DeleteRoute

# How often a pair is looked for and deleted: a container can cause a wrong match, but not on both sides.
ROUNDS = 6
RTPROT_KERNEL = 2  # rtnetlink.h: the fe80::/64 of each link


def take_back(inverses, namespaces, backend, is_recorded=lambda *_: False, tell=lambda text: None, given_to=None):
    """Runs inverses in order, each as far as there is something left to do: list of (operation, error) that failed.

    namespaces: {reference: Netns}, without those that are gone. is_recorded: see searching.delete_beyond().
    tell(text): called with what of a NIC that was lent is not as it was before, and what a bridge is kept for.
    given_to(bridge): what wires gave a bridge that netnsctl made, as bridge_users.use_of() has it.
    """
    failures, kept = [], set()
    for inverse in inverses:
        try:
            if inverse.verb == 'delete-netns-name':
                netns.unlink_name(inverse.name, inverse.path)  # needs no namespace and no backend
                continue
            if inverse.verb == 'return-link':
                from netnsctl.execution import returning  # few wires have such a NIC
                returning.bring_home(inverse, namespaces, tell)
                continue
            if inverse.verb == 'delete-link' and inverse.peer:
                _delete_pair(inverse, namespaces, backend, is_recorded)
                continue
            if inverse.verb == 'delete-link' and inverse.kind and inverse.index is not None \
                    and inverse.ns in namespaces and inverse.ns != 'host' and kind_of(inverse).is_alone:
                _delete_alone(inverse, namespaces, backend, is_recorded)
                continue
            concrete = locate(inverse, namespaces)
            if concrete is not None:
                if not _is_kept_for_others(inverse, concrete, namespaces, given_to, tell, kept):
                    _apply(concrete, namespaces, backend)
            elif inverse.verb == 'delete-port' and inverse.ns in namespaces:
                _tell_left(inverse, tell)
        except Exception as error:
            # No descriptor is left, say, for a module that is loaded only now: what comes after it goes on.
            failures.append((inverse, declared(error, inverse.verb)))
    return failures


def _apply(step, namespaces, backend):
    """An address goes alone: with the first of a network the kernel removes the later ones, which may be another wire's
    or the user's, unless promote_secondaries says otherwise (net/ipv4/devinet.c)."""
    lets_go = step.verb == 'delete-address' and _has_secondaries(step, namespaces[step.ns].rtnl())
    name = 'ipv4/conf/%s/promote_secondaries' % step.dev if lets_go else None
    is_set = lets_go and namespaces[step.ns].sysctl(name) == '0' and namespaces[step.ns].set_sysctl(name, '1')
    try:
        backend.apply(backend.plan((step,)))
    finally:
        if is_set:
            namespaces[step.ns].set_sysctl(name, '0')


def _has_secondaries(step, rtnl):
    there = rtnl.addresses(rtnl.index_of(step.dev)) if ':' not in step.address else ()
    return any(item.family == socket.AF_INET and item.flags & IFA_F_SECONDARY for item in there)


def locate(inverse, namespaces, *more):
    """The operation that is still needed for an inverse, as things are now, or None."""
    return _LOCATE.get(inverse.verb, _as_it_is)(inverse, namespaces, *more)


def _delete_pair(inverse, namespaces, backend, is_recorded):
    """Deletes a pair until neither end is found. NetnsctlError if one is still there."""
    touched, is_gone = set(), False
    for _ in range(ROUNDS):
        step = locate(inverse, namespaces, touched)
        if step is None:
            if not is_gone and identity.may_be_elsewhere(inverse, namespaces):
                _delete_elsewhere(inverse, namespaces, backend, is_recorded)
            return
        touched.add(step.ns)
        is_gone = is_gone or identity.is_certain(inverse, step, namespaces[step.ns])
        backend.apply(backend.plan((step,)))
    raise NetnsctlError('delete %s in %s: it is still there, or looks as if it were, after %d deletions'
                        % (step.dev, namespaces[step.ns].label, ROUNDS))


def _delete_elsewhere(inverse, namespaces, backend, is_recorded):
    from netnsctl.execution import searching  # only where somebody else took the links away
    _delete_there(searching.find_or_delete(inverse, namespaces, is_recorded), namespaces, backend)


def _delete_alone(inverse, namespaces, backend, is_recorded):
    """Deletes the only link of a wire, wherever its container moved it and whatever it put in its place."""
    link = namespaces[inverse.ns].rtnl().link(index=inverse.index)
    if link is not None and identity.is_alone_there(inverse, namespaces, link):
        backend.apply(backend.plan((DeleteLink(inverse.ns, link.name, link.index),)))
        return
    from netnsctl.execution import searching
    _delete_there(searching.find_alone(inverse, namespaces, is_recorded), namespaces, backend)


def _delete_there(found, namespaces, backend):
    if found is None:
        return
    namespaces['elsewhere'] = found[0]
    try:
        backend.apply(backend.plan((DeleteLink('elsewhere', found[1], found[2]),)))
    finally:
        namespaces.pop('elsewhere').close()


def _pair(inverse, namespaces, touched):
    """The delete-link for what is left of a pair. touched: where an end of it was deleted already."""
    if inverse.index is None and ('host' in touched or len(touched) == 2):
        return None  # one end is certainly gone, and so is the other: what looks like it is another link
    found = identity.left(inverse, namespaces, touched)
    return DeleteLink(found[0], found[1].name, found[1].index) if found else None


def _made_link(inverse, namespaces, touched=()):
    """The delete-link, by index, for a delete-link of an undo list."""
    if inverse.peer:
        return _pair(inverse, namespaces, touched)
    if inverse.ns not in namespaces:
        return None
    if inverse.kind is None:
        return inverse
    kind = kind_of(inverse)
    for ns, dev in ((inverse.ns, inverse.dev), inverse.was or (None, None)):
        link = _find(kind, inverse, namespaces, ns, dev) if ns in namespaces else None
        if link is not None:
            is_kept = _is_kept(kind, inverse, link, namespaces[ns].rtnl())
            return None if is_kept else DeleteLink(ns, link.name, link.index)
    return None


def _is_kept(kind, inverse, link, rtnl):
    return kind.is_kept(inverse, link, lambda: _is_used(rtnl, link))


def _is_used(rtnl, link):
    """Is anything plugged into a link of the host's, or does a route that somebody added lead over it?"""
    return bridges.has_ports(rtnl, link) or link.kind == 'macvlan' and any(
        route.protocol != RTPROT_KERNEL for route in rtnl.routes(index=link.index))


def _is_kept_for_others(inverse, concrete, namespaces, given_to, tell, kept):
    """Has somebody else something on a bridge that was to be deleted? It is told then. kept: gets the names of those
    that somebody's route leads over, which needs their addresses too."""
    if given_to is None or inverse.verb != 'delete-link' or inverse.kind != 'bridge':
        return inverse.verb == 'delete-address' and inverse.dev in kept
    from netnsctl.execution import bridge_users  # few wires make a bridge
    rtnl = namespaces[concrete.ns].rtnl()
    link = rtnl.link(index=concrete.index)
    use, is_route = bridge_users.use_of(rtnl, link, lambda: given_to(link.name)) if link is not None else (None, False)
    if use is None:
        return False
    if is_route:
        kept.add(link.name)
    tell('the bridge %s, which netnsctl made, stays%s, because of %s. To remove it: ip link delete %s'
         % (link.name, ' with its addresses' if is_route else '', use, shell_quote(link.name)))
    return True


def _find(kind, inverse, namespaces, ns, dev):
    """The link that a delete-link means, in one namespace: by its index where that is known, else by a name that it may
    have, or what its kind says."""
    rtnl = namespaces[ns].rtnl()
    if inverse.index is not None:
        link = rtnl.link(index=inverse.index)
        # A container can give it any name and any MAC address, but not another kind.
        return link if link is not None and link.kind == inverse.kind else None
    link = rtnl.link(name=dev)
    if link is not None and kind.is_it(inverse, link) and (
            kind.has_mac or identity.hangs_there(inverse, namespaces, namespaces[ns], link)):
        return link
    if not kind.is_alone or not kind.has_mac:
        return None
    found = [link for link in rtnl.links() if link.mac == inverse.mac and kind.is_it(inverse, link)]
    return found[0] if found else None


def _address(inverse, namespaces):
    rtnl, link = _link_of(inverse, namespaces)
    if link is None:
        return None
    there = any('%s/%d' % (item.address, item.prefixlen) == inverse.address for item in rtnl.addresses(link.index))
    return inverse if there else None


def _route_is_there(inverse, namespaces):
    if inverse.type:
        if inverse.ns not in namespaces:
            return None
        rtnl, index = namespaces[inverse.ns].rtnl(), None
    else:
        rtnl, link = _link_of(inverse, namespaces)
        if link is None:
            return None
        index = link.index
    family = socket.AF_INET6 if ':' in inverse.dst else socket.AF_INET
    return any((route.dst, route.metric, route.tos, route.via, route.dead_end)
               == (inverse.dst, inverse.metric_number(), inverse.tos or 0, inverse.via, inverse.type)
               for route in rtnl.routes(family, inverse.table or RT_TABLE_MAIN, index, ALL_KINDS,
                                          leading_to([inverse.dst])))


def _route_to_delete(inverse, namespaces):
    if not _route_is_there(inverse, namespaces):
        return None
    # Without a metric, the kernel deletes the first route to that destination, which may be another's.
    return DeleteRoute(**dict(((field, inverse.__dict__[field]) for field in inverse.fields),
                              metric=inverse.metric_number() or None))


def _route_to_restore(inverse, namespaces):
    """Restores a displaced route, unless its link is gone by now."""
    return inverse if _route_is_there(inverse, namespaces) is False else None


def _of_vlans(inverse, namespaces):
    """What is still to be undone of the VLANs of a bridge of netnsctl's: it leaves its own once no port is in that,
    returns to the default one from none, and no longer filters VLANs where no port needs that."""
    from netnsctl.edge.netlink import bridge_vlans  # few wires have a VLAN
    rtnl, link = _link_of(inverse, namespaces)
    if link is None or link.kind != 'bridge':
        return None
    if inverse.verb == 'delete-vlan':
        is_due = (bridge_vlans.vlan_of(rtnl, link) == inverse.vid
                  and not bridge_vlans.has_port_in(rtnl, link, inverse.vid))
    elif inverse.verb == 'add-vlan':
        is_due = bridge_vlans.vlan_of(rtnl, link) is None
    else:
        is_due = not bridge_vlans.are_used(rtnl, link)
    return inverse if is_due else None


def _rule_to_delete(inverse, namespaces):
    from netnsctl.execution.backends import rules_there  # few wires have rules
    if inverse.ns not in namespaces or not rules_there.is_there(inverse, namespaces[inverse.ns]):
        return None
    return inverse


def _queue_to_delete(inverse, namespaces):
    rtnl, link = _link_of(inverse, namespaces)
    if link is None:
        return None
    from netnsctl.edge.netlink import queues  # few wires are shaped
    handle = queues.number_of(inverse.handle)
    return inverse if any(queue.handle == handle and queue.parent == queues.ROOT
                          for queue in queues.of_links(rtnl, link.index)) else None


def _on_link(inverse, namespaces):
    return inverse if _link_of(inverse, namespaces)[1] is not None else None


def _port_to_delete(inverse, namespaces):
    from netnsctl.execution.backends import switch_ports  # few wires have a port of Open vSwitch
    return inverse if inverse.ns in namespaces and switch_ports.is_there(inverse) else None


def _tell_left(inverse, tell):
    from netnsctl.execution.backends import switch_ports
    text = switch_ports.left(inverse)
    if text is not None:
        tell(text)


def _remote_to_delete(inverse, namespaces):
    rtnl, link = _link_of(inverse, namespaces)
    if link is None:
        return None
    from netnsctl.edge.netlink import fdb  # few wires are changed so
    there = fdb.remotes(rtnl, link.index).get(link.index, ())
    return inverse if packed_address(inverse.remote) in there else None


def _link_of(inverse, namespaces):
    if inverse.ns not in namespaces:
        return None, None
    rtnl = namespaces[inverse.ns].rtnl()
    return rtnl, rtnl.link(name=inverse.dev)


def _as_it_is(inverse, namespaces):
    return inverse if inverse.ns in namespaces else None


_LOCATE = {
    'delete-link': _made_link,
    'delete-address': _address,
    'delete-route': _route_to_delete,
    'add-route': _route_to_restore,
    'delete-rule': _rule_to_delete,
    'add-queue': _on_link,
    'delete-queue': _queue_to_delete,
    'delete-vlan': _of_vlans,
    'add-vlan': _of_vlans,
    'set-vlan-filtering': _of_vlans,
    'delete-port': _port_to_delete,
    'set-down': _on_link,
    'add-fdb': _on_link,
    'delete-fdb': _remote_to_delete,
    'set-alias': _on_link,
    'set-nomaster': _on_link,
}
