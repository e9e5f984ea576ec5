"""What runtimes of containers start or ask for: the plugins, compose files, labels."""

from __future__ import absolute_import, division, print_function

import json

from faults.ground import LabelGround, PluginGround
from faults.kinds_of_wires import A, B, NAMES
from faults.scenario import Scenario

COMPOSE = """printf '{"services": {}, "x-netnsctl": {"wires": ["netns://%s netns://%s", "%s %s"]}}' >/mnt/compose.yaml
""" % (A, B, 'netns://a:C=10.2.0.2/24,mac=02:00:00:00:02:0a', 'bridge://br0=10.2.0.1/24')


CNI = {'cniVersion': '1.1.0', 'name': 'lan', 'type': 'netnsctl', 'anchor': 'bridge://br0', 'gw': '10.2.0.1',
       'addresses': '10.2.0.2/24'}
OCI = {'id': 'c1', 'status': 'created', 'bundle': '/b', 'annotations': {
    'netnsctl.wire': 'self:eth0=10.2.0.2/24,gw=10.2.0.1 bridge://br0=10.2.0.1/24'}}
BEGUN, ENDED = [json.dumps(dict(OCI, status=status, pid='PID')).replace('"PID"', pid).encode('ascii')
                for status, pid in (('created', '{pid}'), ('stopped', '0'))]
# As podman's netavark says it.
NETAVARK = {'container_id': 'c' * 64, 'container_name': 'web', 'port_mappings': [
    {'container_port': 80, 'host_ip': '', 'host_port': 8080, 'protocol': 'tcp', 'range': 1}],
            'network_options': {'interface_name': 'eth0', 'static_ips': ['10.2.0.2'], 'aliases': [],
                                'static_mac': '02:00:00:00:00:01'},
            'network': {'name': 'n', 'id': 'e' * 64, 'driver': 'netnsctl', 'internal': False, 'ipv6_enabled': False,
                        'dns_enabled': False, 'network_interface': 'lan0', 'options': {},
                        'subnets': [{'subnet': '10.2.0.0/24', 'gateway': '10.2.0.1', 'lease_range': None}],
                        'ipam_options': {'driver': 'host-local'}, 'network_dns_servers': [], 'routes': []}}
LABEL = 'self:eth1=10.2.0.2/24,mac=02:00:00:00:02:0a bridge://br0=10.2.0.1/24'
START = 'docker run -d --name web --network none --label "netnsctl.wire=%s" own-busybox sleep 100000\n' % LABEL


def scenarios():
    compose = ['--compose', '/mnt/compose.yaml', '--project', 'p']
    yield Scenario('up compose', NAMES + COMPOSE, ['up', '--no-check'] + compose, ['down'] + compose,
                   parts=('there', 'back'))
    # The hook's note of a container is removed after its wires; the next start sweeps it.
    lan, attached = json.dumps(CNI).encode('ascii'), json.dumps(NETAVARK).encode('ascii')
    yield Scenario('CNI', 'ip netns add a', ['CNI', 'ADD'], ['CNI', 'DEL'], feed=lan, feed_back=lan,
                   ground=PluginGround)
    yield Scenario('netavark', 'ip netns add a', ['NETAVARK', 'setup'], ['NETAVARK', 'teardown'], feed=attached,
                   feed_back=attached, ground=PluginGround)
    yield Scenario('OCI hook', 'ip netns add a; echo "pod_annotations = obey" >/etc/netnsctl.conf', ['OCI', 'begin'],
                   ['OCI', 'end'], feed=BEGUN, feed_back=ENDED, ground=PluginGround, parts=('there', 'back'))
    if LabelGround.is_installed():
        yield Scenario('watch labels', START, ['watch', '--once', '--labels'], ['unwire', '--all'], ground=LabelGround)
        yield Scenario('watch labels, stopped', START, ['watch', '--once', '--labels'], ground=LabelGround,
                       back_sh='docker start web; netnsctl watch --once --labels; docker kill web', parts=('there',))
