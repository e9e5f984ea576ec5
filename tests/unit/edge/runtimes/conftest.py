"""A root of its own, and a docker daemon behind a socket in it."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import socket
import tempfile
import threading

import pytest

from support.fake_runtimes import serve


@pytest.fixture
def tree():
    """A short-named folder (a socket's path has 107 bytes at most) that serves as a host's root."""
    folder = tempfile.mkdtemp(prefix='nw', dir='/tmp')
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def engine(tree):
    """engine(reply) starts a fake engine on the tree's docker socket; reply(connection, request) answers."""
    started = []

    def start(reply, path='/var/run/docker.sock'):
        real = tree + path
        if not os.path.isdir(os.path.dirname(real)):
            os.makedirs(os.path.dirname(real))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(real)
        listener.listen(5)
        requests = []
        thread = threading.Thread(target=serve, args=(listener, reply, requests))
        thread.start()
        started.append((listener, thread))
        return requests
    yield start
    for listener, thread in started:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()
        assert not thread.is_alive()
