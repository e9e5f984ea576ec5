"""The journal's directory, left settled by a run after which nothing is pending: the next one does not list it."""
from __future__ import absolute_import, division, print_function

import os
import signal

import pytest

from netnsctl.execution.journal import Journal


def record(name):
    return {'version': 1, 'name': name, 'id': '1'}


def follow(journal, begun=()):
    """As a run that holds the lock does once it has rolled back what it found."""
    journal.sweep()
    journal.follow(begun)


def listed(monkeypatch):
    """The directories that are listed from here on."""
    found, real = [], os.listdir
    monkeypatch.setattr(os, 'listdir', lambda path: found.append(path) or real(path))
    return found


def test_where_the_last_run_left_nothing_pending_the_names_of_all_wires_are_not_read(journal, state, monkeypatch):
    with state.locked():
        follow(journal, journal.begun())
        journal.begin(record('a'))
        journal.commit(record('a'))
        journal.begin(record('b'))
        journal.commit(record('b'))
        journal.reopen('b')
        journal.forget('b')
    paths = listed(monkeypatch)
    assert Journal(state).begun() == []
    Journal(state).sweep()
    assert state.path('wires') not in paths
    assert journal.names() == (['a'], [])


@pytest.mark.parametrize('change', [
    lambda journal: journal.begin(record('w')), lambda journal: journal.reopen('a'),
    lambda journal: (journal.begin(record('w')), journal.lose_track(), journal.commit(record('w'))),
], ids=['begun', 'reopened', 'unknown'])
def test_what_is_pending_when_the_lock_is_released_is_looked_for(journal, state, monkeypatch, change):
    with state.locked():
        follow(journal)
        journal.begin(record('a'))
        journal.commit(record('a'))
        change(journal)
    paths = listed(monkeypatch)
    assert Journal(state).begun() == journal.names()[1]
    assert state.path('wires') in paths


def test_a_wire_that_could_not_be_rolled_back_is_looked_for_again(journal, state):
    journal.begin(record('stuck'))
    for _ in range(2):
        with state.locked():
            assert journal.begun() == ['stuck']
            follow(journal, ['stuck', 'gone'])


@pytest.mark.parametrize('left', ['w.pending.json', 'w.json.77.tmp'])
def test_what_another_puts_into_a_settled_directory_is_seen(journal, state, left):
    with state.locked():
        journal.begin(record('a'))
        follow(journal, ['a'])
        journal.forget('a')
    with open(state.path('wires', left), 'w') as sink:
        sink.write('{}')
    assert journal.begun() == [name for name in ['w'] if left == 'w.pending.json']
    journal.sweep()
    assert os.listdir(state.path('wires')) == [name for name in [left] if not left.endswith('.tmp')]


def test_a_killed_run_and_one_that_ends_with_an_error_leave_nothing_settled(journal, state, monkeypatch):
    with state.locked():
        follow(journal)
        journal.begin(record('a'))
        journal.commit(record('a'))
    child = os.fork()
    if not child:
        with state.locked():
            follow(journal)
            journal.begin(record('killed'))
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert journal.begun() == ['killed']
    journal.forget('killed')
    with pytest.raises(ValueError):
        with state.locked():
            follow(journal)
            journal.begin(record('b'))
            journal.commit(record('b'))
            raise ValueError()
    paths = listed(monkeypatch)
    assert journal.begun() == []
    assert state.path('wires') in paths
