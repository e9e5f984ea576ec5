"""A runtime that hangs is asked once, and not for each container; one container that hangs is no such runtime."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.host import Host
from netnsctl.edge.runtimes import at_once, engines, finding, silence
from netnsctl.errors import NoAnswerError
from support.fake_runtimes import answering, failure_of

NAMES = ('w1', 'w2', 'w3')


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Time limits of a fifth of a second."""
    monkeypatch.setattr(silence, 'LONG', 0.1)
    for module, name in ((engines, 'SECONDS'), (engines, 'SOON'), (at_once, 'SECONDS')):
        monkeypatch.setattr(module, name, 0.2)


def nothing(connection, request):
    """An engine that takes a request and never answers."""
    connection.settimeout(5)
    connection.recv(1)  # until the other side gives up


def asked(requests):
    return [request.split(' ')[1] for request in requests]


def test_a_docker_that_hangs_is_asked_about_one_container_alone(tree, engine):
    requests, host = engine(nothing), Host(tree, environ={})
    errors = [failure_of(finding.by_scheme('docker').lookup, host, name) for name in NAMES + NAMES]
    assert asked(requests) == ['/containers/w1/json', '/_ping']
    assert [type(error) for error in errors] == [NoAnswerError] * 6
    for name, error in zip(NAMES, errors):
        assert error.message == ('look up docker container %s: docker does not answer at unix:///var/run/docker.sock: '
                                 'no answer within 0.2 s' % name)
        assert error.hint == errors[0].hint != ''
    # And another command asks again.
    failure_of(finding.by_scheme('docker').lookup, Host(tree, environ={}), 'w2')
    assert asked(requests)[2:] == ['/containers/w2/json', '/_ping']


def test_one_container_that_hangs_keeps_no_other_from_being_found(tree, engine):
    def reply(connection, request):
        if '/w1/' in request:
            return nothing(connection, request)
        answering('OK', *([] if '_ping' in request else ['404 Not Found']))(connection, request)
    requests, host = engine(reply), Host(tree, environ={})
    lookup = finding.by_scheme('docker').lookup
    assert isinstance(failure_of(lookup, host, 'w1'), NoAnswerError)
    assert lookup(host, 'w2') is None and lookup(host, 'w3') is None
    assert isinstance(failure_of(lookup, host, 'w1'), NoAnswerError)
    assert asked(requests) == ['/containers/w1/json', '/_ping', '/containers/w2/json', '/containers/w3/json']


@pytest.mark.parametrize('ask', [
    engines.docker_names, lambda host: at_once.Containers(host).look_up('docker', set(NAMES))])
def test_a_docker_that_says_nothing_of_all_containers_is_not_asked_about_each(tree, engine, ask):
    requests, host = engine(nothing), Host(tree, environ={})
    ask(host)
    before = len(requests)
    for name in NAMES:
        assert 'docker does not answer' in failure_of(finding.by_scheme('docker').lookup, host, name).message
    assert engines.docker_names(host) is None and len(requests) == before


@pytest.mark.parametrize('scheme, program', [('podman', 'podman'), ('lxc', 'lxc-info'), ('nspawn', 'machinectl')])
def test_a_program_that_hangs_twice_is_not_run_a_third_time(tree, monkeypatch, scheme, program):
    folder = os.path.join(tree, 'usr/bin')
    os.makedirs(folder)
    path = os.path.join(folder, program)
    with open(path, 'w') as script:
        script.write('#!/bin/sh\necho >>%s/calls\nexec sleep 10\n' % tree)
    os.chmod(path, 0o755)
    monkeypatch.setattr('netnsctl.edge.runtimes.container.SECONDS', 0.2)
    monkeypatch.setattr(engines, 'PODMAN_SECONDS', 0.2)
    host = Host(tree, environ={})
    errors = [failure_of(finding.by_scheme(scheme).lookup, host, name) for name in NAMES + NAMES]
    assert [type(error) for error in errors] == [NoAnswerError] * 6
    assert errors[2].message.startswith('look up %s container w3: %s gave no answer within' % (scheme, program))
    with open(tree + '/calls') as stream:
        assert stream.read() == '\n\n'
