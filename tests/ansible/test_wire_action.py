"""The actions wire and wires on this host, in namespaces of its own."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import process
from support.inside import add_link, ip, links, pings


@pytest.fixture
def ends(pair):
    a, b = pair
    return ['%s:A=10.1.1.1/32' % a, '%s:B=10.1.1.2/32' % b]


@pytest.fixture(autouse=True)
def unwired(run_netnsctl):
    yield
    run_netnsctl('unwire', '--all', '--forget')


def wires(run_netnsctl):
    return dict((wire['name'], wire['made']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'])


def test_a_wire_is_made_once_and_removed_once(act, ends, pair, run_netnsctl):
    planned = act('wire', {'ends': ends, 'name': 'ab'}, '--check', '--diff')
    assert planned['changed'] and wires(run_netnsctl) == {} and 'ip -n' in planned['diff']['prepared'], planned
    made = act('wire', {'ends': ends, 'name': 'ab'})
    assert made.how == 'ok' and made['changed'] and made['wire']['name'] == 'ab', made
    assert pings(pair[0], '10.1.1.2')
    for words in ([], ['--check']):
        again = act('wire', {'ends': ends, 'name': 'ab'}, *words)
        assert again.how == 'ok' and not again['changed'] and again['rc'] == 0, again
    planned = act('wire', {'name': 'ab', 'state': 'absent'}, '--check', '--diff')
    assert planned['changed'] and planned['unwired'] == ['ab'] and list(wires(run_netnsctl)) == ['ab'], planned
    gone = act('wire', {'ends': ends, 'state': 'absent'})
    assert gone['changed'] and gone['unwired'] == ['ab'] and wires(run_netnsctl) == {}, gone
    assert not act('wire', {'name': 'ab', 'state': 'absent'})['changed']


def test_a_wire_that_differs_is_a_conflict_unless_it_may_be_replaced(act, ends, run_netnsctl):
    act('wire', {'ends': ends})
    before = wires(run_netnsctl)
    other = [ends[0], ends[1].replace('.2/', '.3/')]
    for words in ([], ['--check']):
        refused = act('wire', {'ends': other}, *words)
        assert refused.how == 'failed' and not refused['changed'], refused
        assert refused['rc'] == 4 and refused['meaning'] == 'conflict', refused
        assert 'asked for 10.1.1.3/32' in refused['msg'] and '`replace: true` recreates it' in refused['hint'], refused
    assert wires(run_netnsctl) == before
    assert act('wire', {'ends': other, 'replace': True}, '--check')['changed'] and wires(run_netnsctl) == before
    done = act('wire', {'ends': other, 'replace': True})
    assert done['changed'] and done['wire']['replaced'], done


def test_a_wire_whose_check_fails_is_there_and_the_task_failed(act, ends, pair, run_netnsctl):
    add_link(pair[1], 'astray')
    ip(pair[1], 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    ends = [ends[0].replace('/32', '/24'), ends[1].replace('/32', '/24')]
    failed = act('wire', {'ends': ends})
    assert failed.how == 'failed' and failed['rc'] == 5 and failed['changed'], failed
    assert failed['meaning'] == 'wired, but the check failed' and failed['wire']['check']['causes']
    assert act('wire', {'ends': [ends[0] + ',mtu=1400', ends[1]], 'check': False, 'replace': True}).how == 'ok'


def test_files_are_saved_and_removed_and_count_as_changes(act, ends, run_netnsctl):
    act('wire', {'ends': ends, 'name': 'ab'})
    planned = act('wire', {'ends': ends, 'name': 'ab', 'save': True}, '--check')
    assert planned['changed'] and len(planned['files']) == 2, planned
    assert act('wire', {'ends': ends, 'name': 'ab', 'save': True})['changed']
    for words in ([], ['--check']):
        assert not act('wire', {'ends': ends, 'name': 'ab', 'save': True}, *words)['changed']
    gone = act('wire', {'name': 'ab', 'state': 'absent', 'save': True})
    assert gone['changed'] and len(gone['files']) == 2, gone


def test_a_wire_is_confirmed(act, ends, run_netnsctl):
    act('wire', {'ends': ends, 'name': 'ab', 'confirm': 3600})
    assert act('wire', {'name': 'ab', 'state': 'confirmed'}, '--check')['changed']
    done, again = [act('wire', {'name': 'ab', 'state': 'confirmed'}) for _ in range(2)]
    assert done['changed'] and done.how == again.how == 'ok' and not again['changed'], (done, again)
    missing = act('wire', {'name': 'no-such', 'state': 'confirmed'})
    assert missing.how == 'failed' and missing['rc'] == 3, missing


REFUSED = [
    ({}, 'one of the following is required: ends, name'),
    ({'name': 'x'}, 'missing: ends'),
    ({'ends': ['a:x']}, 'a wire has two, not 1'),
    ({'ends': ['a:x', 'b:x\nc:x d:x']}, 'a line break'),
    ({'ends': ['a:x', 'b:x'], 'name': '--all', 'state': 'absent'}, 'not the name of a wire'),
    ({'ends': ['a:x', 'b:x'], 'mtu': 'big'}, 'mtu'),
    ({'ends': ['a:x', 'b:x'], 'backend': 'x'}, 'backend'),
    ({'ends': ['a:x', 'b:x'], 'nonsense': 1}, 'nonsense'),
]


def test_arguments_that_are_not_right_are_refused(act):
    for failed, (arguments, text) in zip(act.many([('wire', arguments) for arguments, _ in REFUSED]), REFUSED):
        assert failed.how == 'failed' and text in failed['msg'] and not failed['changed'], (arguments, failed)


HOSTILE = ['$(touch /run/hit)', '`touch /run/hit`', "x'; touch /run/hit; '", 'x;touch /run/hit', '--all', '-f', '*',
           '"', '\\', 'a&&touch /run/hit', '{{7*7}}', u'\u00fc', 'x|touch /run/hit', 'a>/run/hit', '%s%n']


def test_a_hostile_name_is_a_name(act, run_netnsctl):
    tasks = [('wire', {'ends': [{'__ansible_unsafe': end} if '{{' in end else end, 'b:x']}) for end in HOSTILE]
    tasks += [('wires', {'wires': [{'ends': [end.replace('{{', '{'), 'b:x']}]}) for end in HOSTILE]
    for failed in act.many(tasks):
        assert failed.how == 'failed' and failed['rc'] in (2, 3), failed
    assert process.run(['test', '-e', '/run/hit']).status == 1 and wires(run_netnsctl) == {}


def test_a_list_of_wires_and_no_others(act, netns, run_netnsctl):
    a, b, c = [netns() for _ in range(3)]
    lines = ['%s:x=10.1.1.1/32 %s:x=10.1.1.2/32 --name ov-1' % (a, b),
             {'ends': [a + ':y=10.1.2.1/32', c + ':y=10.1.2.2/32'], 'name': 'ov-2', 'mtu': 1400}]
    run_netnsctl('wire', '--name', 'other', a + ':o', b + ':o')
    asked = {'wires': lines, 'purge': True, 'purge_pattern': 'ov-*', 'save': True}
    planned = act('wires', asked, '--check', '--diff')
    assert planned['changed'] and [wire['changed'] for wire in planned['wires']] == [True, True], planned
    assert a in planned['diff']['prepared'] and list(wires(run_netnsctl)) == ['other']
    made = act('wires', asked)
    assert made.how == 'ok' and made['changed'] and made['purged'] == [], made
    assert sorted(wires(run_netnsctl)) == ['other', 'ov-1', 'ov-2'] and links(c)['y']['mtu'] == 1400
    for words in ([], ['--check']):
        again = act('wires', asked, *words)
        assert again.how == 'ok' and not again['changed'], again
    asked['wires'] = lines[1:]
    planned = act('wires', asked, '--check')
    assert planned['changed'] and planned['purged'] == ['ov-1'], planned
    before = wires(run_netnsctl)
    done = act('wires', asked)
    assert done['changed'] and done['purged'] == ['ov-1'] and not done['wires'][0]['changed'], done
    assert wires(run_netnsctl) == dict((name, before[name]) for name in ('other', 'ov-2'))
    emptied = act('wires', dict(asked, wires=[]))
    assert emptied['changed'] and emptied['purged'] == ['ov-2'], emptied


def test_failures_of_a_list_are_told_with_their_wires(act, pair, run_netnsctl):
    a, b = pair
    lines = ['%s:x=10.1.1.1/32 %s:x=10.1.1.2/32' % (a, b), '%s:y no-such:y' % a]
    for words, count in ((['--check'], 0), ([], 1)):
        failed = act('wires', {'wires': lines}, *words)
        assert failed.how == 'failed' and failed['rc'] == 3 and failed['changed'], failed
        assert [one['wire'] for one in failed['failures']] == lines[1:] and lines[1] in failed['msg'], failed
        assert failed['msg'].startswith('1 of 2 wires failed: ')
        assert len(wires(run_netnsctl)) == count
    malformed = act('wires', {'wires': ['only-one'], 'purge': True})
    assert malformed['rc'] == 2 and not malformed['changed'] and len(wires(run_netnsctl)) == 1, malformed
    atomic = act('wires', {'wires': ['%s:z %s:z' % (a, b)] + lines[1:], 'atomic': True})
    assert atomic.how == 'failed' and not atomic['changed'] and len(wires(run_netnsctl)) == 1, atomic


def test_wires_from_a_file_and_from_text(act, core, pair, run_netnsctl):
    a, b = pair
    path = core.write('wires', u'# of the controller\n%s:x %s:x\n' % (a, b))
    assert act('wires', {'src': path})['changed']
    assert not act('wires', {'content': '%s:x %s:x' % (a, b)})['changed']
    missing = act('wires', {'src': path + '.none'})
    assert missing.how == 'failed' and 'wires.none' in missing['msg'], missing


def test_a_list_too_long_for_a_command_line_is_sent(act, netns, run_netnsctl):
    a, b = netns(), netns()
    count = 700
    lines = ['%s:x%d=10.%d.%d.1/32 %s:x%d=10.%d.%d.2/32' % (a, at, at // 250, at % 250, b, at, at // 250, at % 250)
             for at in range(count)]
    planned = act('wires', {'wires': lines}, '--check')
    assert planned.how == 'ok' and planned['changed'] and len(planned['wires']) == count, planned
