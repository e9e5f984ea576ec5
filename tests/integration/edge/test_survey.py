"""What a look at a namespace says of its links where the kernel does not say it."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import netns as namespaces
from netnsctl.edge.survey import reading, sysfs
from support.inside import ip


def test_bridges_of_the_host_that_have_no_kind_are_known_by_sysfs():
    """As of Linux 2.6.32, which does not say a port's bridge either."""
    names = ['nw%s%d' % (letter, os.getpid() % 100000) for letter in 'bpq']
    ip(None, 'link', 'add', names[0], 'type', 'bridge')
    try:
        ip(None, 'link', 'add', names[1], 'type', 'veth', 'peer', 'name', names[2])
        ip(None, 'link', 'set', names[1], 'master', names[0])
        host = namespaces.open_host()
        links = dict((link.name, link) for link in reading.read(host).links)
        host.close()
        for name in names[:2]:
            links[name].kind, links[name].master = None if name == names[0] else 'veth', None
        links[names[0]].sort = 'nic'
        sysfs.add_bridges(list(links.values()))
        assert [links[name].sort for name in names] == ['bridge', 'veth', 'veth']
        assert links[names[1]].master == links[names[0]].index and links[names[2]].master is None
    finally:
        for name in names[:2]:
            ip(None, 'link', 'delete', name)
