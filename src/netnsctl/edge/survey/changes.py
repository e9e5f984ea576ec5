"""Notices that something on the host changes: by rtnetlink's groups, and by inotify where names and wires are kept.

One socket hears of every namespace that it is told of, without keeping any of them alive or numbering them for the
host: it is in a namespace of its own, which has numbers for them (Linux 4.2). Where there can be none, the socket is
in the host's namespace, and hears of those that the host has a number for.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import socket
from contextlib import closing

from netnsctl.compat import PY3, monotonic, set_cloexec, uninterrupted
from netnsctl.edge import netns, syscalls
from netnsctl.edge.events import folders
from netnsctl.edge.netlink import nsid
from netnsctl.errors import KernelError, NetnsctlError

# linux/rtnetlink.h: RTMGRP_LINK, _TC, _IPV4_IFADDR, _IPV4_ROUTE, _IPV6_IFADDR, _IPV6_ROUTE
GROUPS = 0x1 | 0x8 | 0x10 | 0x40 | 0x100 | 0x400
SOL_NETLINK, NETLINK_LISTEN_ALL_NSID = 270, 8
READS = 1000  # at once: a container may make changes without end


def _listening(is_for_all=False):
    """A socket in the namespace of the calling thread. KernelError, also where it hears of no other and is_for_all."""
    try:
        made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    except (OSError, socket.error) as error:
        raise KernelError('open a netlink socket: %s' % os.strerror(error.errno), error.errno)
    if not PY3:
        set_cloexec(made.fileno())
    made.setblocking(False)
    try:
        made.bind((0, GROUPS))
    except (OSError, socket.error) as error:
        made.close()
        raise KernelError('listen to rtnetlink: %s' % os.strerror(error.errno), error.errno)
    try:
        made.setsockopt(SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)
    except (OSError, socket.error) as error:
        if is_for_all:  # before Linux 4.2
            made.close()
            raise KernelError('listen to other namespaces: %s' % os.strerror(error.errno), error.errno)
    return made


class Changes(object):
    """directories: paths whose entries are of interest too. KernelError if there can be no socket."""

    def __init__(self, directories):
        self._watches, self._socket, self._numbers = [], None, None
        try:
            with closing(netns.open_host()) as host:
                with host.entered():  # which leads back from the new one too
                    syscalls.unshare(syscalls.CLONE_NEWNET)
                    self._socket = _listening(is_for_all=True)
                    self._numbers = nsid.Nsids()
                self._numbers.assign(host.fd, nsid.UNASSIGNED)
        except (NetnsctlError, EnvironmentError, nsid.NsidError):
            for opened in (self._socket, self._numbers):
                if opened is not None:
                    opened.close()
            self._numbers = None
            self._socket = _listening()
        for directory in directories:
            try:
                self._watches.append(folders.FolderWatch(directory))
            except OSError:
                pass  # no inotify, or no more of it for this user

    def listen_to(self, opened):
        """Hears from now on of changes in an open Netns too, where that is possible."""
        try:
            if self._numbers is not None:
                self._numbers.assign(opened.fd, nsid.UNASSIGNED)
        except (nsid.NsidError, EnvironmentError):
            pass  # it has one, or is gone

    def wait(self, seconds):
        """Waits until there is a change, so long at most: has there been one?"""
        deadline = monotonic() + seconds
        while True:
            poll = select.poll()
            for one in [self._socket] + self._watches:
                poll.register(one.fileno(), select.POLLIN)
            ready = uninterrupted(poll.poll, max(0, int((deadline - monotonic()) * 1000) + 1))
            if self._read(set(descriptor for descriptor, _ in ready)):
                return True
            if monotonic() >= deadline:
                return False

    def _read(self, ready):
        """Reads what is there: is any of it of interest?"""
        found = False
        if self._socket.fileno() in ready:
            found = True
            for _ in range(READS):
                try:
                    self._socket.recv(65536)
                except (OSError, socket.error) as error:
                    if error.errno not in (errno.ENOBUFS, errno.EINTR):  # too many to tell of is a change as well
                        break
        for watch in list(self._watches):
            if watch.fileno() in ready:
                try:
                    found = watch.read() or found
                except OSError:
                    self._watches.remove(watch)
                    found = True
        return found

    def close(self):
        """Lets go of all of it."""
        self._socket.close()
        if self._numbers is not None:
            self._numbers.close()
        for watch in self._watches:
            watch.close()
