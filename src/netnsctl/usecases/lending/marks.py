"""Which wires have a NIC of the host's: an empty file for each, so that no command has to read every record for that.

    nics/NAME   written before the record of the wire, and removed once there is none
"""
from __future__ import absolute_import, division, print_function

FOLDER = 'nics'


def note(session, name):
    """A wire of that name is about to be made. With the lock held."""
    session.state.make(FOLDER)
    session.state.write_json(FOLDER, name, {})


def names(session):
    """Names of wires that may have a NIC: sorted list. NetnsctlError."""
    return session.state.names(FOLDER)


def remove(session, name):
    """There is no such wire any more. With the lock held."""
    session.state.remove(FOLDER, name)
