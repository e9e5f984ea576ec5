"""Containers that are looked up some at the same time: what is found, and what is left for a look-up of its own."""
from __future__ import absolute_import, division, print_function

import os
import socket
import subprocess
import time

import pytest

from netnsctl.compat import reap
from netnsctl.edge import netns
from netnsctl.edge.runtimes import at_once, engines
from netnsctl.model.endpoint import Target
from support.fake_runtimes import answering, docker_of, inspected
from support.waiting import until

pytestmark = pytest.mark.skipif(not os.path.exists('/proc/self/ns/net'), reason='no namespaces to open')


@pytest.fixture
def process():
    """A process that is there before anybody is asked for it."""
    made = subprocess.Popen(['sleep', '100'])
    time.sleep(0.05)  # its start is told in hundredths of a second
    yield made
    made.kill()
    reap(made)


@pytest.fixture(autouse=True)
def believed(monkeypatch, tree):
    """Whose a process is, is tested elsewhere."""
    monkeypatch.setattr(engines, 'is_in', lambda host, container: container.identity != 'f' * 64)
    os.mkdir(tree + '/proc')


def by_name(documents):
    """A reply function: {name: what is answered}, else 404."""
    def reply(connection, request):
        name = request.split()[1].split('/')[2]
        answer = documents.get(name)
        (answer if callable(answer) else answering(answer) if answer else answering('{}', '404 Not Found'))(
            connection, request)
    return reply


def found(tree, names, seconds=0):
    """What is found by a look-up of so many seconds ago."""
    with open('/proc/uptime') as source:
        now = float(source.read().split()[0])
    with open(tree + '/proc/uptime', 'w') as out:
        out.write('%.2f 0.00\n' % (now - seconds))
    containers = at_once.Containers(docker_of(tree)[0])
    containers.look_up('docker', names)
    return containers


def test_all_that_are_there_are_found_and_each_is_asked_for_once(tree, engine, process):
    documents = dict(('c%d' % number, inspected('/c%d' % number, '%064x' % number, process.pid))
                     for number in range(50))
    requests = engine(by_name(documents))
    containers = found(tree, ['c%d' % number for number in range(50)] + ['nobody', '-x', 'a/b'])
    assert sorted(name for _, name in containers.found) == sorted(documents)
    assert len(requests) == 51
    opened = containers.open(Target('docker', 'c7'))
    assert (opened.pid, opened.label) == (process.pid, 'docker://c7')
    opened.close()
    assert containers.open(Target('docker', 'nobody')) is None


@pytest.mark.parametrize('answer', [
    '', 'x' * 100, '{}', '[]', inspected('/c1', 'f' * 64, os.getpid()), inspected('/c1', pid=0),
    inspected('/other', pid=os.getpid()), inspected('/c1', pid='7'), lambda connection, request: connection.close(),
    answering('{}', '500 Internal Server Error')])
def test_what_makes_no_sense_is_not_found_and_nothing_is_raised(tree, engine, process, answer):
    engine(by_name({'c0': inspected('/c0', pid=process.pid), 'c1': answer}))
    containers = found(tree, ['c0', 'c1'])
    assert ('docker', 'c1') not in containers.found
    assert at_once.Containers(docker_of(tree)[0]).open(Target('docker', 'c1')) is None


def test_an_engine_that_stops_answering_is_given_up(tree, engine, process):
    engine(by_name({'c0': inspected('/c0', pid=process.pid), 'c1': lambda connection, request: connection.recv(1)}))
    host = docker_of(tree)[0]
    targets = ['/containers/c%d/json' % number for number in range(2)]
    before = len(os.listdir('/proc/self/fd'))
    assert [target for target, _ in at_once.get_each(host.path('/var/run/docker.sock'), targets, 0.2)] == targets[:1]
    assert list(at_once.get_each(host.path('/nobody.sock'), targets)) == []
    assert list(at_once.get_each(host.path('/var/run/docker.sock'), targets, 0.2, limit=10)) == []
    until(lambda: len(os.listdir('/proc/self/fd')) <= before)  # the engine, in this process, closes its own later


def test_an_answer_without_end_is_given_up_though_there_is_always_more_of_it(tree, engine, monkeypatch):
    monkeypatch.setattr(at_once, 'uninterrupted', lambda poll, _: poll(60000))  # always finds more
    ended = []

    def talk(connection, request):
        connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n')
        until = time.time() + 60
        try:
            while time.time() < until:
                connection.sendall(b' ')
        except (OSError, socket.error):
            ended.append('by who asked')

    engine(talk)
    host = docker_of(tree)[0]
    assert list(at_once.get_each(host.path('/var/run/docker.sock'), ['/containers/c0/json'], 0.2, limit=1 << 40)) == []
    until = time.time() + 60
    while not ended and time.time() < until:
        time.sleep(0.01)
    assert ended


def test_a_second_question_says_nothing_of_the_processes_that_the_first_one_found(tree, engine):
    started, process = time.time(), subprocess.Popen(['sleep', '100'])
    engine(by_name({'c0': inspected('/c0', pid=process.pid)}))
    containers = found(tree, ['c0'], time.time() - started + 1)
    with open('/proc/uptime') as source:
        later = float(source.read().split()[0]) + 1
    with open(tree + '/proc/uptime', 'w') as out:
        out.write('%.2f 0.00\n' % later)
    containers.look_up('docker', ['c1'])
    assert containers.open(Target('docker', 'c0')) is None
    process.kill()
    reap(process)


def test_a_process_that_began_after_the_engine_was_asked_is_not_taken_for_the_one_it_named(tree, engine):
    started, process = time.time(), subprocess.Popen(['sleep', '100'])
    engine(by_name({'c0': inspected('/c0', pid=process.pid)}))
    containers = found(tree, ['c0'], time.time() - started + 1)
    assert ('docker', 'c0') in containers.found
    assert containers.open(Target('docker', 'c0')) is None and not containers.found
    process.kill()
    reap(process)


def test_nor_one_that_has_ended(tree, engine, process):
    engine(by_name({'c0': inspected('/c0', pid=process.pid)}))
    containers = found(tree, ['c0'])
    process.kill()
    reap(process)
    process.kill = lambda: None
    assert netns.start_time(process.pid) is None
    assert containers.open(Target('docker', 'c0')) is None and not containers.found
