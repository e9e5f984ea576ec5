"""nat, published ports and --open beside ufw itself."""
from __future__ import absolute_import, division, print_function

import json

import pytest

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat'

RELOAD, AGAIN = 'ufw reload >/dev/null', 'ufw --force disable >/dev/null; ufw --force enable >/dev/null'


@pytest.mark.parametrize('program', ['nft', 'iptables'])
def test_its_forward_policy_is_passed_and_its_rules_stay_through_its_reload(firewall_host, program):
    world = firewall_host(program)
    world.sh('ufw --force enable >/dev/null; %s; %s' % (RELOAD, AGAIN))  # it adds rules of its own then
    before = world.sh('iptables-save; ip6tables-save')
    plain = world('wire', '--name', 'w', WEB, BRIDGE)
    assert plain.status == 0, plain
    seen = world('check', 'w')
    assert (seen.status, 'is dropped by chain FORWARD of iptables' in seen.out) == (5, True), seen
    assert world('unwire', 'w').status == 0
    made = world('wire', '--open', '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    world.serve('web', 80)
    for command in ('true', RELOAD, AGAIN):
        world.sh(command)
        assert world('up', '--firewall').status == 0
        assert world('check', 'w', '--to', '192.0.2.9').status == 0, command
        assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
        assert json.loads(world('ls', '--json').out)['wires'][0]['state'] == 'whole'
    assert world('unwire', 'w').status == 0
    after = world.sh('iptables-save; ip6tables-save')
    assert rules_of(after) == rules_of(before)


def rules_of(saved):
    """Without counters and dates."""
    return [line.partition('[')[0] for line in saved.splitlines() if line.startswith((':', '*', '-'))]
