"""A wire that is there already: the same, one that differs, one that is replaced, routes that are displaced."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.errors import ConflictError, Interrupted, KernelError, NetnsctlError, UndoError, UsageError
from netnsctl.model import endpoint, plan as planning
from netnsctl.usecases.recorded import inventory, records
from netnsctl.usecases.wires.wiring import Options, Wiring, wire
from support.inside import set_up
from support.process import must
from support.work import BACKENDS


@pytest.mark.parametrize('option', [{'a': ':A=10.1.1.9/32'}, {'a': ':A=10.1.1.1/32,mtu=1400'}, {'b': ':C=10.1.1.2/32'}])
def test_a_wire_that_differs_is_refused_and_changes_nothing(work, option):
    work.wire(name='w')
    work.settle()
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
    monkeypatch.setattr('netnsctl.usecases.recorded.records.make_record', fails)
    with pytest.raises(KernelError):
        work.wire(':A=10.1.1.1/32', ':B=10.1.1.9/32', name='w', replace=True)
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE
    assert work.session.journal.load('w').ends[1].addresses == ['10.1.1.2/32']


@pytest.mark.parametrize('place, call, number', [
    (records, 'close_all', 1), (Wiring, 'namespaces', 2), (records, 'make_record', 1)])
@pytest.mark.parametrize('new', ['w', 'v'])
def test_a_signal_once_the_old_wire_is_removed_leaves_it_or_the_new_one(work, monkeypatch, place, call, number, new):
    """Right after that call: as the namespaces of the old one are closed, before the journal has the new one, ..."""
    work.wire(name='w')
    real, calls = getattr(place, call), []

    def interrupted(*arguments, **keywords):
        found = real(*arguments, **keywords)
        calls.append(arguments)
        if len(calls) == number:
            raise Interrupted(15)
        return found
    monkeypatch.setattr(place, call, interrupted)
    with pytest.raises(Interrupted):
        if new == 'w':
            work.wire(name='w', a=':A=10.1.1.7/32', replace=True)
        else:
            known_as_another_name(work, new)
    monkeypatch.undo()
    (name,), begun = work.journal()
    assert begun == [] and work.state(name) == inventory.WHOLE and len(calls) >= number
    assert name == ('w' if call != 'close_all' else new) and work.recover() == []


def known_as_another_name(work, name):
    """Replaces the wire w as `up` does one whose name in the tree is another one."""
    session = work.session
    ends = [endpoint.parse('netns://' + text) for text in (work.a + ':A=10.1.1.7/32', work.b + ':B=10.1.1.2/32')]
    wiring = Wiring(session, ends[0], ends[1], Options(name, backend='netlink', check=False, replace=True),
                    known=session.journal.load('w'))
    try:
        wiring.resolve()
        with session.locked():
            wire(session, wiring)
    finally:
        wiring.close()


def test_a_replacement_that_cannot_be_taken_back_keeps_its_undo_list(work, monkeypatch):
    work.wire(name='w')
    work.fail(3, KernelError('injected', 5), number=2)

    def fails(*_):
        raise UndoError('roll back w: no')
    monkeypatch.setattr('netnsctl.usecases.wires.transaction.roll_back', fails)
    with pytest.raises(UndoError):
        work.wire(name='w', a=':A=10.1.1.7/32', replace=True)
    monkeypatch.undo()
    assert work.session.journal.load('w', pending=True).undo_operations()
    work.recover()
    assert work.journal() == (['w'], []) and work.state('w') == inventory.WHOLE


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
    must(['ip', '-n', work.a, 'link', 'add', 'x', 'type', 'veth', 'peer', 'name', 'y'])
    set_up(work.a, 'x', 'y')
    for words in ('address add 10.5.0.1/24 dev x', 'route add 10.1.1.2 dev x'):
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


def test_a_wire_that_comes_back_after_a_kill_is_told_by_its_own_name(work):
    old = work.wire(name='w').record
    work.session.journal.begin(old.with_changes(name='v', id='0' * 16, undo=[], replaces=old))
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
