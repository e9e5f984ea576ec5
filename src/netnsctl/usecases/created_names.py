"""Named namespaces that `up` made: written down, so that `down` takes away those and no others."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import to_bytes
from netnsctl.edge import netns, netns_dir
from netnsctl.errors import NetnsctlError, NotFoundError

_FOLDER = 'names'


def make(session, name):
    """Makes a namespace of that name where there is none. With the lock held. NetnsctlError.

    A name that leads to none (it was made before a reboot, or by one that was killed) is taken away first.
    """
    try:
        netns.open_named(name).close()
        return
    except NotFoundError:
        pass
    try:
        if os.path.lexists(netns_dir.path_of(to_bytes(name))):
            netns_dir.remove_stale(to_bytes(name))
        netns_dir.add(to_bytes(name))
    except netns_dir.AddError as error:
        raise NetnsctlError('make the namespace %s: %s: %s' % (name, error.step, error.error.strerror))
    except OSError as error:
        raise NetnsctlError('make the namespace %s: remove the stale name: %s' % (name, error.strerror))
    opened = netns.open_named(name)
    try:
        session.state.make(_FOLDER)
        session.state.write_json(_FOLDER, name + '.json', opened.identity())
    finally:
        opened.close()


def remove_unused(session, names=None):
    """Removes namespaces that make() made, of these names or of all, once no wire ends and no process is in one.

    With the lock held: list of names. NetnsctlError where one cannot be removed.
    """
    try:
        known = [entry[:-len('.json')] for entry in os.listdir(session.state.path(_FOLDER)) if entry.endswith('.json')]
    except OSError:
        return []
    gone = []
    for name in sorted(known):
        if names is None or name in names:
            if _remove(session, name):
                gone.append(name)
    return gone


def _remove(session, name):
    identity = session.state.read_json(_FOLDER, name + '.json')
    opened = netns.open_again(identity) if identity else None
    try:
        if opened is not None:
            if _has_wire(session, name) or _has_process(opened):
                return False
            try:
                netns_dir.unmount_and_unlink(to_bytes(name))
            except OSError as error:
                raise NetnsctlError('remove the namespace %s: %s' % (name, error.strerror))
    finally:
        if opened is not None:
            opened.close()
    os.unlink(session.state.path(_FOLDER, name + '.json'))
    return opened is not None


def _has_wire(session, name):
    target = 'netns://' + name
    return any(end['target'] == target for wire in session.journal.names()[0]
               for end in session.journal.load(wire)['ends'])


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
