"""An overlay of 50 simulated hosts: each has the 49 others, and what a host that comes or goes changes on them."""
from __future__ import absolute_import, division, print_function

import json

import pytest

import simulated

COUNT = 50


@pytest.fixture(scope='module')
def hosts():
    made = simulated.Hosts(COUNT)
    yield made
    made.close()


def apply(hosts, told, numbers):
    plan = simulated.plan_of(told)
    for number in numbers:
        done, _ = hosts.apply(number, plan.of('h%d' % number)['wires'])
        assert done.status == 0, done
    return plan


def test_fifty_hosts_are_a_mesh_which_one_leaves(hosts):
    plan = apply(hosts, hosts.told, range(COUNT))
    assert [hosts.remotes(number) for number in range(COUNT)] == [COUNT - 1] * COUNT
    for one, other in ((0, COUNT - 1), (7, 23), (COUNT - 1, 1)):
        address = simulated.address_of(plan, 'h%d' % other)
        assert any(hosts.ping(one, address) for _ in range(10)), (one, other)
    less = dict(hosts.told)
    del less['h9']
    smaller = simulated.plan_of(less)
    for number in range(COUNT):
        before = None if number == 9 else hosts.sh(number, 'cat /sys/class/net/vx-mesh/ifindex')
        done, _ = hosts.apply(number, smaller.of('h%d' % number)['wires'])
        assert done.status == 0, done
        if number == 9:
            assert json.loads(hosts.netnsctl(number, 'ls', '--json').out)['wires'] == []
            continue
        assert [wire['name'] for wire in json.loads(done.out)['wires'] if wire['changed']] == ['mesh.vxlan']
        assert hosts.sh(number, 'cat /sys/class/net/vx-mesh/ifindex') == before
        assert hosts.remotes(number) == COUNT - 2
