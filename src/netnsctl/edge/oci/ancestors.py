"""Who started a hook: the processes above it, up to the container's monitor.

conmon, the monitor of podman's and CRI-O's containers, knows the container's name, which the runtime's state lacks.
What it was started with only root can have said, if it is root's.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import to_bytes
from netnsctl.edge.runtimes import processes

_LEVELS = 6  # hook, a shell, the runtime and its helpers, conmon
_CONMON = {'-c': 'cid', '--cid': 'cid', '-n': 'name', '--name': 'name', '--exit-command': 'exit'}


class Monitor(object):
    """name: of the container, or None. is_podman: does podman clean up after it?"""
    __slots__ = ('name', 'is_podman')

    def __init__(self, name, is_podman):
        self.name, self.is_podman = name, is_podman


def monitor_of(host, identity, pid=None):
    """The Monitor above a process (None: this one), if it is root's conmon of the container of that ID; else None."""
    for above in _above(host, pid or os.getpid()):
        if processes.program_of(host, above) == 'conmon' and processes.owner_of(host, above) == 0:
            said = _options_of(processes.words_of(host, above))
            if said.get('cid') == identity:
                program = os.path.basename(said.get('exit') or '')
                return Monitor(said.get('name') or None, program in ('podman', 'podman-remote'))
    return None


def _options_of(words):
    """Of conmon's words those that matter; the first of each, for what follows belongs to the runtime and to podman."""
    found = {}
    for word, value in zip(words[1:], words[2:]):
        if word in _CONMON:
            found.setdefault(_CONMON[word], value)
    return found


def _above(host, pid):
    for _ in range(_LEVELS):
        pid = processes.parent_of(host, pid)
        if not pid or pid == 1:
            return
        yield pid


def crun_above(host, pid=None):
    """(PID, path of its log in JSON) of the crun that runs this hook; None if there is none. crun shows nothing of what
    a hook prints."""
    for above in _above(host, pid or os.getpid()):
        words = processes.words_of(host, above)
        # It runs a copy of itself, which has no name.
        if os.path.basename(words[0]) == 'crun':
            logs = [word[len('--log='):] for word in words if word.startswith('--log=')]
            logs += [after for word, after in zip(words, words[1:]) if word == '--log']
            return (above, logs[0]) if logs and '--log-format=json' in words else None
    return None


def append(path, text, is_kind):
    """Appends text to a file or a pipe that is there, without waiting. is_kind: stat.S_ISREG or S_ISFIFO; nothing else
    is written to. Never raises: what it says is said elsewhere too."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            if is_kind(os.fstat(descriptor).st_mode):
                os.write(descriptor, to_bytes(text))
        finally:
            os.close(descriptor)
    except OSError:
        pass
