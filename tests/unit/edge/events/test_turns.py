"""The turns of netnsctl watch: what comes when, and what each does."""
from __future__ import absolute_import, division, print_function


import pytest

from netnsctl.edge.host import Host
from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError, NotFoundError, UsageError
from netnsctl.usecases.watch import loop, turns, work
from netnsctl.usecases.watch.turns import Turn
from support.fake_events import Clock


class Waits(object):
    """Turns whose children are played: work is noted, and what becomes of it is said by the test."""

    def __init__(self, monkeypatch):
        self.clock, self.told, self.killed = Clock(), [], []
        self.status = None
        monkeypatch.setattr(work, 'monotonic', self.clock)
        monkeypatch.setattr(work.os, 'fork', lambda: 7)
        monkeypatch.setattr(work.os, 'waitpid', self.waitpid)
        monkeypatch.setattr(work.os, 'kill', lambda pid, signum: self.killed.append(signum))
        self.turns = work.Turns(None, self.told.append)

    def waitpid(self, pid, _):
        status, self.status = self.status, None
        return (0, 0) if status is None else (pid, status)

    def ends(self, status):
        """The child ends with this wait status; what is due is done."""
        self.status = status
        self.turns.step()

    @property
    def works_on(self):
        return self.turns._turn.spaces() if self.turns._child else None


@pytest.fixture
def waits(monkeypatch):
    return Waits(monkeypatch)


def test_what_comes_while_a_turn_goes_on_is_one_next_turn(waits):
    for name in 'abcd':
        waits.turns.add(Turn(sure=['docker:' + name]))
        waits.turns.step()
    assert waits.works_on == ['docker:a']
    waits.ends(0)
    assert waits.works_on == ['docker:b', 'docker:c', 'docker:d']
    waits.ends(0)
    assert waits.works_on is None and waits.turns.due() is None


def test_a_container_that_ended_is_not_brought_up(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.add(Turn(sure=['docker:b']))
    waits.turns.add(Turn(gone=['docker:b']))
    waits.ends(0)
    assert waits.works_on == [] and waits.turns._turn.gone == set(['docker:b'])
    waits.turns.add(Turn(gone=['docker:b']))
    waits.turns.add(Turn(sure=['docker:b']))
    waits.ends(0)
    assert waits.works_on == ['docker:b'] and waits.turns._turn.gone == set(['docker:b'])


def test_one_that_does_not_run_yet_is_tried_again_a_few_times(waits):
    waits.turns.add(Turn(sure=['docker:a', 'docker:b']))
    waits.turns.step()
    for pause in work.RETRIES:
        assert not waits.turns._turn.last
        waits.ends(turns.NOT_RUNNING_YET << 8)
        assert waits.works_on is None
        assert abs(waits.turns.due() - waits.clock.now - pause) < 0.001
        waits.clock.now += pause + 0.001
        waits.turns.step()
    assert waits.turns._turn.last == set(['docker:a', 'docker:b'])
    waits.ends(turns.FAILED << 8)
    assert waits.works_on is None and waits.turns.due() is None


def test_one_that_something_is_in_the_way_of_is_tried_again_ever_later(waits):
    waits.turns.add(Turn(sure=['docker:a'], unsure=['docker:b']))
    waits.turns.step()
    for pause in work.PASSING:
        waits.ends(turns.MAY_PASS << 8)
        assert waits.works_on is None and abs(waits.turns.due() - waits.clock.now - pause) < 0.001
        waits.clock.now += pause + 0.001
        waits.turns.step()
        assert waits.turns._turn.unsure == set(['docker:a', 'docker:b']) and not waits.turns._turn.sure
    waits.ends(turns.MAY_PASS << 8)
    assert waits.turns.due() is None
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.ends(turns.MAY_PASS << 8)
    assert abs(waits.turns.due() - waits.clock.now - work.PASSING[0]) < 0.001


def test_one_that_does_not_run_yet_hides_no_other_that_something_is_in_the_way_of(waits):
    waits.turns.add(Turn(sure=['docker:a'], unsure=['docker:b']))
    waits.turns.step()
    waits.ends((turns.NOT_RUNNING_YET | turns.MAY_PASS) << 8)
    waits.clock.now += work.RETRIES[0] + 0.001
    waits.turns.step()
    assert waits.turns._turn.sure == set(['docker:a']) and not waits.turns._turn.unsure
    waits.ends(0)
    waits.clock.now += work.PASSING[0]
    waits.turns.step()
    assert waits.turns._turn.unsure == set(['docker:b']) and not waits.turns._turn.sure


@pytest.mark.parametrize('flag', turns.FLAGS)
def test_all_that_a_turn_was_to_do_is_tried_again_where_another_has_the_lock(waits, flag):
    waits.turns.add(Turn(sure=['docker:a'], **{flag: True}))
    waits.turns.step()
    for pause in work.PASSING:
        waits.ends((turns.MAY_PASS | turns.LOCKED_OUT) << 8)
        assert waits.works_on is None and abs(waits.turns.due() - waits.clock.now - pause) < 0.001
        waits.clock.now += pause + 0.001
        waits.turns.step()
        assert waits.works_on == ['docker:a'] and waits.turns._turn.flags() == [flag]
    waits.ends(0)
    assert waits.turns.due() is None


def test_why_rules_are_missing_is_told_by_one_turn_until_they_are_there(waits):
    waits.turns.add(Turn(rules=True, unsure=['docker:a']))
    waits.turns.step()
    assert not waits.turns._turn.is_told
    for pause in work.PASSING:
        waits.ends(turns.RULES_MISSING << 8)
        waits.clock.now += pause + 0.001
        waits.turns.step()
        assert waits.turns._turn.is_told and waits.turns._turn.flags() == ['rules'] and waits.works_on == []
    waits.ends((turns.MAY_PASS | turns.LOCKED_OUT) << 8)
    for is_told in True, False:
        waits.turns.add(Turn(rules=True))
        waits.turns.step()
        assert waits.turns._turn.is_told is is_told
        waits.ends(0)


def test_of_one_that_ended_meanwhile_no_other_try_is_made(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.add(Turn(gone=['docker:a']))
    waits.ends(turns.NOT_RUNNING_YET << 8)
    assert waits.works_on == []
    waits.ends(0)
    assert waits.turns.due() is None


def test_what_crashes_is_tried_alone_and_once(waits):
    waits.turns.add(Turn(sure=['docker:a', 'docker:b'], rules=True))
    waits.turns.step()
    waits.ends(11)
    assert waits.works_on == ['docker:b']
    waits.ends(11)
    assert waits.works_on == ['docker:a']
    waits.ends(0)
    assert waits.works_on == [] and waits.turns._turn.rules
    waits.ends(11)
    assert waits.works_on is None and waits.turns.due() is None
    assert [str(error) for error in waits.told][:2] == [
        'bring up docker:a docker:b: its process was ended by signal 11',
        'bring up docker:b: its process was ended by signal 11']


def test_what_hangs_is_told_to_end_and_then_ended(waits):
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.clock.now += work.TURN_SECONDS + work.SPACE_SECONDS
    waits.turns.step()
    assert waits.killed == [15]
    waits.clock.now += work.GRACE_SECONDS
    waits.turns.step()
    assert waits.killed == [15, 9]
    waits.ends(9)
    assert 'did not finish within 120 s' in str(waits.told[0]) and waits.works_on is None


def test_a_fork_that_fails_is_made_up_for(waits, monkeypatch):
    def fail():
        raise OSError(11, 'Resource temporarily unavailable')
    monkeypatch.setattr(work.os, 'fork', fail)
    waits.turns.add(Turn(sure=['docker:a']))
    waits.turns.step()
    waits.turns.step()
    assert len(waits.told) == 1 and waits.turns.due() == waits.clock.now + 1.0
    monkeypatch.setattr(work.os, 'fork', lambda: 7)
    waits.clock.now += 1.0
    waits.turns.step()
    assert waits.works_on == ['docker:a']


class Summary(object):
    def __init__(self, made=(), failed=()):
        self.made, self.changed, self.same, self.failed = list(made), [], [], list(failed)
        self.live = []
        self.exit_code = failed[0][1].exit_code if failed else 0


@pytest.fixture
def take(tmpdir, monkeypatch):
    """take(turn, up, those that run) -> (status, code, told, complained)"""
    def call(turn, up, runs):
        monkeypatch.setattr(turns, 'running', lambda host, scheme, names: set(
            name for name in names if '%s:%s' % (scheme, name) in runs))
        told, complained = [], []
        ends = turns.take_turn(Host(root=str(tmpdir), environ={}), turn, told.append, complained.append, up)
        return ends + (told, [str(error) for error in complained])
    return call


def test_only_what_runs_is_brought_up(take):
    calls = []

    def up(_, spaces):
        calls.append(spaces)
        return Summary(spaces)
    runs = ['docker:a', 'podman:b', 'docker:z']
    turn = Turn(sure=['docker:a', 'docker:late'], unsure=['podman:b', 'podman:c'])
    assert take(turn, up, runs) == (turns.NOT_RUNNING_YET, 0, ['wired docker:a', 'wired podman:b'], [])
    turn.last = set(['docker:late'])
    assert take(turn, up, runs)[::3] == (turns.DONE, ['bring up docker:late: its container is not running'])
    assert calls == [['docker:a', 'podman:b']] * 2
    assert take(Turn(unsure=['docker:x']), up, runs)[:2] == (turns.DONE, 0) and len(calls) == 2


@pytest.mark.parametrize('kind', [NotFoundError, UsageError])
def test_a_folder_that_is_refused_does_not_cost_the_others(take, kind):
    def up(_, spaces):
        if 'docker:empty' in spaces:
            raise kind('docker:empty: no link in it')
        return Summary(spaces)
    spaces = ['docker:a', 'docker:b', 'docker:empty']
    assert take(Turn(sure=spaces), up, spaces) == (
        turns.FAILED, kind.exit_code, ['wired docker:a', 'wired docker:b'], ['docker:empty: no link in it'])


def test_what_is_in_the_way_may_pass(take):
    error = ConflictError('taken')
    error.may_pass = True
    assert take(Turn(sure=['docker:a']), lambda *_: Summary(failed=[('f:1', error)]), ['docker:a']) == (
        turns.MAY_PASS, 4, [], ['f:1: taken'])


def test_what_may_pass_is_told_of_beside_what_does_not_run_yet(take):
    error = ConflictError('taken')
    error.may_pass = True
    assert take(Turn(sure=['docker:late'], unsure=['docker:a']), lambda *_: Summary(failed=[('f:1', error)]),
                ['docker:a'])[0] == turns.NOT_RUNNING_YET | turns.MAY_PASS


def test_where_another_has_the_lock_the_turn_ends_at_once(take, monkeypatch):
    def fail(*_):
        error = NoAnswerError('lock x: another netnsctl has held it')
        error.may_pass = True
        raise error
    assert take(Turn(sure=['docker:a'], unsure=['docker:b']), fail, ['docker:a']) == (
        turns.MAY_PASS | turns.LOCKED_OUT, 1, [], ['lock x: another netnsctl has held it'])
    monkeypatch.setattr(turns.overdue, 'undo', fail)
    assert take(Turn(sure=['docker:a'], is_overdue=True), None, ['docker:a'])[:2] == (
        turns.MAY_PASS | turns.LOCKED_OUT, 1)


def test_what_else_cannot_be_done_costs_no_container(take, monkeypatch):
    def fail(*_):
        raise NetnsctlError('read x: it cannot be read')
    monkeypatch.setattr(turns.overdue, 'undo', fail)
    assert take(Turn(sure=['docker:a'], is_overdue=True), lambda _, spaces: Summary(spaces), ['docker:a']) == (
        turns.FAILED, 1, ['wired docker:a'], ['read x: it cannot be read'])


def test_what_failed_is_told_with_what_it_is_about(take):
    failed = [('f:1', NotFoundError('no such thing')), ('g:2', NotFoundError('g:2: nor this'))]
    assert take(Turn(sure=['docker:a']), lambda *_: Summary(failed=failed), ['docker:a']) == (
        turns.FAILED, 3, [], ['f:1: no such thing', 'g:2: nor this'])


def test_without_inotify_the_tree_is_looked_at_every_few_seconds(tmpdir, monkeypatch):
    def fail(*_):
        raise OSError(24, 'Too many open files')
    clock = Clock()
    monkeypatch.setattr(loop, 'monotonic', clock)
    monkeypatch.setattr(loop.folders, 'FolderWatch', fail)
    watch = loop.Watch(Host(), None, None, up=fail, spaces=fail, place=str(tmpdir))
    watch._watch_tree()
    assert not watch._tree_changed()
    clock.now += loop.TREE_SECONDS
    assert watch._tree_changed() and not watch._tree_changed()
