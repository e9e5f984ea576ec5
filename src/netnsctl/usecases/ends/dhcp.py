"""Addresses by DHCP: the host's dhclient or udhcpc, run inside the namespace, with a script of netnsctl's own.

Its process and lease are written down by the wire's name; it ends with the wire, before its link does.
"""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import os
import re
import signal
import tempfile
import time

from netnsctl.compat import monotonic, native, open_cloexec, random_hex, reap, sha256_hex, shell_quote, to_bytes
from netnsctl.edge import confined
from netnsctl.edge.files import own_files
from netnsctl.edge.runtimes import processes
from netnsctl.edge.child import Waiting, popen_options
from netnsctl.edge.host import Host, write_file
from netnsctl.edge.netns import key_of, open_again, start_time
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, cause_of
from netnsctl.usecases.ends import leased

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(PACKAGE, 'libexec', 'dhcp-script')
# Leases outlive a boot: the server then gives the same address again.
LEASES = '/var/lib/netnsctl/dhcp'
SECONDS = 20  # that dhclient asks for a new lease; before, it asks for its old one
REBOOT_SECONDS = 5
RETRY_SECONDS = 20  # about as long it pauses when nobody answered; its own default is 300
LAPSED = ('its DHCP lease has expired or was removed from the link: it has no IPv4 address, and its client is asking '
          'for one')
STOPPED = 'its DHCP client, process %d, was stopped and renews nothing: kill -CONT %d'
CONFIG = 'timeout %d;\nreboot %d;\nretry %d;\n' % (SECONDS, REBOOT_SECONDS, RETRY_SECONDS)  # dhclient.conf
# systemd's; that of dbus on hosts before it; the firmware's.
IDENTITIES = ('/etc/machine-id', '/var/lib/dbus/machine-id', '/sys/class/dmi/id/product_uuid')
_WAIT_SECONDS = 3.0
TELL_SECONDS = 1.0
_FOLDER = 'dhcp'


def pid_of(pid_file, identity=None, index=None, mark=None):
    """The PID of the DHCP client that keeps it in this file, or None if it does not run.

    A PID is checked by whose it is, as users can make theirs come round, and by what it was started as. identity
    (Netns.identity()), index: it must be in that namespace, and have been started for the link of that number: a client
    on a link that is gone runs on. mark: it must be the one that a Client with that mark has started. NetnsctlError
    where that cannot be found out.
    """
    host = Host()
    text = host.read(pid_file)
    if text is None and host.exists(pid_file):
        raise NetnsctlError('read %s: it cannot be read' % pid_file)
    match = re.match(r'\s*([1-9][0-9]*)', text or '')
    if not match or start_time(int(match.group(1))) is None:
        return None
    pid = int(match.group(1))
    wanted = ([_index_setting(index)] if index is not None else []) + ([mark] if mark is not None else [])
    words, status = host.read('/proc/%d/cmdline' % pid), host.read('/proc/%d/status' % pid)
    environ = host.read('/proc/%d/environ' % pid) if wanted else ''
    if None in (words, status, environ):
        if start_time(pid) is None:
            return None
        raise NetnsctlError('read /proc/%d: whether it is the DHCP client of %s cannot be found out' % (pid, pid_file))
    if (pid_file not in processes.words_in(words) or processes.owner_in(status) != 0
            or not processes.is_in_our_namespace(host, pid) or not set(wanted) <= set(processes.words_in(environ))):
        return None
    if identity is not None:
        try:
            there = os.stat('/proc/%d/ns/net' % pid)
        except OSError:
            return None
        if (there.st_dev, there.st_ino) != key_of(identity):
            return None
    return pid


def _index_setting(index):
    return 'NETNSCTL_IFINDEX=%d' % index


def dead_ends(record):
    """The ends of a record that have a DHCP client which does not run: list."""
    return [end for end, pid_file in zip(record.ends, record.dhcp)
            if pid_file and pid_of(pid_file, record.identity(end), end.index) is None]


def troubles(record, has_address):
    """What is wrong with the leases of a record: [(0 or 1, text)]. has_address: has it an IPv4 address, of each end."""
    dead = dead_ends(record)
    found = []
    for at, end in enumerate(record.ends):
        pid = pid_of(record.dhcp[at]) if record.dhcp[at] and end not in dead else None
        if end in dead:
            found.append((at, 'its DHCP client is not running'))
        elif pid is not None and _state_of(pid)[:1] == ['T']:
            found.append((at, STOPPED % (pid, pid)))
        elif record.dhcp[at] and not has_address[at]:
            found.append((at, LAPSED))
    return found


class Settings(object):
    """What a client does with a lease. resolv: the resolv.conf for the servers that it names, or ''; defroute: is its
    router to be the default route; metric: of that route, or None."""
    __slots__ = ('resolv', 'defroute', 'metric')

    def __init__(self, resolv, defroute=True, metric=None):
        self.resolv, self.defroute, self.metric = resolv, defroute, metric

    def words(self, lease):
        """NAME=VALUE for the script: list. lease: the path that its files begin with."""
        return ['NETNSCTL_DEFROUTE=%s' % ('yes' if self.defroute else 'no'),
                'NETNSCTL_METRIC=%s' % (self.metric or ''), 'NETNSCTL_RESOLV=%s' % self.resolv,
                'NETNSCTL_LEASE=%s.address' % lease]


def client_of(host):
    """(name, the words that run it) of the host's DHCP client. NotFoundError if it has none."""
    for name, words in (('dhclient', []), ('udhcpc', []), ('busybox', ['udhcpc'])):
        program = host.find(name)
        if program:
            return name, [program] + words
    raise NotFoundError('no address by DHCP: there is neither dhclient nor udhcpc on this host',
                        hint='Install one of them, from the package dhclient, dhcp-client, isc-dhcp-client or busybox.')


class Client(object):
    """A DHCP client of one end of a wire. name: the wire's; at: 0 or 1."""

    def __init__(self, session, name, at):
        self.session = session
        self.label = '%s.%d' % (name, at)
        self.pid_file = session.state.path(_FOLDER, self.label + '.pid')
        self._lease = os.path.join(session.host.path(LEASES), self.label)
        self._lock = self._process = self._printed = self._deadline = self._config = None
        self._link = None  # (identity of its namespace, recorded end), once it is started
        # Another wire may get this name meanwhile, and the index of a NIC that was lent stays.
        self._mark = 'NETNSCTL_CLIENT=%s' % random_hex(8)
        self.place = self.label

    def start(self, opened, end, settings):
        """Starts asking for an address of a recorded end's link in its open Netns: False if another netnsctl does.

        settings: Settings. NotFoundError if the host has no client, NetnsctlError if it cannot be started.
        """
        self.place = '%s of %s' % (end.dev, opened.label)
        self._link, lease = (opened.identity(), end), self._lease
        try:
            self.session.state.make(_FOLDER)
            if not self._take_lock():
                return False
            if opened.rtnl().link(index=end.index) is None:  # what runs may be of the next wire of this name
                raise NetnsctlError('%s: no address by DHCP: its link is gone' % self.place)
            self.stop()  # one on an earlier link
            own_files.make_folder(os.path.dirname(os.path.dirname(lease)), parents=True)
            own_files.make_folder(os.path.dirname(lease))
            leased.forget_old(os.path.dirname(lease), [self.label] + [
                name[:-len('.pid')] for name in self.session.state.names(_FOLDER) if name.endswith('.pid')])
            argv = self._words(end.dev, settings.words(lease) + [_index_setting(end.index), self._mark])
            if self._config:
                write_file(self._config, CONFIG)
            self._deadline = monotonic() + SECONDS + REBOOT_SECONDS + 10
            # Not a pipe: the client continues without us, and would hold it open.
            self._printed = tempfile.TemporaryFile()
            self._start_inside(opened, argv)
        except (OSError, IOError) as error:
            raise NetnsctlError('%s: no address by DHCP: %s: %s' % (self.place, error.filename or 'start the client',
                                                                    error.strerror))
        return True

    def _start_inside(self, opened, argv):
        waiting = Waiting()
        try:
            # A program started by a thread that is in a namespace is in it too.
            with opened.entered():
                self._process = _start(argv, self.session.host.helper_environ(), self._printed)
            self._note_pid()
        finally:
            waiting.deliver()

    def _take_lock(self):
        self._lock = open_cloexec(self.pid_file[:-len('pid')] + 'lock', os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (OSError, IOError) as error:
            if error.errno == errno.EWOULDBLOCK:
                return False
            raise
        return True

    def is_asked_for(self):
        """Does another netnsctl wait for the address of a client that runs?"""
        try:
            return not self._take_lock()
        except (OSError, IOError):
            return False
        finally:
            self.close()

    def _note_pid(self):
        """dhclient writes its PID once it has an address; until then, who removes the wire must find it too."""
        try:
            descriptor = open_cloexec(self.pid_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            return  # its own, already
        try:
            os.write(descriptor, to_bytes('%d\n' % self._process.pid))
        finally:
            os.close(descriptor)

    def is_asking(self):
        """Has it neither an address nor given up? Past its time limit it is ended."""
        if self._process is None or reap(self._process, os.WNOHANG) is not None:
            return False
        if monotonic() < self._deadline:
            return True
        self._end_process()
        return False

    def require_address(self):
        """Once it is not asking any more: NetnsctlError if it got no address, NoAnswerError where it never ended."""
        status = reap(self._process)
        # Both go on in the background without one too: dhclient when nobody has answered, udhcpc with an offer that the
        # script refused.
        is_running = status == 0 and self._wait_for(lambda: pid_of(self.pid_file) is not None)
        if is_running and (self._has_address() or not self._is_own()):
            return
        self._printed.seek(0)
        rows = native(self._printed.read(65536)).strip().splitlines()
        self.stop_own()
        kind = NoAnswerError if status < 0 else NetnsctlError
        raise kind('%s: no address by DHCP: %s' % (self.place, (rows or ['no server answered'])[-1]))

    def _has_address(self):
        identity, end = self._link
        opened = open_again(identity)
        try:
            return opened is not None and leased.has_ipv4(opened, end)
        finally:
            if opened is not None:
                opened.close()

    def close(self):
        """Ends clients that are still asking, and releases the lock; a client that has its address stays."""
        if self._process is not None and reap(self._process, os.WNOHANG) is None:
            self._end_process()
        if self._printed is not None:
            self._printed.close()
        if self._lock is not None:
            fcntl.flock(self._lock, fcntl.LOCK_UN)  # a child that another thread forked has the descriptor too
            os.close(self._lock)
        self._lock = self._printed = None

    def _end_process(self):
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except OSError:
            pass
        reap(self._process)

    def shell_lines(self, dev, settings, inside):
        """What a person could paste to start it: list of text. inside: the words that run a command in the namespace.
        NotFoundError as start()."""
        words = self._words(dev, settings.words(self._lease))
        folders = [os.path.dirname(self.pid_file), os.path.dirname(self._lease)]
        found = ['mkdir -p %s' % ' '.join(shell_quote(folder) for folder in folders)]
        if self._config:
            found.append('printf %s >%s' % (shell_quote(CONFIG.replace('\n', '\\n')), shell_quote(self._config)))
        return found + [' '.join(shell_quote(word) for word in inside + words)]

    def _words(self, dev, settings):
        """The words that start the host's client. settings: what its script is told, as NAME=VALUE. NotFoundError if it
        has none."""
        host, (name, program) = self.session.host, client_of(self.session.host)
        if name == 'dhclient':
            self._config = self.session.state.path(_FOLDER, 'dhclient.conf')
            # It gives its script no variables but these.
            variables = [word for setting in settings for word in ('-e', setting)]
            # Not -1: it would end when its lease ran out and no server was there, for good.
            return ['env'] + settings + program + [
                '-4', '-q', '-cf', self._config, '-pf', self.pid_file, '-lf', self._lease + '.leases',
                '-sf', SCRIPT] + variables + [dev]
        kept = (host.read(self._lease[len(host.root):] + '.address') or '').strip()
        words = ['-r', kept] if re.match(r'[0-9.]{7,15}\Z', kept) else []
        return ['env'] + settings + program + ['-i', dev, '-n', '-S', '-t', '5', '-T', '3', '-p', self.pid_file,
                                               '-s', SCRIPT] + words

    @staticmethod
    def _wait_for(condition):
        """Does it come true within some seconds? udhcpc writes its PID after its parent has ended."""
        deadline = monotonic() + _WAIT_SECONDS
        while not condition():
            if monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _is_own(self):
        return pid_of(self.pid_file, mark=self._mark) is not None

    def stop_own(self):
        """stop(), unless the process is that of a wire which got this name since."""
        if self._is_own() or pid_of(self.pid_file) is None:
            self.stop()

    def stop(self):
        """Ends the process, if it runs. The lease is kept."""
        pid = pid_of(self.pid_file)
        if pid is not None:
            try:
                # dhclient asks in a child of the process that was started; both are in its process group.
                end = os.killpg if os.getpgid(pid) == pid else os.kill
                end(pid, signal.SIGTERM)
                if not self._wait_for(lambda: not _is_alive(pid)):
                    end(pid, signal.SIGKILL)
                    self._wait_for(lambda: not _is_alive(pid))
            except OSError:
                pass  # it ended by itself
        try:
            os.unlink(self.pid_file)
        except OSError:
            pass  # it removes that itself


def _is_alive(pid):
    """Is a process there, or one of the group that it leads? A zombie is not: it has left its namespace."""
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            words = _state_of(entry)
            if words and words[0] not in 'ZX' and pid in (int(entry), int(words[2])):
                return True
    return False


def _state_of(pid):
    """The fields after a process's name: [its state (a letter), its parent, its group, ...], or [] where it is not
    there."""
    return (Host().read('/proc/%s/stat' % pid) or '').rpartition(')')[2].split()


def _start(argv, environ, printed):
    """Starts a client in a session of its own: Popen. NetnsctlError."""
    import subprocess
    # Root all the same: its leases are root's files.
    prepare = confined.setup((confined.NET_ADMIN, confined.NET_RAW, confined.NET_BIND_SERVICE))
    try:
        with open(os.devnull, 'rb') as nothing:
            return subprocess.Popen(argv, stdin=nothing, stdout=printed, stderr=printed, env=environ, cwd='/',
                                    **popen_options(prepare=prepare))
    except (OSError, ValueError, TypeError) as error:
        raise NetnsctlError('cannot run %s: %s' % (argv[0], cause_of(error)))


def wait(clients, tell=None):
    """Waits until none of the clients that were started is asking any more; in parallel, as long as the slowest.

    tell(text): is called once, when that takes longer than a second.
    """
    due = monotonic() + TELL_SECONDS
    while any([client.is_asking() for client in clients]):
        if tell is not None and monotonic() >= due:
            tell('waiting for an address by DHCP: %s' % ', '.join(
                client.place for client in clients if client.is_asking()))
            tell = None
        time.sleep(0.02)


def stable_mac(host, place):
    """A MAC address (02:...) for an end ('netns://a:eth0') that is the same each time: servers know their clients by
    it. Another host has another one for an end of that name. host: edge.Host."""
    digest = sha256_hex(' '.join(filter(None, [_identity_of(host), place])))
    return ':'.join(['02'] + [digest[at:at + 2] for at in range(0, 10, 2)])


def _identity_of(host):
    """What tells this host from others: text, or None where nothing does."""
    for path in IDENTITIES:
        found = (host.read(path) or '').strip()
        if found not in ('', 'uninitialized'):  # systemd's word during a first boot
            return found
    return None


def stop_all(session, name):
    """Ends the clients of a wire that is removed, or recreated."""
    for at in (0, 1):
        client = Client(session, name, at)
        client.stop()
        for ending in ('lock', 'lapsed'):  # that of watch.leases
            try:
                os.unlink(client.pid_file[:-len('pid')] + ending)
            except OSError:
                pass
