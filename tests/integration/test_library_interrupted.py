"""A call of the library that an exception out of a signal's handler ends leaves no wire, however late that comes."""
from __future__ import absolute_import, division, print_function

import os
import signal

import pytest

import netnsctl
from netnsctl import library
from netnsctl.errors import CheckFailedError
from netnsctl.execution import state
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires import wiring
from netnsctl.usecases.wires.session import Session
from support.inside import add_link, ip, links
from support.untouched import assert_untouched, own_state


class Late(Exception):
    """What a program's time limit raises."""


@pytest.fixture(params=[signal.SIGINT, signal.SIGALRM])
def interrupt(request, monkeypatch):
    """interrupt(owner, name, after): as that function is called, or after it, this process gets a signal, whose
    exception is returned: its class."""
    def late(_signum, _frame):
        raise Late()

    def arrange(owner, name, after=False):
        real, came = getattr(owner, name), []

        def call(*arguments):
            if after:
                real(*arguments)
            if not came:
                came.append(True)
                os.kill(os.getpid(), request.param)
            if not after:
                return real(*arguments)

        monkeypatch.setattr(owner, name, call)
        return Late if request.param == signal.SIGALRM else KeyboardInterrupt

    before = [(signum, signal.signal(signum, handler)) for signum, handler in (
        (signal.SIGALRM, late), (signal.SIGINT, signal.default_int_handler))]
    yield arrange
    for signum, handler in before:
        signal.signal(signum, handler)


@pytest.fixture
def ends(netns):
    """(a, 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')"""
    a, b = netns('a'), netns('b')
    return a, a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32'


def descriptors():
    """What this process has open: sorted list, without that of the look."""
    found = []
    for name in os.listdir('/proc/self/fd'):
        try:
            found.append(os.readlink('/proc/self/fd/' + name))
        except OSError:
            continue
    return sorted(found)


PLACES = [(wiring.Wiring, 'close', True), (state._Locked, '__exit__', True), (inventory, 'look', False),
          (library, 'Wire', False), (Session, 'close', False), (Session, 'close', True)]


@pytest.mark.parametrize('owner,name,after', PLACES)
def test_a_wire_that_the_caller_does_not_get_is_removed(interrupt, ends, owner, name, after):
    a, one, two = ends
    before, opened = own_state(), descriptors()
    kind = interrupt(owner, name, after)
    with pytest.raises(kind):
        netnsctl.wire(one, two, name=a + '.w', check=False)
    assert links(a) == {} and a + '.w' not in [wire.name for wire in netnsctl.wires()]
    assert_untouched(before)
    assert descriptors() == opened


def test_what_it_was_to_replace_comes_back(interrupt, ends):
    a, one, two = ends
    netnsctl.wire(one, two, name=a + '.w', check=False)
    kind = interrupt(inventory, 'look')
    with pytest.raises(kind):
        netnsctl.wire(one.replace('10.1.1.1', '10.1.1.9'), two, name=a + '.w', check=False, replace=True)
    wire, = netnsctl.wires(matching=a + '.w')
    assert wire.state == 'whole' and wire.ends[0]['addresses'] == ['10.1.1.1/32']
    assert netnsctl.unwire(wire)


def test_one_that_was_there_stays(interrupt, ends):
    a, one, two = ends
    netnsctl.wire(one, two, name=a + '.w', check=False)
    kind = interrupt(inventory, 'look')
    with pytest.raises(kind):
        netnsctl.wire(one, two, name=a + '.w', check=False)
    assert [wire.state for wire in netnsctl.wires(matching=a + '.w')] == ['whole'] and netnsctl.unwire(a + '.w')


def test_one_whose_check_failed_stays_and_is_told(ends):
    a, one, two = [text.replace('/32', '/24') for text in ends]
    other = two.split(':')[0]
    add_link(other, 'away')
    ip(other, 'route', 'add', '10.1.1.1/32', 'dev', 'away')
    with pytest.raises(CheckFailedError):
        netnsctl.wire(one, two, name=a + '.w')
    assert [wire.state for wire in netnsctl.wires(matching=a + '.w')] == ['whole'] and netnsctl.unwire(a + '.w')
