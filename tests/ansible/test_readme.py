"""The examples of the collection's README and of its documentation do what they say."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest
import yaml

from support import ansible_runs, process
from support.ansible_runs import examples, text_of
from support.program import TOP

ACTIONS = sorted(name[:-3] for name in os.listdir(os.path.join(TOP, 'ansible', 'plugins', 'modules')))


@pytest.fixture
def here(core, tmp_path):
    """(inventory of this host alone, with this netnsctl), in which nothing of the examples is left afterwards."""
    executable = ansible_runs.program(tmp_path)
    yield (u'localhost ansible_connection=local ansible_netns_connection=local ansible_netns_executable=%s\n'
           % executable), executable
    process.run([executable, 'unwire', '--all', '--forget'])
    for name in ('web', 'db'):
        process.run(['ip', 'netns', 'del', name])


def given(plays, executable):
    """Plays whose actions run this netnsctl."""
    return [dict(play, module_defaults={'group/netnsctl.netnsctl.netnsctl': {'executable': executable}})
            for play in plays]


def test_the_playbooks_of_the_readme_work_and_then_change_nothing(core, here):
    inventory, executable = here
    found = examples()
    plays = given(yaml.safe_load(found['shop.yml']), executable)
    foreseen = core.play(plays, '--check', inventory=inventory)
    assert foreseen.tasks[0].how == 'ok', foreseen
    first = core.play(plays, inventory=inventory)
    assert first.status == 0 and first.changed(), first
    for words in ([], ['--check']):
        again = core.play(plays, *words, inventory=inventory)
        assert again.status == 0 and not again.changed(), again
    inside = core.play(yaml.safe_load(found['inside.yml']), inventory=inventory)
    assert inside.status == 0 and ' 0% packet loss' in inside.tasks[0]['stdout'], inside
    plays[0]['vars']['shop_wires'].pop()
    fewer = core.play(plays, inventory=inventory)
    assert [task['purged'] for task in fewer.changed()] == [['shop-db']], fewer


def test_the_inventory_of_the_readme_is_one_for_the_plugin(core, here):
    options = yaml.safe_load(examples()['shop.netns.yml'])
    assert options == {'plugin': 'netnsctl.netnsctl.map', 'hosts': ['one', 'two', 'three'], 'prefix': 'netns-'}
    path = core.write('shop.netns.yml', u'plugin: netnsctl.netnsctl.map\nexecutable: %s\n' % here[1])
    process.must(['ip', 'netns', 'add', 'web'])
    listed = core.run('ansible-inventory', '-i', path, '--list', environ={
        'ANSIBLE_INVENTORY_ENABLED': 'netnsctl.netnsctl.map'})
    assert listed.status == 0 and '"netns_runtime_none"' in listed.out and '"web"' in listed.out, listed


# A key and a repository take a host like CentOS 6.
@pytest.mark.parametrize('name', [action for action in ACTIONS if action != 'repo'])
def test_the_examples_of_the_actions_work(core, here, name):
    inventory, executable = here
    tasks = []
    for action in ('netns', name):
        text = text_of('plugins', 'modules', action + '.py')
        found = yaml.safe_load(re.search(r"EXAMPLES = r'''\n(.*?)'''", text, re.DOTALL).group(1))
        tasks += [task for task in found if 'lookup' not in repr(task)]  # of a template that is not here
    plays = given([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks}], executable)
    played = core.play(plays, inventory=inventory)
    assert played.status == 0 and len(played.tasks) == len(tasks), played


COMPARED = '''
import importlib, sys, yaml
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder(paths=[sys.argv[2]])._install()
BASE = 'ansible_collections.netnsctl.netnsctl.plugins.'
KEYS = ('type', 'elements', 'choices', 'default', 'required')


def of(options):
    return dict((name, dict((key, one[key]) for key in KEYS if key in one)) for name, one in options.items())


action = importlib.import_module(BASE + 'action.' + sys.argv[1]).ActionModule
options = yaml.safe_load(importlib.import_module(BASE + 'modules.' + sys.argv[1]).DOCUMENTATION)['options']
assert of(options) == of(action.SPEC), (of(options), of(action.SPEC))
'''


@pytest.mark.parametrize('name', ACTIONS)
def test_what_an_action_takes_is_what_its_documentation_says(core, name):
    done = core.run('python', '-c', COMPARED, name, os.path.join(TOP, 'build', 'collections'))
    assert done.status == 0, done
