"""Namespaces that are mounted on names of /var/run/netns in other mount namespaces, and so are empty files here.

To unlink such a file would unmount it everywhere (since Linux 3.18; before, unlink(2) answers EBUSY), and with its last
mount the namespace goes. proc(5), mountinfo.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import stat

from netnsctl.compat import open_cloexec, read_all, to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.survey.mounts import MOUNTINFO_BYTES, unescape

# The first kernel thread: only who sees every process sees it, and nobody else can have that flag.
_KTHREADD, _PF_KTHREAD = '/proc/2/stat', 0x00200000
_KINDS = (b'nsfs', b'proc')  # of a namespace; proc before Linux 3.19


class _Mount(object):
    """A line of mountinfo. All but number and parent: bytes."""
    __slots__ = ('number', 'parent', 'device', 'root', 'point', 'options', 'kind')

    def __init__(self, fields, end):
        self.number, self.parent, self.device = fields[0], fields[1], fields[2]
        self.root, self.point = unescape(fields[3]), unescape(fields[4])
        self.options, self.kind = fields[6:end], fields[end + 1]

    def place_of(self, path):
        """(device, path in its file system) of a path on the mount."""
        inside = self.root.rstrip(b'/') + b'/' + path[len(self.point):].strip(b'/')
        return self.device, inside.rstrip(b'/') or b'/'

    def has(self, option):
        return any(field.startswith(option) for field in self.options)


class Mounts(object):
    """holders: {name (bytes): PID of a process in whose mount namespace a namespace is mounted on the name}; sees_all:
    can there be no others?"""

    def __init__(self, holders, sees_all):
        self.holders, self.sees_all = holders, sees_all

    def holder_of(self, path):
        """The process in whose mount namespace one is mounted on the name of that path: PID, or None."""
        return self.holders.get(to_bytes(os.path.basename(path)))

    def why_kept(self, path, is_ours=False):
        """Why what is at the path of a name must stay, in words, or None. is_ours: netnsctl made it, and nobody else
        knows it. OSError."""
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None  # a namespace is mounted on files only
        holder = self.holder_of(path)
        if holder is not None:
            return 'a namespace is mounted on it in the mount namespace of process %d' % holder
        if not self.sees_all and not is_ours:
            return 'a namespace may be mounted on it outside this PID namespace'
        return None


def look(folder=netns_dir.NETNS_DIR):
    """The Mounts on names of the folder. OSError if the folder cannot be read."""
    chain = _chain(parse(_read('/proc/self/mountinfo')), folder)
    if not chain:
        return Mounts({}, False)
    place = chain[0].place_of(to_bytes(os.path.realpath(folder)))
    holders, sees_all = {}, _sees_kernel()
    for pid, text in _texts():
        if text is None:
            sees_all = False
        elif b' ' + place[0] + b' ' in text:
            for name in names_in(text, place):
                holders.setdefault(name, pid)
    return Mounts(holders, sees_all or _is_shown_all(chain))


def names_in(text, place):
    """The names in a folder on which the text of a mountinfo (bytes) has a namespace. place: (device, path in its file
    system), bytes."""
    mounts = parse(text)
    for mount in mounts.values():
        # The parent is not listed if it is outside the root directory of the process.
        if mount.kind in _KINDS and mount.parent in mounts:
            device, path = mounts[mount.parent].place_of(mount.point)
            if device == place[0] and os.path.dirname(path) == place[1]:
                yield os.path.basename(path)


def parse(text):
    """{its number: _Mount} of the text of a mountinfo (bytes)."""
    found = {}
    for line in text.split(b'\n'):
        fields = line.split(b' ')
        if b'-' in fields[6:-2]:
            found[fields[0]] = _Mount(fields, fields.index(b'-', 6))
    return found


def _chain(mounts, folder):
    """The mounts that show a folder, the topmost first: while one is bound on the same folder of another, that too."""
    descriptor = open_cloexec(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        text = _read('/proc/self/fdinfo/%d' % descriptor)
    finally:
        os.close(descriptor)
    number = re.search(br'mnt_id:\s*([0-9]+)', text)
    mount = mounts.get(number.group(1)) if number else _longest(mounts, to_bytes(os.path.realpath(folder)))
    chain = []
    while mount is not None and mount not in chain:
        chain.append(mount)
        below = mounts.get(mount.parent)
        is_bound = below is not None and below.place_of(mount.point) == (mount.device, mount.root)
        mount = below if is_bound else None
    return chain


def _longest(mounts, path):
    """The mount that a path is on, before Linux 3.15: the longest mount point above it; of several, the newest."""
    above = [mount for mount in mounts.values() if (path + b'/').startswith(mount.point.rstrip(b'/') + b'/')]
    return max(above, key=lambda mount: (len(mount.point), int(mount.number))) if above else None


def _is_shown_all(chain):
    """Is what others mount on names mounted here as well, so that an empty file is one everywhere? It is where they
    are on a mount that gets those of others. A mount can be shared with nobody, so that counts only where the whole
    file system is seen: it is likely to be of this PID namespace."""
    base = chain[-1]
    return any(mount.has(b'master:') for mount in chain) or base.has(b'shared:') and base.root == b'/'


def _sees_kernel():
    """Are the processes of every PID namespace in /proc?"""
    fields = _read(_KTHREADD).rpartition(b')')[2].split()
    return len(fields) > 6 and bool(int(fields[6]) & _PF_KTHREAD)


def _texts():
    """(PID, its mountinfo) of a process of each mount namespace, and (PID, None) of those that may not be read."""
    texts = set()
    for pid in _processes():
        try:
            text = _read('/proc/%d/mountinfo' % pid)
        except OSError:
            yield pid, None
            continue
        if text not in texts:
            texts.add(text)
            yield pid, text


def _processes():
    """PIDs of processes that are in all mount namespaces together; several in one where nothing tells that: before
    Linux 3.8, and of a process with more capabilities.

    Without those of other user namespaces: root there cannot name a namespace of the host, but could mount anything on
    a name that he sees.
    """
    tells, own_user, roots = _link('/proc/self/ns/mnt') is not None, _link('/proc/self/ns/user'), {}
    for pid in sorted(int(name) for name in os.listdir('/proc') if name.isdigit()):
        try:
            space = _link('/proc/%d/ns/mnt' % pid) if tells else pid
            # Where another has its root directory it does not see all mounts.
            if space is None or roots.get(space) == '/' or _link('/proc/%d/ns/user' % pid) != own_user:
                continue
            roots[space] = _link('/proc/%d/root' % pid)
        except OSError:
            pass  # its mountinfo may still be read
        yield pid


def _link(path):
    """Where a link of a process leads; None if it is not there. OSError: it may not be looked at."""
    try:
        return os.readlink(path)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise
        return None


def _read(path):
    """The contents of a file of /proc (bytes), empty if it is not there (any more). OSError: it may not be read."""
    try:
        descriptor = open_cloexec(path, os.O_RDONLY)
        try:
            return read_all(descriptor, MOUNTINFO_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise
        return b''
