"""DNSn, DOMAIN and RES_OPTIONS of the tree, as /etc/netns/NAME/resolv.conf, which `ip netns exec` puts over
/etc/resolv.conf.

One file a namespace, from all of its links that are up.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import native
from netnsctl.edge import config_files
from netnsctl.edge.host import remove_temp_files
from netnsctl.errors import NetnsctlError
from netnsctl.model.ifcfg.link import DHCP

_FOLDER = '/etc/netns'
_MARK = '# Written by netnsctl from '
LEASE_MARK = _MARK + 'a DHCP lease.'  # libexec/dhcp-script


def place_of(item):
    """The resolv.conf for a interface.Interface, or None where nothing would read one: a container has its own."""
    if item is None or item.target.scheme != 'netns':
        return None
    return '%s/%s/resolv.conf' % (_FOLDER, item.target.name)


def has_say(item):
    """Does it matter to a resolv.conf that this Interface is up?"""
    return item.link.peerdns and bool(item.link.dns or item.link.domain or item.link.res_options
                                      or item.link.bootproto == DHCP)


def takes_servers(item):
    """Are the servers that its lease names, if it has one, to be those of its namespace (PEERDNS)?"""
    return item.link.bootproto == DHCP and item.link.peerdns


def of_interest(host, items_of):
    """Of {place: its Interfaces} those where something may be, or is to be: by one look at the folder of them all."""
    try:
        there = set('%s/%s/resolv.conf' % (_FOLDER, native(name)) for name in os.listdir(host.path(_FOLDER)))
    except OSError as error:
        if error.errno != errno.ENOENT:
            return items_of  # each says what is the matter
        there = ()
    return dict((place, items) for place, items in items_of.items() if items or place in there)


def text_of(items):
    """The resolv.conf that Interfaces of one namespace say, in order; '' where they say nothing of servers."""
    items = [item for item in items
             if item.link.peerdns and (item.link.dns or item.link.domain or item.link.res_options)]
    domains, servers, options = [], [], []
    for item in items:
        options += [option for option in (item.link.res_options or '').split() if option not in options]
        domains += [domain for domain in (item.link.domain or '').split() if domain not in domains]
        servers += [server for server in item.link.dns if server not in servers]
    rows = [_MARK + ', '.join(item.place for item in items)] if items else []
    rows += ['search %s' % ' '.join(domains)] if domains else []
    rows += ['options %s' % ' '.join(options)] if options else []
    return ''.join(row + '\n' for row in rows + ['nameserver %s' % server for server in servers])


def settle(session, place, items):
    """Makes a resolv.conf what the Interfaces of its namespace that are up say; where they say nothing, removes it, but
    for what a lease said of a link that is up by DHCP.

    A file that is a person's stays; where it says other than the tree, that is told in a notice. NetnsctlError where it
    cannot be read or written. With the lock held.
    """
    text = text_of(items)
    before = session.host.read(place)
    path = session.host.path(place)
    if before is None and os.path.isfile(path) and not os.path.islink(path):
        raise NetnsctlError('read %s: it cannot be read' % place)
    remove_temp_files(path)
    is_ours = (before or '').startswith(_MARK) and not os.path.islink(path)
    if text and (before is None and not os.path.islink(path) or is_ours):
        if before != text:
            config_files.write(session.host, place, text)
    elif text:
        session.notices.append('%s is not netnsctl\'s, and stays; %s says something of servers' % (
            place, text.partition('\n')[0][len(_MARK):]))
    elif is_ours and not (before.startswith(LEASE_MARK) and any(takes_servers(item) for item in items)):
        config_files.remove(session.host, place)
