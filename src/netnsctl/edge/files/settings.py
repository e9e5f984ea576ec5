"""/etc/netnsctl.conf: the administrator's settings for this host, one `key = value` per line.

A missing file sets nothing. One that users other than root could have written, or that contains an unknown setting, is
refused with its line: going on without it could do what somebody had ruled out.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat

from netnsctl.compat import native, open_cloexec
from netnsctl.edge.host import remove_temp_files, write_file
from netnsctl.errors import NetnsctlError, UsageError

PLACE = '/etc/netnsctl.conf'
# key: the values it takes, the default first
KEYS = {'backend': ('auto', 'iproute', 'netlink'), 'firewall': ('auto', 'nft', 'iptables'),
        'pod_annotations': ('refuse', 'obey')}
_HEADER = '# netnsctl: settings for this host. `netnsctl doctor` shows which of them are in effect.\n'
_LIMIT = 1 << 16


class Settings(object):
    """backend: what `--backend auto` means: 'auto' (what the host's ip can do decides), 'iproute' or 'netlink'.
    firewall: what nat and publish use: 'auto' (what works here), 'nft' or 'iptables'. pod_annotations: does the OCI
    hook 'obey' annotations of containers that podman did not start, or 'refuse' them?

    lines: {key: number of the line that says so}.
    """
    __slots__ = ('backend', 'firewall', 'pod_annotations', 'lines')

    def __init__(self, backend=KEYS['backend'][0], lines=None):
        self.backend, self.firewall = backend, KEYS['firewall'][0]
        self.pod_annotations = KEYS['pod_annotations'][0]
        self.lines = lines or {}


def _read_text(host):
    """The file's text, or None if there is none. NetnsctlError, UsageError."""
    try:
        # O_NONBLOCK: do not wait for a FIFO of that name.
        descriptor = open_cloexec(host.path(PLACE), os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise NetnsctlError('read %s: %s' % (PLACE, error.strerror))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UsageError('%s: not a file' % PLACE)
        if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
            raise UsageError('%s: users other than root can write to it' % PLACE,
                             hint='chown root %s; chmod 0644 %s' % (PLACE, PLACE))
        if status.st_size > _LIMIT:
            raise UsageError('%s: longer than %d bytes' % (PLACE, _LIMIT))
        return native(os.read(descriptor, _LIMIT))
    except OSError as error:
        raise NetnsctlError('read %s: %s' % (PLACE, error.strerror))
    finally:
        os.close(descriptor)


def _parse_line(line):
    """(key, value) of a line, None for one that says nothing; ValueError with the reason."""
    text = line.partition('#')[0].strip()
    if not text:
        return None
    key, equals, value = [part.strip() for part in text.partition('=')]
    if not equals:
        raise ValueError('not of the form `key = value`')
    if key not in KEYS:
        raise ValueError('no key %r; known keys: %s' % (key, ', '.join(sorted(KEYS))))
    if value not in KEYS[key]:
        raise ValueError('%s is one of %s, not %r' % (key, ', '.join(KEYS[key]), value))
    return key, value


def parse(text):
    """The text of the file: Settings. UsageError 'FILE:LINE: reason'."""
    settings = Settings()
    for number, line in enumerate(text.split('\n'), 1):
        try:
            said = _parse_line(line)
            if said and said[0] in settings.lines:
                raise ValueError('%s is already given in line %d' % (said[0], settings.lines[said[0]]))
        except ValueError as error:
            raise UsageError('%s:%d: %s' % (PLACE, number, error))
        if said:
            setattr(settings, *said)
            settings.lines[said[0]] = number
    return settings


def read(host):
    """The settings of a host: Settings, the defaults where it has no file.

    UsageError if the file says what netnsctl does not know or others can write to it, NetnsctlError if it cannot be
    read.
    """
    text = _read_text(host)
    return Settings() if text is None else parse(text)


def is_netlink_meant(host):
    """Does the file say that netnsctl is to do without the host's ip? False if it cannot be read: others report
    that."""
    try:
        return read(host).backend == 'netlink'
    except NetnsctlError:
        return False


def record(host, key, value):
    """Writes a setting: every other line of the file stays as it is.

    UsageError as read(); NetnsctlError if it cannot be written, with the old file untouched.
    """
    text = _read_text(host)
    lines = (_HEADER if text is None else text).split('\n')
    if lines[-1] == '':
        lines.pop()
    number = parse(text or '').lines.get(key)
    said = '%s = %s' % (key, value)
    if number is None:
        lines.append(said)
    else:
        comment = lines[number - 1].partition('#')
        lines[number - 1] = said + ('  #' + comment[2] if comment[1] else '')
    # A symlink stays one: the file is replaced where it leads.
    path = os.path.realpath(host.path(PLACE))
    remove_temp_files(path, is_alone=False)
    try:
        like = None if text is None else os.stat(path)
        mode = 0o644 if like is None else stat.S_IMODE(like.st_mode)
        write_file(path, '\n'.join(lines) + '\n', mode, sync=True, like=like)
    except OSError as error:
        raise NetnsctlError('write %s: %s' % (PLACE, error.strerror))
