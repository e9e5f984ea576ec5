"""The actions netns, config, doctor, shim and repo on this host."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.edge import shim_file
from support import process
from support.snapshot import listing

NAME = 'nt%d-made' % os.getpid()


@pytest.fixture(autouse=True)
def left_as_it_was(run_netnsctl):
    yield
    run_netnsctl('unwire', '--all', '--forget')
    run_netnsctl('shim', 'disable')
    process.run(['ip', 'netns', 'del', NAME])


def test_a_namespace_is_made_and_removed_once(act):
    assert act('netns', {'name': NAME}, '--check')['changed'] and NAME not in listing('/run/netns')
    made, again, longer = act.many([('netns', {'name': NAME}), ('netns', {'name': NAME}),
                                    ('netns', {'name': NAME[:-1], 'state': 'absent'})], '--diff')
    assert made['changed'] and made['diff'] == {'before': '', 'after': NAME + '\n'}, made
    assert not again['changed'] and not longer['changed'] and NAME in listing('/run/netns')
    gone, again = act.many([('netns', {'name': NAME, 'state': 'absent'})] * 2)
    assert gone['changed'] and not again['changed'] and NAME not in listing('/run/netns')
    attached, again = act.many([('netns', {'name': NAME, 'pid': os.getpid()})] * 2)
    assert attached['changed'] and not again['changed'] and NAME in listing('/run/netns')


def test_names_that_no_namespace_can_have_are_refused(act):
    names = ['a/b', '..', '', '-x', 'x\ny', 'n' * 300]
    for failed in act.many([('netns', {'name': name}) for name in names]):
        assert failed.how == 'failed' and not failed['changed'] and 'name' in failed['msg'], failed
    failed = act('netns', {'name': NAME, 'pid': 99999999})
    assert failed.how == 'failed' and not failed['changed'], failed


def test_a_stale_name_is_not_taken_for_a_namespace(act):
    path = os.path.join('/run/netns', NAME)
    process.must(['sh', '-c', 'mkdir -p /run/netns; ln -s /nowhere ' + path])
    failed = act('netns', {'name': NAME})
    assert failed.how == 'failed' and 'leads to no namespace' in failed['msg'], failed
    fixed, made = act.many([('doctor', {'fix': ['netns-names']}), ('netns', {'name': NAME})])
    assert fixed['changed'] and fixed['fixed'][0]['way'] == 'netns-names', fixed
    assert made['changed'], made


def test_the_tree_is_saved_compared_applied_and_forgotten(act, pair, run_netnsctl):
    a, b = pair
    run_netnsctl('wire', '--name', 'ab', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32')
    saved = {'state': 'saved', 'wires': ['ab']}
    assert act('config', saved, '--check')['changed']
    first, again, equal = act.many([('config', saved), ('config', saved), ('config', {'state': 'checked'})])
    assert first['changed'] and len(first['written']) == 2 and not again['changed'], (first, again)
    assert equal['differences'] == [] and not equal['changed'], equal
    assert not act('config', {'state': 'up'}, '--check')['changed']
    planned = act('config', {'state': 'down'}, '--check', '--diff')
    assert planned['changed'] and planned['commands'] == ['netnsctl unwire ab'], planned
    down, again, other, planned = act.many([('config', {'state': 'down'})] * 2 + [('config', {'state': 'checked'})] * 2)
    assert down['changed'] and down['gone'] == ['ab'] and not again['changed'], down
    assert other.how == 'ok' and len(other['differences']) == 1 and other['rc'] == 1, other
    planned = act('config', {'state': 'up', 'namespaces': [a]}, '--check', '--diff')
    assert planned.how == 'ok' and planned['changed'] and 'not wired' in planned['diff']['prepared'], planned
    up, again, none = act.many([('config', {'namespaces': [a]})] * 2 + [('config', {'namespaces': []})])
    assert up['changed'] and up['made'] == ['ab'] and not again['changed'] and not none['changed'], (up, again)
    forgotten = {'state': 'forgotten', 'wires': ['ab']}
    assert act('config', forgotten, '--check')['changed']
    gone, again = act.many([('config', forgotten)] * 2)
    assert gone['changed'] and len(gone['removed']) == 2 and not again['changed'], (gone, again)


def test_what_is_wrong_in_the_tree_is_told(act):
    folder = '/etc/sysconfig/netns/' + NAME
    process.must(['sh', '-c', 'mkdir -p %s; echo IPADDR=x >%s/ifcfg-x' % (folder, folder)])
    try:
        for words in ([], ['--check']):
            failed = act('config', {'state': 'up'}, *words)
            assert failed.how == 'failed' and failed['rc'] == 2 and 'ifcfg-x' in failed['msg'], failed
        checked, missing, both = act.many([
            ('config', {'state': 'checked'}), ('config', {'state': 'up', 'namespaces': ['no-such']}),
            ('config', {'state': 'up', 'wires': ['x']})])
        assert checked.how == 'failed' and checked['problems'], checked
        assert missing.how == 'failed' and missing['rc'] == 3, missing
        assert both.how == 'failed' and 'wires is for the state saved or forgotten' in both['msg'], both
    finally:
        process.must(['rm', '-r', folder])


def test_the_doctor_gives_facts(act):
    facts, one, none, both = act.many([('doctor', {}), ('doctor', {'checks': ['veth']}),
                                       ('doctor', {'checks': ['no-such']}),
                                       ('doctor', {'checks': ['veth'], 'fix': ['netns-names']})])
    found = facts['ansible_facts']['netnsctl']
    assert facts.how == 'ok' and not facts['changed'] and found['fit'] and found['findings']['veth']['status'] == 'ok'
    assert [each['check'] for each in one['findings']] == ['veth'] and one.get('ansible_facts') is None
    assert none.how == 'failed' and none['rc'] == 2 and 'no-such' in none['msg'], none
    assert both.how == 'failed' and 'mutually exclusive: checks|fix' in both['msg'], both


def test_an_unfit_host_fails_only_where_that_is_asked_for(act):
    # Not root's: a required check fails.
    tasks = [('doctor', {'checks': ['state'], 'require_fit': required}) for required in (False, True)]
    process.must(['sh', '-c', 'mkdir -p /run/netnsctl; chmod 777 /run/netnsctl'])
    try:
        told, failed = act.many(tasks)
    finally:
        process.must(['chmod', '755', '/run/netnsctl'])
    assert told.how == 'ok' and told['fit'] is False, told
    assert failed.how == 'failed' and failed['msg'].startswith('this host is not fit for netnsctl: state: '), failed


def test_the_doctor_says_what_it_would_fix(act):
    process.must(['sh', '-c', 'mkdir -p /run/netns/' + NAME])
    planned = act('doctor', {'fix': ['netns-names']}, '--check', '--diff')
    assert planned['changed'] and planned['steps'] and NAME in listing('/run/netns'), planned
    assert planned['diff']['prepared'].startswith('netns-names: '), planned
    fixed, again = act.many([('doctor', {'fix': ['netns-names']})] * 2)
    assert fixed['changed'] and not again['changed'] and NAME not in listing('/run/netns'), (fixed, again)


def test_the_shim_is_enabled_and_disabled_once(act):
    if shim_file.open_to_others(shim_file.PROGRAM):
        pytest.skip('users other than root can write to this checkout, and its shim is not enabled')
    # The ip here supports netns: without force nothing is to be done.
    assert not act('shim', {})['changed'] and not act('shim', {}, '--check')['changed']
    planned = act('shim', {'force': True}, '--check', '--diff')
    assert planned['changed'] and planned['diff'] == {'before': 'disabled\n', 'after': 'enabled\n'}, planned
    on, again, off, gone = act.many([('shim', {'force': True})] * 2 + [('shim', {'state': 'disabled'})] * 2)
    assert on['changed'] and on['shim']['state'] == 'enabled' and not again['changed'], (on, again)
    assert off['changed'] and off['shim']['state'] == 'disabled' and not gone['changed'], (off, gone)


def test_the_repository_is_left_alone_where_ip_has_netns(act):
    done, gone = act.many([('repo', {}), ('repo', {'state': 'disabled'})])
    assert done.how == 'ok' and not done['changed'] and done['repo']['ip_knows_netns'], done
    assert gone.how == 'ok' and not gone['changed'], gone
    planned = act('repo', {'upgrade': True}, '--check')
    assert not planned['changed'], planned
    wrong = act('repo', {'baseurl': 'no url', 'gpgkey': '/no/such'})
    assert wrong.how == 'failed' and wrong['rc'] != 0 and json.dumps(wrong.result), wrong
