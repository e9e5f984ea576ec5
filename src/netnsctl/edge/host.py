"""The host: files under a root prefix, and helper programs with a fixed environment and a time limit.

The only place where text becomes bytes and back. Nothing here knows what the
files or programs are for.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import time

from netnsctl.compat import (children_waited_for, monotonic, native, open_cloexec, read_all, reap, to_bytes,
                             uninterrupted)
from netnsctl.errors import FAILURES, NetnsctlError, NoAnswerError, cause_of

# Helpers find programs only here; a user's PATH, LD_*, PYTHON*, BASH_ENV do not reach them.
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
HELPER_SECONDS = 10.0
OUTPUT_BYTES = 64 << 20
TOO_MUCH = object()


class Result(object):
    """The result of a helper program: status (negative: ended by that signal), out, err (native str)."""
    __slots__ = ('status', 'out', 'err')

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err


class Host(object):
    """A host seen under a root prefix.

    root: where the host's file tree starts ('/' for the real one, a directory in tests). environ: the environment that
    find() and run() take PATH from and DOCKER_HOST and the like are read from; by default the process's own for
    reading, PATH fixed.
    """

    def __init__(self, root='/', environ=None, path=None):
        self.root = root.rstrip('/')
        # While this process holds the lock of the state, a function: is there a process that waits for the lock, or may
        # soon, while its runtime holds a container and answers nobody about it?
        self.is_waited_for = None
        # Container runtimes that were asked in vain: edge.runtimes.silence.
        self.unanswered = {}
        self.environ = os.environ if environ is None else environ
        # Tests, or users who must, point netnsctl at other helpers with this variable.
        self.search_path = path or self.environ.get('NETNSCTL_PATH') or PATH

    def path(self, absolute):
        """The real path of an absolute path of this host."""
        return self.root + absolute

    def read(self, absolute, limit=1 << 20):
        """The file's text (at most limit bytes), or None if it cannot be read."""
        try:
            descriptor = open_cloexec(self.path(absolute), os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, IOError):
            return None
        try:
            return native(read_all(descriptor, limit))
        except (OSError, IOError):
            return None
        finally:
            os.close(descriptor)

    def listdir(self, absolute):
        """Names in a directory, sorted; empty if the directory does not exist, or may not be read.

        NetnsctlError where this process or the disk has failed: "there is nothing" would be a lie.
        """
        try:
            return sorted(native(name) for name in os.listdir(self.path(absolute)))
        except OSError as error:
            if error.errno in FAILURES:
                raise NetnsctlError('read %s: %s' % (self.path(absolute), error.strerror))
            return []

    def exists(self, absolute):
        return os.path.exists(self.path(absolute))

    def find_all(self, program):
        """Every executable of that name on the helpers' PATH, in order, as real paths."""
        found = []
        for folder in self.search_path.split(':'):
            candidate = os.path.join(self.path(folder) if self.root else folder, program)
            if os.access(candidate, os.X_OK) and not os.path.isdir(candidate):
                found.append(candidate)
        return found

    def find(self, program):
        """The first executable of that name on the helpers' PATH, or None."""
        found = self.find_all(program)
        return found[0] if found else None

    def require(self, program):
        """find(), but NetnsctlError if there is none."""
        path = self.find(program)
        if path is None:
            raise NetnsctlError('%s is not installed' % program)
        return path

    def helper_environ(self, extra=()):
        """The environment a helper gets: fixed, with only what the named variables add."""
        # Programs in Go (docker, podman) that start on several processors spend more on that than on most answers.
        environ = {'PATH': self.search_path, 'LC_ALL': 'C', 'HOME': '/root', 'TERM': 'dumb', 'GOMAXPROCS': '1'}
        for name in extra:
            if name in self.environ:
                environ[name] = self.environ[name]
        return environ

    def run(self, argv, feed='', seconds=HELPER_SECONDS, environ=(), keep=None, prepare=None):
        """Runs a helper to its end: Result.

        feed: text for its standard input. environ: names of variables passed on.
        keep: one descriptor it inherits (the lock: an orphaned `ip` holds it until it ends).
        prepare: function for the child before it becomes the helper (edge.confined), or None.
        Raises NoAnswerError past the time limit, with the helper and all it started
        ended; NetnsctlError if it cannot be started.
        """
        waited_for = children_waited_for()
        try:
            waited_for.__enter__()
        except ValueError:
            raise NetnsctlError('run %s: this process ignores SIGCHLD, so the exit status of helpers is lost' % argv[0],
                                hint='In the main thread: signal.signal(signal.SIGCHLD, signal.SIG_DFL)')
        try:
            return self._run(argv, feed, seconds, environ, keep, prepare)
        finally:
            waited_for.__exit__()

    def _run(self, argv, feed, seconds, environ, keep, prepare):
        from netnsctl.edge import child  # a wire through netlink starts no program
        process, waiting = child.start(argv, self.helper_environ(environ), keep, prepare)
        try:
            waiting.deliver()
            out, err = _exchange(process, to_bytes(feed), monotonic() + seconds)
        except EnvironmentError as error:
            _end(process)
            raise NetnsctlError('%s: talk to it: %s' % (' '.join(argv[:3]), cause_of(error)))
        except BaseException:
            _end(process)
            raise
        finally:
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()
        if out is None:
            _end(process)
            if err == TOO_MUCH:
                raise NetnsctlError('%s: printed more than %d bytes' % (' '.join(argv[:3]), OUTPUT_BYTES))
            raise NoAnswerError('%s: no answer within %g s' % (' '.join(argv[:3]), seconds))
        return Result(reap(process), native(out), native(err))


def _exchange(process, feed, deadline):
    """Feeds the helper and collects what it prints until it closes both streams: (out, err).

    (None, None) at the deadline, (None, TOO_MUCH) where it prints more than it may.
    """
    import fcntl
    import select
    streams = {process.stdout.fileno(): [], process.stderr.fileno(): []}
    open_ones = set(streams)
    sink = process.stdin.fileno()
    size = 0
    poll = select.poll()  # select(2) takes no descriptor above 1,023
    for descriptor in list(streams) + [sink]:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_NONBLOCK)
        poll.register(descriptor, select.POLLOUT if descriptor == sink else select.POLLIN)
    if not feed:
        _end_input(poll, process)
    while open_ones:
        left = deadline - monotonic()
        if left <= 0:
            return None, None
        for descriptor, _ in uninterrupted(poll.poll, int(left * 1000) + 1):
            if descriptor == sink:
                feed = _write(sink, feed)
                if not feed:
                    _end_input(poll, process)
                continue
            piece = uninterrupted(os.read, descriptor, 65536)
            if piece:
                streams[descriptor].append(piece)
                size += len(piece)
                if size > OUTPUT_BYTES:
                    return None, TOO_MUCH
            else:
                poll.unregister(descriptor)
                open_ones.discard(descriptor)
    if not _has_ended(process, deadline):
        return None, None
    return b''.join(streams[process.stdout.fileno()]), b''.join(streams[process.stderr.fileno()])


def _end_input(poll, process):
    """The helper has received all of its input."""
    poll.unregister(process.stdin.fileno())
    process.stdin.close()


def _has_ended(process, deadline):
    """Does a helper that has closed both its streams end by the deadline? It has already, or will in a moment."""
    pause = 0.00005
    while reap(process, os.WNOHANG) is None:
        if monotonic() >= deadline:
            return False
        uninterrupted(time.sleep, pause)
        pause = min(pause * 2, 0.05)
    return True


def _write(sink, feed):
    """Writes as much of the text as possible now, and returns the rest: nothing if nobody reads it."""
    try:
        return feed[uninterrupted(os.write, sink, feed[:65536]):]
    except OSError as error:
        if error.errno != errno.EPIPE:
            raise
        return b''


def _end(process):
    """Ends a helper and everything in its session, and reaps it."""
    import signal
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    reap(process)


def write_file(path, text, mode=0o600, sync=False, like=None):
    """Writes a file so that at every moment either the complete old or the complete new content is there.

    A temp name in the same directory, then rename(2). sync: fsync before the rename, for what must outlive a crash of
    the machine; state under /run dies with the links it speaks of and needs none. like: os.stat of a file whose owner
    and group the new one gets. Raises OSError with the old file as it was and no temp file left.
    """
    temp = '%s.%d.tmp' % (path, os.getpid())
    ours = True  # from before the open: a signal may come right after it
    try:
        try:
            descriptor = _open_temp(temp, mode)
        except EnvironmentError:
            ours = False
            raise
        try:
            if like is not None:
                keep_owner(descriptor, like)
            os.fchmod(descriptor, mode)  # whatever the umask
            data = to_bytes(text)
            while data:
                data = data[os.write(descriptor, data):]
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(temp, path)
    except BaseException:
        if ours:
            _remove(temp)
        raise


def keep_owner(descriptor, like):
    """Gives a new file the owner and group of another (os.stat), where this process may: it needs CAP_CHOWN, and a user
    namespace that knows them."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.fchown(descriptor, like.st_uid, like.st_gid)
        except OSError:
            pass


def _open_temp(temp, mode):
    """Always a new file: an existing one could be a link to anything."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        return open_cloexec(temp, flags, mode)
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise
    os.unlink(temp)  # by a process that had our PID, and was killed
    return open_cloexec(temp, flags, mode)


def remove_temp_files(path, is_alone=True):
    """Removes the temp files beside a file that runs of write_file() left which were killed; one that cannot be removed
    is a later run's. is_alone: does a lock keep other writers away? Else those of other processes that run stay."""
    import re
    folder, base = os.path.split(path)
    try:
        names = os.listdir(folder or '.')
    except OSError:
        return
    own = '.%d.tmp' % os.getpid()
    for name in names:
        if re.match(re.escape(base) + r'\.[0-9]+\.tmp\Z', name) and (
                is_alone or name.endswith(own) or is_left(name)):
            _remove(os.path.join(folder, name))


def is_left(name):
    """Is this the name of a temp file of write_file() whose process is gone?"""
    before, _, ending = name.rpartition('.')
    return ending == 'tmp' and not os.path.exists('/proc/' + (before.rpartition('.')[2] or '-'))


def _remove(path):
    """Removes a file that may be gone: a signal may come right after the rename."""
    try:
        os.unlink(path)
    except OSError:
        pass
