"""Looking a link up by its name, on kernels that take netdevice(7)'s ioctls on a netlink socket and on older ones."""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import os
import socket

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.edge.netlink import lookups
from netnsctl.edge.netlink import rtnl as edge_rtnl
from netnsctl.errors import KernelError
from support.process import must


@pytest.fixture
def place(netns):
    """Netns of a namespace with a veth pair, A and B."""
    name = netns()
    must(['ip', '-n', name, 'link', 'add', 'A', 'mtu', '1400', 'type', 'veth', 'peer', 'name', 'B'])
    opened = edge_netns.open_named(name)
    yield opened
    opened.close()


@pytest.fixture
def refuses_ioctls(monkeypatch):
    """A kernel before Linux 4.6: an ioctl on a netlink socket answers EOPNOTSUPP."""
    def ioctl(descriptor, request, argument):
        if is_netlink(descriptor):
            raise IOError(errno.EOPNOTSUPP, 'Operation not supported')
        return fcntl.ioctl(descriptor, request, argument)

    monkeypatch.setattr(edge_rtnl, 'ioctl', ioctl)
    monkeypatch.setattr(edge_rtnl, '_takes_ioctls', None)


def is_netlink(descriptor):
    twin = socket.fromfd(descriptor, socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        return twin.getsockopt(socket.SOL_SOCKET, 39) == socket.AF_NETLINK  # SO_DOMAIN
    finally:
        twin.close()


def test_a_link_is_looked_up_where_netlink_sockets_take_no_ioctl(place, refuses_ioctls):
    before = len(os.listdir('/proc/self/fd'))
    again = edge_netns.open_named(place.name)
    rtnl = again.rtnl()
    # The namespace, its netlink socket and one more.
    assert len(os.listdir('/proc/self/fd')) == before + 3
    assert rtnl.index_of('A') == rtnl.link(name='A').index and rtnl.link(name='A').mtu == 1400
    assert rtnl.index_of('none') is None
    again.close()
    assert len(os.listdir('/proc/self/fd')) == before


def test_a_refused_look_for_a_link_is_not_taken_for_its_absence(place, monkeypatch):
    def ioctl(*_):
        raise IOError(errno.EPERM, 'Operation not permitted')
    monkeypatch.setattr(edge_rtnl, 'ioctl', ioctl)
    with pytest.raises(KernelError) as caught:
        place.rtnl().index_of('A')
    assert caught.value.message == 'look up the link A: Operation not permitted'


def test_links_and_bridge_ports_are_the_same_however_they_are_asked_for(place, monkeypatch):
    name = place.name
    must(['ip', '-n', name, '-batch', '-'], feed='link add br0 type bridge\nlink set A master br0\n')
    rtnl = place.rtnl()
    asked = []
    dump = rtnl.dump
    monkeypatch.setattr(rtnl, 'dump', lambda kind, body, *more: asked.append(len(body)) or dump(kind, body, *more))
    answers = []
    for takes in (True, False):
        monkeypatch.setattr(edge_rtnl, '_takes_ioctls', takes)
        links = [[getattr(link, field) for field in link.__slots__] for link in rtnl.links()]
        answers.append((links, lookups.bridge_ports(rtnl), rtnl.link(name='A').mtu))
    assert answers[0] == answers[1] and list(answers[0][1]) == [rtnl.index_of('A')]
    # Older kernels log what is behind a struct rtgenmsg and is no attribute.
    assert asked == [24, 24, 4, 4]
