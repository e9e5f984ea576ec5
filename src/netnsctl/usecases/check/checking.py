"""Checking a wire: an ICMP echo each way, one as big as the link takes, made inside the two namespaces.

This module is the path of a sound wire and imports only what that needs; why a check
failed is found by usecases.diagnosis, which is imported when one has.
"""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import monotonic, shell_quote
from netnsctl.edge.netlink.reading import decoded, link_of
from netnsctl.errors import CheckFailedError, UsageError
from netnsctl.model import addressing
from netnsctl.model.links import kind_of
from netnsctl.usecases.recorded import records
from netnsctl.usecases.check.echoes import probe
from netnsctl.usecases.check.report import Cause, Report


SECONDS = 1.2  # for the answers; see check()
TCP_PART = 0.25  # of those, how long an answer to TCP is waited for
MOST_LEASED = 4  # addresses that are read off a link, which its container may give any number of


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


def check(host, a, b, seconds=SECONDS):
    """Do packets pass between two Ends? Report.

    seconds: how long a missing answer, or a link that is not yet up, is waited for (a little over the second
    after which the kernel asks again for a neighbour that did not answer); on top of that come up
    to echoes.DAD_SECONDS for an IPv6 address that is still tentative. A sound wire waits for nothing; one that seems
    to fail for no lasting cause is looked at a second time (Report.may_pass).
    Where the ends have no address family in common, the state of the links is all that is looked at.
    Raises KernelError where raw sockets are refused: that is no answer about the wire.
    """
    report = _look(host, a, b, seconds)
    return _look(host, a, b, seconds) if report.may_pass else report


def _look(host, a, b, seconds):
    probes = probe(a, b, seconds)
    ok = all(item.ok for item in probes)
    # Between two ends in one namespace the kernel hands packets over inside: echoes say nothing about the links.
    if ok and (not probes or a.netns.key == b.netns.key):
        links = _links_up((a, b), seconds)
        ok = links is not None and _fit_bridges(links)
    elif ok:
        ok = _fit_bridges_by(probes, (a, b))
    if ok:
        return Report(True, probes, (), _untested(a, b))
    from netnsctl.usecases.check import diagnosis
    return Report(False, probes, diagnosis.causes(host, a, b, [item for item in probes if not item.ok]),
                  _untested(a, b))


def check_alone(host, home, lone, seconds=SECONDS):
    """Does the one link of a gateways.Lone work, and do its gateways answer? Report. home: netnsctl's own Netns.
    seconds: as check(). A sound one waits for the gateways' answers alone; one without a gateway, a moment for those
    who have its addresses too."""
    from netnsctl.usecases.check import alone
    for _ in range(2):
        nic = lone.nic and home.rtnl().link(name=lone.nic)
        report = alone.check(host, home, lone, _links_up((lone.end,), seconds) is not None
                             and (nic is None or nic.up), seconds)
        if not report.may_pass:
            break
    return report


def check_record(session, record, namespaces=None, to=None):
    """Tests a recorded wire both ways: Report. namespaces: {reference: Netns} where they are open already. to: an
    address beyond the host that gets an echo by the wire, or None."""
    opened = namespaces if namespaces is not None else records.open_namespaces(record)
    try:
        gone = [end for end in record.ends if end.ns not in opened]
        if gone:
            raise CheckFailedError('check %s: the network namespace of %s is gone' % (record.name, gone[0].target),
                                   hint='Wire it again; that also removes the old ends.')
        ends = [End(end.place, opened[end.ns], end.bridge or end.dev, end.addresses, end.mtu, end.bridge, end.dev)
                for end in record.ends if end.has_link]
        if record.dhcp:
            from netnsctl.usecases.ends import leasing  # few wires have a lease
            for end, recorded in zip(ends, [end for end in record.ends if end.has_link]):
                end.addresses += leasing.addresses_of(end.netns, recorded.index)[:MOST_LEASED] if recorded.dhcp else []
        if to is not None:  # before anything is sent
            _require_way_out(session, record, ends, to)
        seconds = SECONDS + sum(_patience(end) for end in record.ends)
        lone = [at for at, end in enumerate(record.ends) if not end.parsed_target().has_no_link]
        if len(lone) == 1:
            report = _check_alone(session, record, ends[0 if len(ends) == 1 else lone[0]], lone[0], seconds)
        else:
            for end, other in (ends, reversed(ends)):
                if end.bridge:
                    end.addresses += addresses_of_bridge(end.netns, end.bridge, end.addresses, other.addresses,
                                                         end.port)
            report = check(session.host, ends[0], ends[1], seconds)
        if namespaces is None:
            report.add_causes([Cause('passed-on', text, 'netnsctl unwire %s' % record.name)
                               for text in session.meanings.passed_on(record)])
        report.add_causes([cause for end in record.ends if end.bridge
                           for cause in _of_vlan(opened[end.ns], end, report.ok)])
        if len(ends) == 1:
            report.add_causes(_of_remotes(session.home, record, ends[0]))
        if record.dhcp:
            from netnsctl.usecases.check import leases  # few wires have a lease
            report.add_causes(leases.causes(record, [opened[end.ns] for end in record.ends]))
        if record.has_uplink:
            from netnsctl.usecases.check import uplinked  # few wires have nat or publish
            (uplinked.tell_of_new if namespaces is not None else uplinked.tell)(report, session, record, ends, to)
        if any(end.shaping for end in record.ends):
            from netnsctl.usecases.check import shaped  # few wires are shaped
            shaped.tell(report, record, opened if namespaces is None else {})
        return report
    finally:
        if namespaces is None:
            records.close_all(opened)


def _require_way_out(session, record, ends, to):
    if not record.has_uplink:
        raise UsageError('--to %s: the wire %s has neither nat nor published ports' % (to, record.name))
    from netnsctl.usecases.check import uplinked  # few wires have nat or publish
    uplinked.require_far(session.home, ends, to)


def _of_vlan(opened, end, is_ok):
    """That the port of a recorded end is not in its VLAN alone, or of one without a tag that fails, not in that of the
    bridge itself: list of Cause."""
    if not end.tag and (is_ok or not end.addresses):
        return []
    from netnsctl.usecases.drift import port_vlans
    if end.tag:
        return [Cause('vlan-differs', '%s: %s' % (end.place, text), words % shell_quote(dev))
                for text, (words, dev) in port_vlans.remarks(opened.rtnl(), end)]
    return [Cause('vlan-differs', '%s: its port is in another VLAN than the bridge %s itself' % (
        end.place, end.bridge), 'bridge vlan show')] if port_vlans.are_apart(
            opened.rtnl(), end.bridge, end.dev) else []


def _patience(end):
    if not end.shaping:
        return 0
    from netnsctl.model import shaping  # few wires are shaped
    return shaping.patience(end.shaping)


def _of_remotes(home, record, checked):
    """That the link of a VXLAN lacks remotes of its wire, or the host its macvlan, or that a macvlan is in another
    mode: list of Cause."""
    from netnsctl.usecases.check.report import command
    from netnsctl.usecases.drift import modes, remotes  # few wires have any
    end, wanted = remotes.of_record(record)
    for step in record.planned('add-link'):
        # Of a container's wire the other one is the host's own.
        for text, words in modes.remarks(checked.netns.rtnl(), end.index, step) if step.ns == end.ns else ():
            return [Cause('mode-differs', '%s: %s' % (checked.label, text), command(
                checked, 'ip link set dev %s %s' % (shell_quote(checked.dev), words)))]
    if record.gives_host_a_link:
        from netnsctl.usecases.drift import host_links
        place = [end.place for end in record.ends if not end.has_link][0]
        return [Cause('host-link', '%s: %s' % (place, text), hint or 'Wire it again: --replace')
                for text, hint in host_links.remarks(home.rtnl(), record)]
    lacking = remotes.lacking(checked.netns.rtnl(), end.index, wanted) if wanted else []
    return [Cause('remote-missing', '%s: nothing is sent to the remote %s' % (end.place, remote), command(
        checked, 'bridge fdb append 00:00:00:00:00:00 dev %s dst %s' % (shell_quote(checked.dev), remote)))
            for remote in lacking]


def _as_it_is(home, end, step):
    """The add-link of a checked end with the name that its NIC has now."""
    link = end.netns.rtnl().link(name=end.dev)
    if not step.anchor or link is None or link.peer is None:
        return step
    from netnsctl.edge.netlink import lookups
    number = None if end.netns.key == home.key else lookups.nsid_of(end.netns.rtnl(), home.fd)
    nic = home.rtnl().link(index=link.peer) if link.peer_nsid == number else None
    return step if nic is None else step.replaced(anchor=nic.name)


def _check_alone(session, record, end, at, seconds):
    from netnsctl.usecases.check import gateways  # few wires have one link
    made = [_as_it_is(session.home, end, step) for step in record.planned('add-link')]
    report = check_alone(session.host, session.home, gateways.Lone(
        end, record.ends[at], record.ends[1 - at], made[0] if made else None, bool(record.dhcp and record.dhcp[at])),
        seconds)
    if made and kind_of(made[0]).carriers(made[0]):
        report.add_causes(_of_checksums(end, report, seconds))
    if record.ends[1 - at].has_link:
        from netnsctl.usecases.switches import standing
        report.add_causes([Cause(*found) for found in standing.causes(record)])
    return report


def _of_checksums(end, report, seconds):
    """That TCP does not pass where an echo does, since a NIC computes checksums of what a tunnel carries wrongly: list
    of Cause."""
    from netnsctl.edge.packets import tcp  # few wires have a tunnel
    from netnsctl.usecases.check.report import command
    for sent in [sent for sent in report.probes if sent.ok][:1]:
        whose = tcp.miscounts(end.netns, end.dev, sent.source_address, sent.address, seconds * TCP_PART)
        text = '%s: %s answers echoes over link %s, but no TCP' % (end.label, sent.address, end.dev)
        if whose == tcp.HERE:
            return [Cause('checksum-offload', text + ' unless its checksum is computed in software: a NIC computes it '
                          'wrongly', command(end, 'ethtool -K %s tx-checksum-ip-generic off' % shell_quote(end.dev)))]
        if whose == tcp.THERE:
            return [Cause('checksum-offload', text + ' with a right checksum: a NIC there computes it wrongly',
                          'On that host: ethtool -K LINK tx-checksum-ip-generic off (LINK: that of the VXLAN)')]
    return []


def _untested(a, b):
    """Addresses that no echo concerns, since the other end has none of their family, or that there are none: list of
    text."""
    if not a.addresses and not b.addresses:
        return ['neither end has an address to send an echo to']
    found = []
    for end, other in ((a, b), (b, a)):
        for text in end.addresses:
            if not any((':' in text) == (':' in address) for address in other.addresses):
                found.append('%s of %s: %s has no IPv%d address' % (text, end.label, other.label,
                                                                    6 if ':' in text else 4))
    return found


def _links_up(ends, seconds):
    """(Link of the port, Link of the bridge or None) of each end, once they are up and with carrier; None if they are
    not within that time."""
    until = monotonic() + seconds
    while True:
        found = [_link_up(end) for end in ends]
        if None not in found:
            return found
        if monotonic() > until:
            return None
        time.sleep(0.01)


def _link_up(end):
    rtnl = end.netns.rtnl()
    index = rtnl.index_of(end.port)
    body = None if index is None else rtnl.link_body(index)
    port = None if body is None else decoded(link_of, [body])[0]
    if port is None or not (port.up and port.carrier):
        return None
    if end.bridge is None:
        return port, None
    # A bridge none of whose ports forwards has no carrier: that is the business of its other wires; this port's is not.
    from netnsctl.edge import bridges
    from netnsctl.edge.netlink import lookups
    bridge = rtnl.link(name=end.bridge)
    if bridge is None or not bridge.up or not bridges.is_port_of(port, bridge):
        return None
    forwards = lookups.port_state(rtnl, port.index, body) in (None, lookups.FORWARDING)
    return (port, bridge) if forwards else None


def _fit_bridges(links):
    """Does the bridge of each end, if it has one, take what the other's link sends? links: as _links_up() has them."""
    return all(bridge is None or other.mtu <= bridge.mtu
               for (_, bridge), (other, _) in zip(links, reversed(links)))


def _fit_bridges_by(probes, ends):
    """The same of two Ends whose echoes passed, the largest of which are as large as the MTU of the link, or of the
    bridge, that they left by. A bridge receives larger ones itself, but its ports of that MTU drop them."""
    sent = [max([0] + [probe.size for probe in probes if probe.way == way]) for way in (0, 1)]
    return all(end.bridge is None or other <= own for end, own, other in zip(ends, sent, sent[::-1]))


def addresses_of_bridge(netns, bridge, asked, others, port=None):
    """The addresses that a bridge has beside those the wire asked for, one for each network that an address of the
    other end is on: list of 'ADDRESS/PREFIXLEN'. An echo can go to and from them."""
    from netnsctl.edge.netlink import lookups
    index, found = netns.rtnl().index_of(bridge), []
    lone = [other for other in others if not addressing.is_link_local(other)
            and not any(_are_neighbours(other, text) for text in asked)]
    if index is None or not lone:
        return found
    there = [item for item in lookups.addresses_like(netns.rtnl(), index, lone)
             if not item.tentative and not item.dadfailed]
    texts = ['%s/%d' % (item.address, item.prefixlen) for item in there]
    for other in lone:
        if not any(_are_neighbours(other, text) for text in found):
            found += [text for text in texts if _are_neighbours(other, text)][:1]
    if found and port is not None:
        from netnsctl.usecases.drift import port_vlans  # few bridges have addresses that no wire gave them
        return [] if port_vlans.are_apart(netns.rtnl(), bridge, port) else found
    return found


def _are_neighbours(one, other):
    return addressing.covers(one, addressing.bare(other)) and addressing.covers(other, addressing.bare(one))
