"""Network namespaces that no name of iproute's and no process leads to: some process holds a descriptor of them, or
they are mounted elsewhere. A NIC in one does not come back while that lasts."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic, native
from netnsctl.edge.survey import mounts


def hidden(known, deadline):
    """{(st_dev, st_ino): (a path to open it by, what holds it, in words)}, without those whose keys are known. Looks
    until the deadline (by compat.monotonic())."""
    found, device = {}, _nsfs()
    for _, path in mounts.mounted():
        _note(found, known, native(path), 'mounted at %s' % native(path))
    for pid in os.listdir('/proc'):
        if monotonic() > deadline:
            break
        if not pid.isdigit():
            continue
        try:
            descriptors = os.listdir('/proc/%s/fd' % pid)
        except OSError:
            continue
        for number in descriptors:
            path = '/proc/%s/fd/%s' % (pid, number)
            if _is_namespace(path, device):
                _note(found, known, path, 'held by process %s' % pid)
    return found


def _is_namespace(path, device):
    """Is it a network namespace, or maybe another one? One that was opened by a name that is gone reads as that."""
    try:
        return os.readlink(path).startswith('net:[') or device is not None and os.stat(path).st_dev == device
    except OSError:
        return False


def _nsfs():
    """The device of namespaces, or None: before Linux 3.19 they are files of proc, as many others."""
    found = os.stat('/proc/self/ns/net').st_dev
    return None if found == os.stat('/proc/self').st_dev else found


def _note(found, known, path, how):
    try:
        status = os.stat(path)
    except OSError:
        return
    key = status.st_dev, status.st_ino
    if key not in known:
        found.setdefault(key, (path, how))
