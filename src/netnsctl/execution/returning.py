"""Brings a NIC home that was lent to a namespace, from wherever it is now and under whatever name, and restores it.

The kernel returns a NIC only once nothing keeps its namespace alive, and then to the first namespace of the host, under
the name it had last. So nothing is left to it: the NIC is moved back through a descriptor of the namespace that it is
in. Everything here can be repeated: a run that was killed is followed by one that does what is left.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import time

from netnsctl.compat import monotonic, random_hex, shell_quote
from netnsctl.edge import netns
from netnsctl.edge.nics import hidden, identity, saved
from netnsctl.errors import KernelError, NetnsctlError, NotFoundError
from netnsctl.execution import restoring

# The kernel takes some ten milliseconds to return the NIC of a namespace that died, and more on a busy host.
SEARCH_SECONDS = 5.0
ROUNDS = 20  # of moving it, while a container renames it or moves it on


def bring_home(inverse, namespaces, tell):
    """Does what a ReturnLink says. tell(text): called with each thing that is not as it was before.

    NetnsctlError if the NIC was not found, or cannot be moved: it is to be tried again later.
    """
    was = inverse.was
    if not was:
        return  # of a dry run's plan
    opened = []
    try:
        home = _open_home(was, namespaces, opened, tell)
        link = _fetch(inverse, namespaces, home, opened)
        if link is None:
            tell(_what_became(was))
        else:
            restoring.restore(home, link, was, tell)
    finally:
        for one in opened:
            one.close()


def whereabouts(was):
    """Where a NIC is now, in words. NetnsctlError if that cannot be found out."""
    opened = []
    try:
        home = _open_home(was, {}, opened, lambda text: None)
        link = identity.find(home, was)
        if link is not None:
            return 'on the host, as %s' % link.name
        found = _search(was, None, home, opened, monotonic() + SEARCH_SECONDS)
        return 'nowhere to be found' if found is None else 'in %s, as %s' % (found[0].label, found[1].name)
    finally:
        for one in opened:
            one.close()


def _open_home(was, namespaces, opened, tell):
    """The Netns that the NIC belongs to; netnsctl's own one if that is gone."""
    own = namespaces.get('host')
    if own is not None and own.is_the_same_as(was['home']):
        return own
    own = netns.open_host()
    opened.append(own)
    if own.is_the_same_as(was['home']):
        return own
    path = netns.living().get(netns.key_of(was['home']))
    if path is not None:
        try:
            found = netns.open_path(path, 'host')
            opened.append(found)
            if found.is_the_same_as(was['home']):
                return found
        except NotFoundError:
            pass
    tell('%s: the network namespace that it was taken from is gone: it is put into the one of this command'
         % was['name'])
    return own


def _fetch(inverse, namespaces, home, opened):
    """Moves the NIC home: its Link there, or None if it no longer exists. NetnsctlError."""
    deadline, last = monotonic() + SEARCH_SECONDS, None
    pause = 0.01
    for _ in range(ROUNDS):
        link = identity.find(home, inverse.was)
        if link is not None:
            return link
        found = _search(inverse.was, namespaces.get(inverse.ns), home, opened, deadline)
        while found is None and _may_come(inverse.was) and monotonic() < deadline:
            time.sleep(pause)
            pause = min(pause * 2, 0.2)
            link = identity.find(home, inverse.was)
            if link is not None:
                return link
            found = _search(inverse.was, namespaces.get(inverse.ns), home, opened, deadline)
        if found is None:
            if not _may_come(inverse.was):
                return None
            break
        last = _move(found[0], found[1], home, inverse.was)
        if last is not None and last.errno not in (errno.ENODEV, errno.EEXIST):
            raise last
    raise last or NetnsctlError(
        'bring %s back: it is in no network namespace that can be found' % inverse.was['name'],
        hint='Something keeps its namespace alive, such as a socket. It comes back when that ends; until then each '
             'netnsctl command looks for it.')


def _may_come(was):
    """May the NIC still turn up? A link without a device is destroyed with its namespace, and a NIC without a driver
    is none."""
    if was['kind'] is not None:
        return False
    return not was['device'] or os.path.exists(was['device'] + '/driver')


def _what_became(was):
    if was['kind'] is not None:
        return '%s is gone: a %s is destroyed with the namespace that it was lent to' % (was['name'], was['kind'])
    return '%s is gone: its device has been removed from this host, or has no driver (%s)' % (
        was['name'], was['device'])


def _search(was, there, home, opened, deadline):
    """(Netns, Link) of the NIC in any namespace but home, or None. there: a Netns to look in first, or None."""
    if there is not None:
        link = identity.find(there, was)
        if link is not None:
            return there, link
    seen = set([home.key] + ([there.key] if there is not None else []))
    places = netns.living()
    doubts = []
    found = _look_in(was, places, seen, opened, deadline, doubts)
    if found is None:
        places = dict((key, path) for key, (path, _) in hidden.hidden(seen.union(places), deadline).items())
        found = _look_in(was, places, seen, opened, deadline, doubts)
    if found is None and doubts and not _may_come(was):
        raise doubts[0]  # else it would be taken for gone
    return found


def _look_in(was, places, seen, opened, deadline, doubts):
    for key, path in sorted(places.items()):
        if key in seen or monotonic() > deadline:
            continue
        seen.add(key)
        try:
            one = netns.open_path(path, path)
        except NotFoundError:
            continue  # it ended
        except NetnsctlError as error:
            doubts.append(error)
            continue
        link = None
        try:
            link = identity.find(one, was)
            if link is not None:
                opened.append(one)
                return one, link
        except NetnsctlError as error:
            doubts.append(error)  # a container's namespace that changes too fast is looked at again
        finally:
            if link is None:
                one.close()
    return None


def _move(there, link, home, was):
    """Moves a Link home, under its old name or, where another link has that, a free one: None, or the KernelError."""
    rtnl = there.rtnl()
    try:
        # A clash of one of them with a name of the host's would keep the NIC from coming home.
        saved.change_altnames(rtnl, link.index, saved.altnames(rtnl, link.index), adds=False)
        name = was['name'] if home.rtnl().index_of(was['name']) is None else 'nw' + random_hex(6)
        saved.set_link(rtnl, link.index, attributes=[['IFLA_IFNAME', name], ['IFLA_NET_NS_FD', home.fd]])
    except KernelError as error:
        error.message = 'move %s back from %s: %s' % (was['name'], there.label, error.message)
        error.hint = error.hint or 'By hand: ip -n NAMESPACE link set dev %s netns 1' % shell_quote(link.name)
        return error
    return None
