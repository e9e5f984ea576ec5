"""Which package a file of the host belongs to, according to rpm's Python binding, the program rpm, or dpkg-query.

The binding and the program ask the same database; the binding is tried first and in a child of its own, for on EL6 a
stale lock of the database makes it wait inside a C library, where no signal reaches Python.
"""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.compat import find_libraries, native
from netnsctl.edge import child
from netnsctl.errors import NetnsctlError, NoAnswerError

SECONDS = 3.0
# rpm makes a database where there is none: it is asked only where it keeps the host's packages.
_DATABASES = ['%s/%s' % (folder, name) for folder in ('/var/lib/rpm', '/usr/lib/sysimage/rpm')
              for name in ('Packages', 'rpmdb.sqlite', 'Packages.db')]
# %{NEVRA} leaves the epoch out before rpm 4.9 or so; EL6 has 4.8.
_NEVRA = '%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}'
_MARK = 'nevra '
_ALIASES = ('/bin/', '/sbin/', '/lib/', '/lib64/')


class Owner(object):
    """The owner of a file. package: NEVRA of rpm's ('iproute-2.6.32-31.el6.x86_64'), name and version of dpkg's
    ('iproute2 6.1.0-3'), or None. trouble: why a database could not be asked, or None."""
    __slots__ = ('package', 'trouble')

    def __init__(self, package=None, trouble=None):
        self.package = package
        self.trouble = trouble

    def __str__(self):
        return self.package or self.trouble or 'no package'


def spellings(host, path):
    """The names that a database may know a file by: list of absolute paths of the host, the given one first.

    path: its real path, as host.find() gives it. Where /bin is a link to /usr/bin, dpkg knows the file by whichever
    its package was built with, and by nothing else; a symlink may be another package's than what it leads to.
    """
    found = []
    for name in (path, os.path.realpath(path)):
        name = name[len(host.root):] if host.root and name.startswith(host.root + '/') else name
        other = name[len('/usr'):] if name.startswith('/usr/') else '/usr' + name
        for spelled in (name, other):
            merged = spelled == name or (other.startswith(_ALIASES) or name.startswith(_ALIASES)) and \
                _is_same(host.path(name), host.path(other))
            if merged and spelled not in found:
                found.append(spelled)
    return found


def _is_same(one, other):
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def owner(host, path):
    """The owner of a file: Owner. path: its real path. Never raises: a database that is locked or damaged is its
    trouble.

    rpm's answer counts before dpkg's where a host has both.
    """
    names = spellings(host, path)
    troubles = []
    for ask in (_ask_rpm, _ask_dpkg):
        try:
            package = ask(host, names)
        except NetnsctlError as error:
            troubles.append(error.message)
            continue
        if package:
            return Owner(package)
    return Owner(trouble='; '.join(troubles) or None)


def has_rpm_database(host):
    """Does rpm keep this host's packages?"""
    return any(host.exists(place) for place in _DATABASES)


def is_el6_host(host):
    """Does rpm keep this host's packages, and are they those of EL6? By /etc/redhat-release or /etc/system-release
    ('CentOS release 6.5 (Final)')."""
    if not has_rpm_database(host):
        return False
    text = host.read('/etc/redhat-release') or host.read('/etc/system-release') or ''
    return re.search(r'release 6(\.|\s|$)', text) is not None


def _ask_rpm(host, names):
    """The NEVRA, or None if rpm knows none of these names, or there is no rpm. NetnsctlError."""
    if not has_rpm_database(host):
        return None
    if not host.root:
        try:
            return _ask_binding(names)
        except _NoBinding:
            pass
        except NoAnswerError:
            raise  # the program would wait as long for the same lock
        except NetnsctlError:
            pass  # of another rpm than the host's: its own program may know better
    return _ask_rpm_program(host, names)


class _NoBinding(Exception):
    """There is no rpm binding for this Python."""


def _ask_binding(names):
    """As _ask_rpm(). _NoBinding where there is none."""
    def work(tell):
        find_libraries()
        try:
            import rpm
            transaction = rpm.TransactionSet()  # a directory called rpm on sys.path is a module too, and has none
        except (ImportError, AttributeError):
            tell('absent')
            return
        transaction.setVSFlags(-1)  # no signatures: this reads a name
        for name in names:
            for header in transaction.dbMatch('basenames', name):
                tell(_MARK + native(header.sprintf(_NEVRA)))
                return

    told = child.run(work, SECONDS, 'ask rpm for the package of %s' % names[0])
    if told == 'absent':
        raise _NoBinding()
    return told[len(_MARK):] if told.startswith(_MARK) else None


def _ask_rpm_program(host, names):
    program = host.find('rpm')
    if program is None:
        return None
    answer = host.run([program, '-qf', '--nosignature', '--nodigest', '--qf', _MARK + _NEVRA + '\\n', '--'] + names,
                      seconds=SECONDS)
    for line in answer.out.splitlines():
        if line.startswith(_MARK):
            return line[len(_MARK):]
    errors = [line for line in answer.err.splitlines() if line.startswith('error:') and 'No such file' not in line]
    if errors:
        raise NetnsctlError('rpm -qf %s: %s' % (names[0], errors[0][len('error:'):].strip()))
    return None


def _ask_dpkg(host, names):
    """Name and version, or None. NetnsctlError."""
    program = host.find('dpkg-query')
    if program is None:
        return None
    answer = host.run([program, '-S', '--'] + names, seconds=SECONDS)
    owners = dict(line.rpartition(': ')[::-2] for line in answer.out.splitlines()
                  if ': ' in line and not line.startswith('diversion by '))
    for name in names:
        if name in owners:
            package = owners[name].split(',')[0]
            version = host.run([program, '-W', '-f', '${Version}', '--', package], seconds=SECONDS)
            return '%s %s' % (package.partition(':')[0], version.out.strip()) if version.status == 0 else package
    if answer.status not in (0, 1):
        raise NetnsctlError('dpkg-query -S %s: %s' % (names[0], answer.err.strip().replace('\n', '; ')))
    return None
