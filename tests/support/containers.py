"""Real containers for the tests: Docker Engine (started if none answers) and podman, from busybox."""
from __future__ import absolute_import, division, print_function

import ctypes
import io
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from contextlib import closing

from support.process import must, run
from support.program import TOP

APPLETS = ('sh', 'sleep', 'ping', 'ping6', 'ip', 'ifconfig', 'cat', 'echo', 'ls', 'kill', 'true', 'false')
IDLE = ('/bin/sleep', '1000000')
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # prctl(2)


class Unavailable(Exception):
    """Why there are no such containers on this machine."""


class Containers(object):
    """Containers of one runtime, made for one test and removed with close().

    command: the runtime's program with its global options. source: what stands for the image in `run`
    (words), or a function that gives it. Names begin with `prefix`, which is this test process's own.
    """

    def __init__(self, command, source, prefix, options=()):
        self.command = list(command)
        self.source = source
        self.prefix = prefix
        self.options = list(options)
        self.names = []

    def run(self, name_hint='c', options=(), net='none', argv=IDLE):
        """Starts a container with no network: its name. options: more words for `run`."""
        name = '%s-%s%d' % (self.prefix, name_hint, len(self.names))
        self.names.append(name)
        source = self.source() if callable(self.source) else self.source
        must(self.command + ['run', '-d', '--net=' + net, '--name', name] + self.options + list(options)
             + list(source) + list(argv))
        return name

    def execute(self, name, *argv):
        """Runs a command inside: Result with status, out, err. (`exec` is a keyword of Python 2.)"""
        return run(self.command + ['exec', name] + list(argv))

    def inspect(self, name, template):
        """What `inspect -f TEMPLATE` says of a container."""
        return must(self.command + ['inspect', '-f', template, name]).strip()

    def pid(self, name):
        """The PID of the container's first process; 0 where it does not run."""
        return int(self.inspect(name, '{{.State.Pid}}'))

    def id(self, name):
        """The full ID."""
        return self.inspect(name, '{{.Id}}')

    def restart(self, name):
        must(self.command + ['restart', '-t', '0', name])

    def stop(self, name):
        must(self.command + ['stop', '-t', '0', name])

    def remove(self, name):
        self.names.remove(name)
        # podman's rm waits ten seconds for a process that, as PID 1, ignores SIGTERM.
        run(self.command + ['kill', name])
        must(self.command + ['rm', '-f', name])

    def close(self):
        """Removes every container that run() made."""
        for name in list(self.names):
            try:
                run(self.command + ['kill', name])
                run(self.command + ['rm', '-f', name])
            except OSError:
                break  # The runtime is not installed, so there is nothing of it.
        self.names = []


def make_root_folder(folder):
    """Fills a folder with what a container needs to run: busybox, with the libraries it is linked to."""
    found = [path for path in ('/bin/busybox', '/usr/bin/busybox', '/sbin/busybox') if os.path.exists(path)]
    if not found:
        raise Unavailable('busybox is not installed')
    busybox = found[0]
    for name in ('bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp'):
        os.mkdir(os.path.join(folder, name))
    shutil.copy(busybox, os.path.join(folder, 'bin', 'busybox'))
    for applet in APPLETS:
        os.symlink('busybox', os.path.join(folder, 'bin', applet))
    for library in re.findall(r'(/\S+) \(0x', run(['ldd', busybox]).out):
        place = folder + library
        if not os.path.isdir(os.path.dirname(place)):
            os.makedirs(os.path.dirname(place))
        shutil.copy(library, place)


def archive_of(folder):
    """What a folder has, as the text of a tar archive: bytes."""
    packed = io.BytesIO()
    with closing(tarfile.open(fileobj=packed, mode='w')) as archive:
        archive.add(folder, arcname='.')
    return packed.getvalue()


def start_in_background(argv, log, mode='ab'):
    """Starts a program that ends with this process: Popen. What it prints goes to the file log, opened in this mode."""
    with open(log, mode) as written:
        with open(os.devnull) as nothing:
            return subprocess.Popen(argv, stdin=nothing, stdout=written, stderr=written, close_fds=True,
                                    preexec_fn=in_a_session_that_ends_with_us)


def in_a_session_that_ends_with_us():
    """Run in the child: a session of its own (a ^C is for pytest), and SIGTERM when pytest is killed."""
    os.setsid()
    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


class Docker(object):
    """A Docker Engine that answers: the machine's own, or one started here and ended with close()."""

    def __init__(self, prefix):
        self.process = None
        self.log = None
        self.image = '%s-busybox' % prefix
        if not self.answers():
            self.start()
        try:
            self.import_image()
        except BaseException:
            self.close()
            raise

    def answers(self):
        try:
            return run(['docker', 'version'], timeout=30).status == 0
        except (OSError, AssertionError):
            return False

    def start(self):
        """Starts dockerd without a bridge or firewall rules of its own: it leaves the host's network alone."""
        try:
            known = must(['dockerd', '--help'])
        except OSError:
            raise Unavailable('docker is not installed')
        except AssertionError as error:
            raise Unavailable('docker does not run: %s' % error)
        argv = ['dockerd', '--bridge=none', '--iptables=false']
        if '--ip6tables' in known:
            argv.append('--ip6tables=false')
        # Kept after the run, for when it fails.
        if not os.path.isdir(os.path.join(TOP, 'build')):
            os.mkdir(os.path.join(TOP, 'build'))
        self.log = os.path.join(TOP, 'build', 'dockerd.log')
        self.process = start_in_background(argv, self.log, 'wb')
        deadline = time.time() + 60
        while not self.answers():
            if self.process.poll() is not None or time.time() >= deadline:
                self.close()
                with open(self.log) as log:
                    raise Unavailable('dockerd does not answer; %s ends with:\n%s' % (self.log, log.read()[-1500:]))
            time.sleep(0.2)

    def import_image(self):
        folder = tempfile.mkdtemp()
        try:
            make_root_folder(folder)
            must(['docker', 'import', '-', self.image], feed=archive_of(folder))
        finally:
            shutil.rmtree(folder)

    def containers(self, prefix):
        return Containers(['docker'], [self.image], prefix)

    def close(self):
        """Removes the image, and ends the dockerd started here, by its PID."""
        if self.answers():
            run(['docker', 'rmi', '-f', self.image])
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            deadline = time.time() + 30
            while self.process.poll() is None and time.time() < deadline:
                time.sleep(0.1)
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGKILL)
                self.process.wait()


class Podman(object):
    """podman from a root folder; found out how it runs here, or Unavailable says why it does not."""

    # A host whose hard limits cannot be raised refuses podman's own defaults.
    OPTIONS = ('--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024')

    def __init__(self, prefix):
        self.folders = []
        self.folder = tempfile.mkdtemp()
        self.command = None
        try:
            self.find_command(prefix)
        except BaseException:
            self.close()
            raise

    def find_command(self, prefix):
        reasons = []
        # crun refuses a host with both kinds of cgroups; runc runs there.
        for command in (['podman'], ['podman', '--runtime', 'runc']):
            trial = Containers(command, self.root_folder, prefix + '-trial', self.OPTIONS)
            try:
                trial.run()
            except OSError:
                raise Unavailable('podman is not installed')
            except AssertionError as error:
                reasons.append(str(error))
            else:
                self.command = command
                return
            finally:
                trial.close()
        raise Unavailable('podman runs no container here: %s' % ' '.join(reasons))

    def root_folder(self):
        """The words that give `run` a root folder of the container's own."""
        folder = tempfile.mkdtemp(dir=self.folder)
        make_root_folder(folder)
        return ['--rootfs', folder]

    def containers(self, prefix):
        return Containers(self.command, self.root_folder, prefix, self.OPTIONS)

    def close(self):
        shutil.rmtree(self.folder)
