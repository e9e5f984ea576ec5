"""A guest that has the kinds of links which this machine's kernel may lack: Debian's user-mode-linux on this machine's
own root, which it reads and does not write (tests/uml/init). One with another kernel: support.machine."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import signal
import socket
import subprocess
import tempfile

from support.process import native
from support.program import TOP

FOLDER = os.path.join(TOP, 'tests', 'uml')
KERNEL = '/usr/bin/linux.uml'
# In the guest: the folder that it shares with this machine. Its being set tells tests that they are inside.
VARIABLE = 'NETNSCTL_TEST_GUEST'
SHARED = '/run/guest'
MEMORY = '512M'
CONSOLE_LINES = 25


class Unavailable(Exception):
    """No guest can be booted here; the text says why."""


def require():
    """Raises Unavailable where a guest could not boot."""
    if not os.path.exists(KERNEL):
        raise Unavailable('%s is not installed (Debian: apt-get install user-mode-linux)' % KERNEL)
    if not any(os.path.exists(folder + '/insmod') for folder in ('/usr/sbin', '/sbin')):
        raise Unavailable('insmod is not installed (Debian: apt-get install kmod)')
    if os.geteuid() != 0:
        raise Unavailable('needs root, to read all of the root that the guest has')


def build_preload(folder):
    """Compiles what linux.uml needs on newer processors, and for its NICs (xstate.c): its path; None where there is no
    compiler."""
    path = os.path.join(folder, 'xstate.so')
    try:
        subprocess.check_call(['cc', '-O2', '-shared', '-fPIC', '-o', path, os.path.join(FOLDER, 'xstate.c'), '-ldl'])
    except (OSError, subprocess.CalledProcessError):
        return None
    return path


def quoted(word):
    """A word as the shell reads it."""
    return "'%s'" % word.replace("'", "'\\''")


class Guest(object):
    """One boot, which runs one command and ends with it.

    argv, environ, folder: the command, its variables, and where it runs. Its root is this machine's; what it writes
    is kept in memory and lost, except below `shared`, which is `/run/guest` inside. It has two NICs, vec0 and vec1,
    joined by a cable, and is alone on its network otherwise; or one, vec0, whose other end is a tap on this machine.
    output: what it prints goes there, an open file; None: it is in `console()`. terminal: it reads this process's.
    tap: the name of a tap that there is.
    """

    def __init__(self, argv, environ=(), folder='/', output=None, terminal=False, tap=None):
        self._require()
        self.shared = tempfile.mkdtemp(prefix='netnsctl-guest-')
        os.chmod(self.shared, 0o755)
        self.output, self.terminal, self.tap = output, terminal, tap
        self.process = None
        try:
            self._start(argv, dict(environ), folder)
        except BaseException:
            self.close()
            raise

    def _require(self):
        require()

    def _start(self, argv, environ, folder):
        self._write_command(argv, environ, folder)
        variables = dict((name, value) for name, value in os.environ.items() if not name.startswith('LD_'))
        preload = build_preload(self.shared)
        if preload:
            variables['LD_PRELOAD'] = preload
        if self.tap:
            self._boot(['vec0:transport=tap,ifname=' + self.tap], variables)
        else:
            self._boot_with_cable(variables)

    def _write_command(self, argv, environ, folder):
        shutil.copy(os.path.join(FOLDER, 'init'), self.shared)
        environ.update({VARIABLE: SHARED, 'TMPDIR': '/run/tmp'})
        with open(os.path.join(self.shared, 'command'), 'w') as command:
            for name, value in sorted(environ.items()):
                command.write('export %s=%s\n' % (name, quoted(value)))
            if not self.terminal:
                command.write('exec </dev/null\n')
            command.write('cd %s && exec %s\n' % (quoted(folder), ' '.join(quoted(word) for word in argv)))

    def _boot_with_cable(self, variables):
        ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            # Copies: Python 3's own are closed at exec.
            copies = [inherited(end.fileno()) for end in ends]
            variables['GUEST_NICS'] = '%d %d' % tuple(copies)
            try:
                self._boot(['vec%d:transport=fd,fd=%d' % pair for pair in enumerate(copies)], variables)
            finally:
                for number in copies:
                    os.close(number)
        finally:
            for end in ends:
                end.close()

    def _boot(self, nics, variables):
        words = ['mem=' + MEMORY, 'uml_dir=' + self.shared, 'rootfstype=hostfs', 'rootflags=/', 'ro',
                 'quiet', 'loglevel=1', 'con=null', 'con0=fd:0,fd:1',
                 'init=%s/init' % self.shared, 'GUEST=' + self.shared] + nics
        # Nothing of it remains, and a panic does not end what is PID 1.
        self._run(['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', '"$@"; exit $?', 'sh', KERNEL] + words,
                  variables)

    def _run(self, words, variables):
        # It ends with this process however that ends.
        argv = ['setpriv', '--pdeathsig', 'KILL'] + words
        with open(os.devnull) as nothing:
            with open(self._path('console'), 'wb') as console:
                self.process = subprocess.Popen(
                    argv, env=variables, close_fds=False, stdin=None if self.terminal else nothing,
                    stdout=self.output or console, stderr=subprocess.STDOUT)

    def _path(self, name):
        return os.path.join(self.shared, name)

    def runs(self):
        """Has it not ended yet?"""
        return self.process.poll() is None

    def has_booted(self):
        """Has it come to the command?"""
        return os.path.exists(self._path('booted'))

    def status(self):
        """The command's exit status once the guest has ended; None where it did not come to an end."""
        self.process.wait()
        try:
            with open(self._path('status')) as source:
                return int(source.read())
        except (OSError, IOError, ValueError):
            return None

    def console(self, lines=CONSOLE_LINES):
        """The last lines of what the guest printed, as one text."""
        try:
            with open(self._path('console'), 'rb') as source:
                return '\n'.join(native(source.read()).splitlines()[-lines:])
        except (OSError, IOError):
            return ''

    def close(self):
        """Ends the guest if it runs still, and removes its folder."""
        if self.process is not None and self.runs():
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.shared, ignore_errors=True)


def inherited(number):
    """A copy of a descriptor that programs started from here have too."""
    copy = os.dup(number)
    if hasattr(os, 'set_inheritable'):
        os.set_inheritable(copy, True)  # novm
    return copy
