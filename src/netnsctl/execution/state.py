"""netnsctl's state directory, /run/netnsctl, and its one lock."""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import os
import time

from netnsctl.compat import monotonic, native_tree, open_cloexec, unicode_tree
from netnsctl.edge.files import json_text, own_files
from netnsctl.edge.host import is_left, write_file
from netnsctl.errors import NetnsctlError, NoAnswerError
from netnsctl.execution import signals

LOCK_SECONDS = 60.0


class State(object):
    """The state directory of a host: /run/netnsctl, or /var/run/netnsctl where there is no /run (EL6), or was none when
    that was made.

    0700 and root's, never in /tmp. Its contents describe links that do not survive a reboot, so nothing is synced to
    disk: rename(2) keeps it consistent when a process dies.
    """

    def __init__(self, host):
        self.folder = host.path(_place(host))
        self.host, self.lock_fd = host, None
        self._held = None
        self.before_unlock = None  # function, called once before the lock is released, but for an error
        self._known = set()  # directories that were looked at

    def path(self, *names):
        return '/'.join((self.folder,) + names)

    def make(self, *names):
        """Makes the directory, and one in it, and refuses one that others could have prepared. NetnsctlError."""
        own_files.make_folder(self.folder)
        if names:
            own_files.make_folder(self.path(*names))

    def require_own(self, *names):
        """As make(), but makes nothing: is the directory (the one in it) there? NetnsctlError."""
        return self._is_own(self.folder) and (not names or self._is_own(self.path(*names)))

    def _is_own(self, path):
        if path not in self._known:
            if not own_files.require_own(path):
                return False
            self._known.add(path)
        return True

    def read(self, *names):
        """The content of a file as bytes, b'' of what is not a file; None if it is missing.

        NetnsctlError if it may not be read, or others can write to it or its directory.
        """
        return own_files.read(self.path(*names)) if self.require_own(*names[:-1]) else None

    def read_json(self, *names):
        """The document in a file, strings native; None if it is missing or not JSON.

        NetnsctlError if it may not be read.
        """
        return as_json(self.read(*names))

    def has(self, folder):
        """Is there such a directory in it? Most hosts lack most of them, and need load nothing for what it is about."""
        return os.path.isdir(self.path(folder))

    def names(self, folder):
        """What a directory in it holds, but temp files: sorted list, [] if it is missing. NetnsctlError."""
        try:
            found = os.listdir(self.path(folder)) if self.require_own(folder) else []
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return []
            # "There is nothing" would be a lie, and some would act on it.
            if error.errno == errno.EACCES:
                raise NetnsctlError('read %s: permission denied' % self.path(folder), hint='Run it as root.')
            raise NetnsctlError('read %s: %s' % (self.path(folder), error.strerror))
        return sorted(name for name in found if not name.endswith('.tmp'))

    def remove(self, *names):
        """Removes a file, if it is there. NetnsctlError."""
        path = self.path(*names)
        try:
            os.unlink(path)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                raise NetnsctlError('remove %s: %s' % (path, error.strerror))

    def sweep(self, *names):
        """Removes temp files that killed runs left in a directory. With the lock held nobody else has one."""
        self._sweep(self.path(*names), lambda name: name.endswith('.tmp'))

    def sweep_ended(self, *names):
        """The same of a directory that is written to without the lock: those of processes that are gone."""
        self._sweep(self.path(*names), is_left)

    @staticmethod
    def _sweep(folder, is_meant):
        try:
            for name in os.listdir(folder):
                if is_meant(name):
                    os.unlink(os.path.join(folder, name))
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise NetnsctlError('clean up %s: %s' % (folder, error.strerror))

    def write_json(self, *names_and_value):
        """Writes a document so that either the complete old or the complete new one is there. NetnsctlError if it
        cannot be written."""
        path = self.path(*names_and_value[:-1])
        try:
            write_file(path, _json(names_and_value[-1]))
        except OSError as error:
            raise NetnsctlError('write %s: %s' % (path, error.strerror))

    def is_locked(self):
        """Does another netnsctl hold the lock right now?"""
        return _refuses(self.path('lock'), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, fcntl.LOCK_SH)

    def say_held(self):
        """Says, until this process ends, that its runtime holds a container meanwhile (edge.host.Host.is_waited_for).

        By a shared lock on the directory itself: that ends with the process however that does.
        """
        if self._held is None:
            self.make()
            self._held = open_cloexec(self.folder, os.O_RDONLY)
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def is_any_held(self):
        """Is there a process that says so?"""
        return _refuses(self.folder, os.O_RDONLY, fcntl.LOCK_EX)

    def locked(self, seconds=LOCK_SECONDS):
        """Context that holds the lock. NoAnswerError if another netnsctl holds it past the limit."""
        return _Locked(self, seconds)


def _place(host):
    """Where the directory is, or is to be. On EL6 /run may be made at any time: `docker run -v /run:/run` does that."""
    if not host.exists('/run'):
        return '/var/run/netnsctl'
    old = host.path('/var/run')  # nearly everywhere a link to /run: the only look that a wire pays for
    if os.path.islink(old) or not os.path.isdir(old + '/netnsctl') or os.path.samefile(old, host.path('/run')):
        return '/run/netnsctl'
    return '/var/run/netnsctl'


def _refuses(path, flags, lock):
    """Does a lock that somebody has there right now refuse us this one? None is kept."""
    try:
        descriptor = open_cloexec(path, flags)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
    except (OSError, IOError):
        return True
    finally:
        os.close(descriptor)
    return False


def as_json(data):
    """The JSON document in bytes, strings native; None of what is none."""
    if not data:
        return None
    try:
        return native_tree(json_text.loads(data.decode('utf-8')))
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than the interpreter's stack
        return None


def _json(value):
    try:
        return json_text.dumps(value)
    except UnicodeDecodeError:  # Python 2, of bytes that are not UTF-8
        return json_text.dumps(unicode_tree(value))


class _Locked(object):
    def __init__(self, state, seconds):
        self.state = state
        self.seconds = seconds
        self._owner = os.getpid()

    def __enter__(self):
        state = self.state
        state.make()
        path = state.path('lock')
        try:
            state.lock_fd = open_cloexec(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        except OSError as error:
            raise NetnsctlError('open %s: %s' % (path, error.strerror))
        try:
            self._acquire(path)
        except BaseException:
            self.__exit__()
            raise
        state.host.is_waited_for = state.is_any_held
        return state

    def _acquire(self, path):
        deadline = monotonic() + self.seconds
        pause = 0.002
        while True:
            try:
                fcntl.flock(self.state.lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except (OSError, IOError) as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise NetnsctlError('lock %s: %s' % (path, error.strerror))
            if monotonic() > deadline:
                error = NoAnswerError('lock %s: another netnsctl has held it for more than %d s' % (path, self.seconds),
                                      hint='`fuser %s` names its process.' % path)
                error.may_pass = True
                raise error
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def __exit__(self, kind=None, *_):
        self.state.host.is_waited_for = None
        before, self.state.before_unlock = self.state.before_unlock, None
        # A signal waits: what it began would take the lock again, and wait for ourselves.
        with signals.held():
            try:
                if before is not None and kind is None:
                    before()
            finally:
                # An `ip` that outlived a killed netnsctl holds the lock until it ends; here every helper has ended.
                if self.state.lock_fd is not None:
                    self._release(self.state.lock_fd)
                    self.state.lock_fd = None

    def _release(self, descriptor):
        # Not by closing alone: a child that another thread of this program forked meanwhile has a copy. What such a
        # fork does is nothing to the lock of the process that has it.
        try:
            if os.getpid() == self._owner:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        except (OSError, IOError):
            pass  # what was done is done, and closing lets go of it for this process
        finally:
            os.close(descriptor)
