"""iproute upgraded to one that has netns: fetched, checked, tried, installed, tried again; and gone back from."""
from __future__ import absolute_import, division, print_function

import hashlib
import os
import re
import shutil

from netnsctl.compat import open_cloexec
from netnsctl.edge import ip_program, rpm, yum
from netnsctl.errors import NetnsctlError, NoAnswerError, UndoError, UsageError
from netnsctl.execution import signals
from netnsctl.usecases.repository import PACKAGE, keys, nothing_to_do, own_ip, repo_file, require_root
from netnsctl.usecases.repository.workplace import Workplace

ATTEMPT = 'upgrade %s' % PACKAGE
# What a package of iproute may call its program.
_PROGRAMS = ('/sbin/ip', '/usr/sbin/ip', '/bin/ip', '/usr/bin/ip')
_CANNOT_RUN = (126, 127)


class Source(object):
    """Where the package comes from and how it is known to be the right one.

    preset: presets.Preset. path: a package file (real path), or None: what the repository offers. gpgkey: path of the
    key file, None: what the repo file says, or the preset's place. fingerprint: of the key, None: likewise.
    sha256: hexadecimal digits that the package file must have, or None. insecure: no signature is asked for.
    """

    def __init__(self, preset, path=None, gpgkey=None, fingerprint=None, sha256=None, insecure=False):
        self.preset, self.path, self.gpgkey, self.fingerprint = preset, path, gpgkey, fingerprint
        self.sha256, self.insecure = sha256, insecure


def check_source(source):
    """UsageError for what must not be asked for."""
    if source.insecure and not source.sha256:
        raise UsageError('repo enable: --insecure is refused without --sha256',
                         hint='What is not signed must at least be what you mean: give the sha256 of the package.')
    if source.sha256 and not re.match(r'[0-9a-fA-F]{64}\Z', source.sha256):
        raise UsageError('repo enable: --sha256 %s: not 64 hexadecimal digits' % source.sha256)


def upgrade(host, source):
    """Upgrades iproute: list of lines on what was done, or ['nothing to do: ...'].

    NetnsctlError with the cause; the iproute that the host had is then the one that it has, but for UndoError, which
    names what is otherwise.
    """
    require_root(ATTEMPT)
    check_source(source)
    cleared = finish_interrupted(host)
    done = nothing_to_do(host)
    if done:
        return cleared or [done]
    manager = yum.found(host)
    before = _installed(host)
    if rpm.is_locked(host):
        raise NetnsctlError('%s: another rpm, yum or dnf is at work: the rpm database is locked' % ATTEMPT,
                            hint='Nothing was changed.')
    with Workplace(host) as workplace:
        key = _find_key(host, source, workplace)
        path = _fetch(host, source, manager, workplace)
        package = _check(host, source, key, path, workplace, before)
        _try_before(host, path, package, workplace)
        # Killing rpm in its transaction would leave what nobody wants: signals wait, helpers have their own session.
        with signals.held():
            return cleared + _install(host, manager, path, package, before, source.insecure, workplace)


def find_interrupted(host):
    """The older of two iproutes that the rpm database has where an upgrade to one with netns was cut short between its
    two halves: Nevra, or None. NetnsctlError where the database cannot be read."""
    found = rpm.installed(host, PACKAGE)
    newer = [item for item in found if item.has_netns()]
    return [item for item in found if item is not newer[0]][0] if len(found) == 2 and len(newer) == 1 else None


def finish_interrupted(host):
    """Takes that older one out of the rpm database: list of lines on what was done."""
    try:
        older = find_interrupted(host)
    except NetnsctlError:
        return []  # no rpm, or nothing to be had from it: who goes on finds out
    if older is None:
        return []
    rpm.remove(host, older)
    return ['finished an upgrade that was cut short: %s is out of the rpm database' % older]


def _installed(host):
    found = rpm.installed(host, PACKAGE)
    if len(found) != 1:
        raise NetnsctlError('%s: %s' % (ATTEMPT, 'it is not installed' if not found else
                                        'the rpm database has %s' % ' and '.join(str(item) for item in found)),
                            hint='Nothing was changed.')
    return found[0]


def _find_key(host, source, workplace):
    """The keys.KeyFile that signatures are held against; None where none is asked for."""
    if source.insecure:
        return None
    now = repo_file.read(host, source.preset)
    path = source.gpgkey or now.key_path or source.preset.key_path
    return keys.read(host, path, source.fingerprint or now.fingerprint or source.preset.fingerprint,
                     workplace.folder('key'))


def _fetch(host, source, manager, workplace):
    """The package file, in the workplace, where nobody else can change it: its path."""
    folder = workplace.folder('package')
    if source.path is None:
        path = manager.download(source.preset.repo_id, PACKAGE, folder)
        if path is None:
            raise NetnsctlError('%s: %s offers nothing newer' % (ATTEMPT, source.preset.repo_id),
                                hint='Nothing was changed.')
        return path
    name = os.path.basename(source.path)
    path = os.path.join(folder, name if name.endswith('.rpm') else name + '.rpm')
    try:
        # O_NONBLOCK: a FIFO under that name must not hold us up.
        descriptor = open_cloexec(source.path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, 'rb') as given:
            with open(path, 'wb') as copy:
                shutil.copyfileobj(given, copy)
    except (OSError, IOError) as error:
        raise NetnsctlError('%s: read %s: %s' % (ATTEMPT, source.path, error.strerror), hint='Nothing was changed.')
    return path


def _check(host, source, key, path, workplace, before):
    """Holds the package file against all that is asked of it: its Nevra. NetnsctlError says what it is not."""
    shown = source.path or os.path.basename(path)
    try:
        if source.sha256 and _sha256(path) != source.sha256.lower():
            raise NetnsctlError('check %s: its sha256 is %s' % (path, _sha256(path)))
        if key is not None:
            rpm.check_signature(host, path, key.path, workplace.folder('keyring'))
        package = rpm.read_package(host, path)
    except NetnsctlError as error:
        raise NetnsctlError('%s: %s' % (ATTEMPT, error.message.replace(path, shown)), hint='Nothing was changed.')
    if package.name != PACKAGE or not package.has_netns():
        raise NetnsctlError('%s: %s is %s, which is no iproute with netns' % (ATTEMPT, shown, package),
                            hint='Nothing was changed.')
    if package == before:
        raise NetnsctlError('%s: %s is installed already, and its ip does not know netns' % (ATTEMPT, package),
                            hint='Is it whole? rpm -V %s' % PACKAGE)
    return package


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as source:
        for piece in iter(lambda: source.read(1 << 20), b''):
            digest.update(piece)
    return digest.hexdigest()


def _try_before(host, path, package, workplace):
    """Asks the `ip` in the package, before anything is installed. NetnsctlError where it runs and does not know netns.

    Where it cannot be unpacked or run (a library that would come along) this tells nothing.
    """
    inside = [name for name in rpm.files_in(host, path) if name in _PROGRAMS]
    if not inside:
        raise NetnsctlError('%s: %s has no ip in it' % (ATTEMPT, package), hint='Nothing was changed.')
    try:
        place = rpm.unpack_file(host, path, inside[0], workplace.folder('trial'))
        if host.run([place, '-V'], seconds=ip_program.PROBE_SECONDS).status in _CANNOT_RUN:
            return
        program = ip_program.probe(host, place)
    except NetnsctlError:
        return
    if not program.netns:
        raise NetnsctlError('%s: the ip in %s does not know netns' % (ATTEMPT, package), hint='Nothing was changed.')


def _install(host, manager, path, package, before, is_unsigned, workplace):
    """Installs it, and goes back where that leads to no `ip` with netns: list of lines. NetnsctlError, UndoError."""
    saved = _save_files(host, before, workplace)
    try:
        manager.install(path, is_unsigned)
        cause = None
    except NoAnswerError as error:
        cause = '%s (it was ended in the middle)' % error.message
    except NetnsctlError as error:
        cause = error.message
    program = own_ip(host)
    works = program is not None and program.netns
    # One that was cut short behind its first half has what was wanted, and an old entry in the database.
    told = finish_interrupted(host) if works else []
    now = rpm.installed(host, PACKAGE)
    if works and now == [package]:
        return told + ['upgraded %s to %s' % (before, package), '%s knows netns' % program.path]
    if cause is None:
        cause = 'it is installed, and %s' % ('%s does not know netns' % program.path if program else 'no ip works')
        if now != [package]:
            cause = '%s did not install %s' % (manager.name, package)
    raise NetnsctlError('%s: %s' % (ATTEMPT, cause), hint=_go_back(host, manager, before, saved, cause))


def _save_files(host, before, workplace):
    """A copy of the installed package's files: path of an archive, or None where it cannot be made."""
    folder = workplace.folder('saved')
    names = [name for name in rpm.files_of(host, before) if os.path.lexists(host.path(name))
             and (os.path.islink(host.path(name)) or not os.path.isdir(host.path(name)))]
    archive = os.path.join(folder, 'files.tar')
    result = host.run(['tar', '-C', host.path('/'), '-cpf', archive, '--no-recursion', '--files-from', '-'],
                      feed=''.join('.%s\n' % name for name in names), seconds=60)
    if result.status:
        raise NetnsctlError('%s: keep a copy of %s: %s' % (ATTEMPT, before, rpm.cause_of(result)),
                            hint='Nothing was changed.')
    return archive


def _go_back(host, manager, before, saved, cause):
    """The host gets the iproute back that it had: what was done, as a hint. UndoError where some of it is left."""
    if rpm.installed(host, PACKAGE) != [before] and manager.downgrade(before):
        if rpm.installed(host, PACKAGE) == [before]:
            return 'Gone back to %s.' % before
    _restore(host, saved, cause)
    left = [str(item) for item in rpm.installed(host, PACKAGE) if item != before]
    if not left:
        return '%s is installed as it was.' % before
    raise UndoError('%s: %s; the files of %s are back, but the rpm database has %s' % (
        ATTEMPT, cause, before, ', '.join(left)),
        hint='No enabled repository offers the old one. With a package file of it: rpm -Uvh --oldpackage FILE')


def _restore(host, saved, cause):
    """Puts the saved files back."""
    result = host.run(['tar', '-C', host.path('/'), '-xpf', saved], seconds=60)
    if result.status:
        raise UndoError('%s: %s; and the old files could not be put back: %s' % (ATTEMPT, cause, rpm.cause_of(result)))
