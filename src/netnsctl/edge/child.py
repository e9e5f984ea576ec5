"""Starts children that no signal can lose: helper programs (for edge.host), and forks; and runs work that may hang,
crash or change its process in a forked child with a time limit, since a thread that waits in the kernel, or in a C
library, cannot be ended.
"""
from __future__ import absolute_import, division, print_function

import fcntl
import os

from netnsctl.compat import (PY3, children_waited_for, is_readable, monotonic, native, open_cloexec, signal_module,
                             to_bytes, uninterrupted)
from netnsctl.errors import NetnsctlError, NoAnswerError, cause_of

_DIED = '\0'
signal = signal_module()
_MAY_RAISE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Waiting(object):
    """From here on signals wait until deliver(), which the parent of a new child calls where it can end the child. An
    exception that came while the child is started would leave nobody who knows of it."""

    def __init__(self):
        self._came, self._before = [], []
        try:
            for signum in _MAY_RAISE:
                handler = signal.getsignal(signum)
                if callable(handler):
                    signal.signal(signum, self._note)
                    self._before.append((signum, handler))
        except ValueError:
            pass  # not the main thread: signals do not come here

    def _note(self, signum, _frame):
        self._came.append((signum, os.getpid()))

    def deliver(self):
        """Signals come at once again, and one that has come to this process comes now."""
        for signum, handler in self._before:
            signal.signal(signum, handler)
        for signum, _ in [row for row in self._came if row[1] == os.getpid()][:1]:
            dict(self._before)[signum](signum, None)


class Fork(Waiting):
    """A fork of this process. pid: as os.fork() gives it. OSError if there can be no other process.

    Python runs hooks around a fork (those of `logging`, say), and drops what a handler of a signal raises in one of
    them: nobody would hear of the signal. Those that came to the parent are left to it. The child calls deliver() too,
    where what that raises ends it: nowhere else, since the parent's code would go on in it.
    """

    def __init__(self):
        Waiting.__init__(self)
        try:
            self.pid = os.fork()
        except OSError:
            self.deliver()
            raise


def start(argv, environ, keep, prepare):
    """Starts a helper program, as Host.run() says: (what reap() takes, with stdin, stdout and stderr; Waiting, to be
    delivered). NetnsctlError if it cannot be started."""
    waiting = Waiting()
    try:
        return _start(argv, environ, keep, prepare), waiting
    except BaseException:
        waiting.deliver()
        raise


def _start(argv, environ, keep, prepare):
    try:
        process = _spawned(argv, environ, keep) if prepare is None and _may_spawn(argv) else None
        if process is not None:
            return process
        import subprocess
        return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environ, cwd='/', **popen_options(keep, prepare))
    except (OSError, ValueError, TypeError) as error:  # TypeError: Python 2's word for a NUL byte
        raise NetnsctlError('cannot run %s: %s' % (argv[0], cause_of(error)))


class _Spawned(object):
    """What is used of a Popen here: pid, returncode, stdin, stdout, stderr (unbuffered files)."""

    def __init__(self, pid, stdin, stdout, stderr):
        self.pid, self.returncode = pid, None
        self.stdin, self.stdout, self.stderr = os.fdopen(stdin, 'wb', 0), open(stdout, 'rb', 0), open(stderr, 'rb', 0)


def _may_spawn(argv):
    """Can _spawned() do it: from Python 3.8 on, and where no other thread would see this process in another folder?"""
    if not hasattr(os, 'posix_spawn') or '/' not in argv[0]:
        return False
    import _thread  # novm
    return _thread._count() == 0


def _spawned(argv, environ, keep):
    """What Popen() with popen_options() would start, by posix_spawn(3): a _Spawned, or None where that cannot be done
    here. Loading subprocess takes as long as four runs of `ip`. OSError, ValueError."""
    pipes = [os.pipe() for _ in range(3)]
    ours, theirs = [pipes[0][1], pipes[1][0], pipes[2][0]], [pipes[0][0], pipes[1][1], pipes[2][1]]
    try:
        pid = _spawn(argv, environ, theirs, keep) if min(ours + theirs) > 2 else None
    except BaseException:
        _close_all(ours + theirs)
        raise
    _close_all(theirs + (ours if pid is None else []))
    return None if pid is None else _Spawned(pid, *ours)


def _spawn(argv, environ, streams, keep):
    """Starts a helper in / with these descriptors as its standard streams: its PID, or None."""
    strays = [descriptor for descriptor in _inherited() if descriptor != keep]
    actions = [(os.POSIX_SPAWN_DUP2, descriptor, at) for at, descriptor in enumerate(streams)]  # novm
    actions += [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in strays]  # novm
    try:
        here = open_cloexec('.', os.O_RDONLY)
    except OSError:
        return None
    try:
        if keep is not None:
            os.set_inheritable(keep, True)  # novm
        os.chdir('/')
        return os.posix_spawn(argv[0], argv, environ, file_actions=actions, setsid=True,  # novm
                              setsigdef=(13, 25))  # SIGPIPE and SIGXFSZ, which Python ignores
    except NotImplementedError:
        return None
    finally:
        os.fchdir(here)
        os.close(here)
        if keep is not None:
            os.set_inheritable(keep, False)  # novm


def _inherited():
    """The descriptors above 2 that a program would inherit: list."""
    found = []
    for name in os.listdir('/proc/self/fd'):
        try:
            if int(name) > 2 and os.get_inheritable(int(name)):  # novm
                found.append(int(name))
        except OSError:
            pass  # listdir's own, closed by now
    return found


def _close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def popen_options(keep=None, prepare=None):
    """Options of Popen for a helper with a session of its own and no descriptor but keep; see Host.run()."""
    if PY3:
        options = {'start_new_session': True, 'close_fds': True, 'pass_fds': () if keep is None else (keep,)}
        if prepare is not None:
            options['preexec_fn'] = prepare  # not otherwise: without one it need not fork(2)
        return options
    return {'preexec_fn': child_setup(keep, prepare)}


def child_setup(keep, prepare=None):
    """What Python 2's Popen leaves to us in the child: own session, default SIGPIPE, no stray descriptor."""
    def setup():
        os.setsid()
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for name in os.listdir('/proc/self/fd'):
            descriptor = int(name)
            # Marked rather than closed: one of them is the pipe through which Popen learns that exec failed.
            if descriptor > 2:
                try:
                    fcntl.fcntl(descriptor, fcntl.F_SETFD, 0 if descriptor == keep else fcntl.FD_CLOEXEC)
                except (OSError, IOError):
                    pass  # listdir's own, closed by now
        if prepare is not None:
            prepare()
    return setup


def run(work, seconds, attempt):
    """Runs work(tell) in a forked child and returns everything passed to tell(): native str.

    tell(text) sends at once; the child's standard streams lead to /dev/null, because C libraries write to them
    directly. attempt: what is being done, for the errors. NoAnswerError if it takes longer than that many seconds,
    NetnsctlError if work raised or the child was killed; the child is gone in any case.
    """
    with children_waited_for():
        return _run(work, seconds, attempt)


def _run(work, seconds, attempt):
    reader, writer = os.pipe()
    fork = Fork()
    child = fork.pid
    if not child:
        _be_the_child(work, reader, writer, seconds, fork)
    try:
        os.close(writer)
        fork.deliver()
        text = _read_until(reader, monotonic() + seconds, attempt)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        os.close(reader)
        # Its pipe is closed, so it is at its end, or SIGKILL is.
        status = uninterrupted(os.waitpid, child, 0)[1]
    text, died, cause = text.partition(_DIED)
    if status:
        raise NetnsctlError('%s: %s' % (attempt, cause if died else 'it ended with wait status %d' % status))
    return text


def _read_until(reader, deadline, attempt):
    pieces = []
    while True:
        left = deadline - monotonic()
        if left <= 0 or not is_readable(reader, left):
            raise NoAnswerError('%s: it did not finish in time' % attempt)
        piece = uninterrupted(os.read, reader, 65536)
        if not piece:
            return native(b''.join(pieces))
        pieces.append(piece)


def _be_the_child(work, reader, writer, seconds, fork):
    """Never returns: the child must not run the parent's exit handlers (flush, atexit)."""
    status = 1
    try:
        fork.deliver()
        # If the parent is killed nobody else ends us.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(seconds) + 1)
        os.close(reader)
        writer = _apart(writer)
        try:
            work(lambda text: os.write(writer, to_bytes(text)))
            status = 0
        except Exception as error:
            os.write(writer, to_bytes('%s%s: %s' % (_DIED, error.__class__.__name__, error)))
    finally:
        os._exit(status)


def _apart(writer):
    """Gives the standard streams to /dev/null: the pipe's end, clear of them, where a program without them has it."""
    writer = fcntl.fcntl(writer, fcntl.F_DUPFD, 3)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return writer
