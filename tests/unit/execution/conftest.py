"""A state directory, and the journal in it."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.execution.journal import Journal
from netnsctl.execution.state import State


@pytest.fixture
def state(tmpdir):
    tmpdir.mkdir('run')
    return State(Host(root=str(tmpdir), environ={}))


@pytest.fixture
def journal(state):
    return Journal(state)
