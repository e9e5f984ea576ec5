"""Which link of which namespace a link leads to: its peer, or the link that it hangs on.

The kernel says an index, and a number by which the link's own namespace knows the other one (IFLA_LINK,
IFLA_LINK_NETNSID). An index alone proves nothing, since a container can make a link under any index; whose number that
is, the kernel is asked.
"""
from __future__ import absolute_import, division, print_function

from itertools import chain

from netnsctl.edge.netlink import lookups
from netnsctl.errors import NetnsctlError

PEERS = ('veth', 'netkit', 'vxcan')  # two links that are made together, each the other's peer
QUESTIONS = 20000  # to the kernel, for a host on which nothing is where it is looked for first


class Joints(object):
    """to: {(number of the namespace in the list, index): (number of the other, index)}; the other is None where it was
    not found. unseen: [(nsid, index)] of the links of the first namespace that lead into one that nothing else leads
    to."""

    def __init__(self):
        self.to, self.unseen = {}, []


def join(seen, is_numbered):
    """The Joints of namespaces. seen: list of looking.Seen, the host's own first. is_numbered: does the kernel number
    namespaces (Linux 4.0)?"""
    joints, open_ones = Joints(), []
    places = {}
    for number, one in enumerate(seen):
        for link in one.links:
            for key in (link.index, (link.index, link.mac)):
                places.setdefault(key, []).append((number, link))
            if link.kind in PEERS and link.below is not None:
                places.setdefault((link.index, link.below, link.kind), []).append((number, link))
            if link.below is None:
                continue
            if link.peer_nsid is None and (is_numbered or link.kind not in PEERS and one.link_at(link.below)):
                joints.to[number, link.index] = (number, link.below)
            else:
                open_ones.append((number, link))
    if is_numbered:
        _ask(seen, places, open_ones, joints)
    else:
        _guess(places, open_ones, joints)
    return joints


def _guess(places, open_ones, joints):
    """Without numbers: two links that each name the other's index, if no other does; any other link hangs on one of the
    host's."""
    for number, link in open_ones:
        found = [(there, other) for there, other in places.get(link.below, ())
                 if not _is_same(number, link, there, other)]
        if link.kind in PEERS:
            found = [(there, other) for there, other in found if other.kind == link.kind and other.below == link.index]
        elif len(found) > 1:  # from Linux 3.7 on each namespace counts for itself
            found = [(there, other) for there, other in found if there == 0]
        joints.to[number, link.index] = (found[0][0] if len(found) == 1 else None, link.below)


def _is_same(number, link, there, other):
    return (number, link.index) == (there, other.index)


def _ask(seen, places, open_ones, joints):
    """Joins the links that lead into other namespaces. The namespace with the most of them first: each answer serves
    both ends, so that a host with a thousand containers is asked a thousand times and not each container once more."""
    of_each = {}
    for number, link in open_ones:
        of_each.setdefault(number, []).append(link)
    left = QUESTIONS
    for number in sorted(of_each, key=lambda number: (-len(of_each[number]), number)):
        links = [link for link in of_each[number] if (number, link.index) not in joints.to]
        asked = _Numbers(seen, places, number, left)
        try:
            for link in links:
                _join_one(number, link, places, asked, joints)
        finally:
            left = asked.left
            asked.close()


def _join_one(number, link, places, asked, joints):
    there = asked.known.get(link.peer_nsid)
    if there is None:
        # Both ends of a pair name each other.
        key = (link.below, link.index, link.kind) if link.kind in PEERS else link.below
        there = asked.find(link.peer_nsid, link.below, places.get(key, ()))
    joints.to[number, link.index] = (there, link.below)
    if there is None:
        if number == 0:
            joints.unseen.append((link.peer_nsid, link.index))
    elif link.kind in PEERS:
        joints.to[there, link.below] = (number, link.index)


class _Numbers(object):
    """The numbers by which one namespace knows others. known: {nsid: number in the list}. left: how many questions
    may still be asked."""

    def __init__(self, seen, places, number, left):
        self._seen, self._places, self._number, self._netns = seen, places, number, None
        self.known, self.left, self._asked = {}, left, set()

    def find(self, nsid, index, candidates):
        """Which namespace this one knows by the number, or None. candidates: [(number in the list, its link of that
        index)]."""
        for candidate, _ in chain(self._likely(nsid, index, candidates), candidates):
            if candidate not in self._asked and self.left > 0:
                self._asked.add(candidate)
                self.left -= 1
                told = self._nsid_of(candidate)
                if told is not None:
                    self.known.setdefault(told, candidate)
                if told == nsid:
                    return candidate
        return None

    def _likely(self, nsid, index, candidates):
        """Those of many candidates whose link has the MAC address that the kernel tells of it: of a thousand containers
        that are wired to each other every pair has the same two indexes."""
        if len(candidates) < 3:
            return ()
        try:
            told = lookups.link_beyond(self._opened().rtnl(), nsid, index)
        except (NetnsctlError, EnvironmentError):
            return ()
        return self._places.get((index, told.mac), ()) if told is not None else ()

    def _opened(self):
        if self._netns is None:
            self._netns = self._seen[self._number].open()
        return self._netns

    def _nsid_of(self, candidate):
        """The number, or None if it has none for that one or either of them is gone."""
        try:
            own = self._opened()
            other = self._seen[candidate].open()
        except (NetnsctlError, EnvironmentError):
            return None
        try:
            return lookups.nsid_of(own.rtnl(), other.fd)
        except NetnsctlError:
            return None
        finally:
            other.close()

    def close(self):
        if self._netns is not None:
            self._netns.close()
