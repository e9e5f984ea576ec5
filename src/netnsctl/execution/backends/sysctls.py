"""What no request of rtnetlink can set: a sysctl of a link."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.errors import NetnsctlError
from netnsctl.execution.backends.refusals import attempt


_ST_RDONLY = 1  # statvfs(3)


def require_no_advertisements(operation, namespaces):
    """After an ignore-advertisements that could not write its sysctl: there is none without IPv6, and nobody can where
    /proc/sys is read-only. NetnsctlError otherwise: who is behind that link could make itself this host's router."""
    if namespaces[operation.ns].sysctl(operation.sysctl()) not in (None, '0') \
            and not os.statvfs('/proc/sys').f_flag & _ST_RDONLY:
        raise _unwritten(operation, namespaces)


def _unwritten(operation, namespaces):
    return NetnsctlError('%s: net/%s cannot be written' % (attempt(operation, namespaces), operation.sysctl()))


def enable_ipv6(operation, namespaces):
    """Carries out an enable-ipv6 for either backend. NetnsctlError if there is no such sysctl to write."""
    if not namespaces[operation.ns].set_sysctl(operation.sysctl(), '0'):
        raise _unwritten(operation, namespaces)
