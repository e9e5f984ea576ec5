"""Locks and files that others hold or leave: each wait is bounded, and none is under netnsctl's own lock for long."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from support.aside import own_host
from support.worlds import World


@pytest.fixture
def worlds(request):
    """worlds(script) -> a support.worlds.World with an empty /run, where the script has run; closed after the test."""
    world = World(True)
    yield world
    world.close()


def mounts(world):
    """How often something is mounted at /run/netns; the world's /run may hide one."""
    return int(world.sh('grep -c " /run/netns " /proc/self/mountinfo || :'))


def test_a_lock_of_nobody_s_on_the_folder_of_names_holds_up_no_namespace(worlds):
    # iproute2 takes this lock to make the folder a mount; anybody may open the folder.
    before = mounts(worlds)
    worlds.sh('mkdir /run/netns')
    held = subprocess.Popen(worlds.aside.prefix + [
        'setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', 'flock', '/run/netns',
        'sh', '-c', 'echo held; exec sleep 1000000'], stdout=subprocess.PIPE, preexec_fn=os.setsid)
    try:
        assert held.stdout.readline() == b'held\n'
        assert worlds.run(['netns', 'add', 'a'])[0] == 0
        assert worlds.run(['netns', 'add', 'b'])[0] == 0
        assert worlds.run(['netns', 'exec', 'a', 'true'])[0] == 0
        assert mounts(worlds) == before + 1
    finally:
        os.killpg(held.pid, 9)
        held.wait()
        held.stdout.close()


def test_two_that_make_the_first_namespace_at_once_mount_the_folder_once(worlds):
    before = mounts(worlds)
    started = [subprocess.Popen(worlds.aside.prefix + worlds.argv(['netns', 'add', 'n%d' % number]))
               for number in range(8)]
    assert [process.wait() for process in started] == [0] * 8
    assert mounts(worlds) == before + 1
    assert len(worlds.run(['netns', 'list'])[1].splitlines()) == 8


@pytest.fixture
def own_run(run_netnsctl):
    """The program in a host of its own (support.aside.own_host)."""
    host = own_host(run_netnsctl)
    yield host
    host.close()


@pytest.mark.parametrize('place', ['wires/%s.json', 'wires/x.json', 'wires/x.pending.json', 'names/x.json', 'ip.json'])
def test_a_fifo_among_the_records_holds_nothing_up(own_run, place):
    own_run.sh('ip netns add a; ip netns add b')
    assert own_run('wire', '--name', 'w', 'a', 'b').status == 0
    path = '/run/netnsctl/' + (place % 'w' if '%' in place else place)
    own_run.sh('mkdir -p "$(dirname %s)"; rm -f %s; mkfifo %s' % (path, path, path))
    for words in (['ls'], ['wire', '--name', 'v', 'a', 'b'], ['check', '--all'], ['unwire', 'v'], ['down'], ['up'],
                  ['doctor', 'wires'], ['unwire', '--all']):
        result = own_run(*words, timeout=30)
        assert 'Traceback' not in result.err, words


def test_a_symlink_to_a_fifo_in_place_of_the_lock_is_refused(own_run):
    own_run.sh('ip netns add a; ip netns add b; mkdir -p -m 700 /run/netnsctl; mkfifo /run/f; '
               'ln -s /run/f /run/netnsctl/lock')
    result = own_run('wire', 'a', 'b', timeout=30)
    assert result.status == 1 and 'lock' in result.err
