"""What somebody else has on a bridge that netnsctl made, which would go with it: asked as its last wire is removed."""
from __future__ import absolute_import, division, print_function

import _socket as socket
import os
import struct

from netnsctl.compat import native
from netnsctl.edge.netlink.reading import attributes, decoded, link_of

# linux/rtnetlink.h: what the kernel itself makes, after an ICMP redirect, for an address, after an advertisement.
_OF_THE_KERNEL = (1, 2, 9)
RT_TABLE_LOCAL = 255
RT_SCOPE_LINK, IFA_F_PERMANENT = 253, 0x80
RTM_GETNEIGH, AF_BRIDGE, NTF_SELF, NDA_LLADDR = 30, 7, 2, 2
IFLA_LINK = 5
A_ROUTE = 'the route'
_NDMSG = struct.Struct('=BxxxiHBB')


def use_of(rtnl, bridge, given):
    """What of others is on a bridge (Link) without ports, for a message, or None. given(): the addresses that wires
    gave it, '10.1.1.1/24' each. KernelError, NoAnswerError."""
    own = None
    for address in _addresses(rtnl, bridge):
        own = given() if own is None else own
        if address not in own:
            return 'the address %s, which no wire gave it' % address
    for route in rtnl.routes(table=None, index=bridge.index):
        if route.protocol not in _OF_THE_KERNEL and route.table != RT_TABLE_LOCAL:
            return '%s %s' % (A_ROUTE, route.dst)
    name = _link_on(rtnl, bridge)
    if name is not None:
        return 'the link %s' % name
    return 'a link in another network namespace' if _is_under_one_beyond(rtnl, bridge) else None


def _addresses(rtnl, bridge):
    """But for those of IPv6 that the kernel makes: link-local ones, and those by advertisements, which end."""
    return ['%s/%d' % (item.address, item.prefixlen) for item in rtnl.addresses(bridge.index)
            if item.family == socket.AF_INET or item.scope != RT_SCOPE_LINK and item.flags & IFA_F_PERMANENT]


def _link_on(rtnl, bridge):
    """The name of a link of this namespace that hangs on the bridge, or None. sysfs has them in the folder of that:
    a list of all links would take ever longer."""
    folder = '/sys/class/net/' + bridge.name
    try:
        with open(folder + '/ifindex') as source:
            is_shown = int(source.read()) == bridge.index and rtnl.can_filter()  # old kernels lack it
        names = os.listdir(folder) if is_shown else []
    except (EnvironmentError, ValueError):
        is_shown = False
    if is_shown:
        return ([native(name[len('upper_'):]) for name in sorted(names) if name.startswith('upper_')] or [None])[0]
    number = struct.pack('=I', bridge.index)
    for link in decoded(link_of, [body for body in rtnl.dump_links() if number in body]):
        if link.peer == bridge.index and link.peer_nsid is None and link.index != bridge.index:
            return link.name
    return None


def _is_under_one_beyond(rtnl, bridge):
    """Does a link in another namespace hang on it? Of those the kernel tells here only that the bridge takes packets
    for their MAC addresses, as long as they are up: among its own entries of the forwarding table."""
    return rtnl.can_filter() and any(decoded(lambda body: _is_for_another(body, bridge.index), rtnl.dump(
        RTM_GETNEIGH, _NDMSG.pack(AF_BRIDGE, bridge.index, 0, 0, 0))))


def _is_for_another(body, index):
    _, at, _, flags, _ = _NDMSG.unpack_from(body)
    mac = attributes(body, _NDMSG.size, (NDA_LLADDR,)).get(NDA_LLADDR, b'')
    return at == index and bool(flags & NTF_SELF) and len(mac) == 6 and not bytearray(mac)[0] & 1
