"""Fixtures: a host with an outside, for each program that translates addresses."""
from __future__ import absolute_import, division, print_function

import pytest

from support.uplink_host import UplinkHost


@pytest.fixture(params=['nft', 'iptables'])
def world(request, run_netnsctl):
    """support.uplink_host.UplinkHost."""
    made = UplinkHost(run_netnsctl, request.param)
    yield made
    made.close()
