"""Which records are parsed to find out whether a wire was asked for before."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.execution.state import as_json
from netnsctl.usecases.recorded import existing, records
from support.program import TOP


class Session(object):
    """A session that has these records."""
    group = None

    def __init__(self, *found):
        self.found, self.places = found, existing.Places()

    def recorded(self, pending):
        assert not pending
        return self.found


def record(name):
    with open(os.path.join(TOP, 'tests', 'records', 'today', name + '.json'), 'rb') as source:
        return records.Record(as_json(source.read()))


def test_a_record_with_other_links_is_not_parsed_for_each_new_wire():
    plain, bridged = record('plain'), record('a-br0')
    session = Session(plain)
    keys = [(found['dev'], found['ino']) for found in (plain.netns['a'], plain.netns['b'])]
    for devs in ([], ['A'], ['B', 'A']):
        assert existing._names_at(session, keys, devs) == set(['plain'])
    assert existing._names_at(session, keys, ['A', 'C']) == set()
    assert existing._names_at(session, keys + [(0, 0)], []) == set()
    session.places.add(bridged)
    at = bridged.netns['a']
    assert existing._names_at(session, [(at['dev'], at['ino'])], [bridged.ends[0].dev]) == set(['a-br0'])
