"""A Docker Engine of a test's own, on a socket in a folder of its own: it can be ended and started again."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import signal
import tempfile
import time

from support.containers import Containers, Unavailable, archive_of, make_root_folder, start_in_background
from support.process import must, run

FORWARDING = '/proc/sys/net/ipv4/ip_forward'


class _Network(object):
    """What an engine with networks changes on the host and leaves there: forwarding, rules, docker0.

    Forwarding is off while it starts: one that finds it on, since another has set it, leaves the policy of FORWARD
    alone.
    """

    def __init__(self):
        with open(FORWARDING) as source:
            self._forwarding = source.read()
        self._rules = must(['nft', '-s', 'list', 'ruleset'])
        self._had_bridge = run(['ip', 'link', 'show', 'docker0']).status == 0
        self._forward('0')

    def _forward(self, value):
        with open(FORWARDING, 'w') as out:
            out.write(value)

    def put_back(self):
        # The policy of FORWARD stays DROP otherwise, and packets between ports of a bridge go there too.
        must(['nft', '-f', '-'], feed='flush ruleset\n' + self._rules)
        if not self._had_bridge:
            run(['ip', 'link', 'delete', 'docker0'])
        self._forward(self._forwarding)


class OwnDockerd(object):
    """start(), stop(), kill(); environ: what leads a program to it. Unavailable where dockerd does not run.

    networks: has it docker0, and its own rules in iptables, while it runs? containers(): support.containers.Containers
    of it.
    """

    def __init__(self, image='own-busybox', networks=False):
        self.networks = _Network() if networks else None
        # A socket's path has 107 bytes at most.
        self.folder = tempfile.mkdtemp(prefix='nwd', dir='/tmp')
        self.socket = os.path.join(self.folder, 'd.sock')
        self.environ = {'DOCKER_HOST': 'unix://' + self.socket}
        self.command = ['docker', '-H', 'unix://' + self.socket]
        self.image = image
        self.process = None
        try:
            self.start()
            self.import_image()
        except BaseException:
            self.close()
            raise

    def start(self):
        """Starts it and waits until it answers."""
        argv = ['dockerd', '-H', 'unix://' + self.socket]
        if not self.networks:
            argv += ['--bridge=none', '--iptables=false']
        for option, name in (('--data-root', 'data'), ('--exec-root', 'exec'), ('--pidfile', 'pid')):
            argv += [option, os.path.join(self.folder, name)]
        try:
            if not self.networks and '--ip6tables' in must(['dockerd', '--help']):
                argv.append('--ip6tables=false')
        except OSError:
            raise Unavailable('docker is not installed')
        self.process = start_in_background(argv, os.path.join(self.folder, 'log'))
        deadline = time.time() + 60
        while run(self.command + ['version'], timeout=30).status != 0:
            if self.process.poll() is not None or time.time() >= deadline:
                with open(os.path.join(self.folder, 'log')) as log:
                    raise Unavailable('dockerd does not answer:\n%s' % log.read()[-1500:])
            time.sleep(0.1)

    def import_image(self, name=None, *changes):
        """changes: lines of a Dockerfile."""
        folder = os.path.join(self.folder, 'root')
        if not os.path.isdir(folder):
            os.mkdir(folder)
            make_root_folder(folder)
        words = [word for change in changes for word in ('--change', change)]
        must(self.command + ['import'] + words + ['-', name or self.image], feed=archive_of(folder))

    def stop(self):
        """Ends it, by its PID."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            deadline = time.time() + 40
            while self.process.poll() is None:
                if time.time() >= deadline:
                    self.process.send_signal(signal.SIGKILL)
                    deadline += 40
                time.sleep(0.05)

    def containers(self, prefix, image=None):
        return Containers(self.command, [image or self.image], prefix)

    def close(self):
        """Ends it and removes all that it had."""
        self.stop()
        # What it mounted and did not unmount must not be removed through the mount.
        with open('/proc/mounts') as source:
            mounts = [line.split()[1] for line in source if line.split()[1].startswith(self.folder + '/')]
        for mount in reversed(mounts):
            run(['umount', '-l', mount])
        if self.networks:
            self.networks.put_back()
        shutil.rmtree(self.folder, ignore_errors=True)
