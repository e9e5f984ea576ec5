"""Confines a helper that works among a container's links to what it needs: what it reads there, or hears from a server
on that network, is not trusted.
"""
from __future__ import absolute_import, division, print_function

import os

# linux/capability.h
NET_BIND_SERVICE, NET_ADMIN, NET_RAW = 10, 12, 13
NOBODY = 65534
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 8, 24, 38, 47
_AMBIENT_IS_SET, _AMBIENT_RAISE = 1, 2
_UNUSED = 16  # CAP_SYS_MODULE, which no helper is left
_MOST = 64  # capabilities that the kernel can ever have


def setup(capabilities, as_nobody=False, memory=None):
    """A function for the child that is about to become the helper: it keeps only these of root's capabilities.

    as_nobody: if the kernel can give them to another user (ambient capabilities, Linux 4.3), run as nobody, who owns no
    file. memory: limit in bytes. Steps that are not allowed here (in a user namespace, under a service's limits) are
    skipped.
    """
    import resource  # both are loaded before the fork
    from netnsctl.edge import syscalls
    prctl, permitted = syscalls.prctl, _permitted()

    def confine():
        # A program that root starts has what is in the bounding set.
        may_drop = _try(prctl, _PR_CAPBSET_DROP, _UNUSED)
        for number in range(_MOST) if may_drop else ():
            if number not in capabilities and not _try(prctl, _PR_CAPBSET_DROP, number):
                break  # there are no more of them
        if as_nobody and _try(prctl, _PR_CAP_AMBIENT, _AMBIENT_IS_SET, NET_ADMIN):
            _become_nobody(prctl, capabilities)
        if not may_drop:
            # The services have no CAP_SETPCAP. What is not permitted now, no program gets without new privileges.
            _try(syscalls.capset, sum(1 << number for number in capabilities if number in permitted))
        if as_nobody or not may_drop:
            _try(prctl, _PR_SET_NO_NEW_PRIVS, 1)
        if memory is not None:
            _try(resource.setrlimit, resource.RLIMIT_AS, (memory, memory))
    return confine


def _permitted():
    """The capabilities that this process is permitted: set of numbers; all of them where that cannot be read."""
    try:
        with open('/proc/self/status') as stream:
            found = [line for line in stream if line.startswith('CapPrm:')]
        mask = int(found[0].split()[1], 16)
    except (EnvironmentError, IndexError, ValueError):
        return frozenset(range(_MOST))
    return frozenset(number for number in range(_MOST) if mask >> number & 1)


def can_nobody_run(path):
    """May every user run a program? A hardened host may reserve its firewall programs for root."""
    try:
        while path != '/':
            if not os.stat(path).st_mode & 0o001:
                return False
            path = os.path.dirname(os.path.realpath(path))
    except OSError:
        return False
    return True


def _become_nobody(prctl, capabilities):
    from netnsctl.edge import syscalls
    # The group stays root's: /proc/net/ip_tables_names is for it to read.
    if not (_try(os.setgroups, []) and _try(prctl, _PR_SET_KEEPCAPS, 1) and _try(_set_user, NOBODY)):
        return
    _try(syscalls.capset, sum(1 << number for number in capabilities))
    for number in capabilities:
        _try(prctl, _PR_CAP_AMBIENT, _AMBIENT_RAISE, number)


def _set_user(user):
    os.setreuid(user, user)  # and the saved one; Python 2.6 has no setresuid


def _try(call, *arguments):
    """Did it succeed? Nothing may raise here: the helper must start anyway."""
    try:
        call(*arguments)
    except Exception:  # ValueError: a limit above the one there is. resource.error: on Python 2, and is no OSError
        return False
    return True
