"""Wires between named namespaces as pyroute2's documentation shows them: a NetNS for each namespace.

usage: with_pyroute2.py PREFIX COUNT FOLDER (where pyroute2 is)
"""
from __future__ import absolute_import, division, print_function

import sys


def wire(NetNS, a, b):
    with NetNS(a) as in_a:
        in_a.link('add', ifname='A', kind='veth', peer={'ifname': 'B', 'net_ns_fd': b})
        with NetNS(b) as in_b:
            set_up(in_a, in_b)


def set_up(in_a, in_b):
    for inside, dev, own, other in ((in_a, 'A', '10.1.1.1', '10.1.1.2'), (in_b, 'B', '10.1.1.2', '10.1.1.1')):
        index = inside.link_lookup(ifname=dev)[0]
        inside.addr('add', index=index, address=own, prefixlen=32)
        inside.link('set', index=index, state='up')
        inside.route('add', dst=other + '/32', oif=index)


def main(prefix, count, folder):
    sys.path.append(folder)
    from pyroute2 import NetNS
    for number in range(int(count)):
        wire(NetNS, '%sa%d' % (prefix, number), '%sb%d' % (prefix, number))


if __name__ == '__main__':
    main(*sys.argv[1:])
