"""The name of a container passes to another one: the wire of the old one is not the new one's."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from support.inside import links, pings
from support.process import must

FOLDER = '/etc/sysconfig/netns'


@pytest.fixture
def swapped(run_netnsctl, docker, request):
    """(name, old container's PID, new container's PID): a wire was made to the old one, whose name the new one has."""
    name = docker.run('web')
    wire = name + '-w'
    bridge = 'br' + name[-9:].replace('-', '')
    made = run_netnsctl('wire', '--name', wire, 'docker://%s:eth0=10.5.1.1/24' % name,
                        'bridge://%s=10.5.1.254/24' % bridge)
    assert made.status == 0, made
    old = docker.pid(name)
    must(docker.command + ['rename', name, name + '-old'])
    docker.names[docker.names.index(name)] = name + '-old'
    must(docker.command + ['run', '-d', '--net=none', '--name', name, docker.source[0], '/bin/sleep', '100000'])
    docker.names.append(name)
    yield wire, name, bridge, old, docker.pid(name)
    run_netnsctl('unwire', wire)


def again(run_netnsctl, swapped, *words):
    wire, name, bridge = swapped[:3]
    return run_netnsctl('wire', '--name', wire, 'docker://%s:eth0=10.5.1.1/24' % name,
                        'bridge://%s=10.5.1.254/24' % bridge, *words)


def test_the_same_words_are_not_the_same_wire(run_netnsctl, swapped):
    wire, name, _, old, new = swapped
    refused = again(run_netnsctl, swapped)
    assert refused.status == 4 and 'another network namespace' in refused.err and '--replace' in refused.err, refused
    assert 'eth0' in links(old) and 'eth0' not in links(new)
    made = again(run_netnsctl, swapped, '--replace')
    assert made.status == 0, made
    assert 'eth0' not in links(old) and 'eth0' in links(new)
    assert 'already' in again(run_netnsctl, swapped).out


def test_ls_show_and_check_say_so(run_netnsctl, swapped):
    wire, name = swapped[:2]
    line, = [line for line in run_netnsctl('ls').out.splitlines() if wire in line]
    assert 'whole' not in line, line
    shown = run_netnsctl('show', wire)
    assert 'docker://%s is now another container' % name in shown.out + shown.err, shown
    checked = run_netnsctl('check', wire)
    assert checked.status == 5 and 'another container' in checked.out, checked


def test_a_name_that_nobody_has_any_more_is_told(run_netnsctl, docker, swapped):
    wire, name = swapped[:2]
    docker.remove(name)
    assert 'no running container has this name' in run_netnsctl('show', wire).out


@pytest.fixture
def tree(swapped):
    """The config tree's folder for the container, removed afterwards."""
    wire, name, bridge = swapped[:3]
    folder = '%s/docker:%s' % (FOLDER, name)
    os.makedirs(folder)
    with open(folder + '/ifcfg-eth0', 'w') as target:
        target.write('DEVICE=eth0\nIPADDR=10.5.1.1\nPREFIX=24\nBRIDGE=%s\nWIRE=%s\n' % (bridge, wire))
    yield 'docker:' + name
    os.unlink(folder + '/ifcfg-eth0')
    os.rmdir(folder)


def test_up_and_config_check_see_it(run_netnsctl, swapped, tree):
    old, new = swapped[3:]
    checked = run_netnsctl('config', 'check', tree)
    assert checked.status != 0 and 'another container' in checked.out + checked.err, checked
    up = run_netnsctl('up', tree)
    assert up.status == 0, up
    assert 'eth0' not in links(old) and 'eth0' in links(new)


@pytest.mark.thorough
def test_watch_wires_who_has_the_name(run_netnsctl, docker, swapped, tree):
    wire, name, _, old, new = swapped
    watch = run_netnsctl.start('watch')
    try:
        deadline = time.time() + 60
        must(docker.command + ['restart', '-t', '0', name])
        while 'eth0' not in links(docker.pid(name)) and time.time() < deadline:
            time.sleep(0.2)
        assert 'eth0' in links(docker.pid(name))
    finally:
        watch.terminate()
        told = run_netnsctl.finish(watch)
    assert 'Traceback' not in told.err, told
    assert 'eth0' not in links(old)


def test_a_pid_that_was_used_again_is_not_the_same_process(run_netnsctl, netns):
    """As a container that restarts under the PID that it had: the start time differs."""
    mine = netns('b')
    first = _sleeper()
    wire = mine + '-w'
    assert run_netnsctl('wire', '--name', wire, '%d:e0=10.6.0.1/24' % first.pid, mine + ':m0=10.6.0.2/24').status == 0
    pid = first.pid
    first.kill()
    first.wait()
    second = _sleeper(pid)
    try:
        assert second.pid == pid
        assert 'whole' not in [line for line in run_netnsctl('ls').out.splitlines() if wire in line][0]
        made = run_netnsctl('wire', '--name', wire, '%d:e0=10.6.0.1/24' % pid, mine + ':m0=10.6.0.2/24')
        assert made.status == 0 and 'already' not in made.out, made
        assert pings(mine, '10.6.0.1') and 'e0' in links(pid)
    finally:
        second.kill()
        second.wait()
    assert run_netnsctl('unwire', wire).status == 0


def _sleeper(pid=None):
    """A process in a network namespace of its own, with that PID where one is asked for."""
    import subprocess
    if pid is not None:
        with open('/proc/sys/kernel/ns_last_pid', 'w') as last:
            last.write('%d' % (pid - 1))
    child = subprocess.Popen(['unshare', '-n', 'sh', '-c', 'ip link set lo up; echo ready; exec sleep 1000'],
                             stdout=subprocess.PIPE)
    child.stdout.readline()
    return child
