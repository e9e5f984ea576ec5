"""Runtimes asked through stand-ins for their programs, and through a real unix socket with a fake engine behind it."""
from __future__ import absolute_import, division, print_function

import json
import os
import random
import shutil
import socket
import tempfile
import threading
import time

import pytest

from netnsctl.edge import container, docker_address, docker_socket, engines, runtimes
from netnsctl.edge.host import Host
from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError, NotFoundError, UsageError

STANDINS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'standins', 'runtimes')
ID_A = 'a' * 64
ID_B = 'ab' * 32
NOT_NAMES = ['', '-H', '--help', '.', '..', 'a/b', '/etc', 'a\nb', 'a\x1bb', 'a\x00b', 'x' * 256, ' a', 'a ']


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
        thread = threading.Thread(target=_serve, args=(listener, reply, requests))
        thread.start()
        started.append((listener, thread))
        return requests
    yield start
    for listener, thread in started:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


def _serve(listener, reply, requests):
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
    return host, runtimes.by_scheme('docker')


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


# the table

def test_the_table_has_one_row_a_runtime_in_the_order_of_the_lookup():
    assert [runtime.scheme for runtime in runtimes.RUNTIMES] == ['docker', 'podman', 'lxc', 'libvirt-lxc', 'nspawn']
    assert [runtime.program for runtime in runtimes.RUNTIMES] == ['docker', 'podman', 'lxc-info', 'virsh', 'machinectl']
    assert runtimes.by_scheme('netns') is None


@pytest.mark.parametrize('name', NOT_NAMES)
@pytest.mark.parametrize('scheme', [runtime.scheme for runtime in runtimes.RUNTIMES])
def test_a_name_that_no_container_can_have_is_refused_before_anything_is_asked(tree, scheme, name):
    error = failure_of(runtimes.by_scheme(scheme).lookup, Host(root=tree, path='/none'), name)
    assert isinstance(error, UsageError) and scheme in error.message


@pytest.mark.parametrize('scheme', [runtime.scheme for runtime in runtimes.RUNTIMES])
def test_a_runtime_that_is_not_installed_is_not_present_and_says_so_when_asked(tree, scheme):
    host, runtime = Host(root=tree, environ={}, path='/none'), runtimes.by_scheme(scheme)
    assert not runtime.installed(host) and not runtime.present(host) and runtime.version(host) is None
    assert scheme in failure_of(runtime.lookup, host, 'a').message


# docker over its socket

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
    runtime = runtimes.by_scheme(scheme)
    put_docker_processes(tree)
    host = put_liar(tree, scheme, '[%s]' % inspected())
    for length in (12, 30, 64):
        assert runtime.lookup(host, ID_A[:length]).identity == ID_A
    assert runtime.lookup(host, ID_A[:11]) is None and runtime.lookup(host, '0' * 12) is None
    host = put_liar(tree, scheme, '[]\n', (words % ID_A[:12] + '\n').encode('ascii'), 1)
    assert runtime.lookup(host, ID_A[:11]) is None
    error = failure_of(runtime.lookup, host, ID_A[:12])
    assert isinstance(error, ConflictError) and error.exit_code == 4


# Docker does not answer: the error says where it was asked, why not, and what helps there.

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
    error = failure_of(runtimes.by_scheme('docker').lookup, host, 'web')
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
    error = failure_of(runtimes.by_scheme('docker').lookup, host, 'web')
    assert 'at tcp://10.9.9.9:1: cannot connect' in error.message and 'tcp://10.9.9.9:1' in error.hint, error.hint


def test_sudo_that_dropped_docker_host_is_spoken_of(tree):
    host = Host(root=tree, environ={'SUDO_USER': 'me'}, path='/none')
    error = failure_of(runtimes.by_scheme('docker').lookup, host, 'web')
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
        for _ in range(100):
            connection.sendall(b'H')
            time.sleep(0.1)
    engine(drip)
    host, docker = docker_of(tree)
    start = time.time()
    error = failure_of(docker.lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'docker' in error.message
    assert 0.3 < time.time() - start < 2


def test_an_engine_that_never_answers_ends_in_the_time_limit(tree, engine, monkeypatch):
    monkeypatch.setattr(engines, 'SECONDS', 0.2)
    engine(lambda connection, request: connection.recv(1))
    host, docker = docker_of(tree)
    start = time.time()
    error = failure_of(docker.lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'within 0.2 s' in error.message
    assert time.time() - start < 2
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
    assert [runtimes.still_same(host, found) for _ in range(5)] == [True, False, False, False, False]


# docker by its command

def docker_171(tree, containers):
    host = put_standin(tree, 'docker-1.7.1', containers)
    put_docker_processes(tree)
    return host, runtimes.by_scheme('docker')


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
    error = failure_of(runtimes.by_scheme('docker').lookup, host, 'a')
    assert isinstance(error, NoAnswerError) and 'docker does not answer at unix:///var/run/docker.sock' in error.message


# podman

def test_podman_finds_names_and_full_ids_only(tree):
    host = put_standin(tree, 'podman-4.3.1', 'p 77 %s\nstopped 0 %s\n' % (ID_A, ID_B))
    put_process(tree, 77, cgroup='/machine.slice/libpod-%s.scope' % ID_A)
    podman = runtimes.by_scheme('podman')
    found = podman.lookup(host, 'p')
    assert (found.scheme, found.pid, found.identity) == ('podman', 77, ID_A)
    assert podman.lookup(host, ID_A).pid == 77
    assert podman.lookup(host, 'aaa') is None and podman.lookup(host, 'nosuch') is None
    assert failure_of(podman.lookup, host, 'stopped').hint == 'podman start stopped'
    assert podman.version(host) == '4.3.1'
    assert runtimes.still_same(host, found)


@pytest.mark.parametrize('path, config, expected', [
    ('/var/lib/containers/storage/overlay-containers/containers.json', '', True),
    ('/var/lib/containers/storage/vfs-containers/volatile-containers.json', '', True),
    ('/run/containers/storage/overlay-containers/volatile-containers.json', '', True),
    ('/srv/pods/overlay-containers/containers.json', '[storage]\n graphroot = "/srv/pods"\n', True),
    ('/srv/run/overlay-containers/containers.json', "[storage]\nrunroot='/srv/run'\n", True),
    ('/srv/pods/overlay-containers/containers.json', '[storage]\n# graphroot = "/srv/pods"\n', False),
    ('/var/lib/containers/storage/overlay-layers/layers.json', '', False),
])
def test_podman_is_present_if_its_store_lists_a_container(tree, path, config, expected):
    host, podman = put_standin(tree, 'podman-4.3.1'), runtimes.by_scheme('podman')
    assert not podman.present(host)
    put(tree, '/etc/containers/storage.conf', config)
    put(tree, path, '[{"id":"%s","names":["p"]}]' % ID_A)
    assert podman.present(host) is expected
    put(tree, path, '[]')
    assert not podman.present(host)


def test_an_ambiguous_beginning_of_an_id_is_no_podman_container(tree):
    words = b'Error: more than one result for container name or ID "a": ambiguous\n'
    host = put_liar(tree, 'podman', b'[]\n', words, 125)
    assert runtimes.by_scheme('podman').lookup(host, 'a') is None


# lxc

@pytest.mark.parametrize('version, number', [('lxc-0.7.5', '0.7.5'), ('lxc-1.0.11', '1.0.11')])
def test_lxc_info_old_and_new_is_understood(tree, version, number):
    host, lxc = put_standin(tree, version, 'l 77\nstopped 0\n'), runtimes.by_scheme('lxc')
    put(tree, '/var/lib/lxc/stopped/config', '')
    put_process(tree, 77, 70)
    put_process(tree, 70, 1, ['[lxc monitor] /var/lib/lxc l'])
    found = lxc.lookup(host, 'l')
    assert (found.scheme, found.pid, found.identity) == ('lxc', 77, 'l')
    error = failure_of(lxc.lookup, host, 'stopped')
    assert isinstance(error, NotFoundError) and error.hint == 'lxc-start -d -n stopped'
    assert lxc.lookup(host, 'nosuch') is None
    assert lxc.version(host) == number


def test_lxc_is_present_if_a_container_is_defined_where_the_configuration_says_or_if_one_listens(tree):
    host, lxc = put_standin(tree, 'lxc-1.0.11'), runtimes.by_scheme('lxc')
    assert not lxc.present(host)
    put(tree, '/etc/lxc/lxc.conf', 'lxc.lxcpath = /srv/lxc\n')
    put(tree, '/var/lib/lxc/l/config', '')
    assert not lxc.present(host)
    put(tree, '/srv/lxc/l/config', '')
    assert lxc.present(host)
    shutil.rmtree(tree + '/srv')
    put(tree, '/proc/net/unix', 'Num RefCount ...\n0: 2 0 10000 0001 01 10248 @/srv/lxc/x/command\n')
    assert lxc.present(host)


def test_the_hint_quotes_a_name_that_a_shell_would_act_on(tree):
    host = put_liar(tree, 'lxc-info')
    assert failure_of(runtimes.by_scheme('lxc').lookup, host, "$(id)'x").hint == "lxc-start -d -n '$(id)'\\''x'"


# libvirt-lxc

def stat_line(pid, parent, command):
    return '%d (%s) S %d %d %d 0 -1 4194560 1 0 0 0\n' % (pid, command, parent, pid, pid)


def put_controller(tree, **options):
    put_process(tree, 50, 1, ['/usr/libexec/libvirt_lxc', '--name', 'v', '--console', '21'],
                program=options.pop('program', '/usr/libexec/libvirt_lxc'), **options)


def test_libvirt_lxc_gives_the_controllers_child_where_the_kernel_lists_children(tree):
    host, libvirt = put_standin(tree, 'libvirt-0.10.2', 'v 50\nstopped 0\n'), runtimes.by_scheme('libvirt-lxc')
    put_controller(tree)
    put(tree, '/proc/50/task/50/children', '51 ')
    found = libvirt.lookup(host, 'v')
    assert (found.scheme, found.pid, found.identity) == ('libvirt-lxc', 51, 'v')
    assert libvirt.lookup(host, 'nosuch') is None
    assert failure_of(libvirt.lookup, host, 'stopped').hint == 'virsh -c lxc:/// start stopped'
    assert libvirt.version(host) == '0.10.2'


def test_libvirt_lxc_finds_the_child_on_kernels_that_list_no_children(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put(tree, '/proc/1/stat', stat_line(1, 0, 'init'))
    put_controller(tree)
    put(tree, '/proc/77/stat', stat_line(77, 50, 'a) S 1 (b'))
    put(tree, '/proc/78/stat', stat_line(78, 77, 'sh'))
    assert runtimes.by_scheme('libvirt-lxc').lookup(host, 'v').pid == 77


def test_libvirt_lxc_tells_the_init_from_the_controllers_helpers(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put_controller(tree)
    put(tree, '/proc/50/task/50/children', '51 52 ')
    for pid, namespace in (('self', 1), (50, 1), (51, 1), (52, 2)):
        os.makedirs(tree + '/proc/%s/ns' % pid)
        os.symlink('pid:[%d]' % namespace, tree + '/proc/%s/ns/pid' % pid)
    libvirt = runtimes.by_scheme('libvirt-lxc')
    assert libvirt.lookup(host, 'v').pid == 52
    put(tree, '/proc/50/task/50/children', '51 ')
    os.unlink(tree + '/proc/52/ns/pid')
    put(tree, '/proc/50/task/50/children', '51 52 ')
    assert 'no process of its controller 50' in failure_of(libvirt.lookup, host, 'v').message


def test_libvirt_lxc_without_any_child_is_a_declared_error(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put_controller(tree)
    assert 'no process of its controller 50' in failure_of(runtimes.by_scheme('libvirt-lxc').lookup, host, 'v').message


def test_libvirt_lxc_is_present_if_a_controller_left_its_pid(tree):
    host, libvirt = put_standin(tree, 'libvirt-0.10.2'), runtimes.by_scheme('libvirt-lxc')
    assert not libvirt.present(host)
    put(tree, '/var/run/libvirt/lxc/v.pid', '50')
    assert libvirt.present(host)


def test_a_libvirt_that_cannot_be_reached_is_no_answer(tree):
    words = (b'error: failed to connect to the hypervisor\n'
             b"error: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory\n")
    host = put_liar(tree, 'virsh', b'', words, 1)
    assert isinstance(failure_of(runtimes.by_scheme('libvirt-lxc').lookup, host, 'v'), NoAnswerError)
    assert runtimes.by_scheme('libvirt-lxc').version(host) is None


# nspawn

def test_nspawn_gives_the_leader_of_a_container_and_of_nothing_else(tree):
    host = put_standin(tree, 'systemd-219', 'n 77\nqemu-1 78 vm\n.host 1 host\n')
    nspawn = runtimes.by_scheme('nspawn')
    put_process(tree, 77, 70)
    put_process(tree, 70, 1, ['/usr/bin/systemd-nspawn', '--boot', '--machine=n'], program='/usr/bin/systemd-nspawn')
    found = nspawn.lookup(host, 'n')
    assert (found.scheme, found.pid, found.identity) == ('nspawn', 77, 'n')
    assert nspawn.lookup(host, 'qemu-1') is None and nspawn.lookup(host, '.host') is None
    assert nspawn.lookup(host, 'nosuch') is None
    assert nspawn.version(host) == '219'
    put(tree, '/var/lib/machines/nosuch.raw', '')
    assert failure_of(nspawn.lookup, host, 'nosuch').hint == 'machinectl start nosuch'


def test_nspawn_is_present_if_a_machine_is_registered(tree):
    host, nspawn = put_standin(tree, 'systemd-219'), runtimes.by_scheme('nspawn')
    assert not nspawn.present(host)
    put(tree, '/run/systemd/machines/n', '')
    assert nspawn.present(host)


def test_a_machinectl_without_a_bus_is_no_answer_and_no_version(tree):
    host = put_liar(tree, 'machinectl', b'systemd 252\n', b'Failed to connect to bus: No such file or directory\n', 1)
    assert isinstance(failure_of(runtimes.by_scheme('nspawn').lookup, host, 'n'), NoAnswerError)
    assert runtimes.by_scheme('nspawn').version(host) is None


# every command

COMMANDS = [(runtime.scheme, runtime.program) for runtime in runtimes.RUNTIMES]
NONSENSE = [b'garbage\n', b'\xff\xfe\x00\x1b[2J', b'PID: -7\nLeader=-7\nClass=container\n', b'[{"State":{"Pid":-7}}]',
            b'PID: 99999999999999999999\n', b'9' * 30, b'Leader=0\nClass=container\n', b'[null]', b'[' * 100000]


@pytest.mark.parametrize('out', NONSENSE, ids=[str(each) for each in range(len(NONSENSE))])
@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_prints_nonsense_is_a_declared_error(tree, scheme, program, out):
    for status in (0, 3):
        host = put_liar(tree, program, out, status=status)
        error = failure_of(runtimes.by_scheme(scheme).lookup, host, 'a')
        assert scheme in error.message and not isinstance(error, NotFoundError)


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_prints_ten_megabytes_is_a_declared_error(tree, scheme, program):
    host = put_liar(tree, program, b'x' * (10 << 20))
    assert 'more than' in failure_of(runtimes.by_scheme(scheme).lookup, host, 'a').message


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_fails_without_a_word_is_a_declared_error(tree, scheme, program):
    error = failure_of(runtimes.by_scheme(scheme).lookup, put_liar(tree, program, status=9), 'a')
    assert 'it printed nothing (status 9)' in error.message and scheme in error.message


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_never_ends_is_no_answer(tree, scheme, program, monkeypatch):
    monkeypatch.setattr(engines, 'PODMAN_SECONDS', 0.2)
    monkeypatch.setattr(container, 'SECONDS', 0.2)
    start = time.time()
    error = failure_of(runtimes.by_scheme(scheme).lookup, put_liar(tree, program, before='exec /bin/sleep 30'), 'a')
    assert isinstance(error, NoAnswerError) and '%s gave no answer within 0.2 s' % program in error.message
    assert time.time() - start < 3


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_cannot_be_run_is_a_declared_error(tree, scheme, program):
    put(tree, '/stand/' + program, '#!/nonexistent\n', 0o755)
    host = Host(root=tree, environ={}, path='/stand')
    assert scheme in failure_of(runtimes.by_scheme(scheme).lookup, host, 'a').message
    assert runtimes.by_scheme(scheme).version(host) is None
