"""Removes a table of nft that has nothing but chains without rules, where there may be no nft: iptables-nft makes such
tables, and leaves them. linux/netfilter/nf_tables.h, nfnetlink.h
"""
from __future__ import absolute_import, division, print_function

import socket
import struct

from netnsctl.compat import to_bytes
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import MALFORMED, attributes

NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES = 12, 10
NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END = 16, 17
NFT_MSG_DELTABLE, NFT_MSG_GETCHAIN, NFT_MSG_DELCHAIN = 2, 4, 5
NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME = 1, 1, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
NONREC = 0x100  # only what is empty
NLMSG_ERROR, NLMSG_DONE = 2, 3
SECONDS = 5.0


def remove_empty(version, table, chains=None):
    """Removes a table ("nat") of IP version 4 or 6 unless it holds a rule, a set, or anything but chains; or only
    these of its chains, unless they hold a rule: is it done? Another program that uses it meanwhile keeps it."""
    def remove(sock, family):
        named = _attribute(NFTA_TABLE_NAME, table)
        going = _chains(sock, family, table)
        steps = [(NFT_MSG_DELCHAIN, named + _attribute(NFTA_CHAIN_NAME, name)) for name in going
                 if chains is None or name in chains]
        return _all_or_none(sock, family, steps + ([] if chains else [(NFT_MSG_DELTABLE, named)]))
    return _with_socket(version, remove) or False


def chains_of(version, table):
    """The names of the chains of a table, none of one that is not there: list; None where the kernel does not say."""
    return _with_socket(version, lambda sock, family: _chains(sock, family, table))


def _with_socket(version, do):
    """What do(socket, family) returns, or None where the kernel does not answer."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    except (socket.error, OSError):
        return None
    try:
        sock.settimeout(SECONDS)
        sock.bind((0, 0))
        sock.connect((0, 0))  # only the kernel's answers
        return do(sock, family)
    except (socket.error, OSError) + MALFORMED:
        return None
    finally:
        sock.close()


def _attribute(number, text):
    return writing.attribute(number, to_bytes(text) + b'\0')


def _message(kind, flags, sequence, family, payload=b'', resource=0):
    return writing.message(kind, flags, struct.pack('!BBH', family, 0, resource) + payload, sequence)


def _answers(sock):
    """(kind, the message) of each message that comes, in one answer."""
    data, at = sock.recv(1 << 18), 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from('=IH', data, at)
        if length < 16:
            return
        yield kind, data[at:at + length]
        at += length + 3 & ~3


def _chains(sock, family, table):
    sock.send(_message(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, REQUEST | DUMP, 1, family))
    found = []
    while True:
        for kind, message in _answers(sock):
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                return found
            there = attributes(message, 20)
            if there.get(NFTA_CHAIN_TABLE, b'').rstrip(b'\0') == to_bytes(table):
                found.append(there[NFTA_CHAIN_NAME].rstrip(b'\0').decode('latin-1'))


def _all_or_none(sock, family, steps):
    """Carries out steps [(kind, payload)] as one transaction: has the kernel taken them all?"""
    batch = [_message(NFNL_MSG_BATCH_BEGIN, REQUEST, 1, 0, resource=NFNL_SUBSYS_NFTABLES)]
    for at, (kind, payload) in enumerate(steps):
        batch.append(_message(NFNL_SUBSYS_NFTABLES << 8 | kind, REQUEST | ACK | NONREC, at + 2, family, payload))
    batch.append(_message(NFNL_MSG_BATCH_END, REQUEST, len(steps) + 2, 0, resource=NFNL_SUBSYS_NFTABLES))
    sock.send(b''.join(batch))
    left, is_done = len(steps), True
    while left > 0:
        for kind, message in _answers(sock):
            if kind == NLMSG_ERROR:
                left -= 1
                is_done = is_done and struct.unpack_from('=i', message, 16)[0] == 0
                if struct.unpack_from('=I', message, 8 + 16 + 4)[0] < 2:
                    return False  # the batch itself
    return is_done
