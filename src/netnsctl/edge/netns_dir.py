"""/var/run/netns, the directory of named namespaces, as files. Names and paths here are bytes: anybody may have chosen
them.

Apart from edge.netns because `netnsctl netns` must start as fast as Python does.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat
import time

from netnsctl.compat import native, open_cloexec, to_bytes

# iproute2's compiled-in directory is /var/run/netns; /var/run is a link to /run on later systems.
NETNS_DIR = '/var/run/netns'
# How long to wait for a name that is just being created: creating a namespace takes the kernel some milliseconds, under
# load a hundred.
RACE_SECONDS = 0.5
# The creator of a file older than this was killed before it finished.
YOUNG_SECONDS = 5.0
_STEP_SECONDS = 0.005
# How long to wait for iproute2's lock on the directory: an honest holder keeps it for some microseconds.
LOCK_SECONDS = 1.0
_THREAD_SELF = '/proc/thread-self/ns/net'  # since Linux 3.17
# Descriptors of the namespaces of threads that could not return from another one.
_stranded = []


def path_of(name):
    """The path (bytes) of a name (bytes) in the directory."""
    return to_bytes(NETNS_DIR) + b'/' + name


def names():
    """Every name (bytes), in the directory's own order. OSError if the directory cannot be read."""
    return os.listdir(to_bytes(NETNS_DIR))


def own_path():
    """Where the calling thread's namespace can be opened and mounted from. setns(2) and unshare(2) work on threads, and
    /proc/self is the process's first thread."""
    from netnsctl.edge import syscalls
    folder = syscalls.own_folder()
    if folder == '/proc/self/task/%d' % os.getpid():
        return '/proc/self/ns/net'
    return _THREAD_SELF if os.path.exists(_THREAD_SELF) else folder + '/ns/net'


def is_namespace(status):
    """Does an os.stat result belong to a namespace? All are on one filesystem: nsfs, or proc before Linux 3.19.

    True if this kernel gives nothing to compare with.
    """
    try:
        return os.stat('/proc/self/ns/net').st_dev == status.st_dev
    except OSError:
        return True


def is_being_made(status):
    """May this (os.lstat of a name that leads to no namespace) be `add` between its open and its mount, or `delete`
    between its unmount and its unlink? Both leave an empty file for a moment."""
    return (stat.S_ISREG(status.st_mode) and status.st_size == 0
            and abs(time.time() - status.st_ctime) < YOUNG_SECONDS)


def wait_a_moment():
    """A pause between two looks at a name that is being made."""
    time.sleep(_STEP_SECONDS)


def open_name(name, deadline):
    """A descriptor of the namespace of that name, close-on-exec: (descriptor, None), or (None, OSError).

    deadline (time.time()): until then a name that is being made is looked at again. EINVAL: it is there but leads
    to no namespace.
    """
    while True:
        try:
            # O_NONBLOCK: do not wait for a FIFO of that name.
            descriptor = open_cloexec(path_of(name), os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            return None, error
        if is_namespace(os.fstat(descriptor)):
            return descriptor, None
        os.close(descriptor)
        try:
            young = is_being_made(os.lstat(path_of(name)))
        except OSError:
            continue  # deleted in between: the open says so
        if not young or time.time() >= deadline:
            return None, OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        wait_a_moment()


def explain_stale(name):
    """Why a name does not lead to a namespace, in words (bytes) for a message; None if it does, or does not exist."""
    path = path_of(name)
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            return _explain_symlink(path)
        status = os.stat(path)
    except OSError:
        return None
    if is_namespace(status):
        return None
    kind = (b'a directory' if stat.S_ISDIR(mode) else b'an empty file' if stat.S_ISREG(mode) and not status.st_size
            else b'a file')
    return kind + b', not a network namespace'


def _explain_symlink(path):
    target = os.readlink(path)
    try:
        status = os.stat(path)
    except OSError:
        parts = target.split(b'/')
        if parts[:2] == [b'', b'proc'] and parts[2:3] and parts[2].isdigit():
            return b'a symlink to process ' + parts[2] + b', which is gone'
        return b'a symlink to ' + target + b', which is gone'
    return None if is_namespace(status) else b'a symlink to ' + target + b', which is no network namespace'


def share():
    """Makes the directory a shared mount, so that a name made or removed is so in every mount namespace. OSError.

    Where it is not a mount yet it is bound on itself first, with the namespaces that are mounted in it: iproute2 leaves
    these mounted a second time below, where nobody can remove them.
    """
    from netnsctl.edge import syscalls
    if is_made_shared(syscalls):
        return
    descriptor, is_bound = lock(lambda: is_made_shared(syscalls)), False
    try:
        while not is_made_shared(syscalls):  # who held the lock may have done it
            syscalls.mount(NETNS_DIR, NETNS_DIR, 'none', syscalls.MS_BIND | syscalls.MS_REC)
            is_bound = True
        if is_bound:
            clear_below(descriptor)
    finally:
        unlock(descriptor)


def lock(is_needless=None):
    """A descriptor of the directory, for unlock(), with the lock that iproute2 takes to make it a mount
    (ip/ipnetns.c): two that did this at once would bind it twice. OSError.

    Anybody may open the directory and hold that lock for ever, so netnsctl waits LOCK_SECONDS and then goes on without
    it. is_needless: asked before each try.
    """
    import fcntl
    descriptor = open_cloexec(NETNS_DIR, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for _ in range(int(LOCK_SECONDS / _STEP_SECONDS)):
            if is_needless is not None and is_needless():
                break
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except (OSError, IOError) as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise
            wait_a_moment()
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def unlock(descriptor):
    """Releases what lock() gave."""
    import fcntl
    try:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # a child that another thread forked meanwhile has the descriptor too
    finally:
        os.close(descriptor)


def is_made_shared(syscalls):
    """Makes the directory shared: False if it is not a mount. OSError."""
    try:
        syscalls.mount('', NETNS_DIR, 'none', syscalls.MS_SHARED | syscalls.MS_REC)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return False
    return True


def clear_below(descriptor):
    """Unmounts the namespaces that are mounted in the directory as it was when the descriptor of it was opened, where
    it has been bound on itself since: none goes that its name does not lead to. OSError."""
    from netnsctl.edge import syscalls
    for name in names():
        below, here = to_bytes('/proc/self/fd/%d/%s' % (descriptor, native(name))), path_of(name)
        if is_mounted(below) and not is_mounted(here):  # it was mounted just before the directory was bound
            syscalls.mount(below, here, 'none', syscalls.MS_BIND)
        while is_mounted(below):
            syscalls.umount2(below, syscalls.MNT_DETACH | syscalls.UMOUNT_NOFOLLOW)


def is_mounted(path):
    """Is a namespace mounted at this path (bytes), a file and no symlink to one?"""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and is_namespace(status)


def is_removable(path):
    """Is the path of a name a symlink, or a file or directory with nothing in it? What holds content is somebody's.
    OSError."""
    status = os.lstat(path)
    if stat.S_ISDIR(status.st_mode):
        return not os.listdir(path)
    return stat.S_ISLNK(status.st_mode) or stat.S_ISREG(status.st_mode) and not status.st_size


def unmount_and_unlink(name):
    """Removes a name (bytes), and first its mount if it has one. Never the target of a symlink. OSError of unlink(2).

    iproute2 unmounts whatever a symlink leads to.
    """
    from netnsctl.edge import syscalls
    path = path_of(name)
    try:
        syscalls.umount2(path, syscalls.MNT_DETACH | syscalls.UMOUNT_NOFOLLOW)
    except OSError:
        pass  # nothing is mounted there; if something else is wrong, unlink tells
    os.unlink(path)


def remove_stale(name):
    """Removes a name (bytes) that leads to no namespace: a symlink, or an empty file or directory. OSError, ENOTEMPTY
    for what holds content."""
    path = path_of(name)
    if not is_removable(path):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)
    if stat.S_ISDIR(os.lstat(path).st_mode):
        os.rmdir(path)
    else:
        unmount_and_unlink(name)


class AddError(Exception):
    """add() was refused. step: 'mkdir', 'share', 'create', 'unshare' or 'bind'; source: bytes, what was to be bound, or
    None; error: the OSError. left: the OSError if the file could not be removed again, or None."""

    def __init__(self, step, error, source=None):
        Exception.__init__(self, step, error)
        self.step, self.error, self.source, self.left = step, error, source, None


def add(name, pid=None, before=None):
    """Makes a namespace of that name (bytes), or names the one of a process. AddError, and what before() raises, with
    nothing left behind.

    before: called with a descriptor of the new namespace before the name leads to it. The calling thread is in the
    namespace that it was in, then and afterwards.
    """
    _step('mkdir', make_folder)
    _step('share', share)
    path = path_of(name)
    _step('create', lambda: os.close(open_cloexec(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0)))
    try:
        if pid is None:
            _make_and_bind(path, before)
        else:
            _bind(b'/proc/' + to_bytes('%d' % pid) + b'/ns/net', path)
    except BaseException as refused:  # a signal's handler may raise, too
        try:
            unmount_and_unlink(name)
        except OSError as error:
            refused.left = error
        raise refused


def why_no_mounts():
    """Why this process may not change mounts, in the kernel's words, or None if it may. Nothing is changed.

    Root of a user namespace may not where the mount namespace belongs to another (user_namespaces(7)).
    """
    from netnsctl.edge import syscalls
    try:
        # Nothing is mounted there, and with this flag a first call unmounts nothing anyway. Who may mount gets EINVAL.
        syscalls.umount2('/proc/self/fd', syscalls.MNT_EXPIRE | syscalls.UMOUNT_NOFOLLOW)
    except OSError as error:
        return os.strerror(errno.EPERM) if error.errno == errno.EPERM else None
    return None


def make_folder():
    """Makes the directory of names (0755) if it is missing. OSError."""
    try:
        os.mkdir(NETNS_DIR, 0o755)
        os.chmod(NETNS_DIR, 0o755)  # nosec B103 # whatever the umask: as iproute makes it
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise


def is_open_to_others(folder=NETNS_DIR):
    """May users other than root create names there? Then a name says nothing about whose namespace it is."""
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return bool(status.st_mode & stat.S_IWOTH or status.st_mode & stat.S_IWGRP and status.st_gid)


def _step(step, call, source=None):
    try:
        return call()
    except OSError as error:
        raise AddError(step, error, source)


def _make_and_bind(path, before):
    from netnsctl.edge import syscalls
    _step('unshare', come_home)
    own = own_path()
    home, kept, is_away = _step('unshare', lambda: open_cloexec(own, os.O_RDONLY)), [], True
    try:
        try:
            _step('unshare', lambda: syscalls.unshare(syscalls.CLONE_NEWNET))
        except AddError:
            is_away = False  # who may not unshare may not come back either
            raise
        _step('unshare', lambda: _require_another(home, own))
        if before is not None:
            # Kept until it is mounted: the inode would be another, of another time (Netns.cookie).
            kept.append(_step('unshare', lambda: open_cloexec(own, os.O_RDONLY)))
            _step('unshare', lambda: come_back(home, keeps=True))
            before(kept[0])
            _step('unshare', lambda: syscalls.setns(kept[0]))
        _bind(to_bytes(own), path)
    finally:
        try:
            if is_away:
                _step('unshare', lambda: come_back(home))
            os.close(home)
        finally:
            for descriptor in kept:
                os.close(descriptor)


def _require_another(home, own):
    """OSError if the new namespace is the one of the descriptor: the name would lead to the host's."""
    old, new = os.fstat(home), os.stat(own)
    if (old.st_dev, old.st_ino) == (new.st_dev, new.st_ino):
        raise OSError(errno.EINVAL, '%s is still the old namespace' % own)


def come_back(home, keeps=False):
    """Returns the thread to the namespace of a descriptor. OSError: it could not return; the descriptor is kept, and
    come_home() tries again. keeps: the caller has a use for it, so a copy is kept."""
    from netnsctl.edge import syscalls
    try:
        syscalls.setns(home)
    except OSError:
        _stranded.append(_copy(home) if keeps else home)
        raise


def _copy(descriptor):
    """A copy of a descriptor; -1 where there can be none: nothing leads back then, and come_home() fails from here
    on."""
    try:
        return os.dup(descriptor)
    except OSError:
        return -1


def come_home():
    """Returns a thread that could not return before: anything done in the wrong namespace affects the wrong links. To
    be called before the thread's own namespace is looked at. OSError: it still cannot."""
    while _stranded:
        home = _stranded.pop(0)
        come_back(home)  # of -1: EBADF
        os.close(home)


def _bind(source, path):
    from netnsctl.edge import syscalls
    _step('bind', lambda: syscalls.mount(source, path, 'none', syscalls.MS_BIND), source)
