"""The configuration of a network: its keys, and what they become as the two ends of a wire."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.plugins.cni import configuration, ends, request as requests
from netnsctl.plugins.cni.problems import CniError, as_cni

LEASED = {'ips': [{'address': '10.1.0.5/16', 'gateway': '10.1.0.1'}], 'routes': [('0.0.0.0/0', None)], 'dns': {}}


def read(command='ADD', **keys):
    return configuration.read(dict({'cniVersion': '1.0.0', 'name': 'lan', 'type': 'netnsctl',
                                    'anchor': 'bridge://br0'}, **keys), command)


def request(**variables):
    return requests.read(dict({'CNI_COMMAND': 'ADD', 'CNI_CONTAINERID': 'c1', 'CNI_NETNS': '/run/netns/n1',
                               'CNI_IFNAME': 'eth0'}, **variables))


def both(leased=None, environ=(), **keys):
    """(the container's end, the host's) in text; each is in netnsctl's grammar."""
    config, asked = read(**keys), request(**dict(environ))
    wanted = ends.wanted(config, asked, leased)
    found = ends.inner(asked, config, wanted), ends.outer(config, wanted, leased)
    for text in found:
        endpoint.parse(text)
    return found


@pytest.mark.parametrize('keys,inner,outer', [
    ({}, '', 'bridge://br0'),
    ({'addresses': '10.1.0.2/24'}, '=10.1.0.2/24', 'bridge://br0'),
    ({'addresses': ['10.1.0.2/24', 'FD00::2/64'], 'gw': ['10.1.0.1', 'fd00::1']},
     '=10.1.0.2/24,fd00::2/64,gw=10.1.0.1,gw=fd00::1', 'bridge://br0'),
    ({'addresses': '10.1.0.2/24', 'routes': ['10.9.0.0/16@10.1.0.1', {'dst': '10.8.0.0/16', 'gw': '10.1.0.1'}]},
     '=10.1.0.2/24,route=10.9.0.0/16@10.1.0.1,route=10.8.0.0/16@10.1.0.1', 'bridge://br0'),
    ({'addresses': '10.1.0.2/24', 'routes': [{'dst': '0.0.0.0/0', 'gw': '10.1.0.1', 'mtu': 0}]},
     '=10.1.0.2/24,gw=10.1.0.1', 'bridge://br0'),
    ({'mac': '02:00:00:00:00:0A', 'mtu': 1400, 'ipv6': True}, '=mac=02:00:00:00:00:0a,mtu=1400,ipv6', 'bridge://br0'),
    ({'rate': '10mbit', 'delay': '5ms'}, '=rate=10mbit,delay=5ms', 'bridge://br0'),
    ({'addresses': '10.1.0.2/24', 'publish': ['8080:80', '53:53/udp'], 'localhost': True},
     '=10.1.0.2/24,publish=8080:80,publish=53:53/udp,localhost', 'bridge://br0'),
    ({'anchor': 'bridge://br0=10.1.0.1/24', 'addresses': '10.1.0.2/24', 'nat': True, 'open': True},
     '=10.1.0.2/24', 'bridge://br0=10.1.0.1/24,nat,open'),
    ({'anchor': 'bridge://br0=10.1.0.1/24,nat', 'ipMasq': True}, '', 'bridge://br0=10.1.0.1/24,nat'),
    ({'anchor': 'macvlan://eth0=mode=private'}, '', 'macvlan://eth0=mode=private'),
    ({'anchor': 'vlan://eth0/100'}, '', 'vlan://eth0/100'),
    ({'anchor': 'vxlan://42=remote=192.0.2.2,port=8472'}, '', 'vxlan://42=remote=192.0.2.2,port=8472'),
    ({'anchor': 'ovs://br-int=tag=10'}, '', 'ovs://br-int=tag=10'),
    ({'anchor': 'host=10.1.0.1/32', 'addresses': '10.1.0.2/32', 'nat': True}, '=10.1.0.2/32',
     'host=10.1.0.1/32,nat'),
])
def test_keys_become_the_items_of_two_ends(keys, inner, outer):
    assert both(**keys) == ('path:///run/netns/n1:eth0' + inner, outer)


def test_what_an_ipam_plugin_says_is_taken_over_and_the_bridge_gets_the_gateway_where_it_is_one():
    assert both(LEASED) == ('path:///run/netns/n1:eth0=10.1.0.5/16,gw=10.1.0.1', 'bridge://br0')
    assert both(LEASED, isGateway=True)[1] == 'bridge://br0=10.1.0.1/16'
    assert both(LEASED, ipMasq=True)[1] == 'bridge://br0=10.1.0.1/16,nat'
    assert both(LEASED, nat=True, anchor='bridge://br0=10.1.0.9/16')[1] == 'bridge://br0=10.1.0.9/16,nat'
    several = dict(LEASED, ips=LEASED['ips'] + [{'address': '10.1.0.6/16', 'gateway': '10.1.0.1'},
                                                {'address': 'fd00::5/64', 'gateway': 'fd00::1'}],
                   routes=[('10.9.0.0/16', None), ('::/0', None), ('10.8.0.0/16', '10.1.0.7')])
    assert both(several, isGateway=True) == (
        'path:///run/netns/n1:eth0=10.1.0.5/16,10.1.0.6/16,fd00::5/64,gw=fd00::1,route=10.9.0.0/16@10.1.0.1,'
        'route=10.8.0.0/16@10.1.0.7', 'bridge://br0=10.1.0.1/16,fd00::1/64')


@pytest.mark.parametrize('runtime,inner,outer', [
    ({'ips': ['10.1.0.7/24']}, '=10.1.0.7/24', ''),
    ({'mac': '02:00:00:00:00:01'}, '=10.1.0.2/24,mac=02:00:00:00:00:01', ''),
    ({'portMappings': [{'hostPort': 8080, 'containerPort': 80, 'protocol': 'TCP'}, {'containerPort': 9, 'hostPort': 0},
                       {'hostPort': 53, 'containerPort': 53, 'protocol': 'udp', 'hostIP': '192.0.2.1'},
                       {'hostPort': 81, 'containerPort': 81, 'hostIP': '0.0.0.0'},
                       {'hostPort': 82, 'containerPort': 82, 'hostIP': '2001:db8::1'}]},
     '=10.1.0.2/24,publish=8080:80/tcp,publish=192.0.2.1:53:53/udp,publish=81:81/tcp,publish=[2001:db8::1]:82:82/tcp',
     ''),
    ({'bandwidth': {'ingressRate': 8000000, 'ingressBurst': 2147483647, 'egressRate': 1000000, 'egressBurst': 800000}},
     '=10.1.0.2/24,rate=1mbit,burst=100000b', '=rate=8mbit'),
    # As containerd 1.6 writes them.
    ({'portMappings': [{'HostPort': 8080, 'ContainerPort': 80, 'Protocol': 'tcp', 'HostIP': ''}],
      'bandwidth': {'IngressRate': 8000000, 'IngressBurst': 0, 'EgressRate': 1000000, 'EgressBurst': 0}},
     '=10.1.0.2/24,rate=1mbit,publish=8080:80/tcp', '=rate=8mbit'),
    ({'bandwidth': {'ingressRate': 0}, 'portMappings': None, 'ips': []}, '=10.1.0.2/24', ''),
])
def test_what_the_runtime_asks_for_is_added(runtime, inner, outer):
    assert both(addresses='10.1.0.2/24', runtimeConfig=runtime) == (
        'path:///run/netns/n1:eth0' + inner, 'bridge://br0' + outer)


def test_the_runtimes_word_for_addresses_and_mac_goes_before_that_of_args_and_of_the_environment():
    words = {'CNI_ARGS': 'IgnoreUnknown=1;K8S_POD_NAME=web;MAC=02:00:00:00:00:03;IP=10.1.0.3/24'}
    assert both(environ=words)[0].endswith('=10.1.0.3/24,mac=02:00:00:00:00:03')
    args = {'cni': {'mac': '02:00:00:00:00:04', 'ips': ['10.1.0.4/24'], 'labels': []}}
    assert both(environ=words, args=args)[0].endswith('=10.1.0.4/24,mac=02:00:00:00:00:04')
    runtime = {'mac': '02:00:00:00:00:05', 'ips': ['10.1.0.5/24']}
    assert both(environ=words, args=args, runtimeConfig=runtime)[0].endswith('=10.1.0.5/24,mac=02:00:00:00:00:05')
    ipam = {'type': 'host-local'}
    assert both(LEASED, environ=words, ipam=ipam, runtimeConfig=runtime)[0].endswith(
        '=10.1.0.5/16,gw=10.1.0.1,mac=02:00:00:00:00:05')


def test_an_address_without_a_length_has_that_of_the_network_around_it():
    runtime = {'ips': ['10.1.0.7']}
    assert both(anchor='bridge://br0=10.1.0.1/24', runtimeConfig=runtime)[0].endswith('=10.1.0.7/24')
    assert both(addresses='10.1.0.2/16', runtimeConfig=runtime)[0].endswith('=10.1.0.7/16')
    with pytest.raises(CniError) as caught:
        both(runtimeConfig=runtime)
    assert caught.value.code == 7 and '10.1.0.7 has no prefix length' in caught.value.message


@pytest.mark.parametrize('keys,code,words', [
    ({'adresses': ['10.1.0.2/24']}, 2, 'adresses=["10.1.0.2/24"]'),
    ({'anchor': None}, 7, 'no anchor'),
    ({'anchor': 7}, 7, 'anchor: must be text, not 7'),
    ({'anchor': 'bridg://br0'}, 7, 'unknown scheme bridg://'),
    ({'anchor': 'bridge:/br0'}, 7, 'a single "/" after the scheme'),
    ({'anchor': 'macvlan://eth0', 'nat': True}, 7, 'nat is not an item of macvlan://eth0'),
    ({'nat': 'yes'}, 7, 'nat: must be true or false, not "yes"'),
    ({'mtu': '1400'}, 7, 'mtu: must be a whole number'),
    ({'mtu': True}, 7, 'mtu: must be a whole number'),
    ({'mtu': 20}, 7, 'mtu 20: not a number from 68'),
    ({'addresses': '10.1.0.2/24,nat'}, 7, 'addresses: must be text without ","'),
    ({'addresses': ['10.1.0.300/24']}, 7, '10.1.0.300/24'),
    ({'addresses': ['10.1.0.%d/24' % n for n in range(1, 70)]}, 7, 'more than 64'),
    ({'gw': 'router'}, 7, 'gw router'),
    ({'routes': [{'dst': '10.9.0.0/16', 'priority': 5}]}, 2, 'priority=5'),
    ({'routes': [{'gw': '10.1.0.1'}]}, 7, 'routes.dst: must be text'),
    ({'rate': 10}, 7, 'rate: must be text'),
    ({'ifname': 'a/b'}, 7, 'ifname: interface name "a/b"'),
    ({'ipam': {'type': '../host-local'}}, 7, 'ipam.type: must be the name of a program'),
    ({'ipam': {'subnet': '10.1.0.0/16'}}, 7, 'ipam.type'),
    ({'dns': {'nameserver': ['10.1.0.1']}}, 2, 'nameserver=["10.1.0.1"]'),
    ({'dns': {'nameservers': '10.1.0.1'}}, 7, 'dns.nameservers'),
    ({'name': 'a/b'}, 7, 'a/b is not the name of a network'),
    ({'name': ''}, 7, 'no name'),
    ({'name': 3}, 7, 'not the name'),
    ({'cniVersion': '0.2.0'}, 1, '0.2.0 is not supported'),
    ({'cniVersion': ['1.0.0']}, 1, 'not supported'),
    ({'runtimeConfig': []}, 7, 'runtimeConfig: must be an object'),
    ({'runtimeConfig': {'portMappings': {'a': 1}}}, 7, 'portMappings: must be a list'),
    ({'runtimeConfig': {'portMappings': [{'hostPort': 80}]}}, 7, 'portMappings[0].containerPort'),
    ({'runtimeConfig': {'portMappings': [{'hostPort': 80, 'containerPort': 80, 'protocol': 'sctp'}]}}, 7, 'sctp'),
    ({'runtimeConfig': {'bandwidth': {'egressRate': -1}}}, 7, 'bandwidth.egressRate'),
    ({'runtimeConfig': {'bandwidth': {'egressRate': 8}}}, 7, 'rate=8bit'),
    ({'anchor': 'vlan://eth0/7', 'runtimeConfig': {'bandwidth': {'ingressRate': 10000000}}}, 7, 'not an item of vlan'),
    ({'runtimeConfig': {'ips': 7}}, 7, 'ips: must be text'),
    ({'args': {'cni': 'x'}}, 7, 'args.cni'),
])
def test_what_is_wrong_is_named_with_its_key(keys, code, words):
    with pytest.raises((CniError, UsageError)) as caught:
        both(addresses=keys.pop('addresses', '10.1.0.2/24'), **keys)
    assert words in caught.value.message
    assert getattr(caught.value, 'code', 7) == code


def test_what_was_made_is_removed_whatever_the_configuration_has_become():
    for command, more in (('DEL', {}), ('GC', {'cniVersion': '1.1.0', 'cni.dev/valid-attachments': []})):
        config = read(command, anchor='garbage://', what=3, mtu='x', ipam={'type': 'host-local'}, **more)
        assert config.name == 'lan' and config.get('ipam') == {'type': 'host-local'}


@pytest.mark.parametrize('command,version,is_there', [
    ('CHECK', '0.3.1', False), ('CHECK', '0.4.0', True), ('GC', '1.0.0', False), ('GC', '1.1.0', True),
    ('STATUS', '1.0.0', False), ('STATUS', '1.1.0', True), ('ADD', '0.3.0', True), ('DEL', '0.3.1', True)])
def test_a_version_has_its_commands(command, version, is_there):
    keys = {'cniVersion': version, 'cni.dev/valid-attachments': [{'containerID': 'c1', 'ifname': 'eth0'}]}
    if is_there:
        config = read(command, **keys)
        assert config.attachments == (set([('c1', 'eth0')]) if command == 'GC' else None)
    else:
        with pytest.raises(CniError) as caught:
            read(command, **keys)
        assert caught.value.code == 1


@pytest.mark.parametrize('value', [{}, 'c1', False, [3], [{'containerID': 'c1'}], [{'containerID': '', 'ifname': 'x'}]])
def test_gc_takes_no_list_that_it_cannot_read_for_an_empty_one(value):
    with pytest.raises(CniError) as caught:
        read('GC', cniVersion='1.1.0', **{'cni.dev/valid-attachments': value})
    assert caught.value.code == 7 and 'cni.dev/valid-attachments' in caught.value.message


@pytest.mark.parametrize('keys', [{}, {'cni.dev/valid-attachments': None}, {'cni.dev/attachments': []}])
def test_gc_takes_what_libcni_sends_where_nothing_is_to_stay(keys):
    assert read('GC', cniVersion='1.1.0', **keys).attachments == set()
    own = {'cni.dev/attachments': [{'containerID': 'c', 'ifname': 'e'}]}
    assert read('GC', cniVersion='1.1.0', **own).attachments == set([('c', 'e')])


@pytest.mark.parametrize('keys', [
    {'publish': '127.0.0.1:8080:80'}, {'publish': ['81:81', '[::1]:8080:80']},
    {'runtimeConfig': {'portMappings': [{'hostPort': 8080, 'containerPort': 80, 'hostIP': '127.0.0.1'}]}},
    {'runtimeConfig': {'portMappings': [{'hostPort': 8080, 'containerPort': 80, 'hostIP': '::1'}]}}])
def test_a_port_at_an_address_of_this_host_alone_is_refused_with_the_key_that_there_is(keys):
    with pytest.raises(UsageError) as caught:
        both(addresses='10.1.0.2/24', **keys)
    refused = as_cni(caught.value)
    assert refused.code == 7 and 'is reached from this host alone' in refused.message
    assert refused.details == 'Publish the port on all addresses, and give the key "localhost": true.'
