"""What `netnsctl watch` makes of real engines' events, with a stand-in for `up` that only writes down its calls."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import sys
import time

import pytest

from support.engine import Engine
from support.lacking import lacking
from support.process import must
from support.program import SOURCE, TOP
from support.watched import Watched, children_of


class Recorder(Watched):
    """support.recording_watch over a folder of spaces. calls(): lists of spaces, in order."""

    def __init__(self, folder, spaces, environ):
        self.tree = str(folder.join('tree'))
        self.said = str(folder.join('tree.d'))
        self.log = str(folder.join('log'))
        for path in [self.tree, self.said] + [os.path.join(self.tree, space) for space in spaces]:
            if not os.path.isdir(path):
                os.mkdir(path)
        folders = [SOURCE, os.path.join(TOP, 'tests')] + os.environ.get('PYTHONPATH', '').split(':')
        variables = dict((name, value) for name, value in os.environ.items() if not name.startswith('DOCKER_'))
        variables.update(environ, PYTHONPATH=':'.join(folders), PYTHONDONTWRITEBYTECODE='1')
        Watched.__init__(self, [sys.executable, '-m', 'support.recording_watch', self.tree, self.log], variables)

    def calls(self):
        try:
            with open(self.log) as source:
                return [json.loads(line)['spaces'] for line in source]
        except (IOError, OSError):
            return []

    def brought_up(self):
        return [space for call in self.calls() for space in call]

    def wait_until_up(self, space, times=1):
        self.wait_for(lambda: self.brought_up().count(space) >= times)

    def wait_until_following(self, scheme, times=1):
        self.wait_for(lambda: self.out.count('following %s\n' % scheme) >= times)

    def say(self, name, text):
        with open(os.path.join(self.said, name), 'w') as out:
            out.write(text)

    def ticks(self):
        """What it has used of the processor, in hundredths of a second."""
        with open('/proc/%d/stat' % self.pid) as source:
            fields = source.read().rpartition(')')[2].split()
        return int(fields[11]) + int(fields[12])


@pytest.fixture
def record(tmpdir):
    """record(spaces, environ) -> Recorder, ended after the test."""
    made = []

    def start(spaces, environ):
        made.append(Recorder(tmpdir, spaces, environ))
        return made[-1]
    yield start
    for one in made:
        if one.process.poll() is None:
            one.end()


@pytest.fixture
def dockerd(own_engine):
    """An OwnDockerd that runs."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    if own_engine.process.poll() is not None:
        own_engine.start()
    return own_engine


@pytest.fixture
def boxes(dockerd):
    """Containers of that engine."""
    made = dockerd.containers('w')
    yield made
    if dockerd.process.poll() is not None:
        dockerd.start()
    made.close()


def test_what_runs_already_is_brought_up_and_again_when_it_restarts(record, dockerd, boxes):
    running, other, stopped = boxes.run(), boxes.run(), boxes.run()
    boxes.stop(stopped)
    watch = record(['docker:' + running, 'docker:' + stopped, 'docker:nosuch', 'web', 'host'], dockerd.environ)
    watch.wait_until_up('docker:' + running)
    boxes.restart(running)
    watch.wait_until_up('docker:' + running, 2)
    boxes.restart(other)
    boxes.restart(running)
    watch.wait_until_up('docker:' + running, 3)
    # One more where the engine tells anew of what started in this very second.
    watch.wait_for(lambda: watch.out.count('wired w-docker:%s\n' % running) >= 3)
    assert watch.end() == 0
    assert set(watch.brought_up()) == set(['docker:' + running]) and watch.err == ''


def test_a_start_is_acted_on_at_once(record, dockerd, boxes):
    name = boxes.run()
    watch = record(['docker:' + name], dockerd.environ)
    watch.wait_until_up('docker:' + name)
    boxes.restart(name)
    watch.wait_until_up('docker:' + name, 2)


def test_twenty_starts_at_once_are_a_few_turns(record, dockerd, boxes):
    names = [boxes.run() for _ in range(20)]
    watch = record(['docker:' + name for name in names], dockerd.environ)
    watch.wait_for(lambda: len(watch.brought_up()) >= 20)
    # The engine tells anew of what started in this very second.
    watch.wait_for(lambda: children_of(watch.pid) == [])
    before = watch.brought_up()
    must(boxes.command + ['restart', '-t', '0'] + names, timeout=120)
    for name in names:
        watch.wait_until_up('docker:' + name, before.count('docker:' + name) + 1)
    assert len(watch.calls()) <= 22
    assert watch.end() == 0 and watch.err == ''


def test_a_container_that_takes_a_name_of_the_tree_is_brought_up(record, dockerd, boxes):
    name = boxes.run()
    watch = record(['docker:w-new', 'docker:w-stopped'], dockerd.environ)
    watch.wait_until_following('docker')
    must(boxes.command + ['rename', name, 'w-new'])
    boxes.names[0] = 'w-new'
    watch.wait_until_up('docker:w-new')
    stopped = boxes.run()
    boxes.stop(stopped)
    must(boxes.command + ['rename', stopped, 'w-stopped'])
    boxes.names[1] = 'w-stopped'
    boxes.restart('w-new')
    watch.wait_until_up('docker:w-new', 2)
    assert set(watch.brought_up()) == set(['docker:w-new']) and watch.err == ''


def test_a_daemon_that_restarts_is_followed_again_and_what_was_missed_is_made_up_for(record, dockerd, boxes):
    name = boxes.run(options=['--restart=always', '--stop-signal=KILL'])
    watch = record(['docker:' + name], dockerd.environ)
    watch.wait_until_up('docker:' + name)
    for times in (2, 3):
        dockerd.stop()
        watch.wait_for(lambda: watch.process.poll() is None and 'trying again' in watch.err)
        dockerd.start()
        watch.wait_until_following('docker', times)
        before = watch.brought_up().count('docker:' + name)
        boxes.restart(name)
        watch.wait_until_up('docker:' + name, before + 1)
    assert watch.end() == 0


def test_a_daemon_that_is_not_there_yet_is_waited_for_without_work(record, dockerd, boxes):
    name = boxes.run(options=['--restart=always', '--stop-signal=KILL'])
    dockerd.stop()
    watch = record(['docker:' + name], dockerd.environ)
    watch.wait_for(lambda: 'trying again' in watch.err)
    before = watch.ticks()
    time.sleep(3)
    assert watch.ticks() - before < 30
    dockerd.start()
    watch.wait_until_up('docker:' + name)
    assert watch.end() == 0 and watch.err.count('\n') == 1


def test_a_runtime_that_was_never_installed_costs_nothing(record, tmpdir):
    environ = {'DOCKER_HOST': 'unix://%s' % tmpdir.join('no', 'such'), 'NETNSCTL_PATH': str(tmpdir)}
    watch = record(['docker:a', 'podman:a'], environ)
    watch.wait_for(lambda: watch.err.count('trying again\n') == 2)
    before = watch.ticks()
    time.sleep(3)
    assert watch.ticks() - before < 30
    assert watch.end() == 0 and watch.err.count('\n') == 2 and watch.out.count('\n') == 1


def test_nothing_is_asked_where_the_tree_names_no_container_and_a_new_folder_is_seen(record, dockerd, boxes):
    name = boxes.run()
    watch = record(['web', 'host'], dockerd.environ)
    watch.wait_for(lambda: 'watching %s\n' % watch.tree in watch.out)
    os.mkdir(os.path.join(watch.tree, 'docker:' + name))
    watch.wait_until_up('docker:' + name)
    os.rmdir(os.path.join(watch.tree, 'docker:' + name))
    watch.wait_for(lambda: 'no longer following docker' in watch.out)
    os.rename(watch.tree, watch.tree + '.old')
    os.makedirs(os.path.join(watch.tree, 'docker:' + name))
    watch.wait_until_up('docker:' + name, 2)
    assert watch.end() == 0 and watch.err == ''


def test_sighup_brings_up_what_runs(record, dockerd, boxes):
    name = boxes.run()
    watch = record(['docker:' + name], dockerd.environ)
    watch.wait_until_up('docker:' + name)
    watch.send(signal.SIGHUP)
    watch.wait_for(lambda: 'reading the tree again\n' in watch.out)
    watch.wait_until_up('docker:' + name, 2)


def test_a_turn_that_crashes_or_hangs_costs_only_itself(record, dockerd, boxes):
    good, bad = boxes.run(), boxes.run()
    watch = record(['docker:' + good, 'docker:' + bad], dict(dockerd.environ, TURN_SECONDS='1'))
    watch.wait_until_up('docker:' + bad)
    for how, words in (('crash', 'was ended by signal 11'), ('hang', 'did not finish within 1 s')):
        watch.say(how, 'docker:' + bad)
        before = watch.out.count('wired w-docker:%s\n' % good)
        watch.send(signal.SIGHUP)  # both in one turn
        watch.wait_for(lambda before=before: watch.out.count('wired w-docker:%s\n' % good) > before, 60)
        watch.wait_for(lambda words=words: words in watch.err)
        watch.say(how, '')
    before = watch.out.count('wired w-docker:%s\n' % bad)
    watch.wait_for(lambda: children_of(watch.pid) == [], 60)
    boxes.restart(bad)
    watch.wait_for(lambda: watch.out.count('wired w-docker:%s\n' % bad) > before, 60)
    assert watch.end() == 0


def test_what_fails_is_told_and_the_rest_is_done(record, dockerd, boxes):
    good, bad = boxes.run(), boxes.run()
    watch = record(['docker:' + good, 'docker:' + bad], dockerd.environ)
    watch.wait_until_up('docker:' + bad)
    watch.say('fail', 'docker:' + bad)
    boxes.restart(bad)
    watch.wait_for(lambda: 'netnsctl: w-docker:%s: there is no peer\n' % bad in watch.err)
    boxes.restart(good)
    watch.wait_until_up('docker:' + good, 2)


@pytest.mark.parametrize('signum,status', [(signal.SIGTERM, 0), (signal.SIGINT, signal.SIGINT - signal.SIGTERM)])
def test_a_signal_ends_it_and_its_children(record, dockerd, boxes, signum, status):
    name = boxes.run()
    watch = record(['docker:' + name, 'podman:nosuch'], dockerd.environ)
    watch.wait_until_up('docker:' + name)
    watch.say('hang', 'docker:' + name)
    boxes.restart(name)
    watch.wait_until_up('docker:' + name, 2)
    children = children_of(watch.pid)
    assert children
    assert watch.end(signum) == status % 256
    assert [pid for pid in children if os.path.exists('/proc/%d' % pid)] == []


def test_idle_it_uses_nothing(record, dockerd, boxes):
    name = boxes.run()
    watch = record(['docker:' + name], dockerd.environ)
    watch.wait_until_up('docker:' + name)
    watch.wait_for(lambda: children_of(watch.pid) == [])
    before = watch.ticks()
    time.sleep(3)
    assert watch.ticks() - before <= 2
    with open('/proc/%d/status' % watch.pid) as source:
        resident = [int(line.split()[1]) for line in source if line.startswith('VmRSS:')][0]
    assert resident < 30 * 1024


def test_podman_is_followed(record, podman):
    name = podman.run()
    watch = record(['podman:' + name], {})
    watch.wait_until_up('podman:' + name)
    podman.restart(name)
    watch.wait_until_up('podman:' + name, 2)
    helper = [pid for pid in children_of(watch.pid)][0]
    os.kill(helper, signal.SIGKILL)
    watch.wait_until_following('podman', 2)
    before = watch.brought_up().count('podman:' + name)
    podman.restart(name)
    watch.wait_until_up('podman:' + name, before + 1)
    helpers = children_of(watch.pid)
    assert watch.end() == 0
    assert [pid for pid in helpers if os.path.exists('/proc/%d' % pid)] == []


def test_podmans_helper_ends_also_where_watch_is_killed(record, podman):
    watch = record(['podman:nosuch'], {})
    watch.wait_until_following('podman')
    helper = watch.wait_for(lambda: children_of(watch.pid))[0]
    watch.end(signal.SIGKILL)
    deadline = time.time() + 30
    while os.path.exists('/proc/%d' % helper) and time.time() < deadline:
        time.sleep(0.05)
    assert not os.path.exists('/proc/%d' % helper)


def test_docker_by_its_command_where_docker_host_is_no_socket(record, dockerd, boxes, tmpdir):
    wrapper = tmpdir.join('bin', 'docker')
    wrapper.write('#!/bin/sh\nunset DOCKER_HOST\nPATH=/usr/local/bin:/usr/bin:/bin\nexec %s "$@"\n'
                  % ' '.join(dockerd.command), ensure=True)
    wrapper.chmod(0o755)
    name = boxes.run()
    watch = record(['docker:' + name, 'docker:nosuch'],
                   {'DOCKER_HOST': 'tcp://127.0.0.1:9', 'NETNSCTL_PATH': str(tmpdir.join('bin'))})
    watch.wait_until_up('docker:' + name)
    boxes.restart(name)
    watch.wait_until_up('docker:' + name, 2)
    assert watch.end() == 0 and watch.err == ''


# an engine that misbehaves

HEAD = b'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n'


def an_event(status, name, **more):
    event = {'status': status, 'id': 'a' * 64, 'from': 'x', 'Type': 'container', 'Action': status,
             'Actor': {'ID': 'a' * 64, 'Attributes': {'name': name}}}
    event.update(more)
    return json.dumps(event).encode('utf-8') + b'\n'


@pytest.fixture
def liar(tmpdir, record):
    """liar(events, spaces, running) -> Recorder of an engine whose event stream is these bytes and then its end."""
    engines = []

    def start(events, spaces, running=('web',), each=b''):
        def reply(request):
            path = request.split()[1]
            if path.startswith(b'/events'):
                first = len([one for one in engines[0].requests if b'/events' in one]) == 1
                return HEAD + (events if first else each)
            if path == b'/containers/json':
                body = json.dumps([{'Id': 'a' * 64, 'Names': ['/' + name]} for name in running]).encode('ascii')
            else:
                body = json.dumps({'Id': 'a' * 64, 'Name': '/web', 'State': {'Pid': 1}}).encode('ascii')
            return HEAD + body
        engines.append(Engine(str(tmpdir.join('lies')), reply))
        return record(spaces, engines[0].environ)
    yield start
    for one in engines:
        one.close()


def test_bad_events_are_survived(liar):
    deep = b'[' * 100000 + b'\n'
    events = (b'\n\n\x00\xff\xfe\n{"status"\n[]\n42\nnull\n{}\n' + deep + b'{"a":' + deep + b'x' * (3 << 20) + b'\n'
              + an_event('start', 'other') + an_event('die', 'web') + an_event('exec_start: x', 'web')
              + an_event('start', 'web')[:40])
    watch = liar(events, ['docker:web'])
    watch.wait_until_up('docker:web')
    watch.wait_until_following('docker', 3)
    assert watch.end() == 0
    assert watch.err.count('not an event') == 1 and 'Traceback' not in watch.err


def test_a_container_that_does_not_run_yet_when_its_start_is_told_is_waited_for(liar):
    """Docker before 1.10 tells of a start just before it, and names no container."""
    running = []
    told = '{"status":"start","id":"%s","from":"x","time":1}\n' % ('a' * 64)
    watch = liar(told.encode('ascii'), ['docker:web'], running)
    watch.wait_until_following('docker')
    assert watch.calls() == []
    running.append('web')
    watch.wait_until_up('docker:web')


def test_an_engine_that_ends_every_stream_at_once_is_not_asked_without_a_pause(liar):
    watch = liar(b'', ['docker:web'])
    watch.wait_until_following('docker')
    time.sleep(2)
    assert watch.out.count('following docker') <= 6
    assert watch.ticks() < 200
