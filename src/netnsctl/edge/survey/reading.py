"""The links of one namespace with their addresses, and where it sends what is for elsewhere."""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge.netlink import lookups
from netnsctl.edge.netlink.reading import attributes, decoded
from netnsctl.edge.survey import more as more_of
from netnsctl.edge.survey import sysfs
from netnsctl.edge.survey.links import link_of
from netnsctl.errors import NetnsctlError

# Of a network for documentation (RFC 5737, RFC 3849), which nobody has a route of their own to: the kernel is asked
# where it would go. One request, however many routes there are.
ELSEWHERE = ('203.0.113.1', '2001:db8::1')
LINKS = 4096  # of a namespace that is not the host's: a container may have made any number


class Contents(object):
    """links: list of edge.survey.links.Link, by index. more: how many were left out. told: list of
    edge.netlink.reading.Address. gateways: list of (index of the link, gateway or None). notes: what of them could not
    be read (text)."""
    __slots__ = ('links', 'more', 'told', 'gateways', 'notes')

    def __init__(self, links, more=0):
        self.links, self.more, self.told, self.gateways, self.notes = links, more, [], [], []


def read(netns, limit=None):
    """The Contents of an open edge.netns.Netns. KernelError, NoAnswerError.

    limit: so many links, those first that lead into another namespace.
    """
    rtnl = netns.rtnl()
    links = decoded(link_of, rtnl.dump_links())
    more = 0
    if limit is not None and len(links) > limit:
        more = len(links) - limit
        links.sort(key=lambda link: (link.peer_nsid is None, link.index))
        links = sorted(links[:limit], key=lambda link: link.index)
    contents = Contents(links, more)
    by_index = dict((link.index, link) for link in links)
    families = set()
    contents.told = rtnl.addresses()
    for item in contents.told:
        link = by_index.get(item.index)
        if link is not None:
            link.addresses.append('%s/%d' % (item.address, item.prefixlen))
            if link.sort != 'loopback' and (item.family == socket.AF_INET or item.scope == 0):
                families.add(item.family)
    for link in links:
        if link.kind == 'veth' and link.below is None:
            link.below = lookups.peer_index(rtnl, link)  # before Linux 4.1
    if netns.label == 'host':
        sysfs.add_bridges(links)
    contents.notes = more_of.add(rtnl, links)
    contents.gateways = [(hop.index, hop.via) for hop in _hops(rtnl, families) if hop.index in by_index]
    return contents


def _hops(rtnl, families):
    for address, family in zip(ELSEWHERE, (socket.AF_INET, socket.AF_INET6)):
        if family in families:
            hop = lookups.route_to(rtnl, address)
            if hop is not None:
                yield hop


def beyond(rtnl, nsid):
    """The Contents, without addresses, of a namespace that nothing leads to but its number in that of a socket. None
    before Linux 4.15."""
    try:
        links = lookups.links_beyond(rtnl, nsid, _foreign_link_of)
    except NetnsctlError:
        return None
    return Contents(links[:LINKS], max(len(links) - LINKS, 0)) if links else None


def _foreign_link_of(body):
    if lookups.IFLA_TARGET_NETNSID not in attributes(body, 16):
        raise LookupError('this kernel answers of the own namespace')
    return link_of(body)
