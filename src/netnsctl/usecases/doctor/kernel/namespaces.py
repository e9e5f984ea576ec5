"""The kernel's network namespaces: can they be created, opened and entered?"""
from __future__ import absolute_import, division, print_function

import errno
import os
import re

from netnsctl.compat import open_cloexec
from netnsctl.edge import syscalls
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.kernel.privileges import is_privileged
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn
from netnsctl.usecases.doctor.kernel.throwaway import FORBIDDEN, NEED_ROOT, probe_of, tried


def _try_enter(report):
    """Steps 'open' (/proc/self/ns/net) and 'setns' (to it, or to descriptor -1 if it could not be opened)."""
    descriptor = -1
    try:
        descriptor = open_cloexec('/proc/self/ns/net', os.O_RDONLY)
        report('open', 0)
    except OSError as error:
        report('open', error.errno)
    try:
        syscalls.setns(descriptor)
        report('setns', 0)
    except OSError as error:
        known = descriptor < 0 and error.errno == errno.EBADF
        report('setns', 0 if known else error.errno, 'the call exists' if known else '')


def read_release(host):
    """The kernel's release, as `uname -r` says it."""
    return (host.read('/proc/sys/kernel/osrelease') or os.uname()[2]).strip()


probe_of('netns', _try_enter)


@check('netns', 'kernel', required=True)
def check_netns(host):
    """The kernel has network namespaces that can be created, opened and entered."""
    return judge_namespaces(host, tried(host, 'netns'))


def judge_namespaces(host, seen):
    """The finding for the results of the throwaway child. seen: {step: Seen}, for unshare, open and setns, as far as it
    got."""
    release = read_release(host)
    evidence = [('kernel', release)] + [(what, seen[step]) for step, what in (
        ('unshare', 'unshare(CLONE_NEWNET)'), ('open', 'open /proc/self/ns/net'),
        ('setns', 'setns(2), number %s' % syscalls.setns_number())) if step in seen]
    if seen['unshare'].errno:
        return _judge_unshare(host, release, seen['unshare'], evidence)
    if not seen['open'].errno and not seen['setns'].errno:
        return ok('Linux %s: namespaces can be created, opened and entered' % release, evidence)
    if errno.EPERM in (seen['open'].errno, seen['setns'].errno) and not is_privileged(host):
        return warn('Linux %s: entering a namespace cannot be examined without root' % release,
                    evidence, NEED_ROOT)
    lacking = [what for step, what in (('open', '/proc/PID/ns/net'), ('setns', 'setns(2)')) if seen[step].errno]
    return fail('Linux %s: namespaces can be created, but not entered: no %s' % (release, ' and no '.join(lacking)),
                evidence, mend_entering(host, release, seen))


def _judge_unshare(host, release, met, evidence):
    if met.errno == errno.EPERM and not is_privileged(host):
        return warn('Linux %s: network namespaces cannot be examined without root' % release, evidence, NEED_ROOT)
    mend = None
    if met.errno == errno.EPERM:
        mend = FORBIDDEN
    elif met.errno == errno.ENOSPC:
        limit = (host.read('/proc/sys/user/max_net_namespaces') or 'unknown').strip()
        evidence.append(('user.max_net_namespaces', limit))
        raised = ['sysctl -w user.max_net_namespaces=%d' % max(2 * int(limit), 1024)] if limit.isdigit() else ()
        mend = Remediation('The limit on network namespaces has been reached. Remove some, or raise it.', raised)
    elif met.errno in (errno.EINVAL, errno.ENOSYS):
        mend = Remediation('This kernel was built without CONFIG_NET_NS. Install the distribution\'s own kernel.')
    return fail('Linux %s: no network namespace can be created: %s' % (release, met), evidence, mend)


def mend_entering(host, release, seen):
    """What fixes a kernel whose namespaces cannot be entered: Remediation.

    Facts: setns(2), namespaces(7), the changelogs of EL6's kernel.
    """
    found = re.match(r'2\.6\.32-(\d+).*\.el6', release)
    if found and int(found.group(1)) < 384:
        return Remediation(
            'EL6 kernels before 2.6.32-384, such as those of 6.4, have neither setns(2) nor /proc/PID/ns. 2.6.32-431 '
            '(CentOS 6.5) and every later EL6 kernel have both, as does RDO\'s kernel-2.6.32-358.123.2.openstack.el6.',
            ['yum install kernel', 'reboot'])
    if syscalls.setns_number() is None:
        return Remediation('netnsctl does not know the number of setns(2) on %s.' % os.uname()[4])
    if not seen['setns'].errno and not host.exists('/proc/self/status'):
        return Remediation('Is /proc mounted?', ['mount -t proc proc /proc'])
    if seen['setns'].errno == errno.EPERM:
        return FORBIDDEN
    return Remediation('/proc/PID/ns/net and setns(2) came with Linux 3.0 and with EL6\'s 2.6.32-384. Install a newer '
                       'kernel.')
