"""A short folder for sockets, whose paths are limited to 107 bytes."""
from __future__ import absolute_import, division, print_function

import shutil
import tempfile

import pytest

from netnsctl.edge.events import sources
from support.fake_events import Clock


@pytest.fixture
def short():
    """A folder with a short name: a socket's path has 107 bytes at most."""
    folder = tempfile.mkdtemp(prefix='nw', dir='/tmp')
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(sources, 'monotonic', made)
    return made
