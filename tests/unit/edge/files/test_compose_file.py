"""Compose files as they are read: by PyYAML, as JSON, by docker compose."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.files import compose_file
from netnsctl.edge.host import Host
from netnsctl.errors import UsageError
from netnsctl.usecases.asked import compose

FILE = '''
x-common: &common
  image: busybox
  network_mode: none
services:
  web:
    <<: *common
    labels: {netnsctl.wire: "self=10.0.0.1/24 bridge://br0", cost: "$5"}
    x-netnsctl:
      wires: ["self:eth2 bridge://br1"]
  db: {<<: *common, labels: [netnsctl.wire.b=self bridge://br2, other=$x]}
x-netnsctl:
  wires:
    - web:eth1=10.0.0.1/24 db:eth1=10.0.0.2/24  # the pair
'''


class Without(Host):
    """A host without docker, or whose docker compose is a script of the test's."""

    def __init__(self, folder, environ=()):
        Host.__init__(self, environ=dict(environ, NETNSCTL_PATH=str(folder)))


@pytest.fixture
def read(tmpdir):
    """read(text, project=None, host=None): a compose.Project."""
    def do(text, project=None, host=None):
        folder = tmpdir.join('My_Shop.1')
        folder.ensure(dir=True)
        folder.join('c.yaml').write_binary(text if isinstance(text, bytes) else text.encode('utf-8'))
        return compose.read(host or Without(tmpdir), str(folder.join('c.yaml')), project)
    return do


def test_yaml_is_read_with_its_anchors_and_the_project_is_called_as_compose_does(read):
    pytest.importorskip('yaml')
    project = read(FILE)
    assert project.name == 'my_shop1'
    assert [(wanted.where, wanted.text) for wanted in project.wires] == [
        ('x-netnsctl.wires[0]', 'web:eth1=10.0.0.1/24 db:eth1=10.0.0.2/24'),
        ('services.db.labels.netnsctl.wire.b', 'self bridge://br2'),
        ('services.web.x-netnsctl.wires[0]', 'self:eth2 bridge://br1'),
        ('services.web.labels.netnsctl.wire', 'self=10.0.0.1/24 bridge://br0')]
    assert read('name: a-b\n' + FILE).name == 'a-b' and read('name: a-b\n' + FILE, 'other').name == 'other'
    host = Without(os.path.dirname(project.filename), {'COMPOSE_PROJECT_NAME': 'said'})
    assert read(FILE, host=host).name == 'said'


def test_json_needs_no_library(read, monkeypatch):
    monkeypatch.setattr(compose_file, '_yaml', lambda: None)
    assert read('{"services": {"a": {}}, "x-netnsctl": {"wires": ["a host"]}}').wires[0].text == 'a host'
    with pytest.raises(UsageError) as raised:
        read(FILE)
    assert 'no reader for YAML' in raised.value.message and 'python3-yaml' in raised.value.hint


@pytest.mark.parametrize('text, cause', [
    ('', 'not a compose file'),
    ('- a', 'not a compose file'),
    ('{"services": ', 'not (JSON|YAML)'),
    ('a: [', 'not YAML'),
    ('a: b: c', 'not YAML'),
    ('? [1]\n: 2', 'not YAML|not a compose|no name'),
    ('a: 2026-99-99', 'not YAML'),
    ('!!python/object/apply:os.system ["true"]', 'not YAML'),
    ('[' * 20000, 'not YAML'),
    ('a: \x00', 'not YAML'),
    (b'\xff\xfe\x00', 'not UTF-8'),
    ('#' * (compose_file.BYTES + 1), 'larger than'),
    ('services: {a: {}}\nx-netnsctl: {wires: ["a=$X host"]}', 'only docker compose fills in variables'),
    ('services: {a: {labels: {netnsctl.wire: "self=${X} host"}}}', 'only docker compose fills in variables'),
    ('services: {a: {extends: {file: b.yaml}}}', 'extends and include'),
    ('include: [b.yaml]\nservices: {a: {}}', 'extends and include'),
    ('services: {1: {}}', 'a mapping of names'),
])
def test_what_cannot_be_read_is_an_error_that_names_the_file(read, text, cause):
    import re
    pytest.importorskip('yaml')
    with pytest.raises(UsageError) as raised:
        read(text)
    assert 'c.yaml: ' in raised.value.message and re.search(cause, raised.value.message), raised.value.message
    assert '\n' not in raised.value.message and len(raised.value.message) < 1000


def test_a_short_file_that_means_more_than_memory_holds_costs_nothing(read):
    pytest.importorskip('yaml')
    lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    lines += ['a%d: &a%d [%s]' % (at, at, ', '.join(['*a%d' % (at - 1)] * 10)) for at in range(1, 30)]
    with pytest.raises(UsageError) as raised:
        read('\n'.join(lines + ['services: {web: {labels: {netnsctl.wire: *a29}}}', 'x-netnsctl: {wires: [*a29]}']))
    assert 'x-netnsctl.wires[0]: text is expected' in raised.value.message


def test_merge_keys_of_merge_keys_are_bounded(read):
    pytest.importorskip('yaml')
    lines = ['m0: &m0 {%s}' % ', '.join('k%d: 1' % at for at in range(10))]
    lines += ['m%d: &m%d {<<: [%s]}' % (at, at, ', '.join(['*m%d' % (at - 1)] * 10)) for at in range(1, 30)]
    try:
        assert read('\n'.join(lines + ['services: {a: {}}'])).wires == []  # PyYAML 6 takes each key once
    except UsageError as error:
        assert 'its merge keys repeat more than' in error.message


@pytest.mark.parametrize('text, cause', [
    ('m: &m {%s}\nservices:\n%s' % (', '.join('k%d: 1' % at for at in range(500)), ''.join(
        ' s%d: {<<: *m}\n' % at for at in range(400))), 'its merge keys repeat more than'),
    ('w: &w {wires: [%s]}\nservices:\n%s' % ('a,' * 1000, ''.join(
        ' s%d: {x-netnsctl: *w}\n' % at for at in range(200))), 'its anchors make more than'),
    ('w: &w [%s]\nservices:\n%s' % ('a,' * 1000, ''.join(
        ' s%d: {labels: *w}\n' % at for at in range(200))), 'its anchors make more than'),
])
def test_what_anchors_make_of_a_file_is_bounded(read, text, cause):
    pytest.importorskip('yaml')
    with pytest.raises(UsageError) as raised:
        read(text)
    assert cause in raised.value.message


def test_a_number_of_many_digits_is_text(read):
    pytest.importorskip('yaml')
    for number in ('9' * 300000, '1' + ':59' * 100000, '1' + ':59' * 100000 + '.5'):
        assert read('x: %s\nservices: {a: {}}' % number).wires == []


@pytest.mark.parametrize('name', ['/dev/zero', '/dev', '/nonexistent/c.yaml'])
def test_what_is_no_file_is_refused(name, tmpdir):
    with pytest.raises(UsageError) as raised:
        compose_file.read(Without(tmpdir), name)
    assert raised.value.message.startswith(name + ': ')


DOCKER = '''#!/bin/sh
case "$*" in
    'compose version') echo 'Docker Compose version v2.26.1' ;;
    *bad*) echo 'warn' >&2; echo 'yaml: no good' >&2; exit 15 ;;
    *) echo "$*" >>%s; echo "{\\"name\\": \\"n-$WEB$LD_X\\", \\"services\\": {\\"a\\": {}},
       \\"x-netnsctl\\": {\\"wires\\": [\\"a host\\"]}}" ;;
esac
'''


def test_docker_compose_is_asked_where_it_is_and_gets_the_variables_that_the_file_names(read, tmpdir):
    log = tmpdir.join('log')
    tmpdir.join('docker').write(DOCKER % log)
    tmpdir.join('docker').chmod(0o755)
    path = '%s:/usr/bin:/bin' % tmpdir
    host = Without(path, {'WEB': 'w', 'LD_X': 'evil'})
    assert read('name: ${WEB} $LD_X', host=host).name == 'n-w'
    read('x', 'proj', host)
    assert '-p proj config' in log.read()
    with pytest.raises(UsageError) as raised:
        read('x', 'bad', host)
    assert raised.value.message.endswith('docker compose: yaml: no good')
