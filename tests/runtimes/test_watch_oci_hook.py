"""`netnsctl watch` beside the OCI hook: containers that the hook wires, that labels wire and that the tree wires."""
from __future__ import absolute_import, division, print_function

import fcntl
import json
import signal

import pytest

from netnsctl.edge.runtimes import engines
from netnsctl.errors import NoAnswerError
from netnsctl.usecases.wires.session import Session
from support import process
from support.hooked import has_address, wires, words_of
from support.oci_hook import HOOK, write_hook
from support.process import must
from support.waiting import until
from support.watched import Watched, children_of

LOCK = '/run/netnsctl/lock'


@pytest.fixture
def watch(run_netnsctl, hooked):
    """watch(*words): Watched, once it follows podman. All end with the test."""
    started = []

    def begin(*words):
        started.append(Watched(run_netnsctl.argv('watch', *words), run_netnsctl.environ()))
        started[-1].wait_for(lambda: 'following podman\n' in started[-1].out)
        return started[-1]
    yield begin
    for one in started:
        if one.process.poll() is None:
            one.end()
    hooked.close()
    assert run_netnsctl('watch', '--once', '--labels').status == 0
    until(lambda: not wires(run_netnsctl))


@pytest.fixture
def paused(hooked, tmpdir):
    """A hook that says where it is (paused.has_begun()) and does nothing before paused.go()."""
    program = tmpdir.join('hook')
    program.write('#!/bin/sh\n: >%s/begun\nuntil [ -e %s/go ]; do sleep 0.05; done\nexec %s "$@"\n' % (
        tmpdir, tmpdir, HOOK))
    program.chmod(0o755)
    write_hook(str(tmpdir.join('hooks')), str(program))

    class Paused(object):
        has_begun = staticmethod(tmpdir.join('begun').check)

        @staticmethod
        def go():
            tmpdir.join('go').write('')
    yield Paused
    Paused.go()


def is_locked():
    """Does a netnsctl hold the lock of the state?"""
    with open(LOCK) as source:
        try:
            fcntl.flock(source, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (IOError, OSError):
            return True
    return False


def asks_podman(watch):
    """Does a turn of watch's wait for an answer of podman's?"""
    for child in children_of(watch.pid):
        for program in children_of(child):
            try:
                with open('/proc/%d/cmdline' % program) as source:
                    if source.read().split('\0')[1:2] in (['ps'], ['container']):
                        return True
            except (IOError, OSError):
                pass  # it has ended
    return False


def complaints(watch):
    return [line for line in watch.err.splitlines() if 'follow docker' not in line]


def start_apart(hooked, name, options):
    hooked.names.append(name)
    words = words_of(hooked, name, ['-d'] + options, ['sleep', '1000'])
    words.remove('--rm')  # podman may remove it while it restarts it
    return process.start(words)


def wait_for(started):
    assert started.wait() == 0, started.stderr.read()


def test_watch_asks_podman_without_the_lock_that_the_hook_waits_for(run_netnsctl, hooked, watch, paused):
    # podman answers nobody about a container, or about all, while the hook of that one runs.
    one = watch('--labels')
    name = '%s-held' % hooked.prefix
    starting = start_apart(hooked, name, hooked.wired)
    one.wait_for(paused.has_begun)
    one.send(signal.SIGHUP)
    one.wait_for(lambda: asks_podman(one))
    assert not is_locked()
    paused.go()
    wait_for(starting)
    assert has_address(hooked, name) and list(wires(run_netnsctl).values()) == ['whole']
    assert one.end() == 0 and complaints(one) == []


def test_who_asks_podman_with_the_lock_gives_it_to_the_hook_that_waits(run_netnsctl, hooked):
    name, session = '%s-held' % hooked.prefix, Session()
    try:
        with session.state.locked():
            starting = start_apart(hooked, name, hooked.wired)
            until(session.state.is_any_held)
            with pytest.raises(NoAnswerError) as caught:
                engines.podman_lookup(session.host, name)
            assert caught.value.message == 'ask podman: podman gave no answer within 3 s'
        wait_for(starting)
        until(lambda: not session.state.is_any_held())
    finally:
        session.close()
    assert has_address(hooked, name) and list(wires(run_netnsctl).values()) == ['whole']


def test_watch_leaves_the_wires_of_the_hook_alone_as_containers_come_and_go(run_netnsctl, hooked, tree, watch):
    a, b, c = ['%s-%s' % (hooked.prefix, letter) for letter in 'abc']
    one = watch('--labels')
    tree(c, 'DEVICE=eth0\nIPADDR=10.244.4.2\nPREFIX=24\nBRIDGE=%s\n' % hooked.bridge)
    label = 'netnsctl.wire=self:eth0=10.244.0.3/24 bridge://%s' % hooked.bridge
    started = [start_apart(hooked, a, hooked.wired), start_apart(hooked, b, ['--label', label]),
               start_apart(hooked, c, [])]
    for starting in started:
        wait_for(starting)
    assert has_address(hooked, a) and has_address(hooked, c, '10.244.4.2/24')
    one.wait_for(lambda: list(wires(run_netnsctl).values()) == ['whole'] * 3)
    of_b, of_c = made(run_netnsctl, b), made(run_netnsctl, c)
    must(hooked.command + ['restart', '-t', '0', a])
    assert has_address(hooked, a)
    again = made(run_netnsctl, a)
    # What watch is told of later was done after what it was told of before.
    hooked.restart(b)
    one.wait_for(lambda: made(run_netnsctl, b) not in (of_b, []))
    one.wait_for(lambda: list(wires(run_netnsctl).values()) == ['whole'] * 3)
    assert (made(run_netnsctl, a), made(run_netnsctl, c)) == (again, of_c)
    for name in (a, b, c):
        hooked.remove(name)
    one.wait_for(lambda: not wires(run_netnsctl))
    assert one.end() == 0 and 'wired %s' % a not in one.out and 'wired %s' % c not in one.out, one.out
    assert complaints(one) == []


def made(run_netnsctl, container):
    """[(name, when it was made)] of the wires of a container."""
    return [(wire['name'], wire['made']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires']
            if container in wire['name']]
