"""The doctor's checks of forwarding, rp_filter and the FORWARD chains, on hosts made of files and stand-ins."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.network.forwarding import check_forward_chain, check_forwarding, check_rp_filter
from support.recorded import recorded, recorded_end

OPEN = '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n'
CLOSED = '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n'
LETS_PASS = '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -i br0 -o br0 -j ACCEPT\nCOMMIT\n'

TO_HOST = [recorded_end('netns://a', 'eth0', ['10.0.0.2/24'], ['10.0.0.1']),
           recorded_end('host', 'to-a', ['10.0.0.1/24'])]
TO_HOST_6 = [recorded_end('netns://a', 'eth0', ['fd00::2/64'], ['fd00::1']),
             recorded_end('host', 'to-a', ['fd00::1/64'])]
TO_BRIDGE = [recorded_end('netns://b', 'eth0', ['10.0.0.3/24']), recorded_end('bridge://br0', 'nw1234567890')]
PLAIN = [recorded_end('netns://a', 'A', ['10.1.1.1/32']), recorded_end('netns://b', 'B', ['10.1.1.2/32'])]


@pytest.fixture
def tree(tmpdir):
    """tree(sysctls, wires={name: ends}, saved=what iptables-save prints) -> Host."""
    def make(sysctls=(), wires=(), saved=None):
        tmpdir.join('run').ensure(dir=True)
        for name, value in dict(sysctls).items():
            tmpdir.join('proc/sys/net', name).write(value + '\n', ensure=True)
        for name, ends in dict(wires).items():
            tmpdir.join('run/netnsctl/wires', name + '.json').write(
                json.dumps(recorded(name, ends)), ensure=True)
        if saved is not None:
            program = tmpdir.join('usr/sbin/iptables-save')
            program.write("#!/bin/sh\ncat <<'end-of-file'\n%send-of-file\n" % saved, ensure=True)
            program.chmod(0o755)
            tmpdir.join('proc/net/ip_tables_names').write('filter\n', ensure=True)
            tmpdir.join('proc/modules').write('ip_tables 1 0 - Live 0x0\n')
        return Host(root=str(tmpdir), environ={})
    return make


def forwarding(value, value6='0'):
    return {'ipv4/ip_forward': value, 'ipv6/conf/all/forwarding': value6}


# Forwarding

def test_a_host_that_does_not_forward_is_quiet_where_no_wire_needs_it(tree):
    finding = check_forwarding(tree(forwarding('0'), {'w': PLAIN, 'x': TO_BRIDGE}))
    assert (finding.status, finding.text) == ('ok', 'IPv4 is not forwarded, IPv6 is not forwarded; no wire needs it')


def test_a_host_that_forwards_is_quiet(tree):
    assert check_forwarding(tree(forwarding('1'), {'w': TO_HOST})).status == 'ok'


@pytest.mark.parametrize('ends,family,switch', [(TO_HOST, 'IPv4', 'net.ipv4.ip_forward'),
                                                (TO_HOST_6, 'IPv6', 'net.ipv6.conf.all.forwarding')])
def test_a_wire_whose_gateway_is_the_host_needs_forwarding(tree, tmpdir, ends, family, switch):
    tmpdir.join('etc/sysctl.d').ensure(dir=True)
    finding = check_forwarding(tree(forwarding('0'), {'w': ends}))
    assert finding.status == 'warn' and finding.text == 'the host is the gateway of w and does not forward ' + family
    assert finding.remediation.commands == ['sysctl -w %s=1' % switch,
                                            "printf '%s = 1\\n' >>/etc/sysctl.d/90-netnsctl.conf" % switch]
    assert ('router advertisements' in finding.remediation.prose) == (family == 'IPv6')


def test_the_switch_of_the_link_counts_before_that_of_all(tree):
    sysctls = forwarding('1')
    sysctls['ipv4/conf/to-a/forwarding'] = '0'
    assert check_forwarding(tree(sysctls, {'w': TO_HOST})).status == 'warn'


def test_a_kernel_without_ipv6_is_quiet(tree):
    finding = check_forwarding(tree({'ipv4/ip_forward': '1'}))
    assert finding.status == 'ok' and 'IPv6 is not there' in finding.text


def test_a_record_that_makes_no_sense_is_passed_over(tree):
    assert check_forwarding(tree(forwarding('0'), {'w': [], 'x': [1, 2], 'y': TO_HOST[:1]})).status == 'ok'


# rp_filter

@pytest.mark.parametrize('all_links,default,words', [('0', '0', 'off'), ('1', '0', 'strict'), ('0', '1', 'strict'),
                                                     ('1', '2', 'loose')])
def test_rp_filter_as_such_is_quiet_and_told(tree, all_links, default, words):
    finding = check_rp_filter(tree({'ipv4/conf/all/rp_filter': all_links, 'ipv4/conf/default/rp_filter': default}))
    assert finding.status == 'ok' and finding.text.startswith(words)


# The FORWARD chains

BRIDGES_FILTER = {'bridge/bridge-nf-call-iptables': '1', 'bridge/bridge-nf-call-ip6tables': '1'}


def test_a_policy_that_drops_is_only_told_where_no_bridge_is_wired(tree):
    finding = check_forward_chain(tree(BRIDGES_FILTER, {'w': PLAIN}, CLOSED))
    assert finding.status == 'ok' and 'a wired bridge needs a rule' in finding.text


def test_a_bridge_whose_packets_are_dropped_is_an_advice_with_the_rule(tree):
    finding = check_forward_chain(tree(BRIDGES_FILTER, {'w': TO_BRIDGE}, CLOSED))
    assert finding.status == 'warn'
    assert finding.text == 'chain FORWARD of iptables, table filter drops what w sends through bridge br0'
    assert finding.remediation.commands == ['iptables -t filter -I FORWARD -i br0 -o br0 -j ACCEPT']
    assert dict(finding.evidence)['IPv4 from br0 to br0'].endswith('policy drop')


@pytest.mark.parametrize('sysctls,saved', [
    (BRIDGES_FILTER, LETS_PASS), (BRIDGES_FILTER, OPEN), ({'bridge/bridge-nf-call-iptables': '0'}, CLOSED),
    ({}, CLOSED)])
def test_a_bridge_whose_packets_pass_is_quiet(tree, sysctls, saved):
    assert check_forward_chain(tree(sysctls, {'w': TO_BRIDGE}, saved)).status == 'ok'


def test_what_is_routed_through_the_host_is_looked_at_whether_bridges_filter_or_not(tree, tmpdir):
    host = tree({}, {'w': TO_HOST}, CLOSED)
    tmpdir.join('proc/net/route').write('Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\t\n'
                                        'eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n')
    finding = check_forward_chain(host)
    assert finding.status == 'warn' and 'IPv4 from to-a to eth0' in dict(finding.evidence)
    assert finding.remediation.commands == [
        'iptables -t filter -I FORWARD -i to-a -j ACCEPT',
        'iptables -t filter -I FORWARD -o to-a -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT']


def test_no_firewall_program_is_run_where_the_kernel_has_no_firewall_loaded(tree, tmpdir):
    host = tree(BRIDGES_FILTER, {'w': TO_BRIDGE}, CLOSED)
    tmpdir.join('usr/sbin/iptables-save').write('#!/bin/sh\ntouch %s\n' % tmpdir.join('was-run'))
    tmpdir.join('proc/net/ip_tables_names').remove()
    assert check_forward_chain(host).status == 'ok'
    assert not tmpdir.join('was-run').check()
