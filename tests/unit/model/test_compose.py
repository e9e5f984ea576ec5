"""What a compose file says of wires."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import ConflictError, NotFoundError, UsageError
from netnsctl.model import compose
from netnsctl.model.endpoint import Target

SERVICES = {'web': {}, 'db': None}


def docker(name):
    return Target('docker', name)


ROWS = [('web', 1, docker('app-web-1')), ('db', 1, docker('app-db-1'))]


def ends_of(data, rows=tuple(ROWS)):
    """[(A, B)] of all wires of a file."""
    project = compose.parse(data, '/app/compose.yaml', 'app')
    containers = compose.Containers(rows)
    return [(str(line.a), str(line.b)) for wanted in project.wires
            for line in compose.lines_of(wanted, containers)]


def wires(*texts, **more):
    return dict({'services': SERVICES, 'x-netnsctl': {'wires': list(texts)}}, **more)


def test_bare_names_are_services():
    assert ends_of(wires('web:eth1=10.0.0.1/24 db:eth1=10.0.0.2/24')) == [
        ('docker://app-web-1:eth1=10.0.0.1/24', 'docker://app-db-1:eth1=10.0.0.2/24')]


def test_what_has_a_scheme_is_what_it_says():
    assert ends_of(wires('web phys://eth1', 'db netns://web', 'web host')) == [
        ('docker://app-web-1', 'phys://eth1'), ('docker://app-db-1', 'netns://web'), ('docker://app-web-1', 'host')]


def test_a_number_means_one_of_several_and_a_service_that_is_called_so_comes_first():
    rows = [('web', at, docker('app-web-%d' % at)) for at in (1, 2, 10)] + [('db', 1, docker('app-db-1'))]
    assert ends_of(wires('web-10 db'), rows) == [('docker://app-web-10', 'docker://app-db-1')]
    rows.append(('web-2', 1, docker('other')))
    data = wires('web-2 db', services={'web': {}, 'web-2': {}, 'db': {}})
    assert ends_of(data, rows) == [('docker://other', 'docker://app-db-1')]


def test_self_is_each_container_of_its_service():
    rows = [('web', at, docker('w%d' % at)) for at in (2, 1)]
    labels = {'netnsctl.wire': 'self=dhcp bridge://br0', 'other': 'x'}
    for service in ({'labels': labels}, {'labels': ['%s=%s' % item for item in labels.items()]},
                    {'x-netnsctl': {'wires': ['self=dhcp bridge://br0']}}):
        assert ends_of({'services': {'web': service}}, rows) == [
            ('docker://w1=dhcp', 'bridge://br0'), ('docker://w2=dhcp', 'bridge://br0')]


def test_what_has_no_container_or_several_is_said_so():
    with pytest.raises(NotFoundError) as raised:
        ends_of(wires('web db'), ROWS[:1])
    assert 'db has no container that runs' in raised.value.message
    with pytest.raises(NotFoundError) as raised:
        ends_of(wires('web-3 db'))
    assert 'number 3' in raised.value.message
    with pytest.raises(ConflictError) as raised:
        ends_of(wires('web db'), ROWS + [('web', 2, docker('app-web-2'))])
    assert 'web-1' in raised.value.hint


@pytest.mark.parametrize('data, cause', [
    ([], 'not a compose file'),
    (None, 'not a compose file'),
    ({'services': []}, None),
    ({'services': [1]}, 'services: a mapping'),
    ({'services': {True: {}}}, 'services: a mapping'),
    ({'services': {'web': 'x'}}, 'services.web: a mapping'),
    ({'x-netnsctl': []}, 'x-netnsctl: a mapping with a list called wires'),
    ({'x-netnsctl': {}}, 'x-netnsctl: a mapping with a list called wires'),
    ({'x-netnsctl': {'wires': ['a b'], 'wyres': ()}}, 'x-netnsctl: unknown key wyres'),
    ({'x-netnsctl': {'wires': {'a': 'b'}}}, 'x-netnsctl: a mapping with a list called wires'),
    (wires({}), 'x-netnsctl.wires[0]: text is expected'),
    (wires('web'), 'x-netnsctl.wires[0]: a wire has two endpoints'),
    (wires('web:eth1=300.0.0.1/24 db'), 'x-netnsctl.wires[0]: '),
    (wires('web dbb'), 'x-netnsctl.wires[0]: dbb is not a service'),
    (wires('web web-x'), 'web-x is not a service'),
    (wires('web self'), 'self is not a service'),
    ({'services': {'web': {'x-netnsctl': {'wires': ['self nobody']}}}}, 'services.web.x-netnsctl.wires[0]: nobody'),
    ({'services': {'web': {'labels': {'netnsctl.wire': 'self phys://eth0'}}}},
     'services.web.labels.netnsctl.wire: phys://eth0'),
    ({'services': {'web': {'labels': {'netnsctl.wire': ()}}}}, 'services.web.labels.netnsctl.wire'),
    ({'services': {'web': {'labels': ['netnsctl.wires=self host']}}}, 'services.web.labels.netnsctl.wires: it is not'),
    ({'services': {'web': {'labels': dict(('netnsctl.wire.%d' % at, '') for at in range(20))}}}, 'more than 16'),
    (wires(*['web db'] * (compose.MOST + 1)), 'more than'),
])
def test_a_file_that_is_wrong_is_refused_with_the_place(data, cause):
    if cause is None:
        assert ends_of(data) == []
        return
    with pytest.raises(UsageError) as raised:
        ends_of(data)
    assert raised.value.message.startswith('/app/compose.yaml: ') and cause in raised.value.message


@pytest.mark.parametrize('name', [None, '', 'App', '-a', 'a/b', 'a' + chr(10), 7])
def test_a_project_needs_a_name_that_compose_takes(name):
    with pytest.raises(UsageError):
        compose.parse({'name': name}, 'f', None)
    assert compose.parse({'name': name}, 'f', 'app').name == 'app'
