"""A wire is made whole or not at all: failures, kills, and what is taken back."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.errors import ConflictError, Interrupted, KernelError, UndoError
from netnsctl.model import endpoint
from netnsctl.usecases.wires import making, transaction, wiring
from netnsctl.usecases.wires.wiring import Options, Wiring
from netnsctl.usecases.recorded import inventory
from support.process import must
from support.work import BACKENDS, BOTH, Failing


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

    def tell(request, record, ends):
        raise Interrupted(15)
    monkeypatch.setattr(wiring, '_tell', tell)
    with pytest.raises(Interrupted):
        work.wire(name='w')
    assert work.content() == before and work.folders() == []


def made_and_interrupted(work, monkeypatch):
    """The next wire is interrupted once it is made and checked, as what was opened for it is closed."""
    def close(wiring):
        close_all(wiring)
        if work.session.untold is not None:
            raise Interrupted(15)
    close_all = Wiring.close
    monkeypatch.setattr(Wiring, 'close', close)


@pytest.mark.parametrize('backend', BACKENDS)
def test_an_interrupt_before_its_outcome_is_returned_takes_a_wire_away_or_puts_the_old_one_back(
        work, backend, monkeypatch):
    before, options = work.content(), Options('w', None, backend, True, check=False)
    ends = [endpoint.parse('netns://%s:A=10.1.1.1/32' % work.a), endpoint.parse('netns://%s:B=10.1.1.2/32' % work.b)]
    made_and_interrupted(work, monkeypatch)
    with pytest.raises(Interrupted):
        making.wire_one(work.session, ends[0], ends[1], options)
    assert work.content() == before and work.folders() == []
    monkeypatch.undo()
    old = work.wire(name='w', backend=backend).record
    other = endpoint.parse('netns://%s:B=10.1.1.9/32' % work.b)
    made_and_interrupted(work, monkeypatch)
    with pytest.raises(Interrupted):
        making.wire_one(work.session, ends[0], other, options)
    monkeypatch.undo()
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE
    assert work.session.journal.load('w').id == old.id
    assert not work.wire(name='w', backend=backend).changed


def test_an_interrupt_before_its_outcome_is_returned_takes_the_wire_of_a_line_away_and_keeps_the_others(
        work, monkeypatch):
    made, close_all = [], Wiring.close

    def close(wiring):
        close_all(wiring)
        made.append(wiring.name)
        if len(made) == 2:
            raise Interrupted(15)
    monkeypatch.setattr(Wiring, 'close', close)
    results, interrupted = work.wire_lines('A:A=10.1.1.1/32 B:B=10.1.1.2/32 --name one\n'
                                           'A:C=10.1.2.1/32 B:D=10.1.2.2/32 --name two\n'
                                           'A:E=10.1.3.1/32 B:F=10.1.3.2/32 --name three\n')
    assert interrupted.signum == 15 and [result.outcome.record.name for result in results] == ['one']
    assert made == ['one', 'two'] and work.journal() == (['one'], []) and work.state('one') == inventory.WHOLE
    assert '"C"' not in str(work.content())


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


@pytest.mark.parametrize('folder', ['names', 'nics', 'unconfirmed', 'asking', 'dhcp'])
def test_what_a_killed_run_was_about_to_write_goes_with_the_next_command(work, folder):
    work.session.state.make(folder)
    with open(work.session.state.path(folder, 'w.99999999.tmp'), 'w') as half:
        half.write('{')
    assert work.recover() == []
    assert work.folders() == [] or os.listdir(work.session.state.path(folder)) == []
