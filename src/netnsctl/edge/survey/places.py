"""Every network namespace of the host, by all that leads to one: names, processes, mounts, and open descriptors."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import native, open_cloexec
from netnsctl.edge import netns_dir
from netnsctl.edge.survey import mounts

# Programs that keep a namespace open in which nothing runs; the descriptors of every process are too many to look at.
HOLDERS = ('dockerd', 'containerd', 'containerd-shim', 'conmon', 'crio', 'podman', 'lxc-start', 'systemd-nspawn',
           'libvirt_lxc', 'netnsctl')
DESCRIPTORS = 50000  # of all of them: a user may call any process so, and open many files
_FOLDERS = (b'/run/netns/', b'/var/run/netns/')


class Place(object):
    """A network namespace: key (st_dev, st_ino), what leads to it: names (in /run/netns), pids (ascending), mounts
    (paths), holders (PIDs with a descriptor of it); paths by which it can be opened, the best first."""
    __slots__ = ('key', 'names', 'pids', 'mounts', 'holders', 'paths')

    def __init__(self, key):
        self.key = key
        self.names, self.pids, self.mounts, self.holders, self.paths = [], [], [], [], []

    def open(self):
        """A descriptor of it. OSError: ENOENT if nothing leads to it any more."""
        for path in self.paths:
            try:
                descriptor = open_cloexec(path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:
                continue
            status = os.fstat(descriptor)
            if (status.st_dev, status.st_ino) == self.key:
                return descriptor
            os.close(descriptor)  # what had this name or PID has ended, and another has it
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))


def find():
    """({key: Place}, the key of the namespace of this process, notes: list of text on what could not be read)."""
    status = os.stat('/proc/self/ns/net')
    home, device = (status.st_dev, status.st_ino), status.st_dev
    places, notes = {}, []
    _place(places, home).paths.append('/proc/self/ns/net')
    _by_names(places, device, notes)
    _by_processes(places, device, notes)
    _by_mounts(places, device)
    return places, home, notes


def _place(places, key):
    if key not in places:
        places[key] = Place(key)
    return places[key]


def _by_names(places, device, notes):
    try:
        names = sorted(netns_dir.names())
    except OSError as error:
        if error.errno != errno.ENOENT:
            notes.append('%s cannot be read: %s' % (netns_dir.NETNS_DIR, error.strerror))
        return
    for name in names:
        path = netns_dir.path_of(name)
        try:
            status = os.stat(path)
        except OSError:
            continue
        if status.st_dev == device:
            place = _place(places, (status.st_dev, status.st_ino))
            place.names.append(native(name))
            place.paths.append(path)


def _by_processes(places, device, notes):
    refused, left = 0, DESCRIPTORS
    for pid in sorted([int(name) for name in os.listdir('/proc') if name.isdigit()]):
        path = '/proc/%d/ns/net' % pid
        try:
            status = os.stat(path)
        except OSError as error:
            refused += error.errno == errno.EACCES
            continue
        place = _place(places, (status.st_dev, status.st_ino))
        place.pids.append(pid)
        if len(place.pids) <= 3:  # one may end meanwhile
            place.paths.append(path)
        if command_of(pid).startswith(HOLDERS):
            left = _by_descriptors(places, device, pid, left)
    if refused:
        notes.append('the namespaces of %d process%s may not be examined' % (refused, 'es' if refused > 1 else ''))


def _by_descriptors(places, device, pid, left):
    """How many descriptors may be looked at after that."""
    folder = '/proc/%d/fd' % pid
    try:
        numbers = os.listdir(folder)[:left]
    except OSError:
        return left
    for number in numbers:
        path = '%s/%s' % (folder, number)
        try:
            if not _may_be_namespace(os.readlink(path)):
                continue
            status = os.stat(path)
        except OSError:
            continue
        if status.st_dev != device:
            continue
        place = _place(places, (status.st_dev, status.st_ino))
        if pid not in place.holders and pid != os.getpid():
            place.holders.append(pid)
            place.paths.append(path)
    return left - len(numbers)


def _may_be_namespace(link):
    """Is what a descriptor is said to be worth a stat(2), which may hang for a file of a network? One that was opened
    by a file that it is mounted on has that file's name, or none if it is mounted there no more."""
    return link.startswith('net:[') or 'netns' in link or link == '/'


def _by_mounts(places, device):
    for inode, path in mounts.mounted():
        place = _place(places, (device, inode))
        if path not in place.mounts:
            if not path.startswith(_FOLDERS):
                place.mounts.append(native(path))
            place.paths.append(path)


def is_running(command):
    """Is there a process of that name (15 bytes at most)? Anybody may call a process so."""
    return any(command_of(int(name)) == command for name in os.listdir('/proc') if name.isdigit())


def command_of(pid):
    """The name of a process's program as the kernel has it (the process itself may choose it), '' if it has ended."""
    try:
        descriptor = open_cloexec('/proc/%d/stat' % pid, os.O_RDONLY)
    except OSError:
        return ''
    try:
        text = os.read(descriptor, 4096)
    except OSError:
        return ''
    finally:
        os.close(descriptor)
    return native(text[text.find(b'(') + 1:text.rfind(b')')])
