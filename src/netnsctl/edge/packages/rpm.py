"""The rpm database and package files, asked through the `rpm` command, which works on every rpm host."""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import os
import re

from netnsctl.compat import open_cloexec
from netnsctl.edge.packages import nevra, owners
from netnsctl.errors import NetnsctlError, NotFoundError

FORMAT = nevra.MARK + ' %{NAME} %{EPOCH} %{VERSION} %{RELEASE} %{ARCH}\\n'
QUERY_SECONDS = 20.0
REMOVE_SECONDS = 120.0


def installed(host, name):
    """Every installed package of that name: list of Nevra; more than one where an upgrade was interrupted.

    NetnsctlError if there is no rpm or its database cannot be read.
    """
    if not owners.has_rpm_database(host):
        raise NetnsctlError('ask the rpm database for %s: there is none' % name)  # rpm would make one
    result = _rpm(host, ['-q', '--qf', FORMAT, name])
    # Of a database that is damaged it says both that, and that nothing is installed.
    if 'error:' in result.err or result.status and 'is not installed' not in result.out:
        raise NetnsctlError('ask the rpm database for %s: %s' % (name, cause_of(result)))
    return nevra.parse_fields(result.out)


def files_of(host, package):
    """The paths that an installed package (Nevra) owns, in the order of the package."""
    result = _rpm(host, ['-ql', str(package)])
    if result.status:
        raise NetnsctlError('list the files of %s: %s' % (package, cause_of(result)))
    return [line for line in result.out.splitlines() if line.startswith('/')]


def files_in(host, path):
    """The paths that a package file holds. NetnsctlError if it is not an rpm package."""
    result = _rpm(host, ['-qpl', '--nosignature', path])
    if result.status:
        raise NetnsctlError('read the package %s: %s' % (path, cause_of(result)))
    return [line for line in result.out.splitlines() if line.startswith('/')]


def owner_of(host, path):
    """The name of the installed package that a file belongs to, or None."""
    if not owners.has_rpm_database(host):
        return None
    result = _rpm(host, ['-qf', '--qf', '%{NAME}\n', path])
    return result.out.split()[0] if result.status == 0 and result.out.split() else None


def read_package(host, path):
    """The name of the package in a package file: Nevra. NetnsctlError if it is not an rpm package."""
    # The signature is checked by check_signature(), with the one key that counts.
    result = _rpm(host, ['-qp', '--nosignature', '--qf', FORMAT, path])
    found = nevra.parse_fields(result.out)
    if result.status or len(found) != 1:
        raise NetnsctlError('read the package %s: %s' % (path, cause_of(result)))
    return found[0]


def check_signature(host, path, key_path, folder):
    """Is the package signed by this key and whole? None, or NetnsctlError that says what is wrong.

    key_path: a file that holds one public key. folder: an empty private directory, which becomes an rpm database that
    knows this key and no other: what the host's own database trusts does not count here.
    """
    # Not rpmkeys: rpm 4.8 has no such program, and later ones hand these options on to it.
    for words in (['--initdb'], ['--import', key_path]):
        result = _rpm(host, ['--dbpath', folder] + words)
        if result.status:
            raise NetnsctlError('make a keyring of %s: %s' % (key_path, cause_of(result)))
    result = _rpm(host, ['--dbpath', folder, '-K', '-v', path])
    answers = re.findall(r'^\s+(.*?): ([A-Z]+)\b', result.out, re.MULTILINE)
    signatures = [verdict for what, verdict in answers if 'ignature, key ID' in what]
    # rpm before 4.14 calls a package that has no signature at all OK: what was checked is what counts.
    if not signatures:
        raise NetnsctlError('check the signature of %s: it is not signed' % path)
    if 'NOKEY' in signatures:
        raise NetnsctlError('check the signature of %s: it is signed by another key (%s)' % (
            path, ', '.join(sorted(set(re.findall(r'key ID ([0-9a-f]+): NOKEY', result.out))))))
    bad = [what for what, verdict in answers if verdict != 'OK']
    # A signature of the header covers the payload only where that has a digest in the header (rpm 4.14); before, only
    # the signature of both does.
    if not bad and not [what for what, _ in answers if 'ignature, key ID' in what and not what.startswith('Header ')
                        or re.match('Payload SHA[0-9]+ .*digest', what)]:
        raise NetnsctlError('check the signature of %s: it covers only the header, not the contents' % path)
    if bad or result.status:
        raise NetnsctlError('check the signature of %s: it is damaged or was tampered with (%s)' % (
            path, bad[0] if bad else cause_of(result)))


def unpack_file(host, package, path, folder):
    """Unpacks one file of a package file below a private folder: its place there.

    NotFoundError if a tool for it is missing (rpm2cpio, cpio); NetnsctlError if the package has no such file.
    """
    tools = [host.find(name) for name in ('rpm2cpio', 'cpio')]
    if None in tools:
        raise NotFoundError('look into %s: rpm2cpio or cpio is missing' % package)
    archive = host.run([tools[0], package], seconds=60)
    # A shell for its cd: cpio before 2.12 has no --directory.
    host.run(['/bin/sh', '-c', 'cd "$1" && exec "$2" -idm --quiet --no-absolute-filenames ".$3" "${3#/}"', 'sh',
              folder, tools[1], path], feed=archive.out, seconds=60)
    place = folder + path
    if archive.status or not os.path.isfile(place) or os.path.islink(place):
        raise NetnsctlError('look into %s: it holds no readable %s' % (package, path))
    return place


def is_trusted(host, path):
    """Is a package file signed by a key that this host's own rpm database has, and whole?"""
    result = _rpm(host, ['-K', path])
    return result.status == 0 and re.search(r'(?i)\b(pgp|gpg|signatures)\b', result.out) is not None


def install_older(host, path):
    """Goes back to the package in a file. NetnsctlError if rpm refuses."""
    result = _rpm(host, ['-U', '--oldpackage', '--replacefiles', path], REMOVE_SECONDS)
    if result.status:
        raise NetnsctlError('go back to %s: %s' % (path, cause_of(result)))


def remove(host, package):
    """Takes one installed package (Nevra) out of the database, with the files that no other package owns.

    Without scripts: it finishes or undoes what an upgrade that was interrupted has left. NetnsctlError if rpm refuses.
    """
    result = _rpm(host, ['-e', '--noscripts', '--nodeps', str(package)], REMOVE_SECONDS)
    if result.status:
        raise NetnsctlError('remove %s from the rpm database: %s' % (package, cause_of(result)))


def is_locked(host):
    """Does a transaction hold the rpm database right now? Asked by trying its lock (rpm's .rpm.lock), given back at
    once; False if that cannot be asked."""
    result = _rpm(host, ['--eval', '%_dbpath'])
    try:
        descriptor = open_cloexec(host.path(result.out.strip()) + '/.rpm.lock', os.O_RDWR)
    except (OSError, IOError):
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, IOError) as error:
        return error.errno in (errno.EACCES, errno.EAGAIN)
    finally:
        os.close(descriptor)
    return False


# How a line that states the cause may begin without adding anything to it.
_IDLE = re.compile(r'^(- |[Ee]rror: |Fatal error: |required to run yum\. )')
# How a line that states the cause begins, the most telling first.
_CAUSES = (r'- (Status code|Curl error|nothing provides)', r'error:.*(lock|space|read-only)', r'Existing lock ',
           r'.*The error leading to this problem was:', r'(?i)(error|fatal|.* error)\b.*:',
           r'\[Errno \d+\] ',
           r'.*: does not update installed package|Cannot (add|install|open) |Package .* already installed')
# yum 3 prints why each mirror failed, and then only that none is left.
_NO_MIRROR_LEFT = re.compile(r'Cannot retrieve repository metadata|No more mirrors')
_MIRROR = r'\S+: \[Errno -?\d+\] '


def cause_of(result):
    """The one line of what rpm, yum or dnf printed that says why it failed.

    A download's own error is what yum and dnf list below it ('  - Status code: 404 for URL').
    """
    lines = [line.strip() for line in (result.err + '\n' + result.out).splitlines() if line.strip()]
    if result.status < 0:
        return 'it was ended by signal %d' % -result.status
    if 'Traceback (most recent call last):' in lines:
        return [line.strip() for line in result.err.splitlines() if line.strip()][-1]
    for pattern in ((_MIRROR,) if _NO_MIRROR_LEFT.search(result.err + result.out) else ()) + _CAUSES:
        for at, line in enumerate(lines):
            if re.match(pattern, line):
                # A heading has its cause below it: "Transaction test error:".
                below = lines[at + 1] if line.endswith(':') and lines[at + 1:] else ''
                return ('%s %s' % (_IDLE.sub('', line), below)).strip()
    return lines[0] if lines else 'it ended with status %d' % result.status


def _rpm(host, words, seconds=QUERY_SECONDS):
    program = host.find('rpm')
    if program is None:
        raise NetnsctlError('ask rpm: there is no rpm on this host')
    return host.run([program] + words, seconds=seconds)
