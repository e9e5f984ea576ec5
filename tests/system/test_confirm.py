"""`netnsctl wire --confirm` and `netnsctl confirm`: what nobody confirms is undone, whoever is killed meanwhile."""
from __future__ import absolute_import, division, print_function

import json
import os
import pty
import re
import signal

import pytest

from support import inject, process
from support.aside import Aside
from support.inside import addresses, ip, links
from support.snapshot import STATE
from support.unconfirmed import LONG, OWN_TREE, TREE, Host
from support.waiting import until
from support.watched import Watched

@pytest.fixture
def ends(netns):
    return netns('a'), netns('b')


@pytest.fixture
def host(run_netnsctl, ends):
    aside = Aside(run_netnsctl, OWN_TREE)
    made = Host(aside)
    made.token = ends[0] + ':A=10.1.1.1/24'
    yield made
    for pid in made.waiters():
        os.kill(pid, signal.SIGKILL)
    aside.close()


@pytest.fixture
def words(host, ends):
    """The words of `wire` for one wire."""
    return ['wire', '--no-check', '--name', 'w', host.token, ends[1] + ':B=10.1.1.2/24']


def kill_at(call, when, aside, *words):
    """Runs a command, killed at its system call of that kind and number: Result."""
    inject.available()
    return process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=' + call, '-e',
                        'inject=%s:signal=KILL:when=%d' % (call, when)] + aside.argv(*words), environ=aside.environ())


def test_what_nobody_confirms_is_undone_and_who_comes_too_late_is_told(host, ends, words):
    before = links(ends[0])
    made = host(*(words + ['--confirm', '1']))
    assert made.out.splitlines()[0].endswith('; undone in 1 s unless confirmed') and made.err == ''
    assert made.out.splitlines()[1] == 'to keep it: netnsctl confirm w'
    until(lambda: host.wire() is None)
    assert links(ends[0]) == before
    late = host('confirm', 'w', status=3)
    assert re.match(r'netnsctl: confirm w: too late: it was not confirmed within 1 s, and was undone at [0-9:]{8}\n\Z',
                    late.err) and late.out == ''
    host(*words)
    assert host('confirm', 'w').out == 'already confirmed: w waits for nothing\n'
    # That an earlier one was undone is not said of this one.
    host('unwire', 'w')
    assert 'confirm w: no such wire' in host('confirm', 'w', status=3).err


def test_what_is_confirmed_stays_and_its_process_ends(host, words):
    host(*(words + [LONG]))
    assert 590 < host.wire()['seconds_left'] <= 600 and len(host.waiters()) == 1
    assert 'undone in' in host('show', 'w').out and '(undone in' in host('ls').out
    assert host('confirm', 'w').out == 'confirmed w\n'
    until(lambda: not host.waiters())
    assert host.wire()['seconds_left'] is None and 'undone' not in host('show', 'w').out + host('ls').out
    assert host('confirm', 'w').out == 'already confirmed: w waits for nothing\n'
    again = host('confirm', '--all')
    assert (again.out, again.err) == ('', 'netnsctl: --all: nothing waits to be confirmed\n')


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_wire_that_was_replaced_comes_back_with_what_it_displaced(host, ends, words, backend):
    a, b = ends
    ip(a, 'link', 'set', 'lo', 'up')
    ip(a, 'route', 'add', '10.9.0.0/16', 'dev', 'lo')
    host(*words)
    new = ['wire', '--no-check', '--backend', backend, '--replace', '--name', 'w',
           host.token + ',route=10.9.0.0/16@10.1.1.3', b + ':B=10.1.1.3/24', '--confirm', '1']
    host(*new)
    until(lambda: host.is_back('10.1.1.2/24'))
    assert addresses(b, 'B') == ['10.1.1.2/24']
    assert ip(a, 'route', 'show', '10.9.0.0/16').split()[:3] == ['10.9.0.0/16', 'dev', 'lo']
    late = host('confirm', 'w', status=4)
    assert 'too late' in late.err and late.err.endswith('; it is as it was before\n')


def test_of_two_that_nobody_confirmed_the_one_before_both_comes_back(host, ends, words):
    host(*words)
    for last in ('3', '4'):
        host('wire', '--no-check', '--replace', '--name', 'w', host.token, ends[1] + ':B=10.1.1.%s/24' % last, LONG)
    assert addresses(ends[1], 'B') == ['10.1.1.4/24']
    host.make_overdue()
    until(lambda: host.is_back('10.1.1.2/24'))
    assert addresses(ends[1], 'B') == ['10.1.1.2/24']


@pytest.mark.parametrize('file', [(), ('--atomic', '-f', '-')])
def test_one_that_is_shaped_waits_as_before_and_is_undone_with_its_shaping(host, ends, words, file):
    host(*words)
    new = [host.token, ends[1] + ':B=10.1.1.3/24,rate=2mbit']
    feed = ' '.join(new + ['--name', 'w'])
    host('wire', '--no-check', '--replace', LONG, *(file or ['--name', 'w'] + new), **{'feed': feed if file else ''})
    for rate in ('rate=10mbit', 'rate=none'):
        host('shape', 'w', ends[1], rate)
        assert 0 < host.wire()['seconds_left'] <= 600
    host('shape', 'w', ends[1], 'rate=4mbit', '--save', status=4)
    assert host.tree() == [] and 'shaping' not in host.wire()['ends'][1]
    host.make_overdue()
    until(lambda: host.is_back('10.1.1.2/24'))
    assert addresses(ends[1], 'B') == ['10.1.1.2/24']


def test_one_that_was_shaped_is_confirmed_and_saved_as_it_is(host, ends, words):
    host(*(words + [LONG, '--save']))
    host('shape', 'w', ends[1], 'rate=10mbit')
    assert host('confirm', 'w').out.startswith('confirmed w\nwrote ')
    assert 'already up to date' in host('config', 'save', '--all').out
    assert host.wire()['seconds_left'] is None and host.wire()['ends'][1]['shaping'] == {'rate': '10mbit'}


@pytest.mark.parametrize('call,when', [('rename', 1), ('sendto', 2), ('rename', 2), ('unlink', 1)])
def test_a_shape_that_is_killed_leaves_the_waiting_as_it_is(host, ends, words, call, when):
    host(*words)
    host('wire', '--no-check', '--replace', '--name', 'w', host.token, ends[1] + ':B=10.1.1.3/24', LONG)
    assert kill_at(call, when, host.aside, 'shape', 'w', ends[1], 'rate=5mbit').status != 0
    host('unwire', '--if-exists', 'nosuch')
    wire = host.wire()
    assert wire['state'] == 'whole' and 0 < wire['seconds_left'] <= 600
    host.make_overdue()
    until(lambda: host.is_back('10.1.1.2/24'))


def test_unwire_ends_the_waiting_and_brings_nothing_back(host, ends, words):
    host(*words)
    host('wire', '--no-check', '--replace', '--name', 'w', host.token, ends[1] + ':B=10.1.1.3/24', LONG)
    assert host('unwire', 'w').out == 'unwired w\n'
    until(lambda: not host.waiters())
    assert host.wire() is None and 'B' not in links(ends[1])


def test_the_same_again_confirms_nothing_and_with_the_option_begins_anew(host, words):
    host(*(words + [LONG]))
    host.sh("sed -i 's/\"due\": [0-9.]*/\"due\": 99999999999/' %s/unconfirmed/*.json" % STATE)
    again = host(*words)
    assert again.out.startswith('already wired: w: ')
    assert re.search('; undone in [0-9]{9,} s unless confirmed', again.out)
    assert host.wire()['seconds_left'] > 600
    host(*(words + [LONG]))
    assert 0 < host.wire()['seconds_left'] <= 600
    until(lambda: len(host.waiters()) == 1)
    host('confirm', 'w')
    again = host(*(words + [LONG]))
    assert 'undone' not in again.out and host.wire()['seconds_left'] is None
    until(lambda: not host.waiters())


def test_the_end_of_the_session_does_no_harm(host, words):
    argv = host.aside.argv(*(words + ['--confirm', '2']))
    child, terminal = pty.fork()
    if not child:
        try:
            os.execvpe('/bin/sh', ['sh', '-c', '"$@"; echo "ended with $?"; sleep 1000', 'sh'] + argv,
                       host.aside.environ())
        finally:
            os._exit(127)
    shown = b''
    while b'ended with' not in shown:
        shown += os.read(terminal, 4096)
    assert b'ended with 0' in shown and b'undone in 2 s' in shown, shown
    os.close(terminal)
    os.waitpid(child, 0)  # by SIGHUP
    until(lambda: host.wire() is None)


def test_its_process_undoes_what_is_due_and_ends(host, words):
    host(*(words + [LONG]))
    host.make_overdue()
    until(lambda: host.wire() is None)
    until(lambda: not host.waiters())


@pytest.mark.parametrize('following', [['unwire', '--if-exists', 'other'], ['up'], ['confirm', 'w'],
                                       ['watch', '--once']])
def test_what_a_killed_process_leaves_is_undone_by_the_next_command_which_says_so(host, ends, words, following):
    host(*(words + [LONG]))
    host.kill_waiter()
    host.make_overdue()
    assert host.wire()['seconds_left'] == 0
    assert 'not confirmed in time: the next command that changes something undoes it' in host('ls').out
    result = host(*following, status=3 if following[0] == 'confirm' else 0)
    told = 'the wire w was not confirmed within 600 s, and has been undone\n'
    assert told in result.out + result.err, result
    assert host.wire() is None and 'A' not in links(ends[0])


def test_what_a_killed_process_leaves_is_undone_by_a_running_watch(host, words):
    watch = Watched(host.aside.argv('watch'), host.aside.environ())
    try:
        watch.wait_for(lambda: 'watching ' in watch.out)
        host(*(words + [LONG]))
        host.kill_waiter()
        host.make_overdue()
        told = 'the wire w was not confirmed within 600 s, and has been undone'
        watch.wait_for(lambda: told in watch.out)
        assert host.wire() is None
    finally:
        watch.end()


def test_wires_of_a_file_are_confirmed_one_by_one_and_atomic_ones_together(host, ends):
    a, b = ends
    text = ''.join('%s:%s=10.2.%d.1/30 %s:%s=10.2.%d.2/30 --name w%d\n' % (a, dev, at, b, dev, at, at)
                   for at, dev in enumerate(['x', 'y', 'z']))
    made = host('wire', '--no-check', '-f', '-', LONG, feed=text)
    assert made.out.count('; undone in 600 s unless confirmed\n') == 3
    assert made.out.endswith('\nto keep them: netnsctl confirm --all\n')
    assert host('confirm', 'w1').out == 'confirmed w1\n'
    assert sorted(host('confirm', '--all').out.splitlines()) == ['confirmed w0', 'confirmed w2']
    host('unwire', '--all')
    host('wire', '--no-check', '--atomic', '-f', '-', LONG, feed=text)
    assert sorted(host('confirm', 'w1').out.splitlines()) == ['confirmed w%d' % at for at in range(3)]
    host('unwire', '--all')
    host('wire', '--no-check', '--atomic', '-f', '-', '--confirm', '1', feed=text)
    until(lambda: json.loads(host('ls', '--json').out)['wires'] == [])


def test_a_wire_that_cannot_be_made_leaves_nothing_that_waits(host, ends, words):
    host('wire', '--no-check', LONG, host.token + ',gw=10.1.1.2', 'nosuch-namespace', status=3)
    host('wire', '--atomic', '-f', '-', LONG, feed='%s %s:B\nnosuch %s\n' % (host.token, ends[1], ends[1]), status=3)
    assert host.sh('ls %s/unconfirmed 2>/dev/null || :' % STATE).strip() == ''


@pytest.mark.parametrize('seconds', ['0', '-1', '86401', '1.5', 'x', '1m', '99999999999999999999', ' 5'])
def test_a_time_that_is_none_is_refused(host, ends, words, seconds):
    result = host(*(words + ['--confirm=' + seconds]), status=2)
    assert 'confirm %s: not a number of seconds from 1 to 86400' % seconds in result.err and result.out == ''
    assert 'A' not in links(ends[0])


def test_words_that_are_none_are_refused(host):
    for words, status in ((['confirm'], 2), (['confirm', '--all', 'w'], 2), (['confirm', 'nosuch'], 3),
                          (['confirm', '--json', 'nosuch'], 3)):
        host(*words, status=status)


def test_json_says_all_of_it(host, words):
    made = json.loads(host(*(words + [LONG, '--json'])).out)
    assert made['wires'][0]['seconds_left'] == 600
    told = json.loads(host('confirm', '--json', 'w').out)
    assert told == {'version': 1, 'confirmed': ['w'], 'waiting_for_nothing': [], 'saved': [], 'failed': []}
    assert json.loads(host('confirm', '--json', 'w').out)['waiting_for_nothing'] == ['w']


def test_nothing_is_saved_before_it_is_confirmed(host, ends, words):
    made = host(*(words + [LONG, '--save']))
    assert 'wrote' not in made.out and host.tree() == []
    refused = host('config', 'save', 'w', status=4)
    assert 'it is not confirmed yet' in refused.err and 'netnsctl confirm w' in refused.err
    left_out = host('config', 'save', '--all')
    assert 'w is not saved: it is not confirmed yet' in left_out.err and host.tree() == []
    kept = host('confirm', 'w')
    assert kept.out.splitlines()[0] == 'confirmed w' and kept.out.count('\nwrote ') == len(host.tree()) > 0
    assert 'already up to date' in host('config', 'save', '--all').out


def test_what_is_confirmed_and_cannot_be_saved_stays_and_is_told(host, ends, words):
    host(*(words + [LONG, '--save']))
    host.sh('mkdir -p %s/%s && echo "BRIDGE" >%s/%s/ifcfg-A' % (TREE, ends[0], TREE, ends[0]))
    failed = host('confirm', 'w', status=2)
    assert failed.out == 'confirmed w\n' and 'w: confirmed, but not saved: ' in failed.err
    assert host.wire()['seconds_left'] is None
    host('unwire', '--if-exists', 'other')
    assert host('confirm', 'w', status=2).err == failed.err
    host.sh('rm %s/%s/ifcfg-A' % (TREE, ends[0]))
    kept = host('confirm', '--all')
    assert kept.out.startswith('confirmed w\nwrote ') and 'already up to date' in host('config', 'save', '--all').out
    assert host('confirm', 'w').out == 'already confirmed: w waits for nothing\n'
    host.sh('ls %s/unconfirmed 2>/dev/null | grep . && exit 1 || :' % STATE)


def test_what_could_not_be_saved_and_was_saved_by_another_command_is_not_saved_again(host, ends, words):
    host(*(words + [LONG, '--save']))
    host.sh('mkdir -p %s && : >%s/%s' % (TREE, TREE, ends[0]))
    host('confirm', 'w', status=1)
    host.sh('rm %s/%s' % (TREE, ends[0]))
    host('config', 'save', 'w')
    host('config', 'forget', 'w')
    assert host('confirm', '--all').out == '' and host.tree() == []


def test_what_could_not_be_saved_is_not_saved_once_the_wire_is_gone(host, ends, words):
    host(*(words + [LONG, '--save']))
    host.sh('mkdir -p %s && : >%s/%s' % (TREE, TREE, ends[0]))
    host('confirm', 'w', status=1)
    host('wire', '--no-check', '--replace', '--name', 'w', host.token, ends[1] + ':B=10.1.1.3/24')
    host.sh('rm %s/%s' % (TREE, ends[0]))
    assert host('confirm', 'w').out == 'already confirmed: w waits for nothing\n'
    assert host('confirm', '--all').out == '' and host.tree() == []


@pytest.mark.parametrize('call,when', [('rename', 1), ('rename', 2), ('rename', 3), ('mkdir', 1), ('mkdir', 2),
                                       ('unlink', 1), ('unlink', 2)])
def test_a_confirm_that_is_killed_leaves_it_to_the_next_to_save(host, words, call, when):
    host(*(words + [LONG, '--save']))
    kill_at(call, when, host.aside, 'confirm', 'w')
    host('unwire', '--if-exists', 'other')
    host('confirm', 'w')
    assert host.wire()['seconds_left'] is None and host.tree() != []
    assert 'already up to date' in host('config', 'save', '--all').out
    assert host('confirm', 'w').out == 'already confirmed: w waits for nothing\n'


def test_replaced_files_go_when_it_is_confirmed_and_not_before(host, ends, words):
    host(*(words + ['--save']))
    before = host.tree()
    host('wire', '--no-check', '--replace', '--save', '--name', 'w', ends[0] + ':C=10.1.1.1/24',
         ends[1] + ':D=10.1.1.2/24', LONG)
    assert host.tree() == before
    host('confirm', 'w')
    after = host.tree()
    assert after != before and not set(before).intersection(after)
