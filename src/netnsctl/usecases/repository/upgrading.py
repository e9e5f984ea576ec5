"""iproute upgraded to one that has netns: fetched, checked, tried, installed, tried again; and gone back from."""
from __future__ import absolute_import, division, print_function

import hashlib
import os
import re
import shutil

from netnsctl.compat import open_cloexec
from netnsctl.edge.packages import held_back as configured, rpm, yum
from netnsctl.edge import ip_program
from netnsctl.edge.files import own_files
from netnsctl.edge.privileges import require_root
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, UndoError, UsageError
from netnsctl.execution import signals
from netnsctl.usecases.repository import PACKAGE, held_back, keys, nothing_to_do, own_ip, repo_file, saved
from netnsctl.usecases.repository.workplace import Workplace

ATTEMPT = 'upgrade %s' % PACKAGE
UNTOUCHED = '%s is as it was.' % PACKAGE
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
                         hint='For an unsigned package, give its sha256, so that at least the right file is installed.')
    if source.sha256 and not re.match(r'[0-9a-fA-F]{64}\Z', source.sha256):
        raise UsageError('repo enable: --sha256 %s: not 64 hexadecimal digits' % source.sha256)


def upgrade(host, source, tell):
    """Upgrades iproute. tell: function of a line on what was done, or of 'nothing to do: ...'.

    NetnsctlError with the cause; the iproute that the host had is then the one that it has, but for UndoError, which
    names what is otherwise.
    """
    require_root(ATTEMPT)
    check_source(source)
    with Workplace(host) as workplace:
        _require_unlocked(host)
        _settle(host, workplace, tell)
        done = nothing_to_do(host)
        if done:
            tell(done)
            return
        manager = yum.found(host)
        before = _installed(host)
        key = _find_key(host, source, workplace)
        path = _fetch(host, source, manager, workplace, before)
        package = _check(host, source, key, path, workplace, before)
        kept = saved.make(host, before, package)
        try:
            _try_before(host, path, package, kept, tell)
            kept.save()
        except BaseException:
            kept.forget()
            raise
        # Killing rpm in its transaction would leave what nobody wants: signals wait, helpers have their own session.
        with signals.held():
            _install(host, manager, path, kept, workplace, tell)


def needs_settling(host):
    """Was an upgrade interrupted, or left unsettled: a line on what is to be done, or None. Changes nothing."""
    try:
        older = find_interrupted(host)
    except NetnsctlError:
        older = None
    if older is None and saved.find(host) is None:
        return None
    return 'finish or undo an interrupted upgrade of %s' % PACKAGE


def settle(host, tell):
    """Finishes an upgrade that was interrupted where its ip works, else takes it back. NetnsctlError, UndoError."""
    if needs_settling(host) is None:
        return
    require_root(ATTEMPT)
    with Workplace(host) as workplace:
        _require_unlocked(host)
        _settle(host, workplace, tell)


def _require_unlocked(host):
    if rpm.is_locked(host):
        raise NetnsctlError('%s: another rpm, yum or dnf is at work: the rpm database is locked' % ATTEMPT,
                            hint=UNTOUCHED)


def find_interrupted(host):
    """The older of two iproutes that the rpm database has where an upgrade to one with netns was interrupted between
    its two halves: Nevra, or None. NetnsctlError if the database cannot be read."""
    found = rpm.installed(host, PACKAGE)
    newer = [item for item in found if item.has_netns()]
    if len(found) != 2 or len(newer) != 1 or found[0].arch != found[1].arch:
        return None
    return [item for item in found if item is not newer[0]][0]


def _settle(host, workplace, tell):
    kept = saved.find(host)
    if kept is not None:
        with signals.held():
            _conclude(host, kept, None, workplace, tell)
        return
    try:
        older = find_interrupted(host)
    except NetnsctlError:
        return  # no rpm, or nothing to be had from it: who goes on finds out
    if older is None:
        return
    with signals.held():
        if _works(host):
            rpm.remove(host, older)
            tell('finished an interrupted upgrade: %s is no longer in the rpm database' % older)
            return
        newer = [item for item in rpm.installed(host, PACKAGE) if item != older][0]
        rpm.remove(host, newer)
    raise NetnsctlError('%s: an interrupted upgrade has left an ip that does not support netns' % ATTEMPT,
                        hint='%s is no longer in the rpm database. Check whether the old files are intact: rpm -V %s'
                             % (newer, PACKAGE))


def _works(host):
    program = own_ip(host)
    return program is not None and program.netns


def _installed(host):
    found = rpm.installed(host, PACKAGE)
    if len(found) != 1:
        raise NetnsctlError('%s: %s' % (ATTEMPT, 'it is not installed' if not found else
                                        'the rpm database has %s' % ' and '.join(str(item) for item in found)),
                            hint=UNTOUCHED)
    return found[0]


def _find_key(host, source, workplace):
    """The keys.KeyFile that signatures are checked against; None if none is asked for."""
    if source.insecure:
        return None
    now = repo_file.read(host, source.preset)
    path = source.gpgkey or now.key_path or source.preset.key_path
    return keys.read(host, path, source.fingerprint or now.fingerprint or source.preset.fingerprint,
                     workplace.folder('key'))


def _fetch(host, source, manager, workplace, before):
    """The package file, in the workplace, where nobody else can change it: its path."""
    folder = workplace.folder('package')
    if source.path is None:
        try:
            path = manager.download(source.preset.repo_id, PACKAGE, folder)
            cause = _why_nothing(host, source, manager, before) if path is None else None
        except NetnsctlError as error:
            raise type(error)(error.message, hint=UNTOUCHED)
        if path is None:
            raise NetnsctlError('%s: %s' % (ATTEMPT, cause), hint=UNTOUCHED)
        return path
    path = os.path.join(folder, 'package.rpm')  # rpm takes * ? [ in a name for patterns
    try:
        # O_NONBLOCK: a FIFO under that name must not hold us up.
        descriptor = open_cloexec(source.path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, 'rb') as given:
            with os.fdopen(own_files.create(path), 'wb') as copy:
                shutil.copyfileobj(given, copy)
    except (OSError, IOError) as error:
        raise NetnsctlError('%s: read %s: %s' % (ATTEMPT, source.path, error.strerror), hint=UNTOUCHED)
    return path


def _why_nothing(host, source, manager, before):
    """Why a package manager that works takes nothing from a repository: text. NetnsctlError."""
    name = source.preset.repo_id
    offers = manager.offered(name, PACKAGE)
    hidden = configured.excludes(host, before)
    if offers and hidden:
        return '%s hides %s, which is installed' % (' and '.join(hidden), before)
    if offers:
        return '%s offers nothing newer than %s, but %s' % (name, before, ', '.join(str(item) for item in offers))
    held = held_back(host, manager, name, repo_file.read(host, source.preset).repo)
    if held:
        return '%s offers %s, which is kept back by %s' % ((name,) + held[-1])
    return '%s offers no %s' % (name, PACKAGE)


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
        raise NetnsctlError('%s: %s' % (ATTEMPT, error.message.replace(path, shown)), hint=UNTOUCHED)
    if package.name != PACKAGE or not package.has_netns():
        raise NetnsctlError('%s: %s is %s, which is not an iproute with netns' % (ATTEMPT, shown, package),
                            hint=UNTOUCHED)
    if package.arch != 'noarch' and _family(package.arch) != _family(before.arch):
        raise NetnsctlError('%s: %s is for %s, and the installed one is for %s' % (
            ATTEMPT, shown, package.arch, before.arch), hint=UNTOUCHED)
    for which, what in ((package, shown), (before, 'the installed %s' % before)):  # dnf sees neither then
        excluded = configured.excludes(host, which)
        if excluded:
            raise NetnsctlError('%s: %s is kept back by %s' % (ATTEMPT, what, ' and '.join(excluded)), hint=UNTOUCHED)
    if package == before:
        raise NetnsctlError('%s: %s is installed already, and its ip does not support netns' % (ATTEMPT, package),
                            hint='Is it intact? rpm -V %s' % PACKAGE)
    return package


def _family(arch):
    """An architecture, with the many of x86 with 32 bits as one: an i586 is upgraded by an i686."""
    return re.sub('^i[3-6]86$', 'x86', arch)


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as source:
        for piece in iter(lambda: source.read(1 << 20), b''):
            digest.update(piece)
    return digest.hexdigest()


def _try_before(host, path, package, kept, tell):
    """Asks the `ip` in the package, before anything is installed. NetnsctlError if it does not support netns.

    Where it cannot be unpacked or run (a library that would come along, a directory mounted noexec) that is reported.
    """
    inside = [name for name in rpm.files_in(host, path) if name in _PROGRAMS]
    if not inside:
        raise NetnsctlError('%s: %s has no ip in it' % (ATTEMPT, package), hint=UNTOUCHED)
    trial = os.path.join(kept.folder, 'trial')
    own_files.make_folder(trial)
    try:
        place = rpm.unpack_file(host, path, inside[0], trial)
        if host.run([place, '-V'], seconds=ip_program.PROBE_SECONDS).status in _CANNOT_RUN:
            raise NotFoundError('it cannot be run')
        program = ip_program.probe(host, place)
    except NoAnswerError as error:
        raise NetnsctlError('%s: the ip in %s: %s' % (ATTEMPT, package, error.message), hint=UNTOUCHED)
    except NetnsctlError as error:
        tell('the ip in %s could not be tried first: %s' % (package, error.message))
        return
    if not program.netns:
        raise NetnsctlError('%s: the ip in %s does not support netns' % (ATTEMPT, package), hint=UNTOUCHED)


def _install(host, manager, path, kept, workplace, tell):
    """Installs it, and goes back where that leads to no `ip` with netns. NetnsctlError, UndoError."""
    cause = None
    try:
        manager.install(path, workplace.folder('cache'), keep=workplace.lock)
    except NoAnswerError as error:
        cause = '%s (it was killed midway)' % error.message
    except NetnsctlError as error:
        cause = error.message
    _conclude(host, kept, cause, workplace, tell)


def _conclude(host, kept, cause, workplace, tell):
    """After an install that ended somehow: what works is finished, all else taken back. NetnsctlError, UndoError."""
    try:
        now = rpm.installed(host, PACKAGE)
    except NetnsctlError as error:
        _put_back(kept, '%s; and %s' % (cause or 'it was interrupted', error.message))
        raise UndoError('%s: %s; %s' % (ATTEMPT, cause or 'it was interrupted', error.message),
                        hint='The files of %s are in place. The rpm database must be repaired: rpm --rebuilddb'
                             % kept.before)
    if _works(host) and kept.package in now:
        if kept.before in now:
            rpm.remove(host, kept.before)
        tell('upgraded %s to %s' % (kept.before, kept.package))
        tell('%s supports netns' % own_ip(host).path)
        kept.forget()
        return
    if cause is None:
        program = own_ip(host)
        cause = 'it was interrupted' if kept.package not in now else \
            'it is installed, and %s' % ('%s does not support netns' % program.path if program else 'no ip works')
    _go_back(host, kept, cause, now, workplace)


def _go_back(host, kept, cause, now, workplace):
    """The host gets the iproute back that it had. Raises NetnsctlError, or UndoError if some of it is left."""
    if kept.package in now and kept.before in now:
        rpm.remove(host, kept.package)
    changed = _put_back(kept, cause)
    now = rpm.installed(host, PACKAGE)
    if now != [kept.before] and _reinstall(host, kept, workplace):
        now, changed = rpm.installed(host, PACKAGE), True
    if now == [kept.before]:
        kept.forget()
        raise NetnsctlError('%s: %s' % (ATTEMPT, cause),
                            hint='Went back to %s.' % kept.before if changed else UNTOUCHED)
    kept.forget()
    raise UndoError('%s: %s; the files of %s are back, but the rpm database has %s' % (
        ATTEMPT, cause, kept.before, ', '.join(str(item) for item in now) or 'none'),
        hint='No enabled repository offers the old one, signed by a key that rpm has.\n'
             'If you have a package file of it: rpm -Uvh --oldpackage FILE')


def _put_back(kept, cause):
    """Puts the old files back: were any not as they were? UndoError."""
    try:
        return bool(kept.restore())
    except (OSError, IOError) as error:
        raise UndoError('%s: %s; and the old files could not be put back: %s' % (ATTEMPT, cause, error.strerror),
                        hint='They are in %s/files.tar; the next `netnsctl repo enable --upgrade` tries again.'
                             % saved.PLACE)


def _reinstall(host, kept, workplace):
    """Installs the old package again, where a repository of the host's has it and rpm trusts its key: was it done?"""
    path = yum.found(host).download_older(kept.before, workplace.folder('older'))
    if path is None or not rpm.is_trusted(host, path):
        return False
    try:
        rpm.install_older(host, path)
        return True
    except NetnsctlError:
        return False
