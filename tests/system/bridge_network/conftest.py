"""A bridge, and stations on it."""
from __future__ import absolute_import, division, print_function


import pytest

from support.inside import ip
from support.bridge_network import BRIDGE, link


@pytest.fixture
def bridge():
    """bridge(*words) -> the name of a bridge of the host, made with words of `ip link add`; removed afterwards."""
    def make(*words):
        ip(None, 'link', 'add', BRIDGE, *(list(words) + ['type', 'bridge']))
        ip(None, 'link', 'set', BRIDGE, 'up')
        return BRIDGE
    yield make
    if link(None, BRIDGE):
        ip(None, 'link', 'delete', BRIDGE)
