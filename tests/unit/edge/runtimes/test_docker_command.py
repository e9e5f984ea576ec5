"""docker asked by its command, where no socket answers."""
from __future__ import absolute_import, division, print_function

import os
import socket

import pytest

from netnsctl.edge.runtimes import docker_address, finding
from netnsctl.errors import NoAnswerError, NotFoundError
from support.fake_runtimes import ID_A, ID_B, docker_of, failure_of, put, put_docker_processes, put_liar, put_standin


def docker_171(tree, containers):
    host = put_standin(tree, 'docker-1.7.1', containers)
    put_docker_processes(tree)
    return host, finding.by_scheme('docker')


def test_without_a_socket_the_docker_command_is_asked_and_an_old_one_without_type(tree):
    host, docker = docker_171(tree, 'a 77 %s\nstopped 0 %s\nimage busybox %s\n' % (ID_A, ID_B, 'c' * 64))
    assert docker.installed(host) and not docker.present(host)
    assert docker.lookup(host, 'a').pid == 77
    assert docker.lookup(host, ID_A).identity == ID_A
    assert docker.lookup(host, 'nosuch') is None
    assert docker.lookup(host, 'busybox') is None, 'an image is not a container'
    assert isinstance(failure_of(docker.lookup, host, 'stopped'), NotFoundError)
    assert docker.version(host) == '1.7.1'


def test_a_socket_that_nobody_listens_on_leads_to_the_command(tree):
    host, docker = docker_171(tree, 'a 77 %s\n' % ID_A)
    os.makedirs(tree + '/var/run')
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(tree + docker_address.SOCKET)
    left_over.close()
    assert docker.lookup(host, 'a').pid == 77


def test_a_docker_host_that_is_no_unix_socket_leads_to_the_command_which_is_told_of_it(tree):
    put(tree, '/stand/docker', '#!/bin/sh\necho "$DOCKER_HOST" > "${0%/*}/seen"\n'
        'echo "Error: No such container: $5" >&2\nexit 1\n', 0o755)
    host, docker = docker_of(tree, environ={'DOCKER_HOST': 'tcp://other:2376'}, path='/stand')
    assert docker.present(host) and docker.lookup(host, 'a') is None
    assert host.read('/stand/seen') == 'tcp://other:2376\n'


@pytest.mark.parametrize('cgroup', [None, '1:cpu:/docker/%s\n' % ID_B, '0::/user.slice\n'])
def test_a_pid_of_another_machine_is_refused(tree, cgroup):
    host, docker = docker_171(tree, 'a 77 %s\n' % ID_A)
    os.unlink(tree + '/proc/77/cgroup')
    if cgroup:
        put(tree, '/proc/77/cgroup', cgroup)
    assert 'process 77 of this host is not in it' in failure_of(docker.lookup, host, 'a').message


def test_a_container_that_restarts_while_it_is_looked_up_is_looked_up_again(tree):
    host, docker = docker_171(tree, 'a 77 %s\n' % ID_A)
    os.unlink(tree + '/proc/77/cgroup')
    put(tree, '/proc/78/cgroup', '1:cpu:/docker/%s\n' % ID_A)
    run, calls = host.run, []

    def restarting(*words, **options):
        if len(calls) == 2:  # one `inspect` is two: this docker knows no --type
            put(tree, '/stand/containers', 'a 78 %s\n' % ID_A)
        calls.append(words)
        return run(*words, **options)
    host.run = restarting
    assert docker.lookup(host, 'a').pid == 78


def test_a_docker_command_without_a_daemon_is_no_answer(tree):
    host = put_liar(tree, 'docker', b'[]\n', b'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. '
                    b'Is the docker daemon running?\n', 1)
    error = failure_of(finding.by_scheme('docker').lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'docker does not answer at unix:///var/run/docker.sock' in error.message
