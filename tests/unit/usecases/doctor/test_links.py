"""The doctor's checks of link kinds: what a probe met, explained. integration/doctor/test_links.py has real probes."""
from __future__ import absolute_import, division, print_function

import errno
import struct

import pytest

from netnsctl.edge.netlink import rtnl, writing
from netnsctl.model.links import KINDS as table, kind_named
from netnsctl.usecases.doctor.kernel import links
from netnsctl.usecases.doctor.kernel.throwaway import Seen
from support.doctor import DENIED, NO_KIND, NOBODY_STATUS, WORKS

# One that is moved and one that is a port are not made: test_nics, test_openvswitch.
KINDS = sorted(name for name in table if not (kind_named(name).lends or kind_named(name).has_port))
NOBODY = {'proc/self/status': NOBODY_STATUS}
RELEASE = {'proc/sys/kernel/osrelease': '6.1.0\n'}


def judge(host, kind='veth', **seen):
    return links.judge_link(host, kind, seen)


def judge_in_place(host, **seen):
    return links.judge_in_place(host, seen)


@pytest.mark.parametrize('kind', KINDS)
def test_a_kind_that_can_be_made_is_quiet(tree, kind):
    finding = judge(tree(), kind, unshare=WORKS, link=WORKS)
    assert (finding.status, finding.text) == ('ok', '%s links can be created' % kind)
    assert ('make one through rtnetlink', 'works') in finding.evidence


@pytest.mark.parametrize('kind', KINDS)
def test_a_kind_that_the_kernel_lacks_is_told_with_its_module(tree, kind):
    files = dict(RELEASE)
    module = {'vlan': '8021q'}.get(kind, kind)
    files['lib/modules/6.1.0/modules.dep'] = 'kernel/drivers/net/%s.ko.xz: kernel/net/other.ko.xz\n' % module
    finding = judge(tree(files), kind, unshare=WORKS, link=NO_KIND)
    assert finding.status == 'fail' and 'no %s link can be created: ' % kind in finding.text
    assert 'EOPNOTSUPP' in finding.text and 'Unknown device type' in finding.text
    assert ('module %s for 6.1.0' % module, 'on disk') in finding.evidence
    assert finding.remediation.commands == ['modprobe %s' % module]


def test_what_keeps_a_module_out_is_seen(tree):
    files = dict(RELEASE)
    files['etc/modprobe.d/local.conf'] = '# by hand\nblacklist vxlan\n'
    finding = judge(tree(files), 'vxlan', unshare=WORKS, link=NO_KIND)
    assert ('/etc/modprobe.d/local.conf:2', 'blacklist vxlan') in finding.evidence


def test_a_bridge_that_only_the_ioctl_makes_is_quiet(tree):
    # 2.6.32: rtnetlink knows no kind `bridge`.
    finding = judge(tree(), 'bridge', unshare=WORKS, link=NO_KIND, ioctl=WORKS)
    assert finding.status == 'ok' and finding.text.startswith('bridge links can be created by ioctl')
    assert [what for what, _ in finding.evidence] == ['make one through rtnetlink', 'the ioctls for bridges']


def test_a_bridge_that_neither_way_makes_is_told_with_both(tree):
    finding = judge(tree(RELEASE), 'bridge', unshare=WORKS, link=NO_KIND, ioctl=Seen(errno.ENOPKG))
    assert finding.status == 'fail' and 'module bridge' in finding.remediation.prose
    assert 'ENOPKG' in dict(finding.evidence)['the ioctls for bridges']


def test_a_macvlan_with_nothing_to_stand_on_points_to_the_check_of_veth(tree):
    finding = judge(tree(), 'macvlan', unshare=WORKS, lower=NO_KIND)
    assert finding.status == 'fail' and 'it needs a veth pair' in finding.text
    assert finding.remediation.commands == ['netnsctl doctor veth']


@pytest.mark.parametrize('kind', KINDS)
def test_a_kind_that_could_not_be_tried_points_to_the_check_of_namespaces(tree, kind):
    finding = judge(tree(), kind, unshare=Seen(errno.EINVAL))
    assert finding.status == 'fail' and finding.remediation.commands == ['netnsctl doctor netns']
    assert 'EINVAL' in dict(finding.evidence)['unshare(CLONE_NEWNET)']


@pytest.mark.parametrize('seen', [{'unshare': DENIED}, {'unshare': WORKS, 'lower': DENIED},
                                  {'unshare': WORKS, 'link': DENIED}])
def test_without_privileges_a_kind_was_only_not_looked_at(tree, seen):
    finding = judge(tree(NOBODY), 'macvlan', **seen)
    assert finding.status == 'warn' and finding.remediation.commands == ['sudo netnsctl doctor']


def test_root_that_is_denied_a_link_is_told_what_may_forbid_it(tree):
    finding = judge(tree(), unshare=WORKS, link=DENIED)
    assert finding.status == 'fail' and 'EPERM' in finding.text and 'seccomp' in finding.remediation.prose


def test_an_error_that_is_nobodys_lack_is_told_as_it_is(tree):
    finding = judge(tree(), unshare=WORKS, link=Seen(errno.ENOMEM))
    assert finding.status == 'fail' and 'ENOMEM' in finding.text and finding.remediation is None


# Both ends in place

def test_a_pair_made_in_place_is_quiet(tree):
    finding = judge_in_place(tree(), unshare=WORKS, lower=WORKS, link=WORKS, there=WORKS)
    assert finding.status == 'ok' and finding.remediation is None


@pytest.mark.parametrize('seen,words', [
    ({'link': Seen(errno.EOPNOTSUPP)}, 'EOPNOTSUPP'),
    ({'link': Seen(errno.EINVAL, 'no such attribute')}, 'no such attribute'),
    ({'link': WORKS, 'there': Seen(errno.ENODEV)}, 'the kernel puts both ends into one namespace'),
])
def test_a_pair_that_cannot_be_made_in_place_needs_nothing_done(tree, seen, words):
    finding = judge_in_place(tree(), unshare=WORKS, lower=WORKS, **seen)
    assert finding.status == 'warn' and words in finding.text
    assert 'there is nothing to do' in finding.remediation.prose and not finding.remediation.commands


@pytest.mark.parametrize('seen,command', [
    ({'unshare': Seen(errno.EINVAL)}, 'netnsctl doctor netns'),
    ({'unshare': WORKS, 'lower': NO_KIND}, 'netnsctl doctor veth'),
    ({'unshare': WORKS, 'lower': WORKS, 'open': Seen(errno.ENOENT)}, 'netnsctl doctor netns'),
])
def test_what_kept_a_pair_in_place_from_being_tried_is_pointed_to(tree, seen, command):
    assert judge_in_place(tree(), **seen).remediation.commands == [command]


def test_without_privileges_a_pair_in_place_was_only_not_looked_at(tree):
    finding = judge_in_place(tree(NOBODY), unshare=DENIED)
    assert finding.text == 'making veth ends in place cannot be examined without root'


# Messages

def test_a_link_is_asked_for_by_name_and_kind_and_nothing_that_old_kernels_refuse():
    message = writing.encode(*writing.new_link('bridge', [['IFLA_IFNAME', 'nw0']]))
    length, kind, flags, _, _ = struct.unpack_from('=IHHII', message)
    assert (length, kind, flags) == (len(message), 16, 0x605)
    # ifi_index, ifi_flags and ifi_change: 2.6.32 takes none on creation.
    assert message[16:32] == b'\0' * 16
    found = rtnl.attributes(message, 32)
    assert sorted(found) == [3, 18] and found[3] == b'nw0\0'
    assert rtnl.attributes(found[18], 0) == {1: b'bridge\0'}


def test_a_peers_namespace_stands_with_the_peer():
    peer = [['IFLA_IFNAME', 'nw1'], ['IFLA_NET_NS_FD', 7]]
    message = writing.encode(*writing.new_veth([['IFLA_IFNAME', 'nw0']], peer))
    info = rtnl.attributes(rtnl.attributes(message, 32)[18], 0)
    peer = rtnl.attributes(rtnl.attributes(info[2], 0)[1], 16)
    assert peer == {3: b'nw1\0', 28: struct.pack('=I', 7)} and 28 not in rtnl.attributes(message, 32)
