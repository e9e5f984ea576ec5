"""The doctor's checks of link kinds on the real kernel, and on one that is made to refuse them."""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import sys
from functools import partial

import pytest

from netnsctl.edge import child, syscalls
from netnsctl.edge.host import Host
from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.edge.netlink.writing import encode, new_veth
from netnsctl.usecases.doctor.kernel import links
from netnsctl.usecases.doctor.kernel.throwaway import in_throwaway
from support import inject, process, untouched
from support.refusal import refused

KINDS = ['veth', 'bridge', 'macvlan', 'vxlan']
MACVLAN, VXLAN = [partial(links.try_kind, kind) for kind in ('macvlan', 'vxlan')]


@pytest.fixture(autouse=True)
def needs_strace(request):
    if 'kernel_that' in request.node.name:
        inject.available()


@pytest.mark.parametrize('kind', KINDS + ['veth-in-place'])
def test_what_this_kernel_makes_is_quiet(one, kind):
    finding = one(kind)
    assert finding['status'] == 'ok' and finding['remediation'] is None, finding
    assert 'works' in [item['seen'] for item in finding['evidence']]


@pytest.mark.parametrize('kind,when', [('veth', 1), ('macvlan', 2), ('vxlan', 1)])
def test_a_kernel_that_lacks_a_kind_is_told_which_module(doctor, kind, when):
    status, findings = doctor(kind, before=refused('sendto', 'EOPNOTSUPP', when))
    finding = findings[kind]
    assert (status, finding['status']) == ((1, 'fail') if kind == 'veth' else (0, 'ok'))
    assert 'EOPNOTSUPP' in finding['text']
    if kind == 'veth':
        assert 'module veth' in finding['remediation']['prose']
    else:
        assert finding['text'].endswith('; only a wire to %s:// needs one' % kind) and finding['remediation'] is None
    assert [item for item in finding['evidence'] if item['what'].startswith('module %s for ' % kind)]


def test_a_kernel_that_makes_bridges_by_ioctl_alone_is_quiet(one):
    finding = one('bridge', before=refused('sendto', 'EOPNOTSUPP'))
    assert finding['status'] == 'ok' and 'by ioctl' in finding['text']


def test_the_probe_of_a_kernel_that_makes_bridges_by_ioctl_alone_makes_none(tmpdir):
    # In a namespace of its own 2.6.32 does not survive SIOCBRADDBR: nothing but the removal of none may be sent.
    log = str(tmpdir.join('ioctls'))
    before = ['strace', '-f', '-o', log, '-e', 'trace=ioctl,sendto', '-e', 'inject=sendto:error=EOPNOTSUPP']
    found = process.run(before + [sys.executable, '-m', 'netnsctl.__main__', 'doctor', '--json', 'bridge'])
    assert found.status == 0, found
    with open(log) as source:
        sent = source.read()
    assert re.search('SIOCBRDELBR|0x89a1', sent) and not re.search('SIOCBRADDBR|0x89a0', sent)


def test_a_macvlan_whose_lower_link_vanishes_is_told_without_a_traceback(monkeypatch):
    monkeypatch.setattr(Rtnl, 'index_of', lambda *_: None)
    finding = links.judge_link(Host(), 'macvlan', in_throwaway(MACVLAN))
    assert finding.status == 'fail' and 'it was created but is not there' in finding.text


def test_a_bridge_that_the_ioctl_refuses_too_is_told_with_both_errors(monkeypatch):
    # Not by strace: Python itself needs the call.
    monkeypatch.setattr(links, 'send', lambda *_: (errno.EOPNOTSUPP, None))
    monkeypatch.setattr(links.bridges, 'has_ioctls', lambda _: (errno.ENOPKG, None))
    finding = links.judge_link(Host(), 'bridge', in_throwaway(links.try_bridge))
    assert finding.status == 'fail' and 'module bridge' in finding.remediation.prose
    seen = dict(finding.evidence)
    assert 'EOPNOTSUPP' in seen['make one through rtnetlink'] and 'ENOPKG' in seen['the ioctls for bridges']


@pytest.mark.parametrize('kind', ['veth-in-place'])
def test_a_kernel_that_makes_no_veth_points_to_that_check(one, kind):
    finding = one(kind, before=refused('sendto', 'EOPNOTSUPP'))
    assert finding['status'] == 'warn' and finding['remediation']['commands'] == ['netnsctl doctor veth']


@pytest.mark.parametrize('error', ['EOPNOTSUPP', 'EINVAL'])
def test_a_kernel_that_makes_no_pair_in_place_needs_nothing_done(one, error):
    finding = one('veth-in-place', before=refused('sendto', error, 2))
    assert finding['status'] == 'warn' and error in finding['text']
    assert 'there is nothing to do' in finding['remediation']['prose'] and not finding['remediation']['commands']


@pytest.mark.parametrize('kind', ['veth', 'bridge', 'veth-in-place'])
def test_a_kernel_that_makes_no_namespace_points_to_that_check(one, kind):
    finding = one(kind, before=refused('unshare', 'EINVAL'))
    assert finding['status'] != 'ok' and finding['remediation']['commands'] == ['netnsctl doctor netns']


# The probes themselves

@pytest.mark.parametrize('attempt,steps', [
    (links.try_veth, ['link']), (links.try_bridge, ['link']), (VXLAN, ['link']),
    (MACVLAN, ['link', 'lower']), (links.try_in_place, ['link', 'lower', 'there'])])
def test_a_probe_reports_each_of_its_steps(attempt, steps):
    seen = in_throwaway(attempt)
    assert sorted(seen) == steps + ['unshare'] and not [step for step in seen if seen[step].errno]


def test_a_pair_made_in_place_has_an_end_in_each_namespace():
    def work(tell):
        syscalls.unshare(syscalls.CLONE_NEWNET)
        here = Rtnl()
        syscalls.unshare(syscalls.CLONE_NEWNET)
        there = Rtnl()
        far = os.open('/proc/self/ns/net', os.O_RDONLY)
        peer = [['IFLA_IFNAME', 'nw1'], ['IFLA_NET_NS_FD', far]]
        assert here.request([encode(*new_veth([['IFLA_IFNAME', 'nw0']], peer))]) == [None]
        for rtnl in (here, there):
            tell('%s' % [link.name for link in rtnl.links() if link.name.startswith('nw')])
    assert child.run(work, 10, 'make a pair') == "['nw0']['nw1']"


def test_probes_leave_no_link_behind(run_netnsctl):
    before = untouched.own_state()
    assert run_netnsctl('doctor', *(KINDS + ['veth-in-place'])).status == 0
    untouched.assert_untouched(before)


def test_a_kernel_that_passes_over_the_peers_namespace_is_found_out(monkeypatch):
    as_it_is = links.new_veth
    monkeypatch.setattr(links, 'new_veth', lambda end, peer: as_it_is(end, peer[:1]))
    finding = links.judge_in_place(Host(), in_throwaway(links.try_in_place))
    assert finding.status == 'warn' and 'the kernel puts both ends into one namespace' in finding.text


def test_a_probe_in_a_user_namespace_of_its_own_is_told_so(run_netnsctl, one):
    if process.run(['setpriv', '--bounding-set', '-sys_admin', 'unshare', '-U', '-n', 'true']).status != 0:
        pytest.skip('no user namespace can be made here without CAP_SYS_ADMIN')
    finding = one('veth', before=['setpriv', '--bounding-set', '-sys_admin'])
    assert finding['status'] == 'ok'
