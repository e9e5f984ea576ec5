"""/var/run/netns: how it is mounted, and what the names in it lead to."""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import stat
import time

from netnsctl.compat import native, open_cloexec, shell_quote, to_bytes
from netnsctl.edge import child, netns, netns_dir
from netnsctl.edge.files import own_files
from netnsctl.edge.survey import elsewhere
from netnsctl.edge.survey.layers import Layers
from netnsctl.errors import FAILURES, KernelError, NetnsctlError, NotFoundError
from netnsctl.execution.state import State
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import NAME, Remediation, fail, ok, warn

FIX = 'netnsctl doctor --fix netns-dir'
SHOWN = 20
MANY = 10  # with more names, one command for each is too much to read
AGAIN_SECONDS = 0.05
UNKNOWN = 'unknown'
# Between a process's start (in ticks of 10 ms) and a symlink's time (a tick of the kernel): a process is named after it
# started, so one that started later than this is a different one.
SAME_MOMENT_SECONDS = 1.0


def quote(path):
    """A path as a word for a shell: plain, in quotes, or as bash's $'...' if a terminal must not see its bytes."""
    if re.match(r'[ -~]*\Z', path):
        return shell_quote(path)
    special = bytearray(b"'\\")
    return "$'%s'" % ''.join(chr(byte) if 32 <= byte < 127 and byte not in special else '\\%03o' % byte
                            for byte in bytearray(to_bytes(path)))


def _mount_of(host, path):
    """The mount point that a path is on."""
    mount = Layers(host).mount_of(path)
    return native(mount.point) if mount else path


@check('netns-dir', 'namespaces', required=True)
def check_netns_dir(host):
    """Names can be created in /var/run/netns, and it is on a shared mount, so that every mount namespace sees them."""
    place = host.path(netns.NETNS_DIR)
    is_there = os.path.lexists(place)
    if is_there and not os.path.isdir(place):
        return fail('%s is not a directory' % netns.NETNS_DIR, [('mode', '%o' % os.lstat(place).st_mode)],
                    Remediation('No name can be created while it is in the way. Move it.',
                                [FIX]))
    trouble = _why_nothing_can_be_named(host, place, is_there) if os.geteuid() == 0 else None
    if trouble:
        return trouble
    if not is_there:
        return ok('%s does not exist yet: no namespace has a name' % netns.NETNS_DIR)
    if netns_dir.is_open_to_others(place):
        return fail('users other than root can write to %s and name their own namespaces there' % netns.NETNS_DIR,
                    [('mode', '%o' % os.stat(place).st_mode)],
                    Remediation('netnsctl wires no namespace by name until that is fixed. First see whose names are '
                                'there.', ['chmod go-w %s' % netns.NETNS_DIR]))
    return _judge_mounts(host, Layers(host))


def _judge_mounts(host, layers):
    """The Finding on how the directory is mounted."""
    mount = layers.mount_of(netns.NETNS_DIR)
    if not mount:
        return warn('could not find out how %s is mounted' % netns.NETNS_DIR,
                    [('/proc/self/mountinfo', 'not readable')])
    names, hidden, is_shared = host.listdir(netns.NETNS_DIR), layers.hidden_names(), mount.has(b'shared:')
    evidence = [('names', len(names)), ('it is on the mount', native(mount.point)),
                ('propagation', 'shared' if is_shared else 'not shared')]
    fix = [FIX]
    if layers.is_deleted():
        return fail('no name can be created in %s: a deleted directory is mounted on it' % netns.NETNS_DIR,
                    evidence + [('mounted there', native(mount.root))],
                    Remediation('Unmount it: what it hides returns.', fix))
    if os.path.isdir(names_aside(host)) and not State(host).is_locked():  # else it may be at it
        return warn('a run that made %s a shared mount was interrupted: names in it cannot be removed, or lead to no '
                    'namespace' % netns.NETNS_DIR, evidence + [('they are mounted on', names_aside(host))],
                    Remediation('Finish it.', fix))
    if hidden:
        return warn('%d of %d names in %s cannot be removed: their namespaces are also mounted below the directory\'s '
                    'own mount' % (len(hidden), len(names), netns.NETNS_DIR),
                    evidence + [('mounted below', ', '.join(hidden[:SHOWN]))],
                    Remediation('The directory was bound on itself when it had names, which `ip netns add` does too. '
                                'Leave each mounted once.', fix))
    if is_shared:
        return ok('%s is on a shared mount' % netns.NETNS_DIR, evidence)
    if not names:
        # `ip netns add` and netnsctl share it before the first name.
        return ok('%s is empty; the first name makes it a shared mount' % netns.NETNS_DIR, evidence)
    # Bound on itself by hand, its names would be mounted below as well.
    return warn('%s is not a shared mount: other mount namespaces do not see its names, and keep those that are deleted'
                % netns.NETNS_DIR, evidence, Remediation('Make it a shared mount, as `ip netns add` does.', fix))


def names_aside(host):
    """Where `--fix netns-dir` mounts the namespaces of names while it makes the directory a shared mount."""
    return State(host).path('names-on-their-way')


def _why_nothing_can_be_named(host, place, is_there):
    """The Finding that root cannot create names in the directory, or the directory itself; None if nothing prevents
    it."""
    place = place if is_there else os.path.dirname(place)
    why = own_files.why_not_writable(place, needs_space=False)
    if why:
        where = _mount_of(host, netns.NETNS_DIR if is_there else os.path.dirname(netns.NETNS_DIR))
        mend = Remediation('No name can be created there. Remount it, or the file system that it is on, read-write.',
                           ['mount -o remount,rw %s' % quote(where)])
        if why == os.strerror(errno.ENOSPC):
            mend = Remediation('No name can be created there. Remove files from that file system, which has no inodes '
                               'left: `df -i %s` shows it.' % where)
        return fail('%s cannot be %s: %s' % (netns.NETNS_DIR, 'written to' if is_there else 'created', why),
                    [('it is on the mount', where)], mend)
    why = netns_dir.why_no_mounts()
    if why:
        return fail('no name can be created in %s: mounts cannot be changed here: %s' % (netns.NETNS_DIR, why), [],
                    Remediation('A name is a mount. In a user namespace that requires a mount namespace of its own.',
                                ['unshare --mount netnsctl doctor netns-dir']))
    return None


def look_at(host, name):
    """What is wrong with a name: None (it leads to a namespace), UNKNOWN (not permitted to look), or words."""
    path = host.path('%s/%s' % (netns.NETNS_DIR, name))
    try:
        mode = os.lstat(path).st_mode
        descriptor = open_cloexec(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return _explain_unopened(path, error)
    try:
        opened = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    # A symlink itself is never the namespace, so its own type means nothing.
    kind = 'a directory' if stat.S_ISDIR(opened.st_mode) else 'a file'
    what = ('a symlink to %s, which is not a namespace' if stat.S_ISLNK(mode) else '%s, not a namespace') % kind
    try:
        netns.open_path(path, name).close()
    except NotFoundError:
        return what
    except KernelError as error:
        if error.errno != errno.EPERM:
            raise
        if stat.S_ISDIR(opened.st_mode):
            return what  # whoever may enter it: a namespace is a file
        # Without setns(2): every namespace is on the same filesystem (nsfs, Linux 3.19; proc before).
        return None if _is_like_own(opened) else 'a file, not a namespace' if stat.S_ISREG(opened.st_mode) else UNKNOWN
    return None


def _is_like_own(opened):
    try:
        return os.stat('/proc/self/ns/net').st_dev == opened.st_dev
    except OSError:
        return False


def _explain_unopened(path, error):
    if error.errno in (errno.EACCES, errno.EPERM):
        return UNKNOWN
    target = os.readlink(path) if os.path.islink(path) else None
    if target is None:
        # ENOENT: it was deleted since it was listed.
        return None if error.errno == errno.ENOENT else 'cannot be opened: %s' % error.strerror
    found = re.match(r'/proc/(\d+)/', target)
    return 'a symlink to %s, which is gone' % ('process %s' % found.group(1) if found else target)


def _removal(host, name, layers):
    """The command that takes a stale name away and touches nothing that it leads to."""
    path = '%s/%s' % (netns.NETNS_DIR, name)
    word = quote(path)
    if layers.is_mount_point(layers.place(netns.NETNS_DIR) + b'/' + to_bytes(name)):
        return 'umount %s && rm %s' % (word, word)
    is_folder = os.path.isdir(host.path(path)) and not os.path.islink(host.path(path))
    return '%s %s' % ('rmdir' if is_folder else 'rm', word)


def find_removable(host, names=None):
    """Names that lead to no namespace and that nobody can miss, of these or of all: list."""
    stale = _look_twice(host, host.listdir(netns.NETNS_DIR) if names is None else names)[0]
    return [name for name, _ in _split(host, stale)[0]]


def _split(host, stale):
    """Stale names as _look_twice() gives them: (those that nobody can miss, those that may be somebody's).
    NetnsctlError if that cannot be told."""
    removable, kept, mounts = [], [], None
    for name, seen in stale:
        path = host.path('%s/%s' % (netns.NETNS_DIR, name))
        try:
            is_removable, why = netns_dir.is_removable(path), None
            if is_removable:
                mounts = mounts or elsewhere.look(host.path(netns.NETNS_DIR))
                why = mounts.why_kept(path)
        except OSError as error:
            if error.errno in FAILURES:
                raise NetnsctlError('see who uses the name %s: %s' % (name, error.strerror))
            continue  # gone meanwhile
        if why:
            kept.append((name, '%s, but %s' % (seen if os.path.islink(path) else 'an empty file', why)))
        else:
            (removable if is_removable else kept).append((name, seen))
    return removable, kept


def _look_twice(host, names):
    """(names that lead to no namespace: list of (name, what it is in words); names that may not be looked at).

    Each is looked at twice: one that is being made is a plain file until its mount, one that is being deleted after it.
    """
    looks = [(name, look_at(host, name)) for name in names]
    suspects = [name for name, seen in looks if seen not in (None, UNKNOWN)]
    if suspects:
        time.sleep(AGAIN_SECONDS)
    again = [(name, look_at(host, name)) for name in suspects]
    return ([(name, seen) for name, seen in again if seen not in (None, UNKNOWN)],
            [name for name, seen in looks + again if seen == UNKNOWN])


def find_reused(host, names=None):
    """Names whose process is gone and whose PID belongs to another by now, of these or of all: list of (name, what in
    words).

    Judged by the clock alone, so only for a person to decide: if the clock was set forward since, a process seems to
    have started later than it did.
    """
    found, booted = [], None
    for name in host.listdir(netns.NETNS_DIR) if names is None else names:
        path = host.path('%s/%s' % (netns.NETNS_DIR, name))
        try:
            match = re.match(r'/proc/([1-9][0-9]*)/(task/[0-9]+/)?ns/net\Z', os.readlink(path))
            made = os.lstat(path).st_ctime
        except OSError:
            continue
        start = netns.start_time(int(match.group(1))) if match else None
        if start is None:
            continue
        if booted is None:
            booted = _boot_time()
        later = booted + start / _ticks() - made
        if later > SAME_MOMENT_SECONDS:
            pid = match.group(1)
            # proc(5): PID (COMM) STATE ...
            command = (host.read('/proc/%s/stat' % pid) or '').partition('(')[2].rpartition(')')[0]
            found.append((name, 'a symlink to process %s%s, which started %s after the symlink was made'
                          % (pid, ' (%s)' % command if command else '', _duration(later))))
    return found


def _ticks():
    return float(os.sysconf('SC_CLK_TCK'))


def _boot_time():
    """Seconds since the epoch at which the kernel's count of ticks began.

    Measured on a child that starts now, not read from /proc/uptime or btime: lxcfs gives a container its own values.
    """
    now = time.time()
    return now - int(child.run(lambda tell: tell('%d' % netns.start_time(os.getpid())), 5.0,
                               'look at a process that starts now')) / _ticks()


def _duration(seconds):
    for name, size in (('day', 86400), ('hour', 3600), ('minute', 60)):
        if seconds >= 2 * size:
            return '%d %ss' % (seconds // size, name)
    return '%d s' % seconds


@check('netns-names', 'namespaces')
def check_netns_names(host):
    """Every name in /var/run/netns leads to the namespace that it was made for."""
    names = host.listdir(netns.NETNS_DIR)
    stale, unknown = _look_twice(host, names)
    removable, kept = _split(host, stale)
    stale = sorted(removable + kept)
    gone = dict(stale)
    reused = find_reused(host, [name for name in names if name not in gone])
    evidence = [('names', len(names))] + (stale + reused)[:SHOWN]
    if unknown:
        evidence.append(('not permitted to look at', ', '.join(unknown[:SHOWN])))
    if stale or reused:
        return warn('; '.join(_count(*row) for row in (
            (stale, len(names), 'lead to no namespace'),
            (reused, len(names), 'lead to a process that has the PID of the one they were made for')) if row[0]),
            evidence, _remove_names(host, removable, reused, kept)).about(NAME, [name for name, _ in stale + reused])
    if unknown:
        return warn('%d of %d names cannot be examined without root' % (len(unknown), len(names)), evidence,
                    Remediation('Run netnsctl as root to examine them.', ['sudo netnsctl doctor netns-names']))
    if not names:
        return ok('no names')
    return ok('%d name%s, each of a namespace' % (len(names), 's' if len(names) > 1 else ''), evidence)


def _count(found, total, what):
    return '%d of %d names %s: %s' % (len(found), total, what, _some(found))


def _some(found):
    return ', '.join(name for name, _ in found[:3]) + (', ...' if len(found) > 3 else '')


def _remove_names(host, stale, reused, kept):
    prose = []
    if reused and not elsewhere.sees_all_processes():
        reused, kept = [], kept + reused  # they may be names of processes outside this PID namespace
    if stale or reused:
        prose.append('Stale names affect only those who use them. Remove them.')
    if reused:
        prose.append('First check which process has the PID now: if the clock was set forward after the name was '
                     'created, it may still be the intended one.')
    if kept:
        prose.append('Look at %s yourself before you remove %s: somebody may have a use for it.'
                     % (_some(kept), 'one of them' if len(kept) > 1 else 'it'))
    layers = Layers(host)
    commands = [_removal(host, name, layers) for name, _ in reused]
    if len(stale) > MANY:
        return Remediation(' '.join(prose), ['netnsctl doctor --fix netns-names'] + commands)
    return Remediation(' '.join(prose), [_removal(host, name, layers) for name, _ in stale] + commands)
