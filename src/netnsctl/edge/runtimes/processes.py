"""Whose a process is, by what the kernel says of it under /proc: its owner, its parent, its words, its cgroups.

A runtime's answer is a claim. What is read here cannot be forged by anybody without power over the process.
"""
from __future__ import absolute_import, division, print_function

import os
import re


def parent_of(host, pid):
    """The PID of a process's parent, or None if there is no such process."""
    # proc(5): PID (COMM) STATE PPID ...; COMM may hold blanks and brackets.
    fields = (host.read('/proc/%d/stat' % pid) or '').rpartition(')')[2].split()
    return int(fields[1]) if re.match('[0-9]{1,9}$', ''.join(fields[1:2])) else None


def owner_of(host, pid):
    """The user ID that a process has in all four places (real, effective, saved, file system), else None."""
    return owner_in(host.read('/proc/%d/status' % pid))


def owner_in(text):
    """The same of the text of such a file, or None."""
    found = re.search(r'(?m)^Uid:\s+([0-9]+)\s+\1\s+\1\s+\1\s*$', text or '')
    return int(found.group(1)) if found else None


def words_of(host, pid):
    """The words that a process was started with, or its title: list, empty if there is no such process."""
    return words_in(host.read('/proc/%d/cmdline' % pid))


def words_in(text):
    """The words in the text of such a file, or of environ, or None: list."""
    return (text or '').rstrip('\0').split('\0')


def program_of(host, pid):
    """The name of the file that a process runs, whatever its argv[0] says; None if there is no such process."""
    try:
        path = os.readlink(host.path('/proc/%d/exe' % pid))
    except OSError:
        return None
    return os.path.basename(path[:-len(' (deleted)')] if path.endswith(' (deleted)') else path)


def cgroups_of(host, pid):
    """The cgroup of a process in each hierarchy: list of paths."""
    # cgroups(7): ID:CONTROLLERS:PATH
    return [line.split(':', 2)[2] for line in (host.read('/proc/%d/cgroup' % pid) or '').splitlines()
            if line.count(':') > 1]


def children_of(host, pid):
    """The PIDs of a process's children."""
    text = host.read('/proc/%d/task/%d/children' % (pid, pid))  # since Linux 3.5, with CONFIG_PROC_CHILDREN
    if text:
        return [int(word) for word in text.split() if re.match('[0-9]{1,9}$', word)]
    return [int(entry) for entry in host.listdir('/proc')
            if re.match('[0-9]{1,9}$', entry) and parent_of(host, int(entry)) == pid]


def pid_namespace(host, pid):
    """What names the PID namespace of a process (a number, or 'self'): text; None before Linux 3.8."""
    try:
        return os.readlink(host.path('/proc/%s/ns/pid' % pid))
    except OSError:
        return None


def is_of_the_host(host, pid):
    """Is it root's, in our own PID namespace, so no process of a container?"""
    return owner_of(host, pid) == 0 and is_in_our_namespace(host, pid)


def is_in_our_namespace(host, pid):
    """Is it in the PID namespace of this process?"""
    return pid_namespace(host, pid) == pid_namespace(host, 'self')
