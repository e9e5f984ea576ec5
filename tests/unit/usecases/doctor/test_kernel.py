"""The doctor's checks of privileges and of the kernel's namespaces, on hosts made of files."""
from __future__ import absolute_import, division, print_function

import errno

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.kernel import namespaces
from netnsctl.usecases.doctor.kernel.privileges import check_privileges
from netnsctl.usecases.doctor.kernel.throwaway import Seen
from support.doctor import ABSENT, DENIED, NOBODY_STATUS, ROOT_STATUS, UNKNOWN_CALL, WORKS

EL6_4 = '2.6.32-358.23.2.el6.x86_64\n'


# privileges

def test_root_with_both_capabilities_is_fit(tree):
    finding = check_privileges(tree({'proc/self/uid_map': '         0          0 4294967295\n'}))
    assert (finding.status, finding.remediation) == ('ok', None)


def test_a_kernel_without_uid_maps_has_no_user_namespace(tree):
    assert check_privileges(tree()).status == 'ok'


@pytest.mark.parametrize('files,words', [
    ({'proc/self/status': NOBODY_STATUS}, 'not root: uid 65534, without CAP_SYS_ADMIN and CAP_NET_ADMIN'),
    ({'proc/self/status': NOBODY_STATUS.replace('0000000000000000', '0000000000201000')}, 'not root: uid 65534'),
    ({'proc/self/status': ROOT_STATUS.replace('1ffffffffff', '1ffffffefff')}, 'root, but without CAP_NET_ADMIN'),
    ({'proc/self/status': ROOT_STATUS.replace('1ffffffffff', '1ffffdfffff')}, 'root, but without CAP_SYS_ADMIN'),
    ({'proc/self/status': ''}, '/proc/self/status cannot be read'),
])
def test_what_is_missing_of_the_privileges_is_named(tree, files, words):
    finding = check_privileges(tree(files))
    assert (finding.status, finding.text) == ('fail', words)
    assert finding.remediation.prose


def test_root_of_a_user_namespace_is_told_so_and_the_other_checks_say_what_can_be_done_there(tree):
    finding = check_privileges(tree({'proc/self/uid_map': '0 1000 1\n'}))
    assert (finding.status, finding.text) == (
        'warn', 'root only inside a user namespace: the host cannot be changed from here')


# netns: what the throwaway child met, explained

def judge(host, unshare=WORKS, entry=WORKS, setns=WORKS):
    seen = {'unshare': unshare}
    if not unshare.errno:
        seen.update({'open': entry, 'setns': setns})
    return namespaces.judge_namespaces(host, seen)


def test_a_kernel_whose_namespaces_can_be_entered_is_fit_whatever_its_release(tree):
    # RDO's own kernel for 6.4 has setns though its number is below 384.
    finding = judge(tree({'proc/sys/kernel/osrelease': '2.6.32-358.123.2.openstack.el6.x86_64\n'}))
    assert finding.status == 'ok' and '358.123.2.openstack' in finding.text


def test_an_el6_kernel_without_setns_is_told_which_kernel_mends_it(tree):
    finding = judge(tree({'proc/sys/kernel/osrelease': EL6_4}), entry=ABSENT, setns=UNKNOWN_CALL)
    assert finding.status == 'fail'
    assert 'no /proc/PID/ns/net and no setns(2)' in finding.text and '2.6.32-358.23.2.el6' in finding.text
    assert '2.6.32-431' in finding.remediation.prose
    assert finding.remediation.commands == ['yum install kernel', 'reboot']


def test_another_old_kernel_is_told_the_release_that_has_setns(tree):
    finding = judge(tree({'proc/sys/kernel/osrelease': '2.6.38-8-generic\n'}), entry=ABSENT, setns=UNKNOWN_CALL)
    assert finding.status == 'fail' and 'Linux 3.0' in finding.remediation.prose and not finding.remediation.commands


def test_a_missing_proc_is_not_blamed_on_the_kernel(tmpdir):
    finding = judge(Host(root=str(tmpdir)), entry=ABSENT)
    assert finding.status == 'fail' and finding.remediation.commands == ['mount -t proc proc /proc']


@pytest.mark.parametrize('number,words', [
    (errno.EINVAL, 'CONFIG_NET_NS'), (errno.ENOSPC, 'limit'), (errno.EPERM, 'seccomp'),
])
def test_root_is_told_why_no_namespace_can_be_made(tree, number, words):
    finding = judge(tree(), unshare=Seen(number))
    assert finding.status == 'fail' and words in finding.remediation.prose and errno.errorcode[number] in finding.text


def test_the_limit_of_namespaces_is_shown_and_raised(tree):
    finding = judge(tree({'proc/sys/user/max_net_namespaces': '3000\n'}), unshare=Seen(errno.ENOSPC))
    assert ('user.max_net_namespaces', '3000') in finding.evidence
    assert finding.remediation.commands == ['sysctl -w user.max_net_namespaces=6000']


@pytest.mark.parametrize('met', [{'unshare': DENIED}, {'setns': DENIED}])
def test_without_root_what_is_denied_was_only_not_looked_at(tree, met):
    finding = judge(tree({'proc/self/status': NOBODY_STATUS}), **met)
    assert finding.status == 'warn' and 'cannot be examined without root' in finding.text
