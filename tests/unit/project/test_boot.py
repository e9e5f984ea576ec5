"""What tests/boot/run makes of the TAP that its guests print, with a shell in the place of a guest."""

from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from support import booting


@pytest.fixture
def boot(tmpdir, capsys):
    """boot(script, seconds) -> (exit status, lines) of a run whose one boot is this shell script."""
    def call(script, seconds=30):
        console = tmpdir.join('console')
        console.write('the console\x1b says this\n')
        tap = booting.Tap()
        booting.boot_once(['sh', '-c', script], booting.Boot('first', tap), str(console), seconds)
        return tap.end(), capsys.readouterr()[0].splitlines()
    return call


def test_a_boot_whose_tests_all_pass_passes(boot):
    assert boot("printf 'ok 1 - one\\r\\nok 2 - two\\r\\n1..2\\r\\n'") == (
        0, ['ok 1 - first: one', 'ok 2 - first: two', '1..2'])


def test_a_test_that_fails_fails_the_run_with_what_it_said(boot):
    status, lines = boot("printf 'ok 1 - one\\nnot ok 2 - two\\n# why\\n1..2\\n'")
    assert status == 1 and lines == ['ok 1 - first: one', 'not ok 2 - first: two', '# why', '1..2']


@pytest.mark.parametrize('script', ["printf 'ok 1 - one\\n'", "printf 'ok 1 - one\\n1..2\\n'", 'true'])
def test_a_boot_that_does_not_come_to_its_plan_fails_with_the_console(boot, script):
    status, lines = boot(script)
    assert status == 1 and lines[-1].startswith('1..'), lines
    assert [line for line in lines if line.startswith('not ok') and 'the boot comes to its end' in line], lines
    assert '# console: the console says this' in lines, lines


def test_a_boot_that_takes_too_long_fails_and_is_ended(boot, tmpdir):
    status, lines = boot('echo $$ >%s; exec sleep 1000' % tmpdir.join('pid'), seconds=0.5)
    assert status == 1 and '# out of time' in lines, lines
    with pytest.raises(OSError):
        os.kill(int(tmpdir.join('pid').read()), 0)


def test_a_guest_that_does_not_end_after_its_output_is_ended(boot, monkeypatch):
    monkeypatch.setattr(booting, 'ENDING_SECONDS', 0.5)
    status, lines = boot("printf 'ok 1 - one\\n1..1\\n'; exec >&-; exec sleep 1000")
    assert status == 1 and '# out of time' in lines, lines


def test_a_power_cut_ends_the_guest_at_once_and_is_no_failure(boot):
    begun = time.time()
    assert boot("printf 'ok 1 - one\\n1..1\\n# cut the power\\n'; exec sleep 1000")[0] == 0
    assert time.time() - begun < 500


def test_a_run_without_any_test_fails():
    assert booting.Tap().end() == 1
