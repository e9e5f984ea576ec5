"""A private directory for one `netnsctl repo` at a time: what is downloaded, checked and tried lies there."""
from __future__ import absolute_import, division, print_function

import fcntl
import os
import shutil

from netnsctl.compat import open_cloexec
from netnsctl.edge.files import own_files
from netnsctl.errors import NetnsctlError
from netnsctl.execution import signals
from netnsctl.execution.state import State


class Workplace(object):
    """Context: directory(name) gives a new, empty directory, 0700; all of it is gone afterwards.

    NetnsctlError on entry where another `netnsctl repo` holds it. What one that was killed has left goes first.
    """

    def __init__(self, host):
        self.state = State(host)
        self.top = self.state.path('repo')
        self.lock = None

    def __enter__(self):
        self.state.make('repo')
        self.lock = open_cloexec(self.top, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (OSError, IOError):
            os.close(self.lock)
            raise NetnsctlError('repo: another netnsctl is working on the repository', hint='Nothing was changed.')
        self._clear()
        return self

    def __exit__(self, *_):
        with signals.held():
            self._clear()
            os.close(self.lock)

    def _clear(self):
        try:
            names = os.listdir(self.top)
        except OSError:
            return  # the next one clears it
        for name in names:
            shutil.rmtree(os.path.join(self.top, name), ignore_errors=True)

    def folder(self, name):
        """A new, empty folder: its path."""
        path = os.path.join(self.top, name)
        own_files.make_folder(path)
        return path
