"""The remotes of a VXLAN's link, compared with those that its wire has."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink import fdb
from netnsctl.edge.netlink.reading import packed_address


def lacking(rtnl, index, wanted):
    """Remotes (text) of a wanted list that the vxlan of that index does not send to, in order. KernelError."""
    there = set(fdb.remotes(rtnl, index).get(index, ()))
    return [text for text in wanted if packed_address(text) not in there]


def of_record(record):
    """(its End with a link, its remotes) of a wire over a VXLAN; (None, []) of any other."""
    for end, other in (record.ends, reversed(record.ends)):
        if not other.has_link:
            return end, [value for key, value in other.items if key == 'remote']
    return None, []
