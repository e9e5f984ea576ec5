"""Fixtures of the tests of netnsctl's own packages."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support.built_packages import DISTS, Checkout, Package, manual_lacks, missing_tools
from support.lacking import lacking
from support.process import must
from support.program import TOP


@pytest.fixture(scope='session')
def tools():
    """What packages are built with is here."""
    missing = missing_tools()
    if missing:
        lacking('rpm', '%s missing' % ', '.join(missing))


@pytest.fixture(scope='session')
def checkout(tools):
    """support.built_packages.Checkout, to build from and not to change."""
    made = Checkout()
    yield made
    made.close()


@pytest.fixture(scope='session')
def built(checkout):
    """built(dist, release=1) -> support.built_packages.Package, built once."""
    made = {}

    def get(dist, release=1):
        if (dist, release) not in made:
            made[dist, release] = Package(checkout.package(dist, release))
        return made[dist, release]
    return get


@pytest.fixture(scope='session')
def manual(tools):
    """What the manual's package is built with is here."""
    missing = manual_lacks()
    if missing:
        lacking('rpm', '%s missing' % ', '.join(missing))


@pytest.fixture(scope='session')
def with_doc(checkout, manual):
    """The two support.built_packages.Package of EL9, the manual's first."""
    return [Package(path) for path in checkout.packages('el9', words=())]


@pytest.fixture(scope='session')
def source_package(checkout, manual):
    """The path of the source package."""
    return checkout.package('el9', words=['--source'])


@pytest.fixture(scope='session')
def rebuilt(source_package, tmpdir_factory):
    """support.built_packages.Package of netnsctl as a build host that is EL9 makes it of the source package."""
    folder = str(tmpdir_factory.mktemp('rebuilt'))
    macros = os.path.join(TOP, 'tests', 'standins', 'rpm-macros', 'el9')
    must(['rpmbuild', '--rebuild', '--nodeps', '--quiet', '--load', macros, '--without', 'tests',
          '--define', '_topdir ' + folder, '--define', '_tmppath ' + folder, source_package], timeout=300)
    folder += '/RPMS/noarch/'
    assert sorted(os.listdir(folder)) == ['netnsctl-1.0.0-1.el9.noarch.rpm', 'netnsctl-doc-1.0.0-1.el9.noarch.rpm']
    return Package(folder + 'netnsctl-1.0.0-1.el9.noarch.rpm')


@pytest.fixture(scope='session')
def newer(tools):
    """newer(dist) -> the path of release 2 of a package, with CHANGES, built once."""
    changed = Checkout()
    changed.edit('rpm/netnsctl.conf', '# netnsctl: settings', '# netnsctl: other settings')
    # As long as it was, and committed at the same time: compiled modules are held against nothing else.
    changed.edit('src/netnsctl/cli/commands.py', "'ls', 'List the", "'ls', 'Show the")
    os.unlink(changed.path('src', 'netnsctl', '__main__.py'))
    changed.commit()
    made = {}

    def get(dist):
        if dist not in made:
            made[dist] = changed.package(dist, release=2)
        return made[dist]
    yield get
    changed.close()


def pytest_generate_tests(metafunc):
    """A test that takes `dist` runs for EL6 and EL9, or for those that it names by `only`; with NETNSCTL_TEST_EVERY for
    all that there are."""
    if 'dist' not in metafunc.fixturenames:
        return
    dists = getattr(metafunc.function, 'only', ['el6', 'el9'])
    if os.environ.get('NETNSCTL_TEST_EVERY') and not getattr(metafunc.function, 'never_others', False):
        dists = DISTS
    metafunc.parametrize('dist', dists)


def pytest_collection_modifyitems(items):
    """The packages are the same whichever Python the tests run on: one of them is enough."""
    if sys.version_info[0] > 2:
        return
    folder = os.path.dirname(os.path.abspath(__file__))
    for item in items:
        if str(item.fspath).startswith(folder):
            item.add_marker(pytest.mark.skip(reason='the packages are tested under Python 3'))
