"""bridge://BRIDGE=tag=ID: ports in VLANs of a bridge, which this machine's kernel may not be able to have."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import inject, process
from support.called import called_by_netlink
from support.inside import addresses, ip, pings
from support.untouched import assert_untouched, own_state

FILTERING = '/sys/class/net/br0/bridge/vlan_filtering'


@pytest.fixture
def run_netnsctl():
    with called_by_netlink() as program:
        yield program


@pytest.fixture
def foreign():
    """A bridge of the user's that filters VLANs and has a port in VLAN 7."""
    process.must(['sh', '-ec', 'ip link add name br7 type bridge vlan_filtering 1; ip link set dev br7 up; '
                  'ip link add name p7 type veth peer name q7; ip link set dev p7 master br7; '
                  'ip link set dev p7 up; ip link set dev q7 up; bridge vlan add dev p7 vid 7'])
    yield 'br7'
    process.must(['sh', '-ec', 'ip link delete dev q7; ip link delete dev br7'])


def filters():
    with open(FILTERING) as source:
        return source.read().strip() == '1'


def vlans():
    """{link: [(ID, flags), ...]}, as `bridge` says it."""
    found = json.loads(process.must(['bridge', '-j', 'vlan', 'show']) or '[]')
    return dict((item['ifname'], [(vlan['vlan'], sorted(vlan.get('flags', ()))) for vlan in item['vlans']])
                for item in found)


OWN = ['Egress Untagged', 'PVID']


@pytest.mark.thorough
def test_a_wire_by_ip_has_its_port_in_its_vlan(run_netnsctl, netns):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', '--backend=iproute', a + ':e=10.1.1.1/24', 'bridge://br0:p1=10.1.1.9/24,tag=100')
    assert result.status == 0 and 'iproute, checked' in result.out, result
    assert vlans() == {'br0': [(100, OWN)], 'p1': [(100, OWN)]}
    assert run_netnsctl('unwire', '--all').status == 0
    assert_untouched(before)


def test_wires_of_one_tag_reach_each_other_and_no_others(run_netnsctl, netns):
    a, b, c, d = netns(), netns(), netns(), netns()
    words = ['wire', '--name', 'one', a + ':e=10.1.1.1/24', 'bridge://br0:p1=10.1.1.9/24,tag=100']
    result = run_netnsctl(*words)
    assert result.status == 0 and 'checked' in result.out, result
    assert run_netnsctl(*words).out.startswith('already wired: one')
    for name, ns, address, port in (('two', b, '10.1.1.2/24', 'p2=tag=100'), ('far', c, '10.1.1.1/24', 'p3=tag=200'),
                                    ('none', d, '10.1.1.4/24', 'p4')):
        result = run_netnsctl('wire', '--name', name, ns + ':e=' + address, 'bridge://br0:' + port)
        assert result.status == 0, result
    assert vlans() == {'br0': [(100, OWN)], 'p1': [(100, OWN)], 'p2': [(100, OWN)], 'p3': [(200, OWN)],
                       'p4': [(1, OWN)]}
    assert pings(a, '10.1.1.2') and pings(None, '10.1.1.2') and not pings(c, '10.1.1.2') and not pings(d, '10.1.1.2')
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole'] * 4
    assert run_netnsctl('check', '--all').status == 0
    again = run_netnsctl('wire', '--name', 'two', b + ':e=10.1.1.2/24', 'bridge://br0:p2=tag=200')
    assert again.status == 4 and 'tag=100, asked for tag=200' in again.err, again
    again = run_netnsctl('wire', '--replace', '--name', 'two', b + ':e=10.1.1.2/24', 'bridge://br0:p2=tag=200')
    assert again.status == 0 and vlans()['p2'] == [(200, OWN)], again
    assert run_netnsctl('unwire', '--all').status == 0
    assert vlans() == {}


@pytest.mark.thorough
def test_a_port_that_was_taken_out_of_its_vlan_is_told(run_netnsctl, netns):
    a = netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24',
                        'bridge://br0:p1=10.1.1.9/24,tag=100').status == 0
    for spoil, text in (('bridge vlan delete dev p1 vid 100', 'its port is not in the VLAN 100'),
                        ('bridge vlan add dev p1 vid 5', 'its port is in the VLAN 5 too'),
                        ('bridge vlan add dev br0 vid 9 pvid untagged self', 'are in VLAN 9, not in VLAN 100'),
                        ('ip link set dev br0 type bridge vlan_filtering 0', 'does not filter VLANs')):
        process.must(['sh', '-ec', spoil])
        shown = run_netnsctl('show', 'w')
        assert shown.out.startswith('w: altered\n') and text in shown.out, shown
        if 'add' in spoil:
            process.must(['sh', '-ec', 'bridge vlan delete dev p1 vid 5; '
                          'bridge vlan add dev br0 vid 100 pvid untagged self'])
            continue
        checked = run_netnsctl('check', 'w')
        lines = checked.out.splitlines()
        found = [at for at, line in enumerate(lines) if text in line]
        assert checked.status == 5 and len(found) == 1 and 'no cause' not in checked.out, checked
        process.must(['sh', '-ec', lines[found[0] + 1]])
        assert run_netnsctl('ls').out.split()[1] == 'whole' and run_netnsctl('check', 'w').status == 0
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_bridge_of_the_users_keeps_what_it_has(run_netnsctl, netns, foreign):
    a, b, had = netns(), netns(), vlans()
    result = run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'bridge://br7:p1=tag=7')
    assert result.status == 0, result
    assert vlans() == dict(had, p1=[(7, OWN)])
    result = run_netnsctl('wire', b + ':e=10.1.1.2/24', 'bridge://br7=10.1.1.9/24,tag=7')
    assert result.status == 4 and 'the bridge br7 itself are in VLAN 1, not in VLAN 7' in result.err, result
    assert run_netnsctl('unwire', 'w').status == 0
    process.must(['ip', 'link', 'set', 'dev', 'br7', 'type', 'bridge', 'vlan_filtering', '0'])
    result = run_netnsctl('wire', a + ':e=10.1.1.1/24', 'bridge://br7=tag=7')
    assert result.status == 4 and 'ip link set dev br7 type bridge vlan_filtering 1' in result.err, result
    process.must(['ip', 'link', 'set', 'dev', 'br7', 'type', 'bridge', 'vlan_filtering', '1'])
    assert vlans() == had


def test_a_bridge_that_netnsctl_made_filters_from_its_first_tag_to_its_last(run_netnsctl, netns):
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'bridge://br0=10.1.1.9/24').status == 0
    assert not filters()
    assert run_netnsctl('wire', '--name', 'v', b + ':e=10.2.1.1/24', 'bridge://br0=tag=2').status == 0
    assert filters() and pings(a, '10.1.1.9') and run_netnsctl('check', '--all').status == 0
    assert run_netnsctl('unwire', 'v').status == 0
    assert not filters()
    assert run_netnsctl('unwire', 'w').status == 0
    assert vlans() == {}


@pytest.mark.parametrize('when', [5, 9])
def test_a_run_that_was_killed_is_rolled_back(run_netnsctl, netns, when):
    inject.available()
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'bridge://br0=10.1.1.9/24').status == 0
    before = vlans(), run_netnsctl('ls').out
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'v', b + ':e=10.2.1.1/24', 'bridge://br0=tag=2']
    process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=sendto',
                 '-e', 'inject=sendto:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'v').status == 0
    assert not filters() and before == (vlans(), run_netnsctl('ls').out)
    assert run_netnsctl('unwire', 'w').status == 0


def test_it_is_saved_and_comes_back(run_netnsctl, netns):
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--save', '--name', 'w', a + ':e=10.1.1.1/24',
                        'bridge://br0=10.1.1.9/24,tag=100').status == 0
    assert run_netnsctl('wire', '--save', '--name', 'v', b + ':e=10.1.1.1/24', 'bridge://br0=tag=200').status == 0
    with open('/etc/sysconfig/netns/%s/ifcfg-e' % a) as source:
        assert 'BRIDGE_PORT_VLANS="100 pvid untagged"\n' in source.read()
    with open('/etc/sysconfig/netns/host/ifcfg-br0') as source:
        assert 'BRIDGE_VLANS="100 pvid untagged"\n' in source.read()
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('down').status == 0
    result = run_netnsctl('up')
    assert result.status == 0 and sorted(result.out.splitlines()) == ['wired v', 'wired w'], result
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole', 'whole']
    assert run_netnsctl('config', 'check').status == 0
    with open('/etc/sysconfig/netns/%s/ifcfg-e' % a) as source:
        text = source.read()
    with open('/etc/sysconfig/netns/%s/ifcfg-e' % a, 'w') as out:
        out.write(text.replace('100 pvid', '101 pvid'))
    checked = run_netnsctl('config', 'check')
    assert checked.status == 1 and 'tag=100, but the tree says tag=101' in checked.out + checked.err, checked
    assert run_netnsctl('unwire', '--forget', '--all').status == 0


@pytest.mark.thorough
def test_a_dry_run_can_be_pasted_and_a_file_of_wires_has_tags(run_netnsctl, netns):
    a, b = netns(), netns()
    result = run_netnsctl('wire', '--dry-run', a + ':e=10.1.1.1/24', 'bridge://br0:p1=10.1.1.9/24,tag=100')
    assert result.status == 0, result
    process.must(['sh', '-ec', result.out])
    assert addresses(a, 'e') == ['10.1.1.1/24'] and vlans() == {'br0': [(100, OWN)], 'p1': [(100, OWN)]}
    process.must(['sh', '-ec', 'ip link delete dev p1; ip link delete dev br0'])
    result = run_netnsctl('wire', '-f', '-', feed='%s:e=10.1.1.1/24 bridge://br0:p1=tag=5\n'
                                                  '%s:e=10.1.1.2/24 bridge://br0:p2=tag=5\n' % (a, b))
    assert result.status == 0 and pings(a, '10.1.1.2'), result
    assert run_netnsctl('unwire', '--all').status == 0
    assert run_netnsctl('doctor', 'bridge-vlan').status == 0
    assert 'ok' in run_netnsctl('doctor', 'bridge-vlan', '--all').out
    assert not ip(None, 'link', 'show', 'type', 'bridge')


@pytest.mark.parametrize('address', ['10.1.1.1/24,', ''])
def test_a_bridge_whose_first_wire_had_a_tag_no_longer_filters_without_it(run_netnsctl, netns, address):
    a, b, c = netns(), netns(), netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24', 'bridge://br0=%stag=7' % address).status == 0
    assert run_netnsctl('wire', '--no-check', '--name', 'v', b + ':e=10.1.1.4/24', 'bridge://br0:p0').status == 0
    assert run_netnsctl('unwire', 'w').status == 0
    assert not filters() and vlans() == {'br0': [(1, OWN)], 'p0': [(1, OWN)]}
    result = run_netnsctl('wire', c + ':e=10.1.1.9/24', 'bridge://br0=10.1.1.1/24')
    assert result.status == 0 and 'checked' in result.out and pings(b, '10.1.1.1'), result
    assert run_netnsctl('unwire', '--all').status == 0
    assert vlans() == {}


def test_a_wire_that_brings_the_bridges_vlan_back_leaves_that_of_another_tag(run_netnsctl, netns):
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24', 'bridge://br0=10.1.1.1/24,tag=7').status == 0
    assert run_netnsctl('wire', '--name', 'v', b + ':e=10.1.1.4/24', 'bridge://br0:p2=10.1.1.1/24,tag=7').status == 0
    assert run_netnsctl('unwire', 'w').status == 0
    assert filters() and vlans() == {'br0': [(7, OWN)], 'p2': [(7, OWN)]}
    assert run_netnsctl('check', 'v').status == 0
    assert run_netnsctl('unwire', 'v').status == 0
    assert vlans() == {}


@pytest.mark.thorough
def test_a_wire_with_a_tag_comes_back_to_a_bridge_that_stayed_without(run_netnsctl, netns):
    """Its container was started again, or what was to replace it cannot be made."""
    a, b, words = netns(), netns(), 'bridge://br0:p1=10.1.1.1/24,tag=7'
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24', words).status == 0
    assert run_netnsctl('wire', '--name', 'v', b + ':e=10.1.1.4/24', 'bridge://br0:p0').status == 0
    before = {'br0': [(7, OWN)], 'p1': [(7, OWN)], 'p0': [(1, OWN)]}
    assert filters() and vlans() == before
    assert run_netnsctl('wire', '--replace', '--name', 'w', a + ':e=10.1.1.3/24', words).status == 0
    assert filters() and vlans() == before
    process.must(['ip', '-n', b, 'link', 'add', 'name', 'x', 'type', 'dummy'])
    result = run_netnsctl('wire', '--replace', '--name', 'w', b + ':x=10.1.1.3/24', words)
    assert result.status == 4 and filters() and vlans() == before, result
    assert run_netnsctl('check', 'w').status == 0
    process.must(['sh', '-ec', 'ip netns delete %s; ip netns add %s' % (a, a)])
    result = run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.3/24', words)
    assert result.status == 0 and filters() and vlans() == before, result
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.thorough
def test_addresses_with_a_tag_move_a_bridge_that_has_none(run_netnsctl, netns):
    a, b, c = netns(), netns(), netns()
    assert run_netnsctl('wire', '--name', 'v', b + ':e=10.1.1.4/24', 'bridge://br0:p0').status == 0
    result = run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.2/24', 'bridge://br0:p1=10.1.1.1/24,tag=7')
    assert result.status == 0 and vlans() == {'br0': [(7, OWN)], 'p1': [(7, OWN)], 'p0': [(1, OWN)]}, result
    result = run_netnsctl('wire', '--name', 'u', c + ':e=10.1.1.5/24', 'bridge://br0:p2=10.1.1.1/24')
    assert result.status == 5 and 'its port is in another VLAN than the bridge br0 itself' in result.err, result
    assert run_netnsctl('unwire', 'w').status == 0
    assert not filters() and vlans()['br0'] == [(1, OWN)] and run_netnsctl('check', 'u').status == 0
    assert run_netnsctl('unwire', '--all').status == 0


@pytest.mark.thorough
def test_what_the_user_did_to_the_vlans_of_a_bridge_of_netnsctls_stays(run_netnsctl, netns):
    a, b, c = netns(), netns(), netns()
    process.must(['ip', '-n', c, 'link', 'add', 'name', 'x', 'type', 'dummy'])
    fails = ('wire', '--name', 'w', c + ':x=10.1.1.2/24', 'bridge://br0:p1=tag=7')
    assert run_netnsctl('wire', '--no-check', '--name', 'v', a + ':e=10.1.1.4/24', 'bridge://br0:p0').status == 0
    process.must(['sh', '-ec', 'ip link set dev br0 type bridge vlan_filtering 1; '
                  'bridge vlan add dev br0 vid 7 pvid untagged self; bridge vlan del dev br0 vid 1 self'])
    before = {'br0': [(7, OWN)], 'p0': [(1, OWN)]}
    assert run_netnsctl(*fails).status == 4 and filters() and vlans() == before
    words = b + ':e=10.1.1.5/24', 'bridge://br0:p2=tag=7'
    assert run_netnsctl('wire', '--no-check', '--name', 'u', *words).status == 0
    assert run_netnsctl('unwire', 'u').status == 0 and filters() and vlans() == before
    process.must(['bridge', 'vlan', 'del', 'dev', 'br0', 'vid', '7', 'self'])
    assert run_netnsctl(*fails).status == 4 and filters() and vlans() == {'p0': [(1, OWN)]}


def test_a_bridge_that_a_link_of_the_users_is_on_is_not_moved(run_netnsctl, netns):
    a, b = netns(), netns()
    assert run_netnsctl('wire', '--no-check', '--name', 'v', b + ':e=10.1.1.4/24', 'bridge://br0:p0').status == 0
    process.must(['sh', '-ec', 'ip link add m0 link br0 type macvlan; ip link set dev m0 up'])
    result = run_netnsctl('wire', '--name', 'w', a + ':e=10.1.2.2/24', 'bridge://br0:p1=10.1.2.1/24,tag=7')
    assert result.status == 4 and vlans()['br0'] == [(1, OWN)] and not filters(), result
    process.must(['ip', 'link', 'delete', 'dev', 'm0'])
