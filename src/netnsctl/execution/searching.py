"""The ends of a pair that neither of its namespaces has any more: moved to others, or deleted by who owns those?

Two containers that both want to keep a wire can move its ends to namespaces nested in them, and make them look like
others there. Only what has the indexes of the pair and a MAC address of it is deleted: small indexes are those of many
wires. What has the indexes alone, where a link was moved to from the pair's own namespaces, leaves a doubt.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.edge.netlink import lookups
from netnsctl.errors import NetnsctlError
from netnsctl.execution.identity import VETH, of_veth

SECONDS = 5.0


def delete_beyond(inverse, namespaces, is_recorded):
    """Deletes an end of the pair that a delete-veth speaks of, in a namespace that the pair's own know by a number, as
    they do once a link was moved there (Linux 4.15): was there one? NetnsctlError where it may be another link.

    is_recorded(rtnl, number, index): is the link of that index there an end of some wire?
    """
    ends = of_veth(inverse)
    doubt = None
    for end in ends:
        rtnl = namespaces[end.ns].rtnl()
        own = set(lookups.nsid_of(rtnl, opened.fd) for opened in namespaces.values()) - set([None])
        for number in set(lookups.nsids(rtnl)) - own:
            for one, other in (ends, ends[::-1]):
                link = lookups.link_beyond(rtnl, number, one.index)
                if link is None or link.kind != VETH or link.peer != other.index or link.peer_nsid in own:
                    continue
                if link.mac == one.mac:
                    lookups.delete_beyond(rtnl, number, link.index)
                    return True
                if not is_recorded(rtnl, number, link.index):
                    doubt = NetnsctlError('%s: the link %s in a namespace that it moved links to may be the end %s of '
                                          'the wire' % (namespaces[end.ns].label, link.name, one.dev))
    if doubt is not None:
        raise doubt
    return False


def elsewhere(inverse, namespaces):
    """An end of the pair in any namespace that has a name or a process in it: (Netns, Link), which the caller closes,
    or None. Anybody can make thousands of them: NetnsctlError where not all could be looked at in time."""
    ends = of_veth(inverse)
    known = set(opened.key for opened in namespaces.values())
    deadline = monotonic() + SECONDS
    for key, path in sorted(netns.living().items()):
        if key in known:
            continue
        if monotonic() > deadline:
            raise NetnsctlError('look for the ends %s and %s of the wire: there are too many network namespaces'
                                % (inverse.dev, inverse.peer_dev))
        try:
            opened = netns.open_path(path, path)
        except NetnsctlError:
            continue  # it ended
        try:
            link = _end_in(opened.rtnl(), ends)
        except NetnsctlError:
            link = None
        if link is not None:
            return opened, link
        opened.close()
    return None


def _end_in(rtnl, ends):
    for end, other in (ends, ends[::-1]):
        link = rtnl.link(index=end.index)
        if link is not None and link.kind == VETH and link.mac == end.mac \
                and lookups.peer_index(rtnl, link) == other.index:
            return link
    return None
