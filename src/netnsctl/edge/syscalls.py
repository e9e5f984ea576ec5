"""The system calls that Python does not offer, through the C module of ctypes: ctypes itself takes seven times as long
to load, and every command that enters a namespace would wait for it.

setns is called by its number: glibc 2.12 (EL6) has no wrapper for it and Python has
os.setns only from 3.12 on. Numbers: the kernel's own tables (arch/*/syscalls).
"""
from __future__ import absolute_import, division, print_function

import _ctypes
import errno
import os

from netnsctl.compat import to_bytes

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
MS_RDONLY = 1
MS_NOSUID = 2
MS_REMOUNT = 32
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MS_SLAVE = 1 << 19
MS_SHARED = 1 << 20
MS_BIND = 4096
MNT_DETACH = 2
MNT_EXPIRE = 4
UMOUNT_NOFOLLOW = 8
_FSCONFIG_CMD_CREATE = 6
_MOVE_MOUNT_EMPTY_PATHS = 0x4 | 0x40
_O_CLOEXEC = 0o2000000
_MOUNT_ATTR_HARMLESS = 1 | 2 | 4 | 8  # read-only, no set-user-ID, no devices, no programs

_SETNS = {
    'x86_64': 308, 'i386': 346, 'i486': 346, 'i586': 346, 'i686': 346, 'aarch64': 268, 'riscv64': 268, 'riscv32': 268,
    'ppc64': 350, 'ppc64le': 350, 's390': 339, 's390x': 339, 'loongarch64': 268,
}

# Of gettid(2), for kernels without /proc/thread-self (before 3.17); glibc has a wrapper since 2.30.
_GETTID = {'x86_64': 186, 'i386': 224, 'i486': 224, 'i586': 224, 'i686': 224, 'aarch64': 178, 'ppc64': 207,
           'ppc64le': 207, 's390': 236, 's390x': 236}


class _Int(_ctypes._SimpleCData):
    _type_ = 'i'


class _UnsignedInt(_ctypes._SimpleCData):
    _type_ = 'I'


class _Long(_ctypes._SimpleCData):
    _type_ = 'l'


class _UnsignedLong(_ctypes._SimpleCData):
    _type_ = 'L'


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Int


class _Libc(object):
    """The C library's functions that return an int, by their names, as ctypes.CDLL(None, use_errno=True) has them."""

    def __getattr__(self, name):
        function = _Function(_ctypes.dlsym(_HANDLE, name))
        setattr(self, name, function)
        return function


_HANDLE = _ctypes.dlopen(None, 0)
_libc = _Libc()


def setns_number(machine=None, pointer_size=None):
    """The number of setns(2) for a machine as uname says it, or None if it is not known.

    A 32-bit program under a 64-bit x86 kernel has the 32-bit number: pointer_size (bytes) tells.
    """
    machine = machine or os.uname()[4]
    pointer_size = pointer_size or _ctypes.sizeof(_Long)
    if machine == 'x86_64' and pointer_size == 4:
        return _SETNS['i386']
    if machine.startswith('arm'):
        return 375
    return _SETNS.get(machine)


_NUMBER = setns_number()


def _check(result):
    if result == -1:
        number = _ctypes.get_errno()
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
    _check(_libc.syscall(_Long(number), _Int(descriptor), _Int(kind)))


def own_folder():
    """The directory of the calling thread in /proc: /proc/self, which is that of the process's first thread, where the
    number of gettid(2) is not known."""
    machine = os.uname()[4]
    is_32_bit = machine == 'x86_64' and _ctypes.sizeof(_Long) == 4
    number = 224 if is_32_bit or machine.startswith('arm') else _GETTID.get(machine)
    return '/proc/self' if number is None else '/proc/self/task/%d' % _libc.syscall(_Long(number))


def unshare(flags):
    """unshare(2). OSError: EPERM, EINVAL where the kernel has no such namespaces."""
    _check(_libc.unshare(_Int(flags)))


def mount(source, target, fstype, flags, data=None):
    """mount(2); source, fstype and data may be None. OSError as the kernel gives it."""
    _check(_libc.mount(*[None if item is None else to_bytes(item) for item in (source, target, fstype)]
                       + [_UnsignedLong(flags), None if data is None else to_bytes(data)]))


def umount2(target, flags):
    """umount2(2). OSError as the kernel gives it."""
    _check(_libc.umount2(to_bytes(target), _Int(flags)))


def pivot_root(new, old):
    """pivot_root(2): the file system on new becomes the root directory, and the present one is on old, below it.
    OSError: EINVAL where new is not a mount point, or the present one is that of an initial RAM disk."""
    _check(_libc.pivot_root(to_bytes(new), to_bytes(old)))


def detached_mount(fstype):
    """A new file system of the calling thread's namespaces that is mounted nowhere (fsopen(2), fsconfig(2), fsmount(2);
    Linux 5.2, the same numbers everywhere but on alpha): the descriptor of its root. OSError: ENOSYS, EPERM."""
    kind = _check(_libc.syscall(_Long(430), to_bytes(fstype), _UnsignedInt(1)))
    try:
        _check(_libc.syscall(_Long(431), _Int(kind), _UnsignedInt(_FSCONFIG_CMD_CREATE), None, None,
                             _Int(0)))
        return _check(_libc.syscall(_Long(432), _Int(kind), _UnsignedInt(1),
                                    _UnsignedInt(_MOUNT_ATTR_HARMLESS)))
    finally:
        os.close(kind)


def mount_upon(mounted, lower):
    """move_mount(2), Linux 5.2, the same number everywhere but on alpha: puts a mount upon another, each named by the
    descriptor of its root. OSError: ENOSYS; EINVAL where neither is mounted anywhere (before 6.15)."""
    _check(_libc.syscall(_Long(429), _Int(mounted), b'', _Int(lower), b'', _UnsignedInt(_MOVE_MOUNT_EMPTY_PATHS)))


def open_at(folder, name, flags):
    """openat(2), close-on-exec: a descriptor of a file in the directory of a descriptor. OSError."""
    return _check(_libc.openat(_Int(folder), to_bytes(name), _Int(flags | _O_CLOEXEC)))


def prctl(option, *arguments):
    """prctl(2) with up to four numbers; those that are not given are 0. OSError."""
    numbers = arguments + (0,) * (4 - len(arguments))
    return _check(_libc.prctl(_Int(option), *[_UnsignedLong(number) for number in numbers]))


def end_with_parent(signum):
    """prctl(2) with PR_SET_PDEATHSIG: the kernel sends this process a signal when its parent ends, however it ends; so
    it stays through exec. OSError."""
    prctl(1, signum)


def capset(mask):
    """capset(2): the capabilities of a mask, and no others, are effective, permitted and inheritable. OSError."""
    # linux/capability.h, version 3: header {version, pid}, twice {effective, permitted, inheritable}.
    low, high = mask & 0xffffffff, mask >> 32
    _check(_libc.capset((_UnsignedInt * 2)(0x20080522, 0), (_UnsignedInt * 6)(low, low, low, high, high, high)))


def pidfd_open(pid):
    """pidfd_open(2), Linux 5.3, the same number everywhere but on alpha: a descriptor that is readable once the process
    ends. OSError: ENOSYS, ESRCH."""
    return _check(_libc.syscall(_Long(434), _Int(pid), _UnsignedInt(0)))


def inotify_init():
    """inotify_init1(2) with IN_CLOEXEC: a descriptor. OSError."""
    return _check(_libc.inotify_init1(_Int(_O_CLOEXEC)))


def inotify_add_watch(descriptor, path, mask):
    """inotify_add_watch(2): the number of the watch. OSError."""
    return _check(_libc.inotify_add_watch(_Int(descriptor), to_bytes(path),
                                          _UnsignedInt(mask)))
