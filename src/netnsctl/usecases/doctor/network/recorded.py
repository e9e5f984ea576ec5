"""The wires in the journal, read without the lock and without changing anything, for checks."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases.recorded.records import Journal

HOST = 'host'
BRIDGE = 'bridge://'


def read_wires(host):
    """Records of the committed wires, by name: list of Record. None if they may not be read.

    Those that cannot be read are left out: the check `wires` reports them. Read once for all checks of a host: on
    Python 2.6 a hundred take seconds.
    """
    journal = Journal(State(host))
    try:
        names = journal.names()[0]
    except NetnsctlError:
        return None
    # Every change of the journal renames a file in its directory.
    moment = names, _changed(journal.state.path('wires'))
    if getattr(host, 'doctors_wires', (None,))[0] != moment:
        host.doctors_wires = moment, _read(journal, names)
    return host.doctors_wires[1]


def _changed(folder):
    try:
        return os.stat(folder).st_mtime
    except OSError:
        return None


def _read(journal, names):
    found = []
    for name in names:
        try:
            record = journal.load(name)
        except (NetnsctlError, KeyError, TypeError):
            continue
        if record is not None and is_whole(record):
            found.append(record)
    return found


def is_whole(record):
    """Does a record have the fields that a check reads?"""
    return isinstance(record.data.get('name'), str) and all(
        isinstance(end.data.get(key), kind) for end in record.ends
        for key, kind in (('target', str), ('dev', (str, type(None))), ('addresses', list), ('gateways', list),
                          ('asked', dict)))


def host_link(end):
    """The link of the host that holds an end's addresses: the end itself, the bridge, or None."""
    if end.target == HOST:
        return end.dev
    return end.target[len(BRIDGE):] if end.target.startswith(BRIDGE) else None


def host_ends(record):
    """[(link of the host, that end, the other end)] of a record."""
    first, second = record.ends
    return [(host_link(end), end, other) for end, other in ((first, second), (second, first))
            if host_link(end) is not None]
