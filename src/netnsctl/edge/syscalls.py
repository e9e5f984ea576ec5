"""The system calls that Python does not offer, through ctypes.

setns is called by its number: glibc 2.12 (EL6) has no wrapper for it and Python has
os.setns only from 3.12 on. Numbers: the kernel's own tables (arch/*/syscalls).
"""
from __future__ import absolute_import, division, print_function

import ctypes
import errno
import os

from netnsctl.compat import to_bytes

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
MS_RDONLY = 1
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20
MS_BIND = 4096
MNT_DETACH = 2
MNT_EXPIRE = 4
UMOUNT_NOFOLLOW = 8
_FSCONFIG_CMD_CREATE = 6
_MOUNT_ATTR_HARMLESS = 1 | 2 | 4 | 8  # read-only, no set-user-ID, no devices, no programs

_SETNS = {
    'x86_64': 308, 'i386': 346, 'i486': 346, 'i586': 346, 'i686': 346, 'aarch64': 268, 'riscv64': 268, 'riscv32': 268,
    'ppc64': 350, 'ppc64le': 350, 's390': 339, 's390x': 339, 'loongarch64': 268,
}

# Of gettid(2), for kernels without /proc/thread-self (before 3.17); glibc has a wrapper since 2.30.
_GETTID = {'x86_64': 186, 'i386': 224, 'i486': 224, 'i586': 224, 'i686': 224, 'aarch64': 178, 'ppc64': 207,
           'ppc64le': 207, 's390': 236, 's390x': 236}

_libc = ctypes.CDLL(None, use_errno=True)


def setns_number(machine=None, pointer_size=None):
    """The number of setns(2) for a machine as uname says it, or None if it is not known.

    A 32-bit program under a 64-bit x86 kernel has the 32-bit number: pointer_size (bytes) tells.
    """
    machine = machine or os.uname()[4]
    pointer_size = pointer_size or ctypes.sizeof(ctypes.c_void_p)
    if machine == 'x86_64' and pointer_size == 4:
        return _SETNS['i386']
    if machine.startswith('arm'):
        return 375
    return _SETNS.get(machine)


_NUMBER = setns_number()


def _check(result):
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def setns(descriptor, kind=CLONE_NEWNET):
    """setns(2): the calling thread enters the namespace of that descriptor.

    OSError: EINVAL the descriptor is no namespace of that kind (so a stale name shows),
    EPERM no CAP_SYS_ADMIN, ENOSYS a kernel before 2.6.32-384.el6 or 3.0.
    """
    number = _NUMBER
    if number is None:
        raise OSError(errno.ENOSYS, 'setns: the number of this system call is not known for %s' % os.uname()[4])
    _check(_libc.syscall(ctypes.c_long(number), ctypes.c_int(descriptor), ctypes.c_int(kind)))


def own_folder():
    """The directory of the calling thread in /proc: /proc/self, which is that of the process's first thread, where the
    number of gettid(2) is not known."""
    machine = os.uname()[4]
    is_32_bit = machine == 'x86_64' and ctypes.sizeof(ctypes.c_void_p) == 4
    number = 224 if is_32_bit or machine.startswith('arm') else _GETTID.get(machine)
    return '/proc/self' if number is None else '/proc/self/task/%d' % _libc.syscall(ctypes.c_long(number))


def unshare(flags):
    """unshare(2). OSError: EPERM, EINVAL where the kernel has no such namespaces."""
    _check(_libc.unshare(ctypes.c_int(flags)))


def mount(source, target, fstype, flags, data=None):
    """mount(2); source, fstype and data may be None. OSError as the kernel gives it."""
    _check(_libc.mount(*[None if item is None else ctypes.c_char_p(to_bytes(item)) for item in (source, target, fstype)]
                       + [ctypes.c_ulong(flags), None if data is None else ctypes.c_char_p(to_bytes(data))]))


def umount2(target, flags):
    """umount2(2). OSError as the kernel gives it."""
    _check(_libc.umount2(ctypes.c_char_p(to_bytes(target)), ctypes.c_int(flags)))


def detached_mount(fstype):
    """A new file system of the calling thread's namespaces that is mounted nowhere (fsopen(2), fsconfig(2), fsmount(2);
    Linux 5.2, the same numbers everywhere but on alpha): the descriptor of its root. OSError: ENOSYS, EPERM."""
    kind = _check(_libc.syscall(ctypes.c_long(430), ctypes.c_char_p(to_bytes(fstype)), ctypes.c_uint(1)))
    try:
        _check(_libc.syscall(ctypes.c_long(431), ctypes.c_int(kind), ctypes.c_uint(_FSCONFIG_CMD_CREATE), None, None,
                             ctypes.c_int(0)))
        return _check(_libc.syscall(ctypes.c_long(432), ctypes.c_int(kind), ctypes.c_uint(1),
                                    ctypes.c_uint(_MOUNT_ATTR_HARMLESS)))
    finally:
        os.close(kind)


def prctl(option, *arguments):
    """prctl(2) with up to four numbers; those that are not given are 0. OSError."""
    numbers = arguments + (0,) * (4 - len(arguments))
    return _check(_libc.prctl(ctypes.c_int(option), *[ctypes.c_ulong(number) for number in numbers]))


def end_with_parent(signum):
    """prctl(2) with PR_SET_PDEATHSIG: the kernel sends this process a signal when its parent ends, however it ends; so
    it stays through exec. OSError."""
    prctl(1, signum)


def capset(mask):
    """capset(2): the capabilities of a mask, and no others, are effective, permitted and inheritable. OSError."""
    # linux/capability.h, version 3: header {version, pid}, twice {effective, permitted, inheritable}.
    low, high = mask & 0xffffffff, mask >> 32
    _check(_libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(low, low, low, high, high, high)))


def pidfd_open(pid):
    """pidfd_open(2), Linux 5.3, the same number everywhere but on alpha: a descriptor that is readable once the process
    ends. OSError: ENOSYS, ESRCH."""
    return _check(_libc.syscall(ctypes.c_long(434), ctypes.c_int(pid), ctypes.c_uint(0)))


def inotify_init():
    """inotify_init1(2) with IN_CLOEXEC: a descriptor. OSError."""
    return _check(_libc.inotify_init1(ctypes.c_int(0o2000000)))


def inotify_add_watch(descriptor, path, mask):
    """inotify_add_watch(2): the number of the watch. OSError."""
    return _check(_libc.inotify_add_watch(ctypes.c_int(descriptor), ctypes.c_char_p(to_bytes(path)),
                                          ctypes.c_uint32(mask)))
