"""Network namespaces, held open as descriptors from the moment they are found.

A namespace is entered only to make a socket or read a sysctl, and left at once. Equality is (st_dev, st_ino), and
Netns.cookie() tells a new one from a dead one whose inode number it inherited.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import get_ident, native, open_cloexec, to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.edge.netns_dir import NETNS_DIR
from netnsctl.errors import FAILURES, KernelError, NetnsctlError, NotFoundError

SO_NETNS_COOKIE = 71
# Of a thread that enters many: (it, the descriptor of its own namespace, link_nodes.Pile); usecases.ends.staying.
stay = None
# The original namespaces of threads that are inside another one, as descriptors.
_homes = []
# What the kernel puts into each new namespace once the modules are loaded (net.core.fb_tunnels_only_for_init_net).
FALLBACK = ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0')


class Netns(object):
    """An open network namespace.

    fd: its descriptor. label: how to speak of it (SCHEME form). path: where it can be opened
    again. name: its name under /var/run/netns, or None. pid, start: the process it was taken
    from and that process's start time (clock ticks after boot, proc(5)), or None.
    """

    def __init__(self, fd, label, path, name=None, pid=None, start=None):
        self.fd = fd
        self.label = label
        self.path = path
        self.name = name
        self.pid = pid
        self.start = start
        status = os.fstat(fd)
        self.key = (status.st_dev, status.st_ino)
        self._rtnl = None
        self._cookie = None

    def entered(self):
        """Context in which the calling thread is inside the namespace."""
        return _Entered(self)

    def rtnl(self):
        """The rtnetlink socket inside the namespace, opened at first use, and again after a list was given up."""
        if self._rtnl is not None and self._rtnl.spent:
            self._rtnl.close()
            self._rtnl = None
        if self._rtnl is None:
            from netnsctl.edge.netlink.rtnl import Rtnl
            with self.entered():
                self._rtnl = Rtnl()
        return self._rtnl

    def is_here(self):
        """Says that the calling thread is in it, so that nothing needs to be entered for rtnl(): that takes a privilege
        (CAP_SYS_ADMIN) which listing links does not."""
        from netnsctl.edge.netlink.rtnl import Rtnl
        self._rtnl = Rtnl()

    def keep(self, links, addresses):
        """From now on rtnl() answers from these lists, which were read from it: edge.netlink.listed."""
        from netnsctl.edge.netlink.listed import Listed
        self._rtnl = Listed(self.rtnl(), links, addresses)

    def cookie(self):
        """A number that tells the namespace from one that went and left it its inode number; None where there is none.

        Linux 5.14 has one that is never used twice. Before 3.7 (dev_new_index) it is the index of the loopback, which
        no link had before; in between, of a named one, when it was mounted, in ms: the mount keeps the file's inode,
        made with that time (ns_get_path). What processes alone keep is told by when they started.
        """
        if self._cookie is None:
            import _socket as socket  # here, since `netnsctl netns` does not need it
            import struct
            try:
                packed = self.rtnl().socket.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8)
                self._cookie = struct.unpack('=Q', packed)[0]
            except (OSError, socket.error, struct.error):
                self._cookie = self.rtnl().index_of('lo') or 0
                if self._cookie <= 1 and self.name is not None and not os.path.islink(self.path):
                    self._cookie = int(os.fstat(self.fd).st_ctime * 1000)
        return self._cookie or None

    def identity(self):
        """What tells this namespace from every other, as plain data for the journal."""
        return {'path': self.path, 'label': self.label, 'name': self.name, 'pid': self.pid, 'start': self.start,
                'dev': self.key[0], 'ino': self.key[1], 'cookie': self.cookie()}

    def is_the_same_as(self, identity):
        """Is this the namespace that identity() described?"""
        return key_of(identity) == self.key and is_one(identity, self.identity())

    def require_there(self):
        """NotFoundError if the owner of the namespace ended while it was being wired: only our descriptor keeps it
        alive then."""
        if self.label == 'host':
            return
        if self.pid is not None:
            there = start_time(self.pid) == self.start
        else:
            try:
                status = os.stat(self.path)
                there = (status.st_dev, status.st_ino) == self.key
            except OSError:
                there = False
        if not there:
            raise NotFoundError('%s: ended while it was being wired' % self.label)

    def sysctl(self, name):
        """The value of a sysctl under /proc/sys/net as seen inside (name: 'ipv6/conf/all/disable_ipv6'), or None."""
        with self.entered():
            try:
                descriptor = open_cloexec('/proc/sys/net/' + name, os.O_RDONLY)
            except OSError:
                return None
            try:
                return native(os.read(descriptor, 4096)).strip()
            except OSError:
                return None
            finally:
                os.close(descriptor)

    def set_sysctl(self, name, value):
        """Writes a sysctl, as sysctl() names it, inside: was it there to be written?"""
        with self.entered():
            try:
                descriptor = open_cloexec('/proc/sys/net/' + name, os.O_WRONLY)
            except OSError:
                return False
            try:
                os.write(descriptor, to_bytes(value))
                return True
            except OSError:
                return False
            finally:
                os.close(descriptor)

    def close(self):
        """Closes the descriptor and the socket; calling it twice is harmless."""
        if self._rtnl is not None:
            self._rtnl.close()
            self._rtnl = None
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def __repr__(self):
        return 'Netns(%s)' % self.label


def key_of(identity):
    """The Netns.key of the namespace that identity() described."""
    return identity['dev'], identity['ino']


def is_one(identity, other):
    """Do two results of identity() describe the same namespace?"""
    if key_of(identity) != key_of(other):
        return False
    # 1: of the first namespace, or, in an older record, of any that tells nothing.
    cookies = set((identity['cookie'], other['cookie'])) - set((None, 1))
    return len(cookies) <= 1


def own_stay():
    """`stay`, if it is of the calling thread; else None."""
    return stay if stay is not None and stay[0] == get_ident() else None


class _Entered(object):
    """The calling thread enters the namespace and returns; a thread that cannot return must not go on."""

    def __init__(self, netns):
        self.netns = netns
        self.home = None

    def __enter__(self):
        own = own_stay()
        self.stays = own is not None
        self.home = own[1] if self.stays else _open_own()
        _homes.append(self.home)
        try:
            syscalls.setns(self.netns.fd)
        except OSError as error:
            self._leave()
            raise _explain_setns(self.netns, error)
        return self.netns

    def __exit__(self, *_):
        try:
            netns_dir.come_back(self.home, keeps=self.stays)
        except OSError as error:
            _homes.remove(self.home)
            raise _explain_return(error)
        self._leave()

    def _leave(self):
        _homes.remove(self.home)
        if not self.stays:
            os.close(self.home)


def go_home():
    """For a signal handler that is about to raise: an exception while entering or leaving a namespace would leave the
    thread there."""
    if _homes:
        syscalls.setns(_homes[0])


def _explain_return(error):
    return KernelError('return from a network namespace: %s' % (error.strerror or error), error.errno)


def _explain_setns(netns, error):
    attempt = 'enter the network namespace %s' % netns.label
    if error.errno == errno.EINVAL:
        return NotFoundError('%s: %s is stale: it is not a network namespace' % (attempt, netns.path))
    refused = KernelError('%s: %s' % (attempt, error.strerror or error), error.errno)
    if error.errno == errno.EPERM:
        refused.hint = 'Root with CAP_SYS_ADMIN is required; `netnsctl doctor` shows what is missing.'
    elif error.errno == errno.ENOSYS:
        refused.hint = 'This kernel has no setns(2); `netnsctl doctor` shows which kernels have it.'
    return refused


def _open_own():
    try:
        netns_dir.come_home()
    except OSError as error:
        raise _explain_return(error)
    path = netns_dir.own_path()
    try:
        return open_cloexec(path, os.O_RDONLY)
    except OSError as error:
        hint = 'This kernel has no network namespaces that can be entered; `netnsctl doctor` shows more.'
        if not os.path.exists('/proc/self'):
            from netnsctl.edge.privileges import WITHOUT_PROC as hint  # few hosts are without
        raise NetnsctlError('open %s: %s' % (path, error.strerror), hint=hint if error.errno == errno.ENOENT else None)


def open_host():
    """The namespace that netnsctl itself runs in, as Netns labelled 'host'."""
    return Netns(_open_own(), 'host', '/proc/self/ns/net')


def start_time(pid):
    """When a process started (clock ticks after boot, field 22 of /proc/PID/stat), or None if it does
    not exist. NetnsctlError where that cannot be found out."""
    try:
        descriptor = open_cloexec('/proc/%d/stat' % pid, os.O_RDONLY)
        try:
            data = os.read(descriptor, 4096)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in FAILURES:
            raise NetnsctlError('read /proc/%d/stat: %s' % (pid, error.strerror))
        return None
    # The command's name stands in parentheses and may hold any byte: count from the last one.
    fields = data[data.rfind(b')') + 2:].split()
    if len(fields) < 20 or fields[0] in (b'Z', b'X'):
        return None
    return int(fields[19])


def open_path(path, label, name=None):
    """Opens a namespace by a file: Netns. NotFoundError if there is none, or it is not a namespace."""
    try:
        # O_NONBLOCK: do not wait for a FIFO of that name.
        fd = open_cloexec(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        missing = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
        kind = NotFoundError if missing else NetnsctlError
        raise kind('%s: open %s: %s' % (label, path, error.strerror))
    netns = Netns(fd, label, path, name=name)
    try:
        netns.rtnl()
    except Exception:
        netns.close()
        raise
    return netns


def open_named(name, label=None):
    """Opens a named namespace. NotFoundError if the name is missing or stale."""
    return open_path('%s/%s' % (NETNS_DIR, name), label or 'netns://%s' % name, name=name)


def open_pid(pid, label=None, start=None):
    """Opens the namespace of a process, once, and makes sure that it was that process's.

    start: the start time that the process must have, if the caller knows it. NotFoundError if the process does not
    exist or its PID was reused in between.
    """
    label = label or 'pid://%d' % pid
    first = start_time(pid)
    if first is None or (start is not None and first != start):
        raise NotFoundError('%s: there is no process with PID %d' % (label, pid))
    path = '/proc/%d/ns/net' % pid
    try:
        fd = open_cloexec(path, os.O_RDONLY)
    except OSError as error:
        if error.errno == errno.ENOENT and start_time(pid) == first:
            raise NetnsctlError('%s: this kernel has no %s' % (label, path),
                                hint='`netnsctl doctor` shows which kernels have namespaces that can be entered.')
        if error.errno in (errno.ENOENT, errno.ESRCH):
            raise NotFoundError('%s: there is no process with PID %d' % (label, pid))
        raise NetnsctlError('%s: open %s: %s' % (label, path, error.strerror),
                            hint='Run it as root.' if error.errno == errno.EACCES else None)
    if start_time(pid) != first:
        os.close(fd)
        raise NotFoundError('%s: process %d ended while it was being examined' % (label, pid))
    return Netns(fd, label, path, pid=pid, start=first)


def link_name(name, path):
    """Gives a namespace a name, as a symlink to a path that leads to it.

    OSError, EEXIST if anything of that name is there but what unlink_name() removes.
    """
    netns_dir.make_folder()
    unlink_name(name, path)
    os.symlink(path, '%s/%s' % (NETNS_DIR, name))


def unlink_name(name, path):
    """Removes the symlink that link_name() made, or that it made in a run that was killed, and nothing else of that
    name: neither a mount nor a symlink that leads elsewhere. OSError."""
    link = '%s/%s' % (NETNS_DIR, name)
    target = os.readlink(link) if os.path.islink(link) else None
    if target is not None and (target == path or target.startswith('/proc/') and '/fd/' in target):
        os.unlink(link)


def living():
    """The network namespaces that have a name or a process in them: {(st_dev, st_ino): a path to open it by}."""
    found = {}
    names = os.listdir(NETNS_DIR) if os.path.isdir(NETNS_DIR) else []
    for path in (['%s/%s' % (NETNS_DIR, name) for name in names]
                 + ['/proc/%s/ns/net' % name for name in os.listdir('/proc') if name.isdigit()]):
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.setdefault((status.st_dev, status.st_ino), path)
    return found


def open_living(identity, found):
    """The namespace that identity() described, by another way than it was taken from: Netns, or None.

    found: what living() gave. A container's first process may have ended and others be in its namespace still.
    """
    path = found.get(key_of(identity))
    if path is None or identity['label'] == 'host':
        return None
    try:
        netns = open_path(path, identity['label'])
    except NotFoundError:
        return None
    if netns.is_the_same_as(identity):
        return netns
    netns.close()
    return None


def open_again(identity):
    """Opens the namespace that identity() described, if it still is that one, else None.

    A namespace that exists but may not be entered is not gone: that error is raised.
    """
    try:
        if identity['pid'] is not None:
            netns = open_pid(identity['pid'], identity['label'], identity['start'])
        elif identity['label'] == 'host':
            netns = open_host()
        else:
            netns = open_path(identity['path'], identity['label'], identity['name'])
    except NotFoundError:
        return None
    try:
        same = netns.is_the_same_as(identity)
    except Exception:
        netns.close()
        raise
    if not same:
        netns.close()
        return None
    return netns
