"""Installing, upgrading and removing netnsctl's packages on a throwaway host, and running what they install."""
from __future__ import absolute_import, division, print_function

import glob
import os

import pytest

from support.built_packages import only
from support.lacking import lacking
from support.package_host import PackageHost, make_distribution
from support.process import run
from support.program import TOP

INTERPRETERS = {'el6': '/usr/bin/python', 'el7': '/usr/bin/python', 'el8': '/usr/libexec/platform-python'}
WANTED = {'el6': (2, 7), 'el7': (2, 7), 'el8': (3, 6)}
WIRE = 'ip netns add a; ip netns add b; netnsctl wire a:A=10.1.1.1/32 b:B=10.1.1.2/32'
PING = 'ip netns exec a ping -c1 -W2 10.1.1.2'
# A copy elsewhere, as in a virtual environment, whose shim is enabled.
ANOTHER = ('mkdir -p /opt/another; cp -R /usr/share/netnsctl/netnsctl /opt/another; '
           'ln -s /opt/another/netnsctl/libexec/ip /usr/local/sbin/ip; netnsctl shim status | grep -q enabled')


def python_for(dist):
    """A Python of this machine that is as old as the distribution's, or None."""
    if dist in ('el6', 'el7'):
        found = run([os.path.join(TOP, 'tests', 'tools', 'find-python2.7')])
        return found.out.strip() if found.status == 0 else None
    home = os.path.join(os.environ.get('PYENV_ROOT', os.path.expanduser('~/.pyenv')), 'versions')
    minor = {'el8': (6, 6), 'el9': (9, 11), 'el10': (12, 14), 'fedora': (12, 14)}[dist]
    for number in range(minor[0], minor[1] + 1):
        for path in glob.glob('%s/3.%d.*/bin/python3' % (home, number)) + ['/usr/bin/python3.%d' % number]:
            if run([path, '-c', 'import ctypes']).status == 0:
                return path
    return None


@pytest.fixture
def host(dist, tmpdir_factory, checkout):
    """support.package_host.PackageHost for that distribution."""
    if os.geteuid() != 0:
        pytest.skip('needs root: it makes a host of its own')
    python = python_for(dist)
    if python is None:
        lacking('python2.7' if dist in ('el6', 'el7') else 'python', 'none for %s' % dist)
    folder = str(tmpdir_factory.mktemp('distribution'))
    made = PackageHost(INTERPRETERS.get(dist, '/usr/bin/python3'), python, make_distribution(dist, folder), folder)
    yield made
    made.close()


_STALE = r"""
import os, struct, sys
try:
    from importlib.util import cache_from_source as place, MAGIC_NUMBER as magic
    at = 8 if sys.version_info >= (3, 7) else 4  # the word before it came with 3.7
except ImportError:
    import imp
    place, magic, at = lambda path: path + 'c', imp.get_magic(), 4
for folder, _, names in os.walk('/usr/share/netnsctl'):
    for path in [os.path.join(folder, name) for name in names if name.endswith('.py')]:
        if not os.path.exists(place(path)):
            print('missing ' + path)
            continue
        head = open(place(path), 'rb').read(16)
        if head[:4] != magic or struct.unpack('<I', head[at:at + 4])[0] != int(os.stat(path).st_mtime):
            print('stale ' + path)
"""


def stale_or_missing(host, dist):
    """Modules in the installed folder that Python would compile again: list of paths."""
    host.sh("cat >/run/stale.py <<'END'%sEND" % _STALE)
    found = host.sh('%s -sE /run/stale.py; rm /run/stale.py' % INTERPRETERS.get(dist, '/usr/bin/python3'))
    return found.split('\n')[:-1]


def test_it_installs_and_runs_with_the_libraries_in_it(host, built, dist):
    assert host.install(built(dist).path) == ''
    assert host.sh('netnsctl --version').startswith('netnsctl')
    said = host.sh('netnsctl doctor libraries')
    assert 'all bundled' in said and '/usr/share/netnsctl/bundled/' in said
    for backend in ('iproute', 'netlink'):
        host.sh(WIRE + ' --backend %s; %s' % (backend, PING))
        assert host.sh('netnsctl ls').count('whole') == 1
        host.sh('netnsctl config render netns://a:A=10.1.1.1/32 netns://b:B=10.1.1.2/32; netnsctl unwire --all')
        host.sh('ip netns del a; ip netns del b')
    assert host.sh('netnsctl netns list') == ''


@only('el6')
def test_the_files_are_as_rpm_installed_them_and_the_settings_are_the_defaults(host, built, dist):
    host.install(built(dist).path)
    host.sh('netnsctl --version; netnsctl ls; netnsctl doctor backend')
    assert host.run('rpm -V netnsctl').out == ''
    # With its one line in effect, it is read.
    host.sh('sed -i "s/^#backend = auto/backend = netlink/" /etc/netnsctl.conf')
    assert '/etc/netnsctl.conf' in host.sh('netnsctl doctor backend')


@only('el6')
def test_a_library_that_lies_about_is_not_taken(host, built, dist):
    host.install(built(dist).path)
    host.sh('for place in /usr/sbin /root; do echo "raise SystemExit(99)" >$place/click.py; done')
    assert host.sh('cd /root; PYTHONPATH=/root netnsctl --version').startswith('netnsctl')


def test_no_start_compiles_anything(host, built, dist):
    host.install(built(dist).path)
    assert stale_or_missing(host, dist) == []
    before = host.sh('find /usr/share/netnsctl | sort')
    host.sh('netnsctl --help; netnsctl ls; netnsctl doctor libraries; netnsctl netns list')
    assert host.sh('find /usr/share/netnsctl | sort') == before


def test_services_are_known_and_off(host, built, dist):
    host.install(built(dist).path)
    if dist == 'el6':
        assert host.calls() == ['chkconfig --add netnsctl', 'chkconfig --add netnsctl-watch']
        assert sorted(host.sh('ls /etc/rc.d/rc3.d').split()) == ['K04netnsctl-watch', 'K89netnsctl']
    else:
        assert host.calls() == ['systemctl --no-reload preset netnsctl.service netnsctl-watch.service']


def test_removal_leaves_nothing(host, built, dist):
    before = host.added()
    host.install(built(dist).path)
    host.sh(WIRE + '; netnsctl unwire --all; ip netns del a; ip netns del b; netnsctl doctor || :')
    # Another Python compiled them too, the log was rotated, and there is a lease of an old DHCP client.
    host.sh("""mkdir -p /usr/share/netnsctl/netnsctl/__pycache__ /var/lib/netnsctl/dhcp
: >/usr/share/netnsctl/netnsctl/__pycache__/api.cpython-399.pyc
: >/var/lib/netnsctl/dhcp/x.leases""")
    if dist == 'el6':
        host.sh('for end in "" -20200202 .1.gz; do echo x >/var/log/netnsctl-watch.log$end; done')
    assert host.remove() == ''
    host.calls()
    assert [name for name in host.added() if name not in before and not name.startswith('/run/netns')] == []


@pytest.mark.thorough
@only('el9', others=False)
def test_a_package_that_its_distribution_built_installs_runs_and_goes_without_a_trace(host, rebuilt, dist):
    before = host.added()
    assert host.install(rebuilt.path) == ''
    assert host.sh('netnsctl --version') == 'netnsctl 1.0.0\n'
    assert host.run('rpm -V netnsctl').out == ''
    host.sh(': >/usr/share/netnsctl/netnsctl/__pycache__/api.cpython-399.pyc')
    assert host.remove() == ''
    host.calls()
    assert [name for name in host.added() if name not in before] == []


@only('el6')
def test_removal_keeps_what_was_configured(host, built, dist):
    host.install(built(dist).path)
    host.sh('echo "backend = netlink" >>/etc/netnsctl.conf')
    host.sh(WIRE + ' --save; netnsctl unwire --all; netnsctl shim enable --force; ls /usr/local/sbin/ip')
    host.run('rpm $(cat /run/rpm-options) -e netnsctl')
    assert 'backend = netlink' in host.sh('cat /etc/netnsctl.conf.rpmsave')
    assert host.sh('ls /etc/sysconfig/netns').split() == ['a', 'b']
    assert host.run('ls -d /usr/local/sbin/ip /usr/share/netnsctl /usr/sbin/netnsctl').out == ''


@only('el6')
def test_removal_leaves_the_shim_of_another_netnsctl(host, built, dist):
    host.install(built(dist).path)
    host.sh(ANOTHER)
    assert host.remove() == '' and host.sh('readlink -e /usr/local/sbin/ip') == '/opt/another/netnsctl/libexec/ip\n'


@only('el6')
def test_removal_leaves_wires_up_and_says_how_to_take_them_away(host, built, dist):
    host.install(built(dist).path)
    host.sh(WIRE)
    said = host.remove()
    assert 'a:A' in said and 'install netnsctl again' in said and 'netnsctl unwire --all' in said
    host.sh(PING)
    host.install(built(dist).path)
    assert 'whole' in host.sh('netnsctl ls')
    host.sh('netnsctl unwire --all')
    assert host.run(PING).status != 0
    assert host.remove() == '' and host.run('ls -d /run/netnsctl').out == ''


@only('el6')
def test_an_upgrade_keeps_config_and_wires_and_the_switches_of_services(host, built, dist, newer):
    host.install(built(dist).path)
    host.sh('echo "backend = netlink" >>/etc/netnsctl.conf; ' + WIRE + ' --save')
    if dist == 'el6':
        host.sh('chkconfig netnsctl on')
    host.calls()
    wires = host.sh('netnsctl ls --json')
    host.run('rpm $(cat /run/rpm-options) -U --nosignature ' + newer(dist))
    assert host.sh('rpm -q --qf "%{RELEASE}" netnsctl').startswith('2.')
    assert 'backend = netlink' in host.sh('cat /etc/netnsctl.conf')
    assert 'other settings' in host.sh('cat /etc/netnsctl.conf.rpmnew')
    host.sh(PING)
    assert host.sh('netnsctl ls --json') == wires and host.sh('ls /etc/sysconfig/netns').split() == ['a', 'b']
    calls = host.calls()
    if dist == 'el6':
        assert 'S11netnsctl' in host.sh('ls /etc/rc.d/rc3.d').split()
        assert 'service netnsctl-watch condrestart' in calls and not [call for call in calls if '--del' in call]
    else:
        assert not [call for call in calls if 'stop' in call or 'disable' in call or 'preset' in call]


@only('el6')
def test_after_an_upgrade_the_new_code_runs_though_time_and_size_are_the_old_ones(host, built, dist, newer):
    host.install(built(dist).path)
    assert 'List the wires' in host.sh('netnsctl --help')
    size = host.sh('stat -c "%s %Y" /usr/share/netnsctl/netnsctl/cli/commands.py')
    assert host.upgrade(newer(dist)) == ''
    assert host.sh('stat -c "%s %Y" /usr/share/netnsctl/netnsctl/cli/commands.py') == size
    assert 'Show the wires' in host.sh('netnsctl --help')
    assert stale_or_missing(host, dist) == []


@only('el6')
def test_a_module_that_the_new_version_lacks_is_gone_with_what_it_was_compiled_to(host, built, dist, newer):
    host.install(built(dist).path)
    assert host.sh('find /usr/share/netnsctl/netnsctl -name "__main__*.pyc"') != ''
    host.upgrade(newer(dist))
    assert host.sh('find /usr/share/netnsctl/netnsctl -name "__main__*"') == ''


@only('el6', others=False)
def test_the_watch_is_started_anew_by_an_upgrade_and_ended_by_a_removal(host, built, dist, newer):
    host.install(built(dist).path)
    assert host.run('service netnsctl-watch condrestart; cat /var/run/netnsctl-watch.pid').out == ''
    host.sh('service netnsctl-watch start')
    first = host.sh('cat /var/run/netnsctl-watch.pid')
    host.upgrade(newer(dist))
    second = host.sh('cat /var/run/netnsctl-watch.pid')
    assert second != first and os.path.exists('/proc/' + second.strip())
    assert not os.path.exists('/proc/' + first.strip())
    host.sh(WIRE + '; service netnsctl start')
    host.remove()
    assert not os.path.exists('/proc/' + second.strip())
    host.sh(PING)
    assert host.run('ls /var/lock/subsys/netnsctl* /var/run/netnsctl-watch.pid').out == ''


@pytest.mark.thorough
@only('el9', others=False)
def test_under_systemd_a_removal_stops_the_services_without_taking_wires_away(host, built, dist, newer):
    host.sh('mkdir -p /run/systemd/system')
    host.install(built(dist).path)
    assert host.calls() == ['systemctl daemon-reload',
                            'systemctl --no-reload preset netnsctl.service netnsctl-watch.service']
    host.upgrade(newer(dist))
    assert host.calls() == ['systemctl daemon-reload', 'systemctl daemon-reload',
                            'systemctl try-restart netnsctl-watch.service']
    host.remove()
    assert host.calls() == [
        'systemctl --no-reload disable netnsctl-watch.service', 'systemctl stop netnsctl-watch.service',
        'systemctl --no-reload disable netnsctl.service',
        'systemctl daemon-reload', 'systemctl stop netnsctl.service', '[Service] ExecStop= KillMode=process '
        'systemctl daemon-reload']
    assert host.sh('find /run/systemd -mindepth 2') == ''
