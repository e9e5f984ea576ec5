"""The packages start netnsctl without Python's site (-S): the host's libraries are found once they are needed."""
from __future__ import absolute_import, division, print_function

import os
import re
import sys

import pytest

from support import process
from support.program import SOURCE

RUN = 'import sys\nsys.path[:1] = [%r]\nsys.argv[0] = "netnsctl"\nfrom netnsctl.start import main\nmain()' % SOURCE


def netnsctl(*words, **options):
    argv = [sys.executable, '-E', '-s', '-S'] + options.get('flags', []) + ['-c', RUN] + list(words)
    return process.run(argv, environ=dict((name, value) for name, value in os.environ.items()
                                          if not name.startswith('PYTHON')))


@pytest.fixture(autouse=True)
def site_has_the_libraries():
    """Those of .venv27 are in a folder that only PYTHONPATH leads to."""
    bare = process.run([sys.executable, '-E', '-s', '-c', 'import click, jinja2, pyroute2'])
    if bare.status:
        pytest.skip('the site of this Python has no libraries')


def test_help_by_click_and_the_libraries_check_find_them():
    assert 'netnsctl wire' in netnsctl('wire', '--help').out
    result = netnsctl('doctor', 'libraries')
    assert 'cannot be imported' not in result.out and 'pyroute2' in result.out, result


def test_what_needs_no_library_does_without_site():
    for words in (['version'], ['ls'], ['netns', 'list']):
        result = netnsctl(*words, flags=['-v'])
        loaded = set(re.findall(r"^import '?([\w.]+)'? #", result.err, re.MULTILINE))
        assert result.status == 0 and 'netnsctl.start' in loaded and 'site' not in loaded, result


def test_each_module_that_imports_a_library_asks_for_them_first():
    found = []
    for folder, _, names in os.walk(os.path.join(SOURCE, 'netnsctl')):
        for path in [os.path.join(folder, name) for name in names if name.endswith('.py')]:
            with open(path) as source:
                text = source.read()
            if re.search(r'^\s*(import|from) (click|jinja2|pyroute2|yaml|rpm)\b', text, re.MULTILINE):
                found += [] if 'find_libraries()' in text else [path]
    assert found == []
