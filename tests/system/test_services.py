"""The units and init scripts: what systemd says of the units, and every verb of the scripts with a stand-in."""

from __future__ import absolute_import, division, print_function

import os
import re
import time

import pytest

from netnsctl.compat import shell_quote
from support import process
from support.aside import Aside
from support.program import SOURCE
from support.units import RPM, UNITS, settings

SCRIPTS = ('netnsctl', 'netnsctl-watch')
# Folders that the scripts write to, and the one that netnsctl is in, are the test's own.
SETUP = ' && '.join((
    'mount -t tmpfs none /mnt',
    'mkdir /mnt/upper /mnt/work /mnt/sbin /mnt/sbinwork',
    'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
    'mount -t overlay -o lowerdir=/usr/sbin,upperdir=/mnt/sbin,workdir=/mnt/sbinwork none /usr/sbin',
    'mount -t tmpfs none /run',
    'mount -t tmpfs none /var/log',
    'mkdir -p /run/lock/subsys',
    'mount -t sysfs none /sys',
    'ip link set lo up',
    # /var/run and /var/lock lead to /run on most hosts, but not on all.
    '[ /var/run -ef /run ] || mount -t tmpfs none /var/run',
    '[ /var/lock -ef /run/lock ] || { mount -t tmpfs none /var/lock && mkdir /var/lock/subsys; }',
))
# It writes down its words. /mnt/status: what `up` and `down` end with; /mnt/wires: what is wired, for ls.
STAND_IN = r"""#!/bin/sh
echo "$*" >>/mnt/calls
case $1 in
    up | down) exit "$(cat /mnt/status 2>/dev/null || echo 0)" ;;
    ls) [ ! -e /mnt/broken ] || exit 1; [ ! -e /mnt/wires ] || cat /mnt/wires ;;
    watch)
        [ ! -e /mnt/broken ] || exit 1
        trap 'echo hup >>/mnt/calls' HUP
        trap 'echo term >>/mnt/calls; exit 0' TERM
        echo "following docker"
        while :; do sleep 0.05; done ;;
esac
"""
FUNCTIONS = 'success() { printf "[  OK  ]"; }\nfailure() { printf "[FAILED]"; }\n'


class Host(object):
    """A throwaway host: script(name, verb) -> Result, calls() -> what netnsctl was called with since the last time."""

    def __init__(self, program=STAND_IN):
        self.aside = Aside(None, SETUP, '-m -n')
        self.sh = self.aside.sh
        self.write('/usr/sbin/netnsctl', program)
        self.sh('chmod 755 /usr/sbin/netnsctl; mkdir -p /etc/init.d')

    def write(self, path, text):
        process.must(self.aside.prefix + ['sh', '-c', 'cat >"$1"', 'sh', path], feed=text)

    def script(self, name, *verb):
        """Runs an init script as init does: with next to no environment."""
        return process.run(self.aside.prefix + ['env', '-i', 'PATH=/sbin:/usr/sbin:/bin:/usr/bin', 'sh',
                                                os.path.join(RPM, name + '.init')] + list(verb))

    def calls(self):
        return self.sh('cat /mnt/calls 2>/dev/null || :; rm -f /mnt/calls').splitlines()

    def close(self):
        self.script('netnsctl-watch', 'stop')
        self.aside.close()


@pytest.fixture
def host():
    made = Host()
    yield made
    made.close()


def statuses(host, name, *verbs):
    return [host.script(name, verb).status for verb in verbs]


# units

def test_systemd_finds_no_fault_in_the_units(host):
    if process.run(['sh', '-c', 'command -v systemd-analyze']).status != 0:
        pytest.skip('systemd-analyze is not installed')
    paths = [os.path.join(RPM, unit) for unit in UNITS]
    # Without --man=no it asks man(1), where there is one, for the manual pages, which are not installed here.
    result = process.run(host.aside.prefix + ['systemd-analyze', 'verify', '--man=no'] + paths)
    assert (result.status, result.out, result.err) == (0, '', '')


@pytest.mark.parametrize('unit', UNITS)
def test_no_unit_has_mounts_or_namespaces_of_its_own(unit):
    """A name under /run/netns is a mount: in a service with mounts of its own nobody else would see it."""
    with open(os.path.join(RPM, unit)) as source:
        directives = [line.partition('=')[0] for line in source if not line.startswith('#')]
    own = (r'Private|Protect(?!Clock$)|ReadOnly|ReadWrite|Inaccessible|Bind|Temporary|Root|Mount|DynamicUser|'
           r'(State|Cache|Logs|Runtime|Configuration)Directory|.*Paths$|NetworkNamespace|ExecPaths')
    assert [name for name in directives if re.match(own, name)] == []


@pytest.mark.parametrize('unit', UNITS)
def test_what_a_service_leaves_running_outlives_its_failure(unit):
    """One bad file is a failure of the unit, which must not end the DHCP clients of the others. (tests/boot)"""
    assert settings(unit)['KillMode'] == 'process'


def test_the_order_of_the_services():
    words = {}
    for unit in UNITS:
        with open(os.path.join(RPM, unit)) as source:
            words[unit] = source.read()
    assert re.search(r'^Before=.*\bdocker\.service\b', words['netnsctl.service'], re.MULTILINE)
    assert re.search(r'^After=.*\bdocker\.service\b', words['netnsctl-watch.service'], re.MULTILINE)
    for text in words.values():
        assert not re.search('^(Requires|BindsTo|Requisite|PartOf)=', text, re.MULTILINE)
    starts, stops = {}, {}
    for name in SCRIPTS:
        with open(os.path.join(RPM, name + '.init')) as source:
            text = source.read()
        levels, starts[name], stops[name] = re.search(r'^# chkconfig: (\S+) (\d\d) (\d\d)$', text, re.M).groups()
        # Off until `chkconfig NAME on`, as the units are until they are enabled.
        assert levels == '-' and 'Default-Start' not in text
        assert '### BEGIN INIT INFO' in text and '### END INIT INFO' in text
    # EL6: network is 10 and 90, docker 95 and 95.
    assert '10' < starts['netnsctl'] < '95' < starts['netnsctl-watch']
    assert stops['netnsctl-watch'] < stops['netnsctl'] < '90'


# the scripts

@pytest.mark.parametrize('name', SCRIPTS)
def test_a_verb_that_is_none_is_a_usage_error(host, name):
    for words in ((), ('begin',), ('',)):
        result = host.script(name, *words)
        assert result.status == 2 and result.out == ''
        for verb in ('start', 'stop', 'status', 'restart', 'reload', 'condrestart', 'try-restart', 'force-reload'):
            assert verb in result.err
    assert host.calls() == []


@pytest.mark.parametrize('name', SCRIPTS)
def test_without_the_program_nothing_is_done(host, name):
    host.sh('rm /usr/sbin/netnsctl')
    assert statuses(host, name, 'start', 'stop', 'restart', 'reload', 'condrestart') == [5] * 5


@pytest.mark.parametrize('name', SCRIPTS)
def test_who_is_not_root_is_told(host, name):
    result = process.run(host.aside.prefix + ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c',
                                              host.sh('cat %s/%s.init' % (RPM, name)), 'netnsctl', 'start'])
    assert result.status == 4 and 'root' in result.err and host.calls() == []


@pytest.mark.parametrize('functions', [True, False])
def test_netnsctl_starts_stops_and_says_so(host, functions):
    if functions:
        host.write('/etc/init.d/functions', FUNCTIONS)
    assert statuses(host, 'netnsctl', 'status') == [3]
    started = host.script('netnsctl', 'start')
    assert started.status == 0 and started.out.rstrip().endswith('[  OK  ]' if functions else 'done')
    host.write('/mnt/wires', 'ab  whole  a:A  b:B\n')
    assert host.calls() == ['ls', 'up']
    state = host.script('netnsctl', 'status')
    assert state.status == 0 and state.out == 'ab  whole  a:A  b:B\nnetnsctl is started\n'
    assert statuses(host, 'netnsctl', 'start', 'stop', 'status', 'stop') == [0, 0, 3, 0]
    assert host.calls() == ['ls', 'up', 'down', 'ls', 'down']


def test_netnsctl_restarts_and_reloads_what_is_started_only(host):
    assert statuses(host, 'netnsctl', 'condrestart', 'try-restart', 'reload', 'force-reload') == [0, 0, 7, 7]
    assert host.calls() == []
    assert statuses(host, 'netnsctl', 'restart') == [0] and host.calls() == ['down', 'up']
    assert statuses(host, 'netnsctl', 'condrestart', 'try-restart') == [0, 0]
    assert host.calls() == ['down', 'up'] * 2
    assert statuses(host, 'netnsctl', 'reload', 'force-reload') == [0, 0] and host.calls() == ['up'] * 2


def test_containers_that_do_not_run_at_boot_are_no_failure_and_the_rest_is(host):
    host.write('/mnt/status', '3')
    assert statuses(host, 'netnsctl', 'start', 'status') == [0, 0]
    host.write('/mnt/status', '0')
    assert statuses(host, 'netnsctl', 'stop', 'status') == [0, 3]
    host.write('/mnt/status', '2')
    failed = host.script('netnsctl', 'start')
    assert failed.status == 1 and failed.out.rstrip().endswith('failed')
    assert statuses(host, 'netnsctl', 'status', 'stop') == [3, 1]
    host.sh('touch /mnt/broken')
    assert statuses(host, 'netnsctl', 'status') == [4]


def test_where_there_is_no_folder_for_locks_what_is_wired_tells(host):
    host.sh('rm -r /var/lock/subsys')
    assert statuses(host, 'netnsctl', 'start', 'status') == [0, 3]
    host.write('/mnt/wires', 'ab  whole  a:A  b:B\n')
    assert statuses(host, 'netnsctl', 'status', 'condrestart') == [0, 0]


def test_watch_starts_once_reloads_and_stops(host):
    assert statuses(host, 'netnsctl-watch', 'status', 'stop', 'reload', 'condrestart') == [3, 0, 7, 0]
    assert statuses(host, 'netnsctl-watch', 'start') == [0]
    pid = host.sh('cat /var/run/netnsctl-watch.pid').strip()
    state = host.script('netnsctl-watch', 'status')
    assert state.status == 0 and state.out == 'netnsctl-watch (pid %s) is running\n' % pid
    assert statuses(host, 'netnsctl-watch', 'start', 'reload', 'force-reload') == [0, 0, 0]
    wait_for(lambda: host.sh('cat /mnt/calls').count('hup') >= 1)
    assert host.sh('cat /var/run/netnsctl-watch.pid').strip() == pid
    assert host.sh('cat /var/log/netnsctl-watch.log') == 'following docker\n'
    assert host.sh('ls /var/lock/subsys').split() == ['netnsctl-watch']
    assert statuses(host, 'netnsctl-watch', 'stop', 'status') == [0, 3]
    assert not runs(pid)
    assert [call for call in host.calls() if call != 'hup'] == ['watch', 'term']
    assert host.sh('ls /var/lock/subsys; ls /var/run | grep netnsctl || :') == ''


def test_watch_restarts_with_a_session_of_its_own(host):
    host.sh('mkdir -p /etc/sysconfig; echo DOCKER_HOST=unix:///there >/etc/sysconfig/netnsctl')
    assert statuses(host, 'netnsctl-watch', 'restart') == [0]
    first = host.sh('cat /var/run/netnsctl-watch.pid').strip()
    with open('/proc/%s/stat' % first) as source:
        assert source.read().rpartition(')')[2].split()[3] == first
    with open('/proc/%s/environ' % first) as source:
        assert 'DOCKER_HOST=unix:///there' in source.read().split('\0')
    assert statuses(host, 'netnsctl-watch', 'try-restart', 'status') == [0, 0]
    assert host.sh('cat /var/run/netnsctl-watch.pid').strip() != first and not runs(first)


def test_a_watch_that_does_not_start_or_died_is_told(host):
    host.sh('touch /mnt/broken')
    assert statuses(host, 'netnsctl-watch', 'start', 'status') == [1, 3]
    host.sh('rm /mnt/broken')
    assert statuses(host, 'netnsctl-watch', 'start') == [0]
    host.sh('kill -9 $(cat /var/run/netnsctl-watch.pid)')
    wait_for(lambda: host.script('netnsctl-watch', 'status').status == 1)
    host.sh('rm /var/run/netnsctl-watch.pid')
    assert statuses(host, 'netnsctl-watch', 'status', 'start', 'status') == [2, 0, 0]


@pytest.mark.parametrize('content', ['1', '', 'x', '-1', '99999999', '1 2', '$(touch /mnt/evil)', '%d' % os.getpid()])
def test_another_process_is_never_taken_for_watch(host, content):
    host.write('/var/run/netnsctl-watch.pid', content + '\n')
    assert statuses(host, 'netnsctl-watch', 'status', 'reload', 'condrestart', 'stop') == [1, 7, 0, 0]
    assert host.calls() == [] and statuses(host, 'netnsctl-watch', 'status') == [3]
    assert host.sh('ls /mnt').split() == ['sbin', 'sbinwork', 'upper', 'work']


def test_a_process_with_the_words_of_watch_is_not_taken_for_it(host):
    assert statuses(host, 'netnsctl-watch', 'start') == [0]
    own = host.sh('cat /var/run/netnsctl-watch.pid').strip()
    other = process.start(['sh', '-c', 'echo $$; exec 0</dev/null; sleep 1000 & trap "kill $!; exit" TERM; wait; : ',
                           '/usr/sbin/netnsctl', 'watch', ''])
    try:
        pid = process.native(other.stdout.readline()).strip()
        with open('/proc/%s/cmdline' % pid) as source:
            assert 'netnsctl\0watch\0' in source.read()
        host.sh('kill -9 %s' % own)
        wait_for(lambda: not runs(own))
        for mark in ('', '%s 1' % pid, own):
            host.write('/var/run/netnsctl-watch.pid', pid + '\n')
            if mark:
                host.write('/var/run/netnsctl-watch.start', mark + '\n')
            assert statuses(host, 'netnsctl-watch', 'status', 'reload', 'stop') == [1, 7, 0]
            assert runs(pid)
    finally:
        other.terminate()
        process.finish(other)


@pytest.mark.parametrize('umask', ['000', '077'])
def test_what_the_scripts_leave_is_root_s_to_write_whatever_the_umask(host, umask):
    for name in ('netnsctl', 'netnsctl-watch'):
        host.sh('umask %s; sh %s start' % (umask, os.path.join(RPM, name + '.init')))
    modes = host.sh('stat -c "%a %n" /var/run/netnsctl-watch.* /var/log/netnsctl-watch.log /var/lock/subsys/netnsctl*')
    assert len(modes.splitlines()) == 5 and set(line.split()[0] for line in modes.splitlines()) == set(['644'])
    assert statuses(host, 'netnsctl-watch', 'stop') == [0]


# with netnsctl itself

@pytest.fixture
def real_host(run_netnsctl):
    """A throwaway host whose /usr/sbin/netnsctl is the program under test."""
    if not os.path.exists(os.path.join(SOURCE, 'netnsctl', 'cli', 'up.py')):
        pytest.skip('there is no `netnsctl up` yet')
    made = Host('#!/bin/sh\nexec %s "$@"\n' % ' '.join(shell_quote(word) for word in run_netnsctl.argv()))
    made.sh('mkdir -p /etc/sysconfig/netns/a /etc/sysconfig/netns/b')
    made.write('/etc/sysconfig/netns/a/ifcfg-A', 'DEVICE=A\nIPADDR=10.1.1.1\nPREFIX=32\nPEER=B\nPEER_NETNS=b\n')
    made.write('/etc/sysconfig/netns/b/ifcfg-B', 'DEVICE=B\nIPADDR=10.1.1.2\nPREFIX=32\n')
    yield made
    made.close()


def test_netnsctl_itself_starts_reports_restarts_and_stops(real_host):
    for verb in ('start', 'start', 'reload', 'restart', 'condrestart'):
        result = real_host.script('netnsctl', verb)
        assert result.status == 0 and result.err == '', result
        real_host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
        state = real_host.script('netnsctl', 'status')
        assert state.status == 0 and '  whole  ' in state.out, state
    assert statuses(real_host, 'netnsctl', 'stop', 'status') == [0, 3]
    assert real_host.sh('ip netns list') == ''


def test_a_container_that_does_not_run_at_boot_costs_only_its_own_wire(real_host):
    real_host.sh('mkdir /etc/sysconfig/netns/docker:c')
    real_host.write('/etc/sysconfig/netns/docker:c/ifcfg-C', 'DEVICE=C\nIPADDR=10.2.0.1\nPREFIX=32\nPEER=D\n'
                    'PEER_NETNS=b\n')
    alone = real_host.aside.sh('netnsctl up >/dev/null 2>&1 && echo 0 || echo $?').strip()
    if alone != '3':
        pytest.skip('`netnsctl up` ends with %s, not 3, where a container runtime does not answer' % alone)
    real_host.sh('netnsctl down >/dev/null 2>&1 || :')
    result = real_host.script('netnsctl', 'start')
    assert result.status == 0 and 'docker' in result.err, result
    real_host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
    assert statuses(real_host, 'netnsctl', 'stop') == [0]


def test_watch_itself_starts_reloads_and_stops(real_host):
    assert statuses(real_host, 'netnsctl-watch', 'start', 'status', 'reload') == [0, 0, 0]
    wait_for(lambda: 'reading the tree again\n' in real_host.sh('cat /var/log/netnsctl-watch.log'))
    pid = real_host.sh('cat /var/run/netnsctl-watch.pid').strip()
    assert statuses(real_host, 'netnsctl-watch', 'status', 'restart', 'status', 'stop', 'status') == [0, 0, 0, 0, 3]
    assert not runs(pid)
    log = real_host.sh('cat /var/log/netnsctl-watch.log').splitlines()
    assert [line for line in log if not re.match(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} ', line)] == [], log
    assert [line.split(' ', 3)[3] for line in log] == [
        'watching /etc/sysconfig/netns', 'reading the tree again', 'watching /etc/sysconfig/netns']


def runs(pid):
    """Is it there, and no zombie that whoever has adopted it is yet to reap?"""
    try:
        with open('/proc/%s/stat' % pid) as source:
            return source.read().rpartition(')')[2].split()[0] != 'Z'
    except (IOError, OSError):
        return False


def wait_for(holds, seconds=30.0):
    deadline = time.time() + seconds
    while not holds():
        assert time.time() < deadline
        time.sleep(0.05)
