"""The shim, netnsctl's own `ip`: where it is, and how to tell it from every other `ip`."""
from __future__ import absolute_import, division, print_function

import os
import stat

# The program that `netnsctl shim enable` puts in front of the host's own.
PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'libexec', 'ip')
_START = b'#!/bin/sh\n# netnsctl-shim:'


def is_shim(path):
    """Is the file at this path a shim, of this netnsctl or of another one? Told by its first lines."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, 'rb') as source:
            return source.read(len(_START)) == _START
    except (OSError, IOError):
        return False


def open_to_others(path, groups=(0,)):
    """What users other than root could replace the program at this path by: the program or a directory on its way, or
    on that of what its symlinks lead to, that is not root's, or that a group or everybody can write to; None if there
    is nothing. OSError.

    groups: those that may write. A directory like /tmp passes, since nobody can replace what is root's in it.
    """
    for place in (os.path.abspath(path), os.path.realpath(path)):
        while True:
            status = os.stat(place)
            is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
            if status.st_uid != 0 or not is_sticky and (
                    status.st_mode & 0o002 or status.st_mode & 0o020 and status.st_gid not in groups):
                return place
            if place == os.path.dirname(place):
                break
            place = os.path.dirname(place)
    return None
