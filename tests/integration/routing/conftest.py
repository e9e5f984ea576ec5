"""Wires with routes that have attributes, and policy rules."""
from __future__ import absolute_import, division, print_function


import pytest

from support.routed import Routed


@pytest.fixture
def work(netns, tmpdir):
    made = Routed(str(tmpdir), (netns('a'), netns('b')))
    yield made
    for session in made.sessions:
        session.close()
