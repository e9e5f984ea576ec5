"""A container spoils the VXLAN link that is its end, and then the remotes of its wire are changed from the host."""
from __future__ import absolute_import, division, print_function

import pytest

from support.far import VNI
from support.inside import links
from support.process import must
from support.untouched import assert_untouched, own_state

ALL = '00:00:00:00:00:00'
APPEND, DELETE = 'bridge fdb append %s dev v dst ' % ALL, 'bridge fdb del %s dev v dst ' % ALL
# What it does in its namespace ({0} and {1}: the old remote and the new one, {2}: one of its own), the backend, and
# whether the link stays when the remotes change.
SPOILED = [
    ([APPEND + '{1}', DELETE + '{0}'], 'iproute', True),
    ([APPEND + '{1}', DELETE + '{0}'], 'netlink', True),
    ([APPEND + '{2}'], 'netlink', True),
    (['ip addr flush dev v'], 'netlink', False),
    (['ip link set v down', 'ip link set v name x', 'ip link set x up'], 'iproute', False),
]
LOOK_ALIKE = ['ip link del v', 'ip link add v type vxlan id %d dstport 4789 remote {2}' % VNI, 'ip link set v up']


def told(ns):
    """The remotes that the VXLAN links of a namespace send to: list."""
    rows = [line.split() for line in must(['bridge', '-n', ns, 'fdb', 'show']).splitlines()]
    return [row[row.index('dst') + 1] for row in rows if row[0] == ALL and 'dst' in row]


def spoil(ns, commands, hosts):
    for command in commands:
        must(['ip', 'netns', 'exec', ns] + command.format(*[each.theirs for each in hosts]).split())


def wire(ns, remote, *more):
    """The words that make the wire of a namespace, with that remote."""
    return ['wire', '--no-check', '--name', 'w', '--replace', ns + ':v=10.9.0.1/24',
            'vxlan://%d=remote=%s' % (VNI, remote.theirs)] + list(more)


@pytest.mark.parametrize('commands, backend, stays', SPOILED)
def test_the_remotes_are_those_asked_for_whatever_the_container_did(run_netnsctl, netns, far, commands, backend, stays):
    evil, hosts, before = netns('evil'), [far(), far(), far()], own_state()
    assert run_netnsctl(*wire(evil, hosts[0], '--backend', backend)).status == 0
    index = links(evil)['v']['ifindex']
    spoil(evil, commands, hosts)
    done = run_netnsctl(*wire(evil, hosts[1], '--backend', backend))
    assert done.status == 0 and (links(evil)['v']['ifindex'] == index) == stays, done
    assert hosts[0].theirs not in told(evil) and hosts[1].theirs in told(evil), done
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_a_look_alike_in_its_place_is_told_left_alone_and_costs_no_other_wire(run_netnsctl, netns, far):
    evil, good, hosts = netns('evil'), netns('good'), [far(), far(), far()]
    other = ['wire', '--no-check', '--name', 'good', good + ':v=10.9.1.1/24', 'vxlan://7=remote=' + hosts[0].theirs]
    assert run_netnsctl(*other).status == 0 and run_netnsctl(*wire(evil, hosts[0])).status == 0
    spoil(evil, LOOK_ALIKE, hosts)
    index = links(evil)['v']['ifindex']
    refused = run_netnsctl(*wire(evil, hosts[1]))
    assert refused.status == 6 and 'the name of its link is taken' in refused.err, refused
    assert links(evil)['v']['ifindex'] == index and told(evil) == [hosts[2].theirs]
    assert told(good) == [hosts[0].theirs] and run_netnsctl(*other).out.startswith('already wired: good')
    spoil(evil, ['ip link del v'], hosts)
    assert run_netnsctl(*wire(evil, hosts[1])).status == 0 and told(evil) == [hosts[1].theirs]
    for name in ('w', 'good'):
        assert run_netnsctl('unwire', name).status == 0
