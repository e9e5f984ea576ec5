"""The program in a mount namespace of its own, so that what it does to files of the host is gone afterwards."""

from __future__ import absolute_import, division, print_function

import os
import signal
import time

from support import process
from support.snapshot import STATE

# netnsctl's state: a test of `--all` must not take the wires of others away.
OWN_STATE = 'mount -t tmpfs -o mode=0700 none %s' % STATE
# A host: state, names of namespaces, /etc, /var/lib and the first folder of root's PATH are its own (and its links,
# with `-n`).
OWN_HOST = ' && '.join((
    'mount -t tmpfs none /mnt',
    'mkdir /mnt/upper /mnt/work',
    'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
    # Leases of DHCP clients are kept in /var/lib/netnsctl.
    'mkdir /mnt/upper-lib /mnt/work-lib',
    'mount -t overlay -o lowerdir=/var/lib,upperdir=/mnt/upper-lib,workdir=/mnt/work-lib none /var/lib',
    # The one below may be in use.
    'rm -rf /etc/sysconfig/netns /etc/netns /etc/netnsctl.conf /var/lib/netnsctl',
    'mount -t tmpfs none /usr/local/sbin',
    'mount -t tmpfs none /run',
    'mount -t sysfs none /sys',
    'ip link set lo up',
    # A new network namespace forwards if the first one does: one that runs docker, say.
    'for all in ipv4/ip_forward ipv6/conf/all/forwarding; do '
    '[ ! -e /proc/sys/net/$all ] || echo 0 >/proc/sys/net/$all || exit 1; done',
))


class Aside(object):
    """Call it as support.program.Program; sh(script) runs a shell in it; close() ends it.

    It lives as long as the shell that was started in it. Namespaces that have their names before it is made can be
    used in it, unless /run is its own.
    """

    def __init__(self, program, setup=OWN_STATE, kinds='-m'):
        self.program = program
        self.has_own_links = '-n' in kinds.split()
        if not os.path.isdir(STATE):
            os.mkdir(STATE, 0o700)
        self.shell = process.start(['unshare'] + kinds.split() + ['--propagation', 'private', 'sh', '-c',
                                                                  setup + ' && echo ready && read -r _'])
        line = process.native(self.shell.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no namespace of its own: %r' % process.finish(self.shell))
        # unshare(1) runs the shell in its own place, so the PID is the shell's.
        self.prefix = ['nsenter', '-t', '%d' % self.shell.pid] + kinds.split() + ['--']

    def argv(self, *args):
        return self.prefix + self.program.argv(*args)

    def environ(self, **options):
        if self.has_own_links:
            options['first'] = '/proc/%d/ns/net' % self.shell.pid
        return self.program.environ(**options)

    def __call__(self, *args, **options):
        feed, timeout = options.pop('feed', b''), options.pop('timeout', 60)
        result = process.run(self.argv(*args), feed, timeout, self.environ(**options))
        if self.program.kernel is not None:
            self.program.kernel.require_alive()
        return result

    def sh(self, script):
        """What a shell script prints that must not fail."""
        return process.must(self.prefix + ['sh', '-euc', script])

    def is_gone(self, pid):
        """Has a process ended, now or within five seconds? (What nobody reaps in it is a zombie.)"""
        for _ in range(100):
            if self.sh('tr -d "\\0" </proc/%s/cmdline 2>/dev/null || true' % pid) == '':
                return True
            time.sleep(0.05)
        return False

    def close(self):
        process.finish(self.shell, b'\n', 10)


class AsideWithRoot(Aside):
    """One whose root is its own too; who derives from it starts its shell."""

    def close(self):
        """Ends what a failed test may have left running here, by its PID, and then the host."""
        own = os.readlink('/proc/%d/ns/mnt' % self.shell.pid)
        for pid in [int(name) for name in os.listdir('/proc') if name.isdigit() and int(name) != self.shell.pid]:
            try:
                if os.readlink('/proc/%d/ns/mnt' % pid) == own:
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                continue  # ended meanwhile
        Aside.close(self)


class PackagedHost(AsideWithRoot):
    """One that a package is installed on: variables() says which a shell in it has."""

    def run(self, script, timeout=120):
        """A shell in it: Result. Nothing that the tests' own Python was given reaches it."""
        return process.run(self.prefix + ['sh', '-euc', script], timeout=timeout, environ=self.variables())

    def sh(self, script):
        result = self.run(script)
        if result.status != 0:
            raise AssertionError('%s: %r' % (script, result))
        return result.out


def own_host(program):
    """A throwaway host: Aside with its own links, names, /etc, /run, /var/lib and /usr/local/sbin, which does not
    forward."""
    return Aside(program, OWN_HOST, '-m -n')
