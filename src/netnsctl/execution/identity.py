"""Which links the two ends of a wire are now: the one answer to "is this still the link that is meant?".

Whoever is root in a container can give any name and any MAC address to any link there, can move links to namespaces
nested in it, and can make a link under a chosen index. What cannot be forged is what the kernel says at the other end:
the index of its peer, and the number of the namespace that this peer is in (IFLA_LINK, IFLA_LINK_NETNSID). So a link is
its index in its namespace plus one thing more that is known of it; and the end of a pair can be looked at from the side
that the container does not own.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import link_nodes
from netnsctl.edge.netlink import lookups
from netnsctl.errors import NetnsctlError

VETH = 'veth'


class PairEnd(object):
    """One end of a pair as a record has it. ns: reference of its namespace. index: None until the record has it."""
    __slots__ = ('ns', 'dev', 'mac', 'index')

    def __init__(self, ns, dev, mac, index):
        self.ns, self.dev, self.mac, self.index = ns, dev, mac, index


def of_veth(inverse):
    """The two PairEnds that a delete-link of a pair speaks of, the one that no container owns first."""
    ends = (PairEnd(inverse.ns, inverse.dev, inverse.mac, inverse.index),
            PairEnd(inverse.peer.ns, inverse.peer.dev, inverse.peer.mac, inverse.peer_index))
    return ends[::-1] if ends[1].ns == 'host' else ends


def link_at(rtnl, end, peer_index=None):
    """The link that a PairEnd or records.End with an index means (edge.netlink.reading.Link), or None.

    Its MAC address, its name or its peer's index says that it is not another one under that index.
    """
    link = rtnl.link(index=end.index)
    return link if link is not None and _is_meant(rtnl, link, end, peer_index) else None


def link_of_end(netns, end, other):
    """The link in a Netns that an end of a record means, where other is the record's other end; or None.

    Where the other one has no link, a container can give it any name and MAC address: that there is one of its kind
    under its index is all that can be asked.
    """
    rtnl = netns.rtnl()
    if other.has_link:
        return link_at(rtnl, end, other.index)
    if other.lent is not None:
        from netnsctl.edge.nics import identity  # few wires have a NIC
        return identity.find(netns, other.lent)
    link = rtnl.link(index=end.index)
    return link if link is not None and link.kind == other.parsed_target().scheme else None


def _is_meant(rtnl, link, end, peer_index):
    return link.kind == VETH and (end.mac == link.mac or end.dev == link.name or peer_index is not None
                                  and lookups.peer_index(rtnl, link) == peer_index)


def joins(netns, link, other_netns, other_index):
    """Does the kernel say that a link's peer is the link of that index in another (or the same) Netns? True as well
    where it says nothing.

    Before Linux 4.1 a veth says the index alone, and before 4.0 no namespace has a number: there each end is asked.
    """
    rtnl = netns.rtnl()
    index = lookups.peer_index(rtnl, link)
    if index is None:
        return True
    if index != other_index:
        return False
    if link.peer is None:
        other = other_netns.rtnl().link(index=index)
        return other is not None and lookups.peer_index(other_netns.rtnl(), other) == link.index
    if link.peer_nsid is None:
        return netns.key == other_netns.key
    return lookups.nsid_of(rtnl, other_netns.fd) == link.peer_nsid


def left(inverse, namespaces, touched=()):
    """What is left of the pair that a delete-link speaks of: (reference, Link) of an end, or None where neither is
    there.

    namespaces: {reference: Netns}, without those that are gone. touched: references where an end was found already, and
    deleted: the others come first. NetnsctlError where that cannot be told for certain.
    """
    one, other = of_veth(inverse)
    doubt, looked = None, 0
    for end, peer in sorted(((one, other), (other, one)), key=lambda item: item[0].ns in touched):
        if end.ns not in namespaces:
            continue
        try:
            link = (_link if end.index else _link_of_unfinished)(end, peer, namespaces)
        except NetnsctlError as error:
            doubt = error
            continue
        looked += 1
        if link is not None:
            return end.ns, link
        if end.ns == 'host' and end.index:
            return None  # nobody can move it away from there: it is gone, and so is its peer
    if doubt is not None and not looked:
        raise doubt
    return None


def may_be_elsewhere(inverse, namespaces):
    """May both ends of a pair of which nothing is found have been moved to other namespaces? One of the host's or of
    a namespace that is gone cannot."""
    return bool(inverse.index and inverse.peer_index and 'host' not in (inverse.ns, inverse.peer.ns)
                and inverse.ns in namespaces and inverse.peer.ns in namespaces)


def is_certain(inverse, step, opened):
    """Is the link that a delete-link in an open Netns means certainly an end of the pair that a delete-link speaks of?
    True as well where the record does not have their numbers."""
    return inverse.node is None or link_nodes.number_of(opened, step.dev, step.index) in (inverse.node,
                                                                                         inverse.peer_node)


def is_alone_there(inverse, namespaces, link):
    """Is a Link under the index of the one link of a wire, in its namespace, that link? By its number; where the record
    has none, by its kind and by what it is on."""
    opened = namespaces[inverse.ns]
    if link.kind != inverse.kind:
        return False
    if inverse.node is not None:
        return link_nodes.number_of(opened, link.name, link.index) == inverse.node
    return hangs_there(inverse, namespaces, opened, link)


def hangs_there(inverse, namespaces, opened, link):
    """Is a Link in a Netns on the NIC of the host's that the one link of a wire is on? A container can choose its name,
    MAC address and index, but not that. True as well where the kernel says nothing (before Linux 4.0 it says the index
    of the NIC alone)."""
    host = namespaces.get('host')
    if not inverse.anchor or host is None or link.peer is None:
        return True
    number = lookups.nsid_of(opened.rtnl(), host.fd)
    if number is not None and link.peer_nsid != number:
        return False
    # The NIC may have been renamed.
    return link.mac == inverse.mac or host.rtnl().index_of(inverse.anchor) in (None, link.peer)


def _link(end, peer, namespaces):
    netns = namespaces[end.ns]
    rtnl = netns.rtnl()
    link = rtnl.link(index=end.index)
    if link is not None and _is_meant(rtnl, link, end, peer.index):
        return link
    if link is None or link.kind != VETH or link.peer_nsid is None and link.peer is not None:
        return None  # its peer is in the same namespace: it is another pair
    if end.ns == 'host':
        raise NetnsctlError('%s: the link %s (%d) has neither the name nor the MAC address nor the peer of %s'
                            % (netns.label, link.name, link.index, end.dev))
    return link  # a container may make its end look like another one


def _link_of_unfinished(end, peer, namespaces):
    """The same where the record was never finished, and knows no index: by its MAC address, and by where its peer is.

    The best of those that there are: decoys have their peers elsewhere.
    """
    netns = namespaces[end.ns]
    rtnl = netns.rtnl()
    link = rtnl.link(name=end.dev)
    if link is not None and (end.ns == 'host' or _worth(netns, link, end, peer, namespaces) == 2):
        return link if link.kind == VETH and link.mac == end.mac else None
    # A kernel that cannot make both ends in place makes them under other names.
    rated = [(_worth(netns, link, end, peer, namespaces), link.index, link) for link in rtnl.links()]
    rated = [item for item in rated if item[0]]
    return max(rated)[2] if rated else None


def _worth(netns, link, end, peer, namespaces):
    """2: a link is that end; 1: it may be, since its peer is elsewhere; 0: it is not."""
    if link.kind != VETH or link.mac != end.mac:
        return 0
    index = lookups.peer_index(netns.rtnl(), link)
    if peer.ns in namespaces and joins(netns, link, namespaces[peer.ns], index):
        return 2
    if link.peer_nsid is None and link.peer is not None:
        other = netns.rtnl().link(index=index)
        return 2 if other is not None and other.mac == peer.mac else 0  # made here, and not yet moved
    return 1
