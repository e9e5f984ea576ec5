# -*- coding: utf-8 -*-
"""A wire is whole or it is not there, whatever fails at whichever step.

The kernel is real, the state folder the test's own.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import time

import pytest

from netnsctl.compat import PY3, native
from netnsctl.errors import ConflictError, Interrupted, KernelError, NetnsctlError, NotFoundError, UndoError, UsageError
from netnsctl.model import endpoint, plan as planning, wires_file
from netnsctl.usecases import checking, displacing, inventory, records, transaction, unwiring, wiring_many
from netnsctl.usecases.resolving import resolve
from netnsctl.usecases.session import Session
from netnsctl.usecases.wiring import Options, Wiring, wire
from support.core import content, host_in
from support.process import must

BACKENDS = ('netlink', 'iproute')


class Failing(object):
    """A backend that raises `error` before its operation number `at`, counted over all that it is given."""

    def __init__(self, backend, at, error):
        self.backend, self.at, self.error = backend, at, error
        self.name, self.plan = backend.name, backend.plan

    def apply(self, operations):
        operations = tuple(operations)
        self.backend.apply(operations[:self.at])
        if len(operations) > self.at:
            raise self.error
        self.at -= len(operations)


class Work(object):
    """Two namespaces and a session; what is done goes through the use cases themselves."""

    def __init__(self, folder, names):
        self.folder = folder
        self.a, self.b = names
        self.sessions = []
        self.session = self.begin()

    def begin(self):
        """A new session, as the next command has it."""
        self.session = Session(host_in(self.folder))
        self.sessions.append(self.session)
        return self.session

    def wire(self, a=':A=10.1.1.1/32', b=':B=10.1.1.2/32', **options):
        session = self.session
        wiring = Wiring(session, endpoint.parse('netns://' + self.a + a), endpoint.parse('netns://' + self.b + b),
                        Options(**dict({'backend': 'netlink', 'check': False}, **options)))
        try:
            wiring.resolve()
            with session.state.locked():
                transaction.recover(session)
                return wire(session, wiring)
        finally:
            wiring.close()

    def wire_lines(self, text, atomic=False, options=None):
        text = text.replace('A:', 'netns://%s:' % self.a).replace('B:', 'netns://%s:' % self.b)
        lines = wires_file.parse(text, 'f')[0]
        options = options or Options(backend='netlink', check=False)
        return wiring_many.wire_lines(self.session, lines, options, atomic)

    def unwire(self, name):
        with self.session.state.locked():
            transaction.recover(self.session)
            return unwiring.unwire(self.session, name)

    def recover(self):
        """What the next command does first: its notices."""
        session = self.begin()
        with session.state.locked():
            transaction.recover(session)
        return session.notices

    def fail(self, at, error, number=1):
        """The backend number so-and-so that this session makes next fails at that operation; no other does."""
        real, calls = self.session.backend, []

        def backend(*arguments):
            calls.append(arguments)
            if len(calls) < number:
                return real(*arguments)
            self.session.backend = real
            return Failing(real(*arguments), at, error)
        self.session.backend = backend

    def state(self, name):
        return inventory.one(self.session, name).state

    def content(self):
        return content(self.a, self.b)

    def journal(self):
        return self.session.journal.names()

    def folders(self):
        """Every file of the state that speaks of a wire."""
        return sorted(name for _, _,
                      names in os.walk(self.session.state.folder) for name in names if name not in ('lock', 'ip.json'))


@pytest.fixture
def work(netns, tmpdir):
    made = Work(str(tmpdir), (netns('a'), netns('b')))
    yield made
    for session in made.sessions:
        session.close()


BOTH = {'a': ':A=10.1.1.1/32,fd00::1/64,gw=fd00::2,route=10.9.0.0/16@10.1.1.2',
        'b': ':B=10.1.1.2/32,fd00::2/64,mtu=1400'}


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_wire_is_made_known_again_and_taken_away(work, backend):
    before = work.content()
    outcome = work.wire(backend=backend, name='w', **BOTH)
    assert outcome.changed and work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE
    again = work.wire(backend=backend, name='w', **BOTH)
    assert not again.changed and again.record.id == outcome.record.id
    assert work.unwire('w') and not work.unwire('w')
    assert work.content() == before and work.folders() == []


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('error',
                         [KernelError('injected', 5), Interrupted(15), KeyboardInterrupt(), ValueError('a bug')],
                         ids=lambda error: type(error).__name__)
def test_a_failure_at_any_step_leaves_nothing(work, backend, error):
    before = work.content()
    count = len(work.wire(backend=backend, name='w', **BOTH).record.plan)
    work.unwire('w')
    assert count > 8
    for at in range(count):
        work.fail(at, error)
        with pytest.raises(type(error)) as caught:
            work.wire(backend=backend, name='w', **BOTH)
        assert caught.value is error
        assert work.content() == before, at
        assert work.folders() == [], at
    # The same command then works.
    assert work.wire(backend=backend, name='w', **BOTH).changed
    work.unwire('w')


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_kill_at_any_step_is_rolled_back_by_the_next_command(work, backend, monkeypatch):
    """Killed: the roll-back does not run either."""
    before = work.content()
    count = len(work.wire(backend=backend, name='w', **BOTH).record.plan)
    work.unwire('w')
    for at in range(count + 1):
        work.fail(at, KeyboardInterrupt())
        monkeypatch.setattr(transaction, 'roll_back', lambda *_: None)
        if at < count:
            with pytest.raises(KeyboardInterrupt):
                work.wire(backend=backend, name='w', **BOTH)
        else:
            monkeypatch.setattr(transaction, 'commit', lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
            with pytest.raises(KeyboardInterrupt):
                work.wire(backend=backend, name='w', **BOTH)
        monkeypatch.undo()
        assert work.journal() == ([], ['w'])
        assert work.recover() == ['rolled back the unfinished wire w of an earlier run']
        assert work.content() == before and work.folders() == [], at
        assert work.recover() == []


def test_a_kill_right_after_the_commit_leaves_the_wire(work, monkeypatch):
    monkeypatch.setattr(work.session.journal, 'forget', lambda name: (_ for _ in ()).throw(KeyboardInterrupt()))
    monkeypatch.setattr(transaction, 'roll_back', lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        work.wire(name='w')
    monkeypatch.undo()
    assert work.journal() == (['w'], ['w'])
    assert work.recover() == []
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE


def test_an_interrupt_right_after_the_commit_takes_the_wire_away(work, monkeypatch):
    before = work.content()
    real = transaction.commit

    def commit(session, record):
        real(session, record)
        raise Interrupted(15)
    monkeypatch.setattr(transaction, 'commit', commit)
    with pytest.raises(Interrupted):
        work.wire(name='w')
    assert work.content() == before and work.folders() == []


def test_an_interrupt_while_it_is_told_takes_the_wire_away(work, monkeypatch):
    """As neighbours are told of its addresses, say."""
    before = work.content()

    def tell(session, name, ends):
        raise Interrupted(15)
    monkeypatch.setattr(displacing, 'tell', tell)
    with pytest.raises(Interrupted):
        work.wire(name='w')
    assert work.content() == before and work.folders() == []


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_roll_back_that_fails_is_told_kept_and_tried_again(work, backend):
    before = work.content()
    real = work.session.backend
    calls = []

    def backend_of(*arguments):
        calls.append(arguments)
        # The first fails at its last step, the second, the roll-back's, at its first.
        return Failing(real(*arguments),
                       *((5, KernelError('the first', 5)) if len(calls) == 1 else (0, KernelError('the second', 16))))
    work.session.backend = backend_of
    with pytest.raises(UndoError) as caught:
        work.wire(backend=backend, name='w')
    assert caught.value.exit_code == 6
    assert caught.value.message.startswith('the first; and roll back w: ') and 'the second' in caught.value.message
    assert work.journal() == ([], ['w']) and work.content() != before
    assert work.state('w') == inventory.HALF
    assert work.recover() == ['rolled back the unfinished wire w of an earlier run']
    assert work.content() == before and work.folders() == []


def test_an_unwire_that_fails_once_is_tried_again_at_once(work):
    before = work.content()
    work.wire(name='w')
    work.fail(0, KernelError('busy', 16))
    assert work.unwire('w')
    assert work.content() == before and work.folders() == []


def test_an_unwire_that_fails_stays_in_the_journal(work):
    before = work.content()
    work.wire(name='w')
    real = work.session.backend
    work.session.backend = lambda *arguments: Failing(real(*arguments), 0, KernelError('busy', 16))
    with pytest.raises(UndoError):
        work.unwire('w')
    assert work.journal() == ([], ['w'])
    assert work.recover() == ['rolled back the unfinished wire w of an earlier run']
    assert work.content() == before and work.folders() == []


def test_what_netnsctl_did_not_make_is_never_taken_away(work):
    must(['ip', '-n', work.b, 'link', 'add', 'B', 'type', 'veth', 'peer', 'name', 'other'])
    before = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire(name='w')
    assert 'netns://%s has a link named B already' % work.b in caught.value.message
    assert work.content() == before and work.folders() == []


def test_a_renamed_end_is_known_again_and_an_impostor_stays(work):
    work.wire(name='w')
    must(['ip', '-n', work.a, 'link', 'set', 'A', 'down'])
    must(['ip', '-n', work.a, 'link', 'set', 'A', 'name', 'renamed'])
    must(['ip', '-n', work.a, 'link', 'add', 'A', 'type', 'veth', 'peer', 'name', 'A2'])
    assert work.state('w') == inventory.ALTERED
    assert work.unwire('w')
    assert sorted(os.listdir('/run/netns')) and 'renamed' not in str(work.content()) and '"A2"' in str(work.content())


def test_one_end_deleted_is_no_reason_to_leave_the_rest(work):
    before = work.content()
    work.wire(name='w')
    must(['ip', '-n', work.a, 'link', 'delete', 'A'])
    assert work.state('w') in (inventory.ALTERED, inventory.HALF)
    assert work.unwire('w')
    assert work.content() == before


@pytest.mark.parametrize('option', [{'a': ':A=10.1.1.9/32'}, {'a': ':A=10.1.1.1/32,mtu=1400'}, {'b': ':C=10.1.1.2/32'}])
def test_a_wire_that_differs_is_refused_and_changes_nothing(work, option):
    work.wire(name='w')
    before = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire(name='w', **option)
    assert 'the wire w exists and' in caught.value.message
    assert work.content() == before and work.journal() == (['w'], [])


def test_the_same_wire_again_with_an_mtu_for_both_ends_changes_nothing(work):
    work.wire(name='w', mtu=1400)
    assert not work.wire(name='w', mtu=1400).changed


def test_a_route_with_and_one_without_a_gateway_to_one_destination_is_a_declared_error_or_a_wire(work):
    try:
        work.wire(a=':A=10.1.1.1/24,route=10.9.0.0/16,route=10.9.0.0/16@10.1.1.2', b=':B=10.1.1.2/24', name='w')
    except NetnsctlError:
        assert work.folders() == []


def ids(work, name):
    with open(os.path.join(work.session.state.folder, 'wires', name + '.json')) as source:
        return json.load(source)['id']


def test_replace_makes_it_anew(work):
    before = work.content()
    work.wire(name='w')
    assert work.wire(name='w', a=':A=10.1.1.7/32', replace=True).changed
    assert work.state('w') == inventory.WHOLE
    assert '10.1.1.7' in str(work.content()) and '10.1.1.1"' not in str(work.content())
    work.unwire('w')
    assert work.content() == before


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_replacement_that_fails_at_any_step_brings_the_old_wire_back(work, backend):
    work.wire(name='w')
    old = ids(work, 'w')
    for at in range(4):
        # The second backend is the new wire's; the first takes the old one away.
        work.fail(at, KernelError('injected', 5), number=2)
        with pytest.raises(KernelError):
            work.wire(name='w', a=':A=10.1.1.7/32', replace=True, backend=backend)
        assert work.state('w') == inventory.WHOLE and ids(work, 'w') == old
        assert '10.1.1.1"' in str(work.content()) and '10.1.1.7' not in str(work.content())
        assert work.journal() == (['w'], [])


def test_a_replacement_whose_record_cannot_be_made_brings_the_old_wire_back(work, monkeypatch):
    work.wire(name='w')

    def fails(*_):
        raise KernelError('no', 1)
    monkeypatch.setattr('netnsctl.usecases.records.make_record', fails)
    with pytest.raises(KernelError):
        work.wire(':A=10.1.1.1/32', ':B=10.1.1.9/32', name='w', replace=True)
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE
    assert work.session.journal.load('w').ends[1].addresses == ['10.1.1.2/32']


def test_a_replacement_refused_for_what_was_asked_leaves_the_old_wire(work):
    work.wire(name='w')
    with pytest.raises(UsageError):
        work.wire(name='w', a=':A=10.1.1.1/24,gw=10.1.1.1', replace=True)
    assert work.state('w') == inventory.WHOLE and work.journal() == (['w'], [])


def test_a_pair_of_ends_is_validated_once(work, monkeypatch):
    validated, real = [], planning.validate
    monkeypatch.setattr('netnsctl.model.plan.validate', lambda *ends: validated.append(ends) or real(*ends))
    work.wire(name='w')
    assert len(validated) == 1
    work.wire(name='w', a=':A=10.1.1.1/24', b=':B=10.1.1.2/24', replace=True)
    assert len(validated) == 2
    work.wire(name='w', a=':A', b=':B', replace=True)  # what the pool gives is looked at too
    assert len(validated) == 4


def displaced(work):
    """A wire that displaced a route of a's."""
    for words in ('link add x type veth peer name y', 'address add 10.5.0.1/24 dev x', 'link set x up', 'link set y up',
                  'route add 10.1.1.2 dev x'):
        must(['ip', '-n', work.a] + words.split())


def test_a_displaced_route_comes_back(work):
    displaced(work)
    before = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire(name='w')
    assert 'it has one already, dev x' in caught.value.message and work.content() == before
    work.wire(name='w', replace=True)
    assert work.state('w') == inventory.WHOLE
    assert '"dev": "x", "dst": "10.1.1.2"' not in str(work.content())
    work.unwire('w')
    assert work.content() == before


def test_a_kill_right_after_a_replacement_was_begun_leaves_the_old_wire_that_displaced_a_route(work):
    displaced(work)
    old = work.wire(name='w', replace=True).record
    work.session.journal.begin(work.session.journal.load('w').with_changes(id='0' * 16, undo=[], replaces=old))
    assert work.recover() == ['put back the wire w, which an earlier run did not finish replacing']
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE


def test_a_route_of_several_next_hops_in_the_way_is_a_declared_error_or_displaced(work):
    displaced(work)
    must(['ip', '-n', work.a, 'route', 'replace', '10.1.1.2', 'nexthop', 'via', '10.5.0.2', 'nexthop', 'via',
          '10.5.0.3'])
    before = work.content()
    try:
        work.wire(name='w', replace=True)
    except NetnsctlError:
        pass
    else:
        work.unwire('w')
    assert work.content() == before and work.folders() == []


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
    deadline = time.time() + 5
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
    assert 'are one network namespace' in caught.value.message


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
    assert asked.pop('data') == [] and record.ends[0].data['asked'] == asked and record.ends[1].mtu == 1400
    assert [end.index > 1 for end in record.ends] == [True, True]
    assert work.session.journal.load('w').data == json.loads(json.dumps(record.data)) or not PY3
    work.unwire('w')
