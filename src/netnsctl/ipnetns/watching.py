"""monitor: names that come and go, by inotify(7)."""
from __future__ import absolute_import, division, print_function

import errno
import os
import struct

from netnsctl.edge import netns_dir, syscalls
from netnsctl.ipnetns.adding import make_folder
from netnsctl.ipnetns.output import Refused, shown, strerror

IN_CREATE, IN_DELETE = 0x100, 0x200


def watch(out):
    """A line for each name: `add NAME`, `delete NAME`. Ends only at a signal, or if nobody reads. Raises Refused.

    Each line is flushed: iproute2 keeps them in its buffer if standard output is not a terminal.
    """
    try:
        descriptor = syscalls.inotify_init()
    except OSError as error:
        raise Refused(b'inotify_init failed: ' + strerror(error))
    make_folder()
    try:
        syscalls.inotify_add_watch(descriptor, netns_dir.NETNS_DIR, IN_CREATE | IN_DELETE)
    except OSError as error:
        raise Refused(b'inotify_add_watch failed: ' + strerror(error))
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError as error:
            if error.errno == errno.EINTR:
                continue
            raise Refused(b'read failed: ' + strerror(error))
        while data:
            mask, size = struct.unpack('=4xI4xI', data[:16])
            name, data = data[16:16 + size].rstrip(b'\0'), data[16 + size:]
            if mask & (IN_CREATE | IN_DELETE):
                out.put((b'add ' if mask & IN_CREATE else b'delete ') + shown(name) + b'\n')
        out.flush()
