"""The CNI plugin under load, and killed at any moment of an ADD: nothing gets lost."""
from __future__ import absolute_import, division, print_function

import json
import os
import random
import signal
import time

import pytest

from support import cni, process
from support.cni_plugins import PLUGINS, leased, needs_plugins
from support.inside import ip, links, pings

BRIDGE = 'nwm%d' % os.getpid()
MANY = 50
KILLS = 60

pytestmark = needs_plugins


@pytest.fixture
def config(leases, run_netnsctl):
    return {'cniVersion': '1.0.0', 'name': 'many', 'type': 'netnsctl', 'anchor': 'bridge://' + BRIDGE, 'nat': True,
            'ipam': {'type': 'host-local', 'dataDir': str(leases), 'subnet': '10.85.0.0/24',
                     'routes': [{'dst': '0.0.0.0/0'}]}}


def begin(config, command, number, netns):
    """Starts the plugin: Popen, whose input is written."""
    environ = cni.environ_of(command, container='c%d' % number, netns=netns, ifname='eth0', path=PLUGINS)
    popen = process.start(cni.argv(), environ)
    popen.stdin.write(json.dumps(config).encode('ascii'))
    popen.stdin.close()
    return popen


def end(popen):
    out = popen.stdout.read().decode('utf-8')
    popen.stdout.close()
    popen.stderr.close()
    return popen.wait(), out


def test_fifty_containers_at_once(config, leases, netns, run_netnsctl):
    names = [netns('m') for _ in range(MANY)]
    before = set(links(None))
    results = []
    for status, out in [end(popen) for popen in [begin(config, 'ADD', *item) for item in enumerate(names)]]:
        assert status == 0, out
        results.append(json.loads(out))
    assert len(set(result['ips'][0]['address'] for result in results)) == MANY == len(leased(leases, 'many'))
    listed = run_netnsctl('ls').out.splitlines()
    assert len(listed) == MANY and all('  whole  ' in line for line in listed)
    assert pings(names[0], results[-1]['ips'][0]['address'].partition('/')[0])
    for status, out in [end(popen) for popen in [begin(config, 'DEL', *item) for item in enumerate(names)]]:
        assert status == 0, out
    assert run_netnsctl('ls').out == '' and leased(leases, 'many') == [] and set(links(None)) == before
    assert [name for name in names if links(name)] == []


def test_killed_at_any_moment_of_an_add_a_del_leaves_nothing(config, leases, netns, run_netnsctl):
    a, before = netns('k'), set(links(None))
    config['runtimeConfig'] = {'portMappings': [{'hostPort': 18081, 'containerPort': 80}]}
    rules = process.must(['nft', 'list', 'ruleset'])
    began = time.time()
    assert end(begin(config, 'ADD', 0, a))[0] == 0
    takes = time.time() - began
    assert end(begin(config, 'DEL', 0, a))[0] == 0
    finished = 0
    for number in range(1, KILLS):
        popen = begin(config, 'ADD', number, a)
        time.sleep(random.uniform(0, takes * 1.2))
        os.kill(popen.pid, signal.SIGKILL)
        finished += end(popen)[0] == 0
        # Its IPAM plugin lives on a little, and a runtime's DEL comes no sooner.
        deadline = time.time() + 60
        while of_container(number):
            assert time.time() < deadline
            time.sleep(0.01)
        status, out = end(begin(config, 'DEL', number, a))
        left = links(a), set(links(None)) - before, leased(leases, 'many'), run_netnsctl('ls').out
        assert (status, left) == (0, ({}, set(), [], '')), (number, out)
    assert finished < KILLS - 1
    assert process.must(['nft', 'list', 'ruleset']) == rules
    ip(a, 'link')


def of_container(number):
    """PIDs of processes that were started for a container."""
    wanted, found = ('CNI_CONTAINERID=c%d\0' % number).encode('ascii'), []
    for pid in [name for name in os.listdir('/proc') if name.isdigit()]:
        try:
            with open('/proc/%s/environ' % pid, 'rb') as source:
                if wanted in source.read() + b'\0':
                    found.append(pid)
        except (OSError, IOError):
            continue
    return found
