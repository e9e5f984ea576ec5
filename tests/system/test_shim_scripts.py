"""Scripts for newer systems, unmodified, on a host with EL6's `ip` and the shim: what a person types, pipework's and
ovs-docker's manner, many at once, and kills."""

from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from support import inject, process
from support.aside import own_host
from support.installed import Installed
from support.process import native
from support.worlds import PROGRAM

# The scenario: two containers with no network, wired by hand. a and b are their PIDs.
SCENARIO = '''
mkdir -p /var/run/netns
ln -s /proc/$a/ns/net /var/run/netns/$a
ln -s /proc/$b/ns/net /var/run/netns/$b
ip link add A type veth peer name B
ip link set A netns $a
ip netns exec $a ip addr add 10.1.1.1/32 dev A
ip netns exec $a ip link set A up
ip netns exec $a ip route add 10.1.1.2/32 dev A
ip link set B netns $b
ip netns exec $b ip addr add 10.1.1.2/32 dev B
ip netns exec $b ip link set B up
ip netns exec $b ip route add 10.1.1.1/32 dev B
ip netns exec $a ping -q -c 1 -W 5 10.1.1.2 >/dev/null
ip netns exec $b ping -q -c 1 -W 5 10.1.1.1 >/dev/null
'''
# The same between names.
NAMED = '''
ip netns add a
ip netns add b
ip link add A type veth peer name B
ip link set A netns a
ip link set dev B netns b
ip netns exec a ip addr add 10.1.1.1/32 dev A
ip netns exec a ip link set A up
ip netns exec a ip route add 10.1.1.2/32 dev A
ip -n b addr add 10.1.1.2/32 dev B
ip -n b link set B up
ip -n b route add 10.1.1.1/32 dev B
ip netns exec a ping -q -c 1 -W 5 10.1.1.2 >/dev/null
ip netns exec b ping -q -c 1 -W 5 10.1.1.1 >/dev/null
ip netns delete a
ip netns delete b
test -z "$(ip netns)"
'''
# In the manner of pipework: is there an `ip netns`? A pair whose guest end goes to a PID and is renamed there.
PIPEWORK = '''
if (ip netns) >/dev/null 2>&1; then :; else echo "too old an iproute2" >&2; exit 1; fi
[ -d /var/run/netns ] || mkdir -p /var/run/netns
rm -f "/var/run/netns/$a"
ln -s "/proc/$a/ns/net" "/var/run/netns/$a"
ip link add name "v1pl$a" mtu 1400 type veth peer name "v1pg$a" mtu 1400
ip link set "v1pl$a" up
ip addr add 10.2.0.254/24 dev "v1pl$a"
ip link set "v1pg$a" netns "$a"
ip netns exec "$a" ip link set "v1pg$a" name eth1
ip netns exec "$a" ip link set eth1 address 02:00:00:00:00:09
ip netns exec "$a" ip addr add 10.2.0.1/24 dev eth1
ip netns exec "$a" ip link set eth1 up
ip netns exec "$a" ip route get 10.2.0.254 >/dev/null && ip netns exec "$a" ip route replace default via 10.2.0.254
ip netns exec "$a" ip route | grep -q '^default via 10.2.0.254'
rm -f "/var/run/netns/$a"
ping -q -c 1 -W 5 10.2.0.1 >/dev/null
'''
# In the manner of ovs-docker: the symlink is made if need be and taken away at the end, whatever happens.
OVS_DOCKER = '''
create_netns_link () {
    mkdir -p /var/run/netns
    if [ ! -e /var/run/netns/"$a" ]; then
        ln -s /proc/"$a"/ns/net /var/run/netns/"$a"
        trap 'delete_netns_link' 0
        for signal in 1 2 3 13 14 15; do trap 'delete_netns_link; trap - $signal; kill -$signal $$' $signal; done
    fi
}
delete_netns_link () {
    rm -f /var/run/netns/"$a"
}
create_netns_link
if ip netns exec "$a" ip link show eth0 >/dev/null 2>&1; then echo "eth0 is there" >&2; exit 1; fi
ip link add abc_l type veth peer name abc_c
ip link set abc_l up
ip link set abc_c netns "$a"
ip netns exec "$a" ip link set dev abc_c name eth0
ip netns exec "$a" ip link set eth0 up
ip netns exec "$a" ip link set dev eth0 mtu 1400
ip netns exec "$a" ip addr add 10.3.0.2/24 dev eth0
ip addr add 10.3.0.1/24 dev abc_l
ping -q -c 1 -W 5 10.3.0.2 >/dev/null
'''
# Two processes with a network of their own, as containers are; they end with the shell.
CONTAINERS = '''
unshare -n sleep 60 >/dev/null 2>&1 & a=$!
unshare -n sleep 60 >/dev/null 2>&1 & b=$!
trap 'kill $a $b' EXIT
while [ "$(readlink /proc/$a/ns/net)" = "$(readlink /proc/self/ns/net)" ] ||
      [ "$(readlink /proc/$b/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
'''


class Host(object):
    """A throwaway host with an `ip` of old and the shim in front of it: run(script), sh(script)."""

    def __init__(self, folder, old_ip, enabled=True):
        self.installed = Installed(folder)
        self.aside = own_host(self.installed.program)
        self.path = '/usr/local/sbin:%s:/usr/sbin:/usr/bin:/sbin:/bin' % old_ip
        self.environ = dict(os.environ, PATH=self.path, LC_ALL='C')
        self.environ.pop('NETNSCTL_PATH', None)
        self._provide_ping(os.path.dirname(self.installed.python))
        if enabled:
            result = self.aside('shim', 'enable', path=old_ip)
            assert result.out.startswith('enabled: '), result

    def _provide_ping(self, folder):
        """Where the machine has none, busybox's."""
        if process.run(['sh', '-c', 'command -v ping']).status:
            busybox = process.run(['sh', '-c', 'command -v busybox']).out.strip()
            if not busybox:
                pytest.skip('there is neither ping nor busybox')
            os.symlink(busybox, os.path.join(folder, 'ping'))
            self.environ['PATH'] += ':' + folder

    def argv(self, *words):
        return self.aside.prefix + ['env'] + list(words)

    def run(self, script, timeout=60):
        return process.run(self.argv('sh', '-euc', script), environ=self.environ, timeout=timeout)

    def sh(self, script):
        result = self.run(script)
        assert result.status == 0, '%s\n%r' % (script, result)
        return result.out

    def close(self):
        self.aside.close()


@pytest.fixture
def host(tmpdir, old_ip):
    made = Host(str(tmpdir.join('installed')), old_ip)
    yield made
    made.close()


@pytest.fixture
def bare(tmpdir, old_ip):
    """The host without the shim."""
    made = Host(str(tmpdir.join('installed')), old_ip, enabled=False)
    yield made
    made.close()


def test_the_scenario_by_hand_ends_at_its_first_ip_netns_without_the_shim(bare):
    result = bare.run(CONTAINERS + SCENARIO)
    assert (result.status, result.err) == (255, 'Object "netns" is unknown, try "ip help".\n'), result


@pytest.mark.parametrize('script', [SCENARIO, NAMED, PIPEWORK, OVS_DOCKER],
                         ids=['scenario', 'named', 'pipework', 'ovs-docker'])
@pytest.mark.parametrize('shell', ['sh', 'bash'])
def test_scripts_run_unmodified_with_the_shim(host, script, shell):
    result = process.run(host.argv(shell, '-euc', CONTAINERS + '(%s)' % script), environ=host.environ)
    assert (result.status, result.out, result.err) == (0, '', ''), result


def test_the_same_steps_run_without_the_shim_by_netnsctl_netns(bare):
    netns = ' '.join("'%s'" % word.replace("'", "'\\''") for word in PROGRAM)
    script = SCENARIO.replace('ip netns', netns)
    assert 'ip netns' not in script
    result = bare.run(CONTAINERS + script)
    assert (result.status, result.out, result.err) == (0, '', ''), result


def test_a_person_at_a_terminal_types_the_scenario_and_notices_nothing(host):
    from support import terminal
    typed = 'PS1= PS2=\n' + CONTAINERS + SCENARIO.replace('>/dev/null', '') + 'echo "made: $?"\nexit 0\n'
    shown = terminal.run(host.argv('sh', '-i'), typed, environ=host.environ)
    assert shown.status == 0 and shown.out.count(' 0% packet loss') == 2 and 'made: 0' in shown.out, shown
    assert 'netnsctl' not in shown.out and 'unknown' not in shown.out and 'rror' not in shown.out, shown


def test_probes_of_what_ip_knows_are_answered(host):
    assert host.sh('(ip netns) >/dev/null && echo yes; ip netns list >/dev/null 2>&1 && echo yes') == 'yes\nyes\n'
    result = host.run('ip netns help')
    assert result.status == 255 and result.err.startswith('Usage:\tip netns list\n'), result
    assert host.run('ip -V').out == 'ip utility, iproute2-ss091226\n'


# batches

def test_a_batch_tells_of_the_line_of_the_file(host):
    host.sh("printf 'netns add a\\n\\n# here\\nlink show lo\\nlink show nosuch\\nnetns add b\\n' >/mnt/b")
    result = host.run('ip -batch /mnt/b')
    assert result.status == 1 and result.err.endswith('Command failed /mnt/b:5\n'), result
    assert host.sh('ip netns') == 'a\n'
    result = host.run('ip -force -batch /mnt/b')
    assert result.status == 1 and result.err.count('Command failed /mnt/b:1\n') == 1, result
    assert result.err.count('Command failed ') == 2 and result.err.endswith('Command failed /mnt/b:5\n'), result
    assert host.sh('ip netns list | sort') == 'a\nb\n'


def test_a_forced_batch_goes_on_after_each_line_that_fails_and_names_them_all(host):
    host.sh("printf 'link show nosuch\nlink show lo\nlink show none\n\nlink set lo up\nnetns add a\n' >/mnt/b")
    result = host.run('ip -force -batch /mnt/b')
    assert result.status == 1, result
    assert [line for line in result.err.splitlines() if line.startswith('Command failed')] == [
        'Command failed /mnt/b:1', 'Command failed /mnt/b:3']
    assert '1: lo:' in result.out and 'UP' in host.sh('ip -o link show lo')


def test_a_batch_moves_many_links_to_many_namespaces(host):
    count = 70  # more than are held at once
    lines = ['netns add n%d' % number for number in range(count)]
    lines += ['link add v%d type veth peer name w%d' % (number, number) for number in range(count)]
    lines += ['link set %s%d netns n%d' % (side, number, number) for number in range(count) for side in 'vw']
    result = process.run(host.argv('ip', '-batch', '-'), '\n'.join(lines), environ=host.environ)
    assert (result.status, result.out, result.err) == (0, '', ''), result
    for number in (0, 41, count - 1):
        assert host.sh('ip -n n%d -o link | wc -l' % number) == '3\n'
    # Those that lent their PIDs are gone.
    assert host.sh('for n in $(ls /run/netns); do ip netns pids $n; done') == ''


def test_a_batch_from_a_pipe_is_done_line_by_line_as_it_comes(host):
    popen = subprocess.Popen(host.argv('ip', '-batch', '-'), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env=host.environ, preexec_fn=process.as_from_a_shell)
    try:
        for line, answer in (('netns add a\nnetns list\n', 'a\n'), ('link show lo\n', '1: lo:'),
                             ('netns list\n', 'a\n')):
            popen.stdin.write(line.encode('ascii'))
            popen.stdin.flush()
            told = native(popen.stdout.readline())
            assert told.startswith(answer)
            if answer.startswith('1'):
                popen.stdout.readline()
    finally:
        popen.stdin.close()
        popen.stdout.close()
        assert popen.wait() == 0


def test_a_batch_in_a_namespace_stays_there(host):
    host.sh("ip netns add a; ip netns add b; printf 'link add v type veth peer name w\\nlink set w netns b\\n"
            "netns exec b ip link set w mtu 1300\\nlink set v mtu 1300\\n' >/mnt/b; ip -n a -batch /mnt/b")
    assert 'mtu 1300' in host.sh('ip -n a -o link show v') and 'mtu 1300' in host.sh('ip -n b -o link show w')


# what runs through it

def test_standard_input_and_status_go_through_exec(host):
    host.sh('ip netns add a')
    assert host.sh('echo fed | ip netns exec a cat') == 'fed\n'
    assert host.run('ip netns exec a sh -c "exit 77"').status == 77
    assert host.sh('printf "ip -n a link show lo >/dev/null && echo shell\\n" | ip netns exec a sh') == 'shell\n'
    assert host.sh('ip -all netns exec echo in') == '\nnetns: a\nin\n'
    assert host.run('ip -n a link show nosuch').status == 1


def test_exec_is_no_child_and_has_no_trace_of_the_shim(host):
    host.sh('ip netns add a')
    popen = process.start(host.argv('ip', 'netns', 'exec', 'a', 'sh', '-c', 'echo $$; env; ls /proc/self/fd'),
                          host.environ)
    result = process.finish(popen)
    lines = result.out.split('\n')
    assert int(lines[0]) == popen.pid and 'NETNSCTL' not in result.out.replace('NETNSCTL_TEST', ''), result
    assert [line for line in lines if line.isdigit()][1:] == ['0', '1', '2', '3'], result


def test_a_signal_ends_the_command_as_if_the_shim_were_not_there(host):
    host.sh('ip netns add a')
    result = host.run('ip netns exec a sh -c "kill -TERM \\$\\$"')
    assert result.status == 128 + 15, result
    ignored = host.sh('trap "" INT; ip netns exec a grep SigIgn /proc/self/status').split()[1]
    assert int(ignored, 16) & 2, 'SIGINT is reset'


def test_no_process_that_lends_its_pid_outlives_the_line(host):
    host.sh('ip netns add a; ip link add v type veth peer name w; ip link set v netns a')
    assert host.sh('ip netns pids a') == ''
    # Whoever reads what ip prints does not wait for them, nor need SIGCHLD be as usual.
    assert host.sh('trap "" CHLD; ip link set w netns a; ip -n a -o link | wc -l') == '3\n'


def test_a_pid_and_a_name_that_look_alike_are_told_apart_as_iproute2_does(host):
    # A name of digits comes before a PID.
    host.sh(CONTAINERS + '''ip netns add $a
    ip link add v type veth peer name w; ip link set v netns $a
    ip -n $a link show v >/dev/null
    ip link set w netns $b
    nsenter -t $b -n /bin/ip link show w >/dev/null''')


ODD = [u'esc\x1b[31m', u'line\nfeed', u'$(id)', u'-n', u'\xe9t\xe9', u' ', u'a"b\\c', u'*', u'\u202eright', u"a'b"]


def test_names_of_any_bytes_go_through_it(host):
    names = [name.encode('utf-8') for name in ODD] + [b'\xff\xfe']

    def ip(*words):
        assert subprocess.call(host.argv('ip') + list(words), env=host.environ) == 0, words
    for number, name in enumerate(names):
        ip('netns', 'add', name)
        ip('link', 'add', 'v%d' % number, 'type', 'veth', 'peer', 'name', 'w%d' % number)
        ip('link', 'set', 'v%d' % number, 'netns', name)
        ip('-n', name, 'link', 'set', 'v%d' % number, 'mtu', '1300')
        ip('netns', 'exec', name, 'ip', 'link', 'show', 'v%d' % number)
    for name in names:
        ip('netns', 'delete', name)
    assert host.sh('ip netns') == ''


# at once, and killed

def test_twelve_first_adds_at_once_share_the_folder_once(host):
    # Those that are covered by this run of ours count too.
    binds = 'grep -c " /netns /run/netns " /proc/self/mountinfo || true'
    before = int(host.sh(binds))
    host.sh('for n in 1 2 3 4 5 6 7 8 9 10 11 12; do ip netns add n$n & done; wait')
    assert len(host.sh('ip netns').split()) == 12
    assert int(host.sh(binds)) == before + 1
    host.sh('for n in $(ls /run/netns); do ip netns exec $n true; done')


@pytest.mark.parametrize('syscall, when', [('unshare', 1), ('mount', 2), ('setns', 1)])
def test_add_killed_between_open_and_mount_leaves_a_name_that_can_be_deleted(host, syscall, when):
    inject.available()
    host.sh('ip netns add first')
    killed = process.run(
        host.argv('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + syscall, '-e',
                  'inject=%s:signal=KILL:when=%d' % (syscall, when), 'ip', 'netns', 'add', 'x'), environ=host.environ)
    assert killed.status == -9, killed
    assert sorted(host.sh('ip netns list 2>/dev/null').split()) == ['first', 'x']
    host.sh('ip netns delete x; ip netns add x; ip netns exec x true')


@pytest.mark.parametrize('when', [1, 2])
def test_a_line_killed_while_a_pid_is_lent_leaves_no_process(host, when):
    inject.available()
    host.sh('ip netns add a; ip link add v type veth peer name w')
    # The second sendmsg of the real ip is the move itself; before it the first looks for the link.
    process.run(host.argv('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=sendmsg', '-e',
                          'inject=sendmsg:signal=KILL:when=%d' % when, 'ip', 'link', 'set', 'v', 'netns', 'a'),
                environ=host.environ)
    host.sh('for n in 1 2 3 4 5 6 7 8 9 0; do [ -n "$(ip netns pids a)" ] || exit 0; sleep 0.1; done; exit 1')
    host.sh('ip link set v netns a 2>/dev/null || true; ip -n a link show v')
