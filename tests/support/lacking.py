"""What this machine lacks skips a test, or fails it where the run was told to require it (NETNSCTL_TEST_REQUIRE)."""

from __future__ import absolute_import, division, print_function

import os

import pytest


def lacking(thing, reason):
    """Skips the test for something this machine lacks, or fails it where the run was told to require that."""
    if thing in os.environ.get('NETNSCTL_TEST_REQUIRE', '').split():
        pytest.fail('%s is required in this run: %s' % (thing, reason))
    pytest.skip('%s: %s' % (thing, reason))
