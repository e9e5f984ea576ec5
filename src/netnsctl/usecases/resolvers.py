"""DNSn and DOMAIN of the tree, as /etc/netns/NAME/resolv.conf: `ip netns exec` puts that over /etc/resolv.conf."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import config_files

_MARK = '# Written by netnsctl from '  # a lease's script writes the same


def place_of(item):
    """The resolv.conf for a tree.Interface, or None where nothing would read one: a container has its own."""
    if item is None or item.target.scheme != 'netns':
        return None
    return '/etc/netns/%s/resolv.conf' % item.target.name


def write(session, item):
    """Writes what an Interface says of servers. A file that is a person's stays, and is told in a notice.

    NetnsctlError where it cannot be written.
    """
    place = place_of(item)
    if place is None or not (item.link.dns or item.link.domain):
        return
    rows = ['%s%s' % (_MARK, item.place)] + (['search %s' % item.link.domain] if item.link.domain else [])
    text = ''.join(row + '\n' for row in rows + ['nameserver %s' % server for server in item.link.dns])
    before = session.host.read(place)
    if before == text:
        return
    if before is not None and not before.startswith(_MARK) or os.path.islink(session.host.path(place)):
        session.notices.append('%s is not netnsctl\'s, and stays; %s says something of servers' % (place, item.place))
        return
    config_files.write(session.host, place, text)


def remove(session, item):
    """Removes what write() wrote, or a lease's script. NetnsctlError."""
    place = place_of(item)
    if place is not None and (session.host.read(place) or '').startswith(_MARK):
        config_files.remove(session.host, place)
