"""The doctor's checks of forwarding, rp_filter and the FORWARD chains: real wires, sysctls and firewalls."""
from __future__ import absolute_import, division, print_function

import pytest

from support import process


def lacks(*argv):
    try:
        return process.run(list(argv)).status != 0
    except OSError:
        return True


@pytest.fixture
def host(world):
    """A throwaway host with a namespace `far` behind an uplink `up0`, and one, `a`, that is wired to it as gateway."""
    world.sh('ip netns add a; ip netns add far; ip link add up0 type veth peer name eth0 netns far; '
             'ip address add 192.0.2.1/24 dev up0; ip link set up0 up; ip route add default via 192.0.2.2; '
             'ip netns exec far sh -euc "ip address add 192.0.2.2/24 dev eth0; ip link set eth0 up; '
             'ip route add default via 192.0.2.1"; sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 '
             'net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0')
    world.netnsctl('wire', '--name', 'w', 'a=10.5.5.2/24,gw=10.5.5.1', 'host:to-a=10.5.5.1/24')
    return world


def echo(world, address):
    """Does one from `a` come back?"""
    words = ['ip', 'netns', 'exec', 'a', 'busybox', 'ping', '-c', '1', '-W', '1', address]
    return process.run(world.aside.prefix + words).status == 0


needs_ping = pytest.mark.skipif(lacks('busybox', 'true'), reason='busybox is not installed')


# Forwarding

@needs_ping
def test_a_host_that_is_a_gateway_and_does_not_forward_is_an_advice_and_the_pasted_commands_mend_it(host):
    assert not echo(host, '192.0.2.2')
    finding = host.doctor('forwarding')
    assert (finding['status'], finding['text']) == ('warn', 'the host is the gateway of w and does not forward IPv4')
    host.paste(finding)
    assert host.doctor('forwarding')['status'] == 'ok'
    assert echo(host, '192.0.2.2')


def test_a_host_that_is_nobodys_gateway_need_not_forward(host):
    host.netnsctl('unwire', 'w')
    host.netnsctl('wire', 'a=10.5.5.2/24', 'host:to-a=10.5.5.1/24')
    assert host.doctor('forwarding')['status'] == 'ok'


def test_a_gateway_that_is_another_address_of_the_hosts_is_one_too(host):
    host.netnsctl('unwire', 'w')
    host.sh('ip link add br0 type bridge; ip address add 10.7.7.1/24 dev br0; ip link set br0 up')
    host.netnsctl('wire', '--name', 'v', 'a=10.7.7.2/24,gw=10.7.7.1', 'bridge://br0')
    finding = host.doctor('forwarding')
    assert finding['status'] == 'warn' and 'the gateway of v' in finding['text']


# rp_filter

@needs_ping
def test_a_wire_whose_way_back_is_another_is_an_advice_where_rp_filter_is_strict(host):
    assert host.doctor('rp-filter')['status'] == 'ok'
    # What leads back to `a` is broken: more narrow than the wire's own route.
    host.sh('sysctl -qw net.ipv4.conf.to-a.rp_filter=1; ip route add 10.5.5.2/32 via 192.0.2.2')
    finding = host.doctor('rp-filter')
    assert finding['status'] == 'warn' and 'drops packets from w' in finding['text']
    seen = '10.5.5.2 comes in on to-a, and the route to it goes through up0'
    assert {'what': 'wire w', 'seen': seen} in finding['evidence']
    host.paste(finding)
    assert host.doctor('rp-filter')['status'] == 'ok'


def test_a_strict_rp_filter_is_quiet_where_the_way_back_is_the_wire(host):
    host.sh('sysctl -qw net.ipv4.conf.all.rp_filter=1')
    finding = host.doctor('rp-filter')
    assert finding['status'] == 'ok' and finding['text'].startswith('strict')


def test_a_loose_rp_filter_is_quiet(host):
    host.sh('sysctl -qw net.ipv4.conf.all.rp_filter=2; ip route add 10.5.5.2/32 via 192.0.2.2')
    assert host.doctor('rp-filter')['status'] == 'ok'


# The FORWARD chains

def firewall_of(program, rules):
    lacking = pytest.mark.skipif(lacks(program, '--version'), reason=program + ' is not installed')
    return pytest.param(rules, marks=lacking)


HOOK = 'type filter hook forward priority 0;'
FIREWALLS = [
    firewall_of('iptables', 'iptables -P FORWARD DROP'),
    firewall_of('iptables', 'iptables -A FORWARD -j REJECT'),
    firewall_of('nft', "nft 'add table inet fw; add chain inet fw pass { %s policy drop; }'" % HOOK),
    firewall_of('nft', "nft 'add table ip fw; add chain ip fw pass { %s }; "
                       "add rule ip fw pass ct state established accept; "
                       "add rule ip fw pass iifname != \"up0\" counter drop'" % HOOK),
]


def set_firewall(world, script):
    result = process.run(world.aside.prefix + ['sh', '-euc', script])
    if result.status != 0:
        pytest.skip('this kernel takes no such rule: %s' % result.err.strip())


@needs_ping
@pytest.mark.parametrize('firewall', FIREWALLS)
def test_what_drops_routed_packets_is_found_and_the_pasted_rules_let_them_pass(host, firewall):
    host.sh('sysctl -qw net.ipv4.ip_forward=1')
    assert echo(host, '192.0.2.2') and host.doctor('forward-chain')['status'] == 'ok'
    set_firewall(host, firewall)
    assert not echo(host, '192.0.2.2')
    finding = host.doctor('forward-chain')
    assert finding['status'] == 'warn' and 'drops what w sends through link to-a' in finding['text']
    assert 'IPv4 from to-a to up0' in [item['what'] for item in finding['evidence']]
    host.paste(finding)
    assert host.doctor('forward-chain')['status'] == 'ok' and echo(host, '192.0.2.2')


@pytest.fixture
def bridged(world):
    """A throwaway host with two namespaces on the bridge br0, whose packets go through the FORWARD chains."""
    switch = '/proc/sys/net/bridge/bridge-nf-call-iptables'
    if world.sh('cat %s 2>/dev/null || echo none' % switch).strip() == 'none':
        pytest.skip('br_netfilter is not loaded')
    world.sh('echo 1 >%s; ip netns add a; ip netns add b' % switch)
    world.netnsctl('wire', '--name', 'one', 'a=10.6.6.2/24', 'bridge://br0')
    world.netnsctl('wire', '--name', 'two', 'b=10.6.6.3/24', 'bridge://br0')
    return world


@needs_ping
@pytest.mark.parametrize('firewall', FIREWALLS)
def test_what_drops_bridged_packets_is_found_and_the_pasted_rules_let_them_pass(bridged, firewall):
    assert bridged.doctor('forward-chain')['status'] == 'ok'
    set_firewall(bridged, firewall)
    assert not echo(bridged, '10.6.6.3')
    finding = bridged.doctor('forward-chain')
    assert finding['status'] == 'warn' and 'drops what one, two send through bridge br0' in finding['text']
    assert 'bridge-nf-call-iptables=0' in finding['remediation']['prose']
    bridged.paste(finding)
    assert bridged.doctor('forward-chain')['status'] == 'ok' and echo(bridged, '10.6.6.3')


def test_bridged_packets_are_nobodys_where_bridges_do_not_filter(bridged):
    set_firewall(bridged, 'iptables -P FORWARD DROP')
    bridged.sh('echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables')
    assert bridged.doctor('forward-chain')['status'] == 'ok'


def test_a_firewall_without_rules_is_left_so(world):
    for name in ('forwarding', 'rp-filter', 'forward-chain'):
        assert world.doctor(name)['status'] == 'ok'
    if not lacks('nft', '--version'):
        assert world.sh('nft list ruleset') == ''
