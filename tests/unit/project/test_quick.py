"""What `make test` runs (tests/support/quick.py), and that `make test-all` runs all else."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from netnsctl.cli.commands import walk
from support import quick, suites
from support.program import TOP

COMMANDS = [' '.join(path) for path, _ in walk()]
QUICK = quick.paths() + quick.GUEST
OLD = quick.paths(quick.PYTHON2)
NAMED = sorted(set(QUICK + OLD))


def text_of(*path):
    with open(os.path.join(TOP, *path)) as source:
        return source.read()


@pytest.fixture
def pythons(monkeypatch):
    """As in a checkout whose machine has a Python 2.6 and 2.7."""
    monkeypatch.chdir(TOP)
    monkeypatch.delenv('PYTEST_ARGS', raising=False)
    monkeypatch.setattr(suites, 'find_python', lambda version: [suites.Python(version, 'python' + version, [])])


@pytest.mark.parametrize('command', COMMANDS)
def test_each_command_has_a_quick_test_that_runs_it(command):
    assert command in quick.TESTS, 'add a row for it to tests/support/quick.py'
    spoken = re.compile(r"""['" ]%s['", )]""" % r"""(?:'?,? '?| )""".join(map(re.escape, command.split())))
    for path in quick.TESTS[command]:
        assert spoken.search(text_of('tests', 'system', path.partition('::')[0])), (path, command)


def test_no_row_is_of_a_command_that_is_gone():
    assert sorted(set(quick.TESTS) - set(COMMANDS)) == []


@pytest.mark.parametrize('path', NAMED)
def test_what_is_quick_is_there_and_named_by_no_beginning_of_another_name(path):
    # pytest --deselect takes all that begin so.
    name, _, test = path.partition('::')
    found = re.findall('^def (test_\\w+)', text_of(name), re.MULTILINE)
    assert found and (not test or [one for one in found if one.startswith(test)] == [test])
    others = [one for one in NAMED if one != path and one.startswith(name)]
    assert test or not others, others


def test_make_test_all_runs_what_make_test_does_not(pythons):
    fast, rest = suites.jobs_of(['quick'], []), suites.jobs_of(['rest'], [])
    assert fast[0].argv[-1:] == ['tests/unit'] and all(job.title.startswith('Python 3,') for job in fast)
    assert sorted(sum([job.argv[3:] for job in fast[1:]], [])) == QUICK
    for version, names in (('3', 'system integration packaging hostile uml'),
                            ('2.7', 'system integration hostile uml unit')):
        jobs = [job.argv[3:] for job in rest if job.title.startswith('Python %s,' % version)]
        left_out = [['tests/' + words[at + 1] for at, word in enumerate(words) if word == '--deselect']
                    for words in jobs]
        assert left_out == [QUICK if version == '3' else []] * len(jobs)
        run = [word for words in jobs for word in words if word.startswith('tests/')]
        wanted = [path for suite in names.split() for path in suites.files_of(suite)]
        if version == '2.7':
            wanted = [path for path in wanted if not path.startswith('tests/system/')] + OLD
        assert sorted(run) == sorted(wanted)


def test_make_test_all_takes_a_sample_under_an_old_python_and_make_test_integration_has_all(pythons, monkeypatch):
    monkeypatch.delenv('NETNSCTL_TEST_SAMPLE', raising=False)  # this may be such a run
    for words, wanted in ((['rest'], set(['2.7'])), (['integration'], set())):
        jobs = [job for job in suites.jobs_of(words, []) if 'integration' in job.title]
        assert set(job.title.split(',')[0].split()[1] for job in jobs
                   if 'NETNSCTL_TEST_SAMPLE' in job.environ) == wanted


def test_files_are_dealt_once_each_and_what_is_of_one_file_stays_together():
    assert suites.deal(['a', 'b::x', 'b::y', 'c'], 2) == [(1, ['a', 'c']), (2, ['b::x', 'b::y'])]
    assert suites.deal(['a'], 3) == [(1, ['a'])]


def test_a_suite_alone_is_run_whole_under_each_python(pythons):
    for words, versions in ((['unit'], ['3', '2.7']), (['--python2.6', 'unit'], ['2.6'])):
        jobs = suites.jobs_of(words, ['prefix'])
        assert [job.title for job in jobs] == ['Python %s, unit' % version for version in versions]
        assert all(job.argv[0] == 'prefix' and job.argv[4:] == suites.files_of('unit') for job in jobs)


def test_the_help_says_how_long_each_target_takes():
    echoed = re.findall("^\t@echo '(.*)'$", text_of('Makefile'), re.MULTILINE)
    entries = re.compile('^make ', re.MULTILINE).split('\n'.join(echoed))[1:]
    assert len(entries) >= 25
    assert [entry for entry in entries if not re.search('\\d+ (s|min)\\b', entry)] == []
