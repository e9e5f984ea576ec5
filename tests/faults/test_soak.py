"""Many wires of each kind made and removed by one process, and by many: nothing grows and nothing is left, be it
descriptors, memory, links, mounts, files, rules in the firewall, queues or rows of a forwarding table.

NETNSCTL_SOAK says how many (default: 600; `make soak`: 10,000).
"""

from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import sys

import pytest

from faults import oracle
from faults.ground import PluginGround
from faults.runtimes import BEGUN, ENDED
from support import process
from support.program import SOURCE, Program

COUNT = int(os.environ.get('NETNSCTL_SOAK') or 600)
FILE_WIRES = 100
# What an allocator may keep after the first rounds, in KB.
GROWTH = 2048


@pytest.fixture
def pair():
    names = ('so-a', 'so-b')
    for name in names:
        process.must(['ip', 'netns', 'add', name])
    yield names
    for name in names:
        process.must(['ip', 'netns', 'delete', name])


# {kind: the two ends}, in the namespace {0}.
KINDS = {
    'nat and publish': ('{0}:A=10.2.0.2/24,publish=8080:80/udp', 'bridge://so-br=10.2.0.1/24,nat'),
    'rate and macvlan': ('{0}:A=10.2.0.2/24,rate=10mbit', 'macvlan://so-nic'),
    'macvlan of the host': ('{0}:A=10.3.0.8/24', 'macvlan://so-nic=host'),
    'vxlan': ('{0}:A=10.2.0.2/24', 'vxlan://4242=remote=10.3.0.2,remote=10.3.0.3'),
    'vxlan as a port': ('bridge://so-br:so-vx=10.2.0.1/24', 'vxlan://4242=remote=10.3.0.2'),
    'phys': ('{0}:A=10.2.0.2/24', 'phys://so-nic=force=yes'),
    'ovs': ('{0}:A=10.2.0.2/24', 'ovs://so-ovs=tag=9'),
}
NIC = ('ip link add so-nic type veth peer name so-peer; ip link set so-nic up; ip link set so-peer up; '
       'ip addr add 10.3.0.1/24 dev so-nic')
LAN = {'cniVersion': '1.1.0', 'name': 'lan', 'type': 'netnsctl', 'anchor': 'bridge://so-br', 'gw': '10.2.0.1',
       'addresses': '10.2.0.2/24'}


@pytest.fixture
def nic():
    process.must(['sh', '-euc', NIC])
    yield 'so-nic'
    process.must(['ip', 'link', 'delete', 'so-nic'])


# Run in a process of its own, so that what pytest keeps is not in the figures: prints [resources after the first tenth,
# resources at the end].
DRIVER = """
import gc, json, os, sys
sys.path[:1] = %r
import netnsctl
def used():
    status = dict(line.split(':', 1) for line in open('/proc/self/status'))
    return {'descriptors': len(os.listdir('/proc/self/fd')), 'threads': int(status['Threads']),
            'memory': int(status['VmRSS'].split()[0]), 'objects': len(gc.get_objects())}
a, b, count, force = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == 'yes'
first = None
for number in range(count):
    backend = 'iproute' if number %% 20 == 7 else 'netlink'
    wire = netnsctl.wire(a, b, backend=backend, check=number %% 10 == 3 and not force, force=force)
    if number %% 10 == 5:
        assert [one.state for one in netnsctl.wires()] == ['whole']
    assert netnsctl.unwire(wire.name)
    if number == max(count // 10, 45):
        first = used()
print(json.dumps([first, used()]))
"""


def test_many_wires_by_one_process_leave_nothing_and_do_not_grow(pair):
    wire_and_unwire(pair[0] + ':A=10.1.1.1/32', pair[1] + ':B=10.1.1.2/32', COUNT)


@pytest.mark.parametrize('kind', sorted(KINDS))
def test_wires_of_each_kind_by_one_process_leave_nothing_and_do_not_grow(pair, nic, kind, request):
    if kind == 'ovs':
        request.getfixturevalue('ovs').add_bridge('so-ovs')
    # Without a check: nobody answers there.
    wire_and_unwire(KINDS[kind][0].format(pair[0]), KINDS[kind][1], max(COUNT // 10, 60), force=True)


def wire_and_unwire(a, b, count, force=False):
    """Again and again in one process: what it uses, and the host, are as before."""
    program = Program()
    options = ['--force'] if force else []
    assert program('wire', '--no-check', '--name', 'w', a, b, *options).status == 0  # folders of the state stay
    assert program('unwire', 'w').status == 0
    before = oracle.look()
    folders = [SOURCE] + [folder for folder in os.environ.get('PYTHONPATH', '').split(':') if folder]
    popen = subprocess.Popen([sys.executable, '-E', '-s', '-c', DRIVER % (folders,), a, b, '%d' % count,
                              'yes' if force else 'no'], stdout=subprocess.PIPE, close_fds=True)
    out = popen.communicate()[0]
    assert popen.returncode == 0
    first, last = json.loads(out.decode())
    assert last['descriptors'] == first['descriptors'] and last['threads'] == first['threads'], (first, last)
    assert last['memory'] - first['memory'] < GROWTH, (first, last)
    assert last['objects'] - first['objects'] < 1000, (first, last)
    index, now = oracle.wait_for([before])
    assert index is not None, oracle.difference(before, now)


def test_files_of_wires_and_unwire_all_leave_nothing(pair):
    program = Program()
    feed = ''.join('{0}:x{2}=10.{3}.{4}.1/30 {1}:x{2}=10.{3}.{4}.2/30 --name so{2}\n'.format(
        pair[0], pair[1], number, 100 + number // 250, number % 250) for number in range(FILE_WIRES))
    program('unwire', '--if-exists', 'none')
    before = oracle.look()
    for turn in range(max(COUNT // FILE_WIRES, 2)):
        made = program('wire', '--no-check', '--backend', 'netlink', '-f', '-', feed=feed, timeout=300)
        assert made.status == 0 and len(made.out.splitlines()) == FILE_WIRES, (turn, made)
        gone = program('unwire', '--all', timeout=300)
        assert gone.status == 0, (turn, gone)
        index, now = oracle.wait_for([before], seconds=20)
        assert index is not None, (turn, oracle.difference(before, now))


def test_containers_that_come_and_go_by_the_plugins_leave_nothing():
    """CNI's ADD and DEL, and the OCI hook at a start and an end, each a process of its own."""
    ground = PluginGround()
    try:
        process.must(['ip', 'netns', 'add', 'a'])
        ground.sh('echo "pod_annotations = obey" >/etc/netnsctl.conf')
        lan = json.dumps(LAN).encode('ascii')
        calls = [(['CNI', 'ADD'], lan), (['CNI', 'DEL'], lan), (['OCI', 'begin'], BEGUN), (['OCI', 'end'], ENDED)]
        before = None
        for number in range(max(COUNT // 100, 5) + 1):
            for words, feed in calls:
                result = ground.run(['env'], words, feed)  # not as runtimes try again, which would remove first
                assert result.status == 0, (number, words, result)
            if before is None:
                before = oracle.look()
        index, now = oracle.wait_for([before], seconds=20)
        assert index is not None, oracle.difference(before, now)
    finally:
        ground.close()
        process.must(['ip', 'netns', 'delete', 'a'])
