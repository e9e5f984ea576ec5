"""Who may do what: namespaces, links and netnsctl's own files are root's."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.errors import NetnsctlError

WHOLE_MAP = ['0', '0', '4294967295']  # /proc/self/uid_map, outside of any user namespace

WITHOUT_PROC = 'Nothing works without /proc: mount -t proc proc /proc'


def require_root(attempt, words=None):
    """NetnsctlError, in the one text that there is for it, where this process is not root's.

    attempt: what was to be done ('wire', 'config check'). words: the command line after `netnsctl`, which the hint then
    repeats. That root may lack a capability is found out by doing, and reported by the kernel's own answer.
    """
    if os.geteuid() == 0:
        return
    from netnsctl.compat import shell_quote
    hint = None
    if words is not None:
        hint = ' '.join(['sudo', 'netnsctl'] + [shell_quote(word) for word in words])
    raise NetnsctlError('%s: must be run as root' % attempt, hint=hint)


def is_in_user_namespace(host):
    """Is this process in a user namespace of its own, whose root has no rights over links of the host?"""
    # No such file before Linux 3.5 and in kernels without user namespaces.
    text = host.read('/proc/self/uid_map')
    return bool(text) and text.split() != WHOLE_MAP
