"""Two equal worlds, one with iproute2's `ip netns` and one with `netnsctl netns`, in which the same lines are run."""

from __future__ import absolute_import, division, print_function

import os
import sys

from support import process
from support.aside import Aside
from support.program import SOURCE

# Names, /etc/netns and links of its own; /run is what both programs keep names in.
SETUP = ' && '.join((
    'mount -t tmpfs none /run',
    'mkdir -p /mnt && mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work',
    'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
    'mkdir -p /etc/netns && mkdir /mnt/w',
))
PROGRAM = [sys.executable, '-E', '-s', '-c',
           'import sys; sys.path.insert(0, %r); from netnsctl.start import main; main()' % SOURCE, 'netns']


class World(object):
    """program: the words that take the place of `ip netns`' object; run(line) -> (status, out, err)."""

    def __init__(self, is_netnsctl):
        self.is_netnsctl = is_netnsctl
        self.aside = Aside(None, SETUP, '-m -n')

    def argv(self, words):
        """The command line for words like ['-j', 'netns', 'list'], where `netns` is the object."""
        if not self.is_netnsctl:
            return ['ip'] + words
        # A copy in the world's own arguments: sys.argv[0] of `python -c` is -c, then comes the object.
        at = words.index('netns') if 'netns' in words else len(words)
        return PROGRAM[:-1] + ['netns'] + words[:at] + words[at + 1:]

    def environ(self):
        return dict(os.environ, LC_ALL='C', LANG='C', PYTHONDONTWRITEBYTECODE='1')

    def run(self, words, feed=b''):
        """Runs one command line of bytes or text: (status, standard output, standard error), with what differs by
        nature made equal: the folder of names and this world's PID."""
        words = [word.replace('@PID@', '%d' % self.aside.shell.pid) if isinstance(word, str) else word
                 for word in words]
        result = process.run(self.aside.prefix + self.argv(words), feed=feed, environ=self.environ())
        return (result.status,) + tuple(self._even(text) for text in (result.out, result.err))

    def _even(self, text):
        pid = '%d' % self.aside.shell.pid
        text = text.replace('/var/run/netns', '/run/netns').replace('/proc/%s/' % pid, '/proc/@PID@/')
        return '\n'.join(self._even_line(line, pid) for line in text.split('\n'))

    @staticmethod
    def _even_line(line, pid):
        # A line that is a number is a process: the world's own, or the program's.
        return line if not line.isdigit() else '@PID@' if line == pid else '@OTHER@'

    def sh(self, script):
        """Runs a shell script in the world, which must not fail."""
        return self.aside.sh(script)

    def close(self):
        self.aside.close()


class ShimWorld(World):
    """A world whose `ip` is the shim of an installed netnsctl (support.installed), over the `ip` in that folder."""

    def __init__(self, installed, folder):
        World.__init__(self, False)
        self.installed = installed
        self.path = ':'.join((installed.shim_folder, folder, os.environ['PATH']))

    def environ(self):
        return dict(World.environ(self), PATH=self.path)

    def argv(self, words):
        # By the PATH, as a script has it.
        return ['env', 'ip'] + words
