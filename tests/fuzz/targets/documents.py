"""What netnsctl wrote itself, damaged: records, the other files of the state, maps that are compared."""
from __future__ import absolute_import, division, print_function

import json

from fuzz.targets import Target, folder
from netnsctl.compat import native, native_tree
from netnsctl.edge.files import config_batch, json_text
from netnsctl.edge.host import Host
from netnsctl.edge import ip_program
from netnsctl.execution.state import State
from netnsctl.model.names import default_name
from netnsctl.usecases.ends import asking
from netnsctl.usecases.map import comparing
from netnsctl.usecases.recorded import comparing as wires_compared
from netnsctl.usecases.recorded import unconfirmed
from netnsctl.usecases.recorded.records import Journal
from netnsctl.usecases.starting import container
from netnsctl.usecases.up_down import created_names

MAP = json.dumps({'version': 1, 'time': 1, 'hostname': 'h', 'namespaces': [
    {'id': 'host', 'names': ['a'], 'containers': [{'runtime': 'docker', 'name': 'x'}], 'unread': None,
     'gateways': [{'link': 'eth0', 'via': '10.0.0.1'}],
     'links': [{'name': 'eth0', 'kind': 'nic', 'up': True, 'mtu': 1500, 'addresses': ['10.0.0.2/24'],
                'peer': {'namespace': None, 'link': 'x'}, 'vlans': {'untagged': 1, 'tagged': ['20']},
                'details': {'tag': 5}, 'publishes': [{'address': '', 'port': 80, 'to': 80, 'protocol': 'tcp',
                                                      'end': 'a'}]}]}],
    'wires': [{'name': 'w', 'state': 'up', 'remarks': []}], 'notes': []})


class _Session(object):
    """As much of a session as reading takes."""

    def __init__(self):
        self.host = Host(folder.emptied('state'))
        self.state = State(self.host)
        self.notices = []
        self.folder = self.host.root + '/var/run/netnsctl'

    def put(self, name, data):
        path = folder.written('%s/%s' % (self.folder, name), data)
        return path


def _record(data):
    session = _Session()
    session.put('wires/w.json', data)
    record = Journal(session.state).load('w')
    record.plan_operations(), record.undo_operations(), record.planned('add-route', 'add-nat')
    record.has_default_name(), record.gives_host_a_link, record.has_uplink, record.replaces, record.dhcp
    assert record.is_change in (True, False) and record.has_failed_check in (True, False)
    for end in record.ends:
        asked, made = end.asked_endpoint(), end.made_endpoint()
        str(asked), str(made), end.place, end.tag, record.own_addresses(end), end.lent, end.node, end.shaping
        record.identity(end)['label']
    default_name(record.ends[0].asked_endpoint(), record.ends[1].asked_endpoint())
    wires_compared.differences(record.ends, [end.asked_endpoint() for end in record.ends])


_FILES = (
    ('unconfirmed/k.json', lambda session: (unconfirmed.marks(session), unconfirmed.left(session))),
    ('undone/w.json', lambda session: unconfirmed.undone(session, 'w', None)),
    ('asking/1.json', asking.abandoned),
    ('oci/c', container.noted),
    ('names/a.json', created_names._notes),
    ('ip.json', lambda session: ip_program.found(session.host, session.state)),
)


def _state(data):
    """The first byte says which file."""
    session = _Session()
    name, read = _FILES[bytearray(data[:1] or b'\0')[0] % len(_FILES)]
    session.put(name, data[1:])
    read(session)


def _json(data):
    """netnsctl's own files are read and written without the library's module: as that does."""
    results = []
    for module in (json_text, json):
        try:
            results.append(repr(module.loads(native(data))))
        except (ValueError, RuntimeError) as error:
            results.append('RuntimeError' if isinstance(error, RuntimeError) else 'ValueError')
    assert results[0] == results[1], '%s, not %s' % tuple(results)
    if results[0] not in ('RuntimeError', 'ValueError'):
        value = json_text.loads(native(data))
        assert json_text.dumps(value) == json.dumps(value, sort_keys=True)


def _note(data):
    config_batch._rows(native(data), '/p', '/etc/sysconfig/netns')


def _map(data):
    path = folder.written(folder.root() + '/map.json', data)
    before, now = comparing.read(path), native_tree(json.loads(MAP))
    for one, other in ((before, now), (now, before), (before, before)):
        for change in comparing.compare(one, other):
            json.dumps(change.to_json()), str(change)


_RECORD = ('"version"', '"id"', '"name"', '"ends"', '"netns"', '"plan"', '"undo"', '"replaces"', '"verb"', '"asked"',
           '"add-link"', '"delete-link"', '"add-address"', '"add-route"', '"add-nat"', '"addresses"', '"routes"',
           '"rules"', '"data"', '"shaping"', '"lent"', '"dhcp"', '"bridge"', '"index"', 'null', '[]', '{}')
_STATE = ('"due"', '"seconds"', '"save"', '"run"', '"wires"', '"hook"', '"scheme"', '"done"', '"pid"', '"start"',
          '"made"', '"fingerprint"', '"netns"', '"dash_n"', '"replaces"', '"at"', '"back"', '[[[[')
_MAP = ('"namespaces"', '"links"', '"wires"', '"names"', '"containers"', '"gateways"', '"unread"', '"vlans"', '"peer"',
        '"parent"', '"details"', '"publishes"', '"remarks"', '"state"')

TARGETS = [
    Target('record', _record, _RECORD, is_json=True),
    Target('state', _state, _STATE, is_json=True),
    Target('json', _json, ('NaN', '-Infinity', '1e999', '\\ud800', '\\udc00', '\\u', 'null', 'true', '{}'),
           is_json=True),
    Target('saving-note', _note, ('"a/ifcfg-eth0"', 'null', '[[')),
    Target('map-diff', _map, _MAP, is_json=True),
]
