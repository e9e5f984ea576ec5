"""The state oracle sees what netnsctl may change."""
from __future__ import absolute_import, division, print_function

import pytest

from support.process import must
from support.snapshot import nothing_left as look_for

CHANGES = [
    ('link add dev {a} type veth peer name {a}y', 'link delete dev {a}'),
    ('-n {n} link set dev lo mtu 1400', '-n {n} link set dev lo mtu 65536'),
    ('-n {n} address add 192.0.2.1/32 dev lo', '-n {n} address delete 192.0.2.1/32 dev lo'),
    ('-n {n} route add blackhole 192.0.2.9', '-n {n} route delete blackhole 192.0.2.9'),
    ('netns add {a}', 'netns delete {a}'),
]


@pytest.mark.parametrize('change,undo', CHANGES)
def test_a_change_differs_and_its_undo_does_not(netns, snapshot, nothing_left, change, undo):
    name = netns()
    # An interface name has at most 15 bytes.
    other = 'x' + name[-13:]
    before = snapshot()
    must(['ip'] + change.format(n=name, a=other).split())
    try:
        with pytest.raises(AssertionError) as caught:
            look_for(before, seconds=0)
        assert '\n+' in str(caught.value)
    finally:
        must(['ip'] + undo.format(n=name, a=other).split())
    nothing_left(before)
