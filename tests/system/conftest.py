"""Fixtures that several system tests share."""
from __future__ import absolute_import, division, print_function

import pytest

from support.engine import Engine


@pytest.fixture
def pair(netns):
    """The names of two new namespaces."""
    return netns('a'), netns('b')


@pytest.fixture
def engine(tmpdir):
    """engine(reply) -> a support.engine.Engine; all end with the test."""
    made = []

    def start(reply):
        made.append(Engine(str(tmpdir.join('engine%d' % len(made))), reply))
        return made[-1]

    yield start
    for one in made:
        one.close()
