"""The configurations in docs/cni, as they stand, on a throwaway host with a network card."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import cni, doc_pages
from support.cni_plugins import PLUGINS, needs_plugins
from support.program import TOP

FOLDER = os.path.join(TOP, 'docs', 'cni')
CARD = '''
ip link add eth0 type veth peer name lan0
ip address add 192.168.1.10/24 dev eth0
ip link set eth0 up; ip link set lan0 up
ip netns add a; ip netns add b
'''


@pytest.fixture
def attach(host):
    """attach(file, command, ...): what the only plugin of an example answers on that host."""
    host.sh(CARD)

    def call(name, command, *words, **keys):
        one, = cni.of_conflist(os.path.join(FOLDER, name), path=PLUGINS, program=host.prefix + cni.argv())
        answer = one(command, *words, **keys)
        assert answer.status == 0, answer
        return answer.document
    return call


def test_the_recipe_shows_the_example_as_it_stands():
    block, = [block for block in doc_pages.blocks('docs/recipes/cni.md') if block.kind == 'json' and block.title]
    with open(os.path.join(FOLDER, 'bridge.conflist')) as source:
        assert source.read() == block.text + '\n'
    assert sorted(os.listdir(FOLDER)) == ['bridge.conflist', 'macvlan.conflist', 'vlan.conflist', 'vxlan.conflist']


@needs_plugins
def test_a_bridge_with_nat_published_ports_and_limits(attach, host):
    runtime = {'portMappings': [{'hostPort': 18080, 'containerPort': 80, 'protocol': 'tcp'}],
               'bandwidth': {'ingressRate': 8000000, 'egressRate': 4000000}}
    a = attach('bridge.conflist', 'ADD', 'a', runtimeConfig=runtime)
    b = attach('bridge.conflist', 'ADD', 'b', container='c2')
    assert [one['ips'][0]['address'] for one in (a, b)] == ['10.88.0.2/16', '10.88.0.3/16']
    host.sh('ip netns exec a busybox ping -c 1 -W 5 10.88.0.3; ip netns exec a busybox ping -c 1 -W 5 192.168.1.10')
    name = host('ls').out.split()[0]
    shown = host('show', name).out
    for word in ('18080:80', 'nat', 'rate=8mbit', 'rate=4mbit'):
        assert word in shown, shown
    attach('bridge.conflist', 'CHECK', 'a', previous=a, runtimeConfig=runtime)
    for ns, container in (('a', 'c1'), ('b', 'c2')):
        attach('bridge.conflist', 'DEL', ns, container=container)
    assert host('ls').out == '' and 'cni0' not in host.sh('ip -br link')


@needs_plugins
def test_a_macvlan_on_the_lan(attach, host):
    result = attach('macvlan.conflist', 'ADD', 'a')
    assert result['dns'] == {'nameservers': ['192.168.1.1']} and len(result['interfaces']) == 1
    assert result['ips'] == [{'address': '192.168.1.200/24', 'gateway': '192.168.1.1', 'interface': 0}]
    assert 'macvlan mode bridge' in host.sh('ip -n a -d link show dev eth0')
    assert host.sh('ip -n a route show default').split()[:3] == ['default', 'via', '192.168.1.1']
    attach('macvlan.conflist', 'CHECK', 'a', previous=result)
    attach('macvlan.conflist', 'DEL', 'a', previous=result)
    assert host('ls').out == '' and 'eth0' not in host.sh('ip -n a -br link')


def test_a_vxlan_to_other_hosts(attach, host):
    result = attach('vxlan.conflist', 'ADD', 'a', runtimeConfig={'ips': ['10.42.0.77']})
    assert result['ips'] == [{'address': '10.42.0.77/24', 'interface': 0}]
    assert 'vxlan id 42 remote 192.168.1.11' in host.sh('ip -n a -d link show dev eth0')
    assert 'mtu 1450' in host.sh('ip -n a link show dev eth0')
    attach('vxlan.conflist', 'CHECK', 'a', previous=result)
    attach('vxlan.conflist', 'DEL', 'a', previous=result)
    assert host.sh('ip -n a link show type vxlan') == ''


def test_the_doctor_says_where_the_plugin_belongs_and_its_commands_put_it_there(host):
    host.sh('mkdir -p /etc/cni/net.d; cp %s/vlan.conflist /etc/cni/net.d/10-vlan.conflist; mount -t tmpfs none /opt'
            % FOLDER)
    finding, = json.loads(host('doctor', '--json', 'cni').out)['findings']
    if finding['status'] == 'ok':
        pytest.skip('this machine has the plugin installed')
    host.sh('\n'.join(finding['remediation']['commands']))
    finding, = json.loads(host('doctor', '--json', 'cni').out)['findings']
    assert (finding['status'], finding['text']) == ('ok', 'found in /opt/cni/bin')
    assert json.loads(host.sh('CNI_COMMAND=VERSION /opt/cni/bin/netnsctl </dev/null'))['cniVersion'] == '1.1.0'
