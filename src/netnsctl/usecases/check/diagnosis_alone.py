"""Why the check of a wire with one link failed: from the NIC on the host outwards to the gateway.

What is found up to the routes hides what comes after it, as in usecases.check.diagnosis.
"""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.compat import shell_quote
from netnsctl.edge.firewall import drops
from netnsctl.edge.netlink import lookups
from netnsctl.edge.packets import claims
from netnsctl.errors import NetnsctlError
from netnsctl.model.links import kind_of
from netnsctl.usecases.check import diagnosis, diagnosis_path as path, diagnosis_rules as rules, gateways
from netnsctl.usecases.check.report import Cause, command

AGAIN_SECONDS = 0.25
# That links and tunnels have: Ethernet, jumbo frames, VLAN tags, PPPoE, GRE, IP in IP, VXLAN, WireGuard, IPv6's least.
SIZES = (9000, 8950, 4000, 2000, 1500, 1496, 1492, 1480, 1476, 1472, 1462, 1454, 1450, 1430, 1420, 1400, 1380, 1280,
         1024, 576)


def causes(host, home, lone, failed, taken, there, is_excused):
    """The causes, the likeliest first: list of Cause. is_excused: it may be empty, since all that failed are echoes to
    gateways that are there all the same.

    home: netnsctl's own Netns. failed: the report.Probes that failed. taken: {address: MAC addresses in text of others
    that have it}. there: the gateways that answer ARP or neighbour discovery, but no echo.
    """
    side = diagnosis.Side(lone.end)
    nic = home.rtnl().link(name=lone.nic) if lone.nic else None
    found = _of_nic(side, lone, nic) or diagnosis.of_links((side,))
    if found:
        return found
    found = [_of_duplicate(side, address, macs) for address, macs in sorted(taken.items())]
    for family in (socket.AF_INET, socket.AF_INET6):
        of_family = [probe for probe in failed if probe.family == family]
        found += (_of_addresses(side, family, taken)
                  or of_family and _of_family(host, home, lone, side, of_family, there))
    if found or is_excused:
        return diagnosis.once(found)
    return [Cause('unknown', '%s: no cause was found; looked at: links, addresses, routes, iptables and nft'
                  % side.label, 'To watch the packets: %s'
                  % command(side, 'tcpdump -n -e -i %s' % shell_quote(lone.end.dev)))]


def _of_addresses(side, family, taken):
    """That an address has a duplicate is said already, with its MAC address, of those in taken."""
    return [cause for cause in diagnosis.of_addresses((side,), family)
            if cause.code != 'ipv6-dadfailed' or not any(' %s ' % address in cause.text for address in taken)]


def _of_nic(side, lone, nic):
    """The link of the host's that this one stands on: gone, down, or without a cable."""
    target = lone.anchor.target
    if lone.nic and nic is None and side.link is None:
        return [Cause('link-missing', '%s: there is no link %s' % (target, lone.nic),
                      'The wire is no longer whole: unwire it and wire it again.')]
    if nic is not None and not nic.up:
        return [Cause('link-down', '%s: link %s is down' % (target, nic.name),
                      'ip link set dev %s up' % shell_quote(nic.name))]
    if nic is not None and not nic.carrier:
        return [Cause('no-carrier', '%s: link %s has no carrier' % (target, nic.name),
                      'Check its cable, and the device at the other end.')]
    return []


def _of_duplicate(side, address, macs):
    return Cause('duplicate-address', '%s: %s has the address %s too, on the network of link %s' % (
        side.label, claims.some_of(macs), address, side.link.name), 'Use another address, or find the other machine: %s'
        % command(side, 'tcpdump -n -e -i %s arp or icmp6' % shell_quote(side.link.name)))


def _of_family(host, home, lone, side, failed, there):
    """The causes for one address family: what is wrong on this side, then what the gateways do not do."""
    small = [probe for probe in failed if not path.is_big(probe)]
    steps = [lambda: path.of_local_rules((side,), failed[0].family), lambda: _of_routes(side, small),
             lambda: _of_filters(host, lone, side, failed)]
    for step in steps if small else steps[2:]:
        try:
            found = step()
        except NetnsctlError:
            continue  # what cannot be read is no cause
        if found:
            return found
    found = [_of_silence(home, lone, side, probe) for probe in small if probe.address not in there]
    silent = [probe.address for probe in small]
    return found + [_of_size(lone, side, probe) for probe in failed if probe.address not in silent]


def _of_routes(side, small):
    """A route or a rule that keeps an echo from its gateway, or leads it elsewhere."""
    found = []
    for probe in small:
        if probe.address[:4] == 'fe80':
            continue  # goes by the link it names, whatever the routes say
        hop = lookups.route_to(side.rtnl, probe.address, probe.source_address)
        way = rules.find_way(side.rtnl, probe.source_address, probe.address, side.link.name)
        if hop is None or way is not None and way.dead_end:
            found.append(path.of_no_route(side, probe.address, way))
        elif hop.index != side.link.index:
            found.append(path.of_another_link(side, probe, hop, way))
    return found


def _of_filters(host, lone, side, failed):
    """Rules and policies of the namespace's own firewall."""
    unread, places, family = {}, {side.netns.key: side}, failed[0].family
    before = {side.netns.key: drops.droppers(host, side.netns, family, unread)}
    if not before[side.netns.key]:
        return []
    again = [probe for probe in gateways.probe(lone, AGAIN_SECONDS)[0] if not probe.ok and probe.family == family]
    return path.of_droppers(host, places, None, failed, again, before, unread)[:path.MOST_FILTERS] if again else []


def _of_silence(home, lone, side, probe):
    """A gateway that answers nothing at all."""
    asked = 'neighbour discovery' if probe.family == socket.AF_INET6 else 'ARP'
    text = '%s: the gateway %s answers neither echoes nor %s' % (side.label, probe.address, asked)
    hop = lookups.route_to(home.rtnl(), probe.address)
    is_hosts = hop is not None and hop.type == lookups.RTN_LOCAL and side.netns.key != home.key
    advice = kind_of(lone.link).advice(lone.link, is_hosts) if lone.link is not None else None
    if is_hosts:
        return Cause('gateway-on-host', '%s; it is an address of this host' % text,
                     advice or 'Use the address that a router of that network has.')
    watch = 'tcpdump -n -e -i %s arp or icmp or icmp6' % shell_quote(lone.nic or side.link.name)
    return Cause('gateway-silent', text, 'Is that its address, and is the link%s on its network? %sTo watch: %s' % (
        ' (%s)' % lone.nic if lone.nic else '', advice + ' ' if advice else '',
        watch if lone.nic else command(side, watch)))


def _of_size(lone, side, probe):
    """A gateway that answers small echoes alone."""
    sizes = [size for size in SIZES if size < probe.size]
    size = gateways.largest_answered(lone, probe.address, sizes, AGAIN_SECONDS)
    if size is None:
        return Cause('mtu-differs', '%s: the gateway %s answers small echoes, but none of %d bytes, the MTU of link %s'
                     % (side.label, probe.address, probe.size, side.link.name),
                     'A link in between has a smaller MTU, or the gateway does not answer large echoes.')
    return Cause('mtu-differs', '%s: link %s has an MTU of %d, but the gateway %s answers no echo of more than %d '
                 'bytes (of the sizes that were tried)' % (side.label, side.link.name, probe.size, probe.address, size),
                 'Raise the MTU of the links in between, or: %s'
                 % command(side, 'ip link set dev %s mtu %d' % (shell_quote(side.link.name), size)))
