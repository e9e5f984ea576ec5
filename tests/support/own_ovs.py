"""An Open vSwitch of a test run's own, with the userspace datapath, where ovs-vsctl looks for it."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import subprocess
import tempfile
import time

from support.containers import Unavailable
from support.process import must, run

RUNDIR = '/run/openvswitch'
SOCKET = RUNDIR + '/db.sock'
SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
SECONDS = 60
# The same on a throwaway host, which has a /run of its own; it prints the PIDs of both daemons.
IN_HOST = '''
mkdir /run/openvswitch
ovsdb-tool create /mnt/conf.db %s
ovsdb-server /mnt/conf.db --remote=punix:/run/openvswitch/db.sock --detach --no-chdir --pidfile -vconsole:off \\
    --log-file=/mnt/ovsdb-server.log
ovs-vsctl --timeout=20 --no-wait init
ovs-vswitchd unix:/run/openvswitch/db.sock --detach --no-chdir --pidfile -vconsole:off \\
    --log-file=/mnt/ovs-vswitchd.log
cat /run/openvswitch/*.pid
''' % SCHEMA


def is_installed():
    return os.path.exists(SCHEMA)


def start_in(host, *bridges):
    """Starts it on a throwaway host (support.aside.own_host), with these bridges: the PIDs of its daemons, text, which
    the caller ends."""
    pids = host.sh(IN_HOST).split()
    for name in bridges:
        host.sh('ovs-vsctl --timeout=20 add-br %s -- set bridge %s datapath_type=netdev' % (name, name))
    return pids


class OwnOvs(object):
    """start_daemon(), stop_daemon(): ovs-vswitchd; close() ends all. server, daemon: Popen of ovsdb-server and
    ovs-vswitchd. Unavailable where Open vSwitch does not run."""

    def __init__(self):
        if os.path.exists(SOCKET):
            raise Unavailable('%s is there already' % SOCKET)
        self.folder, self.server, self.daemon = tempfile.mkdtemp(prefix='nwo'), None, None
        self._made_rundir = not os.path.isdir(RUNDIR)
        try:
            if self._made_rundir:
                os.mkdir(RUNDIR)
            self._start_server()
            self.start_daemon()
        except BaseException:
            self.close()
            raise

    def _start_server(self):
        database = os.path.join(self.folder, 'conf.db')
        try:
            must(['ovsdb-tool', 'create', database, SCHEMA])
        except (OSError, AssertionError) as error:
            raise Unavailable('Open vSwitch is not installed: %s' % error)
        self.server = self._background(['ovsdb-server', database, '--remote=punix:' + SOCKET,
                                        '--unixctl=' + os.path.join(self.folder, 'server.ctl')])
        self._wait(lambda: os.path.exists(SOCKET), self.server)
        must(['ovs-vsctl', '--timeout=20', '--no-wait', 'init'])

    def start_daemon(self):
        """Starts ovs-vswitchd and waits until it carries out what the database says."""
        self.daemon = self._background(['ovs-vswitchd', '--unixctl=' + os.path.join(self.folder, 'vswitchd.ctl'),
                                        'unix:' + SOCKET])
        self._wait(lambda: run(['ovs-vsctl', '--timeout=5', 'set', 'Open_vSwitch', '.',
                                'other_config:test=%d' % self.daemon.pid]).status == 0, self.daemon)

    def stop_daemon(self):
        _end(self.daemon)
        self.daemon = None

    def add_bridge(self, name):
        must(['ovs-vsctl', '--timeout=20', 'add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev'])

    def delete_bridge(self, name):
        must(['ovs-vsctl', '--timeout=20', '--if-exists', 'del-br', name])

    def ports(self, bridge):
        """The names of the ports of a bridge: list."""
        return must(['ovs-vsctl', '--timeout=20', '--no-wait', 'list-ports', bridge]).split()

    def port(self, name, column):
        """A column of a port, as ovs-vsctl prints it."""
        return must(['ovs-vsctl', '--timeout=20', '--no-wait', 'get', 'Port', name, column]).strip()

    def _background(self, argv):
        with open(os.path.join(self.folder, 'log'), 'ab') as log:
            return subprocess.Popen(argv + ['-vconsole:off'], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd='/')

    def _wait(self, is_there, process):
        deadline = time.time() + SECONDS
        while not is_there():
            if process.poll() is not None or time.time() > deadline:
                with open(os.path.join(self.folder, 'log')) as log:
                    raise Unavailable('Open vSwitch does not start:\n%s' % log.read()[-1500:])
            time.sleep(0.02)

    def close(self):
        for process in (self.daemon, self.server):
            _end(process)
        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        if self._made_rundir:
            shutil.rmtree(RUNDIR, ignore_errors=True)
        # The device of the userspace datapath goes with its process.
        shutil.rmtree(self.folder, ignore_errors=True)


def _end(process):
    if process is not None:
        process.stdin.close()
        if process.poll() is None:
            process.kill()
        process.wait()
