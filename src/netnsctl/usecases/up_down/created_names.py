"""Named namespaces that `up` makes: recorded first, so that `down` removes those and no others.

    names/DIGEST.json   {name, made: Netns.identity(), or null while it is being made,
                         making: the identity before the name leads to it, null before there is one,
                         file: the inode number of the file of that name and its ctime in ms, null before it is known}

A digest, because a name may be as long as a file name can be.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import stat
import time

from netnsctl.compat import native, sha256_hex, shell_quote, to_bytes
from netnsctl.edge import netns, netns_dir
from netnsctl.edge.survey import elsewhere
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError
from netnsctl.execution import signals
from netnsctl.execution.backends.netlink import Netlink
from netnsctl.model.operations import SetUp

_FOLDER = 'names'


def make(session, name, made):
    """Makes a namespace of that name if there is none, and adds the name to a list, made: a signal comes before or
    after both. With the lock held. NetnsctlError; ConflictError where another process is just making it.

    A name that leads to none (it was made before a reboot, or by one that was killed) is removed first.
    """
    file_name = _file_of(name)
    note = _note_in(session, file_name)
    if _is_there(name):
        if not note or note['made'] is not None:
            return
    elif _is_made_by_another(name, note):
        if _is_there(name):
            return
        raise ConflictError('make the namespace %s: another process is making it' % name,
                            hint='Or it was killed doing so: run the command again in a few seconds.')
    with signals.held():
        try:
            opened = netns.open_named(name)
        except NotFoundError:
            note = _add(session, name, file_name, note)
            made.append(name)
            opened = netns.open_named(name)
        try:
            if _is_half_made(opened, note):
                # `ip netns add` leaves lo down; what runs in a namespace of the tree expects 127.0.0.1 to answer.
                Netlink({'a': opened}).apply((SetUp('a', 'lo'),))
                session.state.write_json(_FOLDER, file_name, {'name': name, 'made': opened.identity(),
                                                              'file': note.get('file')})
        finally:
            opened.close()


def _is_there(name):
    try:
        return netns_dir.is_namespace(os.stat(_path_of(name)))
    except OSError:
        return False


def _is_half_made(opened, note):
    """Is an open Netns the one that make() has made, by its note, and not set up?"""
    if not note or note['made'] is not None or note.get('making') is None:
        return False
    try:
        return opened.is_the_same_as(note['making'])
    except (KeyError, TypeError):
        return False  # a damaged note


def _is_made_by_another(name, note):
    """Is the name, which leads to no namespace, one that another process is just making? Waits for that, as
    `netnsctl netns` does: True as well if it leads to one by then. note: the one that make() wrote for it, or {}."""
    try:
        status = os.lstat(_path_of(name))
    except OSError:
        return False
    if not netns_dir.is_being_made(status) or note.get('file') == _number_of(status):
        return False
    descriptor, error = netns_dir.open_name(to_bytes(name), time.time() + netns_dir.RACE_SECONDS)
    if descriptor is not None:
        os.close(descriptor)
        return True
    # An `up` that was killed between the file and its number in the note: whoever lives would have done it by now.
    is_ours = bool(note) and note['made'] is None and note.get('making') is None
    return error.errno != errno.ENOENT and not is_ours and _is_being_made(name)


def _is_being_made(name):
    try:
        return netns_dir.is_being_made(os.lstat(_path_of(name)))
    except OSError:
        return False


def _number_of(status):
    """What tells an empty file from another of that name, where inode numbers are used again too."""
    return [status.st_ino, int(status.st_ctime * 1000)]


def _path_of(name):
    return netns_dir.path_of(to_bytes(name))


def _remove_stale(name, note):
    """Removes what leads to no namespace and has that name. note: as for _why_kept(). NetnsctlError; ConflictError if
    it may be somebody's."""
    if not os.path.lexists(_path_of(name)):
        return
    try:
        why, hint = _why_kept(name, note)
        if why:
            raise ConflictError('make the namespace %s: %s' % (name, why), hint=hint)
        netns_dir.remove_stale(to_bytes(name))
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise NetnsctlError('make the namespace %s: remove the stale name: %s' % (name, error.strerror))


def _why_kept(name, note):
    """Why an empty file or a symlink of that name must stay, in words, or None, and what to do then. note: the one that
    make() wrote for it, or {}. OSError."""
    path = _path_of(name)
    is_ours = bool(note) and (note.get('file') == _number_of(os.lstat(path))
                              or note['made'] is None and note.get('making') is None)
    mounts = elsewhere.look()
    return mounts.why_kept(path, is_ours), (
        'If nobody there uses it: rm %s' % shell_quote(native(path)) if mounts.holder_of(path) is None
        else 'Run netnsctl in that mount namespace, or choose another name.')


def _add(session, name, file_name, old):
    """Makes the namespace: the note of it. old: the note of an earlier one of that name, or {}."""
    note = {'name': name, 'made': None, 'making': None, 'file': None}

    def write():
        session.state.write_json(_FOLDER, file_name, note)

    def identify(descriptor):
        made = netns.Netns(os.dup(descriptor), 'netns://' + name, '%s/%s' % (netns_dir.NETNS_DIR, name), name)
        try:
            note.update(making=made.identity(), file=_number_of(os.lstat(_path_of(name))))
            write()
        finally:
            made.close()

    _remove_stale(name, old)
    session.state.make(_FOLDER)
    write()
    try:
        try:
            netns_dir.add(to_bytes(name), before=identify)
        except netns_dir.AddError as error:
            raise NetnsctlError('make the namespace %s: %s: %s' % (name, error.step, error.error.strerror))
        except OSError as error:
            raise NetnsctlError('make the namespace %s: %s' % (name, error.strerror))
    except NetnsctlError:
        _forget(session, file_name)
        raise
    return note


def _forget(session, file_name):
    session.state.remove(_FOLDER, file_name)


def _is_left_over(name):
    """Is the name an empty file without a mounted namespace, left by a process that was killed before mounting or after
    unmounting it?"""
    path = _path_of(name)
    try:
        return (stat.S_ISREG(os.lstat(path).st_mode) and not netns_dir.is_mounted(path)
                and netns_dir.is_removable(path))
    except OSError:
        return False


def _file_of(name):
    return sha256_hex(name)[:32] + '.json'


def _note_in(session, file_name):
    """The note in that file; {} where there is none, or it is damaged."""
    note = session.state.read_json(_FOLDER, file_name)
    return note if _is_note(note) else {}


def _is_note(note):
    return (isinstance(note, dict) and isinstance(note.get('name'), str)
            and isinstance(note.get('made', ''), (dict, type(None)))
            and isinstance(note.get('making'), (dict, type(None))))


def remove_unused(session, names=None):
    """Removes namespaces that make() made, of these names or of all, that nothing uses: no link but the kernel's own,
    no process, and no wire, not even one that is half done.

    With the lock held: (names of those removed, errors of those that could not be).
    """
    gone, errors = [], []
    try:
        notes = _notes(session)
    except NetnsctlError as error:
        return [], [error]
    for file_name, note in notes:
        name = note['name']
        if names is not None and name not in names:
            continue
        try:
            opened = _open(note['made'] or note.get('making'))
            if opened is not None:
                try:
                    if _is_used(session, opened):
                        continue
                    netns_dir.unmount_and_unlink(to_bytes(name))
                finally:
                    opened.close()
                gone.append(name)
            elif _is_left_over(name):
                if _is_made_by_another(name, note):
                    continue  # the next command looks at it again
                why = _why_kept(name, note)[0]
                if why:
                    session.notices.append('the namespace %s is not removed: %s' % (name, why))
                    continue
                netns_dir.remove_stale(to_bytes(name))
            _forget(session, file_name)
        except NetnsctlError as error:
            errors.append(error)
        except OSError as error:
            errors.append(NetnsctlError('remove the namespace %s: %s' % (name, error.strerror)))
    return gone, errors


def _is_used(session, opened):
    """Is there a link in an open Netns, or a process, or does a recorded wire end in it, whatever its target says?"""
    if any(link.name not in netns.FALLBACK for link in opened.rtnl().links()) or _has_process(opened):
        return True
    return any(opened.is_the_same_as(record.identity(end))
               for record in session.recorded(pending=True) for end in record.ends)


def _notes(session):
    """[(its file, note)] by name; one that somebody damaged is reported in a notice.
    NetnsctlError."""
    found = []
    for file_name in session.state.names(_FOLDER):
        note = session.state.read_json(_FOLDER, file_name) if file_name.endswith('.json') else None
        if _is_note(note):
            found.append((file_name, note))
        elif file_name.endswith('.json'):
            session.notices.append('%s is damaged, so no namespace is removed'
                                   % session.state.path(_FOLDER, file_name))
    return sorted(found, key=lambda item: item[1]['name'])


def _open(identity):
    """The namespace of a note, or None if there is none, or another has its name now."""
    try:
        return netns.open_again(identity) if identity is not None else None
    except NotFoundError:
        return None
    except (KeyError, TypeError):
        return None  # a damaged note


def _has_process(opened):
    """Is any process in the namespace?"""
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                status = os.stat('/proc/%s/ns/net' % entry)
            except OSError:
                continue  # ended, or a kernel's own
            if (status.st_dev, status.st_ino) == opened.key:
                return True
    return False
