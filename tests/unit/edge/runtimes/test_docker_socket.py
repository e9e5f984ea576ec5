"""docker asked over its socket: which container a name means, and what is said where it does not answer."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.edge.runtimes import engines, finding
from netnsctl.edge.host import Host
from netnsctl.errors import ConflictError, NoAnswerError, NotFoundError, UsageError
from support.fake_runtimes import (
    ID_A, ID_B, answering, docker_of, failure_of, inspected, put, put_docker_processes, put_liar)

NOT_NAMES = ['', '-H', '--help', '.', '..', 'a/b', '/etc', 'a\nb', 'a\x1bb', 'a\x00b', 'x' * 256, ' a', 'a ']


def test_the_table_has_one_row_a_runtime_in_the_order_of_the_lookup():
    assert [runtime.scheme for runtime in finding.RUNTIMES] == ['docker', 'podman', 'lxc', 'libvirt-lxc', 'nspawn']
    assert [runtime.program for runtime in finding.RUNTIMES] == ['docker', 'podman', 'lxc-info', 'virsh', 'machinectl']
    assert finding.by_scheme('netns') is None


@pytest.mark.parametrize('name', NOT_NAMES)
@pytest.mark.parametrize('scheme', [runtime.scheme for runtime in finding.RUNTIMES])
def test_a_name_that_no_container_can_have_is_refused_before_anything_is_asked(tree, scheme, name):
    error = failure_of(finding.by_scheme(scheme).lookup, Host(root=tree, path='/none'), name)
    assert isinstance(error, UsageError) and scheme in error.message


@pytest.mark.parametrize('scheme', [runtime.scheme for runtime in finding.RUNTIMES])
def test_a_runtime_that_is_not_installed_is_not_present_and_says_so_when_asked(tree, scheme):
    host, runtime = Host(root=tree, environ={}, path='/none'), finding.by_scheme(scheme)
    assert not runtime.installed(host) and not runtime.present(host) and runtime.version(host) is None
    assert scheme in failure_of(runtime.lookup, host, 'a').message


def test_docker_is_asked_in_one_request_for_a_container_and_nothing_else(tree, engine):
    requests = engine(answering(inspected()))
    host, docker = docker_of(tree)
    found = docker.lookup(host, 'a')
    assert (found.scheme, found.name, found.pid, found.identity) == ('docker', 'a', 77, ID_A)
    assert len(requests) == 1 and requests[0].startswith('GET /containers/a/json HTTP/1.0\r\n')


def test_a_name_is_percent_encoded_in_the_request(tree, engine):
    requests = engine(answering('{"message":"No such container"}', '404 Not Found'))
    host, docker = docker_of(tree)
    assert docker.lookup(host, 'a b?c%\xc3\xa9') is None
    assert requests[0].split()[1].startswith('/containers/a%20b%3Fc%25%C3%')


def test_an_id_is_found_by_12_digits_or_more_and_by_no_fewer(tree, engine):
    engine(answering(inspected(name='/other', identity=ID_B)))
    host, docker = docker_of(tree)
    put(tree, '/proc/77/cgroup', '0::/docker/%s\n' % ID_B)
    for length in (12, 13, 40, 63, 64):
        assert docker.lookup(host, ID_B[:length]).identity == ID_B, length
    for other in ('ab', ID_B[:11], ID_B[:12].upper(), '0' * 12, ID_B[:12] + '0', ID_B + 'a'):
        assert docker.lookup(host, other) is None, other


def test_a_prefix_that_is_another_containers_name_is_that_container(tree, engine):
    engine(answering(inspected(name='/' + ID_B[:12], identity=ID_A)))
    host, docker = docker_of(tree)
    assert docker.lookup(host, ID_B[:12]).identity == ID_A


@pytest.mark.parametrize('status', ['500 Internal Server Error', '400 Bad Request'])
def test_a_name_that_begins_several_ids_is_no_container_and_a_prefix_of_them_a_conflict(tree, engine, status):
    engine(answering('{"message":"Multiple IDs found with provided prefix: a"}', status))
    host, docker = docker_of(tree)
    assert docker.lookup(host, 'a') is None
    assert docker.lookup(host, ID_A[:11]) is None
    error = failure_of(docker.lookup, host, ID_A[:12])
    assert isinstance(error, ConflictError) and ID_A[:12] in error.message and 'docker ps' in error.hint


@pytest.mark.parametrize('scheme', ['docker', 'podman'])
@pytest.mark.parametrize('words', [
    'Error response from daemon: Multiple IDs found with provided prefix: %s', 'Error: ambiguous: %s',
    'Error: inspecting object: more than one result for container ID %s: container already exists'])
def test_by_the_command_a_prefix_is_found_and_one_of_several_ids_is_a_conflict(tree, scheme, words):
    runtime = finding.by_scheme(scheme)
    put_docker_processes(tree)
    host = put_liar(tree, scheme, '[%s]' % inspected())
    for length in (12, 30, 64):
        assert runtime.lookup(host, ID_A[:length]).identity == ID_A
    assert runtime.lookup(host, ID_A[:11]) is None and runtime.lookup(host, '0' * 12) is None
    host = put_liar(tree, scheme, '[]\n', (words % ID_A[:12] + '\n').encode('ascii'), 1)
    assert runtime.lookup(host, ID_A[:11]) is None
    error = failure_of(runtime.lookup, host, ID_A[:12])
    assert isinstance(error, ConflictError) and error.exit_code == 4


@pytest.mark.parametrize('address,cause,hint', [
    (None, 'No such file or directory', 'service docker start'),
    ('unix:///run/other.sock', 'No such file or directory', 'docker -H unix:///run/other.sock version'),
    ('tcp://10.9.9.9:2375', 'cannot connect', 'docker -H tcp://10.9.9.9:2375 version'),
    ('ssh://me@there:22/x', 'cannot connect', 'ssh me@there docker version'),
    ('fd://', 'cannot connect', 'DOCKER_HOST=fd://')])
@pytest.mark.parametrize('has_command', [True, False])
def test_docker_that_does_not_answer(tree, address, cause, hint, has_command):
    environ = {'DOCKER_HOST': address} if address else {}
    shown = address or 'unix:///var/run/docker.sock'
    path = '/none'
    if has_command:
        path = put_liar(tree, 'docker', b'', ('Cannot connect to the Docker daemon at %s. Is the docker daemon '
                                              'running?\n' % shown).encode('ascii'), 1).search_path
    elif address and not address.startswith('unix'):
        cause = 'no docker command'
    host = Host(root=tree, environ=environ, path=path)
    error = failure_of(finding.by_scheme('docker').lookup, host, 'web')
    assert isinstance(error, NoAnswerError), error
    assert error.message == 'look up docker container web: docker does not answer at %s: %s' % (
        shown, error.message.rpartition(': ')[2])
    assert cause in error.message and hint in error.hint, (error.message, error.hint)
    trouble = engines.docker_trouble(host)
    if has_command:
        assert shown in trouble.message and cause in trouble.message and trouble.hint == error.hint, trouble
    else:
        assert trouble is None


def test_a_docker_context_that_leads_elsewhere_is_named(tree):
    host = put_liar(tree, 'docker', b'', b'Cannot connect to the Docker daemon at tcp://10.9.9.9:1. '
                    b'Is the docker daemon running?\n', 1)
    error = failure_of(finding.by_scheme('docker').lookup, host, 'web')
    assert 'at tcp://10.9.9.9:1: cannot connect' in error.message and 'tcp://10.9.9.9:1' in error.hint, error.hint


def test_sudo_that_dropped_docker_host_is_spoken_of(tree):
    host = Host(root=tree, environ={'SUDO_USER': 'me'}, path='/none')
    error = failure_of(finding.by_scheme('docker').lookup, host, 'web')
    assert 'sudo env DOCKER_HOST="$DOCKER_HOST" netnsctl' in error.hint


def test_an_unknown_container_is_none(tree, engine):
    engine(answering('{"message":"No such container: a"}', '404 Not Found'))
    host, docker = docker_of(tree)
    assert docker.lookup(host, 'a') is None


def test_a_container_that_does_not_run_is_not_found_and_the_hint_starts_it(tree, engine):
    engine(answering(inspected(pid=0)))
    error = failure_of(docker_of(tree)[1].lookup, docker_of(tree)[0], 'a')
    assert isinstance(error, NotFoundError) and error.hint == 'docker start a'
    assert error.message == 'docker container a is not running'


def test_the_engines_own_words_are_passed_on_in_one_harmless_line(tree, engine):
    engine(answering(json.dumps({'message': 'driver\nfailed \x1b[31mbadly'}), '500 Internal Server Error'))
    host, docker = docker_of(tree)
    message = failure_of(docker.lookup, host, 'a').message
    assert message == 'look up docker container a: driver failed \\x1b[31mbadly (HTTP status 500)'
