"""SIGINT while netnsctl is still starting: it ends at once, as any program does that has begun nothing yet."""
from __future__ import absolute_import, division, print_function

import os
import signal
import sys

import pytest

from support import process
from support.program import SOURCE

# Ends up in the middle of the start: as a module of netnsctl is looked for.
INTERRUPTED = """
import os, sys
sys.path[:1] = [%r]
sys.argv[0] = 'netnsctl'
class Interrupt(object):
    def find_spec(self, name, *_):
        if name == %r:
            os.kill(os.getpid(), 2)
    find_module = find_spec
sys.meta_path.insert(0, Interrupt())
"""
ENTRIES = {'main': ('netnsctl.cli', 'from netnsctl.start import main\nmain()'),
           'bin': ('netnsctl.start', "path = %r\nexec(compile(open(path).read(), path, 'exec'), {'__file__': path})"
                   % os.path.join(SOURCE, 'bin', 'netnsctl'))}


def start_interrupted(entry, *before):
    module, run = ENTRIES[entry]
    environ = dict((name, value) for name, value in os.environ.items() if not name.startswith('PYTHON'))
    return process.run(list(before) + [sys.executable, '-E', '-s', '-c', INTERRUPTED % (SOURCE, module) + run,
                                       'version'], environ=environ)


@pytest.mark.parametrize('entry', sorted(ENTRIES))
def test_an_interrupt_before_anything_is_begun_ends_it_without_a_traceback(entry):
    result = start_interrupted(entry)
    assert (result.status, result.out, result.err) == (-signal.SIGINT, '', ''), result


@pytest.mark.parametrize('entry', sorted(ENTRIES))
def test_one_that_is_ignored_stays_ignored(entry):
    result = start_interrupted(entry, 'sh', '-c', 'trap "" INT; exec "$@"', 'sh')
    assert result.status == 0 and result.out.startswith('netnsctl') and result.err == '', result
