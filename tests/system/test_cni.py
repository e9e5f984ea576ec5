"""The CNI plugin, started as runtimes start it, with the distribution's IPAM plugins and in chains with its others."""
from __future__ import absolute_import, division, print_function

import json
import os

from netnsctl.plugins.cni import request as requests
from support import process
from support.cni import PROGRAM, Answer, environ_of, network
from support.cni_plugins import BRIDGE, PLUGINS, leased, needs_plugins
from support.inside import addresses, ip, links, pings, routes


@needs_plugins
def test_an_attachment_is_made_checked_and_removed(lan, leases, netns, snapshot, nothing_left, run_netnsctl):
    a, b, before = netns('a'), netns('b'), snapshot()
    ports = {'portMappings': [{'hostPort': 18080, 'containerPort': 80, 'protocol': 'tcp'}]}
    result = lan.add(a, runtimeConfig=ports)
    assert result['ips'] == [{'address': '10.81.0.2/24', 'gateway': '10.81.0.1', 'interface': 2}]
    assert result['routes'] == [{'dst': '0.0.0.0/0', 'gw': '10.81.0.1'}]
    assert [(one['name'], one['sandbox']) for one in result['interfaces']] == [
        (BRIDGE, ''), (result['interfaces'][1]['name'], ''), ('eth0', '/var/run/netns/' + a)]
    assert result['interfaces'][2]['mac'] in ip(a, 'link', 'show', 'dev', 'eth0')
    assert addresses(a, 'eth0') == ['10.81.0.2/24'] and 'default via 10.81.0.1 dev eth0' in routes(a)
    assert lan.add(b, container='c2')['ips'][0]['address'] == '10.81.0.3/24'
    assert pings(a, '10.81.0.3') and pings(a, '10.81.0.1')
    assert '18080:80' in run_netnsctl('show', requests.wire_of('lan', 'c1', 'eth0')).out
    assert lan('CHECK', a, previous=result, runtimeConfig=ports).status == 0
    again = lan('ADD', a, runtimeConfig=ports)
    assert again.code == 104 and 'is attached to the network lan already' in again.document['msg']
    assert leased(leases) == ['10.81.0.2', '10.81.0.3']
    for _ in range(2):
        assert lan('DEL', a, previous=result).out == ''
        assert leased(leases) == ['10.81.0.3'] and links(a) == {}
    assert lan('DEL', b, container='c2').status == 0
    nothing_left(before)
    lan.add(b, container='c2')
    process.must(['ip', 'netns', 'delete', b])
    assert lan('DEL', None, container='c2').status == 0  # without a namespace
    assert leased(leases) == [] and run_netnsctl('ls').out == ''


@needs_plugins
def test_an_add_that_fails_gives_back_the_address_and_leaves_what_is_there(lan, leases, netns, run_netnsctl):
    a = netns('a')
    ip(a, 'link', 'add', 'name', 'eth0', 'type', 'veth', 'peer', 'name', 'other')
    answer = lan('ADD', a)
    assert answer.code == 104 and 'eth0' in answer.document['msg']
    assert leased(leases) == [] and set(links(a)) >= set(['eth0', 'other'])
    assert lan('DEL', a).status == 0 and 'eth0' in links(a)
    for netns_path, code in (('/run/netns/none-such', 3), ('/dev/null', 3), ('/proc/self/ns/net', 104)):
        answer = lan('ADD', netns_path)
        assert answer.code == code and leased(leases) == [], answer
    answer = lan('ADD', a, ipam={'type': 'none-such'})
    assert answer.code == 120 and 'there is no plugin none-such in CNI_PATH' in answer.document['msg']
    answer = lan('ADD', a, ipam={'type': 'host-local', 'dataDir': str(leases), 'subnet': '10.81.0.0/33'})
    assert answer.status == 1 and 'ipam host-local: ' in answer.document['msg']
    assert run_netnsctl('ls').out == ''


@needs_plugins
def test_after_a_reboot_del_gives_the_address_back(lan, leases, netns, run_netnsctl):
    a = netns('a')
    lan.add(a)
    wire, = run_netnsctl('ls').out.split()[:1]
    # What is in /run is gone, and so are rules, links and namespaces; the addresses handed out are on the disk.
    os.unlink('/run/netnsctl/wires/%s.json' % wire)
    process.must(['nft', 'delete', 'table', 'inet', 'netnsctl'])
    process.must(['ip', 'netns', 'delete', a])
    process.must(['ip', 'link', 'delete', 'dev', BRIDGE])
    assert leased(leases) == ['10.81.0.2']
    assert lan('DEL', a).status == 0 and leased(leases) == []


def test_a_container_that_comes_again_under_its_id_is_attached_in_place_of_the_one_that_is_gone(netns, run_netnsctl):
    lan = network(anchor='bridge://' + BRIDGE, addresses='10.81.0.2/24')
    a = netns('a')
    lan.add(a)
    process.must(['ip', 'netns', 'delete', a])
    process.must(['ip', 'netns', 'add', a])
    lan.add(a)
    assert addresses(a, 'eth0') == ['10.81.0.2/24'] and len(run_netnsctl('ls').out.splitlines()) == 1
    assert lan('DEL', a).status == 0


@needs_plugins
def test_an_address_of_full_length_leaves_no_bridge(netns, snapshot, nothing_left):
    """The host's route to it goes too."""
    a, before = netns('a'), snapshot()
    lan = network(anchor='bridge://' + BRIDGE, nat=True, path=PLUGINS, ipam={
        'type': 'static', 'addresses': [{'address': '10.81.0.2/32', 'gateway': '10.81.0.1'}]})
    lan.add(a)
    assert pings(a, '10.81.0.1')
    assert lan('DEL', a).status == 0
    nothing_left(before)


def test_gc_removes_what_is_stale_of_its_own_network_alone(netns, run_netnsctl):
    first = network(cniVersion='1.1.0', anchor='bridge://' + BRIDGE)
    other = network(cniVersion='1.1.0', name='lan2', anchor='bridge://' + BRIDGE)
    names = [netns('a') for _ in range(4)]
    for number, name in enumerate(names[:3]):
        first.add(name, container='c%d' % number)
    result = other.add(names[3], container='c9')
    assert result['interfaces'][2]['mtu'] == 1500
    key = 'cni.dev/valid-attachments'
    assert first('GC', **{key: 'c1'}).code == 7
    stay = [{'containerID': 'c1', 'ifname': 'eth0'}, {'containerID': 'c2', 'ifname': 'eth7'}]
    answer = first('GC', **{key: stay})
    assert (answer.status, answer.out) == (0, '')
    assert [links(name) == {} for name in names] == [True, False, True, False]
    assert first('STATUS').status == 0
    answer = network(cniVersion='1.1.0', anchor='macvlan://none-such')('STATUS')
    assert answer.code == 50 and 'no link none-such' in answer.document['msg']
    # Whether Open vSwitch runs here or not.
    answer = network(cniVersion='1.1.0', anchor='ovs://none-such')('STATUS')
    assert answer.code == 50 and 'Open vSwitch' in answer.document['msg'], answer
    for one in (first, other):
        assert one('GC', **{key: []}).status == 0
    assert run_netnsctl('ls').out == ''


def test_the_program_finds_its_python_and_its_modules(netns, run_netnsctl):
    a = netns('a')
    lan = network(anchor='bridge://' + BRIDGE, program=[PROGRAM], addresses='10.81.0.2/24')
    assert lan('VERSION').document['supportedVersions'][-1] == '1.1.0'
    lan.add(a)
    assert addresses(a, 'eth0') == ['10.81.0.2/24']
    name = requests.wire_of('lan', 'c1', 'eth0')
    assert run_netnsctl('ls').out.startswith(name + '  whole  ')
    assert lan('DEL', a).status == 0
    answer = Answer(process.run([PROGRAM], b'{', environ=environ_of('ADD', container='c', netns=a, ifname='e')))
    assert (answer.status, answer.code) == (1, 6) and json.loads(answer.out)['cniVersion'] == '1.1.0'
    closed = process.run(['sh', '-c', 'exec "$1" <&- >&-', '-', PROGRAM],
                         environ=environ_of('ADD', container='c', netns=a, ifname='e'))
    assert closed.status == 1 and 'Traceback' not in closed.err
