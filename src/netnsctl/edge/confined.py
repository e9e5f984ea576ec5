"""Confines a helper that works among a container's links to what it needs: what it reads there, or hears from a server
on that network, is not trusted.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge.survey import mounts

# linux/capability.h
NET_BIND_SERVICE, NET_ADMIN, NET_RAW = 10, 12, 13
NOBODY = 65534
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 8, 24, 38, 47
_AMBIENT_IS_SET, _AMBIENT_RAISE = 1, 2
_UNUSED = 16  # CAP_SYS_MODULE, which no helper is left
_MOST = 64  # capabilities that the kernel can ever have
_VIEW = '/sys'  # any directory that is there, and that nothing needs which is shown in the view
_TOPS = ('/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store')
# What else a firewall's program opens: where it is, what it is linked with, the names of what it prints.
_FILES = ('/etc/alternatives', '/etc/ld.so.cache', '/etc/ethertypes', '/etc/group', '/etc/iproute2',
          '/etc/nsswitch.conf', '/etc/passwd', '/etc/protocols', '/etc/services', '/etc/xtables', '/etc/xtables.conf',
          '/proc/self', '/dev/null')


def setup(capabilities, reader=None, memory=None):
    """A function for the child that is about to become the helper: it keeps only these of root's capabilities.

    reader: the path of a program that only reads. It runs as nobody, who owns no file, if the kernel can give
    capabilities to another user (ambient ones, Linux 4.3). Where this process may become none, or the program is root's
    alone, it stays root's user, who owns files that it could write without any capability: it sees the system's
    programs alone, and read-only. memory: limit in bytes. Steps that are not allowed here (in a user namespace, under a
    service's limits) are skipped.
    """
    import resource  # both are loaded before the fork
    from netnsctl.edge import syscalls
    prctl, permitted = syscalls.prctl, _permitted()
    as_nobody = reader is not None and _can_nobody_run(reader)

    def confine():
        # A program that root starts has what is in the bounding set.
        may_drop = _try(prctl, _PR_CAPBSET_DROP, _UNUSED)
        for number in range(_MOST) if may_drop else ():
            if number not in capabilities and not _try(prctl, _PR_CAPBSET_DROP, number):
                break  # there are no more of them
        if reader is not None and _try(prctl, _PR_CAP_AMBIENT, _AMBIENT_IS_SET, NET_ADMIN):
            if as_nobody:
                _become_nobody(prctl, capabilities)
            if os.geteuid() != NOBODY:
                _try(_see_programs_alone, reader)
        if not may_drop:
            # The services have no CAP_SETPCAP. What is not permitted now, no program gets without new privileges.
            _try(syscalls.capset, sum(1 << number for number in capabilities if number in permitted))
        if reader is not None or not may_drop:
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


def _can_nobody_run(path):
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


def _see_programs_alone(program):
    """Root's user still has root's files, sockets and devices: the calling process gets a root directory of its own,
    without them. EnvironmentError."""
    from netnsctl.edge import syscalls
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount(None, '/', None, syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount('tmpfs', _VIEW, 'tmpfs', syscalls.MS_NOSUID, 'mode=0755')
    for path in _TOPS + _FILES:
        _show(path)
    for path in set((os.path.dirname(program), os.path.dirname(os.path.realpath(program)))):
        if not (path + '/').startswith(tuple(top + '/' for top in _TOPS)):
            _show(path)
    os.symlink('self/net', _VIEW + '/proc/net')
    os.mkdir(_VIEW + '/old')
    syscalls.pivot_root(_VIEW, _VIEW + '/old')
    os.chdir('/')
    syscalls.umount2('/old', syscalls.MNT_DETACH)
    with open('/proc/self/mountinfo', 'rb') as stream:
        places = [mounts.unescape(line.split()[4]) for line in stream]
    for place in places:
        _try(syscalls.mount, None, place, None, syscalls.MS_REMOUNT | syscalls.MS_BIND | syscalls.MS_RDONLY
             | syscalls.MS_NOSUID)


def _show(path):
    """Has a file or a directory of the host's, if it is there, in the view too. EnvironmentError."""
    from netnsctl.edge import syscalls
    place = _VIEW + path
    if os.path.isdir(path):
        if not os.path.isdir(place):
            os.makedirs(place)
    elif os.path.exists(path):
        if not os.path.isdir(os.path.dirname(place)):
            os.makedirs(os.path.dirname(place))
        open(place, 'w').close()
    else:
        return
    syscalls.mount(path, place, None, syscalls.MS_BIND | syscalls.MS_REC)


def _try(call, *arguments):
    """Did it succeed? Nothing may raise here: the helper must start anyway."""
    try:
        call(*arguments)
    except Exception:  # ValueError: a limit above the one there is. resource.error: on Python 2, and is no OSError
        return False
    return True
