"""Who may do what: namespaces, links and netnsctl's own files are root's."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.errors import NetnsctlError


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
