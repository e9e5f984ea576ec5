"""What a user does on CentOS 6.5, on the stand-in for its kernel: wires, bridges, doctor, the tree, the shim.

NETNSCTL_TEST_KERNEL=el6 runs whole suites on it; here is a sample of them, and what only that kernel makes a case.
"""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import inject, process
from support.inside import add_link, addresses, ip, links, pings
from support.tree import wires, write
from support.untouched import assert_untouched, own_state
from support.trees import PAIR, nothing_to_do
from system.wire.conftest import (  # noqa: F401 # a sample of its tests, which take this file's run_netnsctl
    backend)
from system.wire.test_again import (  # noqa: F401 # a sample of its tests, which take this file's run_netnsctl
    test_bridge_is_made_shared_and_removed_with_its_last_wire, test_ends_by_pid,
    test_a_foreign_bridge_stays_with_what_it_had, test_replace_displaces_a_default_route_that_unwire_brings_back)
from system.wire.test_making import (  # noqa: F401 # a sample of its tests, which take this file's run_netnsctl
    test_auto_takes_netlink_with_the_ip_of_el6, test_both_ends_get_link_address_route_and_the_checked_wire_is_told,
    test_both_families_gateways_routes_mtu_and_mac, test_host_addresses_of_ipv6_get_routes_to_each_other)

BRIDGE = 'br%d' % os.getpid()


@pytest.fixture
def run_netnsctl(run_netnsctl, kernel_el6):
    run_netnsctl.kernel = kernel_el6
    return run_netnsctl


def port_of(bridge):
    """The links that are plugged into a bridge of the host."""
    return os.listdir('/sys/class/net/%s/brif' % bridge)


def test_a_bridge_gets_its_ports_and_the_same_wire_again_changes_nothing(run_netnsctl, netns, backend):  # noqa: F811
    a, b = netns('a'), netns('b')
    before = own_state()
    words = [['wire', backend, '%s:A=10.234.0.%d/24' % (ns, number), 'bridge://%s=10.234.0.1/24' % BRIDGE]
             for number, ns in ((2, a), (3, b))]
    assert [run_netnsctl(*each).status for each in words] == [0, 0]
    assert len(port_of(BRIDGE)) == 2 and pings(a, '10.234.0.1') and pings(a, '10.234.0.3')
    again = run_netnsctl(*words[0])
    assert again.status == 0 and again.out.startswith('already wired'), again
    listed = json.loads(run_netnsctl('ls', '--json').out)['wires']
    assert [wire['state'] for wire in listed if a in wire['name'] or b in wire['name']] == ['whole', 'whole']
    assert run_netnsctl('check', '--all').status == 0
    assert run_netnsctl('unwire', a, 'bridge://' + BRIDGE).status == 0 and len(port_of(BRIDGE)) == 1
    assert run_netnsctl('unwire', b, 'bridge://' + BRIDGE).status == 0
    assert_untouched(before)


def test_a_wire_to_a_bridge_that_fails_leaves_no_bridge(run_netnsctl, netns, backend):  # noqa: F811
    a = netns('a')
    add_link(a, 'other')
    ip(a, 'route', 'add', '10.9.0.0/16', 'dev', 'other')
    before = own_state()
    words = [backend, '%s:A=10.234.0.2/24,route=10.9.0.0/16@10.234.0.1' % a, 'bridge://%s=10.234.0.1/24' % BRIDGE]
    failed = run_netnsctl('wire', *words)
    assert failed.status == 4 and '10.9.0.0/16' in failed.err, failed
    assert BRIDGE not in links(None)
    assert_untouched(before)


def test_killed_at_any_ioctl_it_leaves_what_the_next_command_takes_back(run_netnsctl, netns):
    """A bridge is made by one request there, and named as ours by the next."""
    inject.available()
    a = netns('a')
    before = own_state()
    words = ['wire', '--no-check', '--backend', 'netlink', a + ':A=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % BRIDGE]
    total = inject.count(run_netnsctl, 'ioctl', words)
    assert total > 2 and run_netnsctl('unwire', a, 'bridge://' + BRIDGE).status == 0
    for at in inject.sample(total, 8):
        inject.inject(run_netnsctl, 'ioctl', 'signal=KILL', at, words, only_netnsctl=True)
        run_netnsctl('unwire', a, 'bridge://' + BRIDGE)
        assert BRIDGE not in links(None), 'killed at %d of %d' % (at, total)
    assert_untouched(before)


def test_with_the_ip_of_2009_a_bridge_is_made_too(run_netnsctl, netns, old_ip):
    a = netns('a')
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % BRIDGE, path=old_ip)
    assert result.status == 0 and '(netlink, checked)' in result.out, result
    assert run_netnsctl('unwire', a, 'bridge://' + BRIDGE, path=old_ip).status == 0
    assert_untouched(before)


def test_with_rdos_ip_wires_and_bridges_are_made_too(run_netnsctl, netns, rdo_ip):
    a, b = netns('a'), netns('b')
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.1.1.1', b + ':B=10.1.1.2', path=rdo_ip)
    assert result.status == 0 and '(iproute, checked)' in result.out, result
    result = run_netnsctl('wire', b + ':C=10.234.0.2/24', 'bridge://%s=10.234.0.1/24' % BRIDGE, path=rdo_ip)
    assert result.status == 0 and '(iproute, checked)' in result.out, result
    for words in ((a, b), (b, 'bridge://' + BRIDGE)):
        assert run_netnsctl('unwire', *words, **{'path': rdo_ip}).status == 0
    assert_untouched(before)


def test_every_check_of_the_doctor_is_survived_and_none_fails_by_itself(host, old_ip):
    result = host('doctor', '--json', path=old_ip)
    findings = dict((finding['check'], finding) for finding in json.loads(result.out)['findings'])
    assert '2.6.32-431.el6' in findings['netns']['text']
    assert [findings[name]['status'] for name in ('netns', 'veth', 'veth-in-place', 'bridge', 'macvlan', 'vxlan')
            ] == ['ok'] * 6, result
    assert not [finding for finding in findings.values() if 'the check itself failed' in finding['text']], result
    assert result.status == 0, result


def test_the_tree_is_brought_up_saved_and_taken_down(host):
    write(host, PAIR)
    write(host, {'c/ifcfg-C': 'IPADDR=10.3.0.2\nPREFIX=24\nBRIDGE=br0\n'})
    up = host('up')
    assert up.status == 0, up
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2; test -d /sys/class/net/br0/brif')
    nothing_to_do(host)
    saved = host('config', 'save', '--all')
    assert saved.status == 0, saved
    assert set(['a:A-b:B', 'c:C-br0']) <= set(wires(host))
    assert host('down').status == 0 and wires(host) == []
    host.sh('! test -d /sys/class/net/br0')


@pytest.mark.parametrize('by', ['iproute', 'netlink'])
def test_a_rule_with_an_oif_is_refused_with_the_reason_and_leaves_nothing(host, by):
    write(host, PAIR)
    write(host, {'a/rule-A': 'oif A table 100\n'})
    host.sh('echo "backend = %s" >/etc/netnsctl.conf' % by)
    result = host('up')
    assert result.status != 0 and 'this kernel does not support oif in rules' in result.err, result
    assert 'a:A-b:B' not in wires(host)
    host.sh('! ip -n a link show A 2>/dev/null; ! ip -n a rule | grep 100')


def test_the_scenario_by_hand_with_the_shim(kernel_el6, netns, old_ip):
    """A script for `ip netns` where the host's own ip has none: the shim, the stand-in for that ip and the kernel."""
    a, b = netns('a'), netns('b')
    shim = os.path.join(os.path.dirname(old_ip), '..', '..', 'src', 'netnsctl', 'libexec')
    environ = dict(os.environ, PATH='%s:%s:/usr/sbin:/usr/bin:/sbin:/bin' % (os.path.realpath(shim), old_ip))
    script = '''
ip netns add {0}-x
ip netns list | grep -q '^{0}-x$'
ip netns delete {0}-x
ip link add sA{2} type veth peer name sB{2}
ip link set sA{2} netns {0}
ip link set sB{2} netns {1}
ip netns exec {0} ip addr add 10.1.1.1/32 dev sA{2}
ip netns exec {0} ip link set sA{2} up
ip netns exec {0} ip route add 10.1.1.2/32 dev sA{2}
ip -n {1} addr add 10.1.1.2/32 dev sB{2}
ip -n {1} link set sB{2} up
ip -n {1} route add 10.1.1.1/32 dev sB{2}
'''.format(a, b, os.getpid())
    result = kernel_el6.run(['sh', '-euxc', script], environ=environ)
    assert result.status == 0, result
    assert pings(a, '10.1.1.2') and addresses(b, 'sB%d' % os.getpid()) == ['10.1.1.2/32']


def test_netns_words_work_and_sysfs_is_the_hosts(run_netnsctl, netns):
    name = netns() + '-y'
    assert run_netnsctl('netns', 'add', name).status == 0
    try:
        assert name in run_netnsctl('netns', 'list').out.splitlines()
        seen = run_netnsctl('netns', 'exec', name, 'ls', '/sys/class/net')
        assert seen.status == 0 and sorted(seen.out.split()) == sorted(os.listdir('/sys/class/net')), seen
        assert run_netnsctl('netns', 'identify', '%d' % os.getpid()).status == 0
    finally:
        assert run_netnsctl('netns', 'delete', name).status == 0
    assert process.run(['ip', 'netns', 'exec', name, 'true']).status != 0
