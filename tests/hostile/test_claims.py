"""A container on a bridge answers ARP for addresses that are not its own: it keeps nobody else from them."""
from __future__ import absolute_import, division, print_function

import pytest

from support.process import must


@pytest.fixture
def bridge(netns):
    """The name of a new bridge of the host."""
    name = 'br' + netns('x')[-8:].replace('-', '')
    must(['ip', 'link', 'add', name, 'type', 'bridge'])
    must(['ip', 'link', 'set', name, 'up'])
    yield name
    must(['ip', 'link', 'delete', name])


@pytest.mark.parametrize('how', ['own', 'us', 'many'])
def test_invented_mac_addresses_keep_nobody_from_an_address(run_netnsctl, netns, bridge, attackers, how):
    evil, mine = netns('evil'), netns('b')
    made = run_netnsctl('wire', evil + ':e0=10.234.0.2/24', 'bridge://' + bridge)
    assert made.status == 0, made
    attackers.claim(evil, 'e0', how)
    made = run_netnsctl('wire', '--no-check', mine + ':m0=10.234.0.5/24', 'bridge://' + bridge)
    assert made.status == 0, made
    assert how == 'us' or 'answers for 10.234.0.5 too' in made.err, made
    assert len(made.err) < 1000
