"""The program with a state folder of its own, for tests of `--all`: it must not take the wires of others away."""

from __future__ import absolute_import, division, print_function

import os

from support import process
from support.snapshot import STATE

# A mount namespace of its own with an empty folder over netnsctl's state; it lives as long as the shell in it.
SETUP = 'mount -t tmpfs -o mode=0700 none %s && echo ready && read -r _' % STATE


class Aside(object):
    """Call it as support.program.Program; close() ends it. Namespaces must have their names before it is made."""

    def __init__(self, program):
        self.program = program
        if not os.path.isdir(STATE):
            os.mkdir(STATE, 0o700)
        self.shell = process.start(['unshare', '-m', '--propagation', 'private', 'sh', '-c', SETUP])
        line = process.native(self.shell.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no mount namespace: %r' % process.finish(self.shell))
        # unshare(1) runs the shell in its own place, so the PID is the shell's.
        self.prefix = ['nsenter', '-t', '%d' % self.shell.pid, '-m', '--']

    def argv(self, *args):
        return self.prefix + self.program.argv(*args)

    def __call__(self, *args, **options):
        feed, timeout = options.pop('feed', b''), options.pop('timeout', 60)
        return process.run(self.argv(*args), feed, timeout, self.program.environ(**options))

    def close(self):
        process.finish(self.shell, b'\n', 10)
