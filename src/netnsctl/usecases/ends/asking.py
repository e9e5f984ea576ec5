"""Wires that are committed and wait for an address by DHCP, without which they are taken back: if the command that
waits is killed, the next one takes them back.

    asking/ID.json   {name, replaces: the record that it took the place of, or null, pid, start: of the process}
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import netns

FOLDER = 'asking'


def note(session, record):
    """Writes down a wire that is about to be committed, with the lock held."""
    old = record.replaces
    session.state.make(FOLDER)
    session.state.write_json(FOLDER, record.id + '.json', {
        'name': record.name, 'replaces': old and old.data, 'pid': os.getpid(), 'start': netns.start_time(os.getpid())})


def forget(session, wire_id):
    """The wire has its address, or is gone."""
    session.state.remove(FOLDER, wire_id + '.json')


def abandoned(session):
    """[(name, id, replaced record's data or None)] of the wires whose process is gone."""
    found = []
    for name in session.state.names(FOLDER):
        data = session.state.read_json(FOLDER, name) if name.endswith('.json') else None
        if isinstance(data, dict) and set(data) >= set(['name', 'replaces', 'pid', 'start']):
            if isinstance(data['pid'], int) and not _runs(session.host, data):
                found.append((data['name'], name[:-len('.json')], data['replaces']))
    return found


def _runs(host, data):
    """Does the process that waits still run? One that nobody has reaped does not."""
    state = (host.read('/proc/%d/stat' % data['pid']) or '').rpartition(')')[2].split()[:1]
    return bool(state) and state[0] not in 'ZX' and netns.start_time(data['pid']) == data['start']
