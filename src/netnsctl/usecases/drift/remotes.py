"""The remotes of a VXLAN's link, compared with those that its wire has."""
from __future__ import absolute_import, division, print_function

import socket
import struct

from netnsctl.edge.netlink.reading import attributes, decoded
from netnsctl.model import addressing

RTM_GETNEIGH, AF_BRIDGE = 30, 7
NDA_DST, NDA_LLADDR = 1, 2
_NDMSG = struct.Struct('=BxxxiHBB')
# Of what is sent to all. The kernel keeps the link's own remote there too.
_ALL = b'\0' * 6


def lacking(rtnl, index, wanted):
    """Remotes (text) of a wanted list that the vxlan of that index does not send to, in order. KernelError."""
    found = rtnl.dump(RTM_GETNEIGH, _NDMSG.pack(AF_BRIDGE, index, 0, 0, 0), (), lambda body: _is_for_all(body, index))
    there = set(decoded(_remote, found))
    return [text for text in wanted if _packed(text) not in there]


def of_record(record):
    """(its End with a link, its remotes) of a wire over a VXLAN; (None, []) of any other."""
    for end, other in (record.ends, reversed(record.ends)):
        if not other.has_link:
            return end, [value for key, value in other.items if key == 'remote']
    return None, []


def _is_for_all(body, index):
    # A container may have any number of entries of its own.
    return _NDMSG.unpack_from(body)[1] == index and attributes(body, 12).get(NDA_LLADDR) == _ALL


def _remote(body):
    return attributes(body, 12).get(NDA_DST)


def _packed(text):
    return socket.inet_pton(socket.AF_INET6 if addressing.family_of(text) == 6 else socket.AF_INET, text)
