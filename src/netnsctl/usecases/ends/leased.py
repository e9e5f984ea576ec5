"""The addresses that ends of a wire have got by DHCP, and how long they hold."""
from __future__ import absolute_import, division, print_function

import os
import time

import _socket as socket

from netnsctl.errors import NetnsctlError

KEPT_DAYS = 30  # a lease that nobody has renewed


def of(record, shared):
    """{0 or 1: [{'address': '10.0.0.50/24', 'seconds_left': seconds until the lease lapses, or None}]} of the ends of
    a recorded wire that have a DHCP client. shared: inventory.Look. Empty lists where nothing can be seen.

    Before Linux 3.9 the kernel keeps no lifetime of IPv4 addresses.
    """
    found = {}
    for at, end in enumerate(record.ends):
        if not end.dhcp:
            continue
        found[at] = []
        try:
            opened = shared.namespace(record.identity(end))
            for item in opened.rtnl().addresses(end.index) if opened is not None and end.index else ():
                text = '%s/%d' % (item.address, item.prefixlen)
                if item.family == socket.AF_INET and item.index == end.index and text not in end.addresses:
                    found[at].append({'address': text, 'seconds_left': item.valid})
        except NetnsctlError:
            continue  # what is wrong is among the remarks
    return found


def has_ipv4(opened, end):
    """Has the link of a recorded end, in its open namespace, an IPv4 address?"""
    return any(item.family == socket.AF_INET for item in opened.rtnl().addresses(end.index))


def forget_old(folder, kept):
    """Removes files of leases that were not renewed for KEPT_DAYS: names of wires that are made of a container's ID do
    not return. folder: of NAME.END.leases and NAME.END.address; kept: the NAME.END that stay."""
    oldest = time.time() - KEPT_DAYS * 86400
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            if name.rpartition('.')[0] not in kept and os.lstat(path).st_mtime < oldest:
                os.unlink(path)
        except OSError:
            pass  # another was faster; what stays is in nobody's way
