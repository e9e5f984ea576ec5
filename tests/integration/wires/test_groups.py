"""Files of wires, each its own transaction or all one; damaged records; owners that end."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import time

import pytest

from netnsctl.compat import PY3, native
from netnsctl.errors import ConflictError, Interrupted, KernelError, NetnsctlError, NotFoundError
from netnsctl.model import endpoint
from netnsctl.usecases.check import checking
from netnsctl.usecases.check.report import Report
from netnsctl.usecases.recorded import inventory, records
from netnsctl.usecases.ends.resolving import resolve
from netnsctl.usecases.wires.wiring import Options
from support.core import content
from support.process import must
from support.work import BOTH

THREE = ('A:A1=10.1.1.1/32 B:B1=10.1.1.2/32 --name w1\n'
         'A:A2=10.1.2.1/32 B:B2=10.1.2.2/32 --name w2\n'
         'A:A3=10.1.3.1/32 B:B3=10.1.3.2/32 --name w3\n')


@pytest.mark.parametrize('atomic', [True, False])
@pytest.mark.parametrize('error', [Interrupted(15), KernelError('check: not permitted', 1)])
def test_a_check_that_cannot_be_made_takes_its_wire_back_and_with_atomic_all(work, monkeypatch, atomic, error):
    before = work.content()
    seen = []

    def check(session, record, namespaces):
        seen.append(record.name)
        if len(seen) == 2:
            raise error
        return Report(True, (), (), ())

    monkeypatch.setattr(checking, 'check_record', check)
    results, interrupted = work.wire_lines(THREE, atomic, Options(backend='netlink'))
    assert (interrupted is error) == isinstance(error, Interrupted) and seen[:2] == ['w1', 'w2']
    standing = [] if atomic else ['w1'] if interrupted else ['w1', 'w3']
    assert work.journal() == (standing, [])
    for name in standing:
        assert work.state(name) == inventory.WHOLE
        work.unwire(name)
    assert work.content() == before


def test_a_line_that_fails_costs_only_itself_and_with_atomic_all(work):
    before = work.content()
    text = THREE.replace('10.1.2.2', '10.1.1.2').replace('10.1.2.1', '10.1.1.1')  # the second takes the first's route
    results, interrupted = work.wire_lines(text)
    assert [result.error is None for result in results] == [True, False, True] and interrupted is None
    assert work.journal() == (['w1', 'w3'], [])
    for name in ('w1', 'w3'):
        work.unwire(name)
    results, _ = work.wire_lines(text, atomic=True)
    assert [result.outcome for result in results] == [None, None]
    assert work.content() == before and work.folders() == []


def test_an_interrupt_takes_an_atomic_group_away_and_keeps_what_is_whole_of_others(work):
    before = work.content()
    for atomic in (True, False):
        work.fail(3, Interrupted(2), number=2)
        results, interrupted = work.wire_lines(THREE, atomic)
        assert isinstance(interrupted, Interrupted) and len(results) == 1
        assert work.journal() == ([] if atomic else ['w1'], [])
    work.unwire('w1')
    assert work.content() == before


@pytest.mark.parametrize('step', ['mark', 'commit 1', 'commit 2', 'commit 3', 'unmark', 'end'])
def test_a_kill_while_a_group_is_committed_leaves_all_of_it_or_nothing(work, monkeypatch, step):
    """Killed right before that step."""
    before = work.content()
    journal = work.session.journal
    counts = {'commit': 0}

    def dies(word, real):
        def call(*arguments):
            counts[word] = counts.get(word, 0) + 1
            if step in (word, '%s %d' % (word, counts[word])):
                raise KeyboardInterrupt()
            return real(*arguments)
        return call
    monkeypatch.setattr(journal, 'mark_group', dies('mark', journal.mark_group))
    monkeypatch.setattr(journal, 'commit', dies('commit', journal.commit))
    monkeypatch.setattr(journal, 'unmark_group', dies('unmark', journal.unmark_group))
    if step == 'end':
        work.wire_lines(THREE, atomic=True)
    else:
        with pytest.raises(KeyboardInterrupt):
            work.wire_lines(THREE, atomic=True)
    notices = work.recover()
    if step == 'mark':
        assert notices == ['rolled back the unfinished wire w%d of an earlier run' % number for number in (1, 2, 3)]
        assert work.content() == before and work.folders() == []
        return
    assert notices == [] and work.journal() == (['w1', 'w2', 'w3'], [])
    assert work.folders() == ['w1.json', 'w2.json', 'w3.json']
    for name in ('w1', 'w2', 'w3'):
        assert work.state(name) == inventory.WHOLE
        work.unwire(name)
    assert work.content() == before


@pytest.mark.parametrize('error', [NetnsctlError('no room'), Interrupted(15)])
@pytest.mark.parametrize('step', ['mark_group', 'commit', 'unmark_group'])
@pytest.mark.parametrize('replace', [False, True])
def test_a_group_that_cannot_be_committed_is_taken_back_as_a_whole(work, monkeypatch, step, error, replace):
    if replace:
        work.wire(':A2=10.1.2.1/32', ':B2=10.1.2.2/32', name='w2')
    before, journal = work.content(), work.session.journal
    real, calls = getattr(journal, step), []

    def fails(*arguments):
        calls.append(arguments)
        if len(calls) == (2 if step == 'commit' else 1):
            raise error
        return real(*arguments)

    monkeypatch.setattr(journal, step, fails)
    lines = THREE.replace('--name w2', '--name w2 --mtu 1300') if replace else THREE
    options = Options(backend='netlink', check=False, replace=replace)
    if isinstance(error, Interrupted):
        results, interrupted = work.wire_lines(lines, True, options)
        assert interrupted is error and [result.outcome for result in results] == [None] * 3
    else:
        with pytest.raises(NetnsctlError) as caught:
            work.wire_lines(lines, True, options)
        assert caught.value is error
    monkeypatch.undo()
    assert work.recover() == [] and work.journal() == (['w2'] if replace else [], [])
    assert work.folders() == (['w2.json'] if replace else [])
    if replace:  # it is there again, under another index
        assert work.state('w2') == inventory.WHOLE
        work.unwire('w2')
    else:
        assert work.content() == before


def damage(work, change):
    """Puts a pending record in the journal as change(record of a real wire) makes it: text or data."""
    work.wire(name='w')
    data = work.session.journal.load('w').with_changes(name='bad', id='other').data
    work.unwire('w')
    value = change(data)
    path = os.path.join(work.session.state.folder, 'wires', 'bad.pending.json')
    with open(path, 'w') as sink:
        sink.write(value if isinstance(value, str) else json.dumps(value))
    return path


def with_undo(**fields):
    return lambda data: dict(data, undo=[dict(data['undo'][0], **fields)])


@pytest.mark.parametrize('change', [
    lambda data: '', lambda data: '{', lambda data: [], lambda data: dict(data, version=2), lambda data: {'version': 1},
    lambda data: dict(data, undo=None), lambda data: dict(data, undo=[{}]), with_undo(verb='nonsense'),
    with_undo(verb=[]),
    lambda data: dict(data, netns={'a': None}), lambda data: dict(data, netns=[]),
    lambda data: dict(data, netns={'a': dict(data['netns']['a'], pid='x')}), lambda data: dict(data, replaces='x'),
    with_undo(dev=5),
    lambda data: dict(data, backend=5),
])
def test_a_damaged_pending_record_is_told_and_blocks_nothing(work, change):
    path = damage(work, change)
    session = work.begin()
    assert work.wire(name='v').changed
    if os.path.exists(path):
        assert len(session.notices) == 1 and 'bad' in session.notices[0]
    assert work.state('v') == inventory.WHOLE
    assert work.unwire('v')


def test_a_restarted_owner_makes_the_wire_lost_and_it_is_made_again(work):
    work.wire(name='w')
    must(['ip', 'netns', 'delete', work.a])
    must(['ip', 'netns', 'add', work.a])
    assert work.state('w') == inventory.LOST
    deadline = time.time() + 60
    while '"B"' in str(content(work.b)) and time.time() < deadline:
        time.sleep(0.01)  # the kernel takes a dead namespace's links away a moment later
    assert work.wire(name='w').changed and work.state('w') == inventory.WHOLE
    must(['ip', 'netns', 'delete', work.a])
    must(['ip', 'netns', 'add', work.a])
    assert work.unwire('w') and work.folders() == []


def test_an_owner_that_ends_in_the_middle_is_told(work):
    real = work.session.backend

    def backend_of(*arguments):
        made = real(*arguments)
        apply = made.apply

        def then_delete(operations):
            apply(operations)
            must(['ip', 'netns', 'delete', work.a])
            made.apply = apply
        made.apply = then_delete
        work.session.backend = real
        return made
    work.session.backend = backend_of
    with pytest.raises(NotFoundError) as caught:
        work.wire(name='w')
    assert caught.value.message == 'netns://%s: ended while it was being wired' % work.a
    assert '"B"' not in str(content(work.b)) and work.folders() == []


def test_pairs_of_the_pool_are_free_everywhere(work):
    one = work.wire(name='w1', a=':A1', b=':B1')
    other = work.wire(name='w2', a=':A2', b=':B2')
    found = [address for outcome in (one, other) for end in outcome.record.ends for address in end.addresses]
    assert len(set(found)) == 4 and all(address.startswith('198.1') for address in found)
    for name in ('w1', 'w2'):
        assert work.state(name) == inventory.WHOLE and work.unwire(name)
    work.session = work.begin()  # the pool is looked at once a command
    assert work.wire(name='w1', a=':A1', b=':B1').record.ends[0].addresses == one.record.ends[0].addresses
    work.unwire('w1')


def test_the_ends_of_a_wire_under_another_name_are_known(work):
    work.wire()
    with pytest.raises(ConflictError) as caught:
        work.wire(name='w2')
    assert 'wired already, as %s:A-%s:B' % (work.a, work.b) in caught.value.message
    assert not work.wire().changed


def test_the_hosts_own_namespace_and_one_namespace_twice_are_refused(work):
    session = work.session
    for target, words in ((endpoint.Target('pid', str(os.getpid())), "shares the host's own network namespace"),
                          (endpoint.Target('path', '/proc/self/ns/net'), "shares the host's own")):
        with pytest.raises(ConflictError) as caught:
            resolve(session.host, target, session.home)
        assert words in caught.value.message and 'host' in caught.value.hint
    work.b = work.a
    with pytest.raises(ConflictError) as caught:
        work.wire()
    assert 'are the same network namespace' in caught.value.message


def test_a_number_that_is_a_name_and_a_pid_is_ambiguous_with_both_listed(work):
    process = subprocess.Popen(['nsenter', '--net=/run/netns/' + work.b, 'sleep', '60'], close_fds=True)
    name = str(process.pid)
    try:
        while os.stat('/proc/%s/ns/net' % name).st_ino != os.stat('/run/netns/' + work.b).st_ino:
            time.sleep(0.005)
        os.symlink('/run/netns/' + work.a, '/run/netns/' + name)
        try:
            with pytest.raises(ConflictError) as caught:
                resolve(work.session.host, endpoint.Target(None, name), work.session.home)
            assert 'netns://%s and pid://%s' % (name, name) in caught.value.message
            os.unlink('/run/netns/' + name)
            os.symlink('/run/netns/' + work.b, '/run/netns/' + name)
            opened, target = resolve(work.session.host, endpoint.Target(None, name), work.session.home)
            assert target == endpoint.Target('netns', name)  # both mean one namespace
            opened.close()
        finally:
            os.unlink('/run/netns/' + name)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize('name', [
    'nt%d-none' % os.getpid(), '99999999999', '007', '9' * 255,
    native(u'\xb2')])
def test_a_bare_name_of_nothing_is_not_found(work, name):
    with pytest.raises(NotFoundError) as caught:
        resolve(work.session.host, endpoint.Target(None, name), work.session.home)
    assert caught.value.message.startswith(name + ': ')


def test_records_hold_what_was_asked_and_what_was_decided(work):
    record = work.wire(name='w', **BOTH).record
    asked = records.asked_of(endpoint.parse('netns://' + work.a + BOTH['a']))
    assert asked.pop('data') == asked.pop('shaping') == [] and not (asked.pop('dhcp') or asked.pop('ipv6'))
    assert record.ends[0].data['asked'] == asked and record.ends[1].mtu == 1400
    assert [end.index > 1 for end in record.ends] == [True, True]
    assert work.session.journal.load('w').data == json.loads(json.dumps(record.data)) or not PY3
    work.unwire('w')
