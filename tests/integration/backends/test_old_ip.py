"""The iproute backend before the `ip` of EL6 and EL7 and CentOS 6.5's kernel, as far as an `ip` in between can be both.

iproute2-ss091226 and RDO's ip print `Command failed -:0` for whatever line of a batch fails, and end without that line
where the kernel refused it, as all do up to 4.0. 2.6.32 makes no bridge by rtnetlink, nor deletes one, and acknowledges
IFLA_MASTER without a deed.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from netnsctl.edge import bridges
from netnsctl.edge.host import Host
from netnsctl.edge.ip_program import probe
from netnsctl.errors import ConflictError, KernelError, NetnsctlError
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.execution.undoing import take_back
from netnsctl.model import operations as op
from support.core import Spaces, content
from support.new_links import add_bridge, add_veth, delete_bridge

# No bridge of the host has this name.
BR = 'b%d' % os.getpid()
M1, M2 = '02:00:00:00:06:01', '02:00:00:00:06:02'
VETH = add_veth('a', 'A', M1, None, 'a', 'B', M2, None)

OLD = """#!/bin/sh
# What stands before the object: options.
options=
while :; do
    case $1 in
        -batch) batch=yes; shift 2 ;;
        -n) options="-n $2"; shift 2 ;;
        *) break ;;
    esac
done
if [ -n "$batch" ]; then
    while read -r line; do
        $0 $options $line && continue
        %(complaint)s
        exit 2
    done
    exit 0
fi
refuse() { echo 'RTNETLINK answers: Operation not supported' >&2; exit 2; }
case "$*" in
    'link add '*' type bridge'|'link del dev %(bridge)s') %(bridges)s ;;
    'link set dev '*' master '*|'link set dev '*' nomaster') %(master)s ;;
esac
exec %(ip)s $options "$@"
"""
SAYS = {'nothing': ':', 'line 0': 'echo "Command failed -:0" >&2'}


@pytest.fixture
def old(netns, tmpdir):
    """old(complaint, master): (name of an empty namespace, its Netns, an Iproute before an ip and a kernel of old)."""
    spaces = Spaces()

    def make(complaint='nothing', master=':', refused='refuse'):
        path = tmpdir.join('old-ip')
        path.write(OLD % {'complaint': SAYS[complaint], 'bridge': BR, 'ip': Host().find('ip'), 'master': master,
                          'bridges': refused})
        path.chmod(0o755)
        name = netns()
        space = spaces.add(name)
        return name, space, Iproute(Host(), probe(Host(), str(path)), {'a': space})
    yield make
    spaces.close()


def test_todays_ip_says_which_line_of_a_batch_failed():
    assert probe(Host(), Host().find('ip')).numbers


@pytest.mark.parametrize('complaint', sorted(SAYS))
def test_an_ip_that_names_no_line_of_a_batch_is_known(old, complaint):
    assert not old(complaint)[2].ip.numbers


@pytest.mark.parametrize('complaint', sorted(SAYS))
@pytest.mark.parametrize('master', ['exit 0', 'refuse'])
def test_bridges_are_made_by_ioctl(old, complaint, master):
    name, space, backend = old(complaint, master)
    before = content(name)
    backend.apply((VETH, add_bridge('a', BR, None), op.SetAlias('a', BR, 'netnsctl'), op.SetMaster('a', 'A', BR),
                   op.SetUp('a', BR), op.SetUp('a', 'A')))
    rtnl = space.rtnl()
    assert rtnl.link(name='A').master == rtnl.index_of(BR) and rtnl.link(name='A').up and rtnl.link(name=BR).up
    backend.apply((op.SetNoMaster('a', 'A', BR),))
    assert rtnl.link(name='A').master is None
    assert take_back([VETH.undo(), delete_bridge('a', BR, None)], {'a': space}, backend) == []
    assert content(name) == before


def test_a_master_that_is_acknowledged_and_ignored_is_noticed_in_a_batch_too(old):
    name, space, backend = old(master='exit 0', refused=':')
    backend.ip.numbers = True
    backend.apply((add_bridge('a', BR, M1), VETH, op.SetMaster('a', 'A', BR), op.SetUp('a', 'A')))
    assert space.rtnl().link(name='A').master == space.rtnl().index_of(BR)


def test_a_port_that_the_ioctl_refuses_too_is_an_error_of_that_operation(old, monkeypatch):
    name, space, backend = old(master='exit 0')
    monkeypatch.setattr(bridges, 'plug', lambda *_: (errno.EBUSY, None))
    with pytest.raises(KernelError) as caught:
        backend.apply((add_bridge('a', BR, None), VETH, op.SetMaster('a', 'A', BR), op.SetUp('a', 'A')))
    assert caught.value.message == 'plug A into the bridge %s: Device or resource busy' % BR


@pytest.mark.parametrize('complaint', sorted(SAYS))
def test_the_operation_that_failed_is_named_wherever_it_is_in_the_batch(old, complaint):
    name, space, backend = old(complaint)
    for steps, words in (
            ((op.SetUp('a', 'nosuch'), op.SetUp('a', 'lo')), 'set nosuch in netns://%s up: '),
            ((op.SetUp('a', 'lo'), op.SetUp('a', 'nosuch'), op.SetDown('a', 'lo')), 'set nosuch in netns://%s up: '),
            ((op.SetUp('a', 'lo'), op.AddRoute('a', 'lo', '10.5.0.0/16', '10.77.0.1')),
             'add the route 10.5.0.0/16 to netns://%s dev lo: ')):
        with pytest.raises(NetnsctlError) as caught:
            backend.apply(steps)
        assert caught.value.message.startswith(words % name) and caught.value.exit_code == 1
    assert space.rtnl().link(name='lo').up


@pytest.mark.parametrize('complaint', sorted(SAYS))
def test_a_conflict_in_the_middle_of_a_batch_is_a_conflict(old, complaint):
    name, space, backend = old(complaint)
    taken = op.AddAddress('a', 'lo', '10.5.5.5/32', None)
    backend.apply((taken,))
    with pytest.raises(ConflictError) as caught:
        backend.apply((op.SetUp('a', 'lo'), taken, op.SetDown('a', 'lo')))
    assert caught.value.message.startswith('add the address 10.5.5.5/32 to lo in netns://%s: ' % name)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize('number', ['0', '7', '-1', 'x'])
def test_a_line_number_that_is_none_is_not_believed(old, tmpdir, number):
    name, _, backend = old()
    backend.ip.numbers = True
    path = tmpdir.join('lying-ip')
    path.write('#!/bin/sh\nprintf "RTNETLINK answers: File exists\\nCommand failed -:%s\\n" >&2\nexit 1\n' % number)
    path.chmod(0o755)
    backend.ip.path = str(path)
    with pytest.raises(ConflictError) as caught:
        backend.apply((op.SetUp('a', 'lo'), op.AddAddress('a', 'lo', '10.5.5.5/32', None)))
    assert caught.value.message == 'one of 2 changes in netns://%s: File exists' % name


def test_a_link_that_is_gone_ends_a_batch_that_deletes_it(old):
    _, space, backend = old('line 0')
    backend.apply((op.SetUp('a', 'lo'), op.DeleteLink('a', 'nosuch', 99)))
    assert space.rtnl().link(name='lo').up
