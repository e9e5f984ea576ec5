"""Notices that the host's firewall changes: nf_tables reports each transaction, iptables-nft's too. The tables of
iptables-legacy report nothing. linux/netfilter/nfnetlink.h
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import socket

from netnsctl.compat import set_cloexec

NETLINK_NETFILTER, NFNLGRP_NFTABLES = 12, 7
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP = 270, 1
_NAMES = ('/proc/net/ip_tables_names', '/proc/net/ip6_tables_names')


class RuleWatch(object):
    """For poll(2): fileno() becomes readable when a rule of this network namespace changes. OSError where the kernel
    does not report it."""

    def __init__(self):
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        except socket.error as error:  # not an OSError in Python 2
            raise OSError(error.errno, os.strerror(error.errno))
        try:
            set_cloexec(self._socket.fileno())
            self._socket.setblocking(False)
            self._socket.bind((0, 0))
            self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES)
        except socket.error as error:
            self._socket.close()
            raise OSError(error.errno, os.strerror(error.errno))

    def fileno(self):
        return self._socket.fileno()

    def read(self):
        """Forgets what is reported: was there anything? What it says is read from the rules."""
        found = False
        while True:
            try:
                self._socket.recv(65536)
                found = True
            except socket.error as error:
                if error.errno == errno.ENOBUFS:  # more than it keeps
                    found = True
                elif error.errno != errno.EINTR:
                    return found

    def close(self):
        self._socket.close()


def is_silent(host):
    """Are tables in use here that report no change?"""
    return any((host.read(path) or '').strip() for path in _NAMES)
