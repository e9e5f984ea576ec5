"""Which program installs packages: that of the database which knows the host's own, whatever else is there."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.host import Host
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
