"""What is said in more than one place says the same."""
from __future__ import absolute_import, division, print_function

import os
import re

from support.program import TOP


def text_of(name):
    with open(os.path.join(TOP, name)) as source:
        return source.read()


def test_the_spec_has_the_version_of_the_package():
    inside = re.search(r"^__version__ = '([^']+)'", text_of('src/netnsctl/__init__.py'), re.MULTILINE).group(1)
    assert re.search(r'^Version: *(\S+)', text_of('netnsctl.spec'), re.MULTILINE).group(1) == inside


def test_the_python_2_pins_are_exact():
    lines = [line for name in ('py2', 'test-py2') for line in text_of('requirements/%s.txt' % name).splitlines()
             if line and not line.startswith('#')]
    assert lines
    assert [line for line in lines if not re.match(r'[a-z0-9]+==[0-9.]+(;|$)', line)] == []


def test_the_packages_for_python_2_bundle_what_its_pins_name():
    wanted = re.findall(r'^[a-z0-9]+==[0-9.]+', text_of('requirements/py2.txt'), re.MULTILINE)
    assert wanted
    assert re.findall(r'^[a-z0-9]+==[0-9.]+', text_of('rpm/bundled/py2.txt'), re.MULTILINE) == wanted


def test_every_help_line_of_the_makefile_is_a_target():
    makefile = text_of('Makefile')
    named = re.findall(r"@echo 'make ([a-z0-9-]+)", makefile)
    assert named
    assert [name for name in named if not re.search(r'^%s:' % name, makefile, re.MULTILINE)] == []
