"""A bed of machines to drive by Ansible: each has mount, UTS, network, IPC and PID namespaces of its own and a real
sshd, and all hang on one bridge, where this process is too.

It is made inside tests/tools/world, whose links and /run it changes. Two machines are Debian (a layer over the root of
tests/tools/debian-root), one is like CentOS 6.5 (tests/el6) with its Python 2.7 and no other.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import subprocess
import tempfile
import time

from support import inside, process
from support.program import TOP

HERE = os.path.dirname(os.path.abspath(__file__))
# Of the first bed, and of a second one at the same time.
NETWORKS = ('192.0.2.%d', '198.51.100.%d')
OWN = 250  # this process's address on the bridge
NAMES = ('one', 'two', 'six')
_KINDS = ['-m', '-u', '-n', '-i', '-p']
ENVIRONMENT = ['HOME=/root', 'USER=root', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive',
                'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']
SSHD = '''
Port 22
HostKey /etc/ssh/bed_host_key
PasswordAuthentication no
UsePAM no
UseDNS no
Subsystem sftp internal-sftp
PidFile /var/run/sshd.pid
'''
# As long as what they replace: EL6 has no /run, and /.el leads to its /var/run.
_EL6_SSHD = "LC_ALL=C sed -i 's,/run/sshd,/.el/sshd,g' /usr/sbin/sshd; mkdir -p /var/run/sshd"


class Unavailable(Exception):
    """No bed can be made here: the reason."""


def root_of(kind):
    """The path of the root folder that machines of a kind (debian, el6) are layers over. Unavailable."""
    words = {'debian': ['tests/tools/debian-root', 'bookworm', 'machine'], 'el6': ['tests/el6/build', 'guest']}[kind]
    made = process.run([os.path.join(TOP, words[0])] + words[1:], timeout=1200)
    if made.status != 0:
        raise Unavailable(made.err)
    return made.out.strip()


def require_world():
    """Unavailable where this is not a world of its own: links and files of the host would be changed."""
    if os.geteuid() != 0:
        raise Unavailable('needs root: it makes namespaces and links')
    with open('/proc/1/cmdline', 'rb') as source:
        if b'world' not in source.read().split(b'\0'):
            raise Unavailable('it runs inside tests/tools/world only')


class Machine(object):
    """One of them. name, kind ('debian', 'el6'), address; pid: of its first process, as seen here."""

    def __init__(self, bed, name, kind, number):
        self.bed, self.name, self.kind = bed, name, kind
        self.address = bed.network % number
        self.port = '%s-%s' % (bed.bridge, name)  # at the bridge
        self.layer = tempfile.mkdtemp(dir=bed.folder)
        self.first = process.start(['unshare'] + _KINDS + ['-f', '--kill-child', '--propagation', 'private', 'sh',
                                                           os.path.join(HERE, 'machine.sh'), kind, root_of(kind),
                                                           self.layer, name])
        line = process.native(self.first.stdout.readline())
        if line != 'ready\n':
            raise Unavailable('no machine %s: %r' % (name, process.finish(self.first)))
        with open('/proc/%d/task/%d/children' % (self.first.pid, self.first.pid)) as source:
            self.pid = int(source.read().split()[0])
        if os.path.samefile('/proc/%d/root' % self.pid, '/'):
            raise Unavailable('the root of %s is this machine\'s' % name)
        self._plug(number)
        self._let_in()

    def _plug(self, number):
        for words in (('link', 'add', self.port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', '%d' % self.pid),
                      ('link', 'set', self.port, 'master', self.bed.bridge, 'up')):
            process.must(['ip'] + list(words))
        for words in (('addr', 'add', self.address + '/24', 'dev', 'eth0'), ('link', 'set', 'eth0', 'up')):
            inside.ip(self.pid, *words)

    def _let_in(self):
        """Gives it a host key, and lets in the bed's own."""
        key = self.host_key()
        self.write('/etc/ssh/bed_host_key', open(key).read(), 0o600)
        self.write('/etc/ssh/sshd_config', SSHD)
        self.write('/root/.ssh/authorized_keys', open(self.bed.key + '.pub').read(), 0o600)
        if self.kind == 'el6':
            self.sh(_EL6_SSHD)
        self.start_sshd()

    def host_key(self):
        """Makes its host key, whose public part the bed knows: the path of the private one, here."""
        key = os.path.join(self.bed.folder, 'host_key_' + self.name)
        process.must(['ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', self.name, '-f', key])
        with open(key + '.pub') as source:
            self.bed.know('%s %s\n' % (self.address, ' '.join(source.read().split()[:2])))
        return key

    def argv(self, *words):
        """The words that run a command in it, with a plain environment."""
        entered = ['nsenter', '-t', '%d' % self.pid] + _KINDS + ['-r', '-w', '--']
        return entered + ['/usr/bin/env', '-i'] + ENVIRONMENT + list(words)

    def run(self, *words, **options):
        """Runs a command in it: support.process.Result."""
        return process.run(self.argv(*words), **options)

    def sh(self, script, **options):
        """What a shell script prints in it that must not fail."""
        return process.must(self.argv('/bin/sh', '-euc', script), **options)

    def netnsctl(self, *words):
        """Runs netnsctl in it: support.process.Result."""
        return self.run('netnsctl', *words)

    def wires(self):
        """The names of its wires, and the state of each: dict."""
        found = json.loads(self.sh('netnsctl ls --json'))
        return dict((wire['name'], wire['state']) for wire in found['wires'])

    def write(self, path, text, mode=0o644):
        """Writes a file in it, whole."""
        process.must(self.argv('/bin/sh', '-euc', 'cat >"$1" && chmod %o "$1"' % mode, 'sh', path), feed=text)

    def put(self, source, path):
        """Copies a file of this machine into it."""
        with open(source, 'rb') as data:
            process.must(self.argv('/bin/sh', '-euc', 'cat >"$1"', 'sh', path), feed=data.read())

    def put_folder(self, source, path):
        """Copies what a folder of this machine holds into one of it."""
        packed = subprocess.Popen(['tar', '-C', source, '-cf', '-', '.'], stdout=subprocess.PIPE)
        try:
            process.must(self.argv('tar', '-C', path, '--no-same-owner', '-xf', '-'), feed=packed.communicate()[0])
        finally:
            packed.wait()

    def start_sshd(self):
        """Starts its sshd, and waits until that answers."""
        self.sh('/usr/sbin/sshd')
        self.bed.wait('sshd of %s' % self.name, lambda: self.bed.ssh(self, 'true').status == 0)

    def stop_sshd(self):
        """Ends its sshd, with all that it serves: the machine does not answer."""
        self.sh('kill $(cat /var/run/sshd.pid)')
        self.cut_sessions()

    def cut_sessions(self):
        """Kills those of sshd's children that serve a connection: how many there were."""
        pids = self.sh('for p in /proc/[0-9]*; do case $(tr "\\0" " " <$p/cmdline 2>/dev/null) in '
                       '"sshd: "*@* | "sshd: "*priv*) echo ${p#/proc/} ;; esac; done').split()
        for pid in pids:
            self.run('/bin/sh', '-c', 'kill -9 ' + pid)
        return len(pids)

    def set_link(self, state):
        """Its link to the others: up or down, at the bridge."""
        process.must(['ip', 'link', 'set', self.port, state])

    def add_containers(self, *names):
        """Gives it named namespaces, with a process in each, as containers."""
        for name in names:
            self.sh('netnsctl netns add %s; netnsctl netns exec %s sleep 100000 </dev/null >/dev/null 2>&1 &'
                    % (name, name))
        self.bed.wait('containers', lambda: all(self.netnsctl('netns', 'pids', name).out.strip() for name in names))

    def remove_containers(self):
        """Removes all named namespaces, with what runs in them."""
        self.sh('for name in $(netnsctl netns list | cut -d " " -f 1); do '
                'kill -9 $(netnsctl netns pids $name) 2>/dev/null || :; netnsctl netns delete $name; done')

    def link(self, *words):
        """Runs ip of this machine's in its network namespace."""
        inside.ip(self.pid, *words)

    def close(self):
        self.first.kill()
        self.first.wait()
        # Its network namespace ends some time later.
        process.run(['ip', 'link', 'del', self.port])
        for stream in (self.first.stdin, self.first.stdout, self.first.stderr):
            stream.close()


class Bed(object):
    """machines: {name: Machine}. close() ends it."""

    def __init__(self, names=NAMES):
        require_world()
        for tool in ('sshd', 'ssh', 'ssh-keygen'):
            if process.run(['sh', '-c', 'PATH=$PATH:/usr/sbin; command -v ' + tool]).status != 0:
                raise Unavailable('%s is missing: tests/tools/packages sshd' % tool)
        self.folder = tempfile.mkdtemp(prefix='bed', dir='/tmp')
        self.key, self.known = os.path.join(self.folder, 'key'), os.path.join(self.folder, 'known_hosts')
        self.machines, self.number = {}, self._free_number()
        self.network, self.bridge = NETWORKS[self.number], 'bed%d' % self.number
        process.must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', self.key])
        try:
            process.must(['ip', 'link', 'add', self.bridge, 'type', 'bridge'])
            process.must(['ip', 'addr', 'add', self.network % OWN + '/24', 'dev', self.bridge])
            process.must(['ip', 'link', 'set', self.bridge, 'mtu', '1500', 'up'])
            for number, name in enumerate(names):
                self.machines[name] = self.made(name, number + 1)
        except BaseException:
            self.close()
            raise

    def made(self, name, number):
        """The Machine of that name. number: the last of its address."""
        return Machine(self, name, 'el6' if name.startswith('six') else 'debian', number)

    @staticmethod
    def _free_number():
        numbers = [number for number in range(len(NETWORKS)) if not os.path.exists('/sys/class/net/bed%d' % number)]
        if not numbers:
            raise Unavailable('there are %d beds already' % len(NETWORKS))
        return numbers[0]

    def __getitem__(self, name):
        return self.machines[name]

    def know(self, line):
        with open(self.known, 'a') as target:
            target.write(line)

    def ssh_words(self):
        """The options that ssh takes to reach any of them: list."""
        return ['-i', self.key, '-o', 'UserKnownHostsFile=' + self.known, '-o', 'IdentitiesOnly=yes',
                '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'StrictHostKeyChecking=yes',
                # A connection that Ansible keeps would wait for minutes for a machine whose link is down.
                '-o', 'ServerAliveInterval=2', '-o', 'ServerAliveCountMax=3', '-F', '/dev/null']

    def ssh(self, machine, command):
        """Runs a command there by ssh: Result."""
        return process.run(['ssh'] + self.ssh_words() + ['root@' + machine.address, command], timeout=30)

    def wait(self, what, is_so, seconds=30):
        """Waits until is_so(), or AssertionError."""
        deadline = time.time() + seconds
        while not is_so():
            if time.time() > deadline:
                raise AssertionError('%s: not within %d s' % (what, seconds))
            time.sleep(0.05)

    def host_vars(self, machine):
        """What Ansible is to know of one: dict."""
        return {'ansible_host': machine.address, 'ansible_user': 'root',
                'ansible_ssh_common_args': subprocess.list2cmdline(self.ssh_words())}

    def inventory(self, groups=None, variables=None, extra=None):
        """Writes an inventory: its path. groups: {name: [machines' names]}; variables: those of all hosts; extra:
        {machine: {variable: value}}."""
        groups = groups or {'machines': sorted(self.machines)}
        hosts = dict((name, dict(self.host_vars(machine), **(extra or {}).get(name, {})))
                     for name, machine in self.machines.items())
        held = {'all': {'hosts': hosts, 'vars': variables or {},
                        'children': dict((group, {'hosts': dict((name, None) for name in names)})
                                         for group, names in groups.items())}}
        path = os.path.join(tempfile.mkdtemp(dir=self.folder), 'inventory.json')
        with open(path, 'w') as target:
            json.dump(held, target, indent=1)
        return path

    def close(self):
        for machine in self.machines.values():
            machine.close()
        process.run(['ip', 'link', 'del', self.bridge])
        shutil.rmtree(self.folder, ignore_errors=True)
