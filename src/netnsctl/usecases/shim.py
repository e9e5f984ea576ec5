"""The shim for the whole host: put in front of the host's own `ip`, removed, looked at.

What is put there is a symlink: if netnsctl goes, it leads nowhere, and who looks for `ip` on the PATH passes on to the
host's own.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.edge import ip_program, shim_file
from netnsctl.edge.files import own_files
from netnsctl.edge.host import remove_temp_files
from netnsctl.errors import ConflictError, NetnsctlError

# The first directory of root's PATH on every distribution that is known to us; packages put nothing there (FHS 3.0,
# 4.9).
PLACE = '/usr/local/sbin/ip'
ENABLED, DISABLED, DANGLING, FOREIGN = 'enabled', 'disabled', 'dangling', 'foreign'


class Status(object):
    """state: ENABLED, DISABLED, DANGLING (the symlink is there, its netnsctl is not) or FOREIGN (a file is in the place
    that netnsctl did not put there: only symlinks are netnsctl's). place: its path. target: what it leads to, or None.
    first: is it the `ip` that the PATH of this process leads to? other: the path of the one that it leads to, or None.
    ip: the host's own (IpProgram), or None."""
    __slots__ = ('state', 'place', 'target', 'first', 'other', 'ip')

    @property
    def enabled(self):
        return self.state == ENABLED

    def as_data(self):
        return {'version': 1, 'state': self.state, 'place': self.place, 'target': self.target, 'first': self.first,
                'other': self.other, 'ip': self.ip and self.ip.path, 'ip_knows_netns': bool(self.ip and self.ip.netns)}


def status(host):
    """Its state: Status."""
    found = Status()
    found.place = PLACE
    path = host.path(PLACE)
    found.target = os.readlink(path) if os.path.islink(path) else None
    if not os.path.lexists(path):
        found.state = DISABLED
    elif found.target is None:
        found.state = FOREIGN
    elif shim_file.is_shim(path):
        found.state = ENABLED
    else:
        found.state = DANGLING if not os.path.exists(path) and _is_ours(found.target) else FOREIGN
    found.other = _first_on_path(host)
    found.first = found.enabled and found.other is not None and os.path.samefile(found.other, path)
    try:
        found.ip = ip_program.found(host)
    except NetnsctlError:
        found.ip = None
    return found


def _is_ours(target):
    """Does a symlink's text lead to where a netnsctl keeps its shim?"""
    return target.endswith('/netnsctl/libexec/ip') or target.endswith('/libexec/netnsctl/ip')


def _first_on_path(host):
    for folder in (host.environ.get('PATH') or '').split(':'):
        candidate = host.path(os.path.join(folder, 'ip'))
        if folder.startswith('/') and os.access(candidate, os.X_OK) and os.path.isfile(candidate):
            return candidate
    return None


def enable(host, force=False):
    """Puts the shim in its place: what was done, in one line.

    On a host whose own ip supports netns and -n it does nothing unless force. ConflictError if a file is there that
    netnsctl did not put there, NetnsctlError if it cannot be put, or would not work.
    """
    now = status(host)
    if now.state == FOREIGN:
        raise _taken()
    path = host.path(PLACE)
    remove_temp_files(path, is_alone=False)
    if now.enabled and os.path.realpath(path) == os.path.realpath(shim_file.PROGRAM):
        return 'nothing to do: %s is the shim' % PLACE
    if not force and now.ip is not None and now.ip.netns and now.ip.dash_n:
        return 'nothing to do: %s supports netns and -n itself' % now.ip.path
    _require_working(host)
    try:
        if not os.path.isdir(os.path.dirname(path)):  # one that is there is the distribution's matter
            own_files.make_folder(os.path.dirname(path), 0o755, parents=True)
        if now.state == DISABLED:
            # Fails, and does not replace, what came there in the meantime.
            os.symlink(shim_file.PROGRAM, path)
        else:
            _replace(path)
    except OSError as error:
        if error.errno == errno.EEXIST:
            raise _taken()
        raise _cannot('enable', error)
    was = '' if now.state == DISABLED else ', no longer to %s' % now.target
    return 'enabled: %s is a symlink to %s%s' % (PLACE, shim_file.PROGRAM, was)


def _require_working(host):
    """It is tried where it lies, with a line that it must bring to netnsctl or to an ip that supports netns."""
    if not os.access(shim_file.PROGRAM, os.X_OK):
        raise NetnsctlError('enable the shim: %s is missing or cannot be run' % shim_file.PROGRAM)
    theirs = open_to_others(host, shim_file.PROGRAM)
    if theirs is not None:
        raise NetnsctlError('enable the shim: users other than root can write to %s' % theirs,
                            hint='Nothing was changed. They could replace what root runs as `ip`. Install netnsctl '
                                 'where only\nroot can write, or see who can:\n  ls -ld %s' % theirs)
    answer = host.run([shim_file.PROGRAM, 'netns', 'help'])
    if 'ip netns add' not in answer.out + answer.err:
        raise NetnsctlError('enable the shim: it does not work: %s'
                            % (answer.err.strip().split('\n')[0] or 'status %d' % answer.status),
                            hint='Nothing was changed.')


def open_to_others(host, program):
    """The place by which users other than root could replace the shim at this path (shim_file.open_to_others()), or
    None. Debian's group staff, which can write to /usr/local, could replace the symlink itself."""
    groups = [0]
    try:
        groups.append(os.stat(os.path.dirname(host.path(PLACE))).st_gid)
    except OSError:
        pass  # enable() makes it
    try:
        return shim_file.open_to_others(program, groups)
    except OSError as error:
        raise NetnsctlError('%s: %s' % (program, error.strerror))


def _replace(path):
    temp = '%s.%d.tmp' % (path, os.getpid())
    os.symlink(shim_file.PROGRAM, temp)
    try:
        os.rename(temp, path)
    except BaseException:
        os.unlink(temp)
        raise


def _taken():
    return ConflictError('enable the shim: %s exists and is not netnsctl\'s' % PLACE,
                         hint='Nothing was changed. Move it away if it is not needed.')


def disable(host):
    """Takes the shim away: what was done, in one line. ConflictError if the file is not netnsctl's."""
    now = status(host)
    remove_temp_files(host.path(PLACE), is_alone=False)
    if now.state == DISABLED:
        return 'nothing to do: the shim is not enabled'
    if now.state == FOREIGN:
        raise ConflictError('disable the shim: %s is not netnsctl\'s' % PLACE, hint='Nothing was changed.')
    try:
        os.unlink(host.path(PLACE))
    except OSError as error:
        raise _cannot('disable', error)
    return 'disabled: %s is gone%s' % (PLACE, '; `ip` is %s again' % now.ip.path if now.ip else '')


def _cannot(verb, error):
    return NetnsctlError('%s the shim: %s: %s' % (verb, PLACE, error.strerror),
                         hint='Run it as root.' if error.errno in (errno.EACCES, errno.EPERM) else None)


def advice(now):
    """What else there is to know about a Status: list of lines."""
    lines = []
    if now.enabled and not now.first:
        lines.append('`ip` on this PATH is %s: /usr/local/sbin must come before it.' % now.other if now.other else
                     'There is no `ip` on this PATH: /usr/local/sbin must be on it.')
    if now.enabled:
        lines += ['A shell that has run `ip` before remembers the old path: hash -r',
                  'sudo has its own PATH (secure_path in /etc/sudoers), which on EL lacks /usr/local/sbin.']
    if now.state == DANGLING:
        lines.append('It points to a netnsctl that is gone, and is harmless. To remove it: netnsctl shim disable')
    return lines
