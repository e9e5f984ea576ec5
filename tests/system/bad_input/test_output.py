"""Output that cannot be written, and help."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from support.process import native
from support.untouched import assert_untouched, own_state
from support.bad_input import A

PRINTING = [
    ['ls', '--json'],
    ['wire', '--help'],
    ['--version'],
    ['doctor'],
    ['doctor', '--json'],
    ['wire', A, A + '2', '--dry-run'],
    ['unwire', '--if-exists', 'nt-none', '--json'],
]


def run_with_output(run_netnsctl, words, target, shell=''):
    """(status, standard error) of the program with its standard output there; shell: a redirection for sh."""
    argv = run_netnsctl.argv(*words)
    if shell:
        argv = ['sh', '-c', 'exec "$@" ' + shell, 'sh'] + argv
    popen = subprocess.Popen(argv, stdout=target, stderr=subprocess.PIPE, env=run_netnsctl.environ())
    err = native(popen.communicate()[1])
    assert 'Traceback' not in err and 'Exception' not in err, err
    return popen.returncode, err


@pytest.mark.parametrize('words', PRINTING)
def test_output_to_a_full_device_is_told_in_one_line(run_netnsctl, words):
    before = own_state()
    with open('/dev/full', 'wb') as target:
        status, err = run_with_output(run_netnsctl, words, target)
    assert status == 1 and 'No space left on device' in err, (status, err)
    assert_untouched(before)


@pytest.mark.parametrize('words', PRINTING)
def test_output_to_a_closed_pipe_is_silent(run_netnsctl, words):
    before = own_state()
    reading, writing = os.pipe()
    os.close(reading)
    try:
        status, err = run_with_output(run_netnsctl, words, writing)
    finally:
        os.close(writing)
    assert status in (0, 1, 141, -13) and 'Broken pipe' not in err, (status, err)
    assert_untouched(before)


@pytest.mark.parametrize('words', PRINTING)
def test_no_standard_output_at_all_is_no_traceback(run_netnsctl, words):
    before = own_state()
    status, err = run_with_output(run_netnsctl, words, None, '>&-')
    assert status in (0, 1, 2), (status, err)
    assert_untouched(before)


def test_no_standard_streams_at_all_are_no_traceback(run_netnsctl):
    before = own_state()
    for words in (['wire', A, A + '2'], ['wire', A, A + '2'], ['unwire', A, A + '2']):
        assert run_with_output(run_netnsctl, words, None, '<&- >&- 2>&-')[0] in (0, 2)
    assert_untouched(before)


def test_a_wire_whose_result_cannot_be_told_stands(run_netnsctl):
    before = own_state()
    with open('/dev/full', 'wb') as target:
        popen = subprocess.Popen(
            run_netnsctl.argv('wire', A, A + '2'), stdout=target, stderr=subprocess.PIPE, env=run_netnsctl.environ()
        )
        err = native(popen.communicate()[1])
    assert popen.returncode == 1 and 'standard output' in err, err
    assert run_netnsctl('wire', A, A + '2').out.startswith('already wired')
    assert run_netnsctl('unwire', A, A + '2').status == 0
    assert_untouched(before)


def test_without_a_command_the_help_is_printed_as_it_is(run_netnsctl):
    result = run_netnsctl()
    assert result.status == 2 and '\\x0a' not in result.out + result.err and 'Commands:\n' in result.out + result.err, (
        result
    )


@pytest.mark.parametrize('command', ['', 'wire', 'unwire', 'ls', 'show', 'check', 'doctor'])
@pytest.mark.parametrize('option', ['-h', '--help'])
def test_help(run_netnsctl, command, option):
    result = run_netnsctl(*([command] if command else []) + [option])
    assert result.status == 0 and result.err == '' and result.out.startswith('Usage: netnsctl %s' % command), result
