"""The source package: what it is made of, what COPR and Packit make, and what a distribution itself builds from it."""
from __future__ import absolute_import, division, print_function

import os
import re
import shlex

import pytest

from support.built_packages import VENV_DOCS, Checkout, read_bytes
from support.process import must, run
from support.program import TOP

SOURCES = ['netnsctl-1.0.0.tar.gz', 'netnsctl-bundled-py2.tar.gz', 'netnsctl-bundled-py3.tar.gz',
           'netnsctl-bundled-py36.tar.gz', 'netnsctl-site.tar.gz']
LIBRARY = '/usr/share/netnsctl/'


@pytest.fixture
def other(checkout, tmpdir):
    """A checkout of its own, to be changed."""
    return Checkout(str(tmpdir.mkdir('elsewhere')))


@pytest.fixture(scope='module')
def untouched():
    """A checkout in which no build gets as far as to change something."""
    made = Checkout()
    yield made
    made.close()


def query(form, *words):
    """What rpmspec prints of netnsctl.spec: set of lines."""
    said = must(['rpmspec', '-q', '--srpm', form] + list(words) + [os.path.join(TOP, 'netnsctl.spec')])
    return set(line for line in said.split('\n') if line and not line.startswith('rpmlib('))


def scripts(package):
    return package.query('%{POSTIN}\n%{PREUN}\n%{POSTUN}\n')


# how it is made

def test_it_has_the_sources_for_every_distribution(source_package):
    assert os.path.basename(source_package) == 'netnsctl-1.0.0-1.src.rpm'
    said = must(['rpm', '-qp', '--nosignature', '--qf', '[%{SOURCE}\n]', source_package])
    assert sorted(said.split()) == SOURCES


@pytest.mark.thorough
def test_copr_makes_the_same_bytes_of_a_clone_that_is_another_users(source_package, other, tmpdir):
    out = tmpdir.join('out folder')
    must(['chown', '-R', '65534:65534', other.folder] if os.geteuid() == 0 else ['true'])
    made = run(['make', '-f', os.path.join(other.folder, '.copr', 'Makefile'), 'srpm', 'outdir=%s' % out,
                'spec=netnsctl.spec'], timeout=300,
               environ=dict(os.environ, NETNSCTL_VENV_DOCS=VENV_DOCS, TZ='Asia/Tokyo',
                            TMPDIR=str(tmpdir.mkdir('another temporary one'))))
    assert made.status == 0, made
    assert read_bytes(str(out.join('netnsctl-1.0.0-1.src.rpm'))) == read_bytes(source_package)


def test_what_packit_calls_puts_all_sources_beside_the_spec_and_says_where_the_first_is(manual, other):
    config = read_bytes(other.path('.packit.yaml')).decode()
    actions = dict(re.findall(r'(?m)^  ([a-z-]+):\n    - (.*)$', config))
    assert sorted(actions) == ['create-archive', 'get-current-version']
    script = 'cd "$1"; shift; exec "$@"'
    said = dict((name, must(['sh', '-euc', script, 'sh', other.folder] + shlex.split(line.strip('"')), timeout=300,
                            environ=dict(os.environ, NETNSCTL_VENV_DOCS=VENV_DOCS))) for name, line in actions.items())
    assert said['get-current-version'] == '1.0.0\n'
    assert said['create-archive'] == other.path('netnsctl-1.0.0.tar.gz') + '\n'
    assert set(SOURCES) <= set(os.listdir(other.folder))


def test_the_home_page_and_the_release_of_whoever_publishes_it_stay_with_it(manual, other, tmpdir):
    made = other.package('el9', release=3, words=['--source'], HOMEPAGE='https://host.example/netnsctl')
    assert os.path.basename(made) == 'netnsctl-1.0.0-3.src.rpm'
    must(['sh', '-euc', 'cd "$1"; rpm2cpio "$2" | cpio --quiet -id netnsctl.spec', 'sh', str(tmpdir), made])
    said = must(['rpmspec', '-q', '--srpm', '--qf', '%{URL} %{RELEASE}', str(tmpdir.join('netnsctl.spec'))])
    assert said == 'https://host.example/netnsctl 3'


@pytest.mark.parametrize('homepage', ['host', 'http://', 'https://host/%(id)', 'https://host/ x', 'https://host/\n%x'])
def test_a_home_page_that_is_no_address_is_refused(untouched, homepage):
    result = untouched.build('el9', HOMEPAGE=homepage)
    assert result.status == 1 and result.err.startswith('rpm/build: HOMEPAGE='), result
    assert not os.path.exists(untouched.path('dist'))


# what a distribution makes of it

@pytest.mark.thorough
def test_on_the_distribution_itself_the_build_compiles_and_systemds_macros_act(rebuilt):
    modules = [name for name in rebuilt.files if name.startswith(LIBRARY) and name.endswith('.py')]
    compiled = [item for name, item in rebuilt.files.items() if name.startswith(LIBRARY) and name.endswith('.pyc')]
    assert len(modules) > 100 and len(compiled) == len(modules) and not [item for item in compiled if item.is_ghost]
    text = scripts(rebuilt)
    assert 'compileall' not in text and 'daemon-reload' not in rebuilt.query('%{POSTIN}%{POSTUN}')
    for line in ('install-system-units netnsctl.service netnsctl-watch.service',
                 'remove-system-units netnsctl-watch.service ||',
                 'mark-restart-system-units netnsctl-watch.service ||'):
        assert line in text
    assert [word for word in rebuilt.requires() if word.startswith('python(abi) = 3.')]


@pytest.mark.thorough
def test_its_files_are_those_that_rpm_build_packs_elsewhere(rebuilt, built):
    def kept(package):
        return sorted((name, item.mode, item.owner, item.flags) for name, item in package.files.items()
                      if '__pycache__' not in name)
    assert kept(rebuilt) == kept(built('el9'))


def test_what_it_is_built_with(tmpdir):
    bare = ['--define', '_dbpath %s' % tmpdir]
    fedora = bare + ['--define', 'fedora 43', '--define', 'dist .fc43']
    assert set(('python3-devel', 'systemd-rpm-macros', 'python3-pytest', 'python3-pyroute2', 'python3-click')) <= \
        query('--buildrequires', *fedora)
    assert set(('python3-devel', 'systemd-rpm-macros')) == query('--buildrequires', '--define', 'rhel 8', *bare)
    assert set(('python', 'systemd')) <= query('--buildrequires', '--define', 'rhel 7', *bare)
    assert 'python' in query('--buildrequires', '--define', 'rhel 6', *bare)
    # Nothing for another distribution than the build host's, which has none of it.
    assert query('--buildrequires', '--with', 'cross', *fedora) == set()
