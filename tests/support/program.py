"""The program under test, from src, as a process of its own under the tests' own Python."""
from __future__ import absolute_import, division, print_function

import os
import sys

from support import process

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(TOP, 'src')
# Where netnsctl's helpers are looked for when nothing is said (edge/host.py).
HELPER_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
NOBODY = 65534

# -E drops PYTHONPATH, so the folders come by the program text: the source first, then what the tests were given.
BOOTSTRAP = """import sys
sys.path[:1] = %r
sys.argv[0] = 'netnsctl'
from netnsctl.start import main
sys.exit(main())
"""


class Program(object):
    """`run_netnsctl`: call it with the words of a command line.

    Keywords of a call and of start():
      path      folders to look for helpers in before the usual ones (a stand-in `ip`, say)
      only_path the same, without the usual ones
      environ   more variables: {name: value}; None takes one away
      as_user   True: as nobody, without any capability
    Of a call only: feed (standard input: str or bytes), timeout (seconds).

    kernel: None, or the support.kernel_el6.KernelEl6 that it runs on; a call then fails where that would have panicked.
    """

    def __init__(self, source=SOURCE, kernel=None):
        self.source = source
        self.kernel = kernel

    def argv(self, *args):
        """The whole argument vector, to put behind `strace ...`, `ip netns exec NAME`, `setpriv ...`."""
        folders = [self.source] + [folder for folder in os.environ.get('PYTHONPATH', '').split(':')
                              if folder and os.path.realpath(folder) != SOURCE]
        return [sys.executable, '-E', '-s', '-c', BOOTSTRAP % (folders,)] + list(args)

    def environ(self, path=None, only_path=None, environ=None, first=None):
        """The environment the program gets: the tests' own, less what would change what netnsctl does.

        first: the path of the first network namespace, for a kernel to which that makes a difference.
        """
        variables = dict((name, value) for name, value in os.environ.items()
                         if not name.startswith(('PYTHON', 'NETNSCTL_', 'DOCKER_')) and name != 'NO_COLOR')
        if self.kernel is not None:
            variables.update(self.kernel.environ(first))
        if only_path is not None:
            variables['NETNSCTL_PATH'] = only_path
        elif path is not None:
            variables['NETNSCTL_PATH'] = '%s:%s' % (path, HELPER_PATH)
        for name, value in (environ or {}).items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        return variables

    def start(self, *args, **options):
        """Starts the program and returns its Popen (pipes for all three streams); pass that to finish()."""
        argv = self.argv(*args)
        if options.pop('as_user', False):
            argv = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups'] + argv
        return process.start(argv, self.environ(**options))

    @staticmethod
    def finish(popen, feed=b'', timeout=60):
        """Waits for what start() gave: Result with status, out, err."""
        return process.finish(popen, feed, timeout)

    def __call__(self, *args, **options):
        """Runs the program to its end: Result with status, out, err."""
        feed = options.pop('feed', b'')
        timeout = options.pop('timeout', 60)
        result = self.finish(self.start(*args, **options), feed, timeout)
        if self.kernel is not None:
            self.kernel.require_alive()
        return result

    def nobody_can_run(self):
        """Can nobody read the interpreter, its library and the source? (Not where they lie under /root.)"""
        probe = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups',
                 sys.executable, '-E', '-s', '-c',
                 # A newer interpreter has `os` in itself.
                 'import __future__, os; os.stat(%r)' % os.path.join(SOURCE, 'netnsctl')]
        try:
            return process.run(probe).status == 0
        except OSError:
            return False
