"""Which wires have a NIC of the host's: an empty file for each, so that no command has to read every record for that.

    nics/NAME   written before the record of the wire, and removed once there is none
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.errors import NetnsctlError

FOLDER = 'nics'


def note(session, name):
    """A wire of that name is about to be made. With the lock held."""
    session.state.make(FOLDER)
    session.state.write_json(FOLDER, name, {})


def names(session):
    """Names of wires that may have a NIC: sorted list. NetnsctlError."""
    try:
        found = os.listdir(session.state.path(FOLDER)) if session.state.require_own(FOLDER) else []
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return []
        raise NetnsctlError('read %s: %s' % (session.state.path(FOLDER), error.strerror))
    return sorted(name for name in found if not name.endswith('.tmp'))


def remove(session, name):
    """There is no such wire any more. With the lock held."""
    try:
        os.unlink(session.state.path(FOLDER, name))
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise NetnsctlError('remove %s: %s' % (session.state.path(FOLDER, name), error.strerror))
