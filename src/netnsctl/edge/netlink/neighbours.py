"""Neighbour entries (ARP, RFC 826; neighbour discovery, RFC 4861): is one there, remove one, is the table full.

The tables of all namespaces together hold net.ipv4.neigh.default.gc_thresh3 entries, 1024 by default,
and none that was used within five seconds makes room: a check that left its entries behind
would make the checks of a few hundred wires in a row fail.
"""
from __future__ import absolute_import, division, print_function

import errno
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import to_bytes
from netnsctl.edge.netlink.writing import attribute
from netnsctl.errors import NetnsctlError

SIOCDARP, SIOCGARP = 0x8953, 0x8954
RTM_DELNEIGH, RTM_GETNEIGH, RTM_GETNEIGHTBL = 29, 30, 66
NLM_F_ACK = 4
# struct arpreq (arp(7)): protocol address, hardware address, flags, netmask, device.
_ARPREQ = struct.Struct('=HH4s8x16xi16x16s')
# struct ndmsg: family, ifindex, state, flags, type.
_NDMSG = struct.Struct('=BxxxiHBB')


def is_known(rtnl, inet, dev, address):
    """Does the namespace have a neighbour entry for an address on a link, in whatever state?

    rtnl: its Rtnl, used for IPv6. inet: an IPv4 socket in it, used for IPv4. dev: the link's name. address: text.
    True also where the kernel cannot tell (one IPv6 entry can be asked for since Linux 5.0).
    """
    try:
        if ':' not in address:
            return _arp(inet, SIOCGARP, dev, address)
        return bool(rtnl.ask(RTM_GETNEIGH, _entry(rtnl, dev, address), (errno.ENOENT,)))
    except NetnsctlError:
        return True


def forget(rtnl, inet, dev, address):
    """Removes a neighbour entry, as `ip neigh del` does. The same arguments; an entry that may not be removed stays."""
    try:
        if ':' not in address:
            _arp(inet, SIOCDARP, dev, address)
        else:
            rtnl.ask(RTM_DELNEIGH, _entry(rtnl, dev, address), (errno.ENOENT,), NLM_F_ACK)
    except NetnsctlError:
        pass


def _arp(inet, what, dev, address):
    """arp(7) by ioctl, a few microseconds: False for ENXIO (no such entry) and any other refusal."""
    try:
        ioctl(inet.fileno(), what, _ARPREQ.pack(socket.AF_INET, 0, socket.inet_aton(address), 0, to_bytes(dev)))
    except (OSError, IOError):
        return False
    return True


def _entry(rtnl, dev, address):
    body = _NDMSG.pack(socket.AF_INET6, rtnl.index_of(dev) or 0, 0, 0, 0)
    return body + attribute(1, socket.inet_pton(socket.AF_INET6, address))


class Table(object):
    """A neighbour table of the whole kernel.

    entries: how many it holds. thresh2, thresh3: from where on it is swept, and where it is full. overflows: how
    often an entry was refused since boot, or None (Linux before 4.3).
    """
    __slots__ = ('entries', 'thresh2', 'thresh3', 'overflows')


def table(rtnl, family):
    """The table of a family, as every namespace can read it (RTM_GETNEIGHTBL): Table, or None."""
    from netnsctl.edge.netlink.reading import decoded
    bodies = rtnl.dump(RTM_GETNEIGHTBL, struct.pack('=Bxxx', family))
    tables = [told for told in decoded(lambda body: _table(family, body), bodies) if told is not None]
    return tables[0] if tables else None


def _table(family, body):
    from netnsctl.edge.netlink.reading import attributes
    # neighbour.h: NDTA_THRESH2 3, THRESH3 4, CONFIG 5, STATS 7; messages about single links have no CONFIG.
    found = attributes(body, 4)
    if ord(body[:1]) != family or 5 not in found:
        return None
    told = Table()
    told.thresh2, told.thresh3 = [struct.unpack('=I', found[kind])[0] for kind in (3, 4)]
    told.entries = struct.unpack_from('=HHI', found[5])[2]
    stats = found.get(7, b'')
    told.overflows = struct.unpack_from('=Q', stats, 80)[0] if len(stats) >= 88 else None
    return told
