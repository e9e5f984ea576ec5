"""Where events come from, and which containers run."""
from __future__ import absolute_import, division, print_function

import os
import socket
import time

import pytest

from netnsctl.edge import events
from netnsctl.edge.events import running, sources
from netnsctl.edge.host import Host
from support.fake_events import ID, PODMAN, dumped


def test_a_source_that_is_not_there_is_tried_again_ever_more_seldom_and_told_once(tmpdir, clock):
    told, pauses = [], []
    source = sources.DockerSource(Host(), str(tmpdir.join('none')), told.append)
    for _ in range(9):
        assert source.step() == []
        pauses.append(round(source.due - clock.now, 3))
        clock.now = source.due
    source.close()
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert told == ['follow docker: %s: No such file or directory; trying again' % tmpdir.join('none')]


def test_a_socket_that_appears_is_tried_at_once(short, clock):
    source = sources.DockerSource(Host(), short + '/s', lambda text: None)
    for _ in range(8):
        source.step()
        clock.now = source.due
    source.step()
    assert source.due > clock.now + 4 and len(source.filenos()) == 1
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(short + '/s')
    listener.listen(1)
    source.step()
    assert source.channel is not None
    source.close()
    listener.close()


@pytest.fixture
def helped(tmpdir, program):
    """helped(script, argvs) -> a ProgramSource of a helper `podman` that is this script."""
    made, told = [], []

    def start(script, argvs=(('podman', 'events'),)):
        folder = program('podman', script)
        source = sources.ProgramSource(Host(path=folder), 'podman', [list(argv) for argv in argvs], told.append)
        source.told = told
        made.append(source)
        return source
    yield start
    for one in made:
        one.close()


def steps(source, count, seconds=10.0):
    """Events from a source until there are that many."""
    found = []
    deadline = time.time() + seconds
    while len(found) < count and time.time() < deadline:
        found += source.step()
        time.sleep(0.01)
    return [(event.kind, event.name) for event in found]


def test_a_helper_is_read_and_started_again_when_it_ends(helped):
    source = helped("echo '%s'; echo half" % dumped(PODMAN).decode('ascii'))
    assert steps(source, 4) == [(events.MISSED, None), (events.GONE, 'web')] * 2
    assert source.told == ['follow podman: podman ended with status 0: half; trying again']


def test_a_helper_that_does_not_know_the_format_is_called_without_it(helped):
    plain = 'echo "2026-11-24 17:05:58 +0000 UTC container start %s (image=, name=web)"; exec /bin/sleep 60' % ID
    argvs = (('podman', 'events', '--format', 'json'), ('podman', 'events'))
    for unknown in ('echo "Error: unknown flag: --format" >&2; echo "See help"; exit 125',
                    'echo json; exec /bin/sleep 9'):
        source = helped('case $* in *json*) %s;; esac; %s' % (unknown, plain), argvs)
        found = []
        deadline = time.time() + 60
        while (events.STARTED, 'web') not in found and time.time() < deadline:
            found += steps(source, 1)
        assert found[-2:] == [(events.MISSED, None), (events.STARTED, 'web')], found
        source.close()


def test_a_helper_ends_with_its_source(helped):
    source = helped('exec /bin/sleep 1000')
    assert steps(source, 1) == [(events.MISSED, None)]
    pid = source.channel.process.pid
    source.close()
    assert not os.path.exists('/proc/%d' % pid)


def test_docker_host_decides_what_is_followed():
    def of(value):
        return sources.source(Host(environ={'DOCKER_HOST': value} if value else {}), 'docker', None)
    assert of(None).path == '/var/run/docker.sock'
    assert of('unix:///x/y').path == '/x/y'
    assert of('tcp://127.0.0.1:2375').argvs[0][:2] == ['docker', 'events']


def test_what_podman_lists_is_running(program):
    folder = program('podman', '[ "$1" = ps ] && printf "%s a\\n%s b\\n" ' + '%s %s' % (ID, 'c' * 64))
    host = Host(path=folder, environ={})
    assert running.running(host, 'podman', set(['a', 'c', ID])) == set(['a', ID])
