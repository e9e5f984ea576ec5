"""Fallbacks: requests to rtnetlink that older kernels refuse or ignore, and what is done instead.

One row for each verb that has another way, and that of a Kind for links that are made; docs/kernels.md lists all that
netnsctl asks of a kernel.
"""
from __future__ import absolute_import, division, print_function

import errno
import time

from netnsctl.compat import monotonic, random_hex
from netnsctl.edge import bridges
from netnsctl.model.links import kind_of


class Way(object):
    """since: the first Linux that does what is asked, and EL6's if it differs. answers: the errnos of older ones; 0: an
    ack, with nothing done. do(backend, operation, refused): the other way, which returns None if it is done now, else
    the refusal; refused: that of the first way, (errno, words or None)."""
    __slots__ = ('since', 'answers', 'do')

    def __init__(self, since, answers, do):
        self.since, self.answers, self.do = since, answers, do


def prepare(operation):
    """What has to be done before an operation is requested: the module of a new link's kind may need options."""
    if operation.verb == 'add-link' and kind_of(operation).module_options:
        from netnsctl.execution.backends import preloading  # no plain wire needs it
        preloading.load(kind_of(operation))


def settle(backend, operation, number, words=None):
    """The outcome of the kernel's answer to an operation: None if it is done, possibly by a fallback, otherwise the
    refusal (errno, words or None).

    number: its errno, 0 for an ack. NetnsctlError if the other way is several operations and one of them fails.
    """
    if operation.verb == 'add-link':
        return _settle_link(backend, operation, number, words)
    if operation.verb == 'add-route' and number == errno.EINVAL and _is_onlink(operation):
        return _add_onlink(backend, operation)
    way = WAYS.get(operation.verb)
    if way is None or number not in way.answers:
        return (number, words) if number else None
    return way.do(backend, operation, (number, words))


def acknowledges_in_vain(operation):
    """May an older kernel acknowledge this operation and do nothing?"""
    way = WAYS.get(operation.verb)
    return way is not None and 0 in way.answers


def _settle_link(backend, link, number, words):
    """The same for a new link, whose kind knows the way."""
    if number == errno.EEXIST and kind_of(link).taken(link) \
            and backend.namespaces[link.ns].rtnl().index_of(link.dev) is None:
        return _when_free(backend, link, number, words)
    way = kind_of(link).way
    if way is None or number not in way.answers:
        return (number, words) if number else None
    if way.ioctl:
        return IOCTLS[way.ioctl](backend.namespaces[link.ns], link.dev)
    others = way.operations(link, 'nw' + random_hex(6))
    if others is None:
        return number, words
    backend.apply(others)
    return None


def _when_free(backend, link, number, words):
    """The same where another link has the ID of one: that may be in a namespace that has ended, such as a restarted
    container's, and is about to go."""
    deadline = monotonic() + DYING_SECONDS
    while monotonic() < deadline:
        time.sleep(0.05)
        refused = backend.ask(link)
        if refused is None or refused[0] != number:
            return refused
    return number, words


def _is_onlink(route):
    """Is an AddRoute that of an IPv4 route by a gateway that is taken to be on the link?"""
    return bool(route.onlink and route.via) and ':' not in route.via


def _add_onlink(backend, route):
    """Adds such a route, which was refused with EINVAL: None, or the refusal. Linux takes no gateway in a namespace
    that never had an IPv4 address, nor lo up, and so no table local. A route that reaches nothing makes that; one
    datagram has it come and go, so that no kill leaves it."""
    from netnsctl.model.operations import AddRoute
    from netnsctl.model.rule import TABLES
    first = AddRoute(route.ns, None, '192.0.0.8/32', protocol=route.protocol, table=TABLES['local'], type='blackhole')
    return backend.ask(first, first.undo(), route)


def _set_master(backend, operation, refused):
    netns = backend.namespaces[operation.ns]
    plugging = operation.verb == 'set-master'
    if plugging and not refused[0] and netns.rtnl().sets_masters:
        return None
    index = netns.rtnl().index_of(operation.dev)
    if index is None:
        return errno.ENODEV, None
    if bridges.is_plugged(netns.rtnl(), index, operation.master) == plugging:
        return None
    return (bridges.plug if plugging else bridges.unplug)(netns, operation.master, index)


def _set_vlan_filtering(backend, operation, refused):
    from netnsctl.edge.netlink import bridge_vlans  # few wires need it
    netns = backend.namespaces[operation.ns]
    link = netns.rtnl().link(name=operation.dev)
    if link is not None and (bridge_vlans.settings_of(netns.rtnl(), link).filters == bool(operation.value)
                             or bridge_vlans.filter_by_sysfs(operation.dev, operation.value)):
        return None
    return refused if refused[0] else (errno.EOPNOTSUPP, None)


def _delete_link(backend, operation, _):
    return bridges.delete_bridge(backend.namespaces[operation.ns], operation.dev)


# What a Kind's Way names. add-bridge: usecases.bridging knows what MAC address it then has.
IOCTLS = {'add-bridge': bridges.add_bridge}
DYING_SECONDS = 2.0
CANNOT = (errno.EOPNOTSUPP, errno.EINVAL)
WAYS = {
    # IFLA_MASTER, which older kernels acknowledge and ignore.
    # EAFNOSUPPORT: to how a port gets a link-local address, where it has no IPv6.
    'set-master': Way('2.6.39', (0, errno.EAFNOSUPPORT) + CANNOT, _set_master),
    'set-nomaster': Way('2.6.39', (0,) + CANNOT, _set_master),
    # IFLA_BR_VLAN_FILTERING, which older kernels pass over, or know no changes of a bridge at all.
    'set-vlan-filtering': Way('4.3', (0,) + CANNOT, _set_vlan_filtering),
    # A new port is in the bridge's default VLAN since Linux 3.18; before, it is in none.
    'delete-vlan': Way('3.18', (errno.ENOENT,), lambda backend, operation, refused: None),
    # RTM_DELLINK of a bridge.
    'delete-link': Way('3.0', CANNOT, _delete_link),
}
