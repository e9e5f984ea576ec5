"""Makes /var/run/netns one shared mount with the namespaces that are mounted in it, and none of them below that."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import open_cloexec, to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.edge.netns import NETNS_DIR
from netnsctl.edge.survey.layers import Layers

_TRIES = 3  # somebody without the lock may bind the directory at the same time


def share_with_names(host, aside):
    """As netns_dir.share(), and what others left mounted below it is mounted in it. OSError: the names lead where they
    led.

    aside: path of a directory where each namespace is mounted for the time between. At every moment each is mounted
    here or there, and its name leads to it but for the moment in which one mount gives way to another: a run that is
    killed loses none, and the next finishes it.
    """
    descriptor = netns_dir.lock()
    try:
        if not os.path.isdir(aside):
            os.mkdir(aside, 0o700)
        try:
            for _ in range(_TRIES):
                if netns_dir.is_made_shared(syscalls) and not Layers(host).hidden_names():
                    break
                _mount_anew(host, aside)
        finally:
            _give_back(aside)
    finally:
        netns_dir.unlock(descriptor)


def _mount_anew(host, aside):
    """Leaves one mount upon the directory, shared, and no namespace mounted below it."""
    if not os.path.samefile(aside, NETNS_DIR):  # a bind mount is what it was bound from
        syscalls.mount(NETNS_DIR, aside, 'none', syscalls.MS_BIND)
    syscalls.mount('', aside, 'none', syscalls.MS_PRIVATE)
    _copy(to_bytes(NETNS_DIR), to_bytes(aside))
    while len(Layers(host).of_names()) > 1:
        detach(NETNS_DIR)
        _copy(to_bytes(NETNS_DIR), to_bytes(aside))
    below = open_cloexec(NETNS_DIR, os.O_RDONLY | os.O_DIRECTORY)
    try:
        syscalls.mount(aside, NETNS_DIR, 'none', syscalls.MS_BIND | syscalls.MS_REC)
        netns_dir.is_made_shared(syscalls)
        netns_dir.clear_below(below)
    finally:
        os.close(below)


def _copy(source, target):
    """Mounts each namespace that is mounted in a directory in another too, where its name is free."""
    for name in netns_dir.names():
        here, there = source + b'/' + name, target + b'/' + name
        if netns_dir.is_mounted(here) and not netns_dir.is_mounted(there):
            syscalls.mount(here, there, 'none', syscalls.MS_BIND)


def _give_back(aside):
    if os.path.samefile(aside, NETNS_DIR):
        _copy(to_bytes(aside), to_bytes(NETNS_DIR))
        detach(aside)
    os.rmdir(aside)


def detach(path):
    """Unmounts a directory with all that is mounted in it, here alone: in a shared one that would go everywhere."""
    syscalls.mount('', path, 'none', syscalls.MS_PRIVATE)
    syscalls.umount2(path, syscalls.MNT_DETACH)
