"""What a container in a VLAN of a bridge must not achieve, and a container that starts again: bridge://BRIDGE=tag=ID."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import process
from support.called import called_by_netlink
from support.inside import ip, links, pings
from support.own_docker import OwnDocker

OWN = ['Egress Untagged', 'PVID']


@pytest.fixture
def run_netnsctl():
    with called_by_netlink() as program:
        yield program


def vlans_of(port):
    found = json.loads(process.must(['bridge', '-j', 'vlan', 'show', 'dev', port]) or '[]')
    return [(vlan['vlan'], sorted(vlan.get('flags', ()))) for item in found for vlan in item['vlans']]


def test_a_container_gets_into_no_other_vlan(run_netnsctl, netns):
    """It sends tagged frames, frames with two tags, and takes the other's MAC address."""
    evil, other = netns('evil'), netns('other')
    result = run_netnsctl('wire', '-f', '-', '--no-check', feed='%s:e=10.1.1.1/24 bridge://br0:p1=tag=100\n'
                                                                '%s:e=10.1.1.2/24 bridge://br0:p2=tag=200\n'
                                                                % (evil, other))
    assert result.status == 0, result
    process.must(['ip', 'netns', 'exec', evil, 'sh', '-ec', '''
        ip link add link e name once type vlan id 200
        ip link add link e name own type vlan id 100
        ip link add link own name twice type vlan id 200
        ip address flush dev e
        for dev in once own twice; do ip link set dev $dev up; done'''])
    for dev in ('once', 'twice'):
        ip(evil, 'address', 'add', '10.1.1.1/24', 'dev', dev)
        assert not pings(evil, '10.1.1.2')
        ip(evil, 'address', 'flush', 'dev', dev)
    ip(evil, 'link', 'set', 'dev', 'e', 'address', links(other)['e']['address'])
    ip(evil, 'address', 'add', '10.1.1.1/24', 'dev', 'once')
    assert not pings(evil, '10.1.1.2')
    ip(evil, 'link', 'set', 'dev', 'e', 'address', '02:00:00:00:00:01')
    # It is the bridge that keeps it out.
    assert vlans_of('p1') == [(100, OWN)]
    process.must(['bridge', 'vlan', 'add', 'dev', 'p1', 'vid', '200'])
    assert pings(evil, '10.1.1.2')


@pytest.mark.thorough
def test_a_container_that_starts_again_is_in_its_vlan_again(run_netnsctl, tmpdir):
    docker = OwnDocker(str(tmpdir.join('docker.sock')))
    try:
        docker.run('web')
        words = ['wire', '--save', '--no-check', '--name', 'w', 'docker://web:e=10.1.1.1/24',
                 'bridge://br0=10.1.1.9/24,tag=100']
        assert run_netnsctl(*words, environ=docker.environ).status == 0
        docker.restart('web')
        result = run_netnsctl('watch', '--once', environ=docker.environ)
        assert result.status == 0 and result.out == 'recreated w\n', result
        port, = [name for name in os.listdir('/sys/class/net/br0/brif')]
        assert vlans_of(port) == vlans_of('br0') == [(100, OWN)] and pings(None, '10.1.1.1')
        assert run_netnsctl('unwire', '--forget', 'w', environ=docker.environ).status == 0
    finally:
        docker.close()
