"""The host's own `ip`, to which the shim passes commands."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import to_bytes
from netnsctl.ipnetns.output import Refused, strerror


class RealIp(object):
    """path: bytes, b'' if there is none. is_script: it could come back to the shim, which is reported so (see there,
    has_come_back)."""

    def __init__(self, path, is_script=False):
        self.path = path
        self.is_script = is_script

    def require(self):
        """Raises Refused with status 127, like a shell, if there is none."""
        if not self.path:
            raise Refused(b'netnsctl shim: there is no other ip on the PATH', 127)

    def become(self, words):
        """This process becomes it, with these words (bytes); comes back only as Refused."""
        self.require()
        try:
            self.execute(words)
        except OSError as error:
            raise Refused(b'netnsctl shim: run ' + self.path + b': ' + strerror(error), 127)

    def execute(self, words):
        """As become(), and comes back only as OSError."""
        environ = dict(getattr(os, 'environb', os.environ))  # environb: Python 3
        if self.is_script:
            environ[b'NETNSCTL_SHIM'] = to_bytes('%d:1:' % os.getpid()) + self.path
        os.execve(self.path, [self.path] + words, environ)
