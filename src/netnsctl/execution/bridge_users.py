"""What somebody else has on a bridge that netnsctl made, which would go with it: asked as its last wire is removed."""
from __future__ import absolute_import, division, print_function

import _socket as socket
import os
import struct

from netnsctl.compat import native
from netnsctl.edge.netlink import fdb
from netnsctl.edge.netlink.reading import (
    IFA_F_PERMANENT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROTS_OF_KERNEL, decoded, link_of)

RT_SCOPE_LINK = 253  # linux/rtnetlink.h


def use_of(rtnl, bridge, given):
    """What of others is on a bridge (Link) without ports: (text for a message or None, is it a route). given(): what
    wires gave it, sets of addresses ('10.1.1.1/24') and of routes to hosts (destination, metric). KernelError,
    NoAnswerError."""
    addresses = _addresses(rtnl, bridge)
    routes = [route for route in rtnl.routes(table=None, index=bridge.index)
              if route.protocol not in RTPROTS_OF_KERNEL and route.table != RT_TABLE_LOCAL]
    own_addresses, own_routes = given() if addresses or routes else ((), ())
    for address in addresses:
        if address not in own_addresses:
            return 'the address %s, which no wire gave it' % address, False
    for route in routes:
        if route.table != RT_TABLE_MAIN or route.via or route.tos or (route.dst, route.metric) not in own_routes:
            return 'the route %s' % route.dst, True
    name = _link_on(rtnl, bridge)
    if name is not None:
        return 'the link %s' % name, False
    is_beyond = rtnl.can_filter() and fdb.takes_for_others(rtnl, bridge.index)
    return 'a link in another network namespace' if is_beyond else None, False


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
