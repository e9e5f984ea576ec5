"""What `make test-kernels` chooses, and the page of what was seen (docs/kernels-seen.md)."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

import pytest

from kernels import chosen, seen
from support.program import TOP

TESTS = os.path.join(TOP, 'tests')


def text_of(*path):
    with io.open(os.path.join(TOP, *path), encoding='utf-8') as source:
        return source.read()


@pytest.mark.parametrize('path', sorted(set(path for row in chosen.rows() for path in row.tests)))
def test_what_is_chosen_is_there(path):
    name, _, function = path.partition('[')[0].partition('::')
    if not function:
        assert os.path.exists(os.path.join(TESTS, name))
    else:
        assert re.search(r'^def %s\(' % re.escape(function), text_of('tests', name), re.MULTILINE)


def test_each_integration_test_is_in_a_room_and_runs_once_under_each_kernel(monkeypatch):
    monkeypatch.delenv('NETNSCTL_TEST_EVERY', raising=False)
    every = [os.path.relpath(os.path.join(folder, name), TESTS) for folder, _, names in os.walk(TESTS + '/integration')
             for name in names if name.startswith('test_') and name.endswith('.py')]
    dealt = sum([chosen.words('integration', TOP, hand, 3) for hand in range(3)], [])
    assert sorted(dealt + list(chosen.LEFT_OUT)) == sorted(every)


def test_the_page_has_the_rows_that_are_chosen():
    page = text_of('docs', 'kernels-seen.md')
    for row in chosen.rows():
        assert '\n| %s | %s |' % (row.label, row.kernel) in page


def row_of(kernel, **results):
    return {'release': 'r', 'kernel': kernel, 'python': '3.11', 'part': 'kinds', 'complete': True, 'seconds': 1,
            'results': dict(('uml/inside/test_map.py::' + name, result) for name, result in results.items())}


def test_a_failure_is_never_taken_for_what_works():
    [maps] = [row for row in chosen.FEATURES if row.label == '`map` of every kind']
    passed, skipped, failed = ['passed', '', 1], ['skipped', 'no such | thing', 0], ['failed', 'assert 0', 1]
    assert seen.verdict(maps, [row_of('6.1.0-x', a=passed, b=failed, c=skipped)]) == '1 of 3 fail'
    assert seen.verdict(maps, [row_of('6.1.0-x', a=passed), row_of('6.1.0-x', b=skipped)]) == 'works (1, 1 skipped)'
    assert seen.verdict(maps, [row_of('6.1.0-x', a=skipped)]) == 'skipped'
    assert seen.verdict(maps, [row_of('6.1.0-x')]) == 'not run'
    table = seen.table([row_of('6.12.1+deb13', a=skipped, b=failed), row_of('5.10.0-32', a=passed)])
    assert '| no such \\| thing | 6.12: 1 |' in table
    assert '| r | 6.12.1+deb13 | 3.11 | kinds | 0 | 1 | 1 |' in table


def test_a_failure_of_any_phase_counts():
    results, report = {}, {'nodeid': 'a', 'duration': 1, 'longrepr': None, 'message': None}
    for when, outcome in (('setup', 'passed'), ('call', 'passed'), ('teardown', 'failed')):
        why = 'line\nlast' if outcome == 'failed' else None
        seen.note(results, dict(report, when=when, outcome=outcome, longrepr=why))
    assert results == {'a': ['failed', 'last', 1]}
    seen.note(results, dict(report, nodeid='b', when='setup', outcome='skipped', longrepr=['f', 1, 'Skipped: why']))
    assert results['b'] == ['skipped', 'why', 0]


def test_the_reasons_of_skipped_tests_have_nothing_of_one_run_in_them():
    assert [seen.short(reason) for reason in (
        'docker: dockerd does not answer; /tmp/x/dockerd.log ends with:',
        'lxc 5.0.2 starts no container here: lxc-start: nt9-l: x', 'ovs: it is not installed')] == [
            'docker: dockerd does not answer', 'lxc 5.0.2 starts no container here', 'ovs: it is not installed']
