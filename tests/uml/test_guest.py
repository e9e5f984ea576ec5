"""The guest itself: what it does to this machine, and how the results of tests in it come out."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import guest, guest_results
from support.lacking import lacking
from support.program import TOP

TESTS = '''
import os
import pytest

@pytest.fixture
def broken():
    raise ValueError('a fixture')

def test_passes():
    with open('/usr/%(name)s', 'w') as out:
        out.write('written in the guest')
    os.rename('/etc/hostname', '/etc/%(name)s')

def test_fails():
    assert 1 == 2, 'on purpose'

def test_skips():
    pytest.skip('no reason')

@pytest.mark.xfail
def test_xfails():
    assert False

def test_errs(broken):
    pass

def test_kills_the_guest():
    with open('/proc/sysrq-trigger', 'w') as trigger:
        trigger.write('o')
    import time
    time.sleep(60)

def test_never_runs():
    pass
'''


class Item(object):
    def __init__(self, nodeid):
        self.nodeid = nodeid


@pytest.fixture
def inside(tmpdir, monkeypatch):
    """(the guest_results.Inside of TESTS, a name for what they write on the guest)."""
    name = 'netnsctl-test-%d' % os.getpid()
    tmpdir.join('conftest.py').write('from support.guest_results import write_report as pytest_runtest_logreport\n')
    tmpdir.join('test_it.py').write(TESTS % {'name': name})
    monkeypatch.setenv('PYTHONPATH', ':'.join([os.path.join(TOP, 'tests'), os.environ.get('PYTHONPATH', '')]))
    try:
        made = guest_results.Inside([Item('test_it.py')], str(tmpdir))
    except guest.Unavailable as reason:
        lacking('uml', str(reason))
    yield made, name
    made.close()


@pytest.mark.thorough
def test_results_come_out_as_they_are_and_nothing_is_written_here(inside):
    results, name = inside

    def outcome(test):
        return [(report.when, report.outcome) for report in results.reports('test_it.py::test_' + test)]

    assert outcome('passes') == [(when, 'passed') for when in ('setup', 'call', 'teardown')]
    assert not os.path.exists('/usr/' + name) and not os.path.exists('/etc/' + name)
    assert outcome('fails')[1] == ('call', 'failed')
    failed = results.reports('test_it.py::test_fails')[1]
    assert "assert 1 == 2, 'on purpose'" in str(failed.longrepr)
    assert failed.longrepr.reprcrash.message.startswith('AssertionError: on purpose')
    skipped = results.reports('test_it.py::test_skips')[1]
    assert skipped.outcome == 'skipped' and skipped.longrepr[2] == 'Skipped: no reason'
    expected = results.reports('test_it.py::test_xfails')[1]
    assert expected.outcome == 'skipped' and expected.wasxfail == ''
    assert outcome('errs') == [('setup', 'failed'), ('teardown', 'passed')]
    # It ended under them.
    assert outcome('kills_the_guest') == [('setup', 'passed')] and outcome('never_runs') == []
    assert 'it ended before' in results.explain() and 'Power' in results.explain()


def test_the_status_of_the_command_is_that_of_the_guest(tmpdir):
    try:
        made = guest.Guest(['sh', '-c', 'echo "$0" "$HELD"; read line || exit 7', "it's"], {'HELD': "a 'b' c"})
    except guest.Unavailable as reason:
        lacking('uml', str(reason))
    try:
        assert made.status() == 7 and "it's a 'b' c" in made.console()
    finally:
        made.close()
    assert not os.path.exists(made.shared)
