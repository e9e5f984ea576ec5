"""The plan of an overlay, which is pure: what each host has, how it grows, and what is refused."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support.program import TOP

if sys.version_info[0] < 3:
    pytest.skip('controllers of Ansible have Python 3', allow_module_level=True)
sys.path.insert(0, os.path.join(TOP, 'ansible', 'plugins', 'plugin_utils'))

import overlay_plan as plans  # noqa: E402
from netnsctl.model import endpoint, names, plan as wires  # noqa: E402

NETWORK = '10.64.0.0/10'


def told(count, containers=2, **more):
    """So many hosts, for Plan."""
    return dict(('host%d' % number, dict({'underlay': '198.51.%d.%d' % (number // 250, 1 + number % 250),
                                          'containers': ['docker://c%d-%d' % (number, at) for at in range(containers)]},
                                         **more)) for number in range(count))


def made(hosts, **settings):
    return plans.Plan(plans.Settings('mesh', **dict({'networks': [NETWORK]}, **settings)), hosts)


def remotes(plan, host):
    vxlan = [wire['ends'][1] for wire in plan.of(host)['wires'] if wire['name'] == 'mesh.vxlan']
    return [item[len('remote='):] for text in vxlan for item in text.partition('=')[2].split(',')
            if item.startswith('remote=')]


def test_every_host_has_every_other_as_a_remote_and_none_itself():
    hosts = told(5)
    plan = made(hosts)
    for host in hosts:
        assert sorted(remotes(plan, host)) == sorted(
            other['underlay'] for name, other in hosts.items() if name != host)


def test_hosts_agree_on_what_is_the_overlays_and_differ_in_what_is_theirs():
    plan = made(told(50))
    found = [plan.of('host%d' % number) for number in range(50)]
    for key in ('mtu', 'vni', 'bridge', 'pattern'):
        assert len(set(each[key] for each in found)) == 1
    texts = [end for each in found for wire in each['wires'] for end in wire['ends']]
    macs = [item for text in texts for item in text.split(',') if item.startswith('mac=')]
    assert len(macs) == len(set(macs)) == 100


def test_the_order_in_which_the_inventory_has_them_does_not_matter():
    hosts = told(9)
    turned = dict(reversed(list(hosts.items())))
    for host in hosts:
        assert made(hosts).of(host) == made(turned).of(host)


def test_netnsctl_takes_what_is_planned():
    plan = made(dict(told(3), odd={'underlay': '198.51.100.9', 'containers': [
        {'target': 'netns://a b'[:9], 'ifname': 'eth1', 'gateway': '10.64.0.1', 'routes': ['10.0.0.0/8@10.64.0.1']},
        'podman://x', {'target': 'web', 'name': 'a name; rm -rf /', 'addresses': ['10.64.9.9/10']}]}))
    for host in ('host0', 'odd'):
        for wire in plan.of(host)['wires']:
            names.check_wire_name(wire['name'])
            ends = [endpoint.parse(text) for text in wire['ends']]
            wires.validate(*[wires.End.of(end, dev=end.ifname or 'x') for end in ends])


@pytest.mark.parametrize('bridge', ['br', 'bridge', 'b'])
def test_a_bridge_may_be_called_what_the_rest_of_an_endpoint_has(bridge):
    near = made(told(2), bridge=bridge).of('host0')['wires'][0]['ends'][0]
    assert near.startswith('bridge://%s:vx-mesh=10.' % bridge)


def test_adding_a_host_changes_one_remote_on_each_other_and_nothing_else():
    before, after = made(told(20)), made(told(21))
    for number in range(20):
        host = 'host%d' % number
        old, new = before.of(host), after.of(host)
        assert old['wires'][1:] == new['wires'][1:]
        assert set(remotes(after, host)) - set(remotes(before, host)) == set(['198.51.0.21'])
        assert set(remotes(before, host)) <= set(remotes(after, host))


def test_a_host_that_is_no_member_has_nothing_and_the_last_one_has_no_vxlan():
    plan = made(told(2))
    assert plan.of('another')['wires'] == [] and plan.of('another')['pattern'] == 'mesh.*'
    alone = made(told(1)).of('host0')['wires']
    assert [wire['name'] for wire in alone] == ['mesh.to-c0-0', 'mesh.to-c0-1']


def test_a_thousand_hosts_have_entries_as_the_square_and_files_as_the_number():
    entries, files = {}, {}
    for count in (10, 100, 1000):
        plan = made(told(count), networks=['fd00:64::/64'])  # in which no two of them get the same address
        found = [plan.of(host) for host in told(count)]
        entries[count] = sum(text.count('remote=') for each in found for wire in each['wires'] for text in wire['ends'])
        files[count] = sum(len(each['wires']) for each in found)
    assert entries == {10: 90, 100: 9900, 1000: 999000}
    assert files == {10: 30, 100: 300, 1000: 3000}


def test_the_line_of_a_thousand_hosts_is_one_that_netnsctl_takes():
    text = made(told(1000), networks=['fd00:64::/64']).of('host7')['wires'][0]['ends'][1]
    assert len(endpoint.parse(text).data) == 1000  # 999 remotes, local


@pytest.mark.parametrize('mtus, mtu', [((None, None), 1450), ((1500, 9000), 1450), ((1400, 1500), 1350)])
def test_the_mtu_is_what_fits_the_smallest(mtus, mtu):
    hosts = told(2)
    for number, value in enumerate(mtus):
        hosts['host%d' % number]['mtu'] = value
    plan = made(hosts)
    assert [wire['mtu'] for host in hosts for wire in plan.of(host)['wires']] == [mtu] * 6


def test_over_ipv6_it_is_less():
    hosts = {'a': {'underlay': '2001:db8::1'}, 'b': {'underlay': '2001:db8:0::2', 'containers': ['x']}}
    plan = made(hosts, networks=['fd00:64::/64'])
    assert plan.of('b')['mtu'] == 1430 and remotes(plan, 'b') == ['2001:db8::1']
    assert 'fd00:64::' in plan.of('b')['wires'][1]['ends'][0]


def test_two_overlays_have_nothing_in_common():
    one, two = [plans.Plan(plans.Settings(name, [NETWORK]), told(2)).of('host0') for name in ('mesh', 'mesh-2')]
    assert one['vni'] != two['vni'] and one['bridge'] != two['bridge'] and one['pattern'] != two['pattern']
    assert not set(wire['name'] for wire in one['wires']) & set(wire['name'] for wire in two['wires'])
    import fnmatch
    assert not any(fnmatch.fnmatchcase(wire['name'], one['pattern']) for wire in two['wires'])


def test_vnis_and_names_of_links_fit():
    for number in range(2000):
        name = 'overlay-%d' % number
        assert 1 <= plans.vni_of(name) <= 16777215
        names.check_ifname(plans.device('ov-', name))
    assert plans.device('ov-', 'mesh') == 'ov-mesh'
    long = set(plans.device('ov-', 'a' * 20 + '%d' % number) for number in range(1000))
    assert len(long) == 1000


# What cannot be

@pytest.mark.parametrize('hosts, text', [
    ({'a': {'underlay': '192.0.2.1'}, 'b': {'underlay': '192.0.2.1'}},
     'a and b have the same underlay address, 192.0.2.1: are they two names of one host?'),
    ({'a': {'underlay': '192.0.2.1'}, 'b': {'underlay': '2001:db8::1'}},
     'the underlay addresses are of both IPv4 (a) and IPv6 (b)'),
    ({'a': {'underlay': '2001:db8::1'}, 'b': {'underlay': '2001:db8:0:0::1'}}, 'have the same underlay address'),
    ({'a': {'underlay': 'a.example'}}, "the underlay address of a is 'a.example', which is not an IP address"),
    ({'a': {'underlay': '127.0.0.1'}}, 'which other hosts cannot send to'),
    ({'a': {'underlay': '239.1.1.1'}}, 'which other hosts cannot send to'),
    ({'a': {'underlay': '192.0.2.1', 'mtu': 'x'}}, "the underlay MTU of a is 'x', which is not a number"),
    ({'a': {'underlay': '192.0.2.1', 'mtu': 67}}, 'not a number from 68')])
def test_hosts_that_no_mesh_can_be_made_of_are_refused_for_all(hosts, text):
    with pytest.raises(plans.PlanError) as caught:
        made(hosts)
    assert text in str(caught.value)


@pytest.mark.parametrize('containers, text', [
    (['x', 'x'], 'x of a is given twice: give one of the two another name'),
    ([{'target': 'x', 'addresses': ['10.64.0.9/10']}, {'target': 'y', 'addresses': ['10.64.0.9/10']}],
     'x of a and y of a both have 10.64.0.9: give one of them addresses, or another name'),
    ([{'target': 'x', 'addresses': ['10.64.0.9']}], "'10.64.0.9', which has no prefix length"),
    ([{'target': 'x', 'addresses': ['10.64.0.9/33']}], 'no prefix length'),
    ([{'target': 'x', 'addresses': ['y/8']}], "'y', which is not an IP address"),
    ([{'target': 'x', 'adresses': []}], 'unknown: adresses'), ([{}], 'neither a target'), ([7], 'neither a target'),
    (['host'], 'is on the host'), (['bridge://br0'], 'is on the host'), (['phys://eth0'], 'is on the host'),
    (['x=10.0.0.1'], 'it has a "="'), (['x\n'], 'control character'), (['x y'], 'a blank'),
    ([{'target': 'x', 'ifname': 'a/b'}], "'a/b' is not the name of a link"),
    ([{'target': 'x', 'ifname': 'e' * 16}], 'is not the name of a link'),
    ([{'target': 'x', 'gateway': 'y'}], "'y', which is not an IP address"),
    ([{'target': 'x', 'routes': ['10.0.0.0/8,mac=02:00:00:00:00:01']}], 'is not DESTINATION')])
def test_containers_of_one_host_are_refused_there_and_others_have_their_wires(containers, text):
    plan = made({'a': {'underlay': '192.0.2.1', 'containers': containers},
                 'b': {'underlay': '192.0.2.2', 'containers': ['z']}})
    with pytest.raises(plans.PlanError) as caught:
        plan.of('a')
    assert text in str(caught.value)
    assert remotes(plan, 'b') == ['192.0.2.1'] and len(plan.of('b')['wires']) == 2


def test_an_address_that_containers_of_two_hosts_have_is_refused_on_both_and_nowhere_else():
    same = [{'target': 'x', 'addresses': ['10.64.0.9/10']}]
    plan = made({'a': {'underlay': '192.0.2.1', 'containers': same}, 'b': {'underlay': '192.0.2.2', 'containers': same},
                 'c': {'underlay': '192.0.2.3', 'containers': ['x']}})
    for host in ('a', 'b'):
        with pytest.raises(plans.PlanError) as caught:
            plan.of(host)
        assert 'x of a and x of b both have 10.64.0.9' in str(caught.value)
    assert len(plan.of('c')['wires']) == 2


def test_derived_addresses_that_clash_are_named():
    hosts = told(40, 1)
    plan = made(hosts, networks=['10.64.0.0/27'])
    refused = []
    for host in hosts:
        try:
            plan.of(host)
        except plans.PlanError as error:
            refused.append(str(error))
    assert refused and all(' both have 10.64.0.' in text for text in refused)


@pytest.mark.parametrize('settings, text', [
    ({'networks': ['10.0.0.1/8']}, 'has host bits set'), ({'networks': ['10.0.0.0/31']}, 'has no room'),
    ({'networks': ['10.0.0.0/8', '10.64.0.0/16']}, 'more than one of IPv4'), ({'vni': 0}, 'overlay_vni is 0'),
    ({'vni': 1 << 24}, 'overlay_vni'), ({'port': 'x'}, "overlay_port is 'x'"), ({'mtu': True}, 'overlay_mtu'),
    ({'mtu': 1451}, 'overlay_mtu is 1451, and host0, whose underlay has 1500, can take 1450'),
    ({'mtu': 1000, 'networks': ['fd00::/64']}, 'too small for IPv6'), ({'bridge': 'x' * 16}, 'overlay_bridge')])
def test_settings_that_cannot_be_are_named(settings, text):
    with pytest.raises(plans.PlanError) as caught:
        made(told(2), **settings)
    assert text in str(caught.value)


@pytest.mark.parametrize('name', ['', 'A', 'a.b', '*', 'a' * 32, '-a', None, 7, 'a b', 'a\n'])
def test_a_name_of_an_overlay_that_could_mean_other_wires_is_refused(name):
    with pytest.raises(plans.PlanError):
        plans.Settings(name)


def test_an_empty_variable_is_none():
    assert made(told(2), vni='', mtu='', bridge='', port='').of('host0') == made(told(2)).of('host0')
