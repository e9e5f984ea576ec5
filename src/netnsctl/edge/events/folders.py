"""Notice that something appears in a directory or goes from it, by inotify(7), also where the directory is not there
yet."""
from __future__ import absolute_import, division, print_function

import errno
import os
import struct

from netnsctl.compat import native
from netnsctl.edge import syscalls

IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF = 0x40, 0x80, 0x100, 0x200, 0x400, 0x800
IN_ONLYDIR = 0x01000000
_MASK = IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
_HEAD = struct.Struct('=4xI4xI')


class FolderWatch(object):
    """For poll(2): fileno() becomes readable when an entry of the directory comes or goes, or the directory itself
    does.

    name: only this entry is of interest. OSError if the kernel has no inotify, or no more of it for this user.
    """

    def __init__(self, folder, name=None):
        self.folder = folder
        self.name = name
        self._descriptor = None
        self._at = None  # the directory, or its nearest ancestor that is there
        self._arm()

    def fileno(self):
        return self._descriptor

    def close(self):
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read(self):
        """Reads what is available: is it anything of interest? OSError as from the constructor."""
        try:
            data = os.read(self._descriptor, 65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return False
            raise
        of_interest = False
        moved = self._at != self.folder
        while data:
            mask, size = _HEAD.unpack(data[:_HEAD.size])
            name, data = native(data[_HEAD.size:_HEAD.size + size].rstrip(b'\0')), data[_HEAD.size + size:]
            # Without a name it is the directory itself, or IN_Q_OVERFLOW or IN_IGNORED: whatever it was, look again.
            moved = moved or not name
            of_interest = of_interest or not name or self.name in (None, name)
        if moved:
            before = self._at
            self._arm()
            of_interest = self._at == self.folder or before == self.folder
        return of_interest

    def _arm(self):
        """Watches the directory, or the nearest ancestor that is there. Done again each
        time, because a watch follows a directory that is renamed."""
        self.close()
        self._descriptor = syscalls.inotify_init()
        try:
            import fcntl
            fcntl.fcntl(self._descriptor, fcntl.F_SETFL, os.O_NONBLOCK)
            while True:
                at = self._nearest()
                try:
                    syscalls.inotify_add_watch(self._descriptor, at, _MASK)
                except OSError as error:
                    if error.errno in (errno.ENOENT, errno.ENOTDIR) and at != '/':
                        continue  # gone since it was looked at
                    raise
                # It may have been made after the look and before the watch.
                if self._nearest() == at:
                    self._at = at
                    return
        except BaseException:
            self.close()
            raise

    def _nearest(self):
        at = self.folder
        while not os.path.isdir(at) and at != '/':
            at = os.path.dirname(at)
        return at
