"""Simulated hosts: network and mount namespaces with a netnsctl of their own state each, joined by one bridge, without
ssh and Ansible. Their wires are those that the plan of an overlay says."""
from __future__ import absolute_import, division, print_function

import os
import sys
import time

from support import process
from support.program import SOURCE, TOP

sys.path.insert(0, os.path.join(TOP, 'ansible', 'plugins', 'plugin_utils'))

import overlay_plan  # noqa: E402

BRIDGE = 'sim0'
_SETUP = ('mount -t tmpfs none /run; mkdir /run/netns; mount -t sysfs none /sys; ip link set lo up; echo ready; '
          'read -r _')


def _mac(number):
    return '02:51:00:00:%02x:%02x' % divmod(number, 256)


class Hosts(object):
    """So many of them, named h0, h1, ... told: what overlay_plan.Plan takes."""

    def __init__(self, count):
        self.shells, self.told = [], {}
        process.must(['ip', 'link', 'add', BRIDGE, 'type', 'bridge'])
        process.must(['ip', 'link', 'set', BRIDGE, 'up'])
        for number in range(count):
            shell = process.start(['unshare', '-m', '-n', '--propagation', 'private', 'sh', '-euc', _SETUP])
            assert process.native(shell.stdout.readline()) == 'ready\n'
            self.shells.append(shell)
            address = '198.18.%d.%d' % (number // 250, 1 + number % 250)
            self.told['h%d' % number] = {'underlay': address, 'containers': [
                {'target': 'netns://web', 'name': 'web%d' % number}]}
            process.must(['ip', 'link', 'add', 'sim0-%d' % number, 'type', 'veth', 'peer', 'name', 'eth0', 'netns',
                          '%d' % shell.pid])
            process.must(['ip', 'link', 'set', 'sim0-%d' % number, 'master', BRIDGE, 'up'])
            self.sh(number, 'ip link set eth0 address %s; ip addr add %s/15 dev eth0; ip link set eth0 up; '
                            'ip netns add web' % (_mac(number), address))
        for number in range(count):
            # What is asked for by ARP is in one table of the kernel's for all namespaces, which holds 1,024.
            lines = ['neigh replace %s lladdr %s dev eth0 nud permanent\n' % (
                self.told['h%d' % other]['underlay'], _mac(other)) for other in range(count) if other != number]
            process.must(self.argv(number, 'ip', '-batch', '-'), feed=''.join(lines))

    def argv(self, number, *words):
        return ['nsenter', '-t', '%d' % self.shells[number].pid, '-m', '-n', '--'] + list(words)

    def sh(self, number, script):
        return process.must(self.argv(number, 'sh', '-euc', script))

    def netnsctl(self, number, *words, **options):
        """Runs netnsctl on one of them: Result."""
        environ = dict(os.environ, PYTHONPATH=SOURCE)
        return process.run(self.argv(number, sys.executable, '-m', 'netnsctl', *words), environ=environ, **options)

    def apply(self, number, wires):
        """Makes the wires of a plan on one of them: (Result, seconds). Without a check: the neighbours of all
        namespaces are in one table, which fifty hosts on one kernel fill."""
        began = time.time()
        feed = ''.join("'%s' '%s' --name '%s' --mtu %d\n" % (tuple(wire['ends']) + (wire['name'], wire['mtu']))
                       for wire in wires)
        done = self.netnsctl(number, 'wire', '--json', '--no-check', '--replace', '--purge=mesh.*', '-f', '-',
                             feed=feed, timeout=300)
        return done, time.time() - began

    def remotes(self, number):
        """How many remotes the VXLAN of one of them has."""
        return self.sh(number, 'bridge fdb show dev vx-mesh').count('00:00:00:00:00:00 dst')

    def ping(self, number, address, size=1450):
        words = ['ping', '-c', '1', '-W', '5', '-M', 'do', '-s', '%d' % (size - 28), address]
        return process.run(self.argv(number, 'ip', 'netns', 'exec', 'web', *words)).status == 0

    def close(self):
        for shell in self.shells:
            process.finish(shell, b'\n', 30)
        process.run(['ip', 'link', 'del', BRIDGE])


def plan_of(told, network='10.64.0.0/10'):
    """overlay_plan.Plan of the overlay `mesh`."""
    return overlay_plan.Plan(overlay_plan.Settings('mesh', [network]), told)


def address_of(plan, name):
    """The address of the container of a host."""
    return plan.of(name)['wires'][-1]['ends'][0].partition('=')[2].partition('/')[0]
