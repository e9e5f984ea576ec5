"""Which package a file belongs to: dpkg's real database, and one of rpm's with a package built for the test."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from netnsctl.edge.packages import owners
from netnsctl.edge.host import Host
from support import process
from support.lacking import lacking
from support.program import SOURCE

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
mkdir -p %{buildroot}/mnt/nwprobe %{buildroot}/bin
echo 1 >%{buildroot}/mnt/nwprobe/ip
echo 1 >%{buildroot}/bin/nwprobe
%files
/mnt/nwprobe/ip
/bin/nwprobe
"""
NEVRA = 'nwprobe-3:1.2-4.el6.noarch'
ASK = """import sys
sys.path.insert(0, %r)
if %r == 'program':
    sys.modules['rpm'] = None
from netnsctl.edge.packages import owners
from netnsctl.edge.host import Host
if %r == 'binding':
    owners._ask_rpm_program = None
owners.SECONDS = %r
for path in sys.argv[1:]:
    print(owners.owner(Host(environ={}), path))
"""
# Takes rpm's database for itself, as an installation does, until it is killed.
LOCK = """import sqlite3, sys
database = sqlite3.connect('/var/lib/rpm/rpmdb.sqlite', isolation_level=None)
database.execute('pragma locking_mode=exclusive')
database.execute('begin exclusive')
database.execute('create table mine(a)')
sys.stdout.write('ready\\n')
sys.stdout.flush()
sys.stdin.read()
"""
HOST_PYTHON = '/usr/bin/python3'
PATIENCE = 60.0  # a database's first answer takes longer than the doctor waits, on a busy or an emulated machine


def has(argv):
    try:
        return process.run(argv).status == 0
    except OSError:
        return False


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(owners, 'SECONDS', PATIENCE)


@pytest.fixture(scope='session')
def package_file(tmpdir_factory):
    """A package that owns /mnt/nwprobe/ip and /bin/nwprobe."""
    if not has(['rpmbuild', '--version']):
        lacking('rpmbuild', 'it is not installed')
    folder = tmpdir_factory.mktemp('rpm')
    folder.join('probe.spec').write(SPEC)
    process.must(['rpmbuild', '--quiet', '-bb', '--define', '_topdir %s' % folder, '--define', '_rpmdir %s' % folder,
                  str(folder.join('probe.spec'))])
    return str(folder.join('noarch', 'nwprobe-1.2-4.el6.noarch.rpm'))


@pytest.fixture
def database(world, package_file):
    """A throwaway host whose rpm has a database of its own, with that package and no other."""
    # By way of these mounts: the host has a /run of its own, and the package may be below /run.
    world.sh('mkdir -p /var/lib/rpm /etc/rpm && mount -t tmpfs none /var/lib/rpm && echo "%%_dbpath /var/lib/rpm" '
             '>>/etc/rpm/macros && rpm -i --justdb --nodeps %s && mkdir /mnt/nwprobe && cp /bin/true /mnt/nwprobe/ip'
             % ('/proc/%d/root%s' % (os.getpid(), package_file)))
    return world


def ask(world, way, paths, seconds=PATIENCE):
    """Who owns these files: [text], by rpm's 'program', its 'binding', or 'any' of them."""
    python = sys.executable
    if way != 'program':
        python = HOST_PYTHON
        if not has([python, '-c', 'import rpm; rpm.TransactionSet']):
            pytest.skip('%s has no rpm binding' % python)
    script = ASK % (SOURCE, way, way, seconds)
    return process.must(world.aside.prefix + [python, '-E', '-c', script] + list(paths)).splitlines()


@pytest.mark.parametrize('way', ['program', 'binding'])
def test_rpm_tells_the_package_with_its_epoch(database, way):
    assert ask(database, way, ['/mnt/nwprobe/ip', '/mnt/nwprobe', '/nowhere']) == [NEVRA, 'no package', 'no package']


@pytest.mark.skipif(not os.path.islink('/bin'), reason='/bin is no symlink here')
@pytest.mark.parametrize('way', ['program', 'binding'])
def test_rpm_knows_a_file_by_either_spelling_of_its_folder(database, way):
    assert ask(database, way, ['/bin/nwprobe', '/usr/bin/nwprobe']) == [NEVRA, NEVRA]


@pytest.mark.parametrize('way', ['program', 'binding'])
def test_a_database_that_is_locked_is_said_not_to_answer(database, way):
    pytest.importorskip('sqlite3')
    if 'rpmdb.sqlite' not in database.sh('ls /var/lib/rpm'):
        pytest.skip('this rpm keeps no sqlite database')
    holder = process.start(database.aside.prefix + [sys.executable, '-c', LOCK])
    try:
        assert process.native(holder.stdout.readline()) == 'ready\n'
        told, = ask(database, way, ['/mnt/nwprobe/ip'], 0.5)
        assert ('it did not finish in time' if way == 'binding' else 'no answer within 0.5 s') in told
    finally:
        process.finish(holder)


@pytest.mark.parametrize('way', ['program', 'any'])
def test_a_database_that_is_damaged_is_said_to_be_so(database, way):
    database.sh('cd /var/lib/rpm; for file in *; do echo garbage >$file; done')
    told, = ask(database, way, ['/mnt/nwprobe/ip'])
    assert told.startswith('rpm -qf /mnt/nwprobe/ip: ')


def test_the_doctor_names_the_package_of_each_ip(database):
    finding = process.run(database.aside.argv('doctor', 'ip'), environ=database.aside.environ(path='/mnt/nwprobe'))
    assert 'package of /mnt/nwprobe/ip: %s\n' % NEVRA in finding.out, finding


def test_a_host_without_a_database_is_not_given_one(world):
    if not has(['rpm', '--version']):
        pytest.skip('rpm is not installed')
    world.sh('mkdir -p /var/lib/rpm && mount -t tmpfs none /var/lib/rpm')
    ask(world, 'program', ['/bin/sh'])
    assert world.sh('ls -A /var/lib/rpm') == ''


# dpkg

@pytest.fixture
def dpkg():
    if not has(['dpkg-query', '--version']):
        pytest.skip('dpkg is not installed')


@pytest.mark.parametrize('path', ['/bin/cat', '/usr/bin/cat'])
def test_dpkg_tells_the_package_by_either_spelling(dpkg, path):
    version = process.must(['dpkg-query', '-W', '-f', '${Version}', 'coreutils'])
    assert str(owners.owner(Host(environ={}), path)) == 'coreutils %s' % version


def test_dpkg_is_asked_for_each_ip_of_the_real_path(dpkg, one):
    path = Host(environ={}).find('ip')
    finding = one('ip')
    seen = dict((item['what'], item['seen']) for item in finding['evidence'])
    assert seen['package of ' + path].startswith('iproute2 ')


def test_a_file_that_no_package_has_is_told_so(dpkg, tmpdir):
    tmpdir.join('ip').write('')
    owner = owners.owner(Host(environ={}), str(tmpdir.join('ip')))
    assert (owner.package, owner.trouble, str(owner)) == (None, None, 'no package')
