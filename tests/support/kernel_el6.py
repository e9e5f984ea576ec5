"""CentOS 6.5's kernel for the program under test: tests/standins/kernel-el6, compiled and in its environment."""
from __future__ import absolute_import, division, print_function

import os

from support import process
from support.program import TOP

FOLDER = os.path.join(TOP, 'tests', 'standins', 'kernel-el6')


class Unavailable(Exception):
    """The stand-in cannot be compiled here; the text says why."""


def build(folder):
    """Compiles the stand-in into a folder: the path of the library. Unavailable where there is no C compiler."""
    library = os.path.join(folder, 'kernel-el6.so')
    try:
        process.must(['cc', '--version'])
    except OSError as error:
        raise Unavailable('cc: %s' % error.strerror)
    process.must([os.path.join(FOLDER, 'build'), library])
    return library


class KernelEl6(object):
    """library: the path of the compiled stand-in. record: a file that it writes to.

    environ(first) -> the variables that put a program on it. first: the path of the first network namespace (None: that
    of process 1). require_alive() fails where that kernel would have panicked; judge() for that, and for what it would
    have written to its log.
    """

    def __init__(self, library, record):
        self.library = library
        self.record = record
        self._judged = 0

    def environ(self, first=None):
        variables = {'LD_PRELOAD': self.library, 'KERNEL_EL6_RECORD': self.record}
        if first is not None:
            variables['KERNEL_EL6_FIRST'] = first
        return variables

    def run(self, argv, first=None, **options):
        """Runs any program on it: Result. options: as support.process.run's."""
        environ = dict(options.pop('environ', os.environ), **self.environ(first))
        return process.run(argv, environ=environ, **options)

    def lines(self):
        """What was recorded since the last call: list of (what, name of the program)."""
        if not os.path.exists(self.record):
            return []
        with open(self.record) as source:
            found = [tuple(line.split('\t')[:2]) for line in source]
        self._judged, new = len(found), found[self._judged:]
        return new

    def require_alive(self):
        judged = self._judged
        dead = [line for line in self.lines() if line[0].startswith('panic')]
        self._judged = judged
        assert not dead, 'on CentOS 6.5: %s' % '; '.join('%s (%s)' % line for line in dead)

    def judge(self):
        # Today's `ip` asks for lists with a longer body than those of its time did.
        ours = [line for line in self.lines() if line[0].startswith('panic') or line[1] != 'ip']
        assert not ours, 'on CentOS 6.5: %s' % '; '.join('%d times %s (%s)' % ((ours.count(line),) + line)
                                                         for line in sorted(set(ours)))
