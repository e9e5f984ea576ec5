"""Where a run can be hit: its system calls, found by tracing one good run, and the faults that are put there."""

from __future__ import absolute_import, division, print_function

import os
import re
import tempfile

from support import process

# What changes something outside the process, or may end or hold it: it is killed, or signalled, before each of them.
# SIGKILL at its entry keeps a system call from being made, so before the next one is after this one.
CHANGES = ('sendto', 'sendmsg', 'connect', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'rmdir', 'mkdir',
           'symlink', 'link', 'mount', 'umount2', 'unshare', 'setns', 'fsync', 'fchmod', 'chmod', 'ftruncate', 'flock',
           'vfork', 'fork', 'clone', 'clone3', 'wait4', 'exit_group')
# What is tried in place of an answer.
ERRORS = {
    'sendto': ('ENOBUFS', 'EPERM'), 'recvfrom': ('ENOBUFS', 'EAGAIN'), 'socket': ('EMFILE', 'EACCES'),
    'bind': ('ENOMEM',), 'setns': ('EPERM', 'ENOMEM'), 'unshare': ('ENOSPC', 'EPERM'), 'mount': ('ENOSPC', 'EPERM'),
    'umount2': ('EBUSY',), 'rename': ('EIO', 'ENOSPC'), 'mkdir': ('ENOSPC', 'EROFS'), 'rmdir': ('EBUSY',),
    'unlink': ('EIO',), 'symlink': ('ENOSPC',), 'link': ('EMLINK',), 'fsync': ('EIO', 'ENOSPC'),
    'write': ('ENOSPC', 'EIO'), 'fchmod': ('EPERM',), 'flock': ('ENOLCK', 'EINTR'), 'vfork': ('EAGAIN',),
    'fork': ('EAGAIN',), 'clone': ('EAGAIN',), 'clone3': ('EAGAIN',), 'pipe2': ('EMFILE',), 'pipe': ('EMFILE',),
    'getdents64': ('EIO',), 'getdents': ('EIO',), 'connect': ('ECONNREFUSED',), 'openat': ('EMFILE', 'EIO'),
    'open': ('EMFILE', 'EIO'),
}
TRACED = ','.join('?' + name for name in sorted(set(CHANGES) | set(ERRORS)))
# The files that a run is about; all else that is opened are Python's own.
_PLACES = ('/run', '/var/run', '/proc', '/sys/class', '/etc/sysconfig', '/etc/netns', '/etc/netnsctl', '/etc/yum',
           '/etc/pki', '/usr/local/sbin', '/var/lib/netnsctl')
_BY_FILE = ('openat', 'open', 'getdents64', 'getdents', 'write', 'fchmod', 'fsync')
_READS = ('openat', 'open', 'getdents64', 'getdents')
_LINE = re.compile(r'(?:[0-9]+ +)?([a-z0-9_]+)\((.*)')
# Of an `ip` of iproute2, which netnsctl starts: it sends and receives by these, netnsctl by others.
HELPER_CALLS = {'sendmsg': ('signal=KILL', 'error=ENOBUFS'), 'recvmsg': ('signal=KILL', 'error=ENOBUFS')}


def trace(ground, words, feed=b''):
    """The traced system calls of one run of the program: list of (name, arguments as strace prints them)."""
    handle, log = tempfile.mkstemp(dir=ground.scratch)
    os.close(handle)
    try:
        result = ground.run(['strace', '-qq', '-y', '-s', '200', '-o', log[len(ground.root):], '-e', 'trace=' + TRACED],
                            words, feed)
        if result.status != 0:
            raise AssertionError('%s: a run without any fault fails: %r' % (' '.join(words), result))
        with open(log, 'rb') as source:
            rows = [_LINE.match(process.native(line)) for line in source]
        return [row.groups() for row in rows if row]
    finally:
        os.unlink(log)


def discover(ground, words, feed=b''):
    """The faults that fit one good run: list of {kind, syscall, nth, what, text}, in the order of the run."""
    counts, found = {}, []
    signals, errors, last, seen = 0, {}, None, {}
    rows = trace(ground, words, feed)
    # Where nothing is started, strace can follow all, and so leave alone (and fast) what it does not look for.
    alone = not any(name in ('vfork', 'fork', 'clone', 'clone3') for name, _ in rows)
    for name, text in rows:
        nth = counts[name] = counts.get(name, 0) + 1
        if name in _BY_FILE and not _is_ours(name, text) or name == 'wait4' and last == 'wait4':
            continue
        last = name
        point = {'syscall': name, 'nth': nth, 'alone': alone, 'text': re.sub(r'\s+', ' ', text)[:110]}
        if name in CHANGES or name in ('openat', 'open') and 'O_CREAT' in text:
            found.append(dict(point, kind='kill', what='signal=KILL'))
            signals += 1
            if signals % 2:  # at every other point, each of them in turn: what comes of them is the same code's
                found.append(dict(point, kind='signal', what='signal=' + ('TERM', 'INT', 'HUP')[signals // 2 % 3]))
        if name in _READS:
            place = (name, re.sub('[0-9]+', '', text))
            seen[place] = seen.get(place, 0) + 1
            if seen[place] > 2:
                continue  # what is read again and again, read once more
        if name in _READS and '/run/netnsctl/repo' in text:
            continue  # scratch, which the next run clears where this one cannot
        if name in ERRORS:
            errors[name] = errors.get(name, 0) + 1
            found.append(dict(point, kind='error', what='error=' + ERRORS[name][errors[name] % len(ERRORS[name])]))
    return found


def discover_helpers(ground, words, feed=b''):
    """The same for the `ip` processes that the program starts: each of their messages is lost, or they die at it."""
    found = []
    for name in sorted(HELPER_CALLS):
        most = len([row for row in trace_helpers(ground, words, feed, name)])
        for nth in range(1, most + 1):
            for what in HELPER_CALLS[name]:
                found.append({'kind': 'helper', 'syscall': name, 'nth': nth, 'what': what, 'text': 'of ip'})
    return found


def trace_helpers(ground, words, feed, name):
    """The calls of that name by the process that makes most of them."""
    handle, log = tempfile.mkstemp(dir=ground.scratch)
    os.close(handle)
    try:
        ground.run(['strace', '-f', '-qq', '-o', log, '-e', 'trace=' + name], words, feed)
        by_pid = {}
        with open(log, 'rb') as source:
            for line in source:
                match = re.match(br'([0-9]+) +' + name.encode() + br'\(', line)
                if match:
                    by_pid.setdefault(match.group(1), []).append(line)
        return max(by_pid.values(), key=len) if by_pid else []
    finally:
        os.unlink(log)


def _is_ours(name, text):
    if name == 'write':
        return not re.match(r'[012]<', text)
    if name in ('openat', 'open'):
        path = re.search(r'"([^"]*)"', text)
        return path is not None and path.group(1).startswith(_PLACES) and '= -1' not in text
    path = re.search(r'<([^>]*)>', text)
    if name.startswith('getdents') and text.endswith('= 0'):
        return False  # the end of a folder is read as its names are
    return path is not None and path.group(1).startswith(_PLACES)


def limits(keeps_files):
    """Too little of something: descriptors, file size, memory; room and inodes of the state, and of what holds the
    files of the config tree where the run writes to it. (root is free of RLIMIT_NPROC, and fs.mount-max is the whole
    machine's: a clone and a mount that fail are among ERRORS.)"""
    found = []
    memory = [megabytes << 20 for megabytes in range(16, 121, 13)]
    for option, values in (('nofile', range(4, 17)), ('fsize', (0, 300)), ('as', memory)):
        for value in values:
            word = '%s=%d' % (option, value)
            found.append({'kind': 'limit', 'what': word, 'prefix': ['prlimit', '--' + word]})
    for folder in ['/run/netnsctl'] + (['/mnt'] if keeps_files else []):
        for what, values in (('inodes', (0, 1, 2, 3)), ('pages', (1, 2, 3))):
            found += [{'kind': 'limit', 'what': '%d %s left in %s' % (value, what, folder), 'prefix': [],
                       'before': _TIGHT[what] % {'folder': folder, 'value': value},
                       'after': 'mount -o remount,nr_inodes=100000,size=256m %s' % folder} for value in values]
    return found


# What is used now, and so many more.
_TIGHT = {
    'inodes': 'mount -o remount,nr_inodes=$(( $(stat -f -c "%%c - %%d" %(folder)s) + %(value)d )) %(folder)s',
    'pages': 'mount -o remount,size=$(( ($(stat -f -c "%%b - %%f" %(folder)s) + %(value)d) * 4096 )) %(folder)s',
}

# An `ip` that is the real one but at one of its calls.
_LIAR = """#!/bin/sh
echo x >>%(log)s
[ "$(wc -l <%(log)s)" -eq %(nth)d ] || exec /usr/sbin/ip "$@"
%(what)s
"""
LIES = (('fails', 'echo Nonsense >&2; exit 1'), ('does it and says that it failed', '/usr/sbin/ip "$@"; exit 2'),
        ('does it and dies', '/usr/sbin/ip "$@"; kill -9 $$'), ('says that it did it', 'exit 0'),
        ('talks nonsense', "printf '\\033[31m\\377[{' ; exit 0"), ('never answers', 'exec sleep 1000'))


def helpers(ground, words, feed=b''):
    """An `ip` that lies, fails or hangs at each of its calls in a good run."""
    log = ground.scratch + '/calls'
    ground.helper_folder(_LIAR % {'log': log, 'nth': 0, 'what': ''})
    try:
        ground.run([], words, feed)
        with open(log) as source:
            most = len(source.readlines())
    finally:
        os.unlink(log)
        ground.helper_folder('')
    return [{'kind': 'helper', 'what': 'call %d of ip %s' % (nth, name), 'prefix': [],
             'helper': _LIAR % {'log': log, 'nth': nth, 'what': text}, 'log': log}
            for nth in range(1, most + 1) for name, text in LIES]


RACES = [{'kind': 'race', 'what': 'eight at once', 'there': 8, 'back': 0},
         {'kind': 'race', 'what': 'five there and five back at once', 'there': 5, 'back': 5}]


def words_of(fault):
    """The words before netnsctl that put a fault in place: strace, which hits netnsctl itself or the helpers that it
    starts, or a limit."""
    if 'prefix' in fault:
        return [str(word) for word in fault['prefix']]  # JSON gives Python 2 unicode, which no program is named by
    words = ['strace', '-qq', '-o', '/dev/null']
    if fault['kind'] == 'helper':
        words.append('-f')
    elif fault['kind'] == 'error' and fault['alone']:  # with a filter strace sends no signals
        words += ['-f', '--seccomp-bpf']
    return words + ['-e', 'trace=' + fault['syscall'], '-e', 'inject=%s:%s:when=%d' % (
        fault['syscall'], fault['what'], fault['nth'])]


def name_of(fault):
    """A fault in one line."""
    if 'syscall' not in fault:
        return '%s: %s' % (fault['kind'], fault['what'])
    return '%s %s at %s #%d(%s' % (fault['kind'], fault['what'], fault['syscall'], fault['nth'], fault['text'])
