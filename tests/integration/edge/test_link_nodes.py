"""The numbers of links in sysfs, by a command that looks at many namespaces: its mounts are put upon one another and
closed together, where the kernel lets it."""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from netnsctl.edge import link_nodes, netns as edge_netns, syscalls
from netnsctl.usecases.ends.staying import Staying
from support.core import Spaces
from support.process import must
from support.waiting import until


@pytest.fixture
def spaces(netns):
    """Three empty namespaces, whose `lo` has a number like any other link."""
    opened = Spaces()
    found = [opened.add(netns()) for _ in range(3)]
    for space in found:
        space.rtnl()
    if link_nodes.number_of(found[0], 'lo', found[0].rtnl().index_of('lo')) is None:
        pytest.skip('this kernel numbers no links')
    yield found
    opened.close()


def number(space):
    return link_nodes.number_of(space, 'lo', space.rtnl().index_of('lo'))


def descriptors():
    return len(os.listdir('/proc/self/fd'))


def refuse(mounted, lower):
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def test_numbers_are_the_same_whether_mounts_are_piled_or_closed_at_once(spaces):
    alone = [number(space) for space in spaces]
    assert None not in alone and len(set(alone)) == 3
    before = descriptors()
    with Staying():
        for _ in range(link_nodes.MOST_PILED):  # three times as many mounts as one pile takes
            assert [number(space) for space in spaces] == alone
            assert descriptors() <= before + 2  # its own namespace and the lowest mount
    assert descriptors() == before
    assert [number(space) for space in spaces] == alone


def test_a_kernel_that_piles_none_has_each_closed_at_once(spaces, monkeypatch):
    monkeypatch.setattr(syscalls, 'mount_upon', refuse)
    before = descriptors()
    with Staying():
        assert [number(space) for space in spaces] == [number(space) for space in spaces]
        assert descriptors() == before + 1
    assert descriptors() == before


def test_a_pile_that_another_thread_began_is_left_alone(spaces, monkeypatch):
    with Staying():
        monkeypatch.setattr(edge_netns, 'get_ident', lambda: -1)
        before = descriptors()
        assert number(spaces[0]) is not None
        assert descriptors() == before


def test_a_piled_mount_keeps_no_namespace(spaces):
    gone, stays = spaces[:2]
    must(['ip', '-n', gone.name, 'link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1', 'netns', stays.name])
    with Staying():
        assert number(gone) is not None
        gone.close()
        must(['ip', 'netns', 'delete', gone.name])
        # The kernel ends a namespace that nobody holds in the background, and its links with it.
        until(lambda: stays.rtnl().index_of('p1') is None)
        assert number(stays) is not None
