"""Waiting for what a test has set off."""
from __future__ import absolute_import, division, print_function

import time


def until(condition, seconds=60.0):
    """Waits until condition() gives something that is true. AssertionError if it does not."""
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline
        time.sleep(0.02)
