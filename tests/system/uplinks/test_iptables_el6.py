"""nat and published ports with the iptables of CentOS 6.5: no -C, no -w, no nft, no NAT of IPv6."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.program import TOP
from support.uplink_host import UplinkHost

FOLDER = os.path.join(TOP, 'tests', 'standins', 'iptables-1.4.7')
TOOLS = 'mkdir /mnt/bin; for p in ip sh sed cat iptables-legacy-save iptables-legacy-restore modprobe; do ' \
        'ln -s "$(command -v $p)" /mnt/bin/ || true; done'


@pytest.fixture
def world(run_netnsctl):
    made = UplinkHost(run_netnsctl, 'auto')
    made.sh(TOOLS)
    yield made
    made.close()


def test_wires_come_and_go_and_leave_the_rules_of_others(world):
    old = {'only_path': FOLDER + ':/mnt/bin'}
    world.sh('iptables-legacy -t nat -A POSTROUTING -s 10.9.0.0/24 -m comment --comment "of mine" -j MASQUERADE; '
             'iptables-legacy -t raw -S')
    before = world.rules()
    one = world('wire', '--name', 'one', 'web:eth0=10.0.0.2/24,fd00::2/64,publish=8080:80,localhost',
                'bridge://br0=10.0.0.1/24,fd00::1/64,nat', **old)
    assert (one.status, 'IPv6 is not translated: there is no ip6tables-restore' in one.err) == (0, True), one
    two = world('wire', '--name', 'two', 'db:eth0=10.0.0.3/24,publish=8081:80', 'bridge://br0=10.0.0.1/24,nat', **old)
    assert two.status == 0, two
    world.serve('web', 80)
    world.serve('db', 80)
    assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    assert world.ask('out', '192.0.2.1', 8081) == 'db 192.0.2.9'
    assert world('ls', **old).out.count('whole') == 2
    again = world('wire', '--name', 'two', 'db:eth0=10.0.0.3/24,publish=8081:80', 'bridge://br0=10.0.0.1/24,nat', **old)
    assert again.out.startswith('already wired'), again
    assert world('unwire', 'one', **old).status == 0
    assert world.ask('out', '192.0.2.1', 8081) == 'db 192.0.2.9'
    assert world('unwire', 'two', **old).status == 0
    assert world.rules() == before


def test_a_chain_of_somebody_elses_is_refused_and_no_nft_named_that_is_not_there(world):
    world.sh('iptables-legacy -t nat -N NETNSCTL-PRE; iptables-legacy -t nat -A NETNSCTL-PRE -p tcp -j RETURN')
    words = ['wire', 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat']
    refused = world(*words, only_path=FOLDER + ':/mnt/bin')
    assert refused.status == 4 and 'NETNSCTL-PRE in table nat that netnsctl did not make' in refused.err, refused
    assert 'Rename or remove it.' in refused.err and 'firewall =' not in refused.err, refused
    world.sh('iptables-legacy -t nat -F NETNSCTL-PRE; iptables-legacy -t nat -X NETNSCTL-PRE')
