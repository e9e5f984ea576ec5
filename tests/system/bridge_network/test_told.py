"""What is said of bridges and of ends on the host, what a check knows of them, and IPv6 where it is switched off."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.inside import ip
from support.process import run
from support.bridge_network import BACKENDS, BRIDGE, link, wire_on


def test_a_bridge_that_had_to_be_made_is_named(run_netnsctl, netns):
    a = netns('a')
    made = wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24')
    assert made.out.endswith('links up); made the bridge %s\n' % BRIDGE)
    assert run_netnsctl('unwire', a + ':A', 'bridge://' + BRIDGE).status == 0
    document = json.loads(wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--json').out)
    assert document['wires'][0]['made_bridges'] == [BRIDGE]
    again = json.loads(wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--json').out)
    assert again['wires'][0]['made_bridges'] == []


def test_check_says_which_addresses_it_could_not_test(run_netnsctl, netns, bridge):
    br, a, b = bridge(), netns('a'), netns('b')
    assert wire_on(run_netnsctl, br, a, '10.234.0.2/24', '--name', a).status == 0
    near = 'bridge://%s:%s' % (br, json.loads(run_netnsctl('show', a, '--json').out)['ends'][1]['ifname'])
    assert run_netnsctl('check', a).out == (
        '%s: ok (links up)\n  not tested: 10.234.0.2/24 of netns://%s:A: %s has no IPv4 address\n' % (a, a, near))
    assert json.loads(run_netnsctl('check', a, '--json').out)['checks'][0]['untested'] == [
        '10.234.0.2/24 of netns://%s:A: %s has no IPv4 address' % (a, near)]
    assert run_netnsctl('wire', b + ':A=10.234.0.3/24', 'bridge://%s=10.234.0.1/24' % br, '--name', b).status == 0
    assert 'not tested' not in run_netnsctl('check', b).out


def test_a_bridge_of_our_own_that_is_down_shows_in_ls(run_netnsctl, netns):
    a = netns('a')
    assert wire_on(run_netnsctl, BRIDGE, a, '10.234.0.2/24', '--name', a).status == 0
    ip(None, 'link', 'set', BRIDGE, 'down')
    shown = json.loads(run_netnsctl('show', a, '--json').out)
    assert shown['state'] == 'altered'
    assert [remark for remark in shown['remarks'] if remark.endswith('the bridge %s is down' % BRIDGE)]
    ip(None, 'link', 'set', BRIDGE, 'up')
    assert json.loads(run_netnsctl('show', a, '--json').out)['state'] == 'whole'


def test_a_port_that_does_not_forward_yet_fails_the_check_without_a_bridge_address_too(run_netnsctl, netns, bridge):
    br, a = bridge(), netns('a')
    ip(None, 'link', 'set', br, 'type', 'bridge', 'stp_state', '1', 'forward_delay', '3000')
    made = wire_on(run_netnsctl, br, a, '10.234.0.2/24')
    assert made.status == 5
    assert 'does not forward: it is listening' in made.err or 'does not forward: it is learning' in made.err


@pytest.mark.parametrize('first,second,theirs', [
    ('10.234.1.1/24', '10.234.1.7/24', '10.234.1.1/24'), ('10.234.1.1/32', '10.234.2.1/32', '10.234.1.1/32'),
    ('fd34:1::1/64', 'fd34:1::7/64', 'fd34:1::1/64')])
def test_an_address_that_the_host_end_of_another_wire_has_is_refused_and_the_wire_named(run_netnsctl, netns, first,
                                                                                       second, theirs):
    a, b, one, two = netns('a'), netns('b'), 'h1' + BRIDGE, 'h2' + BRIDGE
    near = [text.replace('1/', '9/') for text in (first, theirs)]
    made = run_netnsctl('wire', '%s:A=%s' % (a, near[0]), 'host:%s=%s' % (one, first))
    assert made.status == 0, made
    words = ['wire', '%s:A=%s' % (b, near[1].replace('9/', '8/')), 'host:%s=%s' % (two, theirs)]
    refused = run_netnsctl(*words)
    bare = theirs.partition('/')[0]
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: host: the address %s is in use: the wire %s:A-host:%s has it, at host:%s' % (bare, a, one, one))
    assert link(None, two) is None
    # The other end's address as well.
    refused = run_netnsctl('wire', '%s:A=%s' % (b, near[0]), 'host:%s=%s' % (two, second))
    assert (refused.status, refused.err.splitlines()[0]) == (
        4, 'netnsctl: netns://%s: the address %s is in use: the wire %s:A-host:%s has it, at netns://%s:A'
        % (b, near[0].partition('/')[0], a, one, a))
    assert run_netnsctl(*(words + ['--force', '--no-check'])).status == 0
    assert run_netnsctl('unwire', '%s:A' % b, 'host:' + two).status == 0
    again = run_netnsctl('wire', '%s:A=%s,mtu=1400' % (a, near[0]), 'host:%s=%s' % (one, first), '--replace',
                         '--no-check')
    assert again.status == 0, again
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('address', ['10.234.0.9/24', '10.234.0.9/32', 'fd34::9/64'])
@pytest.mark.parametrize('end', ['host:h%s=%s', 'bridge://n%s=%s'])
def test_an_address_that_another_link_of_the_host_has_is_refused_and_the_link_named(run_netnsctl, netns, bridge, end,
                                                                                   address):
    br, a = bridge(), netns('a')
    ip(None, 'addr', 'add', address, 'dev', br, *(['nodad'] if ':' in address else []))
    refused = run_netnsctl('wire', '%s:A=%s' % (a, address.replace('9/', '8/')), end % (br, address))
    assert (refused.status, refused.err.splitlines()[0].partition(': ')[2].partition(': ')[2]) == (
        4, 'the address %s is in use: it is an address of this host (on %s)' % (address.partition('/')[0], br))
    assert link(a, 'A') is None


def test_link_local_addresses_of_the_host_are_of_one_link_and_may_be_the_same(run_netnsctl, netns):
    for name in ('1', '2'):
        ns = netns('a')
        made = run_netnsctl('wire', '%s:A=fe80::2/64' % ns, 'host:h%s%s=fe80::1/64' % (name, BRIDGE), '--no-check')
        assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('address,own', [('10.234.3.1/24', '10.234.3.2/24'), ('fd34:3::1/64', 'fd34:3::2/64')])
def test_a_check_sends_echoes_to_an_address_that_only_the_bridge_itself_knows_of(run_netnsctl, netns, bridge, address,
                                                                                 own):
    br, a = bridge(), netns('a')
    for text in ('10.99.99.1/24', address):
        ip(None, 'addr', 'add', text, 'dev', br, *(['nodad'] if ':' in text else []))
    assert wire_on(run_netnsctl, br, a, own, '--name', 'w').status == 0
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    assert report['ok'] and report['untested'] == []
    assert set(probe['address'] for probe in report['probes']) == set(text.partition('/')[0] for text in (address, own))
    ip(a, 'route', 'add', 'unreachable', address.partition('/')[0])
    assert run_netnsctl('check', 'w').status == 5
    ip(a, 'route', 'del', 'unreachable', address.partition('/')[0])
    # One of another network is none that the end could reach.
    ip(None, 'addr', 'del', address, 'dev', br)
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    assert report['ok'] and report['probes'] == []
    assert run_netnsctl('unwire', '--all').status == 0


def test_an_mtu_that_is_more_than_the_bridges_is_told_and_fails_the_check(run_netnsctl, netns, bridge):
    br, a = bridge('mtu', '1400'), netns('a')
    made = run_netnsctl('wire', '--name', 'w', '%s:A=mtu=1500' % a, 'bridge://' + br)
    assert made.status == 5
    assert 'its mtu 1500 is more than the 1400 of the bridge %s, which drops larger packets' % br in made.err
    report = json.loads(run_netnsctl('check', 'w', '--json').out)['checks'][0]
    cause, = report['causes']
    assert cause['code'] == 'mtu-differs' and 'bridge %s has an MTU of 1400' % br in cause['text']
    assert run(['sh', '-c', cause['hint']]).status == 0
    assert run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('asked,changed,told', [('', '1400', 'has the mtu 1400, not 1500'),
                                                (',mtu=1400', '1300', 'has the mtu 1300, not 1400')])
def test_a_changed_mtu_is_an_alteration_whether_one_was_asked_for_or_not(run_netnsctl, netns, asked, changed, told):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '%s:A=10.234.3.1/24%s' % (a, asked), b + ':B=10.234.3.2/24', '--no-check').status == 0
    ip(a, 'link', 'set', 'A', 'mtu', changed)
    wire, = json.loads(run_netnsctl('ls', '--json').out)['wires']
    assert (wire['state'], wire['remarks']) == ('altered', ['netns://%s:A: %s' % (a, told)])
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.fixture
def no_ipv6():
    """IPv6 is off for new links of the host."""
    name = 'net.ipv6.conf.default.disable_ipv6'
    before = run(['sysctl', '-n', name]).out.strip()
    run(['sysctl', '-qw', name + '=1'])
    yield
    run(['sysctl', '-qw', '%s=%s' % (name, before)])


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_bridge_that_netnsctl_makes_gets_ipv6_on_request(run_netnsctl, netns, no_ipv6, backend):
    a, b, br = netns('a'), netns('b'), 'n' + BRIDGE
    ends = [a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64' % br]
    refused = run_netnsctl('wire', backend, *ends)
    assert refused.status == 1
    assert 'IPv6 is disabled there (net.ipv6.conf.default.disable_ipv6=1)' in refused.err
    assert 'Add ",ipv6" to this end' in refused.err and link(None, br) is None
    made = run_netnsctl('wire', backend, ends[0], ends[1] + ',ipv6')
    assert made.status == 0, made
    assert run_netnsctl('wire', backend, ends[0], ends[1] + ',ipv6').out.startswith('already wired')
    # A second wire to it, with an address of its own for the bridge.
    more = run_netnsctl('wire', backend, b + ':A=fd36::2/64,ipv6', 'bridge://%s=fd36::1/64' % br)
    assert more.status == 0, more
    run(['sysctl', '-qw', 'net/ipv6/conf/%s/disable_ipv6=1' % br])
    assert run_netnsctl('unwire', b + ':A', 'bridge://' + br).status == 0
    refused = run_netnsctl('wire', backend, b + ':A=fd36::2/64,ipv6', 'bridge://%s=fd36::1/64' % br)
    assert 'net.ipv6.conf.%s.disable_ipv6=1' % br in refused.err and 'Add ",ipv6"' in refused.err
    assert run_netnsctl('unwire', '--all').status == 0 and link(None, br) is None


@pytest.mark.parametrize('word', ['', ',ipv6'])
def test_ipv6_of_a_bridge_of_others_is_left_to_its_owner(run_netnsctl, netns, bridge, no_ipv6, word):
    br, a = bridge(), netns('a')
    refused = run_netnsctl('wire', a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64%s' % (br, word))
    assert refused.status == 1
    assert 'IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6=1)' % br in refused.err
    assert 'sysctl -w net/ipv6/conf/%s/disable_ipv6=0' % br in refused.err
    run(['sysctl', '-qw', 'net/ipv6/conf/%s/disable_ipv6=0' % br])
    made = run_netnsctl('wire', a + ':A=fd35::2/64,ipv6', 'bridge://%s=fd35::1/64%s' % (br, word))
    assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.parametrize('backend', BACKENDS)
def test_an_end_on_the_host_gets_ipv6_on_request(run_netnsctl, netns, no_ipv6, backend):
    a, dev = netns('a'), 'h' + BRIDGE
    refused = run_netnsctl('wire', backend, a + ':A=fd35::2/64,ipv6', 'host:%s=fd35::1/64' % dev)
    assert refused.status == 1 and 'Add ",ipv6" to this end' in refused.err
    made = run_netnsctl('wire', backend, a + ':A=fd35::2/64,ipv6', 'host:%s=fd35::1/64,ipv6' % dev)
    assert made.status == 0, made
    assert run_netnsctl('unwire', '--all').status == 0
