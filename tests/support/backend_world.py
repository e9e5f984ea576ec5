"""Two namespaces and a host in which each backend is tried, the fake `ip` among them."""
from __future__ import absolute_import, division, print_function

import errno
import os


from netnsctl.edge.netlink import queues
from netnsctl.edge.netlink.reading import ALL_KINDS
from netnsctl.execution.backends.netlink import Netlink
from netnsctl.execution.undoing import take_back
from netnsctl.model import plan as planning
from support.core import content
from support.new_links import add_veth


KINDS = ('netlink', 'netlink moving', 'iproute', 'iproute moving', 'iproute rdo')
M1, M2, M3, M4, M5, M6 = ['02:00:00:00:02:0%d' % number for number in (1, 2, 3, 4, 5, 6)]


# Writes down how it was called; answers as a kernel that makes no veth across namespaces in place would have it.
MOVING = """#!/bin/sh
echo "$*" >>%(log)s
refuse() { echo 'RTNETLINK answers: Operation not supported' >&2; }
case "$*" in
    *'-batch -')
        number=0 head=
        while IFS= read -r line; do
            number=$((number + 1))
            case $line in 'link add '*' netns nt'*|'link add '*' netns netnsctl'*)
                printf %%s "$head" | %(ip)s "$@" || exit $?
                refuse
                echo "Command failed -:$number" >&2
                exit 1 ;;
            esac
            head="$head$line
"
        done
        printf %%s "$head" | %(ip)s "$@" ;;
    *'link add '*' netns nt'*|*'link add '*' netns netnsctl'*) refuse; exit 2 ;;
    *) exec %(ip)s "$@" ;;
esac
"""


class Moving(Netlink):
    """Before a kernel that refuses to make the ends of a veth in their namespaces."""

    def _one(self, operation):
        if operation.verb == 'add-link' and operation.peer and operation.ns != operation.peer.ns:
            return errno.EOPNOTSUPP, None
        return Netlink._one(self, operation)


def script(path, text):
    """Writes a program: its path as str."""
    path.write(text)
    os.chmod(str(path), 0o755)
    return str(path)


class World(object):
    """Two namespaces, a and b, and a backend for them. names: {reference: name}."""

    def __init__(self, kind, names, opened, make):
        self.kind, self.names, self.namespaces = kind, names, opened
        self.backend = make(self.namespaces)

    def apply(self, *steps):
        self.backend.apply(self.backend.plan(steps))

    def take_back(self, *inverses):
        assert take_back(inverses, self.namespaces, self.backend) == []

    def content(self):
        return content(*self.names.values())

    def view(self):
        """Everything but indexes, and what the kernel adds by itself a moment later (link-local addresses, carrier)."""
        found = {}
        for reference in ('a', 'b'):
            rtnl = self.namespaces[reference].rtnl()
            links = dict((link.index, link) for link in rtnl.links())
            name = dict((index, link.name) for index, link in links.items())
            found[reference] = {
                'links': sorted((link.name, link.kind or '', link.mac, link.mtu, link.up, name.get(link.master, ''),
                                 link.alias or '')
                                for link in links.values()),
                # Not: IFA_F_TENTATIVE.
                'addresses': sorted((name[item.index], item.address, item.prefixlen, item.flags & ~0x40, item.scope)
                                    for item in rtnl.addresses() if not item.address.startswith('fe80')),
                'routes': sorted((route.dst, route.via or '', name.get(route.index, ''), route.metric, route.src or '',
                                  route.protocol, route.scope, route.table, route.onlink, route.type, route.tos,
                                  route.realms, sorted(route.metrics.items()))
                                 for route in rtnl.routes(table=None, kinds=ALL_KINDS)
                                 if not route.dst.startswith('fe80')),
                'queues': sorted((name[queue.index], queue.kind, sorted(queue.values.items()))
                                 for queue in queues.of_links(rtnl) if queue.values),
                'rules': sorted(repr([getattr(rule, field) for field in rule.__slots__]) for rule in rtnl.rules())}
        return found


VETH = add_veth('a', 'A', M1, 1400, 'b', 'B', M2, 1300)


def ends(**more):
    a = planning.End('a', 'netns://a', more.get('dev', 'A'), M1, 1400, ('10.1.1.1/32', 'fd00::1/64'), ('fd00::2',),
                     (('10.9.0.0/16', '10.1.1.2'),))
    b = planning.End('b', 'netns://b', more.get('peer', 'B'), M2, 1400, ('10.1.1.2/32', 'fd00::2/64'), ('10.1.1.1',),
                     (('fd99::/16', None),))
    return a, b
