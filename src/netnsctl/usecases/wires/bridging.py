"""What a wire to a bridge must respect: the bridge's MAC address and MTU, and who has which address on it."""
from __future__ import absolute_import, division, print_function

from itertools import chain

from netnsctl.compat import random_hex, random_mac
from netnsctl.edge import bridges
from netnsctl.edge.packets import claims
from netnsctl.edge.netlink import lookups
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.model import addressing, operations, plan as planning
from netnsctl.model.links import kind_named
from netnsctl.usecases.recorded import claiming, inventory

_HIGHEST = int(operations.PORT_MAC + 'ff' * 5, 16)
IF_OPER_UP = 6  # linux/if.h
_USUAL_MTU = 1500  # ether_setup()


def settle(wiring, ends):
    """Looks at the bridges of the ends (plan.End) and writes into both what follows from them.

    ConflictError if a link with a bridge's name is not one, or if somebody has an address meant for an end, unless that
    was requested.
    """
    for end, other in (ends, reversed(ends)):
        if end.bridge:
            _look_at(wiring, end, other)
            if end.ipv6 or any(':' in address for address in end.addresses):
                from netnsctl.usecases.ends import ipv6  # few bridges need it
                ipv6.settle_bridge(wiring.session, end)
    if not wiring.options.force:
        _refuse_taken(wiring.session, wiring, ends)


def _look_at(wiring, end, other):
    session, planned = wiring.session, wiring.planned
    rtnl = session.home.rtnl()
    link = planned.link_of_host(session.home, end.bridge)
    if end.tag and (link is None or bridges.is_bridge(link)):
        end.own_bridge = link is not None and link.alias == operations.BRIDGE_ALIAS
        from netnsctl.usecases.ends import tags  # few wires have one
        tags.settle(session, end, link)
    if link is None:
        end.bridge_mac = random_mac()
        end.new_bridge = end.bridge not in planned.bridges
        end.own_bridge, end.moves_bridge = not end.new_bridge, bool(end.new_bridge and end.tag and end.addresses)
        end.present = planned.present(end)
        if end.new_bridge and planned.has_link(session.home, end.bridge):
            raise ConflictError('%s: an earlier line makes a link %s, which is not a bridge' % (end.label, end.bridge))
        return
    if not bridges.is_bridge(link):
        raise _not_a_bridge(session, end, link)
    end.own_bridge = link.alias == operations.BRIDGE_ALIAS
    if link.kind is None:
        end.mac = _mac_above(link.mac, end.mac)
    else:
        end.keep_mac = _mac_to_keep(link, end)
        end.is_first_port = bool(end.keep_mac) and not bridges.has_id(link.name)
    if link.mtu != _USUAL_MTU:
        # The near end, or it would lower the bridge's (the lowest of its ports'); the far end, or what is as large as
        # the network takes would be dropped.
        end.mtu, other.mtu = end.mtu or link.mtu, other.mtu or link.mtu
    tell_of_mtus(session, end, other, link)
    end.present = planned.present(end, link, ['%s/%d' % (item.address, item.prefixlen) for item in
                                              lookups.addresses_like(rtnl, link.index, end.addresses)])
    end.shared = tuple(address for address in end.addresses
                       if address in end.present and _is_from_a_wire(session, end, address))


def tell_of_mtus(session, end, other, bridge=None):
    """What was requested, or what a VXLAN gets, but does not fit the bridge (Link) is made anyway, with a notice."""
    bridge = bridge or session.home.rtnl().link(name=end.bridge)
    if bridge is None:
        return  # it is made with the wire
    if other.mtu and other.mtu > bridge.mtu:
        session.notices.append('%s: its mtu %d is more than the %d of the bridge %s, which drops larger packets'
                               % (other.label, other.mtu, bridge.mtu, bridge.name))
    if end.mtu and end.mtu < bridge.mtu:
        session.notices.append('%s: a port with mtu %d lowers the mtu of the bridge %s, which is %d, unless that was '
                               'set by hand' % (end.label, end.mtu, bridge.name, bridge.mtu))


def _not_a_bridge(session, end, link):
    kind = 'a NIC' if link.kind is None else 'a link of kind %s' % link.kind
    return ConflictError('%s: %s is %s, not a bridge' % (end.label, link.name, kind),
                         hint=bridges.how_to_plug(session.home.rtnl(), link))


def _mac_to_keep(link, end):
    """The MAC address to fix for a bridge that would take over the one of the new port, or None.

    That is one without a port that is up (a new one has a carrier all the same, but no operational state), one that has
    a wire's address, and one whose address is the higher. Those that netnsctl made have theirs from the start.
    """
    if end.own_bridge:
        return None
    if link.operstate == IF_OPER_UP and not link.mac.startswith(operations.PORT_MAC) and link.mac < end.mac:
        return None
    return link.mac


def _mac_above(taken, mac):
    """A MAC address for a new port, above the one that the bridge has where it can be; mac: that it would have.

    2.6.32 gives a bridge the lowest of its ports'. One that none of them has must not be set there: br_input.c takes
    for the bridge only what its table has as local, which its own address is in since Linux 3.3.
    """
    low = int(taken.replace(':', ''), 16)
    if not mac.startswith(operations.PORT_MAC) or mac > taken or low >= _HIGHEST:
        return mac
    number = '%012x' % (low + 1 + int(random_hex(12), 16) % (_HIGHEST - low))
    return ':'.join(number[at:at + 2] for at in range(0, 12, 2))


def _is_from_a_wire(session, asked, address):
    """Did netnsctl put an address on the bridge of an end? Any wire that asks for it there knows."""
    bare = addressing.bare(address)
    holder = claiming.holder(session, claiming.network_of_bridge(asked.bridge, asked.tag), bare, asked.bridge)
    known = session.journal.load(holder.wire) if holder is not None and holder.is_bridge else None
    # That one first: those of other bridges would be read for each of a thousand wires.
    for record in chain([known] if known else [], session.recorded(pending=session.group is not None)):
        for end in record.ends:
            if end.bridge == asked.bridge and address in end.addresses:
                return address in record.own_addresses(end)
    return False


# Addresses that somebody else has

# How long an answer is waited for. A port that is a veth has usually answered by the time send(2) returns; behind
# another there may be a network.
_NEAR_SECONDS, _FAR_SECONDS = 0.02, 0.2


def _refuse_taken(session, wiring, ends):
    """Looks at the records first, then at the host's own addresses, and asks those on the bridge last."""
    own_names = (wiring.name, wiring.known and wiring.known.name)
    for end, other in (ends, reversed(ends)):
        bridge, network = end.bridge or other.bridge, claiming.network_of(end, other)
        # A VLAN or a VXLAN of a namespace is not where the host has its own.
        is_hosts_too = end.ns == 'host' or not other.kind and not other.is_apart or network == other.anchor
        # Whatever is on the bridge was there before us.
        new = [addressing.bare(address) for address in end.addresses if address not in end.present]
        for address in new:
            is_of_link = not bridge and addressing.is_link_local(address)
            holder = None if is_of_link else claiming.holder(session, network, address, bridge)
            # Several wires may ask for one and the same address of the bridge.
            if (holder is not None and holder.wire not in own_names and not (end.bridge and holder.is_bridge)
                    and not _is_unnumbered(wiring, end, address) and not is_lost(wiring, holder.wire)):
                raise _taken(wiring, end, address, 'the wire %s has it, at %s' % (holder.wire, holder.place))
            where = _place_on_host(session, address, wiring.planned) if is_hosts_too else None
            if where is not None and not _is_unnumbered(wiring, end, address):
                raise _taken(wiring, end, address, 'it is an address of this host' + where)
        asked = bridge or other.kind and kind_named(other.kind).asked_at(other)
        if asked and wiring.asks_neighbours and not (end.new_bridge or other.new_bridge or end.is_apart
                                                     or other.is_apart):
            for address, macs in sorted(_ask(session, asked, new).items()):
                _judge(wiring, end, address, macs, asked)


def _is_unnumbered(wiring, end, address):
    """Is it a host's end with a full prefix, made from the tree? Such links may share one address, since each has only
    a route to its peer, and the tree has no --force."""
    return (end.ns == 'host' and not end.bridge and not wiring.options.asks_neighbours
            and any(addressing.is_host(own) for own in end.addresses if addressing.bare(own) == address))


def _judge(wiring, end, address, macs, bridge):
    """ConflictError if somebody answered for an address who may have it.

    Whoever is behind a recorded wire's port has the addresses of that wire. Others that it answers for it may claim so
    as to keep them from being wired: that is said, and no more.
    """
    wires, others = _behind_wires(wiring.session, bridge, macs)
    if others:
        gone = _macs_of_lost(wiring, bridge)
        others = [mac for mac in others if mac not in gone]
    if others:
        raise _taken(wiring, end, address, '%s on %s answers for it' % (claims.some_of(others), bridge))
    for name in wires:
        wiring.session.notices.append('%s: %s answers for %s too, which is not its own: netnsctl show %s' % (
            end.label, 'the other end of the wire %s' % name, address, name))


def _behind_wires(session, bridge, macs):
    """(names of the recorded wires whose ports these MAC addresses are behind, those that are elsewhere)."""
    if not macs:
        return [], []
    ports, known = {}, bridges.learned(session.home.rtnl(), bridge, macs)
    for record in session.recorded(pending=session.group is not None):
        for end, other in (record.ends, record.ends[::-1]):
            if end.bridge == bridge:
                ports[end.index] = record.name
            elif end.mac in macs and other.target == 'ovs://' + bridge:  # which keeps what it has learned to itself
                known[end.mac], ports[end.mac] = end.mac, record.name
    return (sorted(set(ports[known[mac]] for mac in macs if known.get(mac) in ports)),
            [mac for mac in macs if known.get(mac) not in ports])


def _macs_of_lost(wiring, bridge):
    """The MAC addresses of containers that ended: set. The kernel takes their links away a moment later, and until then
    they answer."""
    session = wiring.session
    return set(end.mac for record in session.recorded(pending=session.group is not None)
               for end, other in (record.ends, record.ends[::-1])
               if (other.bridge == bridge or other.target.endswith('://' + bridge))
               and end.mac and is_lost(wiring, record.name))


def is_lost(wiring, name):
    """Is a recorded wire one that its container took along? Its addresses are free then."""
    record = wiring.session.journal.load(name) if name not in wiring.planned.wires else None
    return record is not None and inventory.look(record)[0] == inventory.LOST


def _taken(wiring, end, address, who):
    is_asked = wiring.options.asks_neighbours  # `up` and `watch` go by the tree, and have no --force
    return ConflictError('%s: the address %s is in use: %s' % (end.label, address, who), hint='Choose another address%s'
                         % ('; --force uses this one anyway.' if is_asked else '.'))


def _place_on_host(session, address, planned):
    """Where the host has an address, or gets it before (deciding.Planned): ' (on eth0)'; None if it does not have it,
    or only where it is about to be removed."""
    if addressing.covers('fe80::/10', address):
        return None  # one of another link
    for name, _ in planned.addresses.get(address, ()):
        return ' (on %s)' % name
    rtnl = session.home.rtnl()
    hop = lookups.route_to(rtnl, address)
    if hop is None or hop.type != lookups.RTN_LOCAL:
        return None
    there = [item for item in rtnl.addresses() if item.address == address]
    if there and all((session.home.key, item.index) in planned.gone_links or (
            item.index, '%s/%d' % (address, item.prefixlen)) in planned.gone_addresses for item in there):
        return None
    links = [link for link in [rtnl.link(index=item.index) for item in there[:1]] if link is not None]
    return ''.join(' (on %s)' % link.name for link in links)


def _ask(session, bridge, addresses):
    """{address: MAC addresses that answered for it on the bridge}. What ask_ahead() asked is not asked again."""
    known = dict((address, session.answers[bridge, address]) for address in addresses
                 if (bridge, address) in session.answers)
    left = [address for address in addresses if address not in known]
    seconds = _reach(session, bridge) if left else 0
    if seconds:
        known.update(claims.ask(session.home, bridge, left, seconds))
    return known


def ask_ahead(session, pairs):
    """Asks for all addresses that many wires want on bridges, at once for each bridge, and remembers the answers.

    pairs: of Endpoints. What cannot be asked now is skipped: the wire's own question reports the cause.
    """
    wanted = {}
    for pair in pairs:
        for bridge in [name for name in map(_asked_at, pair) if name][:1]:
            wanted.setdefault(bridge, set()).update(addressing.bare(address) for end in pair
                                                    for address in end.addresses)
    for bridge, addresses in sorted(wanted.items()):
        try:
            answers = _ask(session, bridge, sorted(addresses)) if len(addresses) > 1 else {}
        except NetnsctlError:
            continue
        session.answers.update(((bridge, address), macs) for address, macs in answers.items())


def _asked_at(end):
    """The link of the host on which the addresses of a wire with this Endpoint can be asked for, or None."""
    if end.target.scheme == 'bridge':
        return None if end.data else end.target.name
    if not end.target.is_anchor:
        return None
    return kind_named(end.target.scheme).asked_at(planning.End.of(end))


def _reach(session, bridge):
    """How long to wait for an answer on a bridge, in seconds; 0 where nobody is there to give one."""
    if bridge not in session.reach:
        rtnl = session.home.rtnl()
        link = rtnl.link(name=bridge)
        is_nic = link is not None and not bridges.is_bridge(link)
        ports = [] if link is None or not link.up else [link] if is_nic else [
            other for other in rtnl.links() if other.master == link.index]
        kinds = set(port.kind for port in ports)
        if link is not None and link.kind is None and not ports:
            kinds = set([None]) if bridges.has_ports(rtnl, link) else kinds  # 2.6.32 tells no masters
        session.reach[bridge] = 0 if not kinds else _NEAR_SECONDS if kinds == set(['veth']) else _FAR_SECONDS
    return session.reach[bridge]


def announce(wiring, ends):
    """Tells those on a bridge who has the addresses now: they may know them by another MAC address.

    Nothing depends on it, so a failure is not an error.
    """
    new_bridges = _note_new_bridges(wiring.session, ends)
    for at, (end, other) in enumerate((ends, ends[::-1])):
        new = [address for address in end.addresses if address not in end.present]
        if not (end.bridge or other.bridge) or not new:
            continue
        if other.bridge and any(':' in address for address in new):
            try:
                # Still tentative; the kernel itself tells it when it has found no duplicate (Linux 4.19).
                wiring.opened[at].set_sysctl('ipv6/conf/%s/ndisc_notify' % end.dev, '1')
            except NetnsctlError:
                pass
        if (end.bridge or other.bridge) in new_bridges:
            continue  # each flooded frame costs as much as the bridge has ports
        if other.tag:
            _announce_from(wiring.opened[at], end.dev, _ipv4_of(end))  # the bridge may be in another VLAN
            continue
        _announce(wiring.session, end.bridge or other.bridge,
                  [address for address in new if ':' not in address], None if end.bridge else end.mac)


def _note_new_bridges(session, ends):
    """The bridges where nobody can know an address by another MAC address: set of names. That is each that this wire,
    or an earlier one of the same file, has made, and that has no port but ends of pairs that lead to a namespace."""
    found = set() if session.new_bridges is None else session.new_bridges
    for end, other in (ends, ends[::-1]):
        if end.bridge and (other.kind or other.bridge):
            found.discard(end.bridge)
        elif end.new_bridge:
            found.add(end.bridge)
    return found


def announce_on_nic(wiring, ends):
    """The same where one end is a link on a NIC: it tells the network of that itself."""
    for at, (end, other) in enumerate((ends, ends[::-1])):
        if not other.anchor or not end.addresses:
            continue
        try:
            if any(':' in address for address in end.addresses):
                wiring.opened[at].set_sysctl('ipv6/conf/%s/ndisc_notify' % end.dev, '1')
        except NetnsctlError:
            continue
        _announce_from(wiring.opened[at], end.dev, _ipv4_of(end))


def _ipv4_of(end):
    return [addressing.bare(address) for address in end.addresses if ':' not in address]


def _announce_from(opened, dev, addresses):
    """Said on the link of an end itself."""
    try:
        announcer = claims.Announcer(opened)
    except NetnsctlError:
        return
    try:
        announcer.tell(dev, addresses)
    except NetnsctlError:
        pass
    finally:
        announcer.close()


def _announce(session, bridge, addresses, mac):
    """Said on the bridge for whoever is behind one of its ports, whose MAC address the others then learn."""
    try:
        if addresses and session.announcer is None:
            session.announcer = claims.Announcer(session.home)
        if addresses:
            session.announcer.tell(bridge, [addressing.bare(address) for address in addresses], mac)
    except NetnsctlError:
        pass


def announce_checked(record, report, namespaces):
    """The same for the IPv6 addresses of a wire whose check needed them, so that they are tentative no longer.

    Each end says it itself: what the bridge says comes back to the end, and would look like another's claim.
    namespaces: {reference: Netns}.
    """
    used = [address for probe in report.probes for address in (probe.address, probe.source_address) if ':' in address]
    for end, other in (record.ends, reversed(record.ends)):
        own = [bare for bare in map(addressing.bare, end.addresses) if bare in used]
        if other.bridge and own:
            _announce_from(namespaces[end.ns], end.dev, own)
