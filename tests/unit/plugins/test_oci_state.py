"""The state of a container that an OCI runtime writes to the hook: what is read of it, and what is refused."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.compat import to_bytes
from netnsctl.errors import NoAnswerError, UsageError
from netnsctl.model.endpoint import Target
from netnsctl.plugins import documents, oci

WIRE = 'self:eth0=10.0.0.2/24 bridge://br0=10.0.0.1/24'
GOOD = {'ociVersion': '1.0.2', 'id': '0d00dd46d494', 'status': 'creating', 'pid': 99, 'bundle': '/b',
        'annotations': {'io.container.manager': 'libpod', 'netnsctl.wire': WIRE, 'x': 'y'}}


def state(**changes):
    found = dict(GOOD, **changes)
    return to_bytes(json.dumps(dict((key, value) for key, value in found.items() if value is not Ellipsis)))


def test_what_a_runtime_says_is_read():
    read = oci.read_state(state())
    assert (read.identity, read.has_ended, read.pid, read.bundle) == ('0d00dd46d494', False, 99, '/b')
    assert read.annotations == {'netnsctl.wire': WIRE}
    line, = oci.lines_of(read, Target('podman', 'web'))
    assert str(line.a) == 'podman://web:eth0=10.0.0.2/24' and str(line.b) == 'bridge://br0=10.0.0.1/24'


def test_one_that_has_ended_has_no_pid():
    read = oci.read_state(state(status='stopped', pid=Ellipsis, annotations=None))
    assert read.has_ended and read.annotations == {}
    assert oci.read_state(state(status='stopped', pid=0)).has_ended


def test_several_annotations_are_several_wires_and_none_is_none():
    read = oci.read_state(state(annotations={
        'netnsctl.wire.a': 'self:eth0 bridge://a', 'netnsctl.wire.b': 'self:eth1 podman://db', 'netnsctl.wire': 'none',
        'org.netnsctl.wires': 'self bridge://c'}))
    assert [str(line.b) for line in oci.lines_of(read, Target('podman', 'web'))] == ['bridge://a', 'podman://db']


@pytest.mark.parametrize('said, cause', [
    ({'netnsctl.wires': 'self bridge://c'}, 'annotation netnsctl.wires: it is not netnsctl.wire'),
    ({'netnsctl.wire': 'self=10.0.0.2/24 bridge://c', 'gw': '10.0.0.1'}, 'comma: gw=10.0.0.1 has become'),
    ({'netnsctl.wire': 'bridge://c=10.0.0.1/24', 'nat self:eth0': '10.0.0.2/24'}, 'comma: nat self:eth0=10.0.0.2/24')])
def test_annotations_that_are_mistyped_or_split_at_a_comma_are_refused(said, cause):
    with pytest.raises(UsageError) as raised:
        oci.lines_of(oci.read_state(state(annotations=said)), Target('podman', 'web'))
    assert cause in raised.value.message


@pytest.mark.parametrize('data,words', [
    (b'', 'not JSON'), (b'\xff{}', 'not UTF-8'), (b'[]', 'not a JSON object'), (b'{"id":', 'not JSON'),
    (b'[' * 100000, 'nested too deeply'), (b'{"a":' * 50 + b'1' + b'}' * 50, 'nested too deeply'),
    (b'{"id": NaN}', 'id'), (state(id=Ellipsis), 'id'), (state(id=7), 'id'), (state(id='../x'), 'id'),
    (state(id='a/b'), 'id'), (state(id='a\nb'), 'id'), (state(id='a\0b'), 'id'), (state(id='.hidden'), 'id'),
    (state(id='x' * 300), 'id'), (state(id=''), 'id'), (state(status='running'), 'status'),
    (state(status=['creating']), 'status'), (state(status='\x1b[31m'), 'status'), (state(pid=Ellipsis), 'pid'),
    (state(pid='99'), 'pid'), (state(pid=0), 'pid'), (state(pid=1), 'pid'), (state(pid=-5), 'pid'),
    (state(pid=True), 'pid'), (state(pid=99.0), 'pid'), (state(pid=1 << 70), 'pid'), (state(bundle='b'), 'bundle'),
    (state(bundle=None), 'bundle'), (state(bundle='/a\0b'), 'bundle'), (state(annotations=['x']), 'annotations'),
])
def test_what_is_no_state_is_refused_in_one_line(data, words):
    with pytest.raises(UsageError) as caught:
        oci.read_state(data)
    assert words in caught.value.message and '\n' not in caught.value.message and '\x1b' not in caught.value.message


@pytest.mark.parametrize('key,value,words', [
    ('netnsctl.wire', 7, 'not text'), ('netnsctl.wire', None, 'not text'), ('netnsctl.wire', 'x' * 5000, 'longer'),
    ('netnsctl.wire', 'self:eth0 bridge://b\nself:eth1 bridge://c', 'control'),
    ('netnsctl.wire', 'self:eth0\0 bridge://b', 'control'), ('netnsctl.wire', 'bridge://a bridge://b', 'self'),
    ('netnsctl.wire', 'self:a self:b', 'self'), ('netnsctl.wire', 'self phys://eth0', 'phys'),
    ('netnsctl.wire', 'self pid://1', 'pid'), ('netnsctl.wire', 'self 1', 'cannot'),
    ('netnsctl.wire', 'self /proc/1/ns/net', 'path'), ('netnsctl.wire', 'self host=10.0.0.1,route=0.0.0.0/0', 'routes'),
    ('netnsctl.wire', '', 'endpoints'), ('netnsctl.wire.', WIRE, 'letters'), ('netnsctl.wire.a/b', WIRE, 'letters'),
    ('netnsctl.wire.\n', WIRE, 'letters'), ('netnsctl.wire.' + 'x' * 65, WIRE, 'letters'),
])
def test_an_annotation_that_asks_for_too_much_is_refused_by_its_name(key, value, words):
    read = oci.read_state(state(annotations={key: value}))
    with pytest.raises(UsageError) as caught:
        oci.lines_of(read, Target('podman', 'web'))
    message = caught.value.message
    assert words in message and message.startswith('podman://web: annotation netnsctl.wire') and '\n' not in message


def test_more_annotations_than_wires_a_container_may_have_are_refused():
    read = oci.read_state(state(annotations=dict(('netnsctl.wire.%d' % at, WIRE) for at in range(17))))
    with pytest.raises(UsageError):
        oci.lines_of(read, Target('podman', 'web'))


def piped(data=None):
    """A descriptor from which these bytes can be read; without any, one that never ends."""
    reading, writing = os.pipe()
    if data is not None:
        os.write(writing, data)
        os.close(writing)
    return reading


def test_what_does_not_end_is_given_up(monkeypatch):
    monkeypatch.setattr(documents, 'SECONDS', 0.05)
    with pytest.raises(NoAnswerError):
        documents.read_all(piped(), 'it')


def test_what_is_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(documents, 'BYTES', 100)
    assert documents.read_all(piped(b'x' * 100), 'it') == b'x' * 100
    with pytest.raises(UsageError):
        documents.read_all(piped(b'x' * 101), 'it')
