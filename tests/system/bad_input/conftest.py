"""Namespaces that nothing may change, and a program that must refuse."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.bad_input import A


@pytest.fixture(scope='module', autouse=True)
def namespaces():
    """Two namespaces for the whole file: nothing here may change them."""
    if os.geteuid() != 0:
        yield
        return
    for name in (A, A + '2'):
        process.must(['ip', 'netns', 'add', name])
    yield
    for name in (A, A + '2'):
        process.must(['ip', 'netns', 'delete', name])
