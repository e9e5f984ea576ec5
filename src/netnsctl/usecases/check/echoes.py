"""ICMP echoes between the two ends of a wire, made inside their namespaces."""
from __future__ import absolute_import, division, print_function

import binascii
import _socket as socket
import time

from netnsctl.compat import monotonic
from netnsctl.edge.packets import icmp
from netnsctl.edge.netlink import neighbours
from netnsctl.usecases.check.report import Probe

# Duplicate address detection takes up to 1 s before its first probe and 1 s after (RFC 4862, dad_transmits = 1).
DAD_SECONDS = 3.0


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
            open_stations(stations, end, own, others, apart)
        wait_for_dad((a, b), stations)
        echoes = echoes_of(stations[0], stations[1], ways[0]), echoes_of(stations[1], stations[0], ways[1])
        new = [item for way, end in ((0, a), (1, b)) for item in strangers(end, echoes[way])] if apart else []
        icmp.exchange(echoes[0] + echoes[1], seconds)
        for neighbour in new:
            neighbours.forget(*neighbour)
        return [Probe(echo, way) for way in (0, 1) for echo in echoes[way]]
    finally:
        for of_end in stations:
            for station in of_end.values():
                station.close()


def open_stations(stations, end, own, others, apart):
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


def echoes_of(own, others, ways):
    """The Echoes for what _ways() gives. own: {family: Station}; others: the same of the other end, {} of one that is
    somebody else."""
    echoes = []
    for family, source, address, first in ways:
        mtu = own[family].mtu() or 1500
        small = min(icmp.SMALL[family], mtu)
        echoes.append(icmp.Echo(own[family], others.get(family), source, address, small))
        if first and mtu > small:
            echoes.append(icmp.Echo(own[family], others.get(family), source, address, mtu))
    return echoes


def strangers(end, echoes):
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


def wait_for_dad(ends, stations):
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
