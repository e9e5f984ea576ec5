"""Some of the points of `make faults`, spread over all of its scenarios; it tries every one of them."""

from __future__ import absolute_import, division, print_function

import pytest

from faults import run
from faults.scenarios import SCENARIOS
from support import inject, process

# Of each way and kind of fault. Those that wait for a helper that never answers are left to `make faults`.
POINTS = 1
QUICK = ('wire netlink', 'wire iproute', 'wire bridge netlink', 'wire replace iproute', 'wire file atomic netlink',
         'up netlink', 'config save', 'netns add', 'shim enable')


@pytest.fixture(scope='module')
def worlds():
    inject.available()
    if process.run([run.WORLD, 'true']).status != 0:
        pytest.skip('no namespaces for a world of its own here')


@pytest.mark.parametrize('name', QUICK)
def test_a_fault_leaves_nothing(worlds, name):
    assert name in SCENARIOS
    harness = run.Harness(1, POINTS)
    harness.add(harness.discover, name)
    harness.run()
    assert harness.report.left == [], harness.report.table()
    assert sum(row['survived'] + row['told'] for row in harness.report.rows.values()) >= 5, harness.report.table()
