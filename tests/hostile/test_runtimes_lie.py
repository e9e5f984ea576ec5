"""Who answers for a container without being its runtime: unprivileged users, a lying daemon, a stale store.

What they claim may cost their own wire. It must not wire another namespace, nor make a bare name mean two things.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import socket
import struct
import subprocess
import time

import pytest

from netnsctl.compat import to_bytes
from netnsctl.edge.events import MISSED, sources
from netnsctl.edge.host import Host
from support.engine import Engine, http
from support.process import run

NOBODY = 65534
GET_STATE, GET_INIT_PID, RUNNING = 3, 4, 2  # lxc's commands.h, state.h


@pytest.fixture
def victim():
    """The PID of a process of nobody's in a network namespace of its own, as a user's `unshare -Urn` makes one."""
    process = subprocess.Popen(['unshare', '-n', 'setpriv', '--reuid', str(NOBODY), '--regid', str(NOBODY),
                                '--clear-groups', 'sleep', '1000000'])
    wait_until(lambda: 'sleep' in open_read('/proc/%d/cmdline' % process.pid))
    yield process.pid
    process.kill()
    process.wait()


def open_read(path):
    try:
        with open(path) as stream:
            return stream.read()
    except (OSError, IOError):
        return ''


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError('it never came true')


@pytest.fixture
def false_monitor():
    """false_monitor(name, pid): nobody answers for the LXC container of that name that its init is that PID."""
    children = []

    def start(name, pid, owner=NOBODY):
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.setgid(owner)
                os.setuid(owner)
                serve_as_monitor('\0/var/lib/lxc/%s/command' % name, pid, writer)
            finally:
                os._exit(1)
        children.append(child)
        os.close(writer)
        assert os.read(reader, 1) == b'x'
        os.close(reader)
    yield start
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def serve_as_monitor(address, pid, writer):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(address)
    listener.listen(16)
    os.write(writer, b'x')
    while True:
        connection = listener.accept()[0]
        while True:
            request = connection.recv(4096)
            if len(request) < 4:
                break
            command = struct.unpack('=i', request[:4])[0]
            data = {GET_INIT_PID: pid, GET_STATE: RUNNING}.get(command, 0)
            connection.sendall(struct.pack('=iiQ', 0, 0, data))
        connection.close()


@pytest.fixture
def lxc_info():
    """Skips where lxc is not installed."""
    if run(['sh', '-c', 'command -v lxc-info']).status:
        pytest.skip('lxc is not installed')


@pytest.fixture
def lxc_folder(request):
    """The folder of a container that is defined and does not run: its name."""
    name = 'nt%d-lie' % os.getpid()
    os.makedirs('/var/lib/lxc/' + name)
    yield name
    os.rmdir('/var/lib/lxc/' + name)


# lxc

def test_a_false_lxc_monitor_wires_nothing(run_netnsctl, netns, lxc_info, lxc_folder, false_monitor, victim, snapshot,
                                           nothing_left):
    false_monitor(lxc_folder, victim)
    assert str(victim) in run(['lxc-info', '-n', lxc_folder, '-p']).out, 'the liar is believed by lxc-info'
    a = netns('a')
    before = snapshot(victim)
    for target in ('lxc://' + lxc_folder, lxc_folder):
        result = run_netnsctl('wire', target + ':eth0=10.66.0.1/24', a + ':eth0=10.66.0.2/24')
        assert result.status in (1, 3)
        assert 'not root\'s monitor' in result.err
    nothing_left(before)


def test_a_false_lxc_monitor_of_no_container_leaves_bare_names_alone(run_netnsctl, netns, lxc_info, lxc_folder,
                                                                     false_monitor, victim):
    a, b = netns('a'), netns('b')
    false_monitor(a, victim)
    result = run_netnsctl('wire', a + ':eth0=10.66.0.1/24', b + ':eth0=10.66.0.2/24')
    assert result.status == 0, result.err
    assert 'netns://' + a in result.out


def test_a_pid_that_is_not_the_child_of_the_container_s_monitor_is_refused(run_netnsctl, netns, lxc_info, lxc_folder,
                                                                           false_monitor, victim):
    # As root: so the parent of the process is all that is wrong.
    false_monitor(lxc_folder, victim, owner=0)
    result = run_netnsctl('wire', 'lxc://%s:eth0=10.66.0.1/24' % lxc_folder, netns('a') + ':eth0=10.66.0.2/24')
    assert result.status == 1
    assert 'the parent of process %d is not root\'s monitor' % victim in result.err


def test_a_false_lxc_monitor_is_not_even_asked(run_netnsctl, netns, lxc_info, lxc_folder, false_monitor, victim,
                                               tmpdir):
    # It could take its time with each answer.
    marker = tmpdir / 'asked'
    (tmpdir / 'lxc-info').write('#!/bin/sh\n: >%s\nsleep 1000\n' % marker)
    os.chmod(str(tmpdir / 'lxc-info'), 0o755)
    a, b = netns('a'), netns('b')
    false_monitor(a, victim)
    false_monitor(b, victim)
    assert run_netnsctl('wire', a, b, path=str(tmpdir)).status == 0
    assert not marker.check()


# docker

ID = 'ab' * 32


def inspected(pid, name='web', identity=ID):
    return json.dumps({'Id': identity, 'Name': '/' + name, 'State': {'Running': True, 'Pid': pid}})


@pytest.fixture
def lying_engine(tmpdir):
    """lying_engine(reply) -> variables for a netnsctl that asks a docker engine which answers reply(request)."""
    engines = []

    def start(reply):
        engines.append(Engine(str(tmpdir / 'd.sock'), reply))
        return engines[-1].environ
    yield start
    for engine in engines:
        engine.close()


def test_a_docker_daemon_that_names_another_process_wires_nothing(run_netnsctl, netns, lying_engine, victim, snapshot,
                                                                  nothing_left):
    environ = lying_engine(lambda request: http('200 OK', inspected(victim)))
    a = netns('a')
    before = snapshot(victim)
    for target in ('docker://web', 'web'):
        result = run_netnsctl('wire', target + ':eth0=10.66.0.1/24', a + ':eth0=10.66.0.2/24', environ=environ)
        assert result.status == 1
        assert 'process %d of this host is not in it' % victim in result.err
    nothing_left(before)


def test_a_docker_daemon_that_claims_a_bare_name_does_not_make_it_ambiguous(run_netnsctl, netns, lying_engine, victim):
    a, b = netns('a'), netns('b')
    environ = lying_engine(lambda request: http('200 OK', inspected(victim, name=a)))
    result = run_netnsctl('wire', a + ':eth0=10.66.0.1/24', b + ':eth0=10.66.0.2/24', environ=environ)
    assert result.status == 0, result.err


def test_a_docker_daemon_that_names_another_container_s_process_wires_nothing(run_netnsctl, netns, lying_engine,
                                                                              docker):
    pid = docker.pid(docker.run('other'))
    environ = lying_engine(lambda request: http('200 OK', inspected(pid)))
    result = run_netnsctl('wire', 'docker://web:eth0=10.66.0.1/24', netns('a') + ':eth0=10.66.0.2/24', environ=environ)
    assert result.status == 1 and 'not in it' in result.err


def test_a_rootless_engine_cannot_give_another_user_s_process(run_netnsctl, netns, docker, lying_engine, tmpdir):
    # It knows the ID and the PID of root's container, as everyone does who may read /proc.
    name = docker.run('other')
    environ = lying_engine(lambda request: http('200 OK', inspected(docker.pid(name), identity=docker.id(name))))
    a = netns('a')
    assert run_netnsctl('wire', '--name', 'w' + a, 'docker://web:eth0=10.66.0.1/24', a + ':eth0=10.66.0.2/24',
                        environ=environ).status == 0, 'of root\'s engine it would be believed'
    assert run_netnsctl('unwire', 'w' + a).status == 0
    os.chown(str(tmpdir / 'd.sock'), NOBODY, NOBODY)
    result = run_netnsctl('wire', 'docker://web:eth0=10.66.0.1/24', a + ':eth0=10.66.0.2/24', environ=environ)
    assert result.status == 1 and 'not in it' in result.err


WRONG = ['{"Id": []}', '[]', '{}', 'null', '[{"Id": []}]', '{"Id": {}, "Names": []}', '[{"Id": [], "Names": ["/web"]}]',
         '[{"Id": {}, "Names": [[]]}]', '[{"Id": 1, "Names": {}}]', '{"Id": "%s", "Name": [], "State": 1}' % ID,
         '{"message": []}', '{"message": {"a": []}}', '"' + 'x' * 100000 + '"', '[' * 100000, '9' * 100000,
         json.dumps({'Id': ID, 'Name': '/web', 'State': {'Pid': [1]}}),
         json.dumps({'Id': ID, 'Name': '/web', 'State': {'Pid': 10 ** 40}}),
         json.dumps({'Id': ID, 'Name': '/web', 'State': {'Pid': 1.5}})]


@pytest.mark.parametrize('status', ['200 OK', '500 Oops'])
@pytest.mark.parametrize('number', range(len(WRONG)))
def test_answers_of_the_wrong_type_are_one_line_and_wire_nothing(run_netnsctl, netns, lying_engine, tmpdir, number,
                                                                 status):
    environ = lying_engine(lambda request: http(status, WRONG[number]))
    a, b = netns('a'), netns('b')
    (tmpdir / 'wires').write('docker://web %s\n%s:e1 %s:e1\nweb %s:e2\n' % (a, a, b, b))
    alone = run_netnsctl('wire', 'docker://web', a, environ=environ)
    many = run_netnsctl('wire', '-f', str(tmpdir / 'wires'), environ=environ)
    once = run_netnsctl('watch', '--once', environ=environ)
    doctor = run_netnsctl('doctor', 'docker', environ=environ)
    assert alone.status in (1, 3) and many.status != 0
    for result in (alone, many, once, doctor):
        assert 'Traceback' not in result.err and 'Error:' not in result.err


def chunks_of_one_byte(megabytes):
    head = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    return head + b'1\r\nx\r\n' * (megabytes * (1 << 20) // 6)


def test_an_endless_answer_in_tiny_chunks_ends_in_the_time_limit(run_netnsctl, netns, lying_engine):
    answer = chunks_of_one_byte(3)
    environ = lying_engine(lambda request: answer + b'1\r\n')
    result = run_netnsctl('wire', 'docker://web', netns('a'), environ=environ, timeout=60)
    assert result.status == 1
    assert 'docker' in result.err


def test_a_container_whose_names_are_a_terminal_s_orders_is_no_danger(run_netnsctl, netns, lying_engine):
    environ = lying_engine(lambda request: http('500 Oops', json.dumps(
        {'message': u'\x1b]0;x\x07\u202eevil\u200b\u2066\nnext line'})))
    result = run_netnsctl('wire', 'docker://web', netns('a'), environ=environ)
    assert result.status == 1
    shown = to_bytes(result.err)
    for mark in (u'\x1b', u'\u202e', u'\u200b', u'\u2066', u'\x07'):
        assert mark.encode('utf-8') not in shown
    assert len(shown.splitlines()) == 1


def test_events_whose_names_the_engine_does_not_tell_hold_nobody_up(engine):
    """Of an engine before docker 1.10, which then does not answer: all containers are looked at instead."""
    events = ''.join('{"status": "start", "id": "%064x"}\n' % number for number in range(200)).encode('ascii')

    def reply(request):
        if not request.startswith(b'GET /events'):
            return None
        return b'HTTP/1.0 200 OK\r\n\r\n' + events
    source = sources.DockerSource(Host(), engine(reply).path, lambda text: None)
    begun, found = time.time(), []
    try:
        while len(found) < 201 and time.time() < begun + 10:
            found += source.step()
    finally:
        source.close()
    assert time.time() < begun + 5
    assert found and set(event.kind for event in found) == set([MISSED])
