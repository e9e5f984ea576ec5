"""Which program installs packages: that of the database which knows the host's own, whatever else is there."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from netnsctl.compat import PY3
from netnsctl.edge.host import Host
from netnsctl.edge.packages import libraries
from netnsctl.edge.packages.installers import installer_of

DEBIAN = ('var/lib/dpkg/status',
          'Package: adduser\nStatus: install ok installed\n\nPackage: base-files\nEssential: yes\n')


@pytest.fixture
def host(tmpdir):
    """A function that gives a Host with these programs and files [(path, text)]."""
    def make(programs, *files):
        for path, text in [('usr/bin/' + name, '#!/bin/sh\n') for name in programs] + list(files):
            tmpdir.join(path).write(text, ensure=True)
        for name in programs:
            os.chmod(str(tmpdir.join('usr/bin', name)), 0o755)
        return Host(root=str(tmpdir), path='/usr/bin')

    return make


def test_debian_with_dnf_and_its_database_has_apt(host):
    programs = ['dnf', 'yum', 'rpm', 'apt-get']
    assert installer_of(host(programs, DEBIAN, ('var/lib/rpm/rpmdb.sqlite', 'x'))) == 'apt-get'


def test_fedora_with_apt_and_its_empty_database_has_dnf(host):
    programs = ['dnf', 'yum', 'apt-get', 'dpkg']
    files = [('var/lib/dpkg/status', ''), ('usr/lib/sysimage/rpm/rpmdb.sqlite', 'x')]
    assert installer_of(host(programs, *files)) == 'dnf'


@pytest.mark.parametrize('name, place', [('zypper', 'var/lib/rpm/Packages'), ('apk', 'lib/apk/db/installed'),
                                         ('pacman', 'var/lib/pacman/local/ALPM_DB_VERSION')])
def test_each_host_has_its_own(host, name, place):
    assert installer_of(host([name], (place, 'x'))) == name


def test_without_a_database_it_is_what_is_there(host):
    assert installer_of(host(['yum'])) == 'yum'


def test_there_may_be_none(host):
    assert installer_of(host([])) is None


@pytest.mark.parametrize('is_environment', [False, True])
def test_a_library_is_installed_by_the_hosts_packages_where_they_are_for_this_python(host, monkeypatch, is_environment):
    monkeypatch.setattr(sys, 'base_prefix', '/elsewhere' if is_environment else sys.prefix, raising=False)
    command = libraries.install_command(host(['apt-get'], DEBIAN), ['pyroute2', 'click'])
    if not PY3:
        assert command == '%s -m pip install pyroute2==0.3.22 click==6.7' % sys.executable
    elif is_environment:
        assert command == '%s -m pip install pyroute2 click' % sys.executable
    else:
        assert command == 'apt-get install python3-pyroute2 python3-click'


@pytest.mark.parametrize('text, name', [
    ("No module named 'click'", 'click'), ('No module named jinja2.exceptions', 'jinja2'),
    ('import of click halted; None in sys.modules', 'click'), ("No module named 'clickhouse'", None),
    ("cannot import name 'click'", None)])
def test_a_library_that_an_import_error_names_is_recognized(text, name):
    assert libraries.missing(ImportError(text)) == name
