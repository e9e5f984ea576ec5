"""Lines of events, a stream of them over a socket, folders that are watched, and what `watch` makes of its turns."""
from __future__ import absolute_import, division, print_function

import json
import os
import random
import shutil
import socket
import tempfile
import time

import pytest

from netnsctl.edge import docker_socket, events
from netnsctl.edge.events import folders, running, sources
from netnsctl.edge.host import Host
from netnsctl.errors import NotFoundError, UsageError
from netnsctl.usecases import bringing_up, watching
from netnsctl.usecases.bringing_up import Turn

ID = 'ab' * 32
NEW = {'Type': 'container', 'Action': 'start', 'Actor': {'ID': ID, 'Attributes': {'image': 'x', 'name': 'web'}}}
OLD = {'status': 'start', 'id': ID, 'from': 'busybox:latest', 'time': 1441000000}
PODMAN = {'ID': ID, 'Name': 'web', 'Status': 'died', 'Time': '2026-11-24T17:00:40Z', 'Type': 'container',
          'Attributes': {}}


def dumped(document):
    return json.dumps(document).encode('utf-8')


def parsed(line, scheme='docker'):
    event = events.parse_line(scheme, line)
    return event.kind, event.name, event.identity


# lines

@pytest.mark.parametrize('line,expected', [
    (dumped(NEW), (events.STARTED, 'web', ID)),
    (dumped(dict(NEW, status='start', id=ID)), (events.STARTED, 'web', ID)),
    (dumped(OLD), (events.STARTED, None, ID)),
    (dumped(dict(OLD, status='die')), (events.GONE, None, ID)),
    (dumped(dict(OLD, status='stop')), (events.GONE, None, ID)),
    (dumped(dict(OLD, status='restart')), (None, None, ID)),
    (dumped(PODMAN), (events.GONE, 'web', ID)),
    (dumped(dict(PODMAN, Status='start')), (events.STARTED, 'web', ID)),
    (dumped(dict(PODMAN, Status='restart')), (None, 'web', ID)),
    (dumped(dict(PODMAN, Status='start', Type='pod')), (None, 'web', ID)),
    (dumped(dict(NEW, Action='rename')), (events.RENAMED, 'web', ID)),
    (dumped(dict(NEW, Action='exec_start: sh')), (None, 'web', ID)),
    (dumped({'Type': 'network', 'Action': 'connect', 'Actor': {'ID': 'x'}}), (None, None, 'x')),
    (b'2026-11-24T17:00:38.468230624Z container start %s (image=bb, name=web)', (events.STARTED, 'web', ID)),
    (b'2026-11-24 17:05:58.799196272 +0000 UTC container died %s (image=, name=web)', (events.GONE, 'web', ID)),
    (b'2026-11-24 17:05:58 +0000 UTC container start %s (image=, name=web, a=b)', (events.STARTED, 'web', ID)),
    (b'2015-01-28T20:21:31.000000000-08:00 %s: (from whenry/testimage:latest) start', (events.STARTED, None, ID)),
    (b'2015-01-28T20:21:31.000000000-08:00 %s: die', (events.GONE, None, ID)),
], ids=lambda value: None)
def test_a_line_of_each_engine_is_read(line, expected):
    assert parsed(line.replace(b'%s', ID.encode('ascii'))) == expected
    assert parsed(line.replace(b'%s', ID.encode('ascii')) + b'\r') == expected


@pytest.mark.parametrize('line', [
    b'', b'json', b'{', b'{}', b'[]', b'42', b'null', b'\xff\xfe', b'{"status": 1}', b'{"status": "start"}', b'\x00',
    b'[' * 100000, b'{"a":' + b'[' * 100000, dumped(dict(OLD, status=['start'])), dumped(dict(OLD, id=7)),
    dumped(dict(NEW, Actor=[1])), dumped(dict(NEW, Actor={'ID': None, 'Attributes': 'x'})),
    b'Error: unknown flag: --format', b'time="x" level=warning msg="container start"',
], ids=lambda value: None)
def test_anything_else_is_refused_by_one_error(line):
    with pytest.raises(ValueError):
        events.parse_line('docker', line)


def test_no_damaged_line_leads_to_anything_but_an_event_or_a_refusal():
    dice = random.Random(5)
    for _ in range(3000):
        line = bytearray(dumped(dice.choice([NEW, OLD, PODMAN])))
        for _ in range(dice.choice([1, 2, 8])):
            line[dice.randrange(len(line))] = dice.randrange(256)
        try:
            kind, name, identity = parsed(bytes(line[:dice.choice([len(line), dice.randrange(len(line))])]))
        except ValueError:
            continue
        assert kind is None or isinstance(name or identity, str)


def test_a_long_plain_line_is_read_in_no_time():
    start = time.time()
    for text in (b'a container start ' * 60000, b'a b c d container ' + b'a' * (1 << 20), b'a (, name=' * 90000):
        with pytest.raises(ValueError):
            events.parse_line('docker', text)
    assert time.time() - start < 5


def test_lines_come_whole_whatever_the_pieces_and_a_long_one_is_told_and_not_kept():
    text = b'one\ntwo\r\n\n' + b'x' * 50 + b'\nthree\nhalf'
    for size in (1, 2, 3, 7, 100):
        lines = events.Lines(limit=10)
        found = []
        for at in range(0, len(text), size):
            found += lines.feed(text[at:at + size])
            assert len(lines._rest) <= 10 + size
        assert found == [b'one', b'two', b'', None, b'three']
    assert lines.feed(b' line\n') == [b'half line']


# a stream over a socket

@pytest.fixture
def short():
    """A folder with a short name: a socket's path has 107 bytes at most."""
    folder = tempfile.mkdtemp(prefix='nw', dir='/tmp')
    yield folder
    shutil.rmtree(folder)


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


# folders

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


# sources

class Clock(object):
    """Stands for monotonic()."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(sources, 'monotonic', made)
    return made


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
        deadline = time.time() + 10
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


# which containers run

def test_what_podman_lists_is_running(program):
    folder = program('podman', '[ "$1" = ps ] && printf "%s a\\n%s b\\n" ' + '%s %s' % (ID, 'c' * 64))
    host = Host(path=folder, environ={})
    assert running.running(host, 'podman', set(['a', 'c', ID])) == set(['a', ID])


# turns

class Waits(object):
    """Turns whose children are played: work is noted, and what becomes of it is said by the test."""

    def __init__(self, monkeypatch):
        self.clock, self.told, self.killed = Clock(), [], []
        self.status = None
        monkeypatch.setattr(watching, 'monotonic', self.clock)
        monkeypatch.setattr(watching.os, 'fork', lambda: 7)
        monkeypatch.setattr(watching.os, 'waitpid', self.waitpid)
        monkeypatch.setattr(watching.os, 'kill', lambda pid, signum: self.killed.append(signum))
        self.turns = watching.Turns(None, self.told.append)

    def waitpid(self, pid, _):
        status, self.status = self.status, None
        return (0, 0) if status is None else (pid, status)

    def ends(self, status):
        """The child ends with this wait status; what is due is done."""
        self.status = status
        self.turns.step()

    @property
    def works_on(self):
        return self.turns._turn.spaces() if self.turns._child else None


@pytest.fixture
def waits(monkeypatch):
    return Waits(monkeypatch)


def test_what_comes_while_a_turn_goes_on_is_one_next_turn(waits):
    for name in 'abcd':
        waits.turns.add(Turn(sure=['docker:' + name]))
        waits.turns.step()
    assert waits.works_on == ['docker:a']
    waits.ends(0)
    assert waits.works_on == ['docker:b', 'docker:c', 'docker:d']
    waits.ends(0)
    assert waits.works_on is None and waits.turns.due() is None


def test_a_container_that_ended_is_not_brought_up(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.add(Turn(sure=['docker:b']))
    waits.turns.add(Turn(gone=['docker:b']))
    waits.ends(0)
    assert waits.works_on == [] and waits.turns._turn.gone == set(['docker:b'])
    waits.turns.add(Turn(gone=['docker:b']))
    waits.turns.add(Turn(sure=['docker:b']))
    waits.ends(0)
    assert waits.works_on == ['docker:b'] and waits.turns._turn.gone == set(['docker:b'])


def test_one_that_does_not_run_yet_is_tried_again_a_few_times(waits):
    waits.turns.add(Turn(sure=['docker:a', 'docker:b']))
    waits.turns.step()
    for pause in watching.RETRIES:
        assert not waits.turns._turn.last
        waits.ends(bringing_up.NOT_RUNNING_YET << 8)
        assert waits.works_on is None
        assert abs(waits.turns.due() - waits.clock.now - pause) < 0.001
        waits.clock.now += pause + 0.001
        waits.turns.step()
    assert waits.turns._turn.last == set(['docker:a', 'docker:b'])
    waits.ends(bringing_up.FAILED << 8)
    assert waits.works_on is None and waits.turns.due() is None


def test_of_one_that_ended_meanwhile_no_other_try_is_made(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.add(Turn(gone=['docker:a']))
    waits.ends(bringing_up.NOT_RUNNING_YET << 8)
    assert waits.works_on == []
    waits.ends(0)
    assert waits.turns.due() is None


def test_what_crashes_is_tried_alone_and_once(waits):
    waits.turns.add(Turn(sure=['docker:a', 'docker:b']))
    waits.turns.step()
    waits.ends(11)
    assert waits.works_on == ['docker:b']
    waits.ends(11)
    assert waits.works_on == ['docker:a']
    waits.ends(0)
    assert waits.works_on is None and waits.turns.due() is None
    assert [str(error) for error in waits.told] == [
        'bring up docker:a docker:b: its process was ended by signal 11',
        'bring up docker:b: its process was ended by signal 11']


def test_what_hangs_is_told_to_end_and_then_ended(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.clock.now += watching.TURN_SECONDS + watching.SPACE_SECONDS
    waits.turns.step()
    assert waits.killed == [15]
    waits.clock.now += watching.GRACE_SECONDS
    waits.turns.step()
    assert waits.killed == [15, 9]
    waits.ends(9)
    assert 'not done within 120 s' in str(waits.told[0]) and waits.works_on is None


def test_a_fork_that_fails_is_made_up_for(waits, monkeypatch):
    def fail():
        raise OSError(11, 'Resource temporarily unavailable')
    monkeypatch.setattr(watching.os, 'fork', fail)
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.step()
    assert len(waits.told) == 1 and waits.turns.due() == waits.clock.now + 1.0
    monkeypatch.setattr(watching.os, 'fork', lambda: 7)
    waits.clock.now += 1.0
    waits.turns.step()
    assert waits.works_on == ['docker:a']


# what a turn does

class Summary(object):
    def __init__(self, made=(), failed=()):
        self.made, self.changed, self.same, self.failed = list(made), [], [], list(failed)
        self.exit_code = failed[0][1].exit_code if failed else 0


@pytest.fixture
def take(tmpdir, monkeypatch):
    """take(turn, up, those that run) -> (status, code, told, complained)"""
    def call(turn, up, runs):
        monkeypatch.setattr(bringing_up, 'running', lambda host, scheme, names: set(
            name for name in names if '%s:%s' % (scheme, name) in runs))
        told, complained = [], []
        ends = bringing_up.take_turn(Host(root=str(tmpdir), environ={}), turn, told.append, complained.append, up)
        return ends + (told, [str(error) for error in complained])
    return call


def test_only_what_runs_is_brought_up(take):
    calls = []

    def up(_, spaces):
        calls.append(spaces)
        return Summary(spaces)
    runs = ['docker:a', 'podman:b', 'docker:z']
    turn = Turn(sure=['docker:a', 'docker:late'], unsure=['podman:b', 'podman:c'])
    assert take(turn, up, runs) == (bringing_up.NOT_RUNNING_YET, 0, ['wired docker:a', 'wired podman:b'], [])
    turn.last = set(['docker:late'])
    assert take(turn, up, runs)[::3] == (bringing_up.DONE, ['bring up docker:late: its container does not run'])
    assert calls == [['docker:a', 'podman:b']] * 2
    assert take(Turn(unsure=['docker:x']), up, runs)[:2] == (bringing_up.DONE, 0) and len(calls) == 2


def test_a_folder_that_is_refused_does_not_cost_the_others(take):
    def up(_, spaces):
        if 'docker:empty' in spaces:
            raise UsageError('docker:empty: no link in it')
        return Summary(spaces)
    spaces = ['docker:a', 'docker:b', 'docker:empty']
    assert take(Turn(sure=spaces), up, spaces) == (
        bringing_up.FAILED, 2, ['wired docker:a', 'wired docker:b'], ['docker:empty: no link in it'])


def test_what_failed_is_told_with_what_it_is_about(take):
    failed = [('f:1', NotFoundError('no such thing')), ('g:2', NotFoundError('g:2: nor this'))]
    assert take(Turn(sure=['docker:a']), lambda *_: Summary(failed=failed), ['docker:a']) == (
        bringing_up.FAILED, 3, [], ['f:1: no such thing', 'g:2: nor this'])


def test_without_inotify_the_tree_is_looked_at_every_few_seconds(tmpdir, monkeypatch):
    def fail(*_):
        raise OSError(24, 'Too many open files')
    clock = Clock()
    monkeypatch.setattr(watching, 'monotonic', clock)
    monkeypatch.setattr(watching.folders, 'FolderWatch', fail)
    watch = watching.Watch(Host(), None, None, up=fail, spaces=fail, place=str(tmpdir))
    watch._watch_tree()
    assert not watch._tree_changed()
    clock.now += watching.TREE_SECONDS
    assert watch._tree_changed() and not watch._tree_changed()
