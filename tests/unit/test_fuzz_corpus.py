"""Every input in fuzz/corpus is read without a finding: those that reach each part of what reads, and those that once
were findings. `make fuzz` looks for more."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from fuzz import targets
from support import process
from support.program import TOP

CORPUS = os.path.join(TOP, 'tests', 'fuzz', 'corpus')
ALL = targets.all_targets()


@pytest.mark.parametrize('name', sorted(ALL))
def test_each_input_is_read(name):
    folder = os.path.join(CORPUS, name)
    names = sorted(os.listdir(folder))
    assert names, 'no input for %s' % name
    for one in names:
        with open(os.path.join(folder, one), 'rb') as source:
            data = source.read()
        try:
            ALL[name].read_counted(data)
        except Exception as error:
            error.args = ('tests/fuzz/corpus/%s/%s: %s: %s' % (name, one, error.__class__.__name__, error),)
            raise


def test_fuzzing_without_atheris_fails_and_says_how_to_get_it(tmpdir):
    if str is bytes:
        pytest.skip('the tool is for Python 3')
    tmpdir.join('atheris.py').write('raise ImportError')
    run = process.run([sys.executable, os.path.join(TOP, 'tests', 'fuzz', 'run'), 'alias'], environ=dict(
        os.environ, PYTHONPATH=str(tmpdir)))
    assert run.status == 1 and '-m pip install -r requirements/fuzz-py3.txt' in run.err, run


def test_there_is_a_target_for_each_folder_and_the_files_are_small():
    assert sorted(os.listdir(CORPUS)) == sorted(ALL)
    sizes = [os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(CORPUS) for name in names]
    assert sum(sizes) < 150000


def test_an_error_that_is_not_declared_is_a_finding():
    target = targets.Target('x', lambda data: data[5])
    with pytest.raises(IndexError):
        target.read_counted(b'')


def test_work_without_end_is_a_finding():
    def work(data):
        while True:
            len(data)
    with pytest.raises(AssertionError):
        targets.Target('x', work).read_counted(b'')
