"""What `make release` is made of: the checks before it, what pip and Galaxy take, the provenance statement."""
from __future__ import absolute_import, division, print_function

import glob
import hashlib
import io
import json
import os
import sys
import tarfile
import zipfile
from contextlib import closing

import pytest

from netnsctl import __version__
from support.built_packages import VENV_DOCS, Checkout, read_bytes
from support.process import must, run
from support.program import TOP

WHEN = 1580608922
PINNED = ('rpm/bundled/py2.txt', 'rpm/bundled/py36.txt', 'rpm/bundled/py3.txt', 'release/python.txt')


@pytest.fixture(scope='module')
def other(checkout, tmpdir_factory):
    """A checkout elsewhere. Who changes it changes it back."""
    return Checkout(str(tmpdir_factory.mktemp('another folder with a longer name')))


@pytest.fixture(scope='module')
def for_pip(checkout, tmpdir_factory):
    """{name: bytes} of what pip takes."""
    return made(checkout, 'python', tmpdir_factory.mktemp('for-pip'), TZ='UTC', LC_ALL='C')


def made(source, name, folder, umask=0o022, **environ):
    """{name: bytes} of what release/NAME writes into a folder."""
    must(['sh', '-c', 'umask %o; exec "$@"' % umask, 'sh', sys.executable, source.path('release', name), str(folder)],
         timeout=300, environ=dict(os.environ, **environ))
    return dict((path, read_bytes(os.path.join(str(folder), path))) for path in sorted(os.listdir(str(folder))))


@pytest.mark.thorough
def test_the_same_commit_gives_the_same_bytes_wherever_it_is_built(checkout, other, for_pip, tmpdir):
    pytest.importorskip('yaml')
    elsewhere = dict(umask=0o077, TZ='Asia/Tokyo', LC_ALL='C.UTF-8', TMPDIR=str(tmpdir.mkdir('tmp with blanks')))
    assert sorted(for_pip) == ['netnsctl-%s-py3-none-any.whl' % __version__, 'netnsctl-%s.tar.gz' % __version__]
    assert made(other, 'python', tmpdir.mkdir('pip'), **elsewhere) == for_pip
    first = made(checkout, 'collection', tmpdir.mkdir('first'), TZ='UTC', LC_ALL='C')
    assert made(other, 'collection', tmpdir.mkdir('second'), **elsewhere) == first
    assert sorted(first) == ['netnsctl-netnsctl-%s.tar.gz' % __version__]
    for name, data in list(for_pip.items()) + list(first.items()):
        if name.endswith('.tar.gz'):
            with closing(tarfile.open(fileobj=io.BytesIO(data))) as archive:
                members = archive.getmembers()
            assert set((one.mtime, one.uid, one.gid, one.uname) for one in members) == set([(WHEN, 0, 0, '')])
            assert set(one.mode for one in members) <= set([0o644, 0o755])


def test_what_pip_takes_has_the_program_and_what_it_reads(for_pip):
    with closing(zipfile.ZipFile(io.BytesIO(for_pip['netnsctl-%s-py3-none-any.whl' % __version__]))) as archive:
        names = archive.namelist()
    for name in ('netnsctl/__init__.pyi', 'netnsctl/py.typed', 'netnsctl/libexec/ip',
                 'netnsctl-%s.data/scripts/netnsctl' % __version__):
        assert name in names
    with closing(tarfile.open(fileobj=io.BytesIO(for_pip['netnsctl-%s.tar.gz' % __version__]))) as archive:
        inside = archive.getnames()
    for name in ('setup.py', 'netnsctl.spec', 'release/build', 'tests/releases/%s/surface.json' % __version__):
        assert 'netnsctl-%s/%s' % (__version__, name) in inside


def test_the_collection_lists_each_file_that_it_has(checkout, tmpdir):
    pytest.importorskip('yaml')
    name, = made(checkout, 'collection', tmpdir)
    with closing(tarfile.open(str(tmpdir.join(name)))) as archive:
        found = dict((one.name, archive.extractfile(one).read()) for one in archive if one.isfile())
    rows = json.load(io.BytesIO(found['FILES.json']))['files']
    assert dict((row['name'], row['chksum_sha256']) for row in rows if row['ftype'] == 'file') == dict(
        (path, hashlib.sha256(data).hexdigest()) for path, data in found.items()
        if path not in ('FILES.json', 'MANIFEST.json'))
    manifest = json.load(io.BytesIO(found['MANIFEST.json']))
    assert manifest['collection_info']['version'] == __version__ and manifest['file_manifest_file'][
        'chksum_sha256'] == hashlib.sha256(found['FILES.json']).hexdigest()


# what is checked before a release

def check(source, *words):
    return run([sys.executable, source.path('release', 'check')] + list(words), timeout=60)


def test_a_tree_whose_places_agree_is_fit(checkout):
    result = check(checkout, '--untagged')
    assert (result.status, result.out) == (0, __version__ + '\n'), result


@pytest.mark.parametrize('name,old,new,said', [
    ('netnsctl.spec', 'Version:        ' + __version__, 'Version:        9.9', 'netnsctl.spec: version 9.9'),
    ('CHANGELOG.md', '## %s (' % __version__, '## 9.9 (', 'CHANGELOG.md: version 9.9'),
    ('CHANGELOG.md', '## %s (2' % __version__, '## %s (not released, 2' % __version__, 'CHANGELOG.md has None'),
    ('ansible/galaxy.yml', 'version: ' + __version__, 'version: 9.9', 'ansible/galaxy.yml: version 9.9'),
    ('ansible/CHANGELOG.rst', 'v%s\n' % __version__, 'v9.9\n', 'ansible/CHANGELOG.rst: version 9.9'),
    ('docs/man/netnsctl-ls.8', '"netnsctl %s"' % __version__, '"netnsctl 9.9"', 'netnsctl-ls.8: version 9.9'),
    ('docs/man/netnsctl-ls.8', '.TH NETNSCTL-LS 8 2', '.TH NETNSCTL-LS 8 3', 'netnsctl-ls.8: day 3026-'),
    ('docs/ls.schema.json', '"title": "', '"title": "other ', 'ls.schema.json): make keep-release'),
    ('src/netnsctl/errors.py', 'exit_code = 4', 'exit_code = 44', 'surface.json): make keep-release')])
def test_what_disagrees_is_named(other, name, old, new, said):
    other.edit(name, old, new)
    result = check(other, '--untagged')
    other.edit(name, new, old)
    assert result.status == 1 and said in result.err, result


def test_a_release_is_of_a_tagged_commit_without_changes(other):
    other.edit('README.md', '# netnsctl', '# something else')
    result = check(other)
    other.edit('README.md', '# something else', '# netnsctl')
    assert result.status == 1, result
    for said in ('README.md: not committed', 'git tag -s v' + __version__, 'is after the day of the commit'):
        assert said in result.err


# the statement

def test_the_provenance_statement_has_each_file_and_all_that_went_into_it(checkout, tmpdir):
    files = {'a.rpm': b'first', 'repo/el9/b.rpm': b'second'}
    for name, data in files.items():
        tmpdir.join(name).write(data, ensure=True)
    for name in ('SHA256SUMS.asc', 'old.provenance.json'):
        tmpdir.join(name).write('x')
    text = must([sys.executable, checkout.path('release', 'provenance'), str(tmpdir), '1580608922', 'DISTS=el9',
                 'HOMEPAGE=https://host.example/netnsctl', 'BUILDER=https://host.example/builder', 'RELEASE='])
    statement = json.loads(text)
    assert (statement['_type'], statement['predicateType']) == (
        'https://in-toto.io/Statement/v1', 'https://slsa.dev/provenance/v1')
    assert statement['subject'] == [{'name': name, 'digest': {'sha256': hashlib.sha256(data).hexdigest()}}
                                    for name, data in sorted(files.items())]
    definition, run_details = [statement['predicate'][key] for key in ('buildDefinition', 'runDetails')]
    commit = must(['git', '-C', checkout.folder, 'rev-parse', 'HEAD']).strip()
    assert definition['externalParameters']['variables'] == {
        'DISTS': 'el9', 'HOMEPAGE': 'https://host.example/netnsctl'}
    source = {'uri': 'git+https://host.example/netnsctl', 'digest': {'gitCommit': commit}}
    assert definition['resolvedDependencies'][0] == definition['externalParameters']['source'] == source
    digests = set(one['digest']['sha256'] for one in definition['resolvedDependencies'][1:])
    for path in PINNED:
        with open(os.path.join(TOP, path)) as opened:
            wanted = set(word[len('--hash=sha256:'):] for word in opened.read().split() if word.startswith('--hash='))
        assert wanted and wanted <= digests
    assert run_details['builder']['id'] == 'https://host.example/builder'
    assert run_details['metadata']['startedOn'] == '2020-02-02T02:02:02Z'
    assert 'uncommitted' not in definition['internalParameters']


def test_the_statement_of_a_try_says_what_was_not_as_in_the_commit(other, tmpdir):
    other.edit('release/python', '"""', '""" ')
    text = must([sys.executable, other.path('release', 'provenance'), str(tmpdir), '1580608922',
                 'RELEASE_ARGS=--untagged'])
    other.edit('release/python', '""" ', '"""')
    definition = json.loads(text)['predicate']['buildDefinition']
    assert definition['internalParameters']['uncommitted'] == ['release/python']
    assert definition['externalParameters']['variables'] == {'RELEASE_ARGS': '--untagged'}


@pytest.mark.skipif(not os.environ.get('NETNSCTL_TEST_EVERY'), reason='takes a minute: make test-rpm has it')
def test_a_release_is_complete_and_verified_as_the_manual_says(other, tmpdir):
    home = tmpdir.mkdir('gpg')
    done = run([other.path('release', 'build'), '--untagged', '--without', 'doc'], timeout=900,
               environ=dict(os.environ, DISTS='el6', NETNSCTL_VENV_DOCS=VENV_DOCS,
                            PATH='%s:%s' % (os.path.dirname(sys.executable), os.environ['PATH'])))
    assert done.status == 0, done
    folder = other.path('dist', 'release')
    assert 'netnsctl-%s.provenance.json' % __version__ in os.listdir(folder)
    assert len(glob.glob(folder + '/*.cdx.json')) == 2 and os.path.exists(folder + '/repo/el6/repodata/repomd.xml.asc')
    said = must(['sh', '-euc', 'cd "$1"; gpg --quiet --import RPM-GPG-KEY-netnsctl; sha256sum --quiet -c SHA256SUMS; '
                 'for file in SHA256SUMS *.provenance.json; do gpg --verify $file.asc $file; done', 'sh', folder],
                environ=dict(os.environ, GNUPGHOME=str(home)))
    assert said == ''
    with open('%s/netnsctl-%s.provenance.json' % (folder, __version__)) as source:
        subjects = dict((one['name'], one['digest']['sha256']) for one in json.load(source)['subject'])
    for name, digest in subjects.items():
        assert hashlib.sha256(read_bytes(os.path.join(folder, name))).hexdigest() == digest
    assert 'repo/el6/netnsctl-%s-1.el6.noarch.rpm' % __version__ in subjects
