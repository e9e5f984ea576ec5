"""Signals and kills after a wire is made: as the lock is let go, as its files are saved, and as it is taken back."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject, process
from support.tree import TREE, tree_of

OLD, NEW = ('a:e=10.9.0.2/24', 'b:e=10.9.0.3/24'), ('a:e=10.9.0.2/24', 'b:e=10.9.0.4/24')
ONE = ('wire', '--no-check', '--backend', 'netlink', '--name', 'one')
LINES = 'a:x1 b:x1 --name w1\na:x2 b:x2 --name w2\na:x3 b:x3 --name w3\n'


@pytest.fixture
def wired(host):
    """A host with namespaces a, b and c, and a wire `stays` of a and c."""
    inject.available()
    host.sh('for name in a b c; do ip netns add $name; done; printf "%s" >/run/lines' % LINES.replace('\n', '\\n'))
    assert host('wire', '--no-check', '--name', 'stays', 'a:z', 'c:z').status == 0
    return host


def standing(host):
    """{name: (state, addresses of its ends)} of the wires."""
    listed = json.loads(host('ls', '--json').out)['wires']
    return dict((wire['name'], (wire['state'], sum([end['addresses'] for end in wire['ends']], []))) for wire in listed)


def as_the_lock_is_let_go(host, *words):
    """What the program says that gets SIGTERM at that moment (the journal's directory is given its time then)."""
    result = inject.inject(host, 'utimensat', 'signal=TERM', 1, words, only_netnsctl=True)
    assert result.status == 143, result
    return result


def test_a_signal_as_the_lock_is_let_go_takes_one_wire_back_and_waits_for_nobody(wired):
    told = as_the_lock_is_let_go(wired, *ONE + OLD)
    assert told.out == '' and told.err == 'netnsctl: ended by signal 15\n'
    assert list(standing(wired)) == ['stays'] and wired.sh('ip -n b -o link').count('\n') == 1


def test_a_signal_as_the_lock_is_let_go_takes_all_of_an_atomic_file_back(wired):
    told = as_the_lock_is_let_go(wired, 'wire', '--no-check', '--atomic', '-f', '/run/lines')
    assert told.out == '' and '0 of 3 wires are in place; with --atomic, all were rolled back' in told.err
    assert list(standing(wired)) == ['stays'] and wired.sh('ip -n b -o link').count('\n') == 1
    assert wired.sh('ls /run/netnsctl/groups') == ''


def test_after_a_signal_as_the_lock_is_let_go_the_wires_of_a_file_stand_and_are_told(wired):
    told = as_the_lock_is_let_go(wired, 'wire', '--no-check', '-f', '/run/lines')
    assert told.out.count('wired ') == 3 and '3 of 3 wires are in place' in told.err
    assert sorted(standing(wired)) == ['stays', 'w1', 'w2', 'w3']


def test_after_a_signal_as_the_lock_is_let_go_the_wires_that_were_removed_are_told(wired):
    assert wired('wire', '--no-check', '-f', '/run/lines').status == 0
    told = as_the_lock_is_let_go(wired, 'unwire', '--all')
    assert sorted(told.out.split()[1::2]) == ['stays', 'w1', 'w2', 'w3'] and standing(wired) == {}


def test_after_a_signal_as_the_lock_is_let_go_up_and_down_tell_what_they_did(wired):
    assert wired('wire', '--no-check', '--save', '-f', '/run/lines').status == 0
    told = as_the_lock_is_let_go(wired, 'down')
    assert told.out.count('unwired w') == 3 and list(standing(wired)) == ['stays'], told
    told = as_the_lock_is_let_go(wired, 'up')
    assert told.out.count('wired w') == 3 and sorted(standing(wired)) == ['stays', 'w1', 'w2', 'w3'], told


def test_a_kill_at_any_step_of_taking_a_replacement_back_loses_no_wire(wired):
    """It is taken back since it cannot be saved."""
    words = ONE + ('--replace', '--save') + NEW
    wired.sh('mkdir -p %s/b/ifcfg-e' % TREE)
    assert wired(*ONE + OLD).status == 0
    whole = [('whole', ['10.9.0.2/24', end.partition('=')[2]]) for end in (OLD[1], NEW[1])]
    kills = 0
    for number in range(1, inject.count(wired, 'rename', words) + 1):
        killed = inject.inject(wired, 'rename', 'signal=KILL', number, words, only_netnsctl=True)
        assert killed.status in (-9, 2), (number, killed)
        kills += killed.status == -9
        after = wired('unwire', '--if-exists', 'nothing')
        assert standing(wired).get('one') in whole, (number, after)
        assert wired(*ONE + ('--replace',) + OLD).status == 0
    assert kills > 4


@pytest.mark.parametrize('words', [ONE + ('--save',) + OLD, ONE + ('--save', '--replace') + NEW])
def test_a_signal_just_after_the_save_leaves_wire_and_files_as_they_are_or_as_they_were(wired, tmpdir, words):
    """rt_sigaction(2) is called as signals that have waited are let come again."""
    before = [ONE + ('--save',) + OLD] if '--replace' in words else []
    log = str(tmpdir.join('calls'))

    def begin():
        assert wired('unwire', 'one', '--forget', '--if-exists').status == 0
        for line in before:
            assert wired(*line).status == 0
        return standing(wired), tree_of(wired)
    begin()
    traced = process.run(['strace', '-qq', '-o', log, '-e', 'trace=rt_sigaction,unlink'] + wired.argv(*words),
                         environ=wired.environ())
    assert traced.status == 0, traced
    with open(log) as source:
        calls = [line for line in source if line.startswith(('rt_sigaction', 'unlink'))]
    last = max(number for number, line in enumerate(calls) if '.saving' in line)
    count = len([line for line in calls[:last] if line.startswith('rt_sigaction')])
    seen = set()
    for number in range(count + 1, count + 7):
        was = begin()
        result = inject.inject(wired, 'rt_sigaction', 'signal=INT', number, words, only_netnsctl=True)
        now = standing(wired), tree_of(wired)
        is_made = wired('up').out == 'nothing to do: the wire matches the tree\n' and now != was
        assert result.status == (0 if is_made else 130) and (is_made or now == was), (number, result, was, now)
        seen.add(is_made)
    assert True in seen
