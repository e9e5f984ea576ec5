"""rpm/build: the same commit gives the same bytes, and what fails leaves nothing."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

import pytest

from support.built_packages import VENV_DOCS, Checkout, Package, only, read_bytes
from support.process import must, run


@pytest.fixture
def other(checkout, tmpdir):
    """A checkout of its own, to be changed."""
    return Checkout(str(tmpdir.mkdir('another folder with a longer name')))


@pytest.fixture
def as_nobody(tools):
    """as_nobody(*words): the path of what rpm/build makes as another user, in a checkout of that user's."""
    if os.geteuid() != 0:
        pytest.skip('needs root: it builds as another user')
    # Not below pytest's folder, which is closed to others.
    home, made = tempfile.mkdtemp(), Checkout()
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')), 'netnsctl')
    for name in ('bundled', 'site'):
        if os.path.exists(os.path.join(cache, name)):
            shutil.copytree(os.path.join(cache, name), os.path.join(home, '.cache', 'netnsctl', name))
    must(['chown', '-R', '65534:65534', home, made.folder])

    def build(*words):
        environ = dict(os.environ, HOME=home, TMPDIR=home, DIST='el6', USER='nobody', NETNSCTL_VENV_DOCS=VENV_DOCS)
        environ.pop('XDG_CACHE_HOME', None)
        nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
        result = run(nobody + [made.path('rpm', 'build')] + list(words), timeout=300, environ=environ)
        assert result.status == 0, result
        return made.path(result.out.strip())
    yield build
    made.close()
    shutil.rmtree(home)


@pytest.fixture(scope='module')
def untouched():
    """A checkout in which no build gets as far as to change something."""
    made = Checkout()
    yield made
    made.close()


@pytest.mark.thorough
@only('el6')
def test_the_same_commit_gives_the_same_bytes_wherever_it_is_built(built, dist, other, tmpdir):
    again = other.package(dist, umask=0o077, TMPDIR=str(tmpdir.mkdir('tmp with blanks')), TZ='Asia/Tokyo',
                          LC_ALL='C.UTF-8', HOME=str(tmpdir.mkdir('home')), XDG_CACHE_HOME=os.environ.get(
                              'XDG_CACHE_HOME', os.path.expanduser('~/.cache')))
    assert os.path.basename(again) == os.path.basename(built(dist).path)
    assert read_bytes(again) == read_bytes(built(dist).path)


@pytest.mark.thorough
def test_another_user_builds_the_same_bytes(built, as_nobody):
    assert read_bytes(as_nobody('--without', 'doc')) == read_bytes(built('el6').path)


@pytest.mark.thorough
def test_another_user_builds_the_same_source_package(source_package, as_nobody):
    again = as_nobody('--source')
    form = '[%{FILENAMES} %{FILEUSERNAME}:%{FILEGROUPNAME}\n]'
    assert Package(again).query(form) == Package(source_package).query(form)
    assert read_bytes(again) == read_bytes(source_package)


def test_nothing_in_it_is_newer_than_the_commit(built, dist):
    times = set(item.mtime for item in built(dist).files.values())
    assert max(times) == 1580608922 and built(dist).query('%{BUILDTIME} %{BUILDHOST}') == '1580608922 localhost'


@pytest.mark.thorough
def test_a_higher_release_is_another_package(built, newer):
    package = Package(newer('el6'))
    assert package.query('%{NAME}-%{VERSION}-%{RELEASE}') == built('el6').query('%{NAME}-%{VERSION}-2.el6')


@pytest.mark.thorough
def test_without_bundled_it_asks_for_the_distributions_libraries(other):
    must(['make', '-s', '-C', other.folder, 'rpm', 'DIST=el9', 'RPM_ARGS=--without bundled --without doc'], timeout=300)
    package = Package(other.path('dist', 'netnsctl-1.0.0-1.el9.noarch.rpm'))
    assert set(('python3-click', 'python3-jinja2', 'python3-pyroute2')) <= package.requires()
    assert not [word for word in package.provides() if 'bundled' in word]
    assert not [name for name in package.files if 'bundled' in name]
    assert package.query('%{LICENSE}') == 'MIT'


@pytest.mark.parametrize('dist_name', ['el5', 'EL6', '', 'debian', 'el6;id'])
def test_a_distribution_that_is_none_is_refused(untouched, dist_name):
    result = untouched.build(dist_name or ' ')
    assert result.status == 1 and 'use el6, el7, el8, el9, el10 or fedora' in result.err
    assert not os.path.exists(untouched.path('dist'))


@pytest.mark.parametrize('release', ['x', '1;id', '-1', '.', '1.', '1 2'])
def test_a_release_that_is_no_number_is_refused(untouched, release):
    result = untouched.build('el6', release)
    assert result.status == 1 and 'RELEASE=%s' % release in result.err
    assert not os.path.exists(untouched.path('dist'))


def test_a_version_that_the_program_does_not_have_is_refused(other):
    other.edit('netnsctl.spec', 'Version:        1.0.0', 'Version:        0.2.0')
    other.commit()
    result = other.build('el6')
    assert result.status == 1 and '0.2.0' in result.err and not os.path.exists(other.path('dist'))


def test_a_build_that_fails_says_why_and_leaves_what_was_there(other, tmpdir):
    os.mkdir(other.path('dist'))
    before = other.path('dist', 'netnsctl-1.0.0-1.el6.noarch.rpm')
    with open(before, 'w') as target:
        target.write('an older one')
    other.edit('rpm/list-files', 'set -eu', 'set -eu; echo something is wrong >&2; exit 1')
    other.commit()
    temporary = tmpdir.mkdir('tmp')
    result = other.build('el6', TMPDIR=str(temporary))
    assert result.status == 1 and 'something is wrong' in result.err and 'rpmbuild failed for el6' in result.err
    assert os.listdir(other.path('dist')) == [os.path.basename(before)] and read_bytes(before) == b'an older one'
    assert temporary.listdir() == []


@pytest.mark.thorough
def test_what_is_not_committed_is_not_in_it(built, other):
    other.edit('README.md', '# netnsctl', '# something else')
    assert read_bytes(other.package('el6')) == read_bytes(built('el6').path)
