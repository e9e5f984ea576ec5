"""`netnsctl doctor --fix`: what fixes a host, as steps that are announced before they are done.

A way to fix is a function of a host that returns a list of Step, in the order in which they are to be run. Planning
changes nothing; an empty plan means that nothing needs to be done, so an interrupted fix is finished by running it
again. A fix with a check's name does what that check's finding asks for, and no more.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.privileges import WITHOUT_PROC
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.usecases.doctor.kernel.privileges import is_privileged
from netnsctl.usecases.fixing.step import Step

__all__ = ['Step', 'WAYS', 'check_way', 'plan']
# What --fix takes: (module of this package, its function).
WAYS = {'native': ('native', 'plan'), 'rdo': ('rdo', 'plan'), 'netns-dir': ('naming', 'plan_folder'),
        'netns-names': ('naming', 'plan_names'), 'wires': ('native', 'roll_back_wires')}


def check_way(way):
    """UsageError for an unknown way to fix."""
    if way not in WAYS:
        raise UsageError('doctor --fix %s: there is no such fix' % way,
                         hint='Fixes are: %s.' % ', '.join(sorted(WAYS)))


def plan(host, way):
    """The steps of a way to fix (one of WAYS) that are still to be done: list of Step.

    UsageError for an unknown way, NetnsctlError if it cannot succeed on this host.
    """
    check_way(way)
    if not host.exists('/proc/self'):
        raise NetnsctlError('doctor --fix %s: /proc/self: No such file or directory' % way, hint=WITHOUT_PROC)
    if not is_privileged(host):
        raise NetnsctlError('doctor --fix %s: root with CAP_SYS_ADMIN and CAP_NET_ADMIN is required' % way,
                            hint='Nothing was changed. Try: sudo netnsctl doctor --fix %s' % way)
    module, function = WAYS[way]
    return getattr(__import__('netnsctl.usecases.fixing.' + module, None, None, [function]), function)(host)
