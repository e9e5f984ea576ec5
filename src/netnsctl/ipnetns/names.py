"""Names of namespaces: which are valid, and opening one."""
from __future__ import absolute_import, division, print_function

import errno
import time

from netnsctl.edge import netns_dir
from netnsctl.ipnetns.output import quoted, strerror


def is_name(name):
    """Is this (bytes) a valid name of a namespace? 1 to 255 bytes, no /, neither . nor .. (lib/utils.c,
    invalid_name())."""
    return 0 < len(name) <= 255 and b'/' not in name and name not in (b'.', b'..')


def open_name(name, deadline=None):
    """(descriptor, None) or (None, OSError), as netns_dir.open_name(); waits for a name that is being made."""
    return netns_dir.open_name(name, time.time() + netns_dir.RACE_SECONDS if deadline is None else deadline)


def cannot_open(name, error):
    """The line for a name that cannot be opened. Better than iproute2's: it says that a stale name is stale, and
    why."""
    if error.errno == errno.EINVAL:
        return quoted(b'Network namespace', name, b' is stale: ' + (netns_dir.explain_stale(name) or strerror(error)))
    line = quoted(b'Cannot open network namespace', name, b': ' + strerror(error))
    why = netns_dir.explain_stale(name)
    return line + b' (stale: ' + why + b')' if why else line
