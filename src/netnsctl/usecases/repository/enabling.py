"""The repository set up on the host, and removed: two files, the key's and the repository's."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge.files import own_files
from netnsctl.edge.packages import yum
from netnsctl.edge.packages.gpg import NotAKey
from netnsctl.edge.host import remove_temp_files, write_file
from netnsctl.edge.privileges import require_root
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.execution import signals
from netnsctl.usecases.repository import keys, repo_file
from netnsctl.usecases.repository.repo_file import ABSENT, CHANGED, OURS
from netnsctl.usecases.repository.workplace import Workplace

_MODE = 0o644
_BACKUPS = 1000


class Wanted(object):
    """What `repo enable` is to set up. preset: presets.Preset. baseurl, fingerprint: None if those that are set up
    already are to stay, or else the preset's. gpgkey: path of a key file to be installed, or None: it is there already.
    force: also over a file that a person changed."""

    def __init__(self, preset, baseurl=None, gpgkey=None, fingerprint=None, force=False):
        self.preset, self.baseurl, self.gpgkey, self.fingerprint = preset, baseurl, gpgkey, fingerprint
        self.force = force

    @property
    def asks_nothing(self):
        """Is what is set up already good enough?"""
        return not (self.baseurl or self.gpgkey or self.fingerprint or self.force)


def enable(host, wanted):
    """Sets the repository up: list of lines on what was done; ['nothing to do: ...'] where it is so already.

    UsageError for a URL that is none; NetnsctlError if there is no yum or dnf, or the key is missing or another one;
    ConflictError if a person's file is in the place. In each case nothing was changed.
    """
    require_root('repo enable')
    yum.found(host)
    preset = wanted.preset
    with Workplace(host) as workplace:
        now = repo_file.read(host, preset)
        baseurl = wanted.baseurl or (now.baseurl if now.state == OURS else None) or preset.baseurl
        fingerprint = wanted.fingerprint or now.fingerprint or preset.fingerprint
        repo_file.check_url(baseurl)
        key = _key_to_write(host, wanted, fingerprint, workplace)
        if now.repo is not None and wanted.asks_nothing:
            return ['nothing to do: %s is in place%s' % (
                preset.place, ', with changes by somebody' if now.state == CHANGED else '')]
        if now.state == CHANGED and not wanted.force:
            raise ConflictError('repo enable: %s exists and is not as netnsctl wrote it' % preset.place,
                                hint='Nothing was changed. With --force it is replaced, and a copy is kept.')
        # Also where a person changed the file since; another key in its place is that person's.
        key_is_ours = key is not None or now.key_is_ours and now.fingerprint == fingerprint
        text = repo_file.render(preset, baseurl, fingerprint, key_is_ours)
        if key is None and now.text == text and now.state == OURS:
            return ['nothing to do: %s is in place' % preset.place]
        with signals.held():
            _sweep(host, preset)
            return _write(host, preset, key, text, now)


def _key_to_write(host, wanted, fingerprint, workplace):
    """The KeyFile that is to be put in the key's place; None if it is there already.

    NetnsctlError if the key is missing or another one; ConflictError if another one lies in its place: somebody trusts
    it for something.
    """
    place = wanted.preset.key_path
    is_there = os.path.lexists(host.path(place))
    if wanted.gpgkey is None:
        keys.read(host, place, fingerprint, workplace.folder('key'))
        return None
    key = keys.read(host, wanted.gpgkey, fingerprint, workplace.folder('key'))
    if not is_there:
        return key
    try:
        keys.read(host, place, fingerprint, workplace.folder('installed key'))
    except NetnsctlError:
        if wanted.force:
            return key
        raise ConflictError('repo enable: %s exists and is another key' % place,
                            hint='Nothing was changed. With --force it is replaced, and a copy is kept.')
    return None


def _write(host, preset, key, text, now):
    """Writes the files: list of lines. What cannot be finished is taken back.

    The repository's first, disabled and of no use without its key: it says whose the key is, also after a kill.
    """
    told, undo = [], []
    try:
        # A copy is kept of what a person wrote; what netnsctl wrote it can write again.
        told += _replace(host, preset.place, text, undo, keeps=now.state == CHANGED)
        if key is not None:
            told = _replace(host, preset.key_path, key.text, undo) + told
    except BaseException as error:
        _take_back(undo)
        if isinstance(error, (OSError, IOError)):
            raise NetnsctlError('repo enable: write %s: %s' % (error.filename or preset.place, error.strerror),
                                hint='Nothing was changed.')
        raise
    return told


def _sweep(host, preset):
    """Removes the temp files of runs that were killed. Nobody else has one: the Workplace is ours."""
    for place in (preset.place, preset.key_path):
        remove_temp_files(host.path(place))


def _take_back(undo):
    """Runs what undoes each step, the last first; one that cannot be done does not keep the others."""
    for step in reversed(undo):
        try:
            step()
        except (OSError, IOError):
            continue


def _replace(host, place, text, undo, keeps=True):
    """Writes one file, 0644, with a copy kept of one that was there: list of lines. OSError, nothing changed."""
    path = host.path(place)
    _make_folders(os.path.dirname(path), undo)
    told = []
    is_there = os.path.lexists(path)
    before = host.read(place) if is_there and not keeps else None
    if is_there and keeps:
        backup = _free_name(path)
        if os.path.islink(path):
            os.rename(path, backup)
        else:
            os.link(path, backup)  # at no moment is there none
        undo.append(lambda: os.rename(backup, path))
        told.append('kept what was there as %s' % backup[len(host.root):])
    try:
        write_file(path, text, _MODE, sync=True)
    except (OSError, IOError) as error:
        error.filename = place
        raise
    if before is not None:
        undo.append(lambda: write_file(path, before, _MODE))
    elif not told:
        undo.append(lambda: os.unlink(path))
    return told + ['wrote %s' % place]


def _make_folders(folder, undo):
    if os.path.isdir(folder):
        return
    _make_folders(os.path.dirname(folder), undo)
    own_files.make_folder(folder, 0o755)
    undo.append(lambda: os.rmdir(folder))


def _free_name(path):
    """A name beside a file that is not taken and that yum does not read."""
    for number in range(1, _BACKUPS):
        candidate = '%s.bak%s' % (path, '' if number == 1 else number)
        if not os.path.lexists(candidate):
            return candidate
    raise NetnsctlError('repo enable: there are %d copies of %s already' % (_BACKUPS, path))


def disable(host, preset, force=False):
    """Takes the repository away: list of lines. iproute stays as it is installed.

    ConflictError if a person changed the file and force is not given; with it a copy is kept.
    """
    require_root('repo disable')
    with Workplace(host) as workplace:
        now = repo_file.read(host, preset)
        if now.state == ABSENT:
            return ['nothing to do: there is no %s' % preset.place]
        if now.state == CHANGED and not force:
            raise ConflictError('repo disable: %s is not as netnsctl wrote it' % preset.place,
                                hint='Nothing was changed. With --force it is removed, and a copy is kept.')
        removes_key = now.key_is_ours and _is_the_key(host, preset, now, workplace, force)
        with signals.held():
            _sweep(host, preset)
            return _take_away(host, preset, now, removes_key)


def _is_the_key(host, preset, now, workplace, force):
    """Is the key in its place still the one that netnsctl put there? A person may have put another. NetnsctlError if
    that is not certain and force is not given."""
    try:
        keys.read(host, preset.key_path, now.fingerprint, workplace.folder('key'))
        return True
    except NotAKey:
        return False
    except NetnsctlError:
        if force:
            return False
        raise


def _take_away(host, preset, now, removes_key):
    """Removes the key's file first, for the repository's says whose it is: list of lines."""
    path, key_path = host.path(preset.place), host.path(preset.key_path)
    told, undo, place = [], [], preset.key_path
    try:
        if removes_key:
            text = host.read(preset.key_path)
            os.unlink(key_path)
            undo.append(lambda: write_file(key_path, text, _MODE))
            told.append('removed %s' % preset.key_path)
        place = preset.place
        if now.state == CHANGED:
            backup = _free_name(path)
            os.rename(path, backup)
            return told + ['moved %s to %s' % (preset.place, backup[len(host.root):])]
        os.unlink(path)
        return told + ['removed %s' % preset.place]
    except OSError as error:
        _take_back(undo)
        raise NetnsctlError('repo disable: remove %s: %s' % (place, error.strerror), hint='Nothing was changed.')
