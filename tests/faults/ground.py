"""What faults are tried on: a world (tests/tools/world) made a whole throwaway host, or an rpm host in it."""

from __future__ import absolute_import, division, print_function

import json
import os
import re
import shutil
import subprocess
import tempfile

from support import cni, process
from support.own_dockerd import OwnDockerd
from support.program import HELPER_PATH, Program
from support.rpm_host import RpmHost
from support.rpm_packages import Packages
from support.snapshot import STATE

# On top of what the world has of its own. /mnt is for whoever makes hosts in it.
_OWN = r'''
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc
mount -t tmpfs none /usr/local/sbin
mkdir -p -m 0700 /run/netnsctl
mount -t tmpfs -o mode=0700 none /run/netnsctl
rm -rf /etc/netns /etc/netnsctl.conf /etc/sysconfig/netns
'''


CONTAINER = 30000  # the PID of PluginGround's container in a world: wires are named by it


class Ground(object):
    """run(prefix, words): the program behind the words of a prefix; sh(script); root: where its files are seen."""

    def __init__(self):
        process.must(['sh', '-euc', _OWN])
        self.scratch = tempfile.mkdtemp(dir='/run')
        self.program = Program()
        self.root = ''
        self.pids = ()
        self.environ = {}
        self._holders = []

    def run(self, prefix, words, feed=b'', timeout=60):
        """Runs `PREFIX netnsctl WORDS` to its end: Result. strace ends by the signal that ended the program."""
        return process.run(list(prefix) + self.program.argv(*words), feed, timeout,
                           self.program.environ(environ=self.environ))

    def start(self, words):
        return process.start(self.program.argv(*words), self.program.environ(environ=self.environ))

    def sh(self, script):
        """What a shell script prints that must not fail; `netnsctl` in it is the program under test."""
        words = ' '.join("'%s'" % word.replace("'", "'\\''") for word in self.program.argv())
        return process.must(['sh', '-euc', 'netnsctl() { %s "$@"; }\n%s' % (words, script)],
                            environ=self.program.environ(environ=self.environ))

    def hold(self, count):
        """Starts processes that own a namespace each, as containers do: sets pids."""
        for _ in range(count):
            holder = subprocess.Popen(['unshare', '-n', 'sh', '-c', 'echo in; exec sleep 100000'],
                                      stdout=subprocess.PIPE, close_fds=True)
            holder.stdout.readline()
            self._holders.append(holder)
        self.pids = tuple(holder.pid for holder in self._holders)

    def helper_folder(self, text):
        """A folder with an `ip` of that text, first of those where netnsctl looks for helpers; '' takes it away."""
        folder = os.path.join(self.scratch, 'helpers')
        kept, known = os.path.join(self.scratch, 'ip.json'), self.root + STATE + '/ip.json'
        shutil.rmtree(folder, ignore_errors=True)
        if self.environ.pop('NETNSCTL_PATH', None) and os.path.exists(kept):
            # What is remembered of the real ip: to ask it anew would move all points of the next run.
            shutil.copy(kept, known)
            os.unlink(kept)
        if text:
            if os.path.exists(known):
                shutil.copy(known, kept)
            os.mkdir(folder)
            with open(os.path.join(folder, 'ip'), 'w') as source:
                source.write(text)
            os.chmod(os.path.join(folder, 'ip'), 0o755)
            self.environ['NETNSCTL_PATH'] = '%s:%s' % (folder, HELPER_PATH)

    def close(self):
        for holder in self._holders:
            holder.kill()
            holder.wait()
            holder.stdout.close()
        shutil.rmtree(self.scratch, ignore_errors=True)


class PluginGround(Ground):
    """The same; the words CNI ADD, CNI DEL, NETAVARK setup, NETAVARK teardown, OCI begin and OCI end are what a runtime
    starts for the container in the namespace a. That runs all the time, as the same PID, but not while its end is
    reported. What a plugin says on standard output is told as netnsctl tells it.
    """

    def __init__(self):
        Ground.__init__(self)
        self.container = None

    def run(self, prefix, words, feed=b'', timeout=60):
        if words[:1] not in (['CNI'], ['OCI'], ['NETAVARK']):
            return Ground.run(self, prefix, words, feed, timeout)
        if words in (['CNI', 'ADD'], ['NETAVARK', 'setup']) and not prefix:
            # As runtimes do before they try again.
            self.run([], ['CNI', 'DEL'] if words[0] == 'CNI' else ['NETAVARK', 'teardown'], feed)
        if words[0] == 'OCI':
            self._begin()
            feed = feed.replace(b'{pid}', ('%d' % self.container.pid).encode('ascii'))
            if words[1] == 'end':
                self._end()
        argv = cni.argv(words[0].lower()) + ([words[1], '/run/netns/a'] if words[0] == 'NETAVARK' else [])
        result = process.run(list(prefix) + argv, feed, timeout, self._variables(words))
        if words[0] == 'OCI':
            self._begin()
        return _told(result) if words[0] != 'OCI' and result.status == 1 and result.out else result

    def _variables(self, words):
        found = self.program.environ(environ=self.environ)
        if words[0] == 'CNI':
            found.update(CNI_COMMAND=words[1], CNI_CONTAINERID='c1', CNI_IFNAME='eth0', CNI_PATH='/nonexistent',
                         CNI_NETNS='/run/netns/a')
        return found

    def _begin(self):
        if self.container is None:
            with open('/proc/sys/kernel/ns_last_pid', 'w') as last:
                last.write('%d' % (CONTAINER - 1))
            self.container = subprocess.Popen(['ip', 'netns', 'exec', 'a', 'sh', '-c', 'echo in; read -r _'],
                                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=True)
            self.container.stdout.readline()

    def _end(self):
        if self.container is not None:
            self.container.kill()
            self.container.wait()
            self.container.stdin.close()
            self.container.stdout.close()
            self.container = None

    def close(self):
        self._end()
        Ground.close(self)


def _told(result):
    """The Result of a plugin that failed, as if it were netnsctl's."""
    document = json.loads(result.out)
    said = document['error'] if 'error' in document else document['msg']
    signal = re.search('ended by signal ([0-9]+)', said)
    return process.Result(128 + int(signal.group(1)) if signal else result.status, result.out,
                          result.err + 'netnsctl: %s\n' % said)


class LabelGround(Ground):
    """The same with a Docker Engine, which `docker` finds too."""

    def __init__(self):
        Ground.__init__(self)
        self.engine = OwnDockerd()
        self.environ.update(self.engine.environ)

    @staticmethod
    def is_installed():
        return process.run(['sh', '-c', 'command -v docker && command -v dockerd']).status == 0

    def close(self):
        names = process.must(self.engine.command + ['ps', '-aq']).split()
        if names:
            process.run(self.engine.command + ['rm', '-f'] + names)
        self.engine.close()
        Ground.close(self)


class RpmGround(Ground):
    """The same on a host of rpm packages (support.rpm_host)."""

    def __init__(self):
        Ground.__init__(self)
        self.packages = Packages()
        self.host = RpmHost(self.program, self.packages)
        self.root = '/proc/%d/root' % self.host.shell.pid
        os.rmdir(self.scratch)
        self.scratch = self.root + '/scratch'

    def run(self, prefix, words, feed=b'', timeout=120):
        argv = self.host.argv(*words)
        at = len(self.host.prefix)
        return process.run(argv[:at] + list(prefix) + argv[at:], feed, timeout, self.program.environ())

    def sh(self, script):
        return self.host.sh(script)

    def close(self):
        self.host.close()
        self.packages.close()
        Ground.close(self)
