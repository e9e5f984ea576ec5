"""Who is on the network of a NIC answers the check of a wire with garbage, or says that it has everybody's address."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.inside import set_up
from support.process import must

NIC = 'nwg%d' % os.getpid()


@pytest.fixture
def router(netns):
    """A namespace with the other end of NIC."""
    name = netns('r')
    must(['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', 'r0', 'netns', name])
    must(['ip', 'link', 'set', 'dev', NIC, 'up'])
    set_up(name, 'r0')
    set_up(None, NIC)
    yield name
    must(['ip', 'link', 'del', 'dev', NIC])


def test_a_router_that_answers_with_garbage_is_no_gateway(run_netnsctl, netns, router, attackers):
    attackers.babble(router, 'r0')
    made = run_netnsctl('wire', '--name', router + '-w', netns('a') + ':m=10.1.1.2/24,gw=10.1.1.1', 'macvlan://' + NIC)
    # It answers ARP, and is there; no echo counts.
    assert (made.status, made.err) == (0, 'netnsctl: %s-w: the gateway 10.1.1.1 is there, but does not answer echoes\n'
                                       % router), made


@pytest.mark.parametrize('how', ['own', 'us', 'many'])
def test_one_that_claims_every_address_is_told_in_a_line(run_netnsctl, netns, router, attackers, how):
    attackers.claim(router, 'r0', how)
    words = ['--name', router + '-w', netns('a') + ':m=10.1.1.2/24', 'macvlan://' + NIC]
    if how == 'us':
        made = run_netnsctl('wire', *words)
        assert made.status == 0, made
    else:
        refused = run_netnsctl('wire', *words)
        assert refused.status == 4 and 'answers for it' in refused.err and len(refused.err) < 700, refused
        made = run_netnsctl('wire', '--force', *words)
        assert made.status == 5 and 'has the address 10.1.1.2 too' in made.err and len(made.err) < 700, made
