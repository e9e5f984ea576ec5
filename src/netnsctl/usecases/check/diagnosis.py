"""Why a check failed: each cause is read from the real state of the namespaces, nearest to the wire first.

Imported only when a check has failed. The order is that of dependence: what a link that is
down would make look wrong further up (addresses, routes) is not looked at any more.
"""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.compat import shell_quote
from netnsctl.edge import bridges
from netnsctl.edge.netlink import lookups
from netnsctl.edge import netns as namespaces
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.check.report import Cause, command

FAMILY_NAMES = {socket.AF_INET: 'IPv4', socket.AF_INET6: 'IPv6'}


class Side(object):
    """One end as the kernel has it now.

    by_name, by_index: the namespace's Links. link: the one that carries the addresses; port: the veth's end;
    bridge: what the port should be plugged into; each None where it is missing. addresses: all of the namespace.
    """

    def __init__(self, end):
        self.end = end
        self.label = end.label
        self.netns = end.netns
        self.rtnl = end.netns.rtnl()
        links = self.rtnl.links()
        self.by_name = dict((link.name, link) for link in links)
        self.by_index = dict((link.index, link) for link in links)
        self.link = self.by_name.get(end.dev)
        self.port = self.by_name.get(end.port)
        self.bridge = self.by_name.get(end.bridge) if end.bridge else None
        self.addresses = self.rtnl.addresses()

    def name_of(self, index):
        link = self.by_index.get(index)
        return 'link %s' % link.name if link else 'link number %s' % index


class Middle(object):
    """What lies between two ends that are not those of one veth: the far sides of their veths, where netnsctl runs.

    direct: the ends are those of one veth, there is nothing in between (kernels before 4.1 do not say where a
    veth leads: there it is never so). links: {way: Link}; known: are both there. by_index: every Link of the
    namespace; ports: {index: state as bridge port}.
    """

    def __init__(self, sides):
        self.netns = namespaces.open_host()
        self.links = {}
        self.ports = {}
        self.by_index = {}
        try:
            self.direct = _are_pair(sides[0].rtnl, sides[0].port, sides[1].netns, sides[1].port)
            if not self.direct:
                self._look(sides)
        except BaseException:
            self.close()
            raise

    def _look(self, sides):
        links = self.netns.rtnl().links()
        self.by_index = dict((link.index, link) for link in links)
        for way, side in enumerate(sides):
            for link in links:
                if _are_pair(side.rtnl, side.port, self.netns, link):
                    self.links[way] = link
        self.ports = lookups.bridge_ports(self.netns.rtnl())

    @property
    def known(self):
        return len(self.links) == 2

    def close(self):
        self.netns.close()


def causes(host, a, b, failed):
    """The causes, the likeliest first, of a check that failed between two Ends: list of Cause, never empty.

    failed: the Probes that failed; none means that only the links were looked at, and one of them is not up.
    """
    looked = []
    sides = (Side(a), Side(b))
    middle = Middle(sides)
    try:
        found = of_links(sides) or _of_bridges(sides, middle)
        looked.append('links, carrier and bridge ports')
        if not found and not failed:
            found = _of_bridge_mtus(sides)
            looked.append('MTUs of bridges')
        if not found:
            for family in sorted(set(probe.family for probe in failed)):
                of_family = [probe for probe in failed if probe.family == family]
                found.extend(_of_family(host, sides, middle, of_family, looked))
    finally:
        middle.close()
    if found:
        return once(found)
    return [Cause('unknown', '%s and %s: no cause was found; looked at: %s' % (a.label, b.label, ', '.join(looked)),
                  'To watch the packets at each end, for example: %s'
                  % command(sides[1], 'tcpdump -n -e -i %s' % shell_quote(b.dev)))]


def _of_family(host, sides, middle, failed, looked):
    """The causes for one address family; a step that cannot be taken is named among what was looked at."""
    from netnsctl.usecases.check import diagnosis_path
    family = failed[0].family
    steps = [('%s addresses' % FAMILY_NAMES[family], lambda: of_addresses(sides, family))]

    def bound(step):
        return lambda: step(host, sides, middle, failed)
    steps += [('%s %s' % (FAMILY_NAMES[family], name), bound(step)) for name, step in diagnosis_path.STEPS]
    for name, step in steps:
        try:
            found = step()
        except NetnsctlError as error:
            looked.append('%s (not readable: %s)' % (name, error))
            continue
        if found:
            return found
        looked.append(name)
    return []


def once(found):
    kept = []
    for cause in found:
        if cause.text not in [other.text for other in kept]:
            kept.append(cause)
    return kept


def _are_pair(rtnl, one, far_netns, other):
    """Are these two links, the second in the namespace far_netns, the two ends of one veth?"""
    if one is None or other is None or one.peer != other.index or other.peer != one.index:
        return False
    # Index numbers repeat between namespaces; the id says which one is meant (Linux 4.0).
    return one.peer_nsid == lookups.nsid_of(rtnl, far_netns.fd)


def of_links(sides):
    """Links that are missing, down or without carrier."""
    found = []
    for side in sides:
        for name in sorted(set(item for item in (side.end.dev, side.end.port, side.end.bridge) if item)):
            link = side.by_name.get(name)
            if link is None:
                found.append(Cause('link-missing', '%s: there is no link %s' % (side.label, name),
                                   'The wire is no longer whole: unwire it and wire it again.'))
            elif not link.up:
                found.append(Cause('link-down', '%s: link %s is down' % (side.label, name),
                                   command(side, 'ip link set dev %s up' % shell_quote(name))))
    if not found:
        # Where one end is down the other has no carrier: that is no cause of its own.
        for side in sides:
            if not side.port.carrier:
                found.append(Cause('no-carrier', '%s: link %s has no carrier: its other end is down'
                                   % (side.label, side.port.name),
                                   'Set the other end up, or unwire and wire again if it is gone.'))
    return found


def _of_bridges(sides, middle):
    """Bridge ports that are not plugged in or do not forward, at the ends and in between."""
    found = []
    for side in sides:
        if side.bridge is None:
            continue
        if not bridges.is_plugged(side.rtnl, side.port.index, side.bridge.name):
            found.append(Cause('port-not-in-bridge', '%s: link %s is not plugged into bridge %s'
                               % (side.label, side.port.name, side.bridge.name),
                               command(side, _plug(side.port.name, side.bridge))))
            continue
        found.extend(_of_port(side.label, side.port, side.bridge, lookups.bridge_ports(side.rtnl)))
    for way, link in sorted(middle.links.items()):
        label = '%s (host, other end of %s)' % (sides[way].label, sides[way].port.name)
        if link.master in middle.by_index and link.index in middle.ports:
            bridge = middle.by_index[link.master]
            if not bridge.up:
                found.append(Cause('link-down', '%s: bridge %s is down' % (label, bridge.name),
                                   'ip link set dev %s up' % shell_quote(bridge.name)))
            found.extend(_of_port(label, link, bridge, middle.ports))
    return found


def _of_bridge_mtus(sides):
    """A bridge that takes less than the link at the other end sends."""
    return [Cause('mtu-differs', '%s: bridge %s has an MTU of %d, link %s of %s has %d' % (
        side.label, side.bridge.name, side.bridge.mtu, other.port.name, other.label, other.port.mtu),
        command(other, 'ip link set dev %s mtu %d' % (shell_quote(other.port.name), side.bridge.mtu)))
            for side, other in (sides, sides[::-1])
            if side.bridge is not None and other.port is not None and other.port.mtu > side.bridge.mtu]


def _plug(port, bridge):
    """The command that plugs a port in: 2.6.32, which tells no kind of bridges, acknowledges `master` and does not."""
    if bridge.kind is None:
        return 'brctl addif %s %s' % (shell_quote(bridge.name), shell_quote(port))
    return 'ip link set dev %s master %s' % (shell_quote(port), shell_quote(bridge.name))


def _of_port(label, port, bridge, states):
    state = states.get(port.index, lookups.FORWARDING)
    if state == lookups.FORWARDING:
        return []
    name = lookups.STP_STATES.get(state, 'state %d' % state)
    return [Cause('bridge-port-not-forwarding', '%s: port %s of bridge %s does not forward: it is %s'
                  % (label, port.name, bridge.name, name),
                  'A port that is listening or learning forwards after at most twice the forward delay of the bridge; '
                  'with spanning tree off, a delay of 0 avoids the wait.')]


def of_addresses(sides, family):
    """Addresses that are missing, differ, or that IPv6 does not let be used."""
    found = []
    for side in sides:
        wanted = [text for text in side.end.addresses if (':' in text) == (family == socket.AF_INET6)]
        barred = _of_ipv6(side) if family == socket.AF_INET6 and wanted else []
        if barred:
            found.extend(barred)
            continue
        have = [item for item in side.addresses if item.family == family and item.index == side.link.index]
        for text in wanted:
            found.extend(_of_address(side, family, text, have))
    return found


def _of_ipv6(side):
    dev = side.end.dev
    if side.netns.sysctl('ipv6/conf/%s/disable_ipv6' % dev) not in ('0', None):
        return [Cause('ipv6-disabled', '%s: IPv6 is disabled on link %s (net.ipv6.conf.%s.disable_ipv6 is 1)'
                      % (side.label, dev, dev),
                      command(side, 'sysctl -w net/ipv6/conf/%s/disable_ipv6=0' % shell_quote(dev)))]
    if side.netns.sysctl('ipv6/conf/all/disable_ipv6') is None:
        return [Cause('ipv6-disabled',
                      '%s: this kernel has no IPv6, so link %s cannot use it' % (side.label, dev), None)]
    return []


def _of_address(side, family, text, have):
    """One address that the wire gave an end: is it there, alike, and usable?"""
    address, _, length = text.partition('/')
    packed = socket.inet_pton(family, address)
    name = '%s: link %s' % (side.label, side.link.name)
    put_back = command(side, 'ip addr add %s dev %s' % (shell_quote(text), shell_quote(side.link.name)))
    for item in have:
        if socket.inet_pton(family, item.address) != packed:
            continue
        if item.dadfailed:
            return [Cause('ipv6-dadfailed', '%s: %s is not usable: another machine on the link has it too (DAD failed)'
                          % (name, address), 'Use another address, or find who else has %s.' % address)]
        if item.tentative:
            return [Cause('ipv6-tentative', '%s: %s is still tentative: duplicate address detection has not finished'
                          % (name, address), 'Try again in a few seconds.')]
        if length and item.prefixlen != int(length):
            return [Cause('address-wrong', '%s has %s/%d instead of %s'
                          % (name, item.address, item.prefixlen, text), put_back)]
        return []
    for item in side.addresses:
        if item.family == family and socket.inet_pton(family, item.address) == packed:
            return [Cause('address-wrong', '%s does not have %s; %s has it'
                          % (name, text, side.name_of(item.index)), put_back)]
    # A link-local address is the kernel's own doing and nobody's mistake.
    others = ['%s/%d' % (item.address, item.prefixlen) for item in have if item.address[:4] != 'fe80']
    if others:
        return [Cause('address-wrong', '%s has %s instead of %s' % (name, ', '.join(others), text), put_back)]
    return [Cause('address-missing', '%s does not have the address %s' % (name, text), put_back)]
