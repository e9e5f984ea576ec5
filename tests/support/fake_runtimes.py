"""Engines, commands and processes of container finding, as far as a lookup asks them, for tests without a kernel."""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import socket

import pytest

from netnsctl.edge.runtimes import finding
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError


STANDINS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'standins', 'runtimes')
ID_A = 'a' * 64
ID_B = 'ab' * 32


def serve(listener, reply, requests):
    while True:
        try:
            connection = listener.accept()[0]
        except (OSError, socket.error):
            return
        try:
            request = connection.recv(65536).decode('latin-1')
            requests.append(request)
            reply(connection, request)
        except (OSError, socket.error):
            pass  # the client may be gone before the reply is
        finally:
            connection.close()


def answering(body, status='200 OK', head=''):
    """A reply function that sends one HTTP reply at once."""
    body = body if isinstance(body, bytes) else body.encode('utf-8')

    def reply(connection, request):
        connection.sendall(('HTTP/1.0 %s\r\nContent-Type: application/json\r\n%s\r\n' % (status, head)).encode() + body)
    return reply


def inspected(name='/a', identity=ID_A, pid=77, **more):
    document = {'Id': identity, 'Name': name, 'State': {'Running': bool(pid), 'Pid': pid}, 'Created': u'\u00e9'}
    document.update(more)
    return json.dumps(document)


def put_process(tree, pid, parent=None, words=(), owner=0, cgroup='', program=None):
    """A process in the tree's /proc."""
    place = '/proc/%d' % pid
    put(tree, place + '/stat', stat_line(pid, parent, 'x) S 9 (y') if parent else '')
    put(tree, place + '/status', 'Name:\tx\nUid:\t%d\t%d\t%d\t%d\n' % ((owner,) * 4))
    put(tree, place + '/cmdline', ''.join(word + '\0' for word in words))
    put(tree, place + '/cgroup', '1:cpu:%s\n' % cgroup)
    if program:
        os.symlink(program, tree + place + '/exe')


def put_docker_processes(tree):
    """Processes 77 and 78, in the containers' cgroups as Docker makes them, below a shim of whoever the engine is."""
    put_process(tree, 70, owner=os.geteuid())
    put_process(tree, 77, parent=70, cgroup='/docker/' + ID_A)
    put_process(tree, 78, parent=70, cgroup='/system.slice/docker-%s.scope' % ID_A)


def docker_of(tree, environ=None, path='/none'):
    put_docker_processes(tree)
    host = Host(root=tree, environ=environ or {}, path=path)
    return host, finding.by_scheme('docker')


def put_standin(tree, version, containers=''):
    """A host under tree whose only programs are those of one stand-in; containers: its list."""
    folder = os.path.join(tree, 'stand')
    if not os.path.isdir(folder):
        os.mkdir(folder)
    for program in os.listdir(os.path.join(STANDINS, version)):
        shutil.copy(os.path.join(STANDINS, version, program), folder)
    put(tree, '/stand/containers', containers)
    return Host(root=tree, environ={}, path='/stand')


def put(tree, path, text, mode=0o644):
    real = tree + path
    if not os.path.isdir(os.path.dirname(real)):
        os.makedirs(os.path.dirname(real))
    with open(real, 'wb') as stream:
        stream.write(text if isinstance(text, bytes) else text.encode('utf-8'))
    os.chmod(real, mode)


def put_liar(tree, program, out=b'', err=b'', status=0, before=''):
    """A program that prints exactly these bytes and ends with that status."""
    put(tree, '/stand/out', out)
    put(tree, '/stand/err', err)
    put(tree, '/stand/' + program, '#!/bin/sh\n%s\n/bin/cat "${0%%/*}/out"\n/bin/cat "${0%%/*}/err" >&2\nexit %d\n'
        % (before, status), 0o755)
    return Host(root=tree, environ={}, path='/stand')


def failure_of(call, *arguments):
    """The declared error that a call ends with, checked to be one printable line."""
    with pytest.raises(NetnsctlError) as caught:
        call(*arguments)
    assert '\n' not in caught.value.message and '\x1b' not in caught.value.message
    return caught.value


def stat_line(pid, parent, command):
    return '%d (%s) S %d %d %d 0 -1 4194560 1 0 0 0\n' % (pid, command, parent, pid, pid)
