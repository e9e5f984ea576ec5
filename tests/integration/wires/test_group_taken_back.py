"""Files of wires of which one fails in an unusual way: in the making of its request, by a bug, after its commit."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.model import wires_file
from netnsctl.usecases import purging
from netnsctl.usecases.ends import dhcp, leasing
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires import dry_run, many
from netnsctl.usecases.wires.wiring import Options

OPTIONS = {'backend': 'netlink', 'check': False}
THREE = ('A:A1=10.1.1.1/32 B:B1=10.1.1.2/32 --name w1\n'
         'A:A2=10.1.2.1/32 B:B2=10.1.2.2/32 --name w2\n'
         'A:A3=10.1.3.1/32 B:B3=10.1.3.2/32 --name w3\n')


def lines_with_ports_between_namespaces(work):
    """The second of three; a hook's lines are not from a file, which would have refused it."""
    text = THREE.replace('10.1.2.1/32', '10.1.2.1/32,publish=80:80').replace(' --name w2', '')
    text = text.replace('A:', 'netns://%s:' % work.a).replace('B:', 'netns://%s:' % work.b)
    return [wires_file.parse_words('f', number, words.split()) for number, words in enumerate(text.splitlines(), 1)]


def signal_as_the_lock_is_let_go(session, monkeypatch, then):
    """The first time; then() is what other commands do before the lock is taken again."""
    real = session.locked

    class Locked(object):
        def __init__(self):
            self.lock = real()

        def __enter__(self):
            self.lock.__enter__()

        def __exit__(self, *error):
            self.lock.__exit__(*error)
            monkeypatch.setattr(session, 'locked', real)
            then()
            raise Interrupted(15)
    monkeypatch.setattr(session, 'locked', Locked)


def test_a_line_whose_ends_make_no_request_affects_only_itself_and_with_atomic_all(work):
    before = work.content()
    for atomic in (True, False):
        results, interrupted = many.wire_lines(work.session, lines_with_ports_between_namespaces(work),
                                               Options(**OPTIONS), atomic)
        errors = [result.error for result in results if result.error is not None]
        assert interrupted is None and len(errors) == 1 and isinstance(errors[0], UsageError)
        assert errors[0] is results[1].error and 'ports are published on' in errors[0].message
        assert work.journal() == ([] if atomic else ['w1', 'w3'], [])
        assert not atomic or work.content() == before and work.folders() == []


@pytest.mark.parametrize('atomic', [True, False])
def test_a_dry_run_tells_of_it_too(work, atomic):
    lines = lines_with_ports_between_namespaces(work)
    plans, _, failed = dry_run.plan_lines(work.session, lines, Options(**OPTIONS), atomic)
    assert [(line.number, error.exit_code) for line, error in failed] == [(2, 2)]
    assert [bool(plan.commands) for plan in plans] == ([False, False] if atomic else [True, False, True])
    assert plans[1].name == '%s:A2-%s:B2' % (work.a, work.b)


def test_a_purge_keeps_the_wire_that_it_names(work):
    work.wire(':A2=10.1.2.1/32', ':B2=10.1.2.2/32')
    assert purging.absent(work.session, lines_with_ports_between_namespaces(work), Options(**OPTIONS), '*') == []


def test_a_bug_in_the_middle_of_a_group_takes_all_of_it_back(work, monkeypatch):
    before = work.content()

    def fails(*_):
        raise ValueError('a bug')
    monkeypatch.setattr(many, '_lease_group', fails)
    with pytest.raises(ValueError):
        work.wire_lines(THREE, atomic=True)
    assert work.journal() == ([], []) and work.folders() == [] and work.content() == before
    monkeypatch.undo()
    results, _ = work.wire_lines(THREE)  # no group is under way any more
    assert work.journal() == (['w1', 'w2', 'w3'], []) and len(results) == 3


@pytest.mark.parametrize('killed', [('w1',), ('w3',), ('w1', 'w2', 'w3')])
def test_after_a_signal_a_group_that_another_command_was_killed_removing_is_taken_back(work, monkeypatch, killed):
    before, session = work.content(), work.session
    signal_as_the_lock_is_let_go(session, monkeypatch, lambda: [session.journal.reopen(name) for name in killed])
    results, interrupted = work.wire_lines(THREE, atomic=True)
    assert interrupted.signum == 15 and [result.outcome for result in results] == [None] * 3
    assert work.journal() == ([], []) and work.folders() == [] and work.content() == before
    assert session.group is None


def test_after_a_signal_a_group_that_another_command_removed_is_not_told(work, monkeypatch):
    other = work.begin()
    work.session = work.begin()

    def remove():
        mine, work.session = work.session, other
        for name in ('w1', 'w2', 'w3'):
            work.unwire(name)
        work.session = mine
    signal_as_the_lock_is_let_go(work.session, monkeypatch, remove)
    results, interrupted = work.wire_lines(THREE, atomic=True)
    assert interrupted.signum == 15 and [result.outcome for result in results] == [None] * 3
    assert work.journal() == ([], []) and work.folders() == []


def test_a_client_that_cannot_be_looked_up_fails_its_wire_alone(work):
    record = work.wire(name='w').record
    record.ends[0].dhcp = True
    os.makedirs(dhcp.Client(work.session, 'w', 0).pid_file)  # it is there, and cannot be read
    failed = leasing.ask(work.session, [record], lambda *_: dhcp.Settings(''))
    assert list(failed) == ['w'] and isinstance(failed['w'], NetnsctlError) and 'cannot be read' in failed['w'].message
    assert work.state('w') == inventory.WHOLE
