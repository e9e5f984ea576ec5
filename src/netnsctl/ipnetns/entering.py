"""exec, and -netns: into a network namespace, with a mount namespace that shows it.

As netns_switch() of iproute2's lib/namespace.c.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import children_waited_for, native, read_all, to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.ipnetns.output import Refused, quoted, shown, strerror
from netnsctl.ipnetns.names import cannot_open, open_name

ETC_DIR = b'/etc/netns'
_FAILED = 255


def enter(name, out):
    """Puts this process into the namespace of that name (bytes), in a mount namespace of its own: /sys shows that
    network, and the contents of /etc/netns/NAME appear in /etc. Raises Refused with status 255; a file that cannot be
    bound only causes a warning.

    With a scheme, as docker://web, which no name can have, it is the namespace of a container or process."""
    has_name = b'://' not in name
    descriptor, error = open_name(name) if has_name else (_open_target(name), None)
    if descriptor is None:
        raise Refused(cannot_open(name, error), _FAILED)
    try:
        syscalls.setns(descriptor)
    except OSError as error:
        raise Refused(quoted(b'setting the network namespace', name, b' failed: ' + strerror(error)), _FAILED)
    finally:
        os.close(descriptor)
    try:
        syscalls.unshare(syscalls.CLONE_NEWNS)
    except OSError as error:
        raise Refused(b'unshare failed: ' + strerror(error), _FAILED)
    try:
        # Mounts from here on do not reach the host.
        syscalls.mount('', '/', 'none', syscalls.MS_SLAVE | syscalls.MS_REC)
    except OSError as error:
        raise Refused(b'"mount --make-rslave /" failed: ' + strerror(error), _FAILED)
    _mount_sysfs(name)
    if has_name:
        _bind_etc(name, out)


def _open_target(name):
    """A descriptor of the namespace that SCHEME://NAME (bytes) means, as for `netnsctl wire`. Refused."""
    from netnsctl.edge import netns  # no other name needs any of that
    from netnsctl.edge.host import Host
    from netnsctl.errors import NetnsctlError
    from netnsctl.model import endpoint
    from netnsctl.usecases.ends.resolving import resolve
    try:
        asked = endpoint.parse(native(name))
        if asked.ifname is not None or asked.target.is_on_host:
            raise Refused(quoted(b'Cannot open network namespace', name, b': it is not one'), _FAILED)
        home = netns.open_host()
        try:
            opened, _ = resolve(Host(), asked.target, home)
        finally:
            home.close()
        try:
            return os.dup(opened.fd)
        finally:
            opened.close()
    except NetnsctlError as error:
        raise Refused(quoted(b'Cannot open network namespace', name, b': ' + to_bytes(error.message)), _FAILED)


def _mount_sysfs(name):
    """Mounts a /sys with the links of this namespace, even where sysfs shows all links to all (EL6)."""
    flags = 0
    try:
        syscalls.umount2('/sys', syscalls.MNT_DETACH)
    except OSError:
        # None was mounted, or it may not be unmounted: it is mounted over, read-only if the old one is.
        try:
            flags = os.statvfs('/sys').f_flag & syscalls.MS_RDONLY
        except OSError:
            pass
    try:
        syscalls.mount(name, '/sys', 'sysfs', flags)
    except OSError as error:
        raise Refused(b'mount of /sys failed: ' + strerror(error), _FAILED)


def _bind_etc(name, out):
    folder = ETC_DIR + b'/' + name
    try:
        entries = os.listdir(folder)
    except OSError:
        return
    for entry in entries:
        source, target = folder + b'/' + entry, b'/etc/' + entry
        try:
            syscalls.mount(source, target, 'none', syscalls.MS_BIND)
        except OSError as error:
            out.tell(b'Bind ' + shown(source) + b' -> ' + shown(target) + b' failed: ' + strerror(error))


def leave_vrf():
    """Moves this process out of the cgroup of a VRF, whose links belong to the namespace that it leaves (ip/ipvrf.c).

    Harmless where there is none: a process is in one if its cgroup v2 path holds /vrf/.
    """
    for line in _read(b'/proc/self/cgroup').split(b'\n'):
        hierarchy, _, place = line.rpartition(b':')
        if hierarchy == b'0:' and b'/vrf/' in place:
            outer = place[:place.index(b'/vrf/')]
            for mount in _read(b'/proc/self/mounts').split(b'\n'):
                fields = mount.split(b' ')
                if fields[2:3] == [b'cgroup2']:
                    _append(fields[1] + outer + b'/cgroup.procs', b'%d' % os.getpid())
                    return


def _read(path):
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b''
    try:
        return read_all(descriptor)
    except OSError:
        return b''
    finally:
        os.close(descriptor)


def _append(path, data):
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(descriptor, data)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def execute(name, command, out, is_batch):
    """exec NAME COMMAND...: becomes the command. In a batch, where more lines follow, the command runs in a child: its
    status."""
    out.flush()
    if is_batch:
        status = _in_child(name, command, out)
        if status is None:
            raise Refused(status=1)  # ended by a signal: iproute2 ends there, too
        return status
    return _become(name, command, out)


def execute_in_all(command, out):
    """-all exec COMMAND...: in every namespace, one after another; 0 whatever they return."""
    try:
        names = netns_dir.names()
    except OSError:
        return 0
    for name in names:
        out.put(b'\nnetns: ' + shown(name) + b'\n')
        out.flush()
        if _in_child(name, command, out) is None:
            return 1
    return 0


def _become(name, command, out):
    """Enters the namespace and turns this process into the command. Raises Refused if it cannot."""
    leave_vrf()
    enter(name, out)
    try:
        _exec(command)
    except OSError as error:
        raise Refused(quoted(b'exec of', command[0], b' failed: ' + strerror(error)), 1)


def _exec(command):
    """execvp(3) as in the C library; unlike Python's, it passes a script without #! to /bin/sh. Raises OSError."""
    environ = getattr(os, 'environb', os.environ)  # environb: Python 3
    places = [command[0]]
    if b'/' not in command[0]:
        folders = environ.get(b'PATH', b'/bin:/usr/bin').split(b':') if command[0] else []
        places = [os.path.join(folder, command[0]) for folder in folders]
    missing = denied = None
    for path in places:
        try:
            os.execve(path, command, environ)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                os.execve(b'/bin/sh', [b'/bin/sh', path] + command[1:], environ)
            elif error.errno == errno.EACCES:
                denied = error
            elif error.errno not in (errno.ENOENT, errno.ENOTDIR):
                raise
            else:
                missing = error
    raise denied or missing or OSError(errno.ENOENT, os.strerror(errno.ENOENT))


def _in_child(name, command, out):
    """As _become(), in a child: its exit status, or None if a signal ended it."""
    with children_waited_for() as waiting:
        return _fork_and_wait(name, command, out, waiting)


def _fork_and_wait(name, command, out, waiting):
    child = os.fork()
    if not child:
        status = 255
        try:
            try:
                waiting.__exit__()  # the command inherits the caller's disposition, as with iproute2
                status = _become(name, command, out)
            except Refused as refused:
                status = out.refuse(refused)
        finally:
            os._exit(status)
    while True:
        try:
            status = os.waitpid(child, 0)[1]
            break
        except OSError as error:
            if error.errno != errno.EINTR:
                raise
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else None

