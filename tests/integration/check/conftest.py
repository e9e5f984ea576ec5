"""Namespaces with links, for checks."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.lab import Lab


@pytest.fixture
def lab():
    if os.getuid() != 0:
        pytest.skip('needs root')
    made = Lab()
    try:
        yield made
    finally:
        made.close()
