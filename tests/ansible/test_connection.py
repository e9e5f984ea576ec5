"""The connection netns: a network namespace of this host as a host of Ansible."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from support import ansible_runs
from support.inside import ip


@pytest.fixture
def inside(core, netns, tmp_path):
    """inside(tasks, variables) -> Play, in the namespace of that fixture's name."""
    space = netns()
    ip(space, 'link', 'set', 'lo', 'up')
    ip(space, 'addr', 'add', '10.77.0.1/32', 'dev', 'lo')
    executable = ansible_runs.program(tmp_path)

    def run(tasks, **variables):
        known = {'ansible_connection': 'netnsctl.netnsctl.netns', 'ansible_netns': space,
                 'ansible_netns_connection': 'local', 'ansible_netns_executable': executable,
                 'ansible_python_interpreter': sys.executable}
        known.update(variables)
        play = {'hosts': 'all', 'gather_facts': False, 'vars': known,
                'tasks': [dict(task, ignore_errors=True) for task in tasks]}
        return core.play([play], inventory='box\n')
    run.space = space
    return run


def test_tasks_run_in_the_namespace_with_the_files_of_the_host(inside, tmp_path):
    path = str(tmp_path / 'copied')
    addresses, failing, copied, fetched, quoted, module = inside([
        {'raw': 'ip -4 -o addr'}, {'raw': 'exit 7'},
        {'copy': {'content': 'a "text" of $(two) words\n', 'dest': path}},
        {'fetch': {'src': path, 'dest': path + '.back', 'flat': True}},
        {'raw': """printf '%s|' "it's" '$HOME' a\\ b"""},
        {'command': 'ip -4 -o addr'},
    ]).tasks
    assert '10.77.0.1' in addresses['stdout'] and addresses['rc'] == 0, addresses
    assert failing.how == 'failed' and failing['rc'] == 7, failing
    assert copied['changed'] and open(path).read() == 'a "text" of $(two) words\n', copied
    assert fetched['changed'] and open(path + '.back').read() == open(path).read(), fetched
    assert quoted['stdout'] == "it's|$HOME|a b|", quoted
    assert '10.77.0.1' in module['stdout'], module


def test_the_namespace_of_a_process_is_one_too(inside):
    by_process, = inside([{'raw': 'ip -4 -o addr'}], ansible_netns='path:///run/netns/' + inside.space).tasks
    assert '10.77.0.1' in by_process['stdout'], by_process


def test_a_namespace_that_is_not_there_is_a_host_that_is_not_reached(inside):
    for name in ('no-such', 'netns://no-such', 'a/b', 'bridge://br0', 'pid://99999999'):
        task, = inside([{'raw': 'true'}], ansible_netns=name).tasks
        assert task.how == 'unreachable' and name.rpartition('/')[2] in task['msg'], (name, task)


def test_names_that_are_options_or_commands_are_refused_or_looked_up(inside):
    for name in ('-all', '--help', '', '$(touch /run/hit)', 'x; touch /run/hit'):
        task, = inside([{'raw': 'true'}], ansible_netns=name).tasks
        assert task.how in ('failed', 'unreachable'), (name, task)


def test_a_host_without_netnsctl_is_told(inside):
    task, = inside([{'raw': 'true'}], ansible_netns_executable='/no/such/netnsctl').tasks
    assert task.how == 'unreachable' and '/no/such/netnsctl' in task['msg'], task


def test_by_ssh_too_the_cause_is_told(core, machines):
    """With ssh 255 is its own failure, and a terminal leaves no standard error."""
    def play(task, variables):
        done = core.play([{'hosts': 'one', 'gather_facts': False, 'vars': variables, 'tasks': [task]}],
                         inventory=machines.inventory())
        assert len(done.tasks) == 1, done
        return done.tasks[0]

    named = {'netnsctl.netnsctl.netns': {'name': 'space'}}
    assert play(named, {}).how == 'ok'
    for variables, how, words in (
            ({'ansible_netns': 'space'}, 'ok', None),
            ({'ansible_netns': 'netns://no-such'}, 'unreachable', 'Cannot open network namespace "netns://no-such"'),
            ({'ansible_netns': 'space', 'ansible_netns_executable': '/no/such/netnsctl'}, 'unreachable',
             '/no/such/netnsctl')):
        task = play({'raw': 'true'}, dict(variables, ansible_connection='netnsctl.netnsctl.netns'))
        assert task.how == how and (words is None or words in task['msg']), (variables, task)
    named['netnsctl.netnsctl.netns']['state'] = 'absent'
    assert play(named, {}).how == 'ok'
