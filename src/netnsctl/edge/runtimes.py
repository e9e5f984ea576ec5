"""Container runtimes: which containers a name means, and the PID of each one's init.

A table with one row a runtime, in the order in which a bare name is looked up. A PID is
only a hint: whoever uses it opens the namespace first and then asks still_same().
"""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.edge import engines
from netnsctl.edge.container import (Container, ask, check_name, failure, nonsense, not_running, one_line, pid_of,
                                     version_in)
from netnsctl.errors import NetnsctlError, NotFoundError


class Runtime(object):
    """One row of the table: a scheme, the program that is asked, and the functions that ask it."""
    __slots__ = ('scheme', 'program', '_installed', '_present', '_lookup', '_version')

    def __init__(self, scheme, program, present, lookup, version, installed=None):
        self.scheme = scheme
        self.program = program
        self._installed = installed
        self._present = present
        self._lookup = lookup
        self._version = version

    def installed(self, host):
        """Can this runtime be asked at all on this host? No process is started."""
        return host.find(self.program) is not None or bool(self._installed and self._installed(host))

    def present(self, host):
        """Is there anything of this runtime that a bare name could mean? Reads a few files, starts no process."""
        return self.installed(host) and self._present(host)

    def lookup(self, host, name):
        """The running container of that name (docker, podman: or that full ID), or None if there is none.

        Raises UsageError for a name that no container can have, NotFoundError for a container
        that does not run or a runtime that is not installed, NoAnswerError for a runtime that
        does not answer in time or at all, NetnsctlError for an answer that makes no sense.
        """
        check_name(self.scheme, name)
        return self._lookup(host, name)

    def version(self, host):
        """The runtime's version ('20.10.24'), or None where it is not installed or does not answer."""
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

def _lxc_path(host):
    found = re.search(r'(?m)^\s*(?:lxc\.)?lxcpath\s*=\s*(/\S+)', host.read('/etc/lxc/lxc.conf') or '')
    return found.group(1) if found else '/var/lib/lxc'


def _lxc_present(host):
    # A container of lxc-execute has no folder, but each that runs listens on an abstract socket PATH/NAME/command.
    return bool(host.listdir(_lxc_path(host))) or '/command\n' in (host.read('/proc/net/unix', 64 << 20) or '')


def _lxc_lookup(host, name):
    result = ask(host, 'lxc', ['lxc-info', '-n', name, '-p'])
    # 0.7 to 0.9 print 'pid: N', and -1 for what does not run or exist; since 1.0 'PID: N', or nothing when stopped.
    found = re.search(r'(?mi)^[ \t]*pid:[ \t]*(-1|[0-9]{1,9})[ \t]*$', result.out)
    if found:
        pid = pid_of('lxc', max(int(found.group(1)), 0))
        if pid:
            return Container('lxc', name, pid, name)
        if not host.exists('%s/%s' % (_lxc_path(host), name)):
            return None
    elif result.status != 0:
        if re.search(r"(?i)doesn't exist|does not exist", result.err + result.out):
            return None
        raise failure('lxc', name, result)
    elif result.out.strip():
        raise nonsense('lxc', 'no PID in it')
    raise not_running('lxc', name, 'lxc-start -d -n')


def _lxc_version(host):
    text = version_in(ask(host, 'lxc', ['lxc-info', '--version']))
    if text is None and host.find('lxc-version'):  # before 1.0
        text = version_in(ask(host, 'lxc', ['lxc-version']))
    return text


# libvirt-lxc

def _libvirt_present(host):
    # The controller of each running container keeps its PID there (libvirt, LXC_STATE_DIR).
    return any(entry.endswith('.pid') for entry in host.listdir('/var/run/libvirt/lxc'))


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
    return Container('libvirt-lxc', name, _init_of(host, name, controller), name)


def _init_of(host, name, controller):
    """The container's init: the controller's child, told from its other helpers (qemu-nbd) by its PID namespace."""
    inits = _children(host, controller)
    if len(inits) > 1:
        own = _pid_namespace(host, controller)
        inits = [pid for pid in inits if _pid_namespace(host, pid) not in (own, None)]
    if len(inits) != 1:
        raise NetnsctlError('look up libvirt-lxc container %s: %s process of its controller %d is its init'
                            % (name, 'more than one' if inits else 'no', controller))
    return inits[0]


def _children(host, pid):
    text = host.read('/proc/%d/task/%d/children' % (pid, pid))  # since Linux 3.5, with CONFIG_PROC_CHILDREN
    if text:
        return [int(word) for word in text.split() if re.match('[0-9]{1,9}$', word)]
    children = []
    for entry in host.listdir('/proc'):
        if re.match('[0-9]{1,9}$', entry):
            # proc(5): PID (COMM) STATE PPID ...; COMM may hold blanks and brackets.
            fields = (host.read('/proc/%s/stat' % entry) or '').rpartition(')')[2].split()
            if fields[1:2] == [str(pid)]:
                children.append(int(entry))
    return children


def _pid_namespace(host, pid):
    try:
        return os.readlink(host.path('/proc/%d/ns/pid' % pid))
    except OSError:
        return None


def _libvirt_version(host):
    result = ask(host, 'libvirt-lxc', ['virsh', '-c', 'lxc:///', 'version'])
    found = re.search(r'(?m)^Using library: libvirt? (\S+)', result.out)
    return found.group(1) if found and result.status == 0 else None


# nspawn

def _nspawn_present(host):
    return bool(host.listdir('/run/systemd/machines'))


def _nspawn_lookup(host, name):
    result = ask(host, 'nspawn', ['machinectl', 'show', name, '-p', 'Class', '-p', 'Leader'])
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
    return Container('nspawn', name, pid, name)


def _nspawn_version(host):
    # --version alone would answer on a host that systemd-machined does not run on.
    if ask(host, 'nspawn', ['machinectl', 'list', '--no-legend']).status != 0:
        return None
    found = re.match(r'systemd (\S+)', ask(host, 'nspawn', ['machinectl', '--version']).out)
    return found.group(1) if found else None


RUNTIMES = (
    Runtime('docker', 'docker', engines.docker_present, engines.docker_lookup, engines.docker_version,
            installed=engines.docker_socket_there),
    Runtime('podman', 'podman', engines.podman_present, engines.podman_lookup, engines.podman_version),
    Runtime('lxc', 'lxc-info', _lxc_present, _lxc_lookup, _lxc_version),
    Runtime('libvirt-lxc', 'virsh', _libvirt_present, _libvirt_lookup, _libvirt_version),
    Runtime('nspawn', 'machinectl', _nspawn_present, _nspawn_lookup, _nspawn_version),
)
