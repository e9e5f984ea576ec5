"""On which mount /var/run/netns is, and what is mounted in it below another mount of it. proc(5), mountinfo."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import native, to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.survey import elsewhere
from netnsctl.edge.survey.mounts import MOUNTINFO_BYTES


class Layers(object):
    """The mounts of a host."""

    def __init__(self, host):
        text = host.read('/proc/self/mountinfo', MOUNTINFO_BYTES)
        self._host, self._mounts = host, elsewhere.parse(to_bytes(text or ''))

    def place(self, path):
        """A path with symlinks followed, as mountinfo names it (bytes)."""
        real = os.path.realpath(self._host.path(path))
        root = os.path.realpath(self._host.root or '/').rstrip('/')
        return to_bytes(real[len(root):] if real.startswith(root + '/') else real)

    def mount_of(self, path):
        """The mount that a path is on (.point: bytes, .has(option)), or None."""
        return elsewhere.mount_of(self._mounts, self.place(path))

    def is_mount_point(self, point):
        """Is the topmost mount of a path (bytes, as of place()) mounted right there?"""
        mount = elsewhere.mount_of(self._mounts, point)
        return mount is not None and mount.point == point

    def of_names(self):
        """The mounts of the directory, topmost first: a later one is below, if that is bound on itself."""
        return elsewhere.upon_each_other(self._mounts, self.mount_of(netns_dir.NETNS_DIR))

    def is_deleted(self):
        """Is a directory that has been deleted mounted on it? Nothing can be created in that."""
        mount = self.mount_of(netns_dir.NETNS_DIR)
        return mount is not None and mount.root.endswith(b'//deleted')

    def hidden_names(self):
        """The names on which a namespace is mounted below the topmost mount: they cannot be removed. Sorted list."""
        below = set(mount.number for mount in self.of_names()[1:])
        place, found = self.place(netns_dir.NETNS_DIR), set()
        for mount in self._mounts.values():
            if mount.parent in below and mount.is_namespace() and os.path.dirname(mount.point) == place:
                found.add(native(os.path.basename(mount.point)))
        return sorted(found)
