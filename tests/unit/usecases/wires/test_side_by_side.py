"""Lines that have nothing in common are worked on by several processes; whatever happens to one, all are told of."""
from __future__ import absolute_import, division, print_function

import os
import signal
import time

import pytest

from netnsctl.errors import ConflictError, Interrupted, KernelError
from netnsctl.execution import signals
from netnsctl.model import wires_file
from netnsctl.execution import crew
from netnsctl.edge.host import Host
from netnsctl.usecases.ends import common
from netnsctl.usecases.ends.resolving import Presence
from netnsctl.usecases.wires import side_by_side
from netnsctl.usecases.wires.wiring import Options
from support.watched import children_of


class CannotBeSent(object):
    def __reduce__(self):
        raise TypeError('cannot be sent')


class Session(object):
    """What side_by_side asks of one."""

    def __init__(self):
        self.notices, self.recovered, self.closed, self.untold = ['before'], 0, [], None
        self.presence = Presence(Host())

    def recover(self):
        self.recovered += 1

    def forget_found(self):
        self.forgotten = True

    def close(self):
        self.closed.append(os.getpid())


@pytest.fixture(autouse=True)
def processors(monkeypatch, tmpdir):
    """Two processors, one wire enough for each, and named namespaces a0 to a9, b0 to b9; b9 is a0 by another name."""
    monkeypatch.setattr(crew, 'processors', lambda: 2)
    monkeypatch.setattr(side_by_side, 'WIRES_EACH', 1)
    monkeypatch.setattr(common, 'NETNS_DIR', str(tmpdir))
    for number in range(10):
        for side in 'ab':
            if (side, number) != ('b', 9):
                tmpdir.join('%s%d' % (side, number)).write('')
    os.link(str(tmpdir.join('a0')), str(tmpdir.join('b9')))


@pytest.fixture(autouse=True)
def no_child_is_left():
    """Of those that the test starts; what is there for other tests stays."""
    before = children_of(os.getpid())
    yield
    assert set(children_of(os.getpid())) <= set(before)


def lines_of(*texts):
    return wires_file.parse('\n'.join(texts) + '\n', 'wires')[0]


def pairs(*numbers):
    return lines_of(*['netns://a%d=10.0.0.1/24 netns://b%d=10.0.0.2/24' % (number, number) for number in numbers])


def parts(lines, opens=lambda opening: False, **options):
    return side_by_side._parts(Session(), lines, Options(**options), opens)


def on_bridge(*numbers, **ends):
    return lines_of(*['netns://a%d=10.0.0.%d/24 %s' % (number, number + 1, ends.get('end', 'bridge://br0=10.0.0.254/24'))
                      for number in numbers])


def test_wires_that_share_nothing_are_shared_out():
    assert parts(pairs(0, 1, 2, 3, 4)) == [[0, 2, 4], [1, 3]]


@pytest.mark.parametrize('texts', [
    ['netns://a1=10.0.0.1/24 netns://b1', 'netns://a2 netns://a1=10.0.0.1/24'],
    ['netns://a0=10.0.0.1/24 netns://b1', 'netns://b9=10.0.0.1/24 netns://b2'],
    ['netns://a1=10.0.0.1/24 netns://b1 --name x', 'netns://a2=10.0.0.1/24 netns://b2 --name x'],
    ['netns://a1=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2 --name a1-b1'],
    ['netns://a1=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2', 'netns://b2 netns://a1=10.0.0.3/24'],
    ['netns://nobody=10.0.0.1/24 netns://b1', 'netns://nobody=10.0.0.2/24 netns://b2'],
    ['netns://a1 bridge://br0=10.0.0.1/24', 'netns://a2 bridge://br0=10.0.1.1/24'],
    ['netns://a1=10.0.0.2/24 bridge://br0=10.0.0.1/24', 'netns://a2=10.0.0.1/24 bridge://br1'],
    ['netns://a1=10.0.0.2/24 bridge://br0=10.0.0.1/24', 'netns://a2=10.0.0.3/24 bridge://br1=10.0.0.4/24'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.0.3/24 host:y=10.0.0.4/24'],
    ['netns://a1=10.0.0.2/32 host:x=10.0.0.1/32', 'netns://a2=10.0.0.2/32 host:y=10.0.0.3/32'],
    ['netns://a1=10.0.0.2/24 host:x', 'netns://a2=10.0.1.2/24 host:x'],
    ['netns://a1=10.0.0.2/24 host:x', 'netns://a2=10.0.1.2/24 bridge://x'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24,route=10.9.0.0/16@10.0.0.2', 'netns://a2=10.0.1.2/24 host:y'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.1.2/24 macvlan://x'],
    ['netns://a1=10.0.0.2/24 macvlan://nic', 'netns://a2=10.0.1.2/24 ipvlan://nic'],
    ['netns://a1=10.0.0.2/24 vxlan://7=remote=192.0.2.1', 'netns://a2=10.0.1.2/24 vxlan://7=remote=192.0.2.2'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.1.2/24 vxlan://7=remote=10.0.0.9'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.1.2/24 vxlan://7=remote=192.0.2.1,dev=x'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.1.2/24 vxlan://7=remote=192.0.2.1,local=10.0.0.1'],
    ['bridge://br0 vxlan://7=remote=192.0.2.1', 'netns://a1=10.0.0.2/24 bridge://br0'],
    ['netns://a1=10.0.0.2/24 phys://nic1', 'netns://a2=10.0.1.2/24 phys://nic2'],
    ['netns://a1=10.0.0.2/24,publish=80:80 bridge://br0=10.0.0.1/24',
     'netns://a2=10.0.1.2/24,publish=81:80 bridge://br1=10.0.1.1/24'],
])
def test_wires_that_share_a_namespace_or_a_name_stay_together(texts):
    lines = lines_of(*texts)
    assert parts(lines) == [list(range(len(lines)))]
    assert [len(part) for part in parts(lines + pairs(5))] == [len(lines), 1]


@pytest.mark.parametrize('texts,options', [
    (['netns://a1 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {}),
    (['host:x netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {}),
    (['netns://a1=dhcp bridge://br0', 'netns://a2=10.0.0.1/24 netns://b2'], {}),
    (['docker://a1=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {}),
    (['path:///nobody=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {}),
    (['netns://a1=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {'save': True}),
    (['netns://a1=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'], {'replace': True}),
])
def test_where_it_cannot_be_told_all_stay_together(texts, options):
    assert parts(lines_of(*texts), **options) == [[0, 1]]


@pytest.mark.parametrize('texts', [
    ['netns://nobody=10.0.0.1/24 netns://b1', 'netns://a2=10.0.0.1/24 netns://b2'],
    ['netns://a1 bridge://br0', 'netns://a2=10.0.0.1/24 netns://b2'],
    ['netns://a1=10.0.0.2/24 bridge://br0=10.0.0.1/24', 'netns://a2=10.0.0.1/24 netns://b2'],
    ['netns://a1=10.0.0.2/24 bridge://br0', 'netns://a2=10.0.0.2/24 bridge://br1'],
    ['netns://a1=10.0.0.2/24 bridge://br0=10.0.0.1/24', 'netns://a2=10.0.1.2/24 bridge://br1=10.0.1.1/24'],
    ['netns://a1=10.0.0.2/24 host:x=10.0.0.1/24', 'netns://a2=10.0.1.2/24 host:y=10.0.1.1/24'],
    ['netns://a1=10.0.0.2/24 host=10.0.0.1/24', 'netns://a2=10.0.1.2/24 bridge://br0=10.0.1.1/24'],
    ['netns://a1=10.0.0.2/24 macvlan://nic1', 'netns://a2=10.0.0.2/24 macvlan://nic2'],
    ['netns://a1=10.0.0.2/24 vxlan://7=remote=192.0.2.1', 'netns://a2=10.0.0.2/24 vxlan://8=remote=192.0.2.1'],
    ['netns://a1=10.0.0.2/24 vxlan://7=remote=192.0.2.1', 'netns://a2=10.0.0.2/24 vxlan://7=remote=192.0.2.1,port=99'],
    ['netns://a1=10.0.0.2/24 dummy://', 'netns://a2=10.0.0.2/24 dummy://'],
])
def test_wires_to_the_host_that_share_nothing_there_are_shared_out(texts):
    assert parts(lines_of(*texts)) == [[0], [1]]


@pytest.mark.parametrize('end', ['bridge://br0', 'bridge://br0=10.0.0.254/24', 'bridge://br0=10.0.0.254/24,fd00::1/64'])
def test_wires_that_share_a_bridge_alone_are_shared_out_once_its_first_wire_is_made(end):
    opened = []
    lines = on_bridge(1, 2, 3, 4, 5, end=end)
    assert parts(lines, lambda opening: opened.append((opening.bridge, opening.first)) or True) == [[1, 3], [2, 4]]
    assert opened == [('br0', 0)]
    # One whose first wire cannot be made has no more than the rest in one process.
    assert parts(lines) == [[1, 2, 3, 4]]


@pytest.mark.parametrize('text', [
    'netns://a6=10.0.0.7/24 bridge://br0=10.0.0.253/24', 'netns://a6=10.0.0.7/24 bridge://br0=10.0.0.254/24,tag=7',
    'netns://a6=10.0.0.7/24 bridge://br0=10.0.0.254/24 --mtu 1400', 'netns://a6=10.9.0.7/24 bridge://br1=10.0.0.253/24',
    'netns://a6=10.9.0.7/24,mtu=1400 bridge://br0=10.0.0.254/24', 'netns://a6=10.9.0.7/24 host:br0',
    'netns://a6=10.9.0.7/24 host:x=10.0.0.9/24',
    'bridge://br0=10.0.0.254/24 vxlan://7=remote=192.0.2.1',
])
def test_a_wire_that_wants_more_of_a_bridge_keeps_all_of_them_together(text):
    lines = on_bridge(1, 2, 3, 4) + lines_of(text)
    opened = []
    found = parts(lines, lambda opening: opened.append(opening) or True)
    assert opened == [] and found[0][:4] == [0, 1, 2, 3]


def test_what_must_come_before_the_first_wire_to_a_bridge_keeps_them_together():
    lines = lines_of('netns://a1=10.0.0.1/24 netns://b1') + on_bridge(1, 2, 3, 4)
    assert parts(lines, lambda opening: True) == [[0, 1, 2, 3, 4]]


def test_two_ends_that_want_one_address_on_a_bridge_stay_in_their_order():
    lines = on_bridge(1, 2, 3, 4, 5) + lines_of('netns://b6=10.0.0.5/24 bridge://br0=10.0.0.254/24')
    assert parts(lines, lambda opening: True) == [[3, 4, 5], [1, 2]]


def test_without_a_second_processor_or_with_few_wires_all_stay_together(monkeypatch):
    monkeypatch.setattr(side_by_side, 'WIRES_EACH', 3)
    assert parts(pairs(0, 1, 2, 3, 4)) == [[0, 1, 2, 3, 4]]
    monkeypatch.undo()
    monkeypatch.setattr(crew, 'processors', lambda: 1)
    monkeypatch.setattr(side_by_side, 'WIRES_EACH', 1)
    assert parts(pairs(0, 1)) == [[0, 1]]


def each(session, lines, wire_line, settle=None):
    found, interrupted = side_by_side.each(session, lines, Options(), wire_line, settle)
    return [(lines.index(line), what) for line, what in found], interrupted


def test_all_come_back_in_order_from_two_processes(handled):
    session = Session()
    found, interrupted = each(session, pairs(*range(10)), lambda line: (line.number, os.getpid()))
    assert interrupted is None
    assert [(place, what[0]) for place, what in found] == [(place, place + 1) for place in range(10)]
    assert len(set(pid for _, (_, pid) in found)) == 2 and session.closed == []


def test_errors_and_notices_come_back_as_they_were(handled):
    session = Session()

    def wire_line(line):
        session.notices.append('of %d' % line.number)
        return KernelError('x: no', 17, 'words') if line.number == 1 else ConflictError('y', hint='z')

    found, _ = each(session, pairs(0, 1, 2, 3), wire_line)
    first, second = found[0][1], found[1][1]
    assert (first.message, first.errno, first.words, first.exit_code, str(first)) == ('x: no', 17, 'words', 1, 'x: no')
    assert (second.message, second.hint, second.exit_code, type(second)) == ('y', 'z', 4, ConflictError)
    assert sorted(session.notices) == ['before', 'of 1', 'of 2', 'of 3', 'of 4']


@pytest.mark.parametrize('how,why', [
    ('killed', 'it was killed by signal 9'), ('raises', 'ValueError: a mistake'), ('unpicklable', 'cannot')])
def test_what_a_lost_worker_had_is_done_after_what_it_began_is_rolled_back(handled, monkeypatch, how, why):
    monkeypatch.setattr('netnsctl.usecases.wires.transaction.recover', Session.recover)
    session, here = Session(), os.getpid()

    def wire_line(line):
        if os.getpid() != here:
            if how == 'killed':
                os.kill(os.getpid(), signal.SIGKILL)
            if how == 'raises':
                raise ValueError('a mistake')
            return CannotBeSent()
        return session.recovered

    found, interrupted = each(session, pairs(*range(4)), wire_line)
    assert (found, interrupted, session.recovered) == ([(0, 0), (1, 1), (2, 0), (3, 1)], None, 1)
    assert session.forgotten
    told = session.notices[1:]
    assert len(told) == 1 and 'worked on 2 of the wires' in told[0] and why in told[0]


def test_a_mistake_in_this_process_ends_the_workers_too(handled, tmpdir):
    here = os.getpid()

    def wire_line(line):
        if os.getpid() == here:
            raise ValueError('a mistake')
        tmpdir.join('worker').write(str(os.getpid()))
        time.sleep(30)

    with pytest.raises(ValueError):
        each(Session(), pairs(*range(4)), wire_line)


@pytest.mark.parametrize('signum', signals.HANDLED)
@pytest.mark.parametrize('when', ['while this process works', 'while it waits'])
def test_a_signal_ends_all_with_what_is_whole(handled, tmpdir, when, signum):
    here = os.getpid()

    def wire_line(line):
        if line.number <= 2:
            return os.getpid()
        is_here = os.getpid() == here
        tmpdir.join('here' if is_here else 'there').write('')
        while not tmpdir.join('there' if is_here else 'here').check():
            time.sleep(0.005)  # until both are at their second line
        if is_here == (when == 'while this process works'):
            os.kill(here, signum)
        elif is_here:
            return here
        time.sleep(30)

    found, interrupted = each(Session(), pairs(*range(4)), wire_line)
    assert isinstance(interrupted, Interrupted) and interrupted.signum == signum
    # (The third may be done before the signal comes.)
    assert [place for place, _ in found] in ([0, 1], [0, 1, 2])


def test_a_signal_to_one_worker_ends_it_early_and_is_told(handled):
    here = os.getpid()

    def wire_line(line):
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGTERM)
        return 'done'

    found, interrupted = each(Session(), pairs(*range(4)), wire_line)
    assert [place for place, _ in found] == [0, 2] and interrupted.signum == signal.SIGTERM


@pytest.mark.parametrize('became', ['told', None])
def test_a_wire_that_is_committed_as_a_signal_comes_is_settled_in_its_process(handled, became):
    session = Session()

    def wire_line(line):
        session.untold = line.number
        if line.number > 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return 'done'

    # The first two are done, in one process each, the next two interrupted.
    found, interrupted = each(session, pairs(*range(4)), wire_line, lambda line: became and (became, session.untold))
    assert interrupted.signum == signal.SIGTERM
    assert found == [(0, 'done'), (1, 'done')] + ([(2, ('told', 3)), (3, ('told', 4))] if became else [])


def test_what_was_told_or_never_committed_is_not_settled(handled, monkeypatch):
    monkeypatch.setattr(crew, 'processors', lambda: 1)
    session = Session()

    def wire_line(line):
        if line.number == 2:
            os.kill(os.getpid(), signal.SIGTERM)  # before its commit
        session.untold = line.number
        return 'done'

    def settle(line):
        raise ValueError('a mistake')
    assert each(session, pairs(0, 1), wire_line, settle)[0] == [(0, 'done')]


def test_what_cannot_be_settled_is_reported(handled, monkeypatch):
    monkeypatch.setattr(crew, 'processors', lambda: 1)
    session = Session()

    def wire_line(line):
        session.untold = line.number
        os.kill(os.getpid(), signal.SIGTERM)

    def settle(line):
        raise KernelError('it is still there', 16)
    found, interrupted = each(session, pairs(0, 1), wire_line, settle)
    assert (found, interrupted.signum, session.notices) == ([], signal.SIGTERM, ['before', 'it is still there'])


def test_where_there_can_be_no_process_this_one_does_all(handled, monkeypatch):
    def fork():
        raise OSError(11, 'Resource temporarily unavailable')

    before = len(os.listdir('/proc/self/fd'))
    monkeypatch.setattr(os, 'fork', fork)
    found, _ = each(Session(), pairs(*range(4)), lambda line: line.number)
    assert found == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert len(os.listdir('/proc/self/fd')) == before


@pytest.mark.parametrize('how', ['well', 'killed', 'raises'])
def test_what_is_looked_at_by_several_is_all_looked_at(handled, how):
    here = os.getpid()

    def look(part):
        if os.getpid() != here and how == 'killed':
            os.kill(os.getpid(), signal.SIGKILL)
        if os.getpid() != here and how == 'raises':
            raise ValueError('a mistake')
        return part, os.getpid()

    found = crew.look(look, list(range(10)), 5)
    assert sorted(thing for part, _ in found for thing in part) == list(range(10))
    assert len(set(pid for _, pid in found)) == (2 if how == 'well' else 1)
    assert crew.look(look, list(range(9)), 5) == [(list(range(9)), here)]


@pytest.mark.parametrize('signum', signals.HANDLED)
def test_a_signal_ends_looking_at_once(handled, signum):
    here = os.getpid()

    def look(_):
        if os.getpid() == here:
            os.kill(here, signum)
        time.sleep(30)

    with pytest.raises(Interrupted) as caught:
        crew.look(look, list(range(10)), 5)
    assert caught.value.signum == signum
