"""Directories and files that netnsctl keeps for itself: made so that nobody else can write to them, whatever the umask,
and refused if somebody can.

What is read from them is trusted, and acted upon as root.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat

from netnsctl.compat import open_cloexec, read_all
from netnsctl.errors import NetnsctlError

_ST_RDONLY = 1  # statvfs(3)


def make_folder(path, mode=0o700, parents=False):
    """Makes a directory (real path) of that mode, and with parents those that are missing above it (0755); one that is
    there stays as it is, and has to pass require_own(). NetnsctlError.

    One at a time: the mode of os.makedirs() is the last directory's alone from Python 3.7 on, and the umask takes from
    it.
    """
    try:
        _make(path, mode, parents)
    except OSError as error:
        raise NetnsctlError('make %s: %s' % (path, error.strerror))
    require_own(path)


def _make(path, mode, parents):
    try:
        os.mkdir(path, mode)
    except OSError as error:
        if error.errno == errno.EEXIST:
            return
        if error.errno != errno.ENOENT or not parents:
            raise
        _make(os.path.dirname(path), 0o755, parents)
        os.mkdir(path, mode)
    if mode & 0o077:
        os.chmod(path, mode)


def require_own(path):
    """Refuses a directory that others could have put something into: is it there? NetnsctlError."""
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return False
        raise _unreadable(path, error)
    if status.st_uid == 0 and os.geteuid() != 0:
        raise NetnsctlError('%s: it belongs to root' % path, hint='Run it as root.')
    if not stat.S_ISDIR(status.st_mode) or _is_open_to_others(status):
        raise NetnsctlError('%s: not a directory that only its owner can write to' % path,
                            hint='netnsctl does not use what others may have put there. See who did:\n  ls -lan %s'
                                 % path)
    return True


def why_not_writable(path, needs_space=True):
    """Why nothing can be written into a directory (real path), in the kernel's words, or None. Nothing is written.
    needs_space: False where it is only names of empty files, which take none."""
    try:
        about = os.statvfs(path)
    except OSError as error:
        return error.strerror
    if about.f_flag & _ST_RDONLY:
        return os.strerror(errno.EROFS)
    # Some file systems count no blocks, or no inodes; some keep a part of them for root.
    blocks, inodes = (about.f_bfree, about.f_ffree) if os.geteuid() == 0 else (about.f_bavail, about.f_favail)
    if needs_space and about.f_blocks and not blocks or about.f_files and not inodes:
        return os.strerror(errno.ENOSPC)
    return None if os.access(path, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)


def _is_open_to_others(status):
    return status.st_uid not in (0, os.geteuid()) or bool(status.st_mode & 0o022)


def read(path):
    """The content of a file (real path) as bytes; b'' of what is not a file: a symlink, a FIFO, a directory; None if it
    is missing. NetnsctlError if it may not be read, or others can write to it."""
    try:
        # O_NONBLOCK: do not wait for a FIFO.
        descriptor = open_cloexec(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO):
            return None if error.errno == errno.ENOENT else b''
        raise _unreadable(path, error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return b''
        if _is_open_to_others(status):
            raise NetnsctlError('read %s: users other than its owner can write to it' % path)
        return read_all(descriptor)
    except OSError as error:
        raise _unreadable(path, error)
    finally:
        os.close(descriptor)


def create(path, mode=0o600):
    """A new file, for writing, close-on-exec: its descriptor. OSError, EEXIST where there is anything of that name."""
    descriptor = open_cloexec(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    os.fchmod(descriptor, mode)
    return descriptor


def _unreadable(path, error):
    return NetnsctlError('read %s: %s' % (path, error.strerror),
                         hint='Run it as root.' if error.errno == errno.EACCES else None)
