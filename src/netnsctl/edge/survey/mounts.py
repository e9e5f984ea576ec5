"""Where network namespaces are mounted in this process's own mount namespace. proc(5), mountinfo."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.compat import open_cloexec, read_all

MOUNTINFO_BYTES = 64 << 20
_MOUNT = re.compile(br' net:\[([0-9]+)\] (\S+) .* - nsfs ')
_ESCAPE = re.compile(br'\\([0-7]{3})')


def mounted():
    """[(inode, path as bytes)] of those on nsfs (Linux 3.19), in the order of mounting; [] if that cannot be read."""
    try:
        descriptor = open_cloexec('/proc/self/mountinfo', os.O_RDONLY)
    except OSError:
        return []
    try:
        text = read_all(descriptor, MOUNTINFO_BYTES)
    finally:
        os.close(descriptor)
    return read(text)


def read(text):
    """The same of the text of a mountinfo (bytes)."""
    return [(int(found.group(1)), unescape(found.group(2)))
            for found in map(_MOUNT.search, text.split(b'\n')) if found]


def unescape(path):
    """A path (bytes) of a mountinfo as it is."""
    return _ESCAPE.sub(_octal, path)


def _octal(digits):
    return bytes(bytearray([int(digits.group(1), 8) & 255]))
