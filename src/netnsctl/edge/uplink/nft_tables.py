"""Removes a table of nft that has nothing but chains without rules, where there may be no nft: iptables-nft makes such
tables, and leaves them. linux/netfilter/nf_tables.h, nfnetlink.h
"""
from __future__ import absolute_import, division, print_function

import socket
import struct

from netnsctl.compat import to_bytes
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import attributes
from netnsctl.edge.uplink.nfnetlink import (
    ACK, ATTRIBUTES_AT, DUMP, NLMSG_DONE, NLMSG_ERROR, REQUEST, answers, ask, message)

NFNL_SUBSYS_NONE, NFNL_SUBSYS_NFTABLES = 0, 10
NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END = 16, 17
NFT_MSG_DELTABLE, NFT_MSG_GETCHAIN, NFT_MSG_DELCHAIN = 2, 4, 5
NFTA_TABLE_NAME, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME = 1, 1, 3
NONREC = 0x100  # only what is empty


def remove_empty(version, table, chains=None):
    """Removes a table ("nat") of IP version 4 or 6 unless it holds a rule, a set, or anything but chains; or only
    these of its chains, unless they hold a rule: is it done? Another program that uses it meanwhile keeps it. None
    where the kernel does not answer."""
    family = _family(version)

    def remove(sock):
        named = _attribute(NFTA_TABLE_NAME, table)
        going = _chains(sock, family, table)
        steps = [(NFT_MSG_DELCHAIN, named + _attribute(NFTA_CHAIN_NAME, name)) for name in going
                 if chains is None or name in chains]
        return _all_or_none(sock, family, steps + ([] if chains else [(NFT_MSG_DELTABLE, named)]))
    return ask(remove)


def chains_of(version, table):
    """The names of the chains of a table, none of one that is not there: list; None where the kernel does not say."""
    return ask(lambda sock: _chains(sock, _family(version), table))


def _family(version):
    return socket.AF_INET if version == 4 else socket.AF_INET6


def _attribute(number, text):
    return writing.attribute(number, to_bytes(text) + b'\0')


def _chains(sock, family, table):
    sock.send(message(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN, REQUEST | DUMP, 1, family))
    found = []
    while True:
        for kind, told in answers(sock):
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                return found
            there = attributes(told, ATTRIBUTES_AT)
            if there.get(NFTA_CHAIN_TABLE, b'').rstrip(b'\0') == to_bytes(table):
                found.append(there[NFTA_CHAIN_NAME].rstrip(b'\0').decode('latin-1'))


def _all_or_none(sock, family, steps):
    """Carries out steps [(kind, payload)] as one transaction: has the kernel taken them all?"""
    begin, end = [message(NFNL_SUBSYS_NONE, kind, REQUEST, sequence, 0, resource=NFNL_SUBSYS_NFTABLES)
                  for kind, sequence in ((NFNL_MSG_BATCH_BEGIN, 1), (NFNL_MSG_BATCH_END, len(steps) + 2))]
    sock.send(begin + b''.join(
        message(NFNL_SUBSYS_NFTABLES, kind, REQUEST | ACK | NONREC, at + 2, family, payload)
        for at, (kind, payload) in enumerate(steps)) + end)
    left, is_done = len(steps), True
    while left > 0:
        for kind, told in answers(sock):
            if kind == NLMSG_ERROR:
                left -= 1
                is_done = is_done and struct.unpack_from('=i', told, 16)[0] == 0
                if struct.unpack_from('=I', told, 8 + 16 + 4)[0] < 2:
                    return False  # the batch itself
    return is_done
