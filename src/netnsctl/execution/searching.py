"""Finds the ends of a pair that are no longer in either of its namespaces: were they moved, or deleted by the owners?

Two containers that both want to keep a wire can move its ends to namespaces nested in them, and make them look like
others there. Where the record has the numbers of its links (edge.link_nodes), they are found in every namespace that
has a name or a process in it, and nothing else is taken for them. In others, and on kernels without such numbers, only
what has the indexes of the pair and a MAC address of it is deleted: small indexes are those of many wires. A link with
only the same indexes, in a namespace that a link was moved to from the pair's own, remains in doubt.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge import link_nodes, netns
from netnsctl.edge.netlink import lookups
from netnsctl.errors import NetnsctlError
from netnsctl.execution.identity import VETH, hangs_there, of_veth
from netnsctl.model.links import kind_of

SECONDS = 5.0
LOOKS = 3  # a link that is moved back and forth is found in one of them


def find_or_delete(inverse, namespaces, is_recorded):
    """Looks for an end of the pair of a delete-link: (Netns, its name, its index), which the caller closes and deletes;
    None if there is none, or where it was deleted here. NetnsctlError if that cannot be found out.

    is_recorded(index, is_there): see delete_beyond().
    """
    if inverse.node is None:
        return None if delete_beyond(inverse, namespaces, is_recorded) else elsewhere(inverse, namespaces)
    if _nothing_left(inverse, namespaces):
        return None
    seen = {}
    deadline = monotonic() + SECONDS
    for _ in range(LOOKS):
        found = elsewhere(inverse, namespaces, lambda opened: _note(opened, namespaces, seen), deadline)
        if found is not None:
            return found
    delete_beyond(inverse, namespaces, is_recorded, seen)
    return None


def _nothing_left(inverse, namespaces):
    """Has no link been moved from the pair's own namespaces to another one? These would know that by a number
    (dev_change_net_namespace(), Linux 4.15, before there were numbers of links): an end that is not there is gone, and
    a host with thousands of namespaces need not be searched for each of its wires."""
    own = [namespaces[end.ns] for end in of_veth(inverse)]
    try:
        return not any(set(lookups.all_nsids(one.rtnl())) - set(lookups.nsid_of(one.rtnl(), other.fd) for other in own)
                       for one in own)
    except NetnsctlError:
        return False


def find_alone(inverse, namespaces, is_recorded):
    """The one link of a wire wherever it was moved, by its number, or its kind and MAC address where the kernel tells
    none: as elsewhere(). NetnsctlError if what may be it is there. is_recorded(index, is_there): see
    delete_beyond()."""
    seen, doubts = {}, []

    def note(opened):
        _note(opened, namespaces, seen)
        if inverse.node is None and not doubts:
            doubts.extend((opened.label, link.name) for link in opened.rtnl().links()
                          if (link.index == inverse.index or kind_of(inverse).is_it(inverse, link))
                          and _may_be(inverse, namespaces, opened, link)
                          and not is_recorded(link.index, lambda other: other.key == opened.key))

    deadline = monotonic() + SECONDS
    for _ in range(1 if inverse.node is None else LOOKS):
        found = elsewhere(inverse, namespaces, note, deadline)
        if found is not None:
            return found
    for label, name in doubts or _beyond_alone(inverse, namespaces, is_recorded, seen, deadline):
        raise NetnsctlError('%s: the link %s may be that of the wire, and disappears when that container is stopped'
                            % (label, name))
    return None


def beside(inverse, namespaces, is_recorded):
    """Names of links on the same NIC of the host's beside the one link of a wire, in its namespace, that no wire has:
    root there can make them through that one. None are reported where they cannot be listed."""
    opened = namespaces.get(inverse.ns)
    if opened is None or not inverse.anchor:
        return []
    try:
        return [link.name for link in opened.rtnl().links()
                if link.peer is not None and link.index != inverse.index
                and _may_be(inverse, namespaces, opened, link)
                and not is_recorded(link.index, lambda other: other.key == opened.key)]
    except NetnsctlError:
        return []


def _may_be(inverse, namespaces, opened, link):
    """May a Link in a Netns be the only link of a wire, on a NIC of the host? No other kind of link reaches the NIC."""
    return (inverse.anchor is not None and link.kind == inverse.kind
            and hangs_there(inverse, namespaces, opened, link))


def _beyond_alone(inverse, namespaces, is_recorded, seen, deadline):
    """The same in namespaces that nobody can open and that the wire's knows by a number: list of (label, name)."""
    opened, host = namespaces[inverse.ns], namespaces.get('host')
    rtnl, found = opened.rtnl(), []
    own = set(lookups.nsid_of(rtnl, other.fd) for other in namespaces.values()) | seen.get(inverse.ns, set())
    for number in set(lookups.nsids(rtnl)) - own if host is not None and inverse.anchor else ():
        if monotonic() > deadline:
            raise _too_many(inverse)
        links = [lookups.link_beyond(rtnl, number, inverse.index)] if inverse.node is None \
            else lookups.links_beyond(rtnl, number)  # whatever its index is by now
        found += [('a namespace that %s moved links to' % opened.label, link.name) for link in links
                  if link is not None and _may_be(inverse, namespaces, opened, link)
                  and not is_recorded(link.index, _by_number(rtnl, number))]
    return found


def _by_number(rtnl, number):
    """Is a Netns the one that the namespace of an Rtnl knows by a number: a function."""
    return lambda opened: lookups.nsid_of(rtnl, opened.fd) == number


def delete_beyond(inverse, namespaces, is_recorded, seen=None):
    """Deletes an end of the pair that a delete-link speaks of, in a namespace that the pair's own know by a number, as
    they do once a link was moved there (Linux 4.15): was there one? NetnsctlError if it may be another link.

    is_recorded(index, is_there): is a link of that index, in a Netns for which is_there(Netns), an end of some wire?
    seen: {reference: numbers} of namespaces of which it is known that no end is there, and so no peer of an end.
    """
    ends = of_veth(inverse)
    doubt = None
    deadline = monotonic() + SECONDS
    for end in ends:
        rtnl = namespaces[end.ns].rtnl()
        own = set(lookups.nsid_of(rtnl, opened.fd) for opened in namespaces.values()) - set([None])
        own |= (seen or {}).get(end.ns, set())
        for number in set(lookups.nsids(rtnl)) - own:
            if monotonic() > deadline:
                raise _too_many(inverse)
            candidates = [link for link in _of_both_indexes(rtnl, number, ends) if link.peer_nsid not in own]
            for link in candidates:
                if link.mac in (end.mac for end in ends if end.index == link.index):
                    lookups.delete_beyond(rtnl, number, link.index)
                    return True
            if seen is not None:  # whatever their indexes are by now
                candidates = [link for link in lookups.links_beyond(rtnl, number)
                              if link.kind == VETH and link.peer_nsid not in own]
            for link in candidates:
                if not is_recorded(link.index, _by_number(rtnl, number)):
                    doubt = NetnsctlError('%s: the link %s in a namespace that it moved links to may be an end of the '
                                          'wire, and disappears when that container is stopped'
                                          % (namespaces[end.ns].label, link.name))
    if doubt is not None:
        raise doubt
    return False


def _of_both_indexes(rtnl, number, ends):
    """The links with the index of one end and that of the other as its peer's, in a namespace known by a number."""
    found = []
    for one, other in (ends, ends[::-1]):
        link = lookups.link_beyond(rtnl, number, one.index)
        if link is not None and link.kind == VETH and link.peer == other.index:
            found.append(link)
    return found


def _too_many(inverse):
    what = 'ends %s and %s' % (inverse.dev, inverse.peer.dev) if inverse.peer else 'link %s' % inverse.dev
    return NetnsctlError('look for the %s of the wire: there are too many network namespaces' % what)


def elsewhere(inverse, namespaces, note=None, deadline=None):
    """An end of the pair in any namespace that has a name or a process in it: (Netns, its name, its index), which the
    caller closes, or None. Anybody can make thousands of them: NetnsctlError if not all could be looked at in time.

    note(Netns): called for each that was looked at and has none.
    """
    own = set(opened.key for opened in namespaces.values())
    deadline = deadline or monotonic() + SECONDS
    for key, path in sorted(netns.living().items()):
        if key in own and inverse.node is None:
            continue
        if monotonic() > deadline:
            raise _too_many(inverse)
        try:
            opened = netns.open_path(path, path)
        except NetnsctlError:
            continue  # it ended
        found = None
        try:
            found = _end_in(opened, inverse, namespaces, deadline)
            if found is not None:
                return (opened,) + found
            if note is not None:
                note(opened)
        finally:
            if found is None:
                opened.close()
    return None


def _note(opened, namespaces, seen):
    """The numbers by which the wire's own namespaces know this one go to seen: {reference: numbers}."""
    for reference, own in namespaces.items():
        number = lookups.nsid_of(own.rtnl(), opened.fd)
        if number is not None:
            seen.setdefault(reference, set()).add(number)


def _end_in(opened, inverse, namespaces, deadline):
    """(name, index) of an end of the pair in a Netns, or None."""
    if inverse.node is not None:
        return link_nodes.find(opened, (inverse.node, inverse.peer_node), deadline)
    if inverse.peer is None:
        found = [(link.name, link.index) for link in opened.rtnl().links()
                 if link.kind == inverse.kind and inverse.mac in (None, link.mac)
                 and hangs_there(inverse, namespaces, opened, link)]
        return found[0] if found else None
    ends = of_veth(inverse)
    for end, other in (ends, ends[::-1]):
        try:
            link = opened.rtnl().link(index=end.index)
        except NetnsctlError:
            continue
        if link is not None and link.kind == VETH and link.mac == end.mac \
                and lookups.peer_index(opened.rtnl(), link) == other.index:
            return link.name, link.index
    return None
