"""Several files of the config tree written together: all are new, or all are as they were.

All new files are first written and synced under temp names; then a note in the tree's root lists them, and from then on
the save is valid: the next reader of the tree after a kill finishes it.
"""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import json
import os
import re
import stat
import time

from netnsctl.compat import monotonic, native_tree, open_cloexec, to_bytes, unicode_tree
from netnsctl.edge.files import config_files
from netnsctl.edge.host import keep_owner
from netnsctl.errors import NetnsctlError, NoAnswerError, UsageError

NOTE = '.saving'
WAIT_SECONDS = 5  # for another process that is in the middle of its renames
_TEMP = re.compile(r'\.([0-9]{1,10})(\.old)?\.tmp\Z')
_ROW = re.compile(r'(?!\.)[^/]+/(?!\.)[^/]+\Z')


class Batch(object):
    """prepare(), then commit() with signals held, then forget(), or undo() to restore everything.

    root: the tree's, /etc/sysconfig/netns. The caller holds the lock of the state, so that there is one at a time.
    """

    def __init__(self, host, root):
        self.host, self.root = host, root
        self.rows = []     # (place, temp or None if the file goes, old or None if there was none)
        self.folders = []  # that were made for it
        self.done = 0      # rows that are renamed
        self.note = None   # descriptor of the note, locked

    def prepare(self, changes, like=None):
        """Writes what has to be written [(place, text; None: remove it)], each under a temp name in its own directory.
        like: {place: os.stat} whose mode and owner files get that are not there, instead of 0644 and root's.

        NetnsctlError, UsageError: nothing is left then.
        """
        try:
            for place, text in changes:
                config_files.make_folders(self.host, place, self.folders)
                config_files.require_writable_place(self.host, place)
                self._prepare(place, text, (like or {}).get(place))
        except (OSError, IOError) as error:
            self.undo()
            raise NetnsctlError('write %s: %s' % (place, error.strerror))
        except BaseException:
            self.undo()
            raise

    def _prepare(self, place, text, like):
        base = '%s.%d' % (place, os.getpid())
        temp, old = None if text is None else base + '.tmp', base + '.old.tmp'
        path = self.host.path(place)
        if not os.path.lexists(path):
            old = None
        self.rows.append((place, temp, old))  # first: what is half made has to go as well
        if old is not None:
            like = status_of(self.host, place)
            _unlink(self.host.path(old))
            os.link(path, self.host.path(old))
        if temp is not None:
            mode = 0o644 if like is None else stat.S_IMODE(like.st_mode)
            os.close(_write(self.host.path(temp), text, mode, like))

    def commit(self):
        """Puts the new files in place, and takes the note away. NetnsctlError if that cannot be: undo() is the caller's
        to call."""
        try:
            self._write_note()
            for place, temp, _ in self.rows:
                _put(self.host, place, temp)
                self.done += 1
            _sync_folders(self.host, self.rows)
            self._drop_note()
        except (OSError, IOError) as error:
            raise NetnsctlError('write %s: %s' % (self.rows[min(self.done, len(self.rows) - 1)][0], error.strerror))

    def _write_note(self):
        path = self.host.path('%s/%s' % (self.root, NOTE))
        rows = [(place[len(self.root) + 1:], temp and os.path.basename(temp)) for place, temp, _ in self.rows]
        temp = '%s.%d.tmp' % (path, os.getpid())
        try:
            self.note = _write(temp, json.dumps(unicode_tree(rows)), 0o600)
            fcntl.flock(self.note, fcntl.LOCK_EX)
            os.rename(temp, path)
        finally:
            _unlink(temp)

    def undo(self):
        """Restores everything. What cannot be restored stays under its temp name, and NetnsctlError names it."""
        self._drop_note()
        failed = None
        for at, (place, temp, old) in reversed(list(enumerate(self.rows))):
            path = self.host.path(place)
            try:
                if at < self.done and old is not None:
                    os.rename(self.host.path(old), path)
                elif at < self.done:
                    _unlink(path)
                elif old is not None:
                    _unlink(self.host.path(old))
                if temp is not None:
                    _unlink(self.host.path(temp))
            except OSError as error:
                failed = NetnsctlError('put back %s: %s; it is kept as %s' % (place, error.strerror, old))
        self.rows, self.done = [], 0
        for folder in reversed(self.folders):
            _rmdir(self.host.path(folder))
        if failed is not None:
            raise failed

    def forget(self):
        """Removes the old files, and directories that are now empty. What remains is removed by a later save."""
        for place, temp, old in self.rows:
            if old is not None:
                try:
                    _unlink(self.host.path(old))
                except OSError:
                    continue
            if temp is None:
                _rmdir(os.path.dirname(self.host.path(place)))

    def _drop_note(self):
        if self.note is not None:
            _unlink(self.host.path('%s/%s' % (self.root, NOTE)))
            os.close(self.note)
            self.note = None


def status_of(host, place):
    """os.lstat of a file that is there."""
    return os.lstat(host.path(place))


def finish(host, root):
    """Finishes a save that was killed after its note was written; waits for one that is under way.

    UsageError for a note that cannot be trusted or understood; NoAnswerError; NetnsctlError.
    """
    place = '%s/%s' % (root, NOTE)
    path = host.path(place)
    deadline = monotonic() + WAIT_SECONDS
    while True:
        try:
            descriptor = open_cloexec(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (OSError, IOError) as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                return
            raise UsageError('%s: %s' % (place, error.strerror))
        try:
            if _locked(descriptor):
                # It may have been removed between open and lock.
                if os.path.lexists(path) and os.lstat(path).st_ino == os.fstat(descriptor).st_ino:
                    _finish(host, root, place)
                return
        finally:
            os.close(descriptor)
        if monotonic() >= deadline:
            raise NoAnswerError('read %s: another netnsctl is writing to it and has not finished' % root)
        time.sleep(0.01)


def _finish(host, root, place):
    rows = _rows(config_files.read(host, place) or '', place, root)
    try:
        for target, temp in rows:
            if temp is None or os.path.lexists(host.path(temp)):
                _put(host, target, temp)
        _sync_folders(host, rows)
        _unlink(host.path(place))
    except (OSError, IOError) as error:
        raise NetnsctlError('finish the save noted in %s: %s' % (place, error.strerror))


def _rows(text, place, root):
    """What a note says: [(place, temp or None)]."""
    try:
        found = []
        for name, temp in native_tree(json.loads(text)):
            base = os.path.basename(name)
            is_temp = temp is None or temp.startswith(base) and _TEMP.match(temp[len(base):])
            if not _ROW.match(name) or not is_temp:
                raise ValueError
            target = '%s/%s' % (root, name)
            found.append((target, temp and '%s/%s' % (os.path.dirname(target), temp)))
        return found
    except (ValueError, TypeError, AttributeError, RuntimeError):  # RuntimeError: nested too deeply
        raise UsageError('%s: not a note written by netnsctl; the tree may be only partly saved' % place,
                         hint='Check the tree, then remove the note.')


def sweep(host, root, spaces=None):
    """Removes the temp files of saves whose process is gone, in all directories of the tree or in these. Never
    raises."""
    for folder in [root] + ['%s/%s' % (root, name) for name in (host.listdir(root) if spaces is None else spaces)]:
        if not config_files.is_folder(host, folder):
            continue
        for name in host.listdir(folder):
            match = _TEMP.search(name)
            if match and not os.path.exists('/proc/' + match.group(1)):
                try:
                    os.unlink(host.path('%s/%s' % (folder, name)))
                except OSError:
                    pass  # a later save tries again


def _write(path, text, mode, like=None):
    """Writes and syncs a file: its descriptor. like: os.stat whose owner it gets. OSError; what is half written is the
    caller's to remove."""
    descriptor = open_cloexec(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    try:
        if like is not None:
            keep_owner(descriptor, like)
        os.fchmod(descriptor, mode)  # whatever the umask
        data = to_bytes(text)
        while data:
            data = data[os.write(descriptor, data):]
        os.fsync(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _put(host, place, temp):
    if temp is None:
        _unlink(host.path(place))
    else:
        os.rename(host.path(temp), host.path(place))


def _sync_folders(host, rows):
    for folder in sorted(set(os.path.dirname(row[0]) for row in rows)):
        descriptor = open_cloexec(host.path(folder), os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _locked(descriptor):
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, IOError):
        return False
    return True


def _unlink(path):
    try:
        os.unlink(path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


def _rmdir(path):
    try:
        os.rmdir(path)
    except OSError:
        pass  # it holds more
