"""Network namespaces that no name of iproute's and no process leads to: some process holds a descriptor of them, or
they are mounted elsewhere. A NIC in one does not come back while that lasts."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic


def hidden(known, deadline):
    """{(st_dev, st_ino): (a path to open it by, what holds it, in words)}, without those whose keys are known. Looks
    until the deadline (by compat.monotonic())."""
    found = {}
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
            if int(pid) != os.getpid() and _is_namespace(path):
                _note(found, known, path, 'held by process %s' % pid)
    return found


def _is_namespace(path):
    try:
        return os.readlink(path).startswith('net:[')
    except OSError:
        return False


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
