"""The CNI plugin in chains with the distribution's plugins, and to anchors of several kinds; what CHECK finds."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.plugins.cni import request as requests
from support import process
from support.cni import Network, network
from support.cni_plugins import BRIDGE, PLUGINS, needs_plugins
from support.inside import addresses, ip, links, pings

pytestmark = needs_plugins


def test_check_finds_what_became_of_an_attachment(lan, netns, run_netnsctl):
    a = netns('a')
    result = lan.add(a)

    def said():
        answer = lan('CHECK', a, previous=result)
        return answer.document['msg'] if answer.status else None
    assert said() is None
    ip(a, 'route', 'del', 'default')
    assert 'the route to 0.0.0.0/0 by 10.81.0.1 is gone' in said()
    ip(a, 'route', 'add', 'default', 'via', '10.81.0.1')
    ip(a, 'address', 'del', '10.81.0.2/24', 'dev', 'eth0')
    assert 'lacks the address 10.81.0.2/24' in said()
    ip(a, 'link', 'del', 'dev', 'eth0')
    assert 'the link is gone' in said()
    answer = lan('CHECK', a)
    assert answer.code == 7 and 'no prevResult' in answer.document['msg']
    assert lan('DEL', a).status == 0
    answer = lan('CHECK', a, previous=result)
    assert answer.code == 105 and 'has no wire' in answer.document['msg']


def test_as_the_first_of_a_chain_whose_later_plugins_change_what_it_made(lan, netns, run_netnsctl):
    a = netns('a')
    result = lan.add(a)
    tuning = Network({'cniVersion': '1.0.0', 'name': 'lan', 'type': 'tuning', 'mtu': 1300, 'mac': '02:00:00:00:81:01'},
                     PLUGINS, [os.path.join(PLUGINS, 'tuning')])
    changed = tuning.add(a, previous=result)
    assert changed['interfaces'][2]['mac'] == '02:00:00:00:81:01' and changed['ips'] == result['ips']
    assert lan('CHECK', a, previous=changed).status == 0
    answer = lan('CHECK', a, previous=result)
    assert answer.code == 105 and 'MAC address 02:00:00:00:81:01' in answer.document['msg']
    assert tuning('DEL', a, previous=changed).status == 0
    assert lan('DEL', a, previous=changed).status == 0 and links(a) == {}


def test_as_a_later_one_of_a_chain_it_adds_an_interface_of_another_name(netns, run_netnsctl):
    a = netns('a')
    first = Network({'cniVersion': '0.4.0', 'name': 'chain', 'type': 'ptp',
                     'ipam': {'type': 'static', 'addresses': [{'address': '10.82.0.2/24', 'gateway': '10.82.0.1'}]}},
                    PLUGINS, [os.path.join(PLUGINS, 'ptp')])
    mine = network(cniVersion='0.4.0', name='chain', anchor='bridge://' + BRIDGE, addresses='10.81.0.2/24')
    result = first.add(a)
    answer = mine('ADD', a, previous=result)
    assert answer.code == 7 and 'has made eth0' in answer.document['msg']
    mine.config['ifname'] = 'net1'
    both = mine.add(a, previous=result)
    assert both['interfaces'][:len(result['interfaces'])] == result['interfaces']
    assert both['ips'][0] == result['ips'][0]
    assert both['ips'][1] == {'address': '10.81.0.2/24', 'version': '4', 'interface': len(both['interfaces']) - 1}
    assert both['interfaces'][-1]['name'] == 'net1' and addresses(a, 'net1') == ['10.81.0.2/24']
    assert mine('CHECK', a, previous=both).status == 0
    assert mine('DEL', a, previous=both).status == 0 and 'net1' not in links(a) and 'eth0' in links(a)
    assert first('DEL', a, previous=both).status == 0


def test_both_families_on_a_bridge(leases, netns, run_netnsctl):
    ranges = [[{'subnet': '10.81.0.0/24'}], [{'subnet': 'fd00:81::/64'}]]
    lan = network(anchor='bridge://' + BRIDGE, isGateway=True, path=PLUGINS, ipam={
        'type': 'host-local', 'dataDir': str(leases), 'ranges': ranges,
        'routes': [{'dst': '0.0.0.0/0'}, {'dst': '::/0'}, {'dst': '10.99.0.0/16', 'gw': '10.81.0.7'}]})
    a, b = netns('a'), netns('b')
    result = lan.add(a)
    lan.add(b, container='c2')
    assert [(one['address'], one['gateway']) for one in result['ips']] == [
        ('10.81.0.2/24', '10.81.0.1'), ('fd00:81::2/64', 'fd00:81::1')]
    assert sorted((one['dst'], one['gw']) for one in result['routes']) == [
        ('0.0.0.0/0', '10.81.0.1'), ('10.99.0.0/16', '10.81.0.7'), ('::/0', 'fd00:81::1')]
    assert addresses(a, 'eth0') == ['10.81.0.2/24', 'fd00:81::2/64']
    assert 'tentative' not in ip(a, 'address', 'show', 'dev', 'eth0', 'scope', 'global')
    assert pings(a, '10.81.0.3') and pings(a, 'fd00:81::3') and pings(a, 'fd00:81::1')
    assert lan('CHECK', a, previous=result).status == 0
    assert 'nat' not in run_netnsctl('show', requests.wire_of('lan', 'c1', 'eth0')).out
    for ns, container in ((a, 'c1'), (b, 'c2')):
        assert lan('DEL', ns, container=container).status == 0


def test_without_a_bridge_and_without_ipam(netns, run_netnsctl):
    a = netns('a')
    lan = network(anchor='host=10.81.9.1/32', addresses='10.81.9.2/32', nat=True, mtu=1400, mac='02:00:00:00:81:09')
    result = lan.add(a)
    assert [one['sandbox'] for one in result['interfaces']] == ['', '/var/run/netns/' + a]
    assert result['interfaces'][1]['mac'] == '02:00:00:00:81:09'
    assert result['routes'][0] == {'dst': '0.0.0.0/0', 'gw': '10.81.9.1'} and pings(a, '10.81.9.1')
    assert links(a)['eth0']['mtu'] == 1400
    assert lan('CHECK', a, previous=result).status == 0
    assert lan('DEL', a).status == 0 and links(a) == {}


def test_a_port_of_open_vswitch(ovs, netns, run_netnsctl):
    a = netns('a')
    lan = network(cniVersion='1.1.0', anchor='ovs://%s=tag=10' % ovs.bridge, addresses='10.81.0.2/24')
    assert lan('STATUS').status == 0
    result = lan.add(a)
    assert result['interfaces'][0]['name'] in process.must(['ovs-vsctl', '--timeout=20', 'list-ports', ovs.bridge])
    assert lan('CHECK', a, previous=result).status == 0
    assert lan('DEL', a).status == 0
    assert process.must(['ovs-vsctl', '--timeout=20', 'list-ports', ovs.bridge]) == ''


def test_an_address_that_somebody_turns_out_to_have_is_not_kept(netns, run_netnsctl):
    a, b = netns('a'), netns('b')
    lan = network(anchor='bridge://' + BRIDGE, addresses='fd00:81::9/64', force=True)
    other = network(name='other', anchor='bridge://' + BRIDGE)
    other.add(b)
    process.must(['ip', '-n', b, 'address', 'add', 'fd00:81::9/64', 'dev', 'eth0', 'nodad'])
    answer = lan('ADD', a)
    assert answer.code == 104 and 'fd00:81::9' in answer.document['msg'], answer
    assert links(a) == {} and other('DEL', b).status == 0 and run_netnsctl('ls').out == ''


def test_with_an_echo_on_request_what_reaches_nobody_is_not_kept(netns, run_netnsctl):
    a, nic = netns('a'), 'nwe%d' % os.getpid()
    good = network(anchor='bridge://%s=10.81.0.1/24' % BRIDGE, addresses='10.81.0.2/24', check=True)
    result = good.add(a)
    assert good('CHECK', a, previous=result).status == 0
    process.must(['ip', 'address', 'del', '10.81.0.1/24', 'dev', BRIDGE])
    assert good('CHECK', a, previous=result).code == 105
    assert good('DEL', a).status == 0
    process.must(['ip', 'link', 'add', 'name', nic, 'type', 'veth', 'peer', 'name', nic + 'p'])
    try:
        for name in (nic, nic + 'p'):
            process.must(['ip', 'link', 'set', 'dev', name, 'up'])
        lonely = network(anchor='macvlan://' + nic, addresses='10.81.7.2/24', gw='10.81.7.1', check=True)
        answer = lonely('ADD', a)
        assert answer.code == 105 and '10.81.7.1' in answer.document['msg'], answer
        assert links(a) == {} and run_netnsctl('ls').out == ''
    finally:
        process.must(['ip', 'link', 'delete', 'dev', nic])
