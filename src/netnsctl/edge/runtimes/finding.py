"""Container runtimes: which containers a name means, and the PID of each one's init.

A table with one row a runtime, in the order in which a bare name is looked up. A PID is
only a hint: whoever uses it opens the namespace first and then asks still_same().
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import to_bytes
from netnsctl.edge.runtimes import engines, presence, processes, silence
from netnsctl.edge.runtimes.container import (
    Container, ask, check_name, failure, nonsense, not_running, one_line, pid_of, version_in)
from netnsctl.errors import NetnsctlError, NotFoundError


class Runtime(object):
    """One row of the table: a scheme, the program that is asked, and the functions that ask it.

    is_alive(host): function that says whether it answers at all, or None.
    """
    __slots__ = ('scheme', 'program', '_lookup', '_version', '_is_alive')

    def __init__(self, scheme, lookup, version, is_alive=None):
        self.scheme = scheme
        self.program = presence.program_of(scheme)
        self._lookup = lookup
        self._version = version
        self._is_alive = is_alive

    def installed(self, host):
        """Can this runtime be asked at all on this host? No process is started."""
        return presence.is_installed(host, self.scheme)

    def present(self, host):
        """Is there anything of this runtime that a bare name could mean? Reads a few files, starts no process."""
        return presence.is_present(host, self.scheme)

    def lookup(self, host, name):
        """The running container of that name (docker, podman: or that full ID), or None if there is none.

        Raises UsageError for a name that no container can have, NotFoundError for a container
        that does not run or a runtime that is not installed, NoAnswerError for a runtime that
        does not answer in time or at all, NetnsctlError for an answer that makes no sense. What
        hangs is asked once for a Host.
        """
        check_name(self.scheme, name)
        return silence.ask_once(host, self.scheme, name, self._lookup, self._is_alive)

    def version(self, host):
        """The runtime's version ('20.10.24'), or None if it is not installed or does not answer."""
        try:
            text = self._version(host) if self.installed(host) else None
        except NetnsctlError:
            return None
        return one_line(text)[:80] if text else None


def by_scheme(scheme):
    """The row of that scheme, or None."""
    for runtime in RUNTIMES:
        if runtime.scheme == scheme:
            return runtime
    return None


def still_same(host, container):
    """Is the container still there, under the same name, with the same PID and identity? Errors as lookup()'s."""
    try:
        now = by_scheme(container.scheme).lookup(host, container.name)
    except NotFoundError:
        return False
    return now is not None and (now.pid, now.identity) == (container.pid, container.identity)


# lxc

def _lxc_lookup(host, name):
    path = presence.lxc_path(host)
    exists = host.exists('%s/%s' % (path, name))
    if _lxc_listener(host, '%s/%s/command' % (path, name)) not in (None, 0):
        if not exists:
            return None  # somebody else's socket, and no container
        raise _not_monitored(name, 'the process that answers for it')
    result = ask(host, 'lxc', ['lxc-info', '-n', name, '-p'])
    # 0.7 to 0.9 print 'pid: N', and -1 for what does not run or exist; since 1.0 'PID: N', or nothing when stopped.
    found = re.search(r'(?mi)^[ \t]*pid:[ \t]*(-1|[0-9]{1,9})[ \t]*$', result.out)
    if found:
        pid = pid_of('lxc', max(int(found.group(1)), 0))
        if pid:
            if not _is_monitored(host, path, name, pid):
                raise _not_monitored(name, 'the parent of process %d' % pid)
            return Container('lxc', name, pid, name)
        if not exists:
            return None
    elif result.status != 0:
        if re.search(r"(?i)doesn't exist|does not exist", result.err + result.out):
            return None
        raise failure('lxc', name, result)
    elif result.out.strip():
        raise nonsense('lxc', 'no PID in it')
    raise not_running('lxc', name, 'lxc-start -d -n')


def _not_monitored(name, who):
    return NetnsctlError('look up lxc container %s: %s is not root\'s monitor of that container' % (name, who),
                         hint='To wire its network namespace anyway, use pid://PID.')


def _lxc_listener(host, address):
    """The user ID of who listens on an abstract socket, or None if nobody does."""
    import _socket as socket
    import struct
    if host.root or len(to_bytes(address)) > 106:
        return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.connect('\0' + address)
        # unix(7): who called listen(2). SO_PEERCRED is 17 but on parisc and sparc, which have no lxc of interest.
        return struct.unpack('=3i', connection.getsockopt(socket.SOL_SOCKET, 17, 12))[1]
    except (EnvironmentError, struct.error):
        return None
    finally:
        connection.close()


def _is_monitored(host, path, name, pid):
    """Is the parent of a process root's LXC monitor of that container?

    The parent's title is "[lxc monitor] PATH NAME" (1.0 and later, in the background), or its words are those of
    lxc-start or lxc-execute; or, where they do not name the container (lxc-autostart), the process is in its cgroup:
    lxc/NAME, lxc.payload/NAME (3.1) or lxc.payload.NAME (4.0), with -N behind it where that was taken.
    """
    parent = processes.parent_of(host, pid)
    if not parent or not processes.is_of_the_host(host, parent):
        return False
    words = processes.words_of(host, parent)
    if words[0].rstrip() == '[lxc monitor] %s %s' % (path, name):
        return True
    if not words[0].startswith('[lxc monitor] ') and not words[0].rpartition('/')[2].startswith('lxc-'):
        return False
    if set(words[1:]) & set([name, '-n' + name, '--name=' + name]):
        return True
    # The outermost of such a form: what is below it the container itself has made.
    own = re.compile(r'(?:/(?!lxc[./])[^/]+)*/lxc(?:/|\.payload[/.])%s(?:-[0-9]+)?(?:/|\Z)' % re.escape(name))
    return any(own.match(group) for group in processes.cgroups_of(host, pid))


def _lxc_version(host):
    text = version_in(ask(host, 'lxc', ['lxc-info', '--version']))
    if text is None and host.find('lxc-version'):  # before 1.0
        text = version_in(ask(host, 'lxc', ['lxc-version']))
    return text


# libvirt-lxc

def _libvirt_lookup(host, name):
    result = ask(host, 'libvirt-lxc', ['virsh', '-c', 'lxc:///', 'domid', name])
    answer = result.out.strip()
    if result.status != 0:
        if 'domain not found' in result.err.lower():
            return None
        raise failure('libvirt-lxc', name, result)
    if answer == '-':
        raise not_running('libvirt-lxc', name, 'virsh -c lxc:/// start')
    controller = pid_of('libvirt-lxc', int(answer)) if re.match('[0-9]{1,9}$', answer) else None
    if controller is None:
        raise nonsense('libvirt-lxc', 'no domain ID in it')
    # libvirt_lxc --name NAME --console ...
    words = processes.words_of(host, controller)
    if not processes.is_of_the_host(host, controller) or processes.program_of(host, controller) != 'libvirt_lxc' or \
            ('--name', name) not in zip(words, words[1:]):
        raise NetnsctlError('look up libvirt-lxc container %s: process %d is not root\'s controller of that container'
                            % (name, controller))
    return Container('libvirt-lxc', name, _init_of(host, name, controller), name)


def _init_of(host, name, controller):
    """The container's init: the controller's child, told from its other helpers (qemu-nbd) by its PID namespace."""
    inits = processes.children_of(host, controller)
    if len(inits) > 1:
        own = processes.pid_namespace(host, controller)
        inits = [pid for pid in inits if processes.pid_namespace(host, pid) not in (own, None)]
    if len(inits) != 1:
        raise NetnsctlError('look up libvirt-lxc container %s: %s process of its controller %d is its init'
                            % (name, 'more than one' if inits else 'no', controller))
    return inits[0]


# libvirtd's socket and virtlxcd's (libvirt 5.6), as distributions build virsh to look for them.
_LIBVIRT_SOCKETS = ('/var/run/libvirt/libvirt-sock', '/var/run/libvirt/virtlxcd-sock')


def _libvirt_version(host):
    if host.find('virsh') == host.path('/usr/bin/virsh') and not any(host.exists(path) for path in _LIBVIRT_SOCKETS):
        return None  # as virsh would say, whose start takes 20 ms
    result = ask(host, 'libvirt-lxc', ['virsh', '-c', 'lxc:///', 'version'])
    found = re.search(r'(?m)^Using library: libvirt? (\S+)', result.out)
    return found.group(1) if found and result.status == 0 else None


# nspawn

def _nspawn_lookup(host, name):
    result = ask(host, 'nspawn', ['machinectl', 'show', name, '-p', 'Class', '-p', 'Leader', '-p', 'Unit'])
    if result.status != 0:
        if not re.search(r'(?i)no machine .* known', result.err):
            raise failure('nspawn', name, result)
        if host.exists('/var/lib/machines/' + name) or host.exists('/var/lib/machines/%s.raw' % name):
            raise not_running('nspawn', name, 'machinectl start')
        return None
    answer = dict(line.split('=', 1) for line in result.out.splitlines() if '=' in line)
    if answer.get('Class') in ('vm', 'host'):
        return None  # the leader of a virtual machine is its qemu, that of .host is PID 1
    leader = answer.get('Leader', '').strip()
    pid = pid_of('nspawn', int(leader)) if re.match('[0-9]{1,9}$', leader) else None
    if pid is None or answer.get('Class') != 'container':
        raise nonsense('nspawn', 'no leader of a container in it')
    if not _is_led_by(host, name, answer.get('Unit', '').strip(), pid):
        raise NetnsctlError('look up nspawn container %s: process %d is not the child of root\'s systemd-nspawn for it'
                            % (name, pid), hint='To wire its network namespace anyway, use pid://%d.' % pid)
    return Container('nspawn', name, pid, name)


def _is_led_by(host, name, unit, pid):
    """Is a process the child of root's systemd-nspawn, whose words name the machine, or which is in its unit?

    systemd-machined takes machines from unprivileged users too (257 and later).
    """
    parent = processes.parent_of(host, pid)
    if not parent or not processes.is_of_the_host(host, parent) or \
            processes.program_of(host, parent) != 'systemd-nspawn':
        return False
    words = processes.words_of(host, parent)
    return bool(set(words[1:]) & set([name, '-M' + name, '--machine=' + name])) or bool(unit) and any(
        unit in group.split('/') for group in processes.cgroups_of(host, pid))


def _nspawn_version(host):
    # --version alone would answer on a host that systemd-machined does not run on.
    if ask(host, 'nspawn', ['machinectl', 'list', '--no-legend']).status != 0:
        return None
    found = re.match(r'systemd (\S+)', ask(host, 'nspawn', ['machinectl', '--version']).out)
    return found.group(1) if found else None


RUNTIMES = (
    Runtime('docker', engines.docker_lookup, engines.docker_version, engines.docker_is_alive),
    Runtime('podman', engines.podman_lookup, engines.podman_version),
    Runtime('lxc', _lxc_lookup, _lxc_version),
    Runtime('libvirt-lxc', _libvirt_lookup, _libvirt_version),
    Runtime('nspawn', _nspawn_lookup, _nspawn_version),
)
