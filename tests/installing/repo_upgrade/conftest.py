"""The host whose iproute is upgraded."""
from __future__ import absolute_import, division, print_function


import pytest


@pytest.fixture
def host(rpm_host):
    return rpm_host
