"""`link ... netns NAME` for an `ip` that takes a PID there: a process in the namespace lends its own."""
from __future__ import absolute_import, division, print_function

import os
import time

from netnsctl.compat import default_signals, set_inheritable, to_bytes
from netnsctl.edge import netns_dir, syscalls

SIGCHLD = 17
# The word after one of these is a name, even if it is "netns".
_NAMING = (b'dev', b'name', b'alias', b'link')


class Lenders(object):
    """Processes that each stay in one namespace and do nothing else. A PID stays theirs as long as close() is not
    called: one that is ended by somebody else stays a zombie, whose PID leads nowhere.

    through_exec: they also stay while this process is another program, and end with it.
    """

    def __init__(self, through_exec=False):
        # If the caller ignores it, the kernel keeps no zombies.
        default_signals(SIGCHLD)
        self._through_exec = through_exec
        self._found = {}  # (device, inode) of a namespace -> (PID, a descriptor: the process ends when all are closed)

    def __len__(self):
        return len(self._found)

    def close(self):
        """Ends them, and waits for that."""
        for _, descriptor in self._found.values():
            os.close(descriptor)
        for pid, _ in self._found.values():
            os.waitpid(pid, 0)
        self._found = {}

    def with_pids(self, words):
        """The words (bytes) of a link line with a PID in the place of each namespace: a list. What is not a namespace's
        name stays as it is, for the host's own ip to refuse. OSError."""
        found = list(words)
        for at in range(2, len(words)):
            if words[at - 1] != b'netns' or words[at - 2] in _NAMING:
                continue
            namespace = _open(words[at])
            if namespace is not None:
                try:
                    found[at] = to_bytes('%d' % self._pid_in(namespace))
                finally:
                    os.close(namespace)
        return found

    def _pid_in(self, namespace):
        status = os.fstat(namespace)
        key = status.st_dev, status.st_ino
        if key not in self._found:
            self._found[key] = _lend(namespace)
            if self._through_exec:
                set_inheritable(self._found[key][1])
        return self._found[key][0]


def _open(name):
    """A descriptor of the namespace of that name or path; None if it is none, or a PID's (a name comes first, as in
    iproute2's netns_get_fd())."""
    try:
        if b'/' not in name:
            return netns_dir.open_name(name, time.time() + netns_dir.RACE_SECONDS)[0]
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    if not netns_dir.is_namespace(os.fstat(descriptor)):
        os.close(descriptor)
        return None
    return descriptor


def _lend(namespace):
    """A process that sits in a namespace: (its PID, a descriptor that keeps it there as long as it is open)."""
    ending, keep = os.pipe()
    ready, told = os.pipe()
    child = os.fork()
    if not child:
        try:
            # A reader of ip's output must not wait for this process.
            for descriptor in (0, 1, 2, keep, ready):
                try:
                    os.close(descriptor)
                except OSError:
                    pass
            syscalls.setns(namespace)
            os.write(told, b'.')
            os.close(told)
            os.read(ending, 1)
        finally:
            os._exit(0)
    os.close(ending)
    os.close(told)
    os.read(ready, 1)  # empty if it could not enter: it is a zombie then
    os.close(ready)
    return child, keep
