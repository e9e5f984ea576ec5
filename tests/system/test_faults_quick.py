"""A few of the points of `make faults`, which tries them all and has more scenarios and kinds of faults."""

from __future__ import absolute_import, division, print_function

import pytest

from faults import run
from support import inject, process

QUICK = ('wire iproute', 'wire replace netlink', 'up netlink', 'config save', 'netns add')
# A limit or a helper that never answers takes long; they are left to `make faults`.
KINDS = ('kill', 'error', 'signal')


@pytest.fixture(scope='module')
def worlds():
    inject.available()
    if process.run([run.WORLD, 'true']).status != 0:
        pytest.skip('no namespaces for a world of its own here')


@pytest.mark.parametrize('name', QUICK)
def test_a_fault_leaves_nothing(worlds, name):
    harness = run.Harness(1, 1, KINDS)
    harness.add(harness.discover, name)
    harness.run()
    assert harness.report.left == [], harness.report.table()
    assert sum(row['survived'] + row['told'] for row in harness.report.rows.values()) >= 3, harness.report.table()
