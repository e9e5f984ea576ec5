"""Wires made through the use cases."""
from __future__ import absolute_import, division, print_function


import pytest

from support.work import Work


@pytest.fixture
def work(netns, tmpdir):
    made = Work(str(tmpdir), (netns('a'), netns('b')))
    yield made
    for session in made.sessions:
        session.close()
