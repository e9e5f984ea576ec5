"""Talks to netfilter in the kernel: messages of nf_tables and of conntrack. linux/netfilter/nfnetlink.h"""
from __future__ import absolute_import, division, print_function

import socket
import struct

from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import MALFORMED

NETLINK_NETFILTER = 12
REQUEST, ACK, DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
# Of a message, with its nfgenmsg, the bytes before its attributes.
ATTRIBUTES_AT = 20
SECONDS = 5.0  # a table may have a million entries


def ask(do):
    """What do(socket) returns, or None where the kernel does not answer, or cannot be asked."""
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    except (socket.error, OSError):
        return None
    try:
        sock.settimeout(SECONDS)
        sock.bind((0, 0))
        sock.connect((0, 0))  # only the kernel's answers
        return do(sock)
    except (socket.error, OSError) + MALFORMED:
        return None
    finally:
        sock.close()


def message(subsystem, kind, flags, sequence, family, payload=b'', resource=0):
    """A whole message: bytes. subsystem: NFNL_SUBSYS_*; resource: res_id of nfgenmsg."""
    return writing.message(subsystem << 8 | kind, flags, struct.pack('!BBH', family, 0, resource) + payload, sequence)


def answers(sock):
    """(type, the message) of each message of the next answer: generator."""
    data, at = sock.recv(1 << 18), 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from('=IH', data, at)
        if length < 16:
            return
        yield kind, data[at:at + length]
        at += length + 3 & ~3
