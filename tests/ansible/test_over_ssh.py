"""Actions, connection and inventory of the collection over ssh, to three machines of which one is like CentOS 6.5."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

NAMES = ['one', 'six', 'two']
TASKS = [
    {'name': 'facts', 'netnsctl.netnsctl.doctor': {'require_fit': True}},
    {'name': 'a', 'netnsctl.netnsctl.netns': {'name': 'ssh-a'}},
    {'name': 'b', 'netnsctl.netnsctl.netns': {'name': 'ssh-b'}},
    {'name': 'wires', 'netnsctl.netnsctl.wires': {
        'wires': ['ssh-a:x=10.9.0.1/24 ssh-b:x=10.9.0.2/24 --name ssh-ab'], 'purge': True, 'purge_pattern': 'ssh-*'}},
]
INSIDE = {'connection': 'netnsctl.netnsctl.netns', 'vars': {'ansible_netns': 'ssh-a'}}


@pytest.fixture
def beds(machines):
    yield machines
    for name in NAMES:
        machines[name].sh('netnsctl unwire --if-exists ssh-ab; '
                          'for each in a b; do netnsctl netns delete ssh-$each || :; done')


def play(core, machines, tasks, *words, **options):
    found = dict({'hosts': 'all', 'gather_facts': False, 'tasks': tasks}, **options)
    return core.play([found], *words, inventory=machines.inventory())


def test_each_machine_is_wired_once_whatever_its_python(core, beds):
    first = play(core, beds, TASKS)
    assert [task for task in first.tasks if task.how != 'ok'] == []
    assert first.status == 0 and sorted(set(task.host for task in first.changed())) == NAMES, first
    for words in ([], ['--check']):
        again = play(core, beds, TASKS, *words)
        assert again.status == 0 and not again.changed() and len(again.tasks) == 12, again
    facts = dict((task.host, task['ansible_facts']['netnsctl']['findings']['python']['text'])
                 for task in again.tasks if task.name == 'facts')
    assert '2.7' in facts['six'] and '3.' in facts['one'], facts
    assert len(os.listdir(os.path.join(core.folder, 'cp'))) == len(NAMES)  # no connection of another run was used
    inside = play(core, beds, [{'raw': 'ping -c1 -w5 10.9.0.2 && hostname'}], **INSIDE)
    assert inside.status == 0 and sorted(task['stdout'].split()[-1] for task in inside.tasks) == NAMES, inside
    gone = play(core, beds, [{'netnsctl.netnsctl.wires': {'wires': [], 'purge': True, 'purge_pattern': 'ssh-*'}}])
    assert [task['purged'] for task in gone.tasks] == [['ssh-ab']] * 3, gone


def test_the_inventory_has_the_namespaces_of_all(core, beds):
    for name in NAMES:
        beds[name].sh('netnsctl netns add ssh-a')
    options = {'plugin': 'netnsctl.netnsctl.map', 'ssh_args': ' '.join(beds.ssh_words()),
               'hosts': [{'name': name, 'address': beds[name].address, 'user': 'root'} for name in NAMES]}
    path = core.write('all.netns.yml', u'%s\n' % json.dumps(options))
    tasks = [{'raw': 'hostname; ls /sys/class/net'}]
    played = core.play([{'hosts': 'netns_all', 'gather_facts': False, 'tasks': tasks}], inventory=path,
                       environ={'ANSIBLE_INVENTORY_ENABLED': 'netnsctl.netnsctl.map'})
    assert played.status == 0, played
    assert sorted(task.host for task in played.tasks) == ['ssh-a.' + name for name in NAMES], played
    assert all(task['stdout'].split()[:2] == [task.host.partition('.')[2], 'lo'] for task in played.tasks), played
