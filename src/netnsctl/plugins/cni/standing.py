"""What of an attachment is there, as the kernel has it."""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.errors import NotFoundError, UsageError
from netnsctl.model import addressing
from netnsctl.plugins.cni.problems import DIFFERS, NO_CONTAINER, WIRE, CniError

SETTLE_SECONDS = 10.0  # as CNI's own plugins


def open_container(path):
    """The namespace at CNI_NETNS: Netns. CniError where there is none."""
    try:
        return netns.open_path(path, 'CNI_NETNS')
    except NotFoundError as error:
        raise CniError(NO_CONTAINER, error.message)


def links_of(ends, path):
    """The interfaces of a wire in the order of CNI's own plugins, what is on the host first: [(Link, is it in the
    container)]."""
    own, other = ends
    found = []
    home = netns.open_host()
    try:
        for name in (other['bridge'], other['ifname']):
            link = home.rtnl().link(name=name) if name and is_on_host(other) else None
            if link is not None:
                found.append((link, False))
    finally:
        home.close()
    there = open_container(path)
    try:
        link = there.rtnl().link(name=own['ifname'])
        if link is None:
            raise CniError(DIFFERS, '%s: the interface %s is gone' % (path, own['ifname']))
        if any(':' in address for address in own['addresses']):
            _settle(path, there.rtnl(), link, set(map(addressing.bare, own['addresses'])))
    finally:
        there.close()
    return found + [(link, True)]


def _settle(path, rtnl, link, wanted):
    """Waits until the container can send from its IPv6 addresses, as CNI's own plugins do: the kernel first asks who
    else has them. CniError if somebody has, or that takes too long."""
    deadline = monotonic() + SETTLE_SECONDS
    while True:
        there = [one for one in rtnl.addresses(link.index) if one.address in wanted]
        failed = [one.address for one in there if one.dadfailed]
        if failed:
            raise CniError(WIRE + 4, '%s: somebody on the network has the address %s' % (path, failed[0]))
        waiting = [one.address for one in there if one.tentative]
        if not waiting:
            return
        if monotonic() > deadline:
            raise CniError(WIRE + 1, '%s: %s has still not been found to be free after %d s' % (
                path, waiting[0], SETTLE_SECONDS))
        time.sleep(0.02)


def is_on_host(end):
    """Is the far end of a wire on the host?"""
    from netnsctl.model.endpoint import Target
    return Target.parse(end['target']).is_on_host


def compare(path, shown, addresses, routes):
    """CniError unless an interface of a container is as a result says. shown: its entry; addresses, routes: as
    results.own_of()."""
    there = open_container(path)
    try:
        link = there.rtnl().link(name=shown['name'])
        if link is None:
            raise CniError(DIFFERS, '%s: the interface %s is gone' % (path, shown['name']))
        mac = shown.get('mac')
        if isinstance(mac, str) and mac and mac.lower() != link.mac:
            raise CniError(DIFFERS, '%s: %s has the MAC address %s, not %s' % (path, link.name, link.mac, mac))
        if not link.up:
            raise CniError(DIFFERS, '%s: %s is down' % (path, link.name))
        have = set('%s/%d' % (one.address, one.prefixlen) for one in there.rtnl().addresses(link.index))
        for address in addresses:
            if _normal(address) not in have:
                raise CniError(DIFFERS, '%s: %s lacks the address %s' % (path, link.name, address))
        if routes:
            known = set((route.dst, route.via) for route in there.rtnl().routes())
            for dst, via in routes:
                _require_route(path, known, dst, via)
    finally:
        there.close()


def _normal(address):
    try:
        return addressing.parse_address(address)
    except UsageError as error:
        raise CniError(DIFFERS, 'prevResult: %s' % error.message)


def _require_route(path, known, dst, via):
    try:
        dst = addressing.parse_destination(dst, via)
        via = via and addressing.parse_ip(via, 'gw')
    except UsageError as error:
        raise CniError(DIFFERS, 'prevResult: %s' % error.message)
    if not any(dst == there and via in (None, gateway) for there, gateway in known):
        raise CniError(DIFFERS, '%s: the route to %s%s is gone' % (path, dst, ' by %s' % via if via else ''))
