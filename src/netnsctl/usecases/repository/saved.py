"""The iproute that a host had, kept from before an upgrade until that is known to be good: its files, and a note.

On disk and not below /run: an upgrade may be interrupted by a power cut. Each command that finds a note settles what it
is about before it does anything else (upgrading.settle).
"""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import stat
import tarfile

from netnsctl.compat import native_tree
from netnsctl.edge.packages import nevra, rpm
from netnsctl.edge.files import own_files
from netnsctl.edge.host import remove_temp_files, write_file
from netnsctl.errors import NetnsctlError

PLACE = '/var/lib/netnsctl/iproute'
_NOTE, _ARCHIVE = 'note.json', 'files.tar'


class Saved(object):
    """before, package: Nevra, of what was installed and of what is to replace it. folder: real path, 0700, also for
    what is to be run (/run may be mounted noexec)."""
    __slots__ = ('host', 'before', 'package', 'folder')

    def __init__(self, host, before, package):
        self.host, self.before, self.package = host, before, package
        self.folder = host.path(PLACE)

    def save(self):
        """Copies the files of the installed package and writes the note. NetnsctlError."""
        try:
            stream = os.fdopen(own_files.create(os.path.join(self.folder, _ARCHIVE)), 'wb')
            archive = tarfile.open(fileobj=stream, mode='w')
            try:
                for name in rpm.files_of(self.host, self.before):
                    path = self.host.path(name)
                    if os.path.lexists(path) and (os.path.islink(path) or not os.path.isdir(path)):
                        archive.add(path, name, recursive=False)
            finally:
                archive.close()
                stream.close()
            note = dict((which, [getattr(item, field) for field in nevra.FIELDS])
                        for which, item in (('before', self.before), ('package', self.package)))
            write_file(os.path.join(self.folder, _NOTE), json.dumps(note), sync=True)
        except (OSError, IOError) as error:
            raise NetnsctlError('keep a copy of %s: %s' % (self.before, error.strerror or error))

    def restore(self):
        """Puts those files back that are not as they were, each at once: list of their names. OSError."""
        changed = []
        archive = tarfile.open(os.path.join(self.folder, _ARCHIVE))
        try:
            for member in archive.getmembers():
                name = '/' + member.name.lstrip('/')
                if not _is_as_it_was(self.host.path(name), member, archive):
                    _put(self.host.path(name), member, archive)
                    changed.append(name)
        finally:
            archive.close()
        relabel = self.host.find('restorecon')
        if changed and relabel:
            self.host.run([relabel, '--'] + changed)
        return changed

    def forget(self):
        """Removes the note first, and then the rest."""
        try:
            os.unlink(os.path.join(self.folder, _NOTE))
        except OSError:
            pass  # it had not been written
        shutil.rmtree(self.folder, ignore_errors=True)


def make(host, before, package):
    """A new, empty Saved. NetnsctlError if its directory cannot be made."""
    found = Saved(host, before, package)
    try:
        own_files.make_folder(os.path.dirname(found.folder), parents=True)
        shutil.rmtree(found.folder, ignore_errors=True)
        own_files.make_folder(found.folder)
    except OSError as error:
        raise NetnsctlError('make %s: %s' % (PLACE, error.strerror))
    return found


def find(host):
    """The Saved of an upgrade that was not settled, or None. NetnsctlError if others could have written it: its files
    would be put into the system."""
    folder = host.path(PLACE)
    if not own_files.require_own(os.path.dirname(folder)) or not own_files.require_own(folder):
        return None
    text = own_files.read(os.path.join(folder, _NOTE))
    if text is None:
        return None
    try:
        note = native_tree(json.loads(text.decode('utf-8')))
        return Saved(host, nevra.Nevra(*note['before']), nevra.Nevra(*note['package']))
    except (OSError, IOError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def _is_as_it_was(path, member, archive):
    try:
        status = os.lstat(path)
        if member.issym():
            return stat.S_ISLNK(status.st_mode) and os.readlink(path) == member.linkname
        if not stat.S_ISREG(status.st_mode) or status.st_size != member.size:
            return False
        if (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid) != (member.mode, member.uid, member.gid):
            return False
        with open(path, 'rb') as source:
            return source.read() == archive.extractfile(member).read()
    except (OSError, IOError):
        return False


def _put(path, member, archive):
    """Writes one file beside its place and renames it there: at no moment is there none. OSError."""
    remove_temp_files(path)  # of a run that was killed
    temp = '%s.%d.tmp' % (path, os.getpid())
    try:
        if member.issym():
            os.symlink(member.linkname, temp)
        else:
            with os.fdopen(own_files.create(temp), 'wb') as target:
                shutil.copyfileobj(archive.extractfile(member), target)
            os.chown(temp, member.uid, member.gid)
            os.chmod(temp, member.mode)
            os.utime(temp, (member.mtime, member.mtime))
        os.rename(temp, path)
    except (OSError, IOError):
        if os.path.lexists(temp):
            os.unlink(temp)
        raise
