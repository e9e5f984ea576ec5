"""What the netavark plugin makes of a network and of a container that is attached to it, and what it refuses."""
from __future__ import absolute_import, division, print_function

import copy

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.plugins import netavark
from netnsctl.plugins.netavark import attachment, network

NETWORK = {'name': 'n', 'id': 'e' * 64, 'driver': 'netnsctl', 'internal': False, 'ipv6_enabled': False,
           'dns_enabled': True, 'network_interface': 'lan0', 'options': {'nat': 'yes', 'rate': '10mbit'},
           'subnets': [{'subnet': '10.0.0.0/24', 'gateway': '10.0.0.1', 'lease_range': None}],
           'ipam_options': {'driver': 'host-local'}, 'network_dns_servers': ['10.0.0.53'],
           'routes': [{'destination': '10.9.0.0/16', 'gateway': '10.0.0.7', 'metric': None}]}
CONTAINER = {'container_id': 'c' * 64, 'container_name': 'web', 'network': NETWORK,
             'port_mappings': [{'container_port': 80, 'host_ip': '', 'host_port': 8080, 'protocol': 'tcp', 'range': 1}],
             'network_options': {'interface_name': 'eth0', 'static_ips': ['10.0.0.2'], 'aliases': ['c' * 12],
                                 'static_mac': '02:00:00:00:00:01'}}


def changed(tree, path, value):
    """A copy in which what is at a path ('network/id') is another value, or missing (Ellipsis)."""
    tree = copy.deepcopy(tree)
    keys = path.split('/')
    inner = tree
    for key in keys[:-1]:
        inner = inner[int(key) if key.isdigit() else key]
    if value is Ellipsis:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    return tree


def ends_of(data, led=()):
    return attachment.read('/run/netns/x', data).ends(led)


def test_the_two_ends_of_a_container():
    assert ends_of(CONTAINER) == (
        'path:///run/netns/x:eth0=10.0.0.2/24,gw=10.0.0.1,mac=02:00:00:00:00:01,route=10.9.0.0/16@10.0.0.7,'
        'publish=8080:80,rate=10mbit', 'bridge://lan0=10.0.0.1/24,nat')
    for text in ends_of(CONTAINER):
        endpoint.parse(text)


def test_a_default_route_that_is_there_stays_the_only_one():
    assert ',gw=' not in ends_of(CONTAINER, [4])[0] and ',gw=' in ends_of(CONTAINER, [6])[0]
    for path, value in (('network/internal', True), ('network_options/options', {'no_default_route': '1'})):
        assert ',gw=' not in ends_of(changed(CONTAINER, path, value))[0]


def test_ports_of_every_form():
    rows = [{'container_port': 53, 'host_ip': '192.0.2.1', 'host_port': 5353, 'protocol': 'udp,tcp', 'range': 1},
            {'container_port': 9000, 'host_ip': 'fd00::1', 'host_port': 9000, 'protocol': 'tcp', 'range': 3},
            {'container_port': 1, 'host_ip': '0.0.0.0', 'host_port': 2, 'protocol': '', 'range': 0}]
    own = ends_of(changed(CONTAINER, 'port_mappings', rows))[0]
    assert [item[8:] for item in own.split(',') if item.startswith('publish=')] == [
        '192.0.2.1:5353:53/udp', '192.0.2.1:5353:53', '[fd00::1]:9000-9002:9000-9002', '2:1']


def test_options_of_the_other_end_go_there_and_a_containers_own_come_first():
    data = changed(CONTAINER, 'network/options', {'to': 'ovs://br', 'trunks': '10,20', 'mtu': '1400'})
    data = changed(data, 'network_options/options', {'mtu': '1300', 'tag': '7'})
    own, outer = ends_of(changed(data, 'port_mappings', None))
    assert outer == 'ovs://br=tag=7,trunks=10,trunks=20' and own.endswith(',mtu=1300')


def test_options_about_ports_are_for_the_containers_that_have_some():
    data = changed(CONTAINER, 'network/options', {'to': 'host', 'open': 'yes', 'localhost': 'yes'})
    own, outer = ends_of(data)
    assert own.endswith(',localhost') and outer.endswith(',open')
    own, outer = ends_of(changed(data, 'port_mappings', None))
    assert 'localhost' not in own and 'open' not in outer
    assert network.completed(data['network'])['options'] == data['network']['options']


def test_the_name_of_a_wire_is_of_its_container_network_and_interface():
    name = attachment.wire_of(CONTAINER)
    assert name.startswith('netavark-web.n.eth0-')
    for path, value in (('container_id', 'd' * 64), ('network/id', 'f' * 64), ('network_options/interface_name', 'e')):
        assert attachment.wire_of(changed(CONTAINER, path, value)) != name
    odd = attachment.wire_of(changed(CONTAINER, 'container_name', 'a/b c=,' + 'x' * 300))
    assert len(odd) <= 100 and '/' not in odd and ' ' not in odd


def test_what_a_created_network_lacks():
    made = network.completed(changed(changed(NETWORK, 'subnets/0/gateway', Ellipsis), 'network_interface', Ellipsis))
    assert made['subnets'][0]['gateway'] == '10.0.0.1' and made['dns_enabled'] is False
    assert made['network_interface'].startswith('nw') and made['ipam_options'] == {'driver': 'host-local'}
    bare = dict(name='n', id='e' * 64, driver='netnsctl', ipam_options={'driver': 'dhcp'})
    assert 'subnets' not in network.completed(bare)
    assert ends_of(changed(changed(changed(CONTAINER, 'network', bare), 'network_options/static_ips', None),
                           'port_mappings', None))[0].startswith('path:///run/netns/x:eth0=dhcp,mac=')


@pytest.mark.parametrize('path,value', [
    ('name', Ellipsis), ('name', 7), ('name', 'a\nb'), ('id', ''), ('id', None), ('subnets', 'x'), ('subnets', [7]),
    ('subnets', [{}]), ('subnets/0/subnet', '10.0.0.0/99'), ('subnets/0/subnet', 'default'), ('subnets', None),
    ('subnets/0/gateway', 'x'), ('subnets/0/gateway', '10.0.0.1,nat'), ('options', []), ('options', {'nat': 1}),
    ('options', {'nat': 'perhaps'}), ('options', {'x': 'y'}), ('options', {'to': 'bridge://b=10.9.9.9/24'}),
    ('options', {'to': 'x://y'}), ('options', {'mtu': '1400,route=0.0.0.0/0'}),
    ('options', {'tag': '5\n'}), ('options', {'rate': 'fast'}), ('network_interface', 'a' * 16),
    ('network_interface', 'a,b'), ('network_interface', 7), ('ipam_options', {'driver': 'magic'}),
    ('ipam_options', {'driver': 'dhcp'}), ('ipam_options', 'x'), ('routes', [{'destination': 'x'}]),
    ('network_dns_servers', ['x']), ('network_dns_servers', 'x'), ('routes', 7),
    ('subnets/0/gateway', '10.9.0.1'), ('subnets/0/subnet', '10.0.0.1/32'), ('options', {'mtu': '60'}),
    ('routes/0/gateway', 'fd00::1'),
    ('routes/0/metric', '5'), ('routes/0/metric', True), ('routes/0/metric', -1), ('routes/0/metric', 1 << 32),
])
def test_a_network_that_cannot_be_is_refused(path, value):
    with pytest.raises(UsageError) as caught:
        network.completed(changed(NETWORK, path, value))
    assert netavark.told(caught.value).startswith('netnsctl: ') and '\n' not in netavark.told(caught.value)


@pytest.mark.parametrize('driver', ['none', 'dhcp'])
def test_nat_of_a_network_whose_gateway_has_no_address_is_refused(driver):
    data = dict(name='n', id='e' * 64, driver='netnsctl', options={'nat': 'yes'}, ipam_options={'driver': driver})
    with pytest.raises(UsageError) as caught:
        network.completed(data)
    assert 'nat needs an address of this end' in str(caught.value)


@pytest.mark.parametrize('path,value', [
    ('container_id', 7), ('container_name', None), ('container_name', 'a\0b'), ('network', 'n'), ('network', None),
    ('network_options', None), ('network_options/interface_name', 'a/b'), ('network_options/interface_name', 'lo'),
    ('network_options/interface_name', 'a=b'), ('network_options/static_ips', '10.0.0.2'),
    ('network_options/static_ips', ['10.0.1.2']), ('network_options/static_ips', [7]),
    ('network_options/static_ips', ['10.0.0.2,nat']), ('network_options/static_mac', 'ff:ff:ff:ff:ff:ff'),
    ('network_options/static_mac', 7), ('network_options/options', {'x': 'y'}), ('port_mappings', [7]),
    ('port_mappings/0/host_port', '80'), ('port_mappings/0/host_port', 1 << 20), ('port_mappings/0/range', -1),
    ('port_mappings/0/protocol', 'sctp'), ('port_mappings/0/host_ip', 'x'), ('port_mappings/0/protocol', 7),
    ('port_mappings/0/host_ip', 7),
])
def test_a_container_that_cannot_be_is_refused(path, value):
    with pytest.raises(UsageError) as caught:
        ends_of(changed(CONTAINER, path, value))
    assert '\n' not in netavark.told(caught.value)


@pytest.mark.parametrize('words', [['destroy'], ['setup'], ['setup', '/x', '/y'], ['create', 'x'], ['teardown']])
def test_a_command_line_that_netavark_does_not_use_is_refused(words):
    with pytest.raises(UsageError):
        netavark.run(words, None)


@pytest.mark.parametrize('path', ['x', '', '/a=b', '/' + 'x' * 5000])
def test_a_path_that_names_no_namespace_is_refused(path):
    with pytest.raises(UsageError):
        attachment.read(path, CONTAINER)


def test_info():
    told = []
    for words in (['info'], []):
        netavark.run(words, told.append)
    assert [answer['api_version'] for answer in told] == ['1.0.0', '1.0.0']
