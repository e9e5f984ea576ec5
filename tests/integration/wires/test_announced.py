"""Who is told which addresses on a bridge have moved."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.packets import claims

BR, OTHER = 'b%d' % os.getpid(), 'c%d' % os.getpid()


class Announcer(object):
    """In the place of a socket: what was told, and where."""

    def __init__(self):
        self.told = []

    def tell(self, dev, addresses, mac=None):
        self.told += [(dev, address) for address in addresses]

    def close(self):
        """Nothing is open."""


@pytest.fixture
def announced(monkeypatch):
    announcer = Announcer()
    monkeypatch.setattr(claims, 'Announcer', lambda _: announcer)
    return announcer.told


def make(work, *lines):
    results, interrupted = work.wire_lines('\n'.join(lines) % {'br': BR, 'other': OTHER})
    assert interrupted is None and [item.error for item in results] == [None] * len(lines)
    return [item.outcome.record.name for item in results]


def test_on_a_bridge_that_the_same_file_has_made_nobody_is_told(work, announced):
    names = make(work, 'A:x=10.9.0.1/24 bridge://%(br)s', 'B:x=10.9.0.2/24 bridge://%(br)s=10.9.0.254/24')
    assert announced == []
    work.begin()
    names += make(work, 'A:y=10.9.0.3/24 bridge://%(br)s')
    assert announced == [(BR, '10.9.0.3')]
    # Neither by the session that has made it, once the file is done.
    names += make(work, 'B:y=10.9.0.4/24 bridge://%(br)s')
    assert announced[1:] == [(BR, '10.9.0.4')]
    assert all([work.unwire(name) for name in names])


def test_on_one_that_was_joined_to_another_bridge_those_behind_that_are_told(work, announced):
    names = make(work, 'A:x=10.9.0.1/24 bridge://%(br)s')
    names += make(work, 'B:x=10.9.1.2/24 bridge://%(other)s', 'bridge://%(other)s bridge://%(br)s',
                  'B:y=10.9.0.3/24 bridge://%(other)s')
    assert announced == [(OTHER, '10.9.0.3')]
    assert all([work.unwire(name) for name in names])
