"""Fixtures of the tests that play attackers: what a container, a user or a daemon can do to wires that are not
theirs."""
from __future__ import absolute_import, division, print_function

import pytest

from hostile.attackers import Attackers
from system.conftest import far  # noqa: F401 # a fixture


@pytest.fixture
def attackers():
    """hostile.attackers.Attackers: processes that attack from inside a namespace; all end with the test."""
    made = Attackers()
    yield made
    made.close()
