"""The Vagrantfile, as vagrant reads it, and the scripts of tests/vagrant, run with the real yum (dnf) and rpm on a
throwaway host that is CentOS 6.5 by its files, with mirrors of its own."""

from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import sys

import pytest

from support import process
from support.box import ABSENT, PORTAL, SILENT, VAULT, Box, Vaults
from support.lacking import lacking
from support.program import TOP

# Nothing here is Python's, so one of the two runs is enough.
pytestmark = pytest.mark.skipif(sys.version_info[0] == 2, reason='the scripts are the same under every Python')
REPO_FILE = '/etc/yum.repos.d/netnsctl-vault.repo'
FILES = 'cd /etc && find yum.repos.d yum pki -type f | sort | xargs cksum'


@pytest.fixture(scope='module')
def vaults(rpm_packages):
    """support.box.Vaults, made once."""
    if isinstance(rpm_packages, str):
        lacking('rpm', rpm_packages)
    return Vaults(rpm_packages)


@pytest.fixture
def box(vaults, rpm_host):
    made = Box(rpm_host, vaults)
    yield made
    made.close()


@pytest.fixture
def uploads(vaults):
    """uploads(key, version) -> a folder as `make repo` makes it; removed after the test."""
    made = []

    def make(**options):
        made.append(vaults.netnsctl_repository('uploaded-%d' % len(made), **options))
        return made[-1]
    yield make
    for folder in made:
        shutil.rmtree(folder)


def must(result):
    assert result.status == 0, result
    return result


# The Vagrantfile

@pytest.fixture
def vagrant(tmpdir):
    """vagrant(*words, **environ) -> Result, on a copy of the checkout's Vagrantfile, with a home of its own.

    With NETNSCTL_TEST_MACHINE, `--provider here` is a machine that is reached so (tests/standins/vagrant).
    """
    if process.run(['sh', '-c', 'command -v vagrant']).status:
        lacking('vagrant', 'it is not installed')
    folder = tmpdir.mkdir('checkout')
    shutil.copy(os.path.join(TOP, 'Vagrantfile'), str(folder.join('Vagrantfile.checkout')))
    shutil.copy(os.path.join(TOP, 'tests', 'standins', 'vagrant', 'Vagrantfile'), str(folder))
    shutil.copytree(os.path.join(TOP, 'tests', 'vagrant'), str(folder.join('tests', 'vagrant')))
    variables = dict((name, value) for name, value in os.environ.items()
                     if not name.startswith(('PYTHON', 'NETNSCTL_', 'VAGRANT_')))
    variables.update(VAGRANT_HOME=str(tmpdir.join('home')), VAGRANT_CWD=str(folder), VAGRANT_CHECKPOINT_DISABLE='1')

    def call(*words, **environ):
        return process.run(['vagrant'] + list(words), timeout=300, environ=dict(variables, **environ))
    call.folder = folder
    return call


def offer(vagrant, repository, *suite):
    """Puts a repository and an acceptance suite that prints these lines where the Vagrantfile looks for them."""
    shutil.copytree(repository, str(vagrant.folder.join('dist', 'repo', 'el6')))
    vagrant.folder.join('tests', 'acceptance', 'run').write("cat <<'END'\n%s\nEND\n" % '\n'.join(suite), ensure=True)


def up(vagrant, box):
    """`vagrant up` with that box as the machine."""
    return vagrant('up', '--provider', 'here', NETNSCTL_TEST_MACHINE=json.dumps(box.host.prefix), NETNSCTL_VAULTS=VAULT,
                   NETNSCTL_EPELS=VAULT + '/epel', NETNSCTL_VAULT_SECONDS='1')


def test_vagrant_finds_the_vagrantfile_valid_before_the_repository_is_built(vagrant):
    result = must(vagrant('validate', '--ignore-provider'))
    assert 'validated successfully' in result.out, result
    for machine in ('el6', 'el7', 'el8', 'el9'):
        assert '%s: ' % machine in result.out + result.err, result


def test_vagrant_up_without_the_repository_asks_for_it_before_it_does_anything(vagrant):
    result = vagrant('up', '--provider', 'here', NETNSCTL_TEST_MACHINE=json.dumps(['false']))
    assert result.status == 1 and 'dist/repo/el6 is not built' in result.err and 'make repo' in result.err, result
    assert 'Running provisioner' not in result.out, result


def test_vagrant_up_brings_mirrors_docker_and_netnsctl_and_runs_the_suite(vagrant, box, uploads):
    offer(vagrant, uploads(version='1'), 'ok 1 - wires two', '1..1')
    result = must(up(vagrant, box))
    assert 'ok 1 - wires two' in result.out and 'tests: 1, planned: 1' in result.out, result
    assert (box.version('netnsctl'), box.version('docker-io'), box.version('kernel')) == ('1', '1.7.1', '1')


def test_vagrant_up_fails_and_names_the_test_that_failed(vagrant, box, uploads):
    offer(vagrant, uploads(version='1'), 'ok 1 - one', 'not ok 2 - wires two', '1..2')
    result = up(vagrant, box)
    assert result.status == 1 and 'acceptance: not ok 2 - wires two' in result.out + result.err, result


def test_a_real_machine_is_not_begun_where_tools_are_missing_and_each_is_named(tmpdir):
    for tool in ('sh', 'dirname', 'id', 'grep', 'uname', 'sed'):
        tmpdir.join(tool).mksymlinkto(process.run(['sh', '-c', 'command -v ' + tool]).out.strip())
    for words in ([], ['check']):
        result = process.run([os.path.join(TOP, 'tests', 'vagrant', 'up')] + words, environ={'PATH': str(tmpdir)})
        assert (result.status, result.out) == (1, ''), result
        for reason in ('vagrant is not installed', 'qemu-img is not installed',
                       'vagrant has no plugin vagrant-libvirt'):
            assert 'tests/vagrant/up: %s\n' % reason in result.err, result


# Mirrors

def test_the_first_vault_that_has_the_release_is_taken_and_the_others_stay_in_reserve(box):
    tried = (ABSENT, PORTAL, SILENT, VAULT + '/', ABSENT + '/more')
    result = must(box.script('mirrors', NETNSCTL_VAULTS=' '.join(tried)))
    assert 'CentOS 6.5 comes from ' + VAULT in result.out, result
    for one in (ABSENT, PORTAL, SILENT):
        assert '%s: ' % one in result.out, result
    text = box.host.sh('cat ' + REPO_FILE)
    assert 'baseurl=%s/6.5/os/' % VAULT in text and '%s/more/6.5/os/' % ABSENT in text and SILENT not in text, text
    must(process.run(box.host.prefix + ['yum', '-y', 'install', 'base-thing'], timeout=120))
    assert box.version('base-thing') == '1'
    assert box.host.sh('cat /etc/yum/pluginconf.d/fastestmirror.conf') == '[main]\nenabled=0\n'


def test_mirrors_run_twice_leave_what_they_left_once(box):
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    before = box.host.sh(FILES)
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    assert box.host.sh(FILES) == before


def test_no_vault_at_all_is_an_error_that_names_each_and_changes_nothing(box):
    before = box.host.sh(FILES)
    result = box.script('mirrors', NETNSCTL_VAULTS='%s %s' % (ABSENT, PORTAL))
    assert result.status == 1 and 'no vault has CentOS 6.5' in result.err, result
    assert ABSENT in result.out and PORTAL in result.out, result
    assert box.host.sh(FILES) == before


def test_mirrors_never_bring_another_kernel(box):
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    process.run(box.host.prefix + ['yum', '-y', '--enablerepo=last-base', 'update', 'kernel'], timeout=120)
    assert box.version('kernel') == '1'


@pytest.mark.parametrize('release', ['AlmaLinux release 9.4 (Seafoam Ocelot)', 'CentOS Stream release 9'])
def test_mirrors_that_live_are_left_as_they_are(box, release):
    box.host.write('/etc/redhat-release', release + '\n')
    before = box.host.sh(FILES)
    must(box.script('mirrors', NETNSCTL_VAULTS=ABSENT))
    assert box.host.sh(FILES) == before


@pytest.mark.parametrize('release,folder', [
    ('CentOS Linux release 7.9.2009 (Core)', '7.9.2009/os/@'),
    ('CentOS Linux release 8.5.2111', '8.5.2111/BaseOS/@/os'),
    ('CentOS Stream release 8', '8-stream/BaseOS/@/os')])
def test_later_releases_come_from_their_own_folders(box, vaults, release, folder):
    machine = os.uname()[4]
    box.host.write('/etc/redhat-release', release + '\n')
    box.host.sh('cp %s /etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7; cp %s /etc/pki/rpm-gpg/RPM-GPG-KEY-centosofficial'
                % (vaults.packages.key, vaults.packages.key))
    place = folder.replace('@', machine)
    source = os.path.join(vaults.folder, '6.5', 'os', machine)
    box.host.sh('mkdir -p /scratch/vault/$(dirname %s); cp -r %s /scratch/vault/%s' % (place, source, place))
    must(box.script('mirrors', NETNSCTL_VAULTS='file:///scratch/vault'))
    assert 'baseurl=file:///scratch/vault/%s/\n' % place in box.host.sh('cat ' + REPO_FILE)


# Docker on EL6

EPEL = {'NETNSCTL_EPELS': '%s/epel %s/epel' % (ABSENT, VAULT)}


def test_docker_comes_from_the_archive_of_epel_and_is_started_with_the_library_that_it_needs(box):
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    for _ in range(2):
        result = must(box.script('docker-el6', **EPEL))
        assert 'EPEL 6 comes from %s/epel' % VAULT in result.out and 'version: 1.7.1' in result.out, result
    assert box.version('device-mapper-libs') == '1.02.117'
    assert box.version('kernel') == '1'
    assert 'docker on' in box.host.sh('cat /scratch/chkconfig')


def test_no_archive_of_epel_is_an_error_that_says_how_to_go_without(box):
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    result = box.script('docker-el6', NETNSCTL_EPELS=ABSENT)
    assert result.status == 1 and 'no archive has EPEL 6' in result.err, result
    assert 'NETNSCTL_EL6_DOCKER=no' in result.err, result
    must(box.script('docker-el6', NETNSCTL_EPELS=ABSENT, NETNSCTL_EL6_DOCKER='no'))


# netnsctl

@pytest.fixture
def box_with_mirrors(box):
    must(box.script('mirrors', NETNSCTL_VAULTS=VAULT))
    return box


def test_install_takes_the_package_from_the_repository_and_again_after_another_upload(box_with_mirrors, uploads):
    first, second = uploads(version='1'), uploads(version='2')
    assert 'netnsctl, version 1' in must(box_with_mirrors.script('install', first)).out
    assert 'netnsctl, version 1' in must(box_with_mirrors.script('install', first)).out
    assert 'netnsctl, version 2' in must(box_with_mirrors.script('install', second)).out
    assert box_with_mirrors.version('netnsctl') == '2'


@pytest.mark.parametrize('key', [None, 'somebody-else'])
def test_install_refuses_a_package_that_is_not_signed_with_the_key(box_with_mirrors, uploads, key):
    result = box_with_mirrors.script('install', uploads(key=key))
    assert result.status == 1 and 'GPG' in result.out + result.err, result
    assert box_with_mirrors.version('netnsctl') == ''


def test_install_says_what_is_wrong_with_a_folder(box):
    result = box.script('install', '/scratch')
    assert result.status == 1 and result.err == 'install: /scratch: no yum repository\n', result
    result = box.script('install', '/scratch/none')
    assert result.status == 1 and 'no such directory' in result.err, result


# The acceptance suite

def acceptance(box, *lines, **options):
    script = ("cat <<'END'",) + lines + ('END', 'exit %d' % options.get('status', 0), '')
    box.host.write('/scratch/suite/run', '\n'.join(script))
    return box.script('acceptance', '/scratch/suite', *options.get('words', ()))


def test_acceptance_passes_with_a_suite_that_passes_and_brings_netnsctl_back(box):
    result = acceptance(box, '1..2', 'ok 1 - one', 'ok 2 - two # skip no docker', words=('touch', '/scratch/back'))
    assert result.status == 0 and 'ok 1 - one\n' in result.out and 'tests: 2, planned: 2' in result.out, result
    box.host.sh('test -e /scratch/back')


def test_acceptance_fails_and_names_the_tests_that_fail(box):
    result = acceptance(box, 'ok 1 - one', 'not ok 2 - wires two', 'ok 3 - three', '1..3', status=1)
    assert result.status == 1 and 'acceptance: not ok 2 - wires two\n' in result.err, result
    assert 'ok 1' not in result.err, result


@pytest.mark.parametrize('lines,status', [
    (('1..3', 'ok 1 - one'), 0), (('ok 1 - one', '1..1'), 2), (('ok 1 - one',), 0), (('1..0',), 0), ((), 0)])
def test_acceptance_fails_where_the_suite_does_not_come_to_its_end(box, lines, status):
    result = acceptance(box, *lines, status=status)
    assert result.status == 1 and 'did not come to its end (status %d)' % status in result.err, result
