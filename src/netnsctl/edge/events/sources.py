"""Where events come from: docker's socket, or a helper program that prints them. Each is followed for good.

A lost source is tried again after growing pauses: FIRST_PAUSE to LAST_PAUSE seconds.
"""
from __future__ import absolute_import, division, print_function

import os
import signal
import time

from netnsctl.compat import PY3, monotonic, native, reap, set_cloexec
from netnsctl.edge import child, syscalls
from netnsctl.edge.runtimes import docker_address, docker_socket, engines
from netnsctl.edge.runtimes.container import one_line
from netnsctl.edge.events import MISSED, Event, Lines, parse_line
from netnsctl.edge.events.folders import FolderWatch
from netnsctl.errors import NetnsctlError, cause_of

FIRST_PAUSE, LAST_PAUSE = 0.1, 5.0
LAST_PAUSE_PROGRAM = 60.0  # to start podman takes 50 ms of the processor
NO_NAMES_SECONDS = 5.0  # to wait for a name takes a second, and there may be a thousand events
LASTED = 5.0  # a source that lasted this many seconds was good: its end is a new outage
# Before docker 1.10 a filter for a type is not known, and events of these names are containers' alone.
_FILTER = '{"event":["start","die","rename"]}'


class Lost(Exception):
    """A source that ended or is not available; its text is the cause, in one line."""


class Source(object):
    """One runtime's events. channel: what is read from (has fileno()), None while there is nothing.

    complain(text) is called with the first trouble of each outage, and the first line that is not an event.
    """
    last_pause = LAST_PAUSE

    def __init__(self, host, scheme, complain):
        self.host = host
        self.scheme = scheme
        self.complain = complain
        self.channel = None
        self.due = 0.0  # when to try again, by monotonic()
        self.following = False
        self._pause = FIRST_PAUSE
        self._since = 0.0
        self._lines = None
        self._quiet = self._odd = False

    def filenos(self):
        """What poll(2) is to look at: list."""
        return [] if self.channel is None else [self.channel.fileno()]

    def step(self):
        """Opens what is due, reads what is available, and never waits for long: list of Event, the first of each
        connection MISSED."""
        now = monotonic()
        try:
            if self.channel is None:
                if now < self.due:
                    return []
                self._lines, self._odd, self._since = Lines(), False, now
                self._open()
            return self._events(self._read())
        except Lost as error:
            self._ended(now, str(error))
            return []

    def close(self):
        """Ends it."""
        self._drop()

    def _drop(self):
        if self.channel is not None:
            self.channel.close()
            self.channel = None

    def _events(self, data):
        """data: bytes, or None while the source has not yet shown that it is one."""
        if data is None:
            return []
        found = []
        if not self.following:
            self.following = True
            found.append(Event(self.scheme, MISSED))
        for line in self._lines.feed(data):
            if line is None:
                found.append(Event(self.scheme, MISSED))
            elif line.strip():
                event = self._event(line)
                if event is not None and event.kind:
                    found.append(event)
        return found

    def _event(self, line):
        try:
            return parse_line(self.scheme, line)
        except ValueError:
            if not self._odd:
                self.complain('follow %s: not an event: %s' % (self.scheme, one_line(native(line))[:100]))
            self._odd = True
            return None

    def _ended(self, now, cause):
        self._drop()
        if self.following and now - self._since > LASTED:
            self._pause, self._quiet = FIRST_PAUSE, False
        self.due = now + self._pause
        self._pause = min(self._pause * 2, self.last_pause)
        if not self._quiet:
            self.complain('follow %s: %s; trying again' % (self.scheme, cause))
        self.following, self._quiet = False, True


class DockerSource(Source):
    """docker's /events over its socket (path: the real one's)."""

    def __init__(self, host, path, complain):
        Source.__init__(self, host, 'docker', complain)
        self.path = path
        self._appears = None
        self._names_from = 0.0  # before this moment names are not asked for: the engine did not answer

    def filenos(self):
        if self.channel is None:
            return [] if self._appears is None else [self._appears.fileno()]
        return Source.filenos(self)

    def close(self):
        self._drop()
        self._forget_folder()

    def _forget_folder(self):
        if self._appears is not None:
            self._appears.close()
            self._appears = None

    def step(self):
        if self.channel is None and self._appears is not None and self._has_appeared():
            self.due, self._pause = 0.0, FIRST_PAUSE
        return Source.step(self)

    def _has_appeared(self):
        try:
            return self._appears.read()
        except OSError:
            self._forget_folder()
            return False

    def _open(self):
        # Events of this very second too: the engine says 200 a moment before it listens to itself.
        target = '/events?since=%d&filters=%s' % (time.time(), docker_socket.quote_segment(_FILTER))
        try:
            self.channel = docker_socket.Stream(self.path, target)
        except docker_socket.Unusable as error:
            raise Lost('%s: %s' % (self.path, error))
        if not PY3:
            set_cloexec(self.channel.fileno())
        self._forget_folder()

    def _read(self):
        try:
            data = self.channel.read()
        except docker_socket.Unusable as error:
            raise Lost('%s: %s' % (self.path, error))
        return data if self.channel.answered else None

    def _ended(self, now, cause):
        Source._ended(self, now, cause)
        if self._appears is None:
            try:
                # A daemon that comes back makes its socket again: no need to wait out a pause of seconds then.
                self._appears = FolderWatch(os.path.dirname(self.path) or '/', os.path.basename(self.path))
            except OSError:
                pass

    def _event(self, line):
        event = Source._event(self, line)
        if event is None or not event.kind or event.name:
            return event
        name = None
        if monotonic() >= self._names_from:
            name = self._name_of(event.identity)
            if name is None:
                self._names_from = monotonic() + NO_NAMES_SECONDS
        return Event('docker', event.kind, name, event.identity) if name else Event('docker', MISSED)

    def _name_of(self, identity):
        """The name of the container of that ID, or None; docker before 1.10 tells none in its events."""
        import json
        target = '/containers/%s/json' % docker_socket.quote_segment(identity)
        try:
            status, body = docker_socket.get(self.path, target, 1.0)
            name = json.loads(body.decode('utf-8')).get('Name') if status == 200 else None
            return native(name).lstrip('/') or None
        except (NetnsctlError, docker_socket.Unusable, ValueError, AttributeError, RuntimeError):
            return None


class ProgramSource(Source):
    """Events as a helper prints them. argvs: ways to call it; the next one is used if it does not understand the
    previous one.

    environ: names of variables that are passed on to it.
    """
    last_pause = LAST_PAUSE_PROGRAM

    def __init__(self, host, scheme, argvs, complain, environ=()):
        Source.__init__(self, host, scheme, complain)
        self.argvs = list(argvs)
        self.environ = environ
        self._last_words = ''

    def _open(self):
        program = self.host.find(self.argvs[0][0])
        if program is None:
            raise Lost('the program %s is not on this host' % self.argvs[0][0])
        self._last_words, self._odd = '', True  # what is not an event is reported when it has ended
        argv = [program] + self.argvs[0][1:] + ['--since', '%d' % time.time()]
        try:
            self.channel = _Helper(argv, self.host.helper_environ(self.environ))
        except (OSError, ValueError, TypeError) as error:
            raise Lost('cannot run %s: %s' % (program, cause_of(error)))

    def _read(self):
        data = self.channel.read()
        if data is None:
            status = self.channel.end()
            self._use_next_argv('unknown flag' in self._last_words or 'not defined' in self._last_words)
            words = one_line(self._last_words)[:200]
            raise Lost('%s ended with status %d%s' % (self.argvs[0][0], status, ': ' + words if words else ''))
        return data

    def _use_next_argv(self, wanted):
        if wanted and len(self.argvs) > 1:
            self.argvs.pop(0)
            self._pause = FIRST_PAUSE

    def _event(self, line):
        # podman before 1.6 takes the word for a template, and prints it for every event.
        if line.strip() == b'json' and len(self.argvs) > 1:
            self._use_next_argv(True)
            self._quiet = True
            raise Lost('it does not know --format json')
        event = Source._event(self, line)
        if event is None:
            self._last_words = (self._last_words + ' ' + native(line))[-300:]
        return event


class _Helper(object):
    """A running helper whose standard output and error are read together; it ends with us, however we end."""

    def __init__(self, argv, environ):
        import fcntl
        import subprocess
        with open(os.devnull, 'r+b') as nothing:
            self.process = subprocess.Popen(argv, stdin=nothing, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                            close_fds=PY3, env=environ, cwd='/', preexec_fn=_end_with_us)
        self._out = self.process.stdout
        fcntl.fcntl(self._out.fileno(), fcntl.F_SETFL, os.O_NONBLOCK)

    def fileno(self):
        return self._out.fileno()

    def read(self):
        """Bytes that are there, empty if none are, None at the end."""
        try:
            return os.read(self._out.fileno(), 1 << 16) or None
        except EnvironmentError:
            return b''

    def end(self, seconds=1.0):
        """Ends it and says with what status (negative: by a signal); it has that long to end by itself."""
        deadline = monotonic() + seconds
        while reap(self.process, os.WNOHANG) is None and monotonic() < deadline:
            time.sleep(0.005)
        if reap(self.process, os.WNOHANG) is None:
            self.process.kill()
        self._out.close()
        return reap(self.process)

    def close(self):
        if reap(self.process, os.WNOHANG) is None:
            self.process.terminate()
        if not self._out.closed:
            self.end()


def _end_with_us():
    child.child_setup(None)()
    syscalls.end_with_parent(signal.SIGTERM)


def source(host, scheme, complain):
    """The source of a scheme, docker or podman, as DOCKER_HOST has it (see edge.engines)."""
    if scheme == 'podman':
        # Every kind of container's event: podman before 3.0 takes two filters of one key to mean both at once.
        plain = ['podman', 'events', '--filter', 'type=container']
        return ProgramSource(host, scheme, [plain + ['--format', 'json'], plain], complain)
    endpoint = docker_address.socket_path(host)
    if endpoint is not None:
        return DockerSource(host, host.path(endpoint), complain)
    argv = ['docker', 'events', '--filter', 'event=start', '--filter', 'event=die', '--filter', 'event=rename']
    return ProgramSource(host, scheme, [argv], complain, engines.DOCKER_VARIABLES)
