"""Wires of each kind of link, one as a whole process, against the commands that a person would type for it: `ip`, and
`ovs-vsctl` for the port of an Open vSwitch, which runs while that is measured."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import world
from measuring import ask, run, show, side_by_side, summary
from world import write

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tests'))

from support.containers import Unavailable  # noqa: E402
from support.own_ovs import OwnOvs  # noqa: E402

NIC, NS = 'bnic', 'ka0'
# The other end of the NIC is up, so that there is a carrier.
PREPARE = [['ip', 'link', 'add', 'name', NIC, 'type', 'veth', 'peer', 'name', NIC + 'p'],
           ['ip', 'link', 'set', 'dev', NIC + 'p', 'up'], ['ip', 'link', 'set', 'dev', NIC, 'up'],
           ['ip', 'address', 'add', '192.0.2.1/24', 'dev', NIC]]
NAT = ('ip link add bbr0 type bridge\nip address add 10.1.1.1/24 dev bbr0\nip link set bbr0 up\n'
       'ip link add near type veth peer name k0 netns {ns}\nip link set near master bbr0\nip link set near up\n'
       'sysctl -q -w net.ipv4.ip_forward=1\nnft add table ip bnat\n'
       'nft "add chain ip bnat out {{ type nat hook postrouting priority 100; }}"\n'
       'nft add rule ip bnat out ip saddr 10.1.1.0/24 ip daddr != 10.1.1.0/24 masquerade\n')
# A firewall of somebody else's that drops what `open` lets pass, there while that is measured.
BEFORE = {'open': [['nft', 'add table inet bfw'],
                   ['nft', 'add chain inet bfw fw { type filter hook forward priority 0; policy drop; }']]}
AFTER = {'open': [['nft', 'delete table inet bfw']]}
# kind -> (anchor, what makes the link, and is done before its address is set)
KINDS = (
    ('bridge', 'bridge://bbr0', 'ip link add bbr0 type bridge\nip link set bbr0 up\n'
                                'ip link add near type veth peer name k0 netns {ns}\n'
                                'ip link set near master bbr0\nip link set near up\n'),
    ('tag', 'bridge://bbr0=tag=100', 'ip link add bbr0 type bridge vlan_filtering 1\nip link set bbr0 up\n'
                                     'ip link add near type veth peer name k0 netns {ns}\n'
                                     'ip link set near master bbr0\n'
                                     'bridge vlan add dev near vid 100 pvid untagged\n'
                                     'bridge vlan del dev near vid 1\nip link set near up\n'),
    ('shaping', 'bridge://bbr0=rate=3mbit', 'ip link add bbr0 type bridge\nip link set bbr0 up\n'
                                            'ip link add near type veth peer name k0 netns {ns}\n'
                                            'ip link set near master bbr0\nip link set near up\n'
                                            'tc qdisc add dev near root tbf rate 3mbit burst 9375 limit 28125\n'),
    ('nat', 'bridge://bbr0=10.1.1.1/24,nat', NAT),
    ('open', 'bridge://bbr0=10.1.1.1/24,nat,open', NAT + 'nft "insert rule inet bfw fw oifname bbr0 ct state '
                                                   'established,related accept"\n'
                                                   'nft "insert rule inet bfw fw iifname bbr0 accept"\n'),
    ('ovs', 'ovs://bovs=tag=100', 'ip link add near type veth peer name k0 netns {ns}\n'
                                  'ovs-vsctl --timeout=20 -- add-port bovs near tag=100\nip link set near up\n'),
    ('macvlan', 'macvlan://' + NIC, 'ip link add link {nic} name k0 netns {ns} type macvlan mode bridge\n'),
    ('host', 'macvlan://%s=host' % NIC, 'ip link add link {nic} name k0 netns {ns} type macvlan mode bridge\n'
                                        'ip link add link {nic} name near type macvlan mode bridge\n'
                                        'ip link set near up\nip route add 10.1.1.2/32 dev near src 192.0.2.1\n'),
    ('ipvlan', 'ipvlan://' + NIC, 'ip link add link {nic} name k0 netns {ns} type ipvlan mode l2\n'),
    ('vlan', 'vlan://%s/100' % NIC, 'ip link add link {nic} name k0 netns {ns} type vlan id 100\n'),
    ('vxlan', 'vxlan://42=remote=192.0.2.2', 'ip link add name k0 netns {ns} type vxlan id 42 dstport 4789 '
                                             'remote 192.0.2.2\n'),
    # A veth stands in for the NIC.
    ('phys', 'phys://%s=force=yes' % NIC, 'ip link set {nic} name k0 netns {ns}\n'),
    ('dummy', 'dummy://', 'ip -n {ns} link add name k0 type dummy\n'),
)
CONFIGURE = 'ip -n {ns} address add 10.1.1.2/24 dev k0\nip -n {ns} link set k0 up\n'
UNDO = dict.fromkeys(('bridge', 'tag', 'shaping'), 'ip link delete near\nip link delete bbr0\n')
UNDO['nat'] = UNDO['bridge'] + 'nft delete table ip bnat\nsysctl -q -w net.ipv4.ip_forward=0\n'
UNDO['open'] = UNDO['nat'] + 'nft flush chain inet bfw fw\n'
UNDO['ovs'] = 'ovs-vsctl --timeout=20 -- del-port bovs near\nip link delete near\n'
UNDO['host'] = 'ip -n {ns} link delete k0\nip link delete near\n'
UNDO['phys'] = ('ip -n {ns} link set k0 name {nic} netns $$\nip link set {nic} up\n'
                'ip address add 192.0.2.1/24 dev {nic}\n')
UNDO_OTHERS = 'ip -n {ns} link delete k0\n'


def measure(pythons, rounds, skipped):
    """{'python3.11': {kind: figures}}; 'ratio' is to the ip commands. Kinds that this kernel lacks are skipped."""
    world.make_names('k', 1)
    switch = _start_ovs(skipped)
    try:
        for argv in PREPARE:
            run(argv)
        kinds = [kind for kind in KINDS if _is_there(kind, skipped)]
        return dict((name, _measure_python(python, kinds, rounds)) for name, python in pythons.items())
    finally:
        if switch is not None:
            switch.close()
        run(['ip', 'link', 'delete', 'dev', NIC])
        world.remove_names('k', 1)


def _start_ovs(skipped):
    """An Open vSwitch with the bridge bovs, or None if it does not run here."""
    try:
        switch = OwnOvs()
    except Unavailable as reason:
        skipped['an Open vSwitch'] = str(reason)
        return None
    switch.add_bridge('bovs')
    return switch


def _is_there(kind, skipped):
    """Can this kernel make the link?"""
    name, _, make = kind
    if name == 'ovs' and 'an Open vSwitch' in skipped:
        return False
    script = write('kind-%s.sh' % name, make.format(nic=NIC, ns=NS))
    undo = write('undo-%s.sh' % name, UNDO.get(name, UNDO_OTHERS).format(nic=NIC, ns=NS))
    try:
        for argv in BEFORE.get(name, ()):
            ask(argv)
        ask(['sh', '-e', script])
    except subprocess.CalledProcessError:
        with open(os.devnull, 'w') as nowhere:
            subprocess.call(['sh', undo], stdout=nowhere, stderr=nowhere)  # what it made before it was refused
        skipped['%s links' % name] = 'this kernel makes none'
        return False
    run(['sh', '-e', undo])
    for argv in AFTER.get(name, ()):
        run(argv)
    return True


def _measure_python(python, kinds, rounds):
    figures = {}
    for name, anchor, make in kinds:
        script = write('kind-%s.sh' % name, (make + CONFIGURE).format(nic=NIC, ns=NS))
        undo = write('undo-%s.sh' % name, UNDO.get(name, UNDO_OTHERS).format(nic=NIC, ns=NS))
        wire = python.argv + ['wire', '--no-check', '--name', 'k', NS + ':k0=10.1.1.2/24', anchor]

        def by_ip(script=script, undo=undo):
            spent = run(['sh', '-e', script])
            run(['sh', '-e', undo])
            return spent

        def by_us(backend, wire=wire):
            spent = run(wire + ['--backend', backend])
            run(python.argv + ['unwire', 'k'])
            return spent

        for argv in BEFORE.get(name, ()):
            run(argv)
        spent = side_by_side({'ip': by_ip, 'iproute': lambda: by_us('iproute'), 'netlink': lambda: by_us('netlink')},
                             rounds)
        for argv in AFTER.get(name, ()):
            run(argv)
        for backend in ('iproute', 'netlink'):
            figures['%s, %s' % (name, backend)] = summary(spent[backend], spent['ip'])
    show('one wire of each kind, to its ip commands, %s' % python.name,
         ['', 'ms', 'to ip'], [[name, '%.1f' % (found['seconds'] * 1000), '%.2f' % found['ratio']]
                               for name, found in sorted(figures.items())])
    return figures
