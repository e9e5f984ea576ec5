"""A folder in memory for what is read from files."""
from __future__ import absolute_import, division, print_function

import atexit
import os
import shutil
import tempfile

_made = []


def root():
    """A folder of this process, removed at its end; in memory where there is a file system for that."""
    if not _made or _made[0][0] != os.getpid():
        there = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
        _made[:] = [(os.getpid(), tempfile.mkdtemp(prefix='nwf', dir=there))]
        atexit.register(_remove, *_made[0])
    return _made[0][1]


def _remove(pid, path):
    if pid == os.getpid():
        shutil.rmtree(path, ignore_errors=True)


def emptied(name):
    """The path of a folder in there, which is empty."""
    path = os.path.join(root(), name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path, 0o755)
    return path


def written(path, data):
    """Writes a file, and the folders above it: its path."""
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path), 0o755)
    with open(path, 'wb') as sink:
        sink.write(data)
    os.chmod(path, 0o644)
    return path
