"""The ends of a pair that neither of its namespaces has any more: moved to others, or deleted by who owns those?

Two containers that both want to keep a wire can move its ends to namespaces nested in them, where their indexes and MAC
addresses are what they like. Looked for in every namespace that has a name or a process in it; with a limit, since
anybody can make thousands of them.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.edge.netlink import lookups
from netnsctl.errors import NetnsctlError
from netnsctl.execution.identity import VETH, of_veth

SECONDS = 5.0


def elsewhere(inverse, namespaces):
    """An end of the pair that a delete-veth speaks of, in another namespace of the host: (Netns, Link), which the
    caller closes, or None. NetnsctlError where there is one that may be it, or not all could be looked at in time."""
    ends = of_veth(inverse)
    known = set(opened.key for opened in namespaces.values())
    deadline = monotonic() + SECONDS
    doubt = None
    for key, path in sorted(netns.living().items()):
        if key in known:
            continue
        if monotonic() > deadline:
            raise NetnsctlError('look for the ends of %s and %s: there are too many network namespaces'
                                % (inverse.dev, inverse.peer_dev))
        try:
            opened = netns.open_path(path, path)
        except NetnsctlError:
            continue  # it ended
        try:
            link = _end_in(opened, ends)
        except NetnsctlError as error:
            opened.close()
            doubt = error
            continue
        if link is not None:
            return opened, link
        opened.close()
    if doubt is not None:
        raise doubt
    return None


def delete_beyond(inverse, namespaces):
    """Deletes an end of the pair in a namespace that is open nowhere here, and that the pair's own namespaces know by a
    number, as they do once a link was moved there (Linux 4.15): was there one? NetnsctlError where it stays."""
    ends = of_veth(inverse)
    for end in ends:
        rtnl = namespaces[end.ns].rtnl()
        for number in lookups.nsids(rtnl):
            for one, other in (ends, ends[::-1]):
                link = lookups.link_beyond(rtnl, number, one.index)
                if link is not None and link.kind == VETH and link.peer == other.index:
                    lookups.delete_beyond(rtnl, number, link.index)
                    return True
    return False


def _end_in(opened, ends):
    """The link in a Netns that is one of two Ends, by both indexes. NetnsctlError where only its MAC address is."""
    rtnl = opened.rtnl()
    for end, other in (ends, ends[::-1]):
        link = rtnl.link(index=end.index)
        if link is not None and link.kind == VETH and lookups.peer_index(rtnl, link) == other.index:
            if link.mac == end.mac or link.name == end.dev or link.peer_nsid is not None:
                return link
        link = rtnl.link(name=end.dev)
        if link is not None and link.kind == VETH and link.mac == end.mac:
            raise NetnsctlError('%s has a link %s that may be an end of the wire, moved there'
                                % (opened.label, end.dev))
    return None
