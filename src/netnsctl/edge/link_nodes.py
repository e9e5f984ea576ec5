"""What distinguishes a link from every other, whatever is done to it: the inode number of its directory in sysfs.

Root in a container can choose a link's name, MAC address and alias, and its index when it is made or moved. The kernel
numbers what is in sysfs itself: a directory keeps its number when its link is renamed or moved to another namespace
(kernfs_rename_ns() keeps the node), and none is given twice (64 bits, Linux 5.5; before, 32 that come round). The sysfs
of a namespace is looked at without mounting it anywhere: fsopen(2), Linux 5.2.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic, native
from netnsctl.edge import netns as namespaces
from netnsctl.errors import NetnsctlError

_LINKS = 'devices/virtual/net'
MOST_PILED = 64


class Pile(object):
    """Mounts that are looked at no more, and go together: to close one waits for all processors (an RCU grace period in
    namespace_unlock()), up to milliseconds where they are busy, but what is mounted upon it goes with it.

    Linux 6.15 is the first to take a mount upon one that is mounted nowhere itself: before, each is closed at once.
    """

    def __init__(self):
        self._lowest, self._height, self._is_refused = None, 0, False

    def put(self, mounted):
        """Takes over the descriptor of a detached mount."""
        if self._lowest is None and not self._is_refused:
            self._lowest, self._height = mounted, 1
            return
        try:
            if not self._is_refused:
                from netnsctl.edge import syscalls
                syscalls.mount_upon(mounted, self._lowest)
                self._height += 1
        except OSError:
            self._is_refused = True
        finally:
            os.close(mounted)
        if self._is_refused or self._height >= MOST_PILED:
            self.close()

    def close(self):
        """Closes all of them; calling it twice is harmless."""
        if self._lowest is not None:
            lowest, self._lowest = self._lowest, None
            os.close(lowest)


class LinkNodes(object):
    """Context: the directories of the virtual links of a Netns. OSError if the kernel shows none: ENOSYS, EPERM."""

    def __init__(self, netns):
        self._netns = netns
        self._sysfs = None

    def __enter__(self):
        from netnsctl.edge import syscalls  # loaded where somebody looks
        with self._netns.entered():
            self._sysfs = syscalls.detached_mount('sysfs')
        return self

    def __exit__(self, *_):
        own = namespaces.own_stay()
        if own is None:
            os.close(self._sysfs)
        else:
            own[2].put(self._sysfs)

    def names(self):
        return [native(name) for name in os.listdir('/proc/self/fd/%d/%s' % (self._sysfs, _LINKS))]

    def node(self, name):
        """(number, index) of the link of that name, both of the same link whoever renames them meanwhile; None if there
        is none."""
        from netnsctl.edge.syscalls import open_at
        try:
            folder = open_at(self._sysfs, '%s/%s' % (_LINKS, name), os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return None
        try:
            descriptor = open_at(folder, 'ifindex', os.O_RDONLY)
            try:
                return os.fstat(folder).st_ino, int(os.read(descriptor, 20))
            finally:
                os.close(descriptor)
        except (OSError, ValueError):
            return None  # it went
        finally:
            os.close(folder)


def number_of(netns, name, index):
    """The number of the link of that name and index in a Netns, or None if the kernel does not tell it."""
    try:
        with LinkNodes(netns) as nodes:
            found = nodes.node(name)
    except OSError:
        return None
    return found[0] if found and found[1] == index else None


def find(netns, numbers, deadline):
    """The link in a Netns that has one of these numbers: (name, index), or None. NetnsctlError if not all could be
    looked at by the deadline (by compat.monotonic())."""
    try:
        with LinkNodes(netns) as nodes:
            for name in nodes.names():
                if monotonic() > deadline:
                    raise NetnsctlError('%s: it has too many links to examine' % netns.label)
                found = nodes.node(name)
                if found and found[0] in numbers:
                    return name, found[1]
    except OSError as error:
        raise NetnsctlError('%s: look at its links: %s' % (netns.label, error.strerror))
    return None
