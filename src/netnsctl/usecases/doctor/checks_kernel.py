"""What the kernel can do, tried in a throwaway child in a network namespace of its own, which ends with the child."""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import select
import signal
import struct
import time

from netnsctl.compat import native, open_cloexec, to_bytes
from netnsctl.edge import syscalls
from netnsctl.edge.rtnl import Rtnl
from netnsctl.errors import KernelError, NetnsctlError, NoAnswerError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.checks_privileges import is_privileged
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn

PROBE_SECONDS = 3.0
CLONE_NEWUSER = 0x10000000
_FORBIDDEN = Remediation('A seccomp filter or a security module forbids it, as a container\'s does. '
                         'Run netnsctl on the host.')
_NEED_ROOT = Remediation('Run netnsctl as root to have it looked at.', ['sudo netnsctl doctor'])


class Seen(object):
    """What one step of a probe met: errno (0: it worked) and the kernel's words (or '')."""
    __slots__ = ('errno', 'words')

    def __init__(self, number, words=''):
        self.errno = number
        self.words = words

    def __str__(self):
        if not self.errno:
            return self.words or 'works'
        # 95 has two names, and Python's table the one that rtnetlink's documents do not use.
        code = 'EOPNOTSUPP' if self.errno == errno.EOPNOTSUPP else errno.errorcode.get(self.errno, self.errno)
        name = '%s (%s)' % (os.strerror(self.errno), code)
        return '%s: %s' % (name, self.words) if self.words else name


def in_throwaway(work, seconds=PROBE_SECONDS):
    """Runs work(report) in a child in a new network namespace: {step: Seen}.

    'unshare' is the first step; work is called where it succeeded. report(step, errno, words) tells of one.
    Without CAP_SYS_ADMIN the child tries a user namespace of its own, in which it has every capability.
    NoAnswerError if the child is not done in time, NetnsctlError if it died; it is gone in any case.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _be_the_child(work, reader, writer, seconds)
    os.close(writer)
    try:
        text = _read_until(reader, time.time() + seconds)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        # Its pipe is closed, so it is at its end, or SIGKILL is.
        status = os.waitpid(child, 0)[1]
    rows = [line.split('\t', 2) for line in text.splitlines()]
    seen = dict((step, Seen(int(number), words)) for step, number, words in rows)
    if status:
        cause = seen.get('died', 'it ended with wait status %d' % status)
        raise NetnsctlError('probe in a throwaway child: %s' % cause)
    return seen


def _read_until(reader, deadline):
    pieces = []
    while True:
        left = deadline - time.time()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            raise NoAnswerError('probe in a throwaway child: it is not done in time')
        piece = os.read(reader, 65536)
        if not piece:
            return native(b''.join(pieces))
        pieces.append(piece)


def _be_the_child(work, reader, writer, seconds):
    """Never returns: what the parent would do at its end (flush, atexit) is not for the child."""
    status = 1
    try:
        # If the parent is killed nobody else ends us.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(seconds) + 1)
        os.close(reader)

        def report(step, number, words=''):
            os.write(writer, to_bytes('%s\t%d\t%s\n' % (step, number, ' '.join((words or '').split()))))

        try:
            if _leave(report):
                work(report)
            status = 0
        except Exception as error:
            report('died', 0, '%s: %s' % (error.__class__.__name__, error))
    finally:
        os._exit(status)


def _leave(report):
    """Into a new network namespace, if need be with a new user namespace: could it be done?"""
    ways = ((syscalls.CLONE_NEWNET, ''), (syscalls.CLONE_NEWNET | CLONE_NEWUSER, 'works in a user namespace'))
    for flags, words in ways:
        try:
            syscalls.unshare(flags)
        except OSError as error:
            if error.errno == errno.EPERM and not words:
                continue
            # What the second attempt met says nothing of network namespaces.
            report('unshare', errno.EPERM if words else error.errno)
            return False
        report('unshare', 0, words)
        return True


def _try_enter(report):
    """Steps 'open' (/proc/self/ns/net) and 'setns' (onto it; onto descriptor -1 where it could not be opened)."""
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
        report('setns', 0 if known else error.errno, 'the call is there' if known else '')


def read_release(host):
    """The kernel's release, as `uname -r` says it."""
    return (host.read('/proc/sys/kernel/osrelease') or os.uname()[2]).strip()


@check('netns', 'kernel', required=True)
def check_netns(host):
    """The kernel has network namespaces that can be made, opened and entered."""
    return judge_namespaces(host, in_throwaway(_try_enter))


def judge_namespaces(host, seen):
    """The finding for what the throwaway child met. seen: {step: Seen}, of unshare, open, setns as far as it got."""
    release = read_release(host)
    evidence = [('kernel', release)] + [(what, seen[step]) for step, what in (
        ('unshare', 'unshare(CLONE_NEWNET)'), ('open', 'open /proc/self/ns/net'),
        ('setns', 'setns(2), number %s' % syscalls.setns_number())) if step in seen]
    if seen['unshare'].errno:
        return _judge_unshare(host, release, seen['unshare'], evidence)
    if not seen['open'].errno and not seen['setns'].errno:
        return ok('Linux %s: namespaces can be made, opened and entered' % release, evidence)
    if errno.EPERM in (seen['open'].errno, seen['setns'].errno) and not is_privileged(host):
        return warn('Linux %s: entering a namespace could not be looked at without root' % release,
                    evidence, _NEED_ROOT)
    lacking = [what for step, what in (('open', '/proc/PID/ns/net'), ('setns', 'setns(2)')) if seen[step].errno]
    return fail('Linux %s: namespaces can be made, but not entered: no %s' % (release, ' and no '.join(lacking)),
                evidence, mend_entering(host, release, seen))


def _judge_unshare(host, release, met, evidence):
    if met.errno == errno.EPERM and not is_privileged(host):
        return warn('Linux %s: network namespaces could not be looked at without root' % release, evidence, _NEED_ROOT)
    mend = None
    if met.errno == errno.EPERM:
        mend = _FORBIDDEN
    elif met.errno == errno.ENOSPC:
        limit = (host.read('/proc/sys/user/max_net_namespaces') or 'unknown').strip()
        evidence.append(('user.max_net_namespaces', limit))
        raised = ['sysctl -w user.max_net_namespaces=%d' % max(2 * int(limit), 1024)] if limit.isdigit() else ()
        mend = Remediation('The limit of network namespaces is reached. Remove some, or raise it.', raised)
    elif met.errno in (errno.EINVAL, errno.ENOSYS):
        mend = Remediation('This kernel was built without CONFIG_NET_NS. Install the distribution\'s own kernel.')
    return fail('Linux %s: no network namespace can be made: %s' % (release, met), evidence, mend)


def mend_entering(host, release, seen):
    """What mends a kernel whose namespaces cannot be entered: Remediation.

    Facts: setns(2), namespaces(7), the changelogs of EL6's kernel.
    """
    found = re.match(r'2\.6\.32-(\d+).*\.el6', release)
    if found and int(found.group(1)) < 384:
        return Remediation(
            'EL6 kernels before 2.6.32-384, so those of 6.4, have neither setns(2) nor /proc/PID/ns. 2.6.32-431 '
            '(CentOS 6.5) and every later one of EL6 have both; so has RDO\'s kernel-2.6.32-358.123.2.openstack.el6.',
            ['yum install kernel', 'reboot'])
    if syscalls.setns_number() is None:
        return Remediation('netnsctl does not know the number of setns(2) on %s.' % os.uname()[4])
    if not seen['setns'].errno and not host.exists('/proc/self/status'):
        return Remediation('Is /proc mounted?', ['mount -t proc proc /proc'])
    if seen['setns'].errno == errno.EPERM:
        return _FORBIDDEN
    return Remediation('/proc/PID/ns/net and setns(2) came with Linux 3.0, and EL6\'s 2.6.32-384. '
                       'Install a newer kernel.')


# Link kinds. linux/rtnetlink.h, if_link.h, veth.h
RTM_NEWLINK = 16
_CREATE = 1 | 4 | 0x200 | 0x400  # NLM_F_REQUEST, ACK, EXCL, CREATE
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 3, 18, 1, 2, 1


def _attribute(kind, value):
    return struct.pack('=HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)


def new_link(kind, name, data=b''):
    """RTM_NEWLINK that makes a link of a kind: bytes. data: IFLA_INFO_DATA's content.

    Handmade, so that a probe needs no library. Nothing but the name is given: on creation 2.6.32 refuses
    IFLA_MASTER and any ifi_flags.
    """
    info = _attribute(IFLA_INFO_KIND, to_bytes(kind)) + (_attribute(IFLA_INFO_DATA, data) if data else b'')
    body = struct.pack('=16x') + _attribute(IFLA_IFNAME, to_bytes(name) + b'\0') + _attribute(IFLA_LINKINFO, info)
    return struct.pack('=IHHII', 16 + len(body), RTM_NEWLINK, _CREATE, 0, 0) + body


def try_link(kind, data=b''):
    """What making a link of that kind in a throwaway namespace meets: {'unshare': Seen, 'link': Seen}.

    The kernel loads the kind's module for it, as it would for `wire`.
    """
    def make(report):
        try:
            answer = Rtnl().request([new_link(kind, 'nwprobe0', data)])[0] or (0, '')
        except KernelError as error:
            answer = (error.errno, error.words)
        report('link', *answer)
    return in_throwaway(make)


def judge_link(host, kind, seen):
    """The finding for what try_link() met. A module of the kind's name is named where the kernel lacks it."""
    release = read_release(host)
    if 'link' not in seen:
        evidence = [('unshare(CLONE_NEWNET)', seen['unshare'])]
        if seen['unshare'].errno == errno.EPERM and not is_privileged(host):
            return warn('%s could not be looked at without root' % kind, evidence, _NEED_ROOT)
        return fail('%s could not be tried: there is no network namespace to try it in' % kind, evidence,
                    Remediation('See the check netns.', ['netnsctl doctor netns']))
    evidence = [('make one in a throwaway namespace', seen['link'])]
    if not seen['link'].errno:
        return ok('%s links can be made' % kind, evidence)
    if seen['link'].errno == errno.EPERM and not is_privileged(host):
        return warn('%s could not be looked at without CAP_NET_ADMIN' % kind, evidence, _NEED_ROOT)
    mend = None
    if seen['link'].errno == errno.EOPNOTSUPP:
        evidence.append(('modules of the running kernel', _modules_of(host, release)))
        mend = _mend_kind(host, kind, release)
    return fail('no %s link can be made: %s' % (kind, seen['link']), evidence, mend)


def _modules_of(host, release):
    folder = '/lib/modules/%s' % release
    return '%s is %s' % (folder, 'there' if host.exists(folder) else 'missing')


def _mend_kind(host, kind, release):
    """EOPNOTSUPP: the kernel asked for the module and it did not come."""
    lacks = 'The kernel lacks the module %s' % kind
    if host.exists('/lib/modules/%s' % release):
        return Remediation('%s and did not load it by itself.' % lacks, ['modprobe %s' % kind])
    if host.listdir('/lib/modules'):
        return Remediation('%s, and those of the running kernel are not on disk any more: after an update of the '
                           'kernel that takes a reboot.' % lacks, ['reboot'])
    return Remediation('%s, and there are none on disk here. In a container: load it on the host, with `modprobe %s`.'
                       % (lacks, kind))


@check('veth', 'kernel', required=True)
def check_veth(host):
    """A veth pair can be made."""
    peer = struct.pack('=16x') + _attribute(IFLA_IFNAME, b'nwprobe1\0')
    return judge_link(host, 'veth', try_link('veth', _attribute(VETH_INFO_PEER, peer)))
