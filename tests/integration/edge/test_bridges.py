"""Bridges by ioctl, as a kernel without rtnetlink's `bridge` kind (2.6.32) needs them, on the kernel at hand."""
from __future__ import absolute_import, division, print_function

import errno
import os
import sys

import pytest

from netnsctl.edge import bridges, syscalls
from netnsctl.edge.netlink import rtnl as rtnl_module
from netnsctl.execution.backends.netlink import Netlink
from netnsctl.execution.undoing import take_back
from netnsctl.errors import ConflictError, KernelError
from netnsctl.model import operations as op
from netnsctl.model.links.bridge import NOT_HERE
from support.core import Spaces, content
from support.new_links import add_bridge, add_veth, delete_bridge
from support.process import must
from support.program import SOURCE
from support.waiting import until

# Names that no bridge of the host has: its sysfs is looked at by name.
BR, NONE, LONG = 'b%d' % os.getpid(), 'n%d' % os.getpid(), ('b%d' % os.getpid()).ljust(15, 'x')
M1, M2 = '02:00:00:00:01:01', '02:00:00:00:01:02'
is_plugged = bridges.is_plugged


@pytest.fixture
def place(netns):
    """(name, Netns) of an empty namespace."""
    spaces = Spaces()
    name = netns()
    yield name, spaces.add(name)
    spaces.close()


def test_make_plug_unplug_delete(place):
    name, space = place
    before = content(name)
    must(['ip', '-n', name, 'link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1'])
    assert bridges.add_bridge(space, BR) is None
    rtnl = space.rtnl()
    bridge, port = rtnl.link(name=BR), rtnl.link(name='p0')
    assert (bridge.kind, bridge.up, port.master) == ('bridge', False, None)
    assert bridges.plug(space, BR, port.index) is None
    assert rtnl.link(name='p0').master == bridge.index
    assert bridges.unplug(space, BR, port.index) is None
    assert rtnl.link(name='p0').master is None
    assert bridges.delete_bridge(space, BR) is None
    assert rtnl.link(name=BR) is None
    must(['ip', '-n', name, 'link', 'delete', 'p0'])
    assert content(name) == before


def test_a_bridge_that_is_up_is_deleted_too(place):
    name, space = place
    assert bridges.add_bridge(space, LONG) is None
    must(['ip', '-n', name, 'link', 'set', LONG, 'up'])
    assert bridges.delete_bridge(space, LONG) is None
    assert space.rtnl().index_of(LONG) is None


def test_refusals_are_told_as_rtnl_tells_them(place):
    name, space = place
    assert bridges.add_bridge(space, BR) is None
    assert bridges.add_bridge(space, BR) == (errno.EEXIST, None)
    assert bridges.delete_bridge(space, NONE) == (errno.ENXIO, None)
    assert bridges.plug(space, BR, 9999) == (errno.EINVAL, None)
    assert bridges.plug(space, NONE, 1) == (errno.ENODEV, None)
    assert bridges.unplug(space, BR, 1) == (errno.EINVAL, None)


def test_no_bridge_is_made_where_sysfs_does_not_show_the_namespaces_links(place, monkeypatch):
    name, space = place
    before = content(name)
    monkeypatch.setattr(bridges, 'in_sysfs', lambda _: False)
    assert bridges.add_bridge(space, BR) == (errno.EOPNOTSUPP, NOT_HERE)
    with pytest.raises(KernelError) as caught:
        Without({'a': space}).apply((add_bridge('a', BR, None),))
    assert NOT_HERE in caught.value.message and 'on the host itself' in caught.value.hint
    assert content(name) == before


def test_no_bridge_is_made_where_sysfs_cannot_be_looked_at(place, monkeypatch):
    name, space = place
    before = content(name)

    def mount(*_):
        raise OSError(errno.EPERM, 'Operation not permitted')
    monkeypatch.setattr(syscalls, 'mount', mount)
    with pytest.raises(KernelError) as caught:
        Without({'a': space}).apply((add_bridge('a', BR, None),))
    assert NOT_HERE in caught.value.message and 'Operation not permitted' in caught.value.message
    assert content(name) == before


def test_a_look_at_sysfs_leaves_neither_link_nor_mount(place):
    name, space = place
    before = content(name), open('/proc/self/mountinfo').read()
    assert bridges.in_sysfs(space)
    assert (content(name), open('/proc/self/mountinfo').read()) == before


def test_a_look_at_sysfs_does_not_mount_it_read_only(place, monkeypatch):
    """2.6.32 has one sysfs for all, and get_sb_single (fs/super.c) remounts it with the flags of each new mount: the
    host's own /sys would be read-only from then on."""
    name, space = place
    mount = bridges.syscalls.mount

    def mount_as_there(source, target, kind, flags, *more):
        if kind == 'sysfs' and flags & bridges.syscalls.MS_RDONLY:
            raise OSError(errno.EROFS, 'the sysfs of the host is read-only now')
        return mount(source, target, kind, flags, *more)
    monkeypatch.setattr(bridges.syscalls, 'mount', mount_as_there)
    assert bridges.in_sysfs(space)


def test_on_centos_65_sysfs_has_the_links_of_the_first_namespace_alone(kernel_el6, netns):
    first, other = netns(), netns()
    code = ('import sys; from netnsctl.edge import bridges, netns; '
            'print(repr([bridges.in_sysfs(netns.open_named(name)) for name in sys.argv[1:]]))')
    told = kernel_el6.run(['env', 'PYTHONPATH=' + SOURCE, sys.executable, '-c', code, first, other],
                          first='/run/netns/' + first)
    assert told.out == '[True, False]\n', told


def test_a_kernel_is_asked_for_its_ioctls_without_a_bridge_made(place):
    name, space = place
    before = content(name)
    assert bridges.has_ioctls(space) is None
    assert content(name) == before


def test_the_port_of_another_bridge_is_none(place, monkeypatch):
    name, space = place
    must(['ip', '-n', name, '-batch', '-'], feed='link add br1 type bridge\nlink add br2 type bridge\n'
         'link add p0 master br2 type veth peer name p1\n')
    rtnl = space.rtnl()
    for takes in (True, False):  # as links are asked for since Linux 4.6, and before
        monkeypatch.setattr(rtnl_module, '_takes_ioctls', takes)
        assert bridges.has_ports(rtnl, rtnl.link(name='br2')) and not bridges.has_ports(rtnl, rtnl.link(name='br1'))


class Without(Netlink):
    """A kernel whose rtnetlink knows no bridge (2.6.32).

    answer: what it makes of IFLA_MASTER; None: an ack, and nothing done.
    """
    answer = None

    def ask(self, operation):
        if operation.verb in ('add-link', 'delete-link') and (operation.kind == 'bridge' or operation.dev == BR):
            return errno.EOPNOTSUPP, None
        if operation.verb in ('set-master', 'set-nomaster'):
            return self.answer
        return Netlink.ask(self, operation)


@pytest.mark.parametrize('answer', [None, (errno.EOPNOTSUPP, None)])
def test_the_netlink_backend_falls_back_to_the_ioctls(place, answer):
    name, space = place
    before = content(name)
    backend = Without({'a': space})
    backend.answer = answer
    veth = add_veth('a', 'p0', M1, None, 'a', 'p1', M2, None)
    backend.apply((add_bridge('a', BR, None), op.SetAlias('a', BR, 'netnsctl'), veth, op.SetMaster('a', 'p0', BR),
                   op.SetUp('a', BR)))
    rtnl = space.rtnl()
    port, bridge = rtnl.link(name='p0'), rtnl.link(name=BR)
    assert port.master == bridge.index
    assert bridges.has_ports(rtnl, bridge)
    assert bridges.is_plugged(rtnl, port.index, BR) and not bridges.is_plugged(rtnl, port.index, NONE)
    with pytest.raises(ConflictError) as caught:
        backend.apply((add_bridge('a', BR, None),))
    assert caught.value.message == ('make the bridge %s in netns://%s: netns://%s has a link named %s already'
                                    % (BR, name, name, BR))
    backend.apply((op.SetNoMaster('a', 'p0', BR),))
    assert rtnl.link(name='p0').master is None and not bridges.has_ports(rtnl, bridge)
    assert take_back([veth.undo(), delete_bridge('a', BR, None)], {'a': space}, backend) == []
    assert content(name) == before


def test_a_port_is_looked_at_until_the_kernel_has_told_of_one(place, monkeypatch):
    _, space = place
    rtnl, looks = space.rtnl(), []
    monkeypatch.setattr(bridges, 'is_plugged', lambda *asked, **_: looks.append(asked[1]) or is_plugged(*asked))
    backend = Netlink({'a': space})
    backend.apply((add_bridge('a', BR, None), add_veth('a', 'p0', M1, None, 'a', 'p1', M2, None)))
    backend.apply((op.SetMaster('a', 'p0', BR), op.SetMaster('a', 'p1', BR)))
    assert looks == [rtnl.index_of('p0')]
    assert rtnl.link(name='p0').master == rtnl.link(name='p1').master == rtnl.index_of(BR)
    backend.apply((op.SetNoMaster('a', 'p1', BR),))
    assert len(looks) == 2 and rtnl.link(name='p1').master is None


@pytest.mark.parametrize('mtu, is_refused', [(None, False), (1000, True)])
def test_a_port_gets_no_link_local_address(place, mtu, is_refused):
    _, space = place
    backend, refused = Netlink({'a': space}), []
    backend.ask = lambda operation: refused.append(Netlink.ask(backend, operation)) or refused[-1]
    backend.apply((add_bridge('a', BR, None), add_veth('a', 'p0', M1, mtu, 'a', 'p1', M2, None),
                   op.SetMaster('a', 'p0', BR), op.SetUp('a', 'p1'), op.SetUp('a', 'p0')))
    # With so small an MTU a link has no IPv6, and the kernel refuses to be told about it.
    assert refused[2:] == ([(errno.EAFNOSUPPORT, None)] if is_refused else [None])
    assert space.rtnl().link(name='p0').master == space.rtnl().index_of(BR)
    until(space.rtnl().addresses)
    assert [item.index for item in space.rtnl().addresses()] == [space.rtnl().index_of('p1')]


def test_a_bridge_is_taken_away_only_if_it_is_netnsctls_and_empty(place):
    name, space = place
    ip = ['ip', '-n', name]
    backend = Netlink({'a': space})

    def left(inverse):
        assert take_back([inverse], {'a': space}, backend) == []
        return space.rtnl().index_of(BR) is not None
    must(ip + ['link', 'add', BR, 'address', M1, 'type', 'bridge'])
    assert left(delete_bridge('a', BR, None))      # no alias: not ours
    assert left(delete_bridge('a', BR, M2))        # somebody made another one of that name
    must(ip + ['link', 'set', BR, 'alias', 'mine'])
    assert left(delete_bridge('a', BR, None))
    must(ip + ['link', 'set', BR, 'alias', 'netnsctl'])
    must(ip + ['link', 'add', 'p0', 'master', BR, 'type', 'veth', 'peer', 'name', 'p1'])
    assert left(delete_bridge('a', BR, None))      # it has a port
    must(ip + ['link', 'delete', 'p0'])
    assert not left(delete_bridge('a', BR, None))
    must(ip + ['link', 'add', BR, 'address', M1, 'type', 'bridge'])
    assert not left(delete_bridge('a', BR, M1))    # killed before the alias was set
    must(ip + ['link', 'add', BR, 'address', M1, 'type', 'veth', 'peer', 'name', 'p1'])
    assert left(delete_bridge('a', BR, M1))        # no bridge at all
