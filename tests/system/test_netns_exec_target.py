"""`netns exec` with a container or a process in the place of a name."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.inside import add_link


def test_a_command_runs_in_the_namespace_of_a_process(run_netnsctl, netns):
    space = netns()
    add_link(space, 'mark')
    sleeper = process.start(['ip', 'netns', 'exec', space, 'sh', '-c', 'echo; exec sleep 1000'])
    try:
        sleeper.stdout.readline()
        for target in ('pid://%d' % sleeper.pid, 'path:///run/netns/' + space, 'netns://' + space):
            done = run_netnsctl('netns', 'exec', target, 'ls', '/sys/class/net')
            assert done.status == 0 and 'mark' in done.out.split(), (target, done)
        assert run_netnsctl('netns', 'exec', 'netns://' + space, 'sh', '-c', 'exit 9').status == 9
    finally:
        sleeper.kill()
        sleeper.communicate()


def test_a_command_runs_in_the_network_of_a_container(run_netnsctl, docker):
    name = docker.run('exec')
    done = run_netnsctl('netns', 'exec', 'docker://' + name, 'ls', '/sys/class/net')
    assert done.status == 0 and done.out.split() == ['lo'], done


@pytest.mark.parametrize('target', ['netns://no-such', 'pid://99999999', 'bridge://br0', 'nonsense://x', 'docker://',
                                    '://', 'netns://a:eth0', 'host', 'pid://%d' % os.getpid()])
def test_what_is_no_other_namespace_is_refused(run_netnsctl, target):
    done = run_netnsctl('netns', 'exec', target, 'true')
    assert done.status == 255 and done.err.count('\n') == 1 and 'Traceback' not in done.err, done


@pytest.mark.parametrize('word', ['add', 'delete', 'pids', 'attach'])
def test_other_words_take_names_alone(run_netnsctl, word):
    done = run_netnsctl('netns', word, 'netns://x', '1')
    assert done.status == 255 and done.err.startswith('Invalid netns name'), done
