"""What no request of rtnetlink can set: a sysctl of a link."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError
from netnsctl.execution.backends.refusals import attempt


def enable_ipv6(operation, namespaces):
    """Carries out an enable-ipv6 for either backend. NetnsctlError if there is no such sysctl to write."""
    if not namespaces[operation.ns].set_sysctl(operation.sysctl(), '0'):
        raise NetnsctlError('%s: net/%s cannot be written' % (attempt(operation, namespaces), operation.sysctl()))
