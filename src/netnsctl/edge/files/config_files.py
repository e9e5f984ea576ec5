"""Files of the config tree: read only if nobody but root can have written them, and written completely or not at
all."""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat

from netnsctl.compat import native, open_cloexec, read_all
from netnsctl.edge.host import remove_temp_files, write_file
from netnsctl.errors import NetnsctlError, UsageError

LIMIT = 1 << 16


def _refuse_others(status, place):
    if status.st_uid not in (0, os.geteuid()):
        raise UsageError('%s: it does not belong to root' % place, hint='chown root %s' % place)
    if status.st_mode & 0o022:
        raise UsageError('%s: users other than its owner can write to it' % place, hint='chmod go-w %s' % place)


def _refuse_folder(path, place):
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise UsageError('%s: not a directory' % place)
    _refuse_others(status, place)


def list_folder(host, place):
    """Names in a directory of the tree, sorted; empty if the directory does not exist.

    UsageError if it is a symlink, no directory, not root's, or others can write to it; NetnsctlError if it cannot be
    read.
    """
    path = host.path(place)
    try:
        _refuse_folder(path, place)
        return sorted(native(name) for name in os.listdir(path))
    except OSError as error:
        if error.errno == errno.ENOENT:
            return []
        raise NetnsctlError('read %s: %s' % (place, error.strerror))


def is_folder(host, place):
    """Is it a directory, and not a symlink to one?"""
    try:
        return stat.S_ISDIR(os.lstat(host.path(place)).st_mode)
    except OSError:
        return False


def read(host, place):
    """The text of a file of the tree; None if there is none. Its directory has been through list_folder().

    UsageError for a symlink, a FIFO, a directory, a file that is not root's or that others can write to, or one that is
    too long; NetnsctlError if it cannot be read.
    """
    try:
        descriptor = open_cloexec(host.path(place), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (OSError, IOError) as error:
        if error.errno == errno.ENOENT:
            return None
        if error.errno == errno.ELOOP:
            raise UsageError('%s: a symlink' % place)
        raise NetnsctlError('read %s: %s' % (place, error.strerror))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UsageError('%s: not a file' % place)
        _refuse_others(status, place)
        if status.st_size > LIMIT:
            raise UsageError('%s: longer than %d bytes' % (place, LIMIT))
        return native(read_all(descriptor, LIMIT))
    except (OSError, IOError) as error:
        raise NetnsctlError('read %s: %s' % (place, error.strerror))
    finally:
        os.close(descriptor)


def is_symlink(host, place):
    """Is there a symlink?"""
    return os.path.islink(host.path(place))


def make_folders(host, place, made=None):
    """Makes the directories that a file of the tree is to lie in, 0755. made: a list that gets those that were missing,
    each before it is made: a signal may come right after that.

    UsageError for one that list_folder() refuses: of the file's own directory and the one above it, which is the tree's
    root; below a root other than / no directory on the way may be a symlink either. NetnsctlError.
    """
    parts = place.split('/')[1:-1]
    for count in range(1, len(parts) + 1):
        folder = '/' + '/'.join(parts[:count])
        path = host.path(folder)
        try:
            if not os.path.lexists(path):
                if made is not None:
                    made.append(folder)
                os.mkdir(path, 0o755)
                os.chmod(path, 0o755)  # nosec B103 # whatever the umask: /etc is everybody's to read
            elif count > len(parts) - 2:
                _refuse_folder(path, folder)
            elif host.root and not is_folder(host, folder):
                raise UsageError('%s: not a directory' % path)
        except OSError as error:
            raise NetnsctlError('write %s: %s' % (place, error.strerror))


def require_writable_place(host, place):
    """UsageError if what is at a file's place is not a file."""
    path = host.path(place)
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise UsageError('%s: something other than a file is in its place' % place)


def write(host, place, text):
    """Writes a file of the tree, 0644, with its directories, 0755. NetnsctlError; an old file is then as it was.

    UsageError if a directory on the way, or the file, is what read() would refuse.
    """
    try:
        make_folders(host, place)
        require_writable_place(host, place)
        write_file(host.path(place), text, 0o644, sync=True)
    except (OSError, IOError) as error:
        raise NetnsctlError('write %s: %s' % (place, error.strerror))


class Below(object):
    """Context that writes files of the tree below a directory (real path) which may be another user's.

    Each directory on the way is opened from the one above it: whatever is swapped for a symlink meanwhile leads
    nowhere. NetnsctlError if it cannot be opened.
    """

    def __init__(self, root):
        self.root = root
        self._descriptor = None

    def __enter__(self):
        try:
            self._descriptor = open_cloexec(self.root, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise NetnsctlError('write below %s: %s' % (self.root, error.strerror))
        return self

    def __exit__(self, *_):
        os.close(self._descriptor)

    def write(self, place, text):
        """As write(); removes the file where the text is None."""
        parts = place.split('/')[1:]
        descriptor = os.dup(self._descriptor)
        try:
            for count, name in enumerate(parts[:-1], 1):
                above, descriptor = descriptor, self._enter(descriptor, name, '/'.join(parts[:count]))
                os.close(above)
                if count > len(parts) - 3:
                    _refuse_others(os.fstat(descriptor), self._shown('/'.join(parts[:count])))
            # Python before 3.3 has no openat(2), and no *at(2) to rename by: this is the same.
            path = '/proc/self/fd/%d/%s' % (descriptor, parts[-1])
            if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
                raise UsageError('%s: something other than a file is in its place' % self._shown(place[1:]))
            remove_temp_files(path, is_alone=False)
            if text is None:
                os.unlink(path)
            else:
                write_file(path, text, 0o644, sync=True)
        except (OSError, IOError) as error:
            raise NetnsctlError('write %s: %s' % (self._shown(place[1:]), error.strerror))
        finally:
            os.close(descriptor)

    def _shown(self, relative):
        return '%s/%s' % (self.root.rstrip('/'), relative)

    def _enter(self, descriptor, name, relative):
        path = '/proc/self/fd/%d/%s' % (descriptor, name)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        try:
            return open_cloexec(path, flags)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise UsageError('%s: not a directory' % self._shown(relative))
            if error.errno != errno.ENOENT:
                raise
        os.mkdir(path, 0o755)
        made = open_cloexec(path, flags)
        os.fchmod(made, 0o755)  # nosec B103 # as above
        return made


def remove(host, place):
    """Removes a file of the tree, and its directory with the last one. True if it was there. NetnsctlError."""
    path = host.path(place)
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return False
        raise NetnsctlError('remove %s: %s' % (place, error.strerror))
    try:
        os.rmdir(os.path.dirname(path))
    except OSError:
        pass  # it holds more
    return True
