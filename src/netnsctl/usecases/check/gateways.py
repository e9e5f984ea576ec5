"""Echoes from a link to the gateways that a wire gave it, and to nobody else."""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.edge.netlink import neighbours
from netnsctl.edge.packets import claims, icmp
from netnsctl.model import addressing
from netnsctl.model.route import as_route
from netnsctl.usecases.check import echoes
from netnsctl.usecases.check.report import Probe

# Parts of the time limit: how long an echo is waited for before the gateway is asked by ARP whether it is there at all,
# and how long that is.
_ECHO_PART, _ARP_PART = 0.25, 0.2
_MOST_LEASED = 4  # gateways that are read off a link, which its container may give any number of


class Lone(object):
    """What there is to test of an End (checking.End) whose wire has no other link.

    anchor: the recorded end that it hangs on. link: the operations.AddLink that made it, or None. nic: name of the link
    of the host's that it stands on, or None. gateways: text, each once. own: the recorded end; is_leased: has it its
    address by DHCP?
    """

    def __init__(self, end, own, anchor, link=None, is_leased=False):
        self.end, self.anchor, self.link = end, anchor, link
        # Where it is the port of a switch, the near end of the pair takes the place of a NIC.
        self.nic = anchor.data.get('dev') or (link.anchor if link is not None else None)
        self.gateways = _gateways_of(own)
        if is_leased:
            found = [route.via for route in end.netns.rtnl().routes(socket.AF_INET, index=own.index) if route.via]
            self.gateways += [via for via in found[:_MOST_LEASED] if via not in self.gateways]

    def source_to(self, gateway):
        """The address that an echo to a gateway leaves from: text, or None where there is none of its family."""
        own = [text for text in self.end.addresses if (':' in text) == (':' in gateway)]
        for text in [text for text in own if addressing.covers(text, gateway)] + own:
            return addressing.bare(text)
        return None


def _gateways_of(end):
    """The gateways on the link of a recorded end: list of text, each once."""
    found = list(end.gateways)
    for data in end.routes:
        route = as_route(data)
        if route.nexthops:
            from netnsctl.model import route_words  # few routes have them
            found += [address for address, _, _ in route_words.gateways_of(route.nexthops)]
        elif route.via:
            found.append(route.via)
    return [gateway for at, gateway in enumerate(found) if gateway not in found[:at]]


def probe(lone, seconds):
    """A small echo to every gateway of a Lone, and one of the link's MTU: ([report.Probe], {gateway: MAC addresses in
    text that answered for it by ARP or neighbour discovery} of those that answered no small one)."""
    ways = [(_family(gateway), lone.source_to(gateway), gateway, True) for gateway in lone.gateways
            if lone.source_to(gateway)]
    if not ways:
        return [], {}
    stations = []
    try:
        echoes.open_stations(stations, lone.end, ways, (), True)
        echoes.wait_for_dad((lone.end,), stations)
        sent = echoes.echoes_of(stations[0], {}, ways)
        new = echoes.strangers(lone.end, sent)
        silent = _exchange(lone.end, sent, seconds)
        for neighbour in new:
            neighbours.forget(*neighbour)
        return [Probe(echo, 0, 'gateway') for echo in sent], silent
    finally:
        close(stations)


def _family(address):
    return icmp.AF_INET6 if ':' in address else icmp.AF_INET


def _exchange(end, sent, seconds):
    """Sends the Echoes: {gateway: [MAC address, ...]} as probe() has it."""
    icmp.exchange(sent, seconds * _ECHO_PART)
    macs = {}
    for is_last in (False, True):
        asked = dict((echo.address, echo.source) for echo in _unanswered(sent)
                     if not (echo.hopeless or macs.get(echo.address)))
        if asked:
            macs.update(_who_has(end, asked, seconds * _ARP_PART))
        waiting = [echo for echo in sent if not echo.ok]
        if waiting and not is_last:
            # The kernel asks a second later again for a neighbour that did not answer: one that is there has answered.
            are_there = all(macs.get(echo.address) for echo in _unanswered(sent))
            icmp.exchange(waiting, seconds * (_ECHO_PART if are_there else 1 - _ECHO_PART - _ARP_PART))
    return dict((echo.address, macs.get(echo.address, [])) for echo in _unanswered(sent))


def _unanswered(sent):
    """The first Echoes to each gateway, the small ones, that have no answer."""
    seen, found = set(), []
    for echo in sent:
        if echo.address not in seen and not echo.ok:
            found.append(echo)
        seen.add(echo.address)
    return found


def _who_has(end, sources, seconds):
    question = claims.Question(end.netns, end.dev, sorted(sources), sources)
    try:
        return question.answers(seconds)
    finally:
        question.close()


def largest_answered(lone, gateway, sizes, seconds):
    """The largest of these sizes (of the IP packet, bytes) whose echo a gateway answers, or None."""
    family, source, stations = _family(gateway), lone.source_to(gateway), []
    try:
        echoes.open_stations(stations, lone.end, [(family, source, gateway, True)], (), True)
        sent = [icmp.Echo(stations[0][family], None, source, gateway, size) for size in sizes]
        icmp.exchange(sent, seconds)
        return max([echo.size for echo in sent if echo.ok] or [None])
    finally:
        close(stations)


def close(stations):
    for of_end in stations:
        for station in of_end.values():
            station.close()
