"""Forwarding tables (RTM_GETNEIGH of AF_BRIDGE): what a vxlan sends to all, by its entries for no MAC address, and for
whom a bridge takes packets itself.

linux/neighbour.h; drivers/net/vxlan.
"""
from __future__ import absolute_import, division, print_function

import errno
import _socket as socket
import struct

from netnsctl.edge.netlink.reading import attributes, decoded
from netnsctl.edge.netlink.writing import attribute

RTM_DELNEIGH, RTM_GETNEIGH, AF_BRIDGE, NTF_SELF, NLM_F_ACK = 29, 30, 7, 0x02, 4
NDA_DST, NDA_LLADDR = 1, 2
_NDMSG = struct.Struct('=BxxxiHBB')
# Of what is sent to all. The kernel keeps the link's own remote there too.
_ALL = b'\0' * 6


def remotes(rtnl, index=None):
    """{index of a vxlan: its remotes (packed addresses), in the kernel's order}, of all or of one. KernelError."""
    found = {}
    # A container may have any number of entries of its own.
    for at, remote in decoded(_remote, rtnl.dump(
            RTM_GETNEIGH, _NDMSG.pack(AF_BRIDGE, index or 0, 0, 0, 0), (), lambda body: _is_for_all(body, index))):
        found.setdefault(at, []).append(remote)
    return found


def _is_for_all(body, index):
    return (index is None or _NDMSG.unpack_from(body)[1] == index) and attributes(body, 12).get(NDA_LLADDR) == _ALL


def _remote(body):
    return _NDMSG.unpack_from(body)[1], attributes(body, 12).get(NDA_DST)


def text_of(remote):
    """A packed address as text. ValueError, socket.error for what is none."""
    return socket.inet_ntop(socket.AF_INET if len(remote) == 4 else socket.AF_INET6, remote)


def forget(rtnl, index, remote, most=4096):
    """Removes from a vxlan whoever it has learned to be behind a remote (packed address), up to so many: the kernel
    would do so after some minutes. KernelError."""
    found = decoded(_learned, rtnl.dump(RTM_GETNEIGH, _NDMSG.pack(AF_BRIDGE, index, 0, 0, 0), (),
                                        lambda body: _is_learned(body, index, remote)))
    for mac in found[:most]:
        rtnl.ask(RTM_DELNEIGH, _NDMSG.pack(AF_BRIDGE, index, 0, NTF_SELF, 0) + attribute(NDA_LLADDR, mac),
                 (errno.ENOENT,), NLM_F_ACK)


def _is_learned(body, index, remote):
    told = attributes(body, 12)
    return (_NDMSG.unpack_from(body)[1] == index and told.get(NDA_DST) == remote
            and told.get(NDA_LLADDR) not in (None, _ALL))


def _learned(body):
    return attributes(body, 12)[NDA_LLADDR]


def takes_for_others(rtnl, index):
    """Does a bridge itself take packets for other MAC addresses than its own? They are of links on it, in whatever
    network namespace, as long as these are up. KernelError."""
    return any(decoded(lambda body: _is_taken(body, index), rtnl.dump(
        RTM_GETNEIGH, _NDMSG.pack(AF_BRIDGE, index, 0, 0, 0))))


def _is_taken(body, index):
    _, at, _, flags, _ = _NDMSG.unpack_from(body)
    mac = attributes(body, _NDMSG.size, (NDA_LLADDR,)).get(NDA_LLADDR, b'')
    return at == index and bool(flags & NTF_SELF) and len(mac) == 6 and not bytearray(mac)[0] & 1
