"""Fixtures of the tests that play attackers: what a container, a user or a daemon can do to wires that are not
theirs."""
from __future__ import absolute_import, division, print_function

import pytest

from hostile.attackers import Attackers
from support.far import far  # noqa: F401
from support.uplink_host import world  # noqa: F401


@pytest.fixture
def attackers():
    """hostile.attackers.Attackers: processes that attack from inside a namespace; all end with the test."""
    made = Attackers()
    yield made
    made.close()
