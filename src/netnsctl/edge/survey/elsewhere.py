"""Namespaces that names in /var/run/netns lead to in other mount and PID namespaces, and not here.

One may be mounted there on an empty file, or on what a symlink leads to. To unlink such a file would unmount it
everywhere (since Linux 3.18; before, unlink(2) answers EBUSY), and with its last mount the namespace goes. proc(5),
mountinfo.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import stat

from netnsctl.compat import native, open_cloexec, read_all, to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.survey.mounts import MOUNTINFO_BYTES, unescape
from netnsctl.errors import FAILURES

# The first kernel thread: only who sees every process sees it, and nobody else can have that flag.
_KTHREADD, _PF_KTHREAD = '/proc/2/stat', 0x00200000
_KINDS = (b'nsfs', b'proc')  # of a namespace; proc before Linux 3.19
# Where nobody knows what a file or a link says: what is taken for unused would be removed.
_UNTOLD = (errno.EACCES, errno.EPERM) + FAILURES


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

    def shows(self, place):
        """Is what has that (device, path in its file system) on the mount?"""
        return self.device == place[0] and (place[1] + b'/').startswith(self.root.rstrip(b'/') + b'/')

    def is_namespace(self):
        return self.kind in _KINDS

    def has(self, option):
        return any(field.startswith(option) for field in self.options)


class Mounts(object):
    """Where namespaces are mounted in the mount namespaces of processes.

    own: this process's mounts, as parse() gives them. places: {(device, path in its file system): PID of a process
    there}. points: {path there: PID}, of those where the names are seen. unseen: where there may be more, in words, or
    None. Paths: bytes.
    """

    def __init__(self, own, unseen):
        self.own, self.unseen, self.places, self.points = own, unseen, {}, {}

    def add(self, pid, text, place):
        """Adds those in the text of a process's mountinfo (bytes). place: that of the folder of names."""
        mounts = parse(text)
        is_seen = any(mount.shows(place) for mount in mounts.values())
        for found, point in namespaces_in(mounts):
            self.places.setdefault(found, pid)
            if is_seen:
                self.points.setdefault(point, pid)

    def holder_of(self, path):
        """The process in whose mount namespace one is mounted on a name, by its path, or on the file that it leads to
        as a symlink: PID, or None. OSError."""
        target = _target_of(path)
        chain = _chain_at(self.own, os.path.dirname(target))
        found = self.places.get(chain[0].place_of(target)) if chain else None
        if found is None and os.path.islink(path):
            # Its folder may be missing or another here, and /var/run may be no link to /run there.
            link = os.path.join(os.path.dirname(to_bytes(path)), os.readlink(to_bytes(path)))
            found = self.points.get(target, self.points.get(os.path.normpath(link)))
        return found

    def why_kept(self, path, is_ours=False):
        """Why what is at the path of a name must stay, in words, or None. is_ours: if it is a file, netnsctl made it,
        and nobody else knows it. OSError."""
        mode = os.lstat(path).st_mode
        is_link = stat.S_ISLNK(mode)
        if not is_link and not stat.S_ISREG(mode):
            return None  # a namespace is mounted on files only
        target = _target_of(path)
        if is_link and re.match(br'/proc/[0-9]+(/|\Z)', target):
            return None if sees_all_processes() else 'the process may be one outside this PID namespace'
        holder, file_name = self.holder_of(path), native(target) if is_link else 'it'
        if holder is not None:
            return 'a namespace is mounted on %s in the mount namespace of process %d' % (file_name, holder)
        if self.unseen and not (is_ours and not is_link) \
                and not _is_shown_all(_chain_at(self.own, os.path.dirname(target))):
            return 'a namespace may be mounted on %s %s' % (file_name, self.unseen)
        return None


def _target_of(path):
    """Where a path leads, even if nothing is there: bytes."""
    return os.path.realpath(to_bytes(path))


def look(folder=netns_dir.NETNS_DIR):
    """The Mounts that matter to names of the folder. OSError if the folder cannot be read."""
    own = parse(_read('/proc/self/mountinfo'))
    chain = _chain(own, folder)
    found = Mounts(own, None if sees_all_processes() else 'outside this PID namespace')
    place = chain[0].place_of(_target_of(folder)) if chain else None
    for pid, text in _texts():
        if text is None or place is None:
            found.unseen = found.unseen or 'in a mount namespace that cannot be examined'
        elif b' ' + place[0] + b' ' in text:
            found.add(pid, text, place)
    return found


def namespaces_in(mounts):
    """((device, path in its file system) of each file on which a namespace is mounted, the path where it is), bytes, of
    mounts as parse() gives them."""
    for mount in mounts.values():
        # The parent is not listed if it is outside the root directory of the process.
        if mount.is_namespace() and mount.parent in mounts:
            yield mounts[mount.parent].place_of(mount.point), mount.point


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
    return upon_each_other(mounts, mounts.get(number.group(1)) if number else
                           mount_of(mounts, to_bytes(os.path.realpath(folder))))


def upon_each_other(mounts, mount):
    """A mount and those below it, topmost first, while one is bound on the same folder of another: list of _Mount."""
    chain = []
    while mount is not None and mount not in chain:
        chain.append(mount)
        below = mounts.get(mount.parent)
        is_bound = below is not None and below.place_of(mount.point) == (mount.device, mount.root)
        mount = below if is_bound else None
    return chain


def _chain_at(mounts, folder):
    """As _chain(), of the nearest folder above it if it is not there; empty if that may not be opened. OSError."""
    try:
        return _chain(mounts, folder)
    except OSError as error:
        if error.errno in FAILURES:
            raise
        is_missing = error.errno in (errno.ENOENT, errno.ENOTDIR) and folder not in (b'/', b'')
        return _chain_at(mounts, os.path.dirname(folder)) if is_missing else []


def mount_of(mounts, path):
    """The mount that a path (bytes, no symlink in it) is on, or None: found as the kernel follows a path, since a mount
    point may lie hidden below a later mount. The kernel itself tells it of a descriptor only since Linux 3.15."""
    found, above = None, [mount for mount in mounts.values()
                          if (path + b'/').startswith(mount.point.rstrip(b'/') + b'/')]
    while True:
        # The first: its parent is outside the root directory of this process, or itself.
        nexts = [mount for mount in above if mount is not found and (
            mount.parent == found.number if found else mount.parent not in mounts or mount.parent == mount.number)]
        if not nexts:
            return found
        found = min(nexts, key=lambda mount: len(mount.point))
        above.remove(found)


def _is_shown_all(chain):
    """Is what others mount on names mounted here as well, so that an empty file is one everywhere? It is where they
    are on a mount that gets those of others. A mount can be shared with nobody, so that counts only where the whole
    file system is seen: it is likely to be of this PID namespace."""
    return any(mount.has(b'master:') for mount in chain) or bool(
        chain and chain[-1].has(b'shared:') and chain[-1].root == b'/')


def sees_all_processes():
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
    """Where a link of a process leads; None if it is not there. OSError: it cannot be looked at."""
    try:
        return os.readlink(path)
    except OSError as error:
        if error.errno in _UNTOLD:
            raise
        return None


def _read(path):
    """The contents of a file of /proc (bytes), empty if it is not there (any more). OSError: it cannot be read."""
    try:
        descriptor = open_cloexec(path, os.O_RDONLY)
        try:
            return read_all(descriptor, MOUNTINFO_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno in _UNTOLD:
            raise
        return b''
