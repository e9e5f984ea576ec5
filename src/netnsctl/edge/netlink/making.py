"""RTM_NEWLINK by hand, for links that a probe makes and that are gone with it: no library is needed for these.

linux/rtnetlink.h, if_link.h, veth.h
"""
from __future__ import absolute_import, division, print_function

import struct

from netnsctl.compat import to_bytes

RTM_NEWLINK, RTM_DELLINK = 16, 17
_CREATE = 1 | 4 | 0x200 | 0x400  # NLM_F_REQUEST, ACK, EXCL, CREATE
IFLA_ADDRESS, IFLA_IFNAME, IFLA_LINK, IFLA_LINKINFO, IFLA_NET_NS_FD = 1, 3, 5, 18, 28
IFLA_INFO_KIND, IFLA_INFO_DATA = 1, 2
VETH_INFO_PEER = 1


def attribute(kind, value):
    """A netlink attribute: bytes."""
    return struct.pack('=HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)


def number(kind, value):
    """An attribute that is a number of 32 bits: bytes."""
    return attribute(kind, struct.pack('=I', value))


def new_link(kind, name, data=b'', more=b''):
    """RTM_NEWLINK that makes a link of a kind: bytes. data: IFLA_INFO_DATA's content. more: attributes of the link.

    Neither index nor flags are given: on creation 2.6.32 refuses them, and IFLA_MASTER.
    """
    info = attribute(IFLA_INFO_KIND, to_bytes(kind)) + (attribute(IFLA_INFO_DATA, data) if data else b'')
    body = (struct.pack('=16x') + attribute(IFLA_IFNAME, to_bytes(name) + b'\0') + more
            + attribute(IFLA_LINKINFO, info))
    return struct.pack('=IHHII', 16 + len(body), RTM_NEWLINK, _CREATE, 0, 0) + body


def new_veth(name, peer, more=b''):
    """RTM_NEWLINK that makes a veth pair: bytes. more: attributes of the peer."""
    end = struct.pack('=16x') + attribute(IFLA_IFNAME, to_bytes(peer) + b'\0') + more
    return new_link('veth', name, attribute(VETH_INFO_PEER, end))


def delete_link(index):
    """RTM_DELLINK of the link of that index: bytes."""
    return struct.pack('=IHHIIBxHiII', 32, RTM_DELLINK, 5, 0, 0, 0, 0, index, 0, 0)
