"""Fixtures of the tests that play attackers: what a container, a user or a daemon can do to wires that are not theirs.

A test that is marked `thorough` takes long: it runs with NETNSCTL_TEST_EVERY set (make test-hostile), and not in
`make test-all`.
"""
from __future__ import absolute_import, division, print_function

import os

import pytest

from hostile.attackers import Attackers
from support.program import TOP


def pytest_configure(config):
    config.addinivalue_line('markers', 'thorough: takes long, and runs with NETNSCTL_TEST_EVERY set')


def pytest_collection_modifyitems(config, items):
    here = os.path.join(TOP, 'tests', 'hostile') + os.sep
    if os.environ.get('NETNSCTL_TEST_EVERY'):
        return
    left = set(item for item in items if str(item.fspath).startswith(here) and 'thorough' in item.keywords)
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


@pytest.fixture
def attackers():
    """hostile.attackers.Attackers: processes that attack from inside a namespace; all end with the test."""
    made = Attackers()
    yield made
    made.close()
