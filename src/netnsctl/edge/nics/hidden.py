"""Network namespaces that no name of iproute's and no process leads to: some process holds a descriptor of them, or
they are mounted elsewhere. A NIC in one does not come back while that lasts."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic


def hidden(known, deadline):
    """{(st_dev, st_ino): (a path to open it by, what holds it, in words)}, without those whose keys are known. Looks
    until the deadline (by compat.monotonic())."""
    found, device = {}, _nsfs()
    for path in _mounts():
        _note(found, known, path, 'mounted at %s' % path)
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


def _mounts():
    """Where network namespaces are mounted in our own mount namespace: list of paths. proc(5), mountinfo."""
    found = []
    try:
        with open('/proc/self/mountinfo') as source:
            for line in source:
                words = line.split()
                if len(words) > 4 and words[3].startswith('net:['):
                    found.append(words[4].replace('\\040', ' '))
    except (EnvironmentError, UnicodeDecodeError):
        pass
    return found


def _note(found, known, path, how):
    try:
        status = os.stat(path)
    except OSError:
        return
    key = status.st_dev, status.st_ino
    if key not in known:
        found.setdefault(key, (path, how))
