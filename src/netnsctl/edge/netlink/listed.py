"""Answers that were read before: a list of links and addresses in the place of a question for each."""
from __future__ import absolute_import, division, print_function


class Listed(object):
    """An Rtnl which answers what it can from lists of its namespace: links (edge.netlink.reading.Link) and addresses
    (Address). What is not in them may have come since, so the kernel is asked for it, as for everything else."""

    def __init__(self, rtnl, links, addresses):
        self._rtnl, self._links, self._addresses = rtnl, links, addresses
        self._by_index = dict((link.index, link) for link in links)
        self._by_name = dict((link.name, link) for link in links)

    def __getattr__(self, name):
        return getattr(self._rtnl, name)

    def links(self):
        return self._links

    def link(self, name=None, index=None):
        """As Rtnl.link()."""
        found = self._by_name.get(name) if index is None else self._by_index.get(index)
        return self._rtnl.link(name, index) if found is None else found

    def index_of(self, name):
        """As Rtnl.index_of()."""
        found = self._by_name.get(name)
        return self._rtnl.index_of(name) if found is None else found.index

    def addresses(self, index=None, family=0):
        """As Rtnl.addresses()."""
        if index is not None and index not in self._by_index:
            return self._rtnl.addresses(index, family)
        return [item for item in self._addresses if index in (None, item.index) and family in (0, item.family)]
