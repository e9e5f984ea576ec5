"""Replies of docker and of what is no docker: whole, in pieces, late, huge, damaged."""
from __future__ import absolute_import, division, print_function

import os
import random
import socket
import time

import pytest

from netnsctl.edge.runtimes import docker_address, docker_socket, engines, finding
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError
from support.fake_runtimes import ID_A, ID_B, answering, docker_of, failure_of, inspected


@pytest.mark.parametrize('last', ['0\r\n\r\n', '0\r\n'])
def test_a_chunked_reply_is_read(tree, engine, last):
    body = inspected()
    chunks = ''.join('%x;x=y\r\n%s\r\n' % (len(piece), piece) for piece in (body[:9], body[9:40], body[40:])) + last
    engine(answering(chunks, head='Transfer-Encoding: chunked\r\n'))
    host, docker = docker_of(tree)
    assert docker.lookup(host, 'a').pid == 77


def test_a_reply_in_small_pieces_on_a_connection_that_stays_open_is_read(tree, engine):
    body = inspected().encode()

    def reply(connection, request):
        whole = ('HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n' % len(body)).encode() + body
        for start in range(0, len(whole), 16):
            connection.sendall(whole[start:start + 16])
            time.sleep(0.001)
        connection.recv(1)
    engine(reply)
    host, docker = docker_of(tree)
    assert docker.lookup(host, 'a').pid == 77


def test_the_time_limit_is_for_the_whole_reply_and_not_for_each_piece(tree, engine, monkeypatch):
    monkeypatch.setattr(engines, 'SECONDS', 0.4)

    def drip(connection, request):
        for _ in range(1000):
            connection.sendall(b'H')
            time.sleep(0.1)
    engine(drip)
    host, docker = docker_of(tree)
    start = time.time()
    error = failure_of(docker.lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'docker' in error.message
    assert 0.3 < time.time() - start < 60


def test_an_engine_that_never_answers_ends_in_the_time_limit(tree, engine, monkeypatch):
    monkeypatch.setattr(engines, 'SECONDS', 0.2)
    engine(lambda connection, request: connection.recv(1))
    host, docker = docker_of(tree)
    error = failure_of(docker.lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'within 0.2 s' in error.message
    assert docker.version(host) is None


def test_an_engine_with_a_full_backlog_ends_in_the_time_limit(tree):
    os.makedirs(tree + '/var/run')
    path = tree + docker_address.SOCKET
    listener, waiting = socket.socket(socket.AF_UNIX), []
    try:
        listener.bind(path)
        listener.listen(0)
        for _ in range(3):
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(path)
        with pytest.raises(NoAnswerError):
            docker_socket.get(path, '/version', seconds=0.2)
    finally:
        for one in waiting + [listener]:
            one.close()


def test_a_huge_answer_is_refused(tree, engine):
    engine(answering(b'[' + b'0,' * (5 << 20)))
    host, docker = docker_of(tree)
    assert 'longer than' in failure_of(docker.lookup, host, 'a').message


GARBAGE = [b'', b'null', b'[]', b'{}', b'42', b'"a"', b'{"Id":1,"Name":2,"State":3}', b'\xff\xfe\xfd', b'{"Id"',
           b'[' * 100000, inspected().encode('utf-16')]
GARBAGE += [inspected(**wrong).encode('ascii') for wrong in (
    {'identity': 'ab'}, {'identity': ID_A + '\n'}, {'identity': None}, {'name': None}, {'State': None}, {'State': {}},
    {'pid': -1}, {'pid': '77'}, {'pid': 7.5}, {'pid': True}, {'pid': 1 << 40},
    {'pid': 10 ** 30}, {'pid': None}, {'pid': [1]})]


@pytest.mark.parametrize('body', GARBAGE, ids=[str(each) for each in range(len(GARBAGE))])
def test_an_answer_of_another_shape_is_a_declared_error(tree, engine, body):
    engine(answering(body))
    host, docker = docker_of(tree)
    error = failure_of(docker.lookup, host, 'a')
    assert 'docker' in error.message and not isinstance(error, NotFoundError)


@pytest.mark.parametrize('raw', [b'', b'\x00' * 70000, b'SSH-2.0-x\r\n', b'HTTP/1.0\r\n\r\n', b'HTTP/1.0 abc\r\n\r\n',
                                 b'HTTP/1.0 200 OK\r\nContent-Length: 99\r\n\r\n{}', b'HTTP/1.0 200 OK\r\n',
                                 b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
                                 b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n',
                                 b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}'],
                         ids=[str(each) for each in range(10)])
def test_something_else_on_the_socket_is_a_declared_error_that_names_the_socket(tree, engine, raw):
    engine(lambda connection, request: connection.sendall(raw))
    host, docker = docker_of(tree)
    error = failure_of(docker.lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and '/var/run/docker.sock' in error.message


def test_no_damaged_reply_leads_to_anything_but_a_container_none_or_a_declared_error(tree, engine):
    dice = random.Random(26)
    good = ('HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(inspected()), inspected())).encode()
    replies = []

    def reply(connection, request):
        connection.sendall(replies[-1])
    engine(reply)
    host, docker = docker_of(tree)
    ends = set()
    for _ in range(400):
        damaged = bytearray(good)
        for _ in range(dice.choice([1, 1, 2, 8])):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        replies.append(bytes(damaged[:dice.choice([len(good), dice.randrange(len(good))])]))
        try:
            found = docker.lookup(host, 'a')
            assert found is None or found.pid > 0
            ends.add(type(found))
        except NetnsctlError as error:
            assert '\n' not in error.message
            ends.add(type(error))
    assert len(ends) >= 3


def test_docker_host_names_another_unix_socket(tree, engine):
    engine(answering(inspected()), path='/run/other.sock')
    host, docker = docker_of(tree, environ={'DOCKER_HOST': 'unix:///run/other.sock'})
    assert docker.installed(host) and docker.present(host)
    assert docker.lookup(host, 'a').pid == 77
    host, docker = docker_of(tree, environ={'DOCKER_HOST': 'unix:///run/missing.sock'})
    assert not docker.present(host)


def test_the_engines_version_is_asked_over_the_socket(tree, engine):
    requests = engine(answering('{"Version":"20.10.24","Os":"linux"}'))
    host, docker = docker_of(tree)
    assert docker.version(host) == '20.10.24'
    assert requests[0].startswith('GET /version ')


def test_still_same_tells_a_container_from_its_successor(tree, engine):
    answers = [inspected(), inspected(), inspected(pid=78), inspected(identity=ID_B), inspected(pid=0)]

    def reply(connection, request):
        if answers:
            answering(answers.pop(0))(connection, request)
        else:
            answering('{"message":"No such container"}', '404 Not Found')(connection, request)
    engine(reply)
    host, docker = docker_of(tree)
    found = docker.lookup(host, 'a')
    assert [finding.still_same(host, found) for _ in range(5)] == [True, False, False, False, False]
