"""rpm/binding: the binding of rpm in a virtual environment, as the doctor asks it, beside what the program rpm says."""
from __future__ import absolute_import, division, print_function

import glob
import os
import re

import pytest

from support.lacking import lacking
from support.process import must, run
from support.program import SOURCE, TOP

BINDING = os.path.join(TOP, 'rpm', 'binding')
SPEC = """Name: nwprobe
Epoch: 3
Version: 1.2
Release: 4.el6
Summary: A file
License: MIT
BuildArch: noarch
%description
A file.
%install
mkdir -p %{buildroot}/opt/nwprobe
echo 1 >%{buildroot}/opt/nwprobe/ip
%files
/opt/nwprobe/ip
"""
ASK = """import os, sys
sys.path.insert(0, %r)
from netnsctl.edge.packages import owners
from netnsctl.edge.host import Host
try:
    print('binding: %%s' %% owners._ask_binding(['/opt/nwprobe/ip']))
except owners._NoBinding:
    print('no binding')
host = Host()
host.helper_environ = lambda names=(): os.environ  # for its HOME
print('program: %%s' %% owners._ask_rpm_program(host, ['/opt/nwprobe/ip']))
""" % SOURCE
NEVRA = 'nwprobe-3:1.2-4.el6.noarch'


@pytest.fixture
def home(tmpdir):
    """A HOME whose rpm has a database of its own, with one package in it."""
    for tool in ('rpmbuild', 'rpm'):
        if run(['sh', '-c', 'command -v ' + tool]).status:
            lacking(tool, 'not installed')
    home = tmpdir.mkdir('home')
    home.join('.rpmmacros').write('%%_dbpath %s\n' % home.mkdir('database'))
    home.join('probe.spec').write(SPEC)
    environ = dict(os.environ, HOME=str(home))
    must(['rpmbuild', '--quiet', '-bb', '--define', '_topdir %s' % home, '--define', '_rpmdir %s' % home,
          str(home.join('probe.spec'))], environ=environ)
    package = str(home.join('noarch', 'nwprobe-1.2-4.el6.noarch.rpm'))
    must(['rpm', '-i', '--justdb', '--nodeps', package], environ=environ)
    return home


def environment(python, tmpdir):
    """A virtual environment of a Python: the path of its own."""
    if python is None or run([python, '-c', 'import venv, ensurepip']).status:
        lacking('python', 'none of that age that makes virtual environments')
    must([python, '-m', 'venv', str(tmpdir.join('venv'))], timeout=120)
    return str(tmpdir.join('venv', 'bin', 'python'))


def ask(python, home):
    """What the binding and the program say in that environment: [text]."""
    environ = dict((name, value) for name, value in os.environ.items() if not name.startswith('PYTHON'))
    return must([python, '-c', ASK], environ=dict(environ, HOME=str(home))).splitlines()


def make(python):
    """rpm/binding: Result. No index is asked: what it takes was fetched before, or the test is skipped."""
    return run([BINDING, python], timeout=300, environ=dict(os.environ, PIP_NO_INDEX='1'))


def python_36():
    home = os.path.join(os.environ.get('PYENV_ROOT', os.path.expanduser('~/.pyenv')), 'versions')
    return (glob.glob(home + '/3.6.*/bin/python3') + glob.glob('/usr/bin/python3.6') + [None])[0]


def test_the_hosts_own_binding_is_reached_and_says_what_the_program_says(home, tmpdir):
    if run(['/usr/bin/python3', '-c', 'import os; os.chdir("/"); import rpm; rpm.TransactionSet']).status:
        lacking('python3-rpm', 'the host has no binding of its own')
    python = environment('/usr/bin/python3', tmpdir)
    assert ask(python, home) == ['no binding', 'program: ' + NEVRA]
    result = make(python)
    if 'could not fetch' in result.err:
        lacking('rpm-binding', result.err)
    assert result.status == 0 and re.match(r'rpm [\d.]+: /usr/lib', result.out), result
    assert ask(python, home) == ['binding: ' + NEVRA, 'program: ' + NEVRA]


@pytest.mark.thorough
def test_rpm_py_installer_builds_one_for_an_older_python(home, tmpdir):
    if not os.path.exists('/usr/include/rpm/rpmlib.h') or run(['sh', '-c', 'command -v gcc git']).status:
        lacking('librpm-dev', 'what it is built with is not installed')
    python = environment(python_36(), tmpdir)
    result = make(python)
    if 'could not' in result.err:
        lacking('rpm-binding', result.err)
    assert result.status == 0 and str(tmpdir) in result.out and '-py3.6-' in result.out, result
    assert ask(python, home) == ['binding: ' + NEVRA, 'program: ' + NEVRA]
    again = make(python)
    assert (again.status, again.out) == (0, result.out)


def test_a_python_that_is_not_there_is_named():
    result = run([BINDING, '/nowhere/python'])
    assert result.status == 1 and result.err.startswith('rpm/binding: /nowhere/python: there is no such Python')


def test_the_extra_of_pip_is_what_it_takes():
    with open(os.path.join(TOP, 'setup.py')) as source:
        extra = re.search(r"'rpm': \[(.*)\],\n", source.read()).group(1)
    assert extra == ("'rpm-py-installer==1.2.0; python_version < \"3.7\"', 'rpm>=0.5; python_version >= \"3.7\"'")
    with open(os.path.join(TOP, 'rpm', 'binding.txt')) as source:
        pins = re.findall(r'(?m)^([a-z-]+==[\d.]+) ', source.read())
    assert pins == ['rpm==0.5.0', 'rpm-py-installer==1.2.0']
    with open(BINDING) as source:
        text = source.read()
    assert 'rpm-py-installer-1.2.0.tar.gz' in text and 'rpm-0.5.0-py3-none-any.whl' in text
