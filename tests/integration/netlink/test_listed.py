"""Lists of links and addresses that were read before, in the place of questions to the kernel."""
from __future__ import absolute_import, division, print_function

import socket

import pytest

from netnsctl.edge import netns as namespaces
from support.inside import ip


@pytest.fixture
def opened(netns):
    """(name, Netns of it that keeps what was there: the veth x with 10.1.1.1/24)."""
    name = netns('a')
    ip(name, 'link', 'add', 'x', 'type', 'veth', 'peer', 'name', 'y')
    ip(name, 'address', 'add', '10.1.1.1/24', 'dev', 'x')
    made = namespaces.open_named(name)
    made.keep(made.rtnl().links(), made.rtnl().addresses())
    yield name, made
    made.close()


def test_what_is_listed_is_answered_as_it_was(opened):
    name, made = opened
    index = made.rtnl().index_of('x')
    ip(name, 'link', 'set', 'x', 'mtu', '1400')
    ip(name, 'address', 'flush', 'dev', 'x')
    for link in (made.rtnl().link(name='x'), made.rtnl().link(index=index)):
        assert (link.name, link.index, link.mtu) == ('x', index, 1500)
    assert [item.address for item in made.rtnl().addresses(index)] == ['10.1.1.1']
    assert '10.1.1.1' in [item.address for item in made.rtnl().addresses()]
    assert [item.address for item in made.rtnl().addresses(index, socket.AF_INET)] == ['10.1.1.1']
    assert made.rtnl().addresses(index, socket.AF_INET6) == []
    assert sorted(link.name for link in made.rtnl().links()) == ['lo', 'x', 'y']


def test_what_came_since_is_asked_of_the_kernel(opened):
    name, made = opened
    ip(name, 'link', 'add', 'new', 'type', 'bridge')
    ip(name, 'address', 'add', '10.2.2.2/24', 'dev', 'new')
    index = made.rtnl().index_of('new')
    assert made.rtnl().link(index=index).kind == made.rtnl().link(name='new').kind == 'bridge'
    assert [item.address for item in made.rtnl().addresses(index)] == ['10.2.2.2']
    assert made.rtnl().link(name='nosuch') is None and made.rtnl().index_of('nosuch') is None
