"""Which bridges docker's networks have, from its list of containers; it may say anything."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.runtimes import listing


def test_the_bridge_of_a_network_is_called_after_its_number():
    assert listing._bridges({'NetworkSettings': {'Networks': {
        'bridge': {'NetworkID': 'f' * 64}, 'my app': {'NetworkID': '0123456789abcdef'}}}}) == {
            'docker0': 'bridge', 'br-0123456789ab': 'my app'}


@pytest.mark.parametrize('settings', [
    None, 7, [], {'Networks': 7}, {'Networks': ['x']}, {'Networks': {'x': 7}}, {'Networks': {'x': {}}},
    {'Networks': {'x': {'NetworkID': ''}}}, {'Networks': {'x': {'NetworkID': []}}}])
def test_anything_else_is_no_bridge(settings):
    assert listing._bridges({'NetworkSettings': settings}) == {} == listing._bridges({})


def test_a_name_stays_on_its_line():
    found = listing._bridges({'NetworkSettings': {'Networks': {'a\x1b[2J\nb': {'NetworkID': 'f' * 64}}}})
    assert not set(found['br-ffffffffffff']) & set('\x1b\n')
