"""The netavark plugin, started as podman's netavark starts it."""
from __future__ import absolute_import, division, print_function

import json

from support import process
from support.cni import argv

CONTAINER = {'container_id': 'c' * 64, 'container_name': 'web', 'port_mappings': [
    {'container_port': 80, 'host_ip': '', 'host_port': 18081, 'protocol': 'tcp', 'range': 1}],
             'network_options': {'interface_name': 'eth0', 'static_ips': ['10.82.0.2'], 'aliases': []}}
NETWORK = {'name': 'n', 'id': 'e' * 64, 'driver': 'netnsctl', 'internal': False, 'options': {'nat': 'yes'},
           'network_interface': 'nwlost0', 'ipam_options': {'driver': 'host-local'},
           'subnets': [{'subnet': '10.82.0.0/24', 'gateway': '10.82.0.1'}]}


def attached(container=(), **keys):
    """What netavark says of a container and its network, as bytes. container, keys: what else they have."""
    return json.dumps(dict(CONTAINER, network=dict(NETWORK, **keys), **dict(container))).encode('ascii')


def call(what, netns, feed, before=()):
    """Result of `setup` or `teardown`, of a named namespace. before: words before the program."""
    return process.run(list(before) + argv('netavark') + [what, '/run/netns/' + netns], feed)
