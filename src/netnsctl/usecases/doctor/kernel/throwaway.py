"""Tries what the kernel can do, in a child with its own network namespace, which ends with the child."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.edge import child, syscalls
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor.finding import Remediation

PROBE_SECONDS = 10.0
CLONE_NEWUSER = 0x10000000
NEED_ROOT = Remediation('Run netnsctl as root to examine it.', ['sudo netnsctl doctor'])
FORBIDDEN = Remediation('A seccomp filter or a security module forbids it, as in a container. Run netnsctl on '
                        'the host.')


class Seen(object):
    """The result of one step of a probe: errno (0: it worked) and the kernel's words (or '')."""
    __slots__ = ('errno', 'words')

    def __init__(self, number, words=''):
        self.errno = number
        self.words = words

    def __str__(self):
        if not self.errno:
            return self.words or 'works'
        # 95 has two names, and Python's table has the one that rtnetlink's documentation does not use.
        code = 'EOPNOTSUPP' if self.errno == errno.EOPNOTSUPP else errno.errorcode.get(self.errno, self.errno)
        name = '%s (%s)' % (os.strerror(self.errno), code)
        return '%s: %s' % (name, self.words) if self.words else name


# [(name of a check, its work)]
_PROBES = []
_TOGETHER_SECONDS = 4.0


def probe_of(name, work):
    """Says what a check tries, so that it can be tried together with what others do."""
    _PROBES.append((name, work))


def tried(host, name):
    """What a check's probe saw: {step: Seen}, as in_throwaway() of its work.

    Where several checks are run (host.doctors_probes is {}), one child tries them all, each in a network namespace of
    its own: a child is most of what one costs. What that child did not come to, because one of them hung or killed it,
    is tried by itself.
    """
    known = getattr(host, 'doctors_probes', None)
    if known is not None and not known:
        known.update(_try_together())
    seen = known.pop(name, None) if known else None
    return in_throwaway(dict(_PROBES)[name]) if seen is None else seen


def _try_together():
    """{name of a check or None: {step: Seen}} of all probes that came to their end, or {None: {}}."""
    def probe(tell):
        entered = []
        for name, work in _PROBES:
            tell(_rows(name, work, entered))
            _keep_namespace()

    try:
        text = child.run(probe, _TOGETHER_SECONDS, 'probe in a throwaway child')
    except NetnsctlError:
        text = ''
    found = {None: {}}
    for name, step, number, words in [line.split('\t', 3) for line in text.splitlines()]:
        found.setdefault(name, {})[step] = Seen(int(number), words)
    return found


def _keep_namespace():
    """Keeps this namespace until the process ends: the kernel then removes all of them at once. While it removes one,
    nobody else can change a link, and it waits for every processor several times."""
    try:
        os.open('/proc/self/ns/net', os.O_RDONLY)
    except OSError:
        pass  # a kernel that cannot keep them


def _rows(name, work, entered):
    """The lines for one of several probes of this process; none if it raises, which its own child will tell. entered:
    [how the first of them came into its namespace]: the others are in its user namespace."""
    rows = []

    def report(step, number, words=''):
        if step == 'unshare' and not number:
            entered.append(words)
            words = entered[0]
        rows.append('%s\t%s' % (name, _row(step, number, words)))
    try:
        if _leave(report):
            work(report)
    except Exception:
        rows = []
    return ''.join(rows)


def _row(step, number, words):
    return '%s\t%d\t%s\n' % (step, number, ' '.join((words or '').split()))


def in_throwaway(work, seconds=PROBE_SECONDS):
    """Runs work(report) in a child in a new network namespace: {step: Seen}.

    'unshare' is the first step; work is called if that succeeded. report(step, errno, words) records a step. Without
    CAP_SYS_ADMIN the child tries a user namespace of its own, in which it has every capability. NoAnswerError if the
    child is not done in time, NetnsctlError if it died; it is gone in any case.
    """
    def probe(tell):
        def report(step, number, words=''):
            tell(_row(step, number, words))
        if _leave(report):
            work(report)

    text = child.run(probe, seconds, 'probe in a throwaway child')
    rows = [line.split('\t', 2) for line in text.splitlines()]
    return dict((step, Seen(int(number), words)) for step, number, words in rows)


def _leave(report):
    """Enters a new network namespace, if necessary with a new user namespace: did it succeed?"""
    ways = ((syscalls.CLONE_NEWNET, ''), (syscalls.CLONE_NEWNET | CLONE_NEWUSER, 'works in a user namespace'))
    for flags, words in ways:
        try:
            syscalls.unshare(flags)
        except OSError as error:
            if error.errno == errno.EPERM and not words:
                continue
            # The result of the second attempt says nothing about network namespaces.
            report('unshare', errno.EPERM if words else error.errno)
            return False
        report('unshare', 0, words)
        return True
