"""add and attach: a name for a new namespace, or for that of a process."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.ipnetns.output import Refused, quoted, shown, strerror


def make_folder():
    """Makes the directory of names (0755) if it is missing. Raises Refused."""
    try:
        netns_dir.make_folder()
    except OSError as error:
        raise _refuse('mkdir', b'', error)


def add(name, pid, out):
    """Makes a namespace of that name (bytes), or names the one of a process: 0. Refused, with nothing left behind.

    The process stays in the namespace where it was.
    """
    try:
        netns_dir.add(name, pid)
    except netns_dir.AddError as refused:
        if refused.left is not None:
            out.tell(quoted(b'Cannot remove namespace file', netns_dir.path_of(name), b': ' + strerror(refused.left)))
        raise _refuse(refused.step, name, refused.error, refused.source)
    return 0


def _refuse(step, name, error, source=None):
    """The words of iproute2 (ip/ipnetns.c) for a step of netns_dir.add()."""
    folder, path, cause = to_bytes(netns_dir.NETNS_DIR), netns_dir.path_of(name), b': ' + strerror(error)
    if step == 'mkdir':
        return Refused(b'mkdir ' + folder + b' failed' + cause)
    if step == 'share':
        return Refused(b'mount --make-shared ' + folder + b' failed' + cause)
    if step == 'create':
        return Refused(quoted(b'Cannot create namespace file', path, cause))
    if step == 'unshare':
        return Refused(quoted(b'Failed to create a new network namespace', name, cause))
    return Refused(b'Bind ' + source + b' -> ' + shown(path) + b' failed' + cause)
