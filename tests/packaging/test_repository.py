"""repo/build, and what a real dnf takes of its repository and what not."""
from __future__ import absolute_import, division, print_function

import filecmp
import gzip
import os
import re
import shutil

import pytest

from support.built_packages import VENV_DOCS, manual_lacks, missing_tools
from support.lacking import lacking
from support.process import must, run
from support.repository import TOOLS, Client, Keys, Repository

KEY = 'netnsctl test'
OTHER = 'somebody else'
# For rpm/build: the manual too, where it can be built.
ALL = '--without doc' if manual_lacks() else ''


@pytest.fixture(scope='session')
def keys():
    missing = missing_tools(TOOLS)
    if missing:
        lacking('rpm', '%s missing' % ', '.join(missing))
    made = Keys()
    try:
        made.make(KEY, 'rsa4096')
        made.make(OTHER)
        yield made
    finally:
        made.close()


def build(checkout, keys, **environ):
    """repo/build for el6: Result."""
    values = dict(os.environ, GNUPGHOME=keys.home, DISTS='el6', KEY=KEY, RPM_ARGS='--without doc',
                  NETNSCTL_VENV_DOCS=VENV_DOCS)
    values.update(environ)
    return run([checkout.path('repo', 'build')], timeout=300, environ=values)


@pytest.fixture(scope='session')
def made(checkout, keys, tmpdir_factory):
    """The folder whose `repo` repo/build made of this checkout: for reading.

    What a client sees is a copy, `served`, which is where its BASEURL leads.
    """
    folder = str(tmpdir_factory.mktemp('repository'))
    result = build(checkout, keys, DEST=folder + '/repo', BASEURL='file://%s/served' % folder, RPM_ARGS=ALL)
    assert result.status == 0, result
    assert result.out == folder + '/repo/el6\n'
    return folder


@pytest.fixture
def repository(made, keys):
    """support.repository.Repository that a client sees, to be changed."""
    place = os.path.join(made, 'served')
    shutil.copytree(os.path.join(made, 'repo'), place)
    yield Repository(os.path.join(place, 'el6'), keys, KEY)
    shutil.rmtree(place)


@pytest.fixture
def client(repository, tmpdir):
    return Client(str(tmpdir.join('client')), repository.named('netnsctl', '.repo'))


# what a client takes

def test_dnf_installs_netnsctl_with_nothing_but_the_repository(client):
    result = client.dnf('install', 'netnsctl')
    assert result.status == 0, result
    assert client.installed() == ['netnsctl']


@pytest.mark.skipif(bool(ALL), reason='the manual cannot be built here')
def test_dnf_installs_the_manual_by_itself(client):
    assert client.dnf('install', 'netnsctl-doc').status == 0
    assert client.installed() == ['netnsctl-doc']


def test_dnf_installs_the_release_package(client):
    assert client.dnf('install', 'netnsctl-release').status == 0
    assert client.installed() == ['netnsctl-release']


# what a client refuses

def refused(client, *said):
    """dnf fails, installs nothing and says one of these."""
    result = client.dnf('install', 'netnsctl')
    assert result.status != 0, result
    assert client.installed() == []
    assert any(text in result.out + result.err for text in said), result


def test_an_unsigned_package_is_refused_though_the_metadata_is_signed(client, repository):
    must(['rpmsign', '--delsign', repository.package])
    repository.list_anew()
    refused(client, 'is not signed')


def test_a_package_that_another_key_signed_is_refused_though_the_metadata_is_signed(client, repository, keys):
    must(['rpmsign', '--delsign', repository.package])
    keys.sign_package(OTHER, repository.package)
    repository.list_anew()
    refused(client, 'Public key for', 'GPG check FAILED', 'is not installed')


def test_an_altered_package_is_refused(client, repository):
    repository.alter(repository.package)
    refused(client, 'hecksum')


def test_an_altered_package_is_refused_though_the_metadata_is_of_it_and_signed(client, repository):
    repository.alter(repository.package)
    repository.list_anew()
    refused(client, 'digest', 'BAD', 'Problem opening package')


def test_altered_metadata_is_refused(client, repository):
    with open(repository.repomd, 'ab') as target:
        target.write(b'<!-- -->\n')
    refused(client, 'GPG signature verification error', 'Bad GPG signature')


def test_an_altered_list_of_packages_is_refused(client, repository):
    folder = os.path.dirname(repository.repomd)
    for name in os.listdir(folder):
        if name.endswith('primary.xml.gz'):
            repository.alter(os.path.join(folder, name), 20)
    refused(client, 'hecksum')


def test_unsigned_metadata_is_refused(client, repository):
    os.unlink(repository.repomd + '.asc')
    refused(client, 'repomd.xml.asc', 'GPG')


def test_metadata_that_another_key_signed_is_refused(client, repository):
    repository.list_anew(OTHER)
    refused(client, 'GPG signature verification error', 'Bad GPG signature')


# what is in it

def test_the_repo_file_asks_for_both_checks(repository):
    with open(repository.named('netnsctl', '.repo')) as source:
        lines = source.read().split('\n')
    place = 'file://' + repository.folder
    assert [line for line in lines if line and not line.startswith('#')] == [
        '[netnsctl]', 'name=netnsctl for el6', 'baseurl=' + place, 'enabled=1', 'gpgcheck=1', 'repo_gpgcheck=1',
        'gpgkey=%s/RPM-GPG-KEY-netnsctl' % place]


def test_the_release_package_brings_the_repo_file_and_the_key(repository, tmpdir):
    must(['sh', '-euc', 'cd "$1"; rpm2cpio "$2" | cpio --quiet -idm', 'sh', str(tmpdir),
          repository.named('netnsctl-release')])
    text = tmpdir.join('etc/yum.repos.d/netnsctl.repo').read()
    assert 'baseurl=file://%s\n' % repository.folder in text
    assert 'gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-netnsctl\n' in text
    assert '@' not in text
    assert filecmp.cmp(str(tmpdir.join('etc/pki/rpm-gpg/RPM-GPG-KEY-netnsctl')),
                       os.path.join(repository.folder, 'RPM-GPG-KEY-netnsctl'), shallow=False)


@pytest.mark.thorough
def test_a_higher_release_is_one_of_the_release_package_too(checkout, keys, tmpdir):
    result = build(checkout, keys, DEST=str(tmpdir.join('repo')), RELEASE='2')
    assert result.status == 0, result
    names = os.listdir(str(tmpdir.join('repo', 'el6')))
    assert sorted(name for name in names if name.endswith('.rpm')) == [
        'netnsctl-1.0.0-2.el6.noarch.rpm', 'netnsctl-release-1.0.0-2.el6.noarch.rpm']


def test_the_release_package_keeps_a_changed_repo_file(repository):
    flags = must(['rpm', '-qp', '--nosignature', '--qf', '[%{FILENAMES} %{FILEFLAGS:fflags}\n]',
                  repository.named('netnsctl-release')])
    assert '/etc/yum.repos.d/netnsctl.repo cn\n' in flags


def test_rpm_before_4_14_finds_a_signature_of_header_and_payload(repository):
    for path in (repository.package, repository.named('netnsctl-release')):
        said = must(['rpm', '-qp', '--nosignature', '--qf', '%{SIGPGP:pgpsig}|%{RSAHEADER:pgpsig}', path])
        assert re.match(r'RSA/SHA256, .*\|RSA/SHA256, ', said), said


def test_no_rpmlib_feature_in_the_release_package_is_newer_than_el6(repository):
    requires = must(['rpm', '-qp', '--nosignature', '--requires', repository.named('netnsctl-release')])
    assert set(re.findall(r'rpmlib\((\w+)\)', requires)) <= set(
        ['CompressedFileNames', 'PayloadFilesHavePrefix', 'FileDigests'])


def test_yum_3_finds_its_databases_in_the_metadata(repository):
    with open(repository.repomd) as source:
        text = source.read()
    assert set(re.findall(r'<data type="(\w+)"', text)) == set(
        ['primary', 'filelists', 'other', 'primary_db', 'filelists_db', 'other_db'])
    assert set(re.findall(r'checksum type="(\w+)"', text)) == set(['sha256'])
    for href in re.findall(r'location href="([^"]+)"', text):
        with gzip.open(os.path.join(repository.folder, href)) as source:
            assert source.read(16)


# how it is built

@pytest.fixture(scope='session')
def again(made, checkout, keys, tmpdir_factory):
    """A folder `repo` that was built over one that had el6 and el7 already, as `made` was built."""
    folder = tmpdir_factory.mktemp('again')
    for name in ('el6', 'el7'):
        folder.join('repo', name, 'old').write('', ensure=True)
    result = build(checkout, keys, DEST=str(folder.join('repo')), BASEURL='file://%s/served' % made, RPM_ARGS=ALL)
    assert result.status == 0, result
    return folder


@pytest.mark.thorough
def test_the_same_commit_and_key_give_the_same_bytes(made, again):
    assert must(['diff', '-r', os.path.join(made, 'repo', 'el6'), str(again.join('repo', 'el6'))]) == ''


def test_a_new_build_takes_the_place_of_the_old_and_leaves_other_distributions(again):
    assert not again.join('repo', 'el6', 'old').exists()
    assert again.join('repo', 'el7', 'old').exists()
    assert os.listdir(str(again)) == ['repo']


@pytest.mark.parametrize('name, value, said', [
    ('DISTS', 'el6 el5', 'el5'), ('KEY', 'nobody', 'no secret key'), ('BASEURL', 'srv/netnsctl', 'BASEURL'),
    ('BASEURL', 'http://host/a b', 'BASEURL'), ('BASEURL', 'http://host/\nenabled=0', 'BASEURL'),
    ('BASEURL', 'http://', 'BASEURL')])
def test_bad_input_is_refused_before_anything_is_made(checkout, keys, tmpdir, name, value, said):
    result = build(checkout, keys, DEST=str(tmpdir.join('repo')), **{name: value})
    assert (result.status, result.out) == (1, '')
    assert result.err.startswith('repo/build: ') and said in result.err, result
    assert tmpdir.listdir() == []


def test_a_key_that_el6_cannot_verify_is_refused(checkout, keys, tmpdir):
    keys.make('elliptic', 'ed25519')
    keys.make('by a subkey', 'rsa2048', 'cert')
    keys.add_subkey('by a subkey', 'rsa2048', 'sign')
    for name, said in (('elliptic', 'not RSA'), ('by a subkey', 'primary part does not sign')):
        result = build(checkout, keys, DEST=str(tmpdir.join('repo')), KEY=name)
        assert result.status == 1 and said in result.err, result
        assert tmpdir.listdir() == []


def test_a_build_that_fails_leaves_the_old_repository_and_nothing_else(checkout, keys, tmpdir):
    old = tmpdir.join('repo', 'el6', 'old')
    old.write('as it was', ensure=True)
    broken = tmpdir.join('bin', 'createrepo_c')
    broken.write('#!/bin/sh\necho "no space left" >&2\nexit 1\n', ensure=True)
    broken.chmod(0o755)
    result = build(checkout, keys, DEST=str(tmpdir.join('repo')),
                   PATH='%s:%s' % (broken.dirpath(), os.environ['PATH']))
    assert result.status == 1 and 'no space left' in result.err, result
    assert old.read() == 'as it was'
    assert sorted(os.listdir(str(tmpdir))) == ['bin', 'repo']
