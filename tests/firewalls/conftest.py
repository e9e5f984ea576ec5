"""Fixtures: hosts with firewalld and ufw."""
from __future__ import absolute_import, division, print_function

import pytest

from support.containers import Unavailable
from support.firewalls import FirewallHost
from support.lacking import lacking


@pytest.fixture
def firewall_host(run_netnsctl):
    """firewall_host(program) -> support.firewalls.FirewallHost, on which netnsctl uses that program."""
    made = []

    def make(program):
        try:
            made.append(FirewallHost(run_netnsctl, program))
        except Unavailable as error:
            lacking('firewalld', str(error))
        return made[-1]
    yield make
    for host in made:
        host.close()


@pytest.fixture(params=['nft-nftables', 'nft-iptables', 'iptables-nftables', 'iptables-iptables'])
def world(request, firewall_host):
    """One with firewalld running, for each program of ours and each FirewallBackend of its."""
    program, _, backend = request.param.partition('-')
    made = firewall_host(program)
    made.start(backend)
    return made
