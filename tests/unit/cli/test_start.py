"""A program that cannot even start says why in one line."""

from __future__ import absolute_import, division, print_function

import sys

import pytest

from support import process
from support.program import SOURCE

WITHOUT = "import sys; sys.path.insert(0, %r); sys.modules[%r] = None; from netnsctl.start import main; main()"


@pytest.mark.parametrize('words', ['--help', 'help', 'ls -h', 'wire -xFILE', 'wire -- --nonsense'])
def test_a_library_that_is_not_there_is_named_with_what_installs_it_and_no_traceback(words):
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click')] + words.split())
    assert result.status == 1 and result.out == '' and result.err.count('\n') == 2, result
    assert result.err.startswith('netnsctl: cannot start: click cannot be imported: '), result
    hint = result.err.splitlines()[1]
    assert ' install ' in hint and 'click' in hint, result


@pytest.mark.parametrize('words,said', [
    ('ls --nonsense', 'ls: no such option: --nonsense'), ('ls --jsno', 'ls: no such option: --jsno'),
    ('config save --name=x', 'config save: no such option: --name'),
    ('wire --pool --x --y', 'wire: no such option: --y')])
def test_without_click_too_an_option_that_is_not_there_is_a_usage_error(words, said):
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click')] + words.split())
    assert (result.status, result.out) == (2, '') and result.err.startswith('netnsctl: %s\n' % said), result
    assert 'Try: netnsctl' in result.err and ('jsno' not in words or 'Did you mean --json?' in result.err), result


def test_netns_needs_no_library():
    result = process.run([sys.executable, '-E', '-s', '-c', WITHOUT % (SOURCE, 'click'), 'netns', 'help'])
    assert 'Traceback' not in result.err and 'netns' in result.out + result.err, result
