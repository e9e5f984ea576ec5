"""Lab: namespaces with links as a test wants them, and a check between two of them."""
from __future__ import absolute_import, division, print_function

import itertools
import os
import subprocess


from netnsctl.edge import netns as namespaces
from netnsctl.edge.host import Host
from netnsctl.usecases.check import checking


numbers = itertools.count(1)
V4 = (['10.1.1.1/24'], ['10.1.1.2/24'])
V6 = (['fd00::1/64'], ['fd00::2/64'])
HOST_ROUTES = (['10.1.1.1/32'], ['10.1.1.2/32'])


def run(text, *values):
    """Runs a command line: words are cut at blanks after the values are filled in."""
    subprocess.check_call((text % values).split())


class Lab(object):
    """Throwaway namespaces with unique names; `go` runs a command line inside one."""

    def __init__(self):
        self.names = []
        self.opened = []

    def netns(self):
        name = 'nwcause%d-%d' % (os.getpid(), next(numbers))
        run('ip netns add %s', name)
        self.names.append(name)
        self.go(name, 'ip link set dev lo up')
        # A namespace's first sysctls come from the host's: the tests say themselves what they want.
        self.set(name, 'ipv4/conf/all/rp_filter', 0)
        return name

    def go(self, name, text, *values):
        run('ip netns exec %s ' % name + text, *values)

    def set(self, name, sysctl, value):
        self.go(name, 'sysctl -q -w net/%s=%s', sysctl, value)

    def give(self, name, dev, addresses, peers=()):
        self.go(name, 'ip link set dev %s up', dev)
        for address in addresses:
            self.go(name, 'ip addr add %s dev %s%s', address, dev, ' nodad' if ':' in address else '')
        for peer in peers:
            if peer.endswith('/32'):
                self.go(name, 'ip route add %s dev %s', peer, dev)

    def open(self, name):
        self.opened.append(namespaces.open_named(name))
        return self.opened[-1]

    def end(self, name, dev, addresses, **more):
        return checking.End('netns://%s:%s' % (name, dev), self.open(name), dev, addresses, **more)

    def veth(self, one, dev, other, peer):
        run('ip -n %s link add name %s type veth peer name %s netns %s', one, dev, peer, other)

    def away(self, name):
        """A link that is up and leads nowhere."""
        self.veth(name, 'away', name, 'nowhere')
        self.go(name, 'ip link set dev nowhere up')

    def pair(self, addresses):
        """Two wired namespaces: (End, End)."""
        a, b = self.netns(), self.netns()
        self.veth(a, 'A', b, 'B')
        self.give(a, 'A', addresses[0], addresses[1])
        self.give(b, 'B', addresses[1], addresses[0])
        return self.end(a, 'A', addresses[0]), self.end(b, 'B', addresses[1])

    def bridged(self, addresses, options=''):
        """Two namespaces plugged into a bridge in a third, which stands for the host: (End, End, name of the third)."""
        a, b, between = self.netns(), self.netns(), self.netns()
        self.go(between, 'ip link add name br0 type bridge ' + options)
        self.go(between, 'ip link set dev br0 up')
        for name, dev, port, own in ((a, 'A', 'pa', addresses[0]), (b, 'B', 'pb', addresses[1])):
            self.plug(between, port, name, dev, own)
        return self.end(a, 'A', addresses[0]), self.end(b, 'B', addresses[1]), between

    def plug(self, between, port, name, dev, addresses):
        self.veth(between, port, name, dev)
        self.go(between, 'ip link set dev %s master br0 up', port)
        self.give(name, dev, addresses)

    def routed(self):
        """Two namespaces that reach each other through a third, which routes: (End, End, name of the third)."""
        a, b, between = self.netns(), self.netns(), self.netns()
        for name, dev, port, net in ((a, 'A', 'pa', '10.1.1'), (b, 'B', 'pb', '10.1.2')):
            self.veth(between, port, name, dev)
            self.give(between, port, [net + '.254/24'])
            self.give(name, dev, [net + '.1/24'])
            self.go(name, 'ip route add default via %s.254', net)
        self.set(between, 'ipv4/ip_forward', 1)
        return self.end(a, 'A', ['10.1.1.1/24']), self.end(b, 'B', ['10.1.2.1/24']), between

    def lan(self, router=('10.1.1.1/24', 'fd00::1/64')):
        """A network with a router on it, and a host with a NIC there: (name of the host's namespace, the router's, that
        of the network's bridge). The NIC is `nic0`, the router's link `r0`, its bridge's ports `r` and `n`."""
        host, between, routing = self.netns(), self.netns(), self.netns()
        self.go(between, 'ip link add name br0 type bridge')
        self.go(between, 'ip link set dev br0 up')
        self.plug(between, 'r', routing, 'r0', router)
        self.plug(between, 'n', host, 'nic0', [])
        return host, routing, between

    def check_from(self, name, a, b):
        """Checks as netnsctl would that runs inside that namespace, as it does on a host."""
        with self.open(name).entered():
            return check(a, b)

    def close(self):
        for netns in self.opened:
            netns.close()
        for name in self.names:
            run('ip netns del %s', name)


def check(a, b, seconds=0.3):
    return checking.check(Host(), a, b, seconds)


def codes(report):
    return [cause.code for cause in report.causes]


def only_cause(report):
    """The one cause of a failed check."""
    assert not report.ok
    assert len(report.causes) == 1, report.causes
    return report.causes[0]
