"""The shim, netnsctl's own `ip`: where it is, and how to tell it from every other `ip`."""
from __future__ import absolute_import, division, print_function

import os

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
