"""For tests below the command line: what is in a namespace, and a host whose state folder is the test's own."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import netns
from netnsctl.edge.host import Host
from support.snapshot import lines_of


def content(*names):
    """What these named namespaces hold: {name: sorted lines of links, addresses and routes}, comparable."""
    found = {}
    for name in names:
        inside = ['nsenter', '--net=/run/netns/' + name, 'ip', '-j']
        found[name] = (lines_of(inside + ['-d', 'address']) + lines_of(inside + ['-4', 'route', 'show', 'table', 'all'])
                       + lines_of(inside + ['-6', 'route', 'show', 'table', 'all']))
    return found


def host_in(folder, ip=None):
    """A Host whose tree is a folder (str) with only an `ip` in it: state and helpers are the test's, the kernel is not.

    ip: the program to take for it; the machine's own where none is given.
    """
    programs = os.path.join(folder, 'usr', 'sbin')
    for path in (os.path.join(folder, 'run'), programs):
        if not os.path.isdir(path):
            os.makedirs(path)
    target = os.path.join(programs, 'ip')
    if os.path.lexists(target):
        os.unlink(target)
    os.symlink(ip or Host().find('ip'), target)
    return Host(root=folder, environ={})


class Spaces(object):
    """Namespaces opened by their names, closed with close(): add(name) -> Netns."""

    def __init__(self):
        self.opened = []

    def add(self, name):
        self.opened.append(netns.open_named(name))
        return self.opened[-1]

    def close(self):
        for opened in self.opened:
            opened.close()
        self.opened = []
