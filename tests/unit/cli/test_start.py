"""A program that cannot even start says why in one line."""

from __future__ import absolute_import, division, print_function

import sys

import pytest

from support import process
from support.program import SOURCE

WITHOUT = "import sys; sys.path.insert(0, %r); sys.modules[%r] = None; from netnsctl.start import main; main()"


@pytest.mark.parametrize('words', ['--help', 'help', 'ls --nonsense'])
def test_a_library_that_is_not_there_is_named_with_what_installs_it_and_no_traceback(words):
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click')] + words.split())
    assert result.status == 1 and result.out == '' and result.err.count('\n') == 2, result
    assert result.err.startswith('netnsctl: cannot start: click cannot be imported: '), result
    hint = result.err.splitlines()[1]
    assert ' install ' in hint and 'click' in hint, result


def test_netns_needs_no_library():
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click'), 'netns', 'help'])
    assert 'Traceback' not in result.err and 'netns' in result.out + result.err, result
