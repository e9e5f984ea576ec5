"""The package for Debian: what debian/build makes, and what dpkg does with it on a throwaway Debian."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from support.built_packages import VENV_DOCS, Checkout, manual_lacks, missing_tools, read_bytes
from support.debian_host import DebianHost
from support.lacking import lacking
from support.oci_hook import assert_installed
from support.process import must, run
from support.program import TOP

NAME = 'netnsctl_1.0.0-1_all.deb'
WIRE = 'ip netns add a; ip netns add b; netnsctl wire a:A=10.1.1.1/32 b:B=10.1.1.2/32'
PING = 'ip netns exec a ping -c1 -W2 10.1.1.2'
SERVICES = ('netnsctl-watch.service', 'netnsctl.service')


def build(checkout, release=1, words=('--without', 'doc'), **environ):
    """debian/build: Result."""
    values = dict(os.environ, RELEASE=str(release), NETNSCTL_VENV_DOCS=VENV_DOCS, **environ)
    return run([checkout.path('debian', 'build')] + list(words), timeout=300, environ=values)


def built(checkout, release=1, **environ):
    """The path of the package that debian/build makes."""
    result = build(checkout, release, **environ)
    assert result.status == 0, result
    return checkout.path(result.out.strip().split('\n')[-1])


@pytest.fixture(scope='session')
def tools():
    """What the package is built with is here."""
    missing = missing_tools(('git', 'dpkg-buildpackage', 'dh', 'dh_python3'))
    if missing:
        lacking('deb', '%s missing' % ', '.join(missing))


@pytest.fixture(scope='session')
def source(tools):
    """Checkout, to build from and not to change."""
    made = Checkout()
    yield made
    made.close()


@pytest.fixture(scope='session')
def package(source):
    """The path of the package."""
    return built(source)


@pytest.fixture(scope='session')
def newer(tools):
    """The path of release 2, with changes."""
    changed = Checkout()
    changed.edit('rpm/netnsctl.conf', '# netnsctl: settings', '# netnsctl: other settings')
    changed.edit('src/netnsctl/cli/commands.py', "'ls', 'List the", "'ls', 'Show the")
    changed.commit()
    yield built(changed, 2)
    changed.close()


@pytest.fixture(scope='session', params=['bookworm'] + ['trixie'] * bool(os.environ.get('NETNSCTL_TEST_EVERY')))
def root(request):
    """The root of a Debian: path."""
    if os.geteuid() != 0:
        pytest.skip('needs root: it makes a host of its own')
    # Downloads Debian's packages where it is not kept yet; a run without a network has to find it there.
    made = run([os.path.join(TOP, 'tests', 'tools', 'debian-root'), request.param], timeout=900)
    if made.status != 0:
        lacking('debian', made.err)
    return made.out.strip()


@pytest.fixture
def host(root):
    """DebianHost, as in a container: not booted by systemd."""
    made = DebianHost(root)
    yield made
    made.close()


@pytest.fixture
def booted(root):
    """DebianHost that systemd is said to run on."""
    made = DebianHost(root, with_systemd=True)
    yield made
    made.close()


# building it

@pytest.mark.thorough
def test_the_same_commit_gives_the_same_bytes_wherever_it_is_built(package, source, tmpdir):
    other = Checkout(str(tmpdir.mkdir('another folder with a longer name')))
    again = must(['sh', '-c', 'umask 077; exec "$1" --without doc', 'sh', other.path('debian', 'build')], timeout=300,
                 environ=dict(os.environ, TZ='Asia/Tokyo', LC_ALL='C',
                              TMPDIR=str(tmpdir.mkdir('tmp with blanks')))).strip()
    assert os.path.basename(package) == NAME and again == 'dist/' + NAME
    assert read_bytes(other.path(again)) == read_bytes(package)


@pytest.mark.parametrize('release', ['x', '1;id', '-1', '.', '1.', '1 2'])
def test_a_release_that_is_no_number_is_refused(source, release):
    result = build(source, release)
    assert result.status == 1 and result.err == 'debian/build: RELEASE=%s: use a number\n' % release


@pytest.mark.parametrize('environ', [{'DEBFULLNAME': 'a\nb'}, {'DEBEMAIL': 'a@b>'}, {'DEBFULLNAME': 'a/b'}])
def test_a_maintainer_that_no_control_file_can_hold_is_refused(source, environ):
    result = build(source, **environ)
    assert result.status == 1 and 'use letters' in result.err


@pytest.mark.parametrize('url', ['example.org', 'http://', 'https://x y', 'https://x/|id', 'ftp://x'])
def test_a_home_page_that_is_no_address_is_refused(source, url):
    result = build(source, HOMEPAGE=url)
    assert result.status == 1 and result.err.startswith('debian/build: HOMEPAGE=%s: ' % url)


@pytest.mark.thorough
def test_who_publishes_it_says_so(source, tmpdir):
    other = Checkout(str(tmpdir.mkdir('other')))
    made = built(other, DEBFULLNAME='Jo Doe', DEBEMAIL='jo@example.org', HOMEPAGE='https://example.org/a,b')
    assert must(['dpkg-deb', '-f', made, 'Maintainer', 'Homepage']) == (
        'Maintainer: Jo Doe <jo@example.org>\nHomepage: https://example.org/a,b\n')


@pytest.mark.thorough
def test_a_build_that_fails_says_why_and_leaves_what_was_there(tools, tmpdir):
    other = Checkout(str(tmpdir.mkdir('other')))
    os.mkdir(other.path('dist'))
    with open(other.path('dist', NAME), 'w') as target:
        target.write('an older one')
    other.edit('debian/rules', '%:\n', '%:\n\techo something is wrong; false\n')
    other.commit()
    temporary = tmpdir.mkdir('tmp')
    result = build(other, TMPDIR=str(temporary))
    assert result.status == 1 and 'something is wrong' in result.err and 'dpkg-buildpackage failed' in result.err
    assert os.listdir(other.path('dist')) == [NAME] and read_bytes(other.path('dist', NAME)) == b'an older one'
    assert temporary.listdir() == []


# what is in it

@pytest.fixture(scope='session')
def unpacked(package, tmpdir_factory):
    """The folder that the package's files are in."""
    folder = tmpdir_factory.mktemp('deb')
    must(['dpkg-deb', '-x', package, str(folder)])
    return folder


def test_it_depends_on_debians_own_libraries_and_brings_none(package, unpacked):
    depends = must(['dpkg-deb', '-f', package, 'Depends'])
    for name in ('python3-click', 'python3-jinja2', 'python3-pyroute2'):
        assert re.search(r'\b%s \(>= [0-9.]+\)' % name, depends), depends
    assert sorted(os.listdir(str(unpacked.join('usr/share/netnsctl')))) == ['netnsctl', 'netnsctl.cdx.json']
    assert 'bundled' not in unpacked.join('usr/sbin/netnsctl').read()


def test_it_has_the_cni_plugin_where_nothing_else_is(unpacked):
    plugin = unpacked.join('usr/libexec/netnsctl/cni/netnsctl')
    assert plugin.stat().mode & 0o777 == 0o755 and len(plugin.dirpath().listdir()) == 1
    assert "\nlibrary='/usr/share/netnsctl'\n" in plugin.read()
    starter = unpacked.join('usr/share/netnsctl/netnsctl/libexec/plugin').read()
    assert "python='/usr/bin/python3'\nlibrary='/usr/share/netnsctl'\n" in starter


def test_it_has_what_podman_starts_where_podman_looks_for_it(unpacked):
    assert_installed(unpacked)


def test_it_has_every_manual_page_and_the_completions(unpacked):
    pages = os.listdir(os.path.join(TOP, 'docs', 'man'))
    found = [path.basename for path in unpacked.join('usr/share/man').visit('*.gz')]
    assert sorted(found) == sorted(page + '.gz' for page in pages)
    for path in ('bash-completion/completions/netnsctl', 'zsh/vendor-completions/_netnsctl',
                 'fish/vendor_completions.d/netnsctl.fish'):
        assert unpacked.join('usr/share', path).check(file=True)


def test_it_has_the_units_of_the_rpm_and_its_config_file(package, unpacked):
    for name in SERVICES:
        assert unpacked.join('lib/systemd/system', name).read_binary() == read_bytes(os.path.join(TOP, 'rpm', name))
    assert unpacked.join('usr/lib/tmpfiles.d/netnsctl.conf').check()
    assert must(['dpkg-deb', '-I', package, 'conffiles']) == '/etc/netnsctl.conf\n'


def test_its_bill_of_materials_is_in_it_and_beside_it(package, unpacked):
    inside = unpacked.join('usr/share/netnsctl/netnsctl.cdx.json').read_binary()
    assert inside == read_bytes(package[:-len('.deb')] + '.cdx.json')
    assert b'"purl": "pkg:deb/debian/netnsctl@1.0.0-1?arch=all"' in inside
    assert b'"purl": "pkg:deb/debian/python3-pyroute2"' in inside and b'"timestamp": "2020-02-02T02:02:02Z"' in inside


def test_no_placeholder_is_left(unpacked):
    for path in unpacked.visit(lambda path: path.check(file=True) and path.ext != '.gz'):
        assert not re.search(b'@[A-Z]+@', path.read_binary()), path


@pytest.mark.thorough
def test_lintian_says_nothing_without_a_reason(package):
    result = lint(package)
    assert (result.status, result.out) == (0, ''), result


def lint(path):
    """What lintian says of a package file, and why it was ended."""
    if missing_tools(('lintian',)):
        lacking('lintian', 'not installed')
    return run(['lintian', '--allow-root', '--display-info', '--pedantic', '--fail-on', 'error,warning,info,pedantic',
                path], timeout=120)


@pytest.mark.thorough
def test_the_manual_is_a_package_of_its_own(package, tools, tmpdir):
    if manual_lacks():
        lacking('manual', '%s missing' % ', '.join(manual_lacks()))
    other = Checkout(str(tmpdir.mkdir('other')))
    made = built(other, words=())
    # Built with it or without it, netnsctl's own is the same.
    assert read_bytes(made) == read_bytes(package)
    manual = other.path('dist', NAME.replace('netnsctl_', 'netnsctl-doc_'))
    names = [line.split()[-1] for line in must(['dpkg-deb', '-c', manual]).splitlines()]
    assert './usr/share/doc/netnsctl/html/index.html' in names and './usr/share/doc-base/netnsctl-doc.netnsctl' in names
    assert not [name for name in names if '/html/' in name and name.endswith('.gz')]
    result = lint(manual)
    assert (result.status, result.out) == (0, ''), result


# installing it

def test_it_installs_and_runs_with_debians_libraries(host, package):
    host.install(package)
    assert host.sh('netnsctl --version').startswith('netnsctl')
    said = host.sh('netnsctl doctor libraries')
    assert 'of the host' in said and 'bundled' not in said and 'dist-packages/pyroute2' in said
    for backend in ('iproute', 'netlink'):
        host.sh(WIRE + ' --backend %s; %s' % (backend, PING))
        assert host.sh('netnsctl ls').count('whole') == 1
        host.sh('netnsctl config render netns://a:A=10.1.1.1/32 netns://b:B=10.1.1.2/32; netnsctl unwire --all')
        host.sh('ip netns del a; ip netns del b')
    # What no small encoder has: pyroute2's classes write it.
    host.sh('ip netns add a; netnsctl wire --backend netlink a=10.0.0.2/24,gw=10.0.0.1 bridge://br9=10.0.0.1/24; '
            'ip netns exec a ping -c1 -W2 10.0.0.1; netnsctl unwire --all')


def test_no_start_compiles_anything(host, package):
    host.install(package)
    before = host.sh('find /usr/share/netnsctl | sort')
    assert '.pyc' in before
    host.sh('netnsctl --help; netnsctl ls; netnsctl doctor libraries; netnsctl netns list')
    assert host.sh('find /usr/share/netnsctl | sort') == before


def test_what_it_keeps_is_roots_alone(host, package):
    host.install(package)
    assert host.sh('stat -c "%a %U" /var/lib/netnsctl /etc/sysconfig/netns').split('\n')[:2] == ['700 root', '755 root']


def test_a_removal_and_a_purge_leave_nothing(host, package):
    before = host.added()
    host.install(package)
    host.sh(WIRE + '; netnsctl unwire --all; ip netns del a; ip netns del b; netnsctl doctor || :')
    host.sh('mkdir -p /var/lib/netnsctl/dhcp; : >/var/lib/netnsctl/dhcp/x.leases')
    host.remove()
    left = [name for name in host.added() if name not in before]
    assert '/etc/netnsctl.conf' in left and '/usr/sbin/netnsctl' not in left
    assert [name for name in left if name.startswith('/usr')] == []
    host.purge()
    assert [name for name in host.added() if name not in before and name != '/run/netns'] == []


def test_a_removal_leaves_wires_up_and_says_how_to_take_them_away(host, package):
    host.install(package)
    host.sh(WIRE)
    said = host.remove()
    assert 'a:A' in said and 'install netnsctl again' in said and 'netnsctl unwire --all' in said
    host.sh(PING)
    host.install(package)
    assert 'whole' in host.sh('netnsctl ls')
    host.sh('netnsctl unwire --all')
    assert host.run(PING).status != 0
    assert 'wires' not in host.purge() and host.run('ls -d /run/netnsctl /var/lib/netnsctl').out == ''


def test_after_a_purge_with_wires_up_they_are_still_known(host, package):
    host.install(package)
    host.sh(WIRE)
    assert 'a:A' in host.purge()
    host.sh(PING)
    host.install(package)
    assert 'whole' in host.sh('netnsctl ls; netnsctl unwire --all')


@pytest.mark.thorough
def test_an_upgrade_keeps_wires_and_changed_config_and_brings_the_new_code(host, package, newer):
    host.install(package)
    host.sh('echo "backend = netlink" >>/etc/netnsctl.conf; ' + WIRE + ' --save')
    wires = host.sh('netnsctl ls --json')
    assert 'these wires' not in host.install(newer)
    assert host.sh("dpkg-query -W -f '${Version}' netnsctl") == '1.0.0-2'
    assert 'Show the wires' in host.sh('netnsctl --help')
    assert 'backend = netlink' in host.sh('cat /etc/netnsctl.conf')
    assert 'other settings' in host.sh('cat /etc/netnsctl.conf.dpkg-dist')
    host.sh(PING)
    assert host.sh('netnsctl ls --json') == wires and host.sh('ls /etc/sysconfig/netns').split() == ['a', 'b']


def test_a_removal_takes_the_shim_away_and_keeps_the_tree(host, package):
    host.install(package)
    host.sh(WIRE + ' --save; netnsctl unwire --all; netnsctl shim enable --force; ls /usr/local/sbin/ip')
    host.purge()
    assert host.run('ls -d /usr/local/sbin/ip /usr/share/netnsctl').out == ''
    assert host.sh('ls /etc/sysconfig/netns').split() == ['a', 'b']


def test_a_removal_leaves_the_shim_of_another_netnsctl(host, package):
    host.install(package)
    host.sh('mkdir -p /opt/another; cp -R /usr/share/netnsctl/netnsctl /opt/another; '
            'ln -s /opt/another/netnsctl/libexec/ip /usr/local/sbin/ip; netnsctl shim status | grep -q enabled')
    host.purge()
    assert host.sh('readlink -e /usr/local/sbin/ip') == '/opt/another/netnsctl/libexec/ip\n'


# services

def enabled(host):
    return sorted(host.sh('ls /etc/systemd/system/*.wants | grep netnsctl || :').split())


def test_services_are_enabled_and_where_systemd_does_not_run_not_started(host, package):
    host.install(package)
    assert enabled(host) == sorted(SERVICES) and host.run('ls /run/netnsctl.installing').out == ''


def test_services_are_started_once_and_an_upgrade_restarts_the_watch_alone(booted, package, newer):
    booted.install(package)
    assert [call for call in booted.calls() if call != 'daemon-reload'] == [
        'start netnsctl.service netnsctl-watch.service']
    booted.install(newer)
    assert [call for call in booted.calls() if call != 'daemon-reload'] == ['try-restart netnsctl-watch.service']


@pytest.mark.thorough
def test_a_service_that_was_disabled_stays_so(booted, package, newer):
    booted.install(package)
    booted.calls()
    booted.sh('rm /etc/systemd/system/multi-user.target.wants/netnsctl-watch.service')
    booted.install(newer)
    assert enabled(booted) == ['netnsctl.service']
    booted.remove()
    booted.calls()
    booted.install(newer)
    assert enabled(booted) == ['netnsctl.service']
    assert [call for call in booted.calls() if call.startswith('start')] == ['start netnsctl.service']


def test_a_removal_stops_the_services_without_taking_wires_away(booted, package):
    booted.install(package)
    booted.calls()
    booted.remove()
    calls = booted.calls()
    assert calls[:3] == ['stop netnsctl-watch.service', 'daemon-reload', 'stop netnsctl.service']
    assert calls[3].startswith('[Service] ExecStop= KillMode=process ')
    assert booted.sh('find /run/systemd -mindepth 2') == ''
    booted.purge()
    assert enabled(booted) == []
