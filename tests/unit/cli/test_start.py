"""A program that cannot even start says why in one line."""

from __future__ import absolute_import, division, print_function

import sys

from support import process
from support.program import SOURCE

WITHOUT = "import sys; sys.path.insert(0, %r); sys.modules[%r] = None; from netnsctl.start import main; main()"


def test_a_library_that_is_not_there_is_named_and_no_traceback():
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click'), '--help'])
    assert result.status == 1 and result.out == '' and result.err.count('\n') == 1, result
    assert result.err.startswith('netnsctl: cannot start: ') and 'click' in result.err, result


def test_netns_needs_no_library():
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click'), 'netns', 'help'])
    assert 'Traceback' not in result.err and 'netns' in result.out + result.err, result
