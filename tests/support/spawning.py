"""Python 2's Popen without a fork of the whole test process: posix_spawn(3), which glibc makes with CLONE_VFORK.

A fork copies the page tables of its process, and both then copy each page that either writes: of a process as large as
pytest that takes ten times as long as what a test does. Python 3's Popen has this of its own.
"""
from __future__ import absolute_import, division, print_function

import ctypes
import fcntl
import os
import signal
import subprocess
import sys

LIBC = ctypes.CDLL(None)
SETSIGDEF, SETSID = 0x04, 0x80  # spawn.h
# At least as large as the C library's own.
ATTRIBUTES, ACTIONS, SIGNALS = 512, 256, 128
# glibc 2.26 brought POSIX_SPAWN_SETSID, 2.29 the other folder; what has the second has the first.
IS_POSSIBLE = hasattr(LIBC, 'posix_spawn_file_actions_addchdir_np')


class Spawned(subprocess.Popen):
    """Popen(argv, stdin=, stdout=, stderr=, env=, cwd=) in a session of its own, with the default SIGPIPE and SIGXFSZ
    and no descriptor but those three. OSError where it cannot be started."""

    def _execute_child(self, args, executable, preexec_fn, close_fds, cwd, env, *more):
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = more[-6:]
        # Before more[-6:] Python 2.7 says what is to be closed here; 2.6 leaves that to this function.
        to_close = more[-7] if sys.version_info >= (2, 7) else set(
            ours for ours, theirs in ((p2cread, p2cwrite), (c2pwrite, c2pread), (errwrite, errread))
            if theirs is not None)
        for name in os.listdir('/proc/self/fd'):
            try:
                if int(name) > 2:
                    fcntl.fcntl(int(name), fcntl.F_SETFD, fcntl.FD_CLOEXEC)
            except IOError:
                pass  # listdir's own, closed by now
        attributes, actions = ctypes.create_string_buffer(ATTRIBUTES), ctypes.create_string_buffer(ACTIONS)
        defaults = ctypes.create_string_buffer(SIGNALS)
        LIBC.posix_spawnattr_init(attributes)
        LIBC.posix_spawn_file_actions_init(actions)
        try:
            LIBC.sigemptyset(defaults)
            for signum in (signal.SIGPIPE, signal.SIGXFSZ):
                LIBC.sigaddset(defaults, signum)
            LIBC.posix_spawnattr_setsigdefault(attributes, defaults)
            LIBC.posix_spawnattr_setflags(attributes, ctypes.c_short(SETSIGDEF | SETSID))
            for descriptor, wanted in ((p2cread, 0), (c2pwrite, 1), (errwrite, 2)):
                if descriptor is not None:
                    LIBC.posix_spawn_file_actions_adddup2(actions, descriptor, wanted)
            if cwd is not None:
                LIBC.posix_spawn_file_actions_addchdir_np(actions, cwd)
            self.pid = spawn(args, os.environ if env is None else env, attributes, actions)
        finally:
            LIBC.posix_spawn_file_actions_destroy(actions)
            LIBC.posix_spawnattr_destroy(attributes)
        self._child_created = True
        for descriptor in set([p2cread, c2pwrite, errwrite]) & to_close:
            os.close(descriptor)
            to_close.remove(descriptor)


def spawn(argv, environ, attributes, actions):
    """The PID of the new process. OSError."""
    pid = ctypes.c_int()
    variables = ['%s=%s' % pair for pair in environ.items()]
    error = LIBC.posix_spawn(ctypes.byref(pid), found(argv[0], environ), actions, attributes, strings(argv),
                             strings(variables))
    if error:
        raise OSError(error, os.strerror(error), argv[0])
    return pid.value


def found(program, environ):
    """The path of a program, looked for where the new process would look; the name itself where it is not there."""
    if '/' not in program:
        for folder in environ.get('PATH', os.defpath).split(os.pathsep):
            path = os.path.join(folder, program)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    return encoded(program)


def strings(values):
    """A char *[] that ends with NULL."""
    return (ctypes.c_char_p * (len(values) + 1))(*[encoded(value) for value in values])


def encoded(value):
    return value if isinstance(value, bytes) else value.encode('utf-8')
