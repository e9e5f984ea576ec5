"""Every kind of link of the table, in a kernel: made by both backends, found again, and taken back."""
from __future__ import absolute_import, division, print_function

import errno

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.edge.host import Host
from netnsctl.edge.ip_program import IpProgram
from netnsctl.errors import KernelError
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.execution.backends.netlink import Netlink
from netnsctl.execution.undoing import locate, take_back
from netnsctl.model import links, operations as op
from support.process import must

BACKENDS = ('iproute', 'netlink')
# Not those that are made of others' links: phys of a NIC, ovs of a veth.
OWN_LINKS = [name for name in links.KINDS if links.kind_named(name).link_type == name]
M1, M2, M3, M4 = ['02:00:00:00:00:0%d' % number for number in (1, 2, 3, 4)]


class Place(object):
    """Two namespaces, one of them the host's to all that is done here, with a backend for them."""

    def __init__(self, backend, host, other, name):
        self.host, self.other, self.name = host, other, name
        self.namespaces = {'host': host, 'a': other}
        if backend == 'netlink':
            self.backend = Netlink(self.namespaces)
        else:
            self.backend = Iproute(Host(), IpProgram(Host().find('ip'), '', True, True), self.namespaces, 'w')

    def apply(self, *steps):
        try:
            self.backend.apply(self.backend.plan(steps))
        except KernelError as error:
            if error.errno == errno.EOPNOTSUPP:
                pytest.skip('this kernel makes no such link: %s' % error.message)
            raise

    def names(self):
        return [sorted(link.name for link in opened.rtnl().links()) for opened in (self.host, self.other)]


@pytest.fixture(params=BACKENDS)
def place(request, netns):
    name = netns('a')
    home = edge_netns.open_named(netns('h'))
    with home.entered():
        host, other = edge_netns.open_host(), edge_netns.open_named(name)
        yield Place(request.param, host, other, name)
        host.close()
        other.close()
    home.close()


@pytest.mark.parametrize('name', OWN_LINKS)
def test_what_the_doctor_tries_of_a_kind_is_made_and_taken_back(place, name):
    tried = links.kind_named(name).probe('new', 'lower')
    steps = [step.replaced(mac=M1 if step is tried[-1] else M3, mtu=1400, peer=step.peer and step.peer._replace(mac=M2))
             for step in tried]
    place.apply(*steps)
    made = place.host.rtnl().link(name='new')
    assert (made.kind, made.mac, made.mtu) == (name, M3 if name == 'ipvlan' else M1, 1400)
    # An ipvlan has the MAC address of its NIC, and is not known by it.
    other = locate(steps[-1].undo().replaced(mac=M4), place.namespaces)
    assert other is None or steps[-1].peer or name == 'ipvlan'
    assert take_back(op.undo_of(steps), place.namespaces, place.backend) == []
    assert place.names() == [['lo'], ['lo']]
    assert take_back(op.undo_of(steps), place.namespaces, place.backend) == []


@pytest.mark.parametrize('mode', ['bridge', 'private', 'vepa', 'passthru'])
def test_a_macvlan_is_made_in_its_namespace_by_one_request_of_the_hosts(place, mode):
    lower = op.AddLink('host', 'nic', None, None, 'veth', peer=('host', 'far', None, None))
    step = op.AddLink('a', 'eth0', M1, 1400, 'macvlan', 'nic', (('mode', mode),))
    place.apply(lower, step)
    made = place.other.rtnl().link(name='eth0')
    nic = place.host.rtnl().link(name='nic')
    assert (made.kind, made.mtu, made.peer) == ('macvlan', 1400, nic.index)
    assert made.mac == (nic.mac if mode == 'passthru' else M1)
    assert 'macvlan mode %s ' % mode in must(['ip', '-d', '-n', place.name, 'link', 'show', 'dev', 'eth0'])
    assert place.names() == [['far', 'lo', 'nic'], ['eth0', 'lo']]
    assert take_back((step.undo(),), place.namespaces, place.backend) == []
    assert place.names() == [['far', 'lo', 'nic'], ['lo']]


def test_what_keeps_a_macvlan_from_being_made_is_said(place):
    lower = op.AddLink('host', 'nic', None, None, 'veth', peer=('host', 'far', None, None))
    place.apply(lower, op.AddLink('host', 'br', None, None, 'bridge'), op.SetMaster('host', 'nic', 'br'))
    step = op.AddLink('a', 'eth0', M1, None, 'macvlan', 'nic')
    with pytest.raises(KernelError) as caught:
        place.apply(step)
    assert caught.value.message.startswith('make the macvlan eth0 on nic in netns://%s: ' % place.name)
    assert caught.value.hint.startswith('A NIC that is in a bridge')
    assert place.names() == [['br', 'far', 'lo', 'nic'], ['lo']]
