"""/var/run/netns: how it is mounted, and what the names in it lead to."""
from __future__ import absolute_import, division, print_function

import errno
import os
import re
import stat
import time

from netnsctl.compat import open_cloexec, shell_quote, to_bytes
from netnsctl.edge import netns
from netnsctl.errors import KernelError, NotFoundError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

SHOWN = 20
AGAIN_SECONDS = 0.05
UNKNOWN = 'unknown'


def quote(path):
    """A path as a word for a shell: plain, in quotes, or, where a terminal must not see its bytes, as bash's $'...'."""
    if re.match(r'[ -~]*\Z', path):
        return shell_quote(path)
    special = bytearray(b"'\\")
    return "$'%s'" % ''.join(chr(byte) if 32 <= byte < 127 and byte not in special else '\\%03o' % byte
                            for byte in bytearray(to_bytes(path)))


def read_mounts(host):
    """[(mount point, filesystem type, shared or not)], in the order of mounting; None if it cannot be read.

    proc(5), /proc/PID/mountinfo.
    """
    text = host.read('/proc/self/mountinfo')
    if text is None:
        return None
    found = []
    for line in text.splitlines():
        fields = line.split(' ')
        if '-' not in fields[6:]:
            continue
        end = fields.index('-', 6)
        point = re.sub(r'\\([0-7]{3})', lambda octal: chr(int(octal.group(1), 8)), fields[4])
        found.append((point, fields[end + 1], any(field.startswith('shared:') for field in fields[6:end])))
    return found


def _holding_mount(mounts, path):
    """The mount that a path is on: the longest mount point above it; of several there, the topmost."""
    best = None
    for mount in mounts:
        if (path + '/').startswith(mount[0].rstrip('/') + '/') and (best is None or len(mount[0]) >= len(best[0])):
            best = mount
    return best


def _real_place(host):
    """/var/run/netns with symlinks followed, as mountinfo names it."""
    real = os.path.realpath(host.path(netns.NETNS_DIR))
    root = os.path.realpath(host.root or '/').rstrip('/')
    return real[len(root):] if real.startswith(root + '/') else real


@check('netns-dir', 'namespaces')
def check_netns_dir(host):
    """/var/run/netns is on a shared mount, so that every mount namespace sees the same names."""
    place = host.path(netns.NETNS_DIR)
    if not os.path.lexists(place):
        return ok('%s is not there yet: no namespace has a name' % netns.NETNS_DIR)
    if not os.path.isdir(place):
        return warn('%s is no folder' % netns.NETNS_DIR, [('mode', '%o' % os.lstat(place).st_mode)],
                    Remediation('Nothing can be named while it is in the way. Move it.',
                                ['mv %s %s.old' % (netns.NETNS_DIR, netns.NETNS_DIR)]))
    mounts = read_mounts(host)
    mount = mounts and _holding_mount(mounts, _real_place(host))
    if not mount:
        return warn('how %s is mounted could not be looked at' % netns.NETNS_DIR,
                    [('/proc/self/mountinfo', 'not readable')])
    names = host.listdir(netns.NETNS_DIR)
    evidence = [('names', len(names)), ('it is on the mount', mount[0]),
                ('propagation', 'shared' if mount[2] else 'not shared')]
    if mount[2]:
        return ok('%s is on a shared mount' % netns.NETNS_DIR, evidence)
    if not names:
        # `ip netns add` and netnsctl share it before the first name.
        return ok('%s is empty; the first name makes it a shared mount' % netns.NETNS_DIR, evidence)
    commands = ['mount --make-rshared %s' % netns.NETNS_DIR]
    if mount[0] != _real_place(host):
        # rbind: a plain bind would hide the namespaces that are mounted in it.
        commands.insert(0, 'mount --rbind %s %s' % (netns.NETNS_DIR, netns.NETNS_DIR))
    return warn('%s is not shared: other mount namespaces do not see its names, and hold on to those that are deleted'
                % netns.NETNS_DIR, evidence, Remediation('Make it a shared mount, as `ip netns add` does.', commands))


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
    try:
        netns.open_path(path, name).close()
    except NotFoundError:
        # The symlink itself is never the namespace, so its own kind says nothing.
        kind = 'a folder' if stat.S_ISDIR(opened.st_mode) else 'a file'
        return ('a symlink to %s that is no namespace' if stat.S_ISLNK(mode) else '%s, not a namespace') % kind
    except KernelError as error:
        if error.errno != errno.EPERM:
            raise
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


def _removal(host, name, mounts):
    """The command that takes a stale name away and touches nothing that it leads to."""
    path = '%s/%s' % (netns.NETNS_DIR, name)
    word = quote(path)
    if any(mount[0] == '%s/%s' % (_real_place(host), name) for mount in mounts or ()):
        return 'umount %s && rm %s' % (word, word)
    is_folder = os.path.isdir(host.path(path)) and not os.path.islink(host.path(path))
    return '%s %s' % ('rmdir' if is_folder else 'rm', word)


@check('netns-names', 'namespaces')
def check_netns_names(host):
    """Every name in /var/run/netns leads to a namespace."""
    looks = [(name, look_at(host, name)) for name in host.listdir(netns.NETNS_DIR)]
    suspects = [name for name, seen in looks if seen not in (None, UNKNOWN)]
    if suspects:
        # A name that is being made is a plain file until its mount, one that is being deleted after it.
        time.sleep(AGAIN_SECONDS)
    stale = [(name, seen) for name, seen in [(name, look_at(host, name)) for name in suspects] if seen is not None]
    unknown = [name for name, seen in looks if seen == UNKNOWN]
    evidence = [('names', len(looks))] + stale[:SHOWN]
    if unknown:
        evidence.append(('not permitted to look at', ', '.join(unknown[:SHOWN])))
    if stale:
        mounts = read_mounts(host)
        return warn('%d of %d names lead to no namespace: %s%s' % (
            len(stale), len(looks), ', '.join(name for name, _ in stale[:3]), ', ...' if len(stale) > 3 else ''),
            evidence, Remediation('Stale names do no harm but to whoever uses them. Take them away.',
                                  [_removal(host, name, mounts) for name, _ in stale]))
    if unknown:
        return warn('%d of %d names could not be looked at without root' % (len(unknown), len(looks)), evidence,
                    Remediation('Run netnsctl as root to have them looked at.', ['sudo netnsctl doctor netns-names']))
    if not looks:
        return ok('no names')
    return ok('%d name%s, each of a namespace' % (len(looks), 's' if len(looks) > 1 else ''), evidence)
