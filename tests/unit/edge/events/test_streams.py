"""Streams of events over a socket, and folders that are watched."""
from __future__ import absolute_import, division, print_function

import os
import socket

import pytest

from netnsctl.edge.runtimes import docker_socket
from netnsctl.edge.events import folders


@pytest.fixture
def served(short):
    """served() -> (Stream, the engine's end of it). The request has been read."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(short + '/s')
    listener.listen(5)
    made = [listener]

    def connect():
        stream = docker_socket.Stream(short + '/s', '/events')
        made.append(stream)
        engine = listener.accept()[0]
        made.append(engine)
        assert engine.recv(4096).startswith(b'GET /events HTTP/1.0\r\n')
        return stream, engine
    yield connect
    for one in made:
        one.close()


HEAD = b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'


def test_a_stream_gives_what_is_there_and_waits_for_nothing(served):
    stream, engine = served()
    assert stream.read() == b'' and not stream.answered
    engine.sendall(HEAD[:20])
    assert stream.read() == b'' and not stream.answered
    engine.sendall(HEAD[20:])
    assert stream.read() == b'' and stream.answered
    engine.sendall(b'{"a"')
    assert stream.read() == b'{"a"' and stream.read() == b''
    engine.close()
    with pytest.raises(docker_socket.Unusable):
        stream.read()


def test_a_chunked_stream_is_read_whatever_the_pieces(served):
    body = CHUNKED + b'5;x=y\r\nabcde\r\n1\r\nf\r\nA\r\n0123456789\r\n'
    for size in (1, 2, 5, 1000):
        stream, engine = served()
        found = b''
        for at in range(0, len(body), size):
            engine.sendall(body[at:at + size])
            found += stream.read()
        assert found == b'abcdef0123456789'
        engine.sendall(b'0\r\n\r\n')
        with pytest.raises(docker_socket.Unusable):
            stream.read()


@pytest.mark.parametrize('answer', [
    b'HTTP/1.0 500 Oh\r\n\r\n', b'HTTP/1.0 301 x\r\nLocation: /\r\n\r\n', b'SSH-2.0\r\n\r\n', b'x' * 70000,
    CHUNKED + b'zz\r\n', CHUNKED + b'1' * 2000, b'\x00' * 70000,
], ids=lambda value: None)
def test_what_is_no_stream_of_an_engine_is_refused(served, answer):
    stream, engine = served()
    engine.sendall(answer)
    with pytest.raises(docker_socket.Unusable):
        for _ in range(3):
            stream.read()


def test_where_nobody_listens_or_the_backlog_is_full_there_is_no_stream(short):
    for path in (short + '/none', '/dev/null', short, 'x' * 200):
        with pytest.raises(docker_socket.Unusable):
            docker_socket.Stream(path, '/events')
    listener, made = socket.socket(socket.AF_UNIX), []
    try:
        listener.bind(short + '/s')
        listener.listen(0)
        with pytest.raises(docker_socket.Unusable):
            for _ in range(5):
                made.append(docker_socket.Stream(short + '/s', '/events'))
    finally:
        for one in made + [listener]:
            one.close()


@pytest.fixture
def watched(tmpdir):
    """watched(path, name) -> FolderWatch under the test's own folder."""
    made = []

    def watch(path, name=None):
        made.append(folders.FolderWatch(str(tmpdir.join(*path.split('/'))), name))
        return made[-1]
    yield watch
    for one in made:
        one.close()


def test_a_folder_that_is_not_there_yet_is_seen_when_it_comes_goes_and_comes_again(tmpdir, watched):
    watch = watched('a/b')
    assert not watch.read()
    tmpdir.join('other').write('')
    assert not watch.read()
    tmpdir.join('a').mkdir()
    assert not watch.read()
    tmpdir.join('a', 'b').mkdir()
    assert watch.read() and not watch.read()
    tmpdir.join('a', 'b', 'docker:x').mkdir()
    assert watch.read()
    os.rename(str(tmpdir.join('a', 'b')), str(tmpdir.join('a', 'c')))
    assert watch.read()
    tmpdir.join('a', 'c', 'docker:y').mkdir()
    watch.read()
    tmpdir.join('a', 'b').mkdir()
    assert watch.read()
    tmpdir.join('a', 'b', 'docker:z').mkdir()
    assert watch.read() and not watch.read()


def test_one_name_in_a_folder_is_seen_and_no_other(tmpdir, watched):
    watch = watched('', 'sock')
    tmpdir.join('x').write('')
    assert not watch.read()
    tmpdir.join('sock').write('')
    assert watch.read() and not watch.read()
    tmpdir.join('sock').remove()
    assert watch.read()
