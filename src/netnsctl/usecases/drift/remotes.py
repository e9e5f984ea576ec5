"""The remotes of a VXLAN's link, compared with those that its wire has."""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.edge.netlink import fdb
from netnsctl.model import addressing


def lacking(rtnl, index, wanted):
    """Remotes (text) of a wanted list that the vxlan of that index does not send to, in order. KernelError."""
    there = set(fdb.remotes(rtnl, index).get(index, ()))
    return [text for text in wanted if _packed(text) not in there]


def of_record(record):
    """(its End with a link, its remotes) of a wire over a VXLAN; (None, []) of any other."""
    for end, other in (record.ends, reversed(record.ends)):
        if not other.has_link:
            return end, [value for key, value in other.items if key == 'remote']
    return None, []


def _packed(text):
    return socket.inet_pton(socket.AF_INET6 if addressing.family_of(text) == 6 else socket.AF_INET, text)
