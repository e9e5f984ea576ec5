"""Checking a wire: an ICMP echo each way, one as big as the link takes, made inside the two namespaces.

This module is the path of a sound wire and imports only what that needs; why a check
failed is found by usecases.diagnosis, which is imported when one has.
"""
from __future__ import absolute_import, division, print_function

import binascii
import errno
import os
import socket
import time

from netnsctl.compat import monotonic
from netnsctl.edge import bridges, icmp
from netnsctl.edge.netlink import neighbours

# Duplicate address detection takes up to 1 s before its first probe and 1 s after (RFC 4862, dad_transmits = 1).
DAD_SECONDS = 3.0


class End(object):
    """One end of a wire.

    label: how to speak of it ('docker://a:A'). netns: an open Netns. dev: name of the link that carries the
    addresses. addresses: list of 'ADDRESS/PREFIXLEN'. mtu: the MTU in bytes that the wire was asked to have, or None.
    bridge: name of the bridge in this namespace that the end's veth is plugged into, or None; port: name of
    that veth where it is not dev.
    """

    def __init__(self, label, netns, dev, addresses, mtu=None, bridge=None, port=None):
        self.label = label
        self.netns = netns
        self.dev = dev
        self.addresses = list(addresses)
        self.mtu = mtu
        self.bridge = bridge
        self.port = port or dev


class Probe(object):
    """One echo. source, target: labels of the ends. source_address, address: what it left from and was sent to.

    size: of the IP packet in bytes. arrived: the target saw the request. answered: the answer came back over the
    wire. seconds: round trip, or None. error: what went wrong, or None. way: 0 from the first end, 1 from the second.
    sent: how often it was sent.
    """
    __slots__ = ('source', 'target', 'source_address', 'address', 'size', 'arrived', 'answered', 'seconds', 'error',
                 'way', 'sent')

    def __init__(self, echo, way):
        self.source = echo.origin.label
        self.target = echo.target.label
        self.source_address = echo.source
        self.address = echo.address
        self.size = echo.size
        self.arrived = echo.arrived
        self.answered = echo.answered
        self.seconds = echo.seconds
        self.error = _error_of(echo)
        self.way = way
        self.sent = echo.sent

    @property
    def family(self):
        return icmp.AF_INET6 if ':' in self.address else icmp.AF_INET

    @property
    def ok(self):
        return self.answered and self.arrived

    def to_json(self):
        """Plain data, the same names."""
        return dict((name, getattr(self, name)) for name in self.__slots__ if name not in ('way', 'sent'))


class Cause(object):
    """Why a check failed. code: one word, stable. text: one line that names end and link. hint: what to do, or None."""
    __slots__ = ('code', 'text', 'hint')

    def __init__(self, code, text, hint=None):
        self.code = code
        self.text = text
        self.hint = hint

    def to_json(self):
        """Plain data, the same names."""
        return {'code': self.code, 'text': self.text, 'hint': self.hint}

    def __repr__(self):
        return 'Cause(%s: %s)' % (self.code, self.text)


class Report(object):
    """What a check found. ok: packets pass. probes: tuple of Probe, empty where there was nothing to
    ping and only the links were looked at. causes: tuple of Cause, the likeliest first; empty where ok. untested: tuple
    of text, which addresses no echo was sent to or from, and why."""
    __slots__ = ('ok', 'probes', 'causes', 'untested')

    def __init__(self, ok, probes, causes, untested=()):
        self.ok = ok
        self.probes = tuple(probes)
        self.causes = tuple(causes)
        self.untested = tuple(untested)

    def add_causes(self, causes):
        """Something beside the packets is wrong: list of Cause, put first."""
        self.causes = tuple(causes) + self.causes
        self.ok = self.ok and not causes

    def to_json(self):
        """Plain data: {'ok', 'probes': [...], 'causes': [...], 'untested': [...]}."""
        return {'ok': self.ok, 'probes': [item.to_json() for item in self.probes],
                'causes': [item.to_json() for item in self.causes], 'untested': list(self.untested)}


def check(host, a, b, seconds=1.2):
    """Do packets pass between two Ends? Report.

    seconds: how long a missing answer, or a link that is not yet up, is waited for (a little over the second
    after which the kernel asks again for a neighbour that did not answer); on top of that come up
    to DAD_SECONDS for an IPv6 address that is still tentative. A sound wire waits for nothing.
    Where the ends have no address family in common, the state of the links is all that is looked at.
    Raises KernelError where raw sockets are refused: that is no answer about the wire.
    """
    probes = probe(a, b, seconds)
    ok = all(item.ok for item in probes)
    # Between two ends in one namespace the kernel hands packets over inside: echoes say nothing about the links.
    if ok and (not probes or a.netns.key == b.netns.key):
        ok = _links_are_up((a, b), seconds)
    if ok:
        return Report(True, probes, (), _untested(a, b))
    from netnsctl.usecases import diagnosis
    return Report(False, probes, diagnosis.causes(host, a, b, [item for item in probes if not item.ok]),
                  _untested(a, b))


def _untested(a, b):
    """Addresses that no echo concerns, since the other end has none of their family: list of text."""
    found = []
    for end, other in ((a, b), (b, a)):
        for text in end.addresses:
            if not any((':' in text) == (':' in address) for address in other.addresses):
                found.append('%s of %s: %s has no IPv%d address' % (text, end.label, other.label,
                                                                    6 if ':' in text else 4))
    return found


def probe(a, b, seconds):
    """The echoes alone: list of Probe, a small one to every address that the other end has one to meet with,
    and one of the sender's MTU for each family and way."""
    ways = (_ways(a, b), _ways(b, a))
    if not (ways[0] or ways[1]):
        return []
    apart = a.netns.key != b.netns.key
    stations = []
    try:
        for end, own, others in ((a, ways[0], ways[1]), (b, ways[1], ways[0])):
            _open(stations, end, own, others, apart)
        _wait_for_dad((a, b), stations)
        echoes = _echoes(stations[0], stations[1], ways[0]), _echoes(stations[1], stations[0], ways[1])
        new = [item for way, end in ((0, a), (1, b)) for item in _strangers(end, echoes[way])] if apart else []
        icmp.exchange(echoes[0] + echoes[1], seconds)
        for neighbour in new:
            neighbours.forget(*neighbour)
        return [Probe(echo, way) for way in (0, 1) for echo in echoes[way]]
    finally:
        for of_end in stations:
            for station in of_end.values():
                station.close()


def _open(stations, end, own, others, apart):
    """Enters the namespace of an end once and adds {family: Station} to the list."""
    of_end = {}
    stations.append(of_end)
    sources = {}
    for family, source, _, _ in own:
        if source not in sources.setdefault(family, []):
            sources[family].append(source)
    for item in others:
        sources.setdefault(item[0], [])
    with end.netns.entered():
        for family in sources:
            of_end[family] = icmp.Station(end.label, end.dev if apart else None, family, sources[family])


def _echoes(own, others, ways):
    echoes = []
    for family, source, address, first in ways:
        mtu = own[family].mtu() or 1500
        small = min(icmp.SMALL[family], mtu)
        echoes.append(icmp.Echo(own[family], others[family], source, address, small))
        if first and mtu > small:
            echoes.append(icmp.Echo(own[family], others[family], source, address, mtu))
    return echoes


def _strangers(end, echoes):
    """Those that the echoes make into neighbours of an end: arguments for neighbours.forget."""
    found = []
    for echo in echoes:
        if not echo.hopeless and echo.address not in [item[3] for item in found]:
            neighbour = (end.netns.rtnl(), echo.origin.receiver, end.dev, echo.address)
            if not neighbours.is_known(*neighbour):
                found.append(neighbour)
    return found


def _ways(a, b):
    """What a is to send to b: list of (family, source, address, is it the first of its family).

    An address of b is met by the first of a that is in one network with it, or, where both are host
    addresses, by the first of a: such ends have a route to each other. Where none meet, the first two are tried.
    """
    found = []
    for family in (icmp.AF_INET, icmp.AF_INET6):
        own = _addresses(a.addresses, family)
        others = _addresses(b.addresses, family) if own else []
        pairs = []
        for address in others:
            for source in own:
                if _meet(source, address):
                    pairs.append((source[0], address[0]))
                    break
        if others and not pairs:
            pairs = [(own[0][0], others[0][0])]
        found.extend((family, pair[0], pair[1], number == 0) for number, pair in enumerate(pairs))
    return found


def _addresses(texts, family):
    """Those of one family: list of (address, prefix length, address as a number)."""
    found = []
    for text in texts:
        if (':' in text) == (family == icmp.AF_INET6):
            address, _, length = text.partition('/')
            packed = socket.inet_pton(family, address)
            found.append((address, int(length or len(packed) * 8), int(binascii.hexlify(packed), 16), len(packed) * 8))
    return found


def _meet(one, other):
    length = min(one[1], other[1])
    return length == one[3] or one[2] >> (one[3] - length) == other[2] >> (one[3] - length)


def _wait_for_dad(ends, stations):
    """Waits while a source address is only missing because IPv6 still looks for a duplicate of it."""
    until = None
    for end, of_end in zip(ends, stations):
        station = of_end.get(icmp.AF_INET6)
        while station is not None and station.unbound:
            until = until or monotonic() + DAD_SECONDS
            # Looked at before the bind: an address may cease to be tentative between the two.
            tentative = _tentative(end, station.unbound)
            for source in list(station.unbound):
                station.bind(source)
            if not station.unbound or not tentative or monotonic() > until:
                break
            time.sleep(0.02)


def _tentative(end, sources):
    """Is any of these IPv6 addresses on its way (tentative, and no duplicate found)?"""
    wanted = [socket.inet_pton(icmp.AF_INET6, source) for source in sources]
    for item in end.netns.rtnl().addresses():
        if item.family == icmp.AF_INET6 and item.tentative and not item.dadfailed:
            if socket.inet_pton(icmp.AF_INET6, item.address) in wanted:
                return True
    return False


def _links_are_up(ends, seconds):
    """Are the links of both ends up and with carrier, now or within that time?"""
    until = monotonic() + seconds
    while True:
        if all(_link_is_up(end) for end in ends):
            return True
        if monotonic() > until:
            return False
        time.sleep(0.01)


def _link_is_up(end):
    rtnl = end.netns.rtnl()
    port = rtnl.link(name=end.port)
    if port is None or not (port.up and port.carrier):
        return False
    if end.bridge is None:
        return True
    # A bridge none of whose ports forwards has no carrier: that is the business of its other wires; this port's is not.
    bridge = rtnl.link(name=end.bridge)
    return (bridge is not None and bridge.up and bridges.is_plugged(rtnl, port.index, end.bridge)
            and _forwards(rtnl, port.index))


def _forwards(rtnl, index):
    from netnsctl.edge.netlink import lookups  # only where no echo says it
    return lookups.bridge_ports(rtnl).get(index, lookups.FORWARDING) == lookups.FORWARDING


def _error_of(echo):
    """What went wrong with an echo, in words, or None."""
    if echo.ok:
        return None
    if echo.origin.errno == errno.ENODEV:
        return 'there is no link %s' % echo.origin.dev
    if echo.origin.errno:
        return 'cannot open a socket: %s' % os.strerror(echo.origin.errno)
    if echo.source in echo.origin.unbound:
        return 'cannot send from %s: %s' % (echo.source, os.strerror(echo.origin.unbound[echo.source]))
    if echo.errno:
        return 'cannot send: %s' % os.strerror(echo.errno)
    if echo.answered:
        return 'something else than %s answered' % echo.target.label
    if echo.arrived:
        return 'it arrived, but no answer came back%s' % (' over %s' % echo.origin.dev if echo.origin.dev else '')
    return 'no answer'
