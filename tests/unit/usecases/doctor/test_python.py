"""The doctor's checks of Python and of the libraries in use: real interpreters, in folders made for the test."""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import sys

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.software import python
from support import process
from support.program import SOURCE

ASK = """
import json, sys
sys.path[:] = %r + [folder for folder in sys.path if 'site-packages' not in folder and 'dist-packages' not in folder]
from netnsctl.edge.host import Host
from netnsctl.usecases import doctor
print(json.dumps([finding.as_data() for finding in doctor.run(Host(environ={}), ['python', 'libraries'])]))
"""


def folder_of(name):
    """Where the tests' own Python has this library."""
    path = python.find_module(name, sys.path)
    return os.path.dirname(path) if os.path.basename(path).startswith('__init__') else path


@pytest.fixture
def ask(tmpdir):
    """ask(folders) -> {check: finding} of a fresh interpreter that has the standard library and these folders."""
    def call(folders):
        argv = [sys.executable, '-E', '-s', '-B', '-c', ASK % ([str(folder) for folder in folders],)]
        return dict((finding['check'], finding) for finding in json.loads(process.must(argv)))
    return call


@pytest.fixture
def libraries(tmpdir):
    """libraries(PLACE, without=[...]) -> a folder with the libraries, as symlinks to the tests' own."""
    def make(place, without=()):
        folder = tmpdir.join(place).ensure(dir=True)
        for name, _, _ in python.LIBRARIES:
            if name not in without:
                source = folder_of(name)
                copy = str(folder.join(os.path.basename(source)))
                if os.path.isdir(source):
                    shutil.copytree(source, copy)
                else:
                    shutil.copy(source, copy)
        return folder
    return make


def seen(finding):
    return dict((item['what'], item['seen']) for item in finding['evidence'])


def test_the_interpreter_and_the_program_are_named():
    finding, = doctor.run(Host(), ['python'])
    assert finding.status == 'ok' and sys.version.split()[0] in finding.text
    assert dict(finding.evidence)['interpreter'] == sys.executable


def test_libraries_that_work_are_quiet_with_their_versions():
    finding, = doctor.run(Host(), ['libraries'])
    assert finding.status == 'ok', finding.evidence
    import jinja2
    assert 'jinja2 %s' % jinja2.__version__ in finding.text and '?' not in finding.text


def test_libraries_in_netnsctls_own_folder_are_bundled(ask, libraries, tmpdir):
    folder = libraries('usr/share/netnsctl')
    shutil.copytree(os.path.join(SOURCE, 'netnsctl'), str(folder.join('netnsctl')))
    finding = ask([folder])['libraries']
    assert finding['status'] == 'ok' and finding['text'].endswith('; all bundled'), finding


def test_a_folder_of_bundled_ones_beside_the_package_is_told_from_the_hosts(ask, libraries, tmpdir):
    host = libraries('usr/lib/python/site-packages', without=['jinja2', 'markupsafe'])
    shutil.copytree(os.path.join(SOURCE, 'netnsctl'), str(host.join('netnsctl')))
    bundled = libraries('usr/lib/python/site-packages/netnsctl/bundled', without=['click', 'pyroute2', 'ipaddress'])
    finding = ask([bundled, host])['libraries']
    told = seen(finding)
    assert finding['status'] == 'ok', finding
    assert 'bundled' in told['jinja2'] and 'bundled' in told['markupsafe']
    assert 'of the host' in told['click'] and 'bundled: jinja2, markupsafe' in finding['text']


@pytest.mark.parametrize('lacking', ['jinja2', 'pyroute2'])
def test_a_missing_library_is_an_advice_that_names_what_it_is_for(ask, libraries, lacking):
    finding = ask([libraries('lib', without=[lacking]), SOURCE])['libraries']
    assert finding['status'] == 'warn' and lacking in finding['text']
    purpose = dict((name, text) for name, text, _ in python.LIBRARIES)[lacking]
    assert 'for %s' % purpose in finding['text']
    command, = finding['remediation']['commands']
    assert lacking in command and 'install' in command


def test_a_library_that_is_there_and_cannot_be_imported_is_an_advice(ask, libraries):
    folder = libraries('lib')
    folder.join('jinja2', '__init__.py').write('def broken(:\n')
    finding = ask([folder, SOURCE])['libraries']
    assert finding['status'] == 'warn' and 'jinja2, for writing config files (SyntaxError' in finding['text']
    assert str(folder) in seen(finding)['jinja2']


@pytest.mark.parametrize('path,package,owner', [
    ('/usr/share/netnsctl/click/__init__.py', '/usr/share/netnsctl/netnsctl', 'bundled'),
    ('/usr/lib/python2.6/site-packages/click/__init__.py', '/usr/share/netnsctl/netnsctl', 'of the host'),
    ('/opt/x/site-packages/click/__init__.py', '/opt/x/site-packages/netnsctl', 'of the host'),
    ('/opt/x/site-packages/netnsctl/vendor/click.py', '/opt/x/site-packages/netnsctl', 'bundled'),
    ('/home/me/src/click.py', '/home/me/src/netnsctl', 'of the host'),
])
def test_whose_a_library_is_goes_by_where_it_lies(path, package, owner):
    assert python.owner_of(path, package) == owner
