"""Which link a link leads to, where the kernel does not number namespaces (before Linux 4.0) and one has to guess."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.survey.links import Link
from netnsctl.edge.survey.reading import Contents
from netnsctl.usecases.map import joining, looking


def link(index, kind='veth', below=None, nsid=None):
    made = Link()
    made.index, made.name, made.kind, made.below, made.peer_nsid = index, 'l%d' % index, kind, below, nsid
    made.mac = None
    return made


def spaces(*links_of_each):
    found = []
    for number, links in enumerate(links_of_each):
        one = looking.Seen('netns://%d' % number, None)
        one.take(Contents(list(links)))
        found.append(one)
    return found


def test_two_that_name_each_other_are_peers():
    joints = joining.join(spaces([link(5, below=6), link(7, below=2)], [link(6, below=5)], [link(2, below=7)]), False)
    assert joints.to == {(0, 5): (1, 6), (1, 6): (0, 5), (0, 7): (2, 2), (2, 2): (0, 7)}


def test_peers_in_one_namespace_too():
    assert joining.join(spaces([link(5, below=6), link(6, below=5)]), False).to == {(0, 5): (0, 6), (0, 6): (0, 5)}


def test_where_two_could_be_the_peer_none_is():
    joints = joining.join(spaces([link(5, below=2)], [link(2, below=5)], [link(2, below=5)]), False)
    assert joints.to[0, 5] == (None, 2)
    assert joints.to[1, 2] == (0, 5)


def test_what_hangs_on_a_link_does_so_in_its_namespace_or_in_the_host():
    joints = joining.join(spaces([link(2, 'nic'), link(3, 'vlan', 2)], [link(9, 'macvlan', 2), link(8, 'macvlan', 77)],
                                 [link(2, 'nic')]), False)
    assert joints.to == {(0, 3): (0, 2), (1, 9): (0, 2), (1, 8): (None, 77)}


def test_with_numbers_one_without_is_in_its_own_namespace():
    joints = joining.join(spaces([link(5, below=6), link(6, below=5)], [link(6, below=5)]), True)
    assert joints.to == {(0, 5): (0, 6), (0, 6): (0, 5), (1, 6): (1, 5)}
