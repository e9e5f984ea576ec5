"""add and attach: a name for a new namespace, or for that of a process."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import open_cloexec, to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.ipnetns.output import Refused, quoted, strerror


def make_folder():
    """Makes the folder of names (0755), if need be. Refused."""
    try:
        os.mkdir(netns_dir.NETNS_DIR, 0o755)
    except OSError as error:
        if error.errno != errno.EEXIST:
            raise Refused(b'mkdir ' + to_bytes(netns_dir.NETNS_DIR) + b' failed: ' + strerror(error))


def add(name, pid, out):
    """Makes a namespace of that name (bytes), or names the one of a process: 0. Refused, with nothing left behind.

    The process stays in the namespace where it was.
    """
    make_folder()
    try:
        netns_dir.share()
    except OSError as error:
        raise Refused(b'mount --make-shared ' + to_bytes(netns_dir.NETNS_DIR) + b' failed: ' + strerror(error))
    path = netns_dir.path_of(name)
    try:
        os.close(open_cloexec(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0))
    except OSError as error:
        raise Refused(quoted(b'Cannot create namespace file', path, b': ' + strerror(error)))
    try:
        if pid is None:
            _make_and_mount(name, path)
        else:
            _mount(b'/proc/' + to_bytes('%d' % pid) + b'/ns/net', path)
    except Refused:
        try:
            netns_dir.unmount_and_unlink(name)
        except OSError as error:
            out.tell(quoted(b'Cannot remove namespace file', path, b': ' + strerror(error)))
        raise
    return 0


def _make_and_mount(name, path):
    home = open_cloexec('/proc/self/ns/net', os.O_RDONLY)
    try:
        try:
            syscalls.unshare(syscalls.CLONE_NEWNET)
        except OSError as error:
            raise Refused(quoted(b'Failed to create a new network namespace', name, b': ' + strerror(error)))
        try:
            _mount(b'/proc/self/ns/net', path)
        finally:
            syscalls.setns(home)
    finally:
        os.close(home)


def _mount(source, path):
    try:
        syscalls.mount(source, path, 'none', syscalls.MS_BIND)
    except OSError as error:
        raise Refused(b'Bind ' + source + b' -> ' + path + b' failed: ' + strerror(error))
