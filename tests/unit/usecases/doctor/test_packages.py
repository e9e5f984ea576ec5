"""Which package a file belongs to, on trees with stand-ins for rpm and dpkg-query; integration has the real ones."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.packages import owners
from netnsctl.edge.host import Host


@pytest.fixture
def answering(tmpdir):
    """answering(rpm=script, dpkg=script, link=(path, target)) -> Host with these programs, and rpm's database."""
    def make(rpm=None, dpkg=None, links=()):
        for path, target in dict(links).items():
            os.symlink(target, str(tmpdir.join(path)))
        for name, script in (('rpm', rpm), ('dpkg-query', dpkg)):
            if script is not None:
                path = tmpdir.join('usr/bin', name)
                path.write('#!/bin/sh\n%s\n' % script, ensure=True)
                path.chmod(0o755)
        if rpm is not None:
            tmpdir.join('var/lib/rpm/Packages').write('', ensure=True)
        tmpdir.join('usr/sbin/ip').write('', ensure=True)
        return Host(root=str(tmpdir), environ={})
    return make


def owner(host):
    return owners.owner(host, host.path('/usr/sbin/ip'))


RPM = 'echo "nevra iproute-2.6.32-31.el6.x86_64"'
DPKG = 'case $1 in -S) echo "iproute2: /usr/sbin/ip" ;; -W) echo 6.1.0-3 ;; esac'


def test_a_host_without_either_database_has_no_packages(answering):
    assert str(owner(answering())) == 'no package'


def test_rpms_answer_is_the_packages_nevra(answering):
    assert owner(answering(rpm=RPM)).package == 'iproute-2.6.32-31.el6.x86_64'


def test_rpm_counts_before_dpkg_and_dpkg_where_rpm_knows_nothing(answering):
    assert owner(answering(rpm=RPM, dpkg=DPKG)).package.startswith('iproute-2.6.32')


def test_what_rpm_does_not_know_dpkg_may(answering):
    silent = 'echo "file /usr/sbin/ip is not owned by any package"; exit 1'
    assert owner(answering(rpm=silent, dpkg=DPKG)).package == 'iproute2 6.1.0-3'


def test_rpm_is_not_asked_where_it_has_no_database(answering, tmpdir):
    host = answering(rpm='touch %s; %s' % (tmpdir.join('asked'), RPM))
    tmpdir.join('var/lib/rpm/Packages').remove()
    assert owner(host).package is None and not tmpdir.join('asked').check()


@pytest.mark.parametrize('error', ['error: rpmdb: BDB0113 Thread/process 1/2 failed: BDB1507',
                                   'error: cannot open Packages'])
def test_what_rpm_complains_of_is_told(answering, error):
    found = owner(answering(rpm='echo "%s" >&2; exit 1' % error))
    assert found.package is None and str(found) == 'rpm -qf /usr/sbin/ip: ' + error[len('error: '):]


def test_an_rpm_that_hangs_is_told_and_dpkg_is_asked_all_the_same(answering, monkeypatch):
    monkeypatch.setattr(owners, 'SECONDS', 0.3)
    assert 'no answer within 0.3 s' in str(owner(answering(rpm='exec /bin/sleep 60')))
    assert owner(answering(dpkg=DPKG)).package == 'iproute2 6.1.0-3'


@pytest.mark.parametrize('line,package', [
    ('iproute2: /usr/sbin/ip', 'iproute2 6.1.0-3'), ('iproute2:amd64: /usr/sbin/ip', 'iproute2 6.1.0-3'),
    ('a, b: /usr/sbin/ip', 'a 6.1.0-3'), ('iproute2: /sbin/ip', None), ('iproute2: /usr/sbin/ipx', None),
    ('diversion by x from: /usr/sbin/ip', None), ('', None), ('nonsense', None),
])
def test_lines_of_dpkg_query_are_read(answering, line, package):
    host = answering(dpkg='case $1 in -S) echo "%s" ;; -W) echo 6.1.0-3 ;; esac' % line)
    assert owner(host).package == package


def test_a_dpkg_that_fails_is_told(answering):
    found = owner(answering(dpkg='echo "dpkg-query: error: status file is locked" >&2; exit 2'))
    assert str(found) == 'dpkg-query -S /usr/sbin/ip: dpkg-query: error: status file is locked'


def test_a_merged_folder_gives_both_spellings(answering):
    host = answering(links={'sbin': 'usr/sbin'})
    for path in ('/usr/sbin/ip', '/sbin/ip'):
        assert sorted(owners.spellings(host, host.path(path))) == ['/sbin/ip', '/usr/sbin/ip']
        assert owners.spellings(host, host.path(path))[0] == path


def test_two_folders_that_are_not_one_give_one_spelling(answering, tmpdir):
    host = answering()
    tmpdir.join('sbin/ip').write('another', ensure=True)
    assert owners.spellings(host, host.path('/usr/sbin/ip')) == ['/usr/sbin/ip']


def test_a_symlink_counts_before_what_it_leads_to(answering, tmpdir):
    host = answering()
    tmpdir.join('bin').ensure(dir=True)
    os.symlink('../usr/sbin/ip', str(tmpdir.join('bin/ip')))
    assert owners.spellings(host, host.path('/bin/ip')) == ['/bin/ip', '/usr/sbin/ip']
