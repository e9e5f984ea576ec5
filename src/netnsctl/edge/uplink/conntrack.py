"""Forgets the connections of UDP that the kernel keeps of published ports: it looks at no rule for a packet of one that
it knows, so that a port would lead nowhere, or still to the container, for as long as packets come.

TCP needs none of it, since a connection begins with a packet of its own. linux/netfilter/nfnetlink_conntrack.h
"""
from __future__ import absolute_import, division, print_function

import socket
import struct

from netnsctl.compat import monotonic
from netnsctl.edge.netlink.reading import attributes
from netnsctl.edge.uplink.nfnetlink import (
    ACK, ATTRIBUTES_AT, DUMP, NLMSG_DONE, NLMSG_ERROR, REQUEST, SECONDS, answers, ask, message)

NFNL_SUBSYS_CTNETLINK = 1
CT_GET, CT_DELETE = 1, 2
TUPLE_ORIG, TUPLE_IP, TUPLE_PROTO = 1, 1, 2
DST = {socket.AF_INET: 2, socket.AF_INET6: 4}  # CTA_IP_V4_DST, CTA_IP_V6_DST
PROTO_NUM, PROTO_DST_PORT = 1, 3
UDP = 17
MOST = 4096


def forget(family, ports, addresses):
    """Deletes the entries of UDP that go to one of these addresses of the host (set of bytes) and to one of these ports
    (list of (first, last)): how many. Where the kernel cannot tell them it does nothing."""
    def delete(sock):
        found = [raw for raw, address, port in _dump(sock, family)
                 if address in addresses and any(first <= port <= last for first, last in ports)][:MOST]
        for raw in found:
            _send(sock, CT_DELETE, REQUEST | ACK, family, struct.pack('=HH', len(raw) + 4, TUPLE_ORIG | 0x8000) + raw)
            sock.recv(65536)
        return len(found)
    return ask(delete) or 0


def _send(sock, kind, flags, family, payload=b''):
    sock.send(message(NFNL_SUBSYS_CTNETLINK, kind, flags, 1, family, payload))


def _dump(sock, family):
    """[(CTA_TUPLE_ORIG as it is, address, port)] of each entry of UDP."""
    _send(sock, CT_GET, REQUEST | DUMP, family)
    deadline = monotonic() + SECONDS
    found = []
    while monotonic() < deadline:
        for kind, told in answers(sock):
            if kind in (NLMSG_DONE, NLMSG_ERROR):
                return found
            raw = attributes(told, ATTRIBUTES_AT).get(TUPLE_ORIG)
            entry = raw is not None and _read(raw, family)
            if entry:
                found.append((raw,) + entry)
    return found


def _read(raw, family):
    tuple_of = attributes(raw, 0)
    proto, ip = attributes(tuple_of.get(TUPLE_PROTO, b''), 0), attributes(tuple_of.get(TUPLE_IP, b''), 0)
    if proto.get(PROTO_NUM) != struct.pack('B', UDP) or len(proto.get(PROTO_DST_PORT, b'')) != 2:
        return None
    return ip.get(DST[family]), struct.unpack('!H', proto[PROTO_DST_PORT])[0]
