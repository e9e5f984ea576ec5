"""Labels as an engine tells them, and an engine that lies or is silent about an image."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.edge.host import Host
from netnsctl.edge.runtimes import labelled
from netnsctl.errors import NetnsctlError, NotFoundError
from support.engine import Engine, http

ID, IMAGE = 'a' * 64, 'sha256:' + 'b' * 64
BRIDGE = 'self bridge://br0'


@pytest.fixture
def engine(tmpdir):
    """engine(rows, container, image): a Host whose docker answers so: documents, or (status, text)."""
    made = []

    def start(rows=(), container=None, image=None):
        def reply(request):
            path = request.split(b' ')[1].decode('ascii')
            said = rows if path == '/containers/json' else container if path.startswith('/containers/') else image
            status, text = said if isinstance(said, tuple) and said else ('200 OK', json.dumps(said))
            return http(status, text)
        made.append(Engine(str(tmpdir.join('s')), reply))
        return Host(environ=dict(made[-1].environ))
    yield start
    for one in made:
        one.close()


def row(**more):
    return dict({'Id': ID, 'Names': ['/web'], 'Labels': {'netnsctl.wire': BRIDGE}}, **more)


WEB = labelled.Labelled('docker', ID, 'web', {'netnsctl.wire': BRIDGE, 'netnsctl.wire.b': 'x'})
RUNS = {'Image': IMAGE, 'State': {'Running': True}}


@pytest.mark.parametrize('rows, names', [
    ([row()], ['web']),
    ([row(Names=['/other/alias', '/web'])], ['web']),
    ([row(Labels=None), row(Labels=[]), row(Labels={'a': 1, 'b': None})], ['web'] * 3),
    ([row(Id='zz'), row(Id=None), row(Names=[]), row(Names=None), row(Names=['/-x']), row(Names=['/a b  c']),
      row(Names=['/' + 'x' * 300]), 7, None, []], []),
])
def test_what_is_no_container_is_left_out(engine, rows, names):
    found = labelled.running(engine(rows), 'docker')
    assert [one.name for one in found] == names
    assert all(isinstance(value, str) for one in found for value in one.labels.values())


@pytest.mark.parametrize('answer', [{}, None, ('500 Internal', 'no'), ('200 OK', 'x'), ('200 OK', '[' * 100000)])
def test_a_list_that_is_none_is_an_error(engine, answer):
    with pytest.raises(NetnsctlError):
        labelled.running(engine(answer), 'docker')


def test_labels_that_the_image_has_with_the_same_text_are_not_the_containers_own(engine):
    host = engine(container=RUNS, image={'Config': {'Labels': {'netnsctl.wire': BRIDGE, 'netnsctl.wire.b': 'y'}}})
    assert labelled.Images(host).own(WEB) == ({'netnsctl.wire.b': 'x'}, {'netnsctl.wire': BRIDGE})


def test_more_containers_than_are_read_leave_none_for_ended(engine):
    with pytest.raises(NetnsctlError):
        labelled.running(engine([row(Id='%064x' % at) for at in range(labelled.MOST + 1)]), 'docker')


@pytest.mark.parametrize('container, image', [
    (RUNS, ('404 Not Found', '{}')), (RUNS, None), (RUNS, []), (RUNS, ('200 OK', 'x')),
    ({'State': {'Running': True}}, {}), (dict(RUNS, Image='../../x'), {}), (dict(RUNS, Image=7), {}), (None, {}),
    (('500 Internal', ''), {}),
    (dict(RUNS, ImageManifestDescriptor={'platform': {'architecture': 'arm64'}}), {'Architecture': 'amd64'}),
    (dict(RUNS, ImageManifestDescriptor={'platform': {}}), {'Architecture': 'amd64'}),
    (dict(RUNS, ImageManifestDescriptor={'platform': {'architecture': 'arm', 'os': 'linux', 'variant': 'v6'}}),
     {'Architecture': 'arm', 'Os': 'linux', 'Variant': 'v7'}),
])
def test_an_image_that_cannot_be_asked_leaves_no_label_the_containers_own(engine, container, image):
    with pytest.raises(NetnsctlError):
        labelled.Images(engine(container=container, image=image)).own(WEB)


@pytest.mark.parametrize('container', [('404 Not Found', '{}'), dict(RUNS, State={'Running': False})])
def test_a_container_that_has_ended_is_told_apart(engine, container):
    with pytest.raises(NotFoundError):
        labelled.Images(engine(container=container, image={})).own(WEB)


def test_the_architecture_of_its_image_is_the_containers(engine):
    container = dict(RUNS, ImageManifestDescriptor={'platform': {'architecture': 'arm64', 'os': 'linux'}})
    image = {'Architecture': 'arm64', 'Os': 'linux', 'Config': {'Labels': {'netnsctl.wire': BRIDGE}}}
    assert 'netnsctl.wire' not in labelled.Images(engine(container=container, image=image)).own(WEB)[0]


@pytest.mark.parametrize('image', [{}, {'Config': None}, {'Config': {'Labels': None}}, {'Config': {'Labels': []}}])
def test_an_image_without_labels_has_none(engine, image):
    assert labelled.Images(engine(container=RUNS, image=image)).own(WEB) == (WEB.labels, {})
