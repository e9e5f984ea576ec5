"""Decides what a request to wire two endpoints leaves open: names, MAC addresses, a pair of the pool, priorities of
rules, bridges, and what has to give way. Works on a resolved wiring.Wiring, before anything is touched.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import random_hex, random_mac, sha256_hex, shell_quote, unicode_of
from netnsctl.edge.netlink import reading
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError, UsageError
from netnsctl.model import addressing, operations, plan as planning
from netnsctl.model.links import has_own_mac, item_of, kind_named


USUAL_MTU = 1500


class Planned(object):
    """What a dry run assumes to be done when it decides on its next wire; empty when wires are really made.

    links: {key of a Netns: names of new links}; bridges: names of new ones, and addresses of the host: {address: [(its
    link, the same with the prefix length)]}; wires: names; published: (name of a wire, row of
    uplink_steps.AddNat.publish); lent: {name of a NIC: name of the wire that gets it}.
    Of recorded wires: gone: their names; gone_links: (key of a Netns, index), with bridges and other links of the host
    that go along; gone_rules: (key of a Netns, record of a rule); gone_addresses: (index of a bridge that stays,
    address); returned: {name of a NIC that comes back: its state as in plan.End.lent}.
    """
    __slots__ = ('links', 'bridges', 'addresses', 'wires', 'published', 'lent', 'gone', 'gone_links', 'gone_rules',
                 'gone_addresses', 'returned')

    def __init__(self):
        self.links, self.bridges, self.addresses, self.wires, self.published = {}, set(), {}, set(), []
        self.gone, self.gone_links, self.gone_rules, self.gone_addresses = set(), set(), [], set()
        self.lent, self.returned = {}, {}

    def link_of_host(self, home, name):
        """The Link of that name that the host (its Netns) has and keeps, or None."""
        link = home.rtnl().link(name=name)
        return None if link is not None and (home.key, link.index) in self.gone_links else link

    def has_link(self, home, name):
        """Will the host have a link of that name?"""
        return (name in self.links.get(home.key, ()) or name in self.returned
                or self.link_of_host(home, name) is not None)

    def present(self, end, link=None, there=()):
        """What of the addresses that a bridge has (there, text; link: its Link) it keeps, and those for an end that it
        gets before: tuple."""
        kept = [address for address in there if (link.index, address) not in self.gone_addresses]
        return tuple(kept + [address for address in end.addresses if address not in kept and (
            end.bridge, address) in self.addresses.get(addressing.bare(address), ())])


def decide(wiring):
    """Decides all that was left open: (ends as plan.End, operations). UsageError, ConflictError."""
    ends = ends_of(wiring)
    if _fill_from_pool(wiring, ends):
        wiring.is_valid = False
    require_valid(wiring, ends)
    for at, end in enumerate(ends):
        _settle_ipv6(wiring, at, end)
    _settle_rules(wiring, ends)
    for end, other in (ends, reversed(ends)):
        if other.kind and kind_named(other.kind).lends:
            from netnsctl.usecases.lending import refusals  # few wires have a NIC
            refusals.settle(wiring, end, other)
    if any(end.ns == 'host' for end in ends):
        from netnsctl.usecases.wires import bridging  # nothing that a plain wire needs
        bridging.settle(wiring, ends)
    for end, other in (ends, reversed(ends)):
        if other.kind:
            before = end.mtu
            settle_anchor(wiring, end, other)
            if end.bridge and end.mtu != before:
                bridging.tell_of_mtus(wiring.session, end, other)
    for end, other in (ends, reversed(ends)):
        if end.shaping:
            _settle_shaping(wiring.session, end, other)
    if any(asked.has_uplink for asked in wiring.endpoints):
        from netnsctl.usecases.uplinks import settling  # few wires have nat or publish
        settling.settle(wiring, ends)
    if wiring.options.replace:
        from netnsctl.usecases.wires import displacing
        displacing.find(wiring, ends)
    return ends, planning.build(*ends)


def _settle_shaping(session, end, other):
    """What shapes an end: its burst has to hold a packet. Where no MTU was asked for, it is that of the NIC below."""
    from netnsctl.model import shaping
    nic = session.home.rtnl().link(name=other.anchor) if not end.mtu and other.anchor else None
    try:
        end.queues = shaping.queues(end.shaping, end.mtu or (nic.mtu if nic is not None else USUAL_MTU))
    except UsageError as error:
        raise UsageError('%s: %s' % (end.label, error.message), hint=error.hint)


def require_valid(wiring, ends):
    """UsageError if the two ends cannot make a working wire."""
    if not wiring.is_valid:
        planning.validate(*ends)
        wiring.is_valid = True


def ends_of(wiring):
    """Both ends as plan.End, with names for those that were given none."""
    return [_end(wiring, at) for at in (0, 1)]


def _end(wiring, at):
    asked, target = wiring.endpoints[at], wiring.targets[at]
    if target.has_no_link and not target.has_port:
        return planning.End.of(asked, wiring.reference(at), target)
    name, mac = asked.ifname or _free_name(wiring, at), asked.mac
    if mac is None and has_own_mac(wiring.targets[1 - at].scheme):
        mac = wiring.macs[at] or random_mac(operations.PORT_MAC if target.is_anchor else '02')
        if asked.dhcp:
            from netnsctl.usecases.ends import dhcp  # few wires have a client
            mac = dhcp.stable_mac(wiring.session.host, '%s:%s' % (target, name))
    return planning.End.of(asked, wiring.reference(at), target, name, mac)


def _free_name(wiring, at):
    """The first free ethN inside a namespace; on the host's side a name made of the wire's."""
    if wiring.reference(at) == 'host':
        return 'nw' + sha256_hex('%s %d' % (wiring.name, at))[:10]
    opened = wiring.opened[at]
    number = 0
    while not is_free(wiring, opened, 'eth%d' % number):
        number += 1
    return 'eth%d' % number


def settle_anchor(wiring, end, anchor):
    """NotFoundError if what an end is to hang on is not there; ConflictError if another wire's link excludes this one
    there."""
    home, rtnl = wiring.session.home, wiring.session.home.rtnl()
    kind = kind_named(anchor.kind)
    if kind.lends:
        return
    if kind.has_port:
        from netnsctl.usecases.switches import settling  # few wires have one
        settling.settle(wiring, end, anchor)
        return
    needed = kind.needs(anchor)
    if needed and not wiring.planned.has_link(home, needed):
        raise NotFoundError('%s: this host has no link %s' % (anchor.label, needed),
                            hint='`ip link` lists its links. One in another network namespace cannot be used.')
    if end.ns != 'host' and (kind.is_moved or wiring.planned.has_link(home, end.dev)):
        end.temporary = 'nw' + random_hex(6)
    require_fits_nic(rtnl, end, anchor)
    if kind.clash:
        _refuse_clash(wiring, anchor)
    if 'host' in dict(anchor.data or ()):
        from netnsctl.usecases.uplinks import host_links  # few wires give the host a link too
        host_links.settle(wiring, end, anchor)
    if kind.carriers(anchor):
        _require_far(rtnl, anchor)
    sizes = [mtu - more for mtu, more in ((_mtu_to(rtnl, address), more) for address, more in kind.carriers(anchor))
             if mtu]
    if not sizes and end.mtu is None:
        # No route yet, as at boot: the kernel's default fits no usual network.
        nic = rtnl.link(name=needed) if needed else None
        sizes = [(nic.mtu if nic is not None else USUAL_MTU) - more for _, more in kind.carriers(anchor)]
    # One that is asked for comes as it is, where the kernel takes it; one that was to be the bridge's is made to fit.
    stays = not needed or any(asked.mtu for asked in wiring.endpoints)
    if sizes and (end.mtu is None or end.mtu > min(sizes) and not stays):
        end.mtu = min(sizes)
        planning.validate(end, anchor)  # IPv6 needs more than some of them
    elif sizes and end.mtu > min(sizes):
        _tell_of_mtu(wiring, end, anchor, min(sizes))


def _require_far(rtnl, anchor):
    """ConflictError if a remote is this host, NotFoundError if local= is not."""
    from netnsctl.edge.netlink import lookups  # only links that are carried by packets need it
    local = item_of(anchor, 'local')
    for address in [address for address, _ in kind_named(anchor.kind).carriers(anchor)] + ([local] if local else []):
        if addressing.is_link_local(address):
            continue  # one of another link
        hop = lookups.route_to(rtnl, address)
        is_hosts = hop is not None and hop.type == lookups.RTN_LOCAL
        if is_hosts and address != local:
            raise ConflictError('%s: the remote %s is an address of this host' % (anchor.label, address),
                                hint='Remotes are other hosts. Two namespaces of one host need no VXLAN: wire them to '
                                     'each other, or to a bridge.')
        if address == local and not is_hosts:
            raise NotFoundError('%s: local= is %s, which is not an address of this host' % (anchor.label, address),
                                hint='`ip addr` lists its addresses.')


def _tell_of_mtu(wiring, end, anchor, most):
    """A requested MTU with which full packets do not fit what carries them. The kernel refuses it, or makes it less,
    where it knows the NIC."""
    text = '%s: the mtu %d is larger than %d, the most that fits the way to %s' % (
        end.label, end.mtu, most, ', '.join(address for address, _ in kind_named(anchor.kind).carriers(anchor)))
    if kind_named(anchor.kind).needs(anchor):
        raise NetnsctlError(text, hint='Leave mtu= out to get that, or raise the MTU of the NIC.')
    wiring.session.notices.append(text + ': larger packets are sent in fragments, or lost')


def _mtu_to(rtnl, address):
    """How large a packet to an address may be, or None if there is no route to it now."""
    from netnsctl.edge.netlink import lookups  # only links that are carried by packets need it
    hop = lookups.route_to(rtnl, address)
    link = rtnl.link(index=hop.index) if hop is not None and hop.index else None
    return hop and hop.mtu or link and link.mtu


def require_fits_nic(rtnl, end, anchor):
    """NetnsctlError if an end asks for a larger MTU than the NIC has on which it is to be made. rtnl: the host's."""
    is_on_nic = end.mtu and anchor.anchor and not kind_named(anchor.kind).has_port
    nic = rtnl.link(name=anchor.anchor) if is_on_nic else None
    if nic is not None and end.mtu > nic.mtu:
        raise NetnsctlError('%s: the mtu %d is larger than that of %s, which is %d'
                            % (end.label, end.mtu, nic.name, nic.mtu),
                            hint='ip link set dev %s mtu %d' % (shell_quote(nic.name), end.mtu))


def _refuse_clash(wiring, anchor):
    """ConflictError if another wire's link excludes this one."""
    from netnsctl.usecases.recorded import claiming  # few kinds exclude each other
    kind, anchors = kind_named(anchor.kind), claiming.claims(wiring.session).anchors
    for name, other in sorted((name, other) for same in (anchor.kind,) + kind.excludes
                              for name, other in anchors.get((same, anchor.anchor), {}).items()):
        if wiring.is_about(name):
            continue
        why = kind.clash(anchor, other) if other.kind == anchor.kind else (
            '%s has a link of the kind %s already, and cannot have both' % (anchor.anchor, other.kind))
        if why:
            from netnsctl.usecases.wires import bridging
            if bridging.is_lost(wiring, name):
                continue
            raise ConflictError('%s: %s' % (anchor.label, why), hint='That of the wire %s: netnsctl show %s' % (
                name, name))


def note_unsaid(wiring, old):
    """Has the record of a Wiring that is not saved now keep what it does not say of bridges with a file, and the record
    that it replaces does: the next save takes that out."""
    if wiring.options.save or 'tree' in wiring.marks or not any(end.bridge for end in old.ends):
        return
    from netnsctl.usecases import tree
    from netnsctl.usecases.recorded import claiming
    found = claiming.said_by(old) | claiming.unsaid_by(old)
    found = [list(words) for words in found - claiming.said_of_bridges(wiring.endpoints)
             if wiring.session.host.exists('%s/host/ifcfg-%s' % (tree.PLACE, words[0]))]
    if found:
        wiring.marks['unsaid'] = sorted(found)


def is_free(wiring, opened, name):
    """Is this name free in that Netns, also after what a dry run has planned?"""
    index = opened.rtnl().index_of(name)
    return name not in wiring.planned.links.get(opened.key, ()) and (
        index is None or (opened.key, index) in wiring.planned.gone_links)


def _fill_from_pool(wiring, ends):
    """Gives two ends without addresses a pair: did they need one?"""
    if wiring.options.pool is None or any(end.addresses or end.bridge or end.kind or end.dhcp for end in ends):
        return False
    pool, only = _session_pool(wiring)
    # The owner of a namespace decides what routes it has, so they count for this pair alone.
    taken = [route.dst for opened in wiring.opened for route in opened.rtnl().routes(only=only)]
    ends[0].addresses, ends[1].addresses = [(address,) for address in pool.pair_beside(taken)]
    return True


def _session_pool(wiring):
    """(the pool, with what routes of the host and recorded wires have taken, what Rtnl.routes() is to look for)."""
    import ipaddress
    from netnsctl.model.pool import Pool
    only = reading.overlapping(ipaddress.ip_network(unicode_of(wiring.options.pool)))
    pools = wiring.session.pools
    if wiring.options.pool not in pools:
        taken = [route.dst for route in wiring.session.home.rtnl().routes(only=only)]
        for record in wiring.session.recorded():
            taken += [address for end in record.ends for address in end.addresses]
        pools[wiring.options.pool] = Pool(wiring.options.pool, taken)
    return pools[wiring.options.pool], only


def _settle_ipv6(wiring, at, end):
    led = list(end.addresses) + list(end.gateways) + [route.dst for route in end.routes]
    if not end.bridge and (end.ipv6 or any(':' in text for text in led)):  # bridges: bridging
        from netnsctl.usecases.ends import ipv6  # few wires need it
        ipv6.settle(wiring, at, end)


def _settle_rules(wiring, ends):
    """Gives each rule that has none the priority that the kernel would: the next before all others.

    Chosen here, so that undo can name it. ConflictError if deleting a rule would meet one that is there already.
    """
    for at, end in enumerate(ends):
        if not end.rules:
            continue
        key = wiring.opened[at].key
        there = [other for other in wiring.opened[at].rtnl().rules()
                 if (key, end.rules[0].of(other).record()) not in wiring.planned.gone_rules]
        there += [rule for other in ends[:at] if other.ns == end.ns for rule in other.rules]
        settled = []
        for rule in end.rules:
            if rule.priority is None:
                used = [other.priority for other in there if other.family == rule.family and other.priority]
                rule = rule._replace(priority=min(used + [32766]) - 1)
            words = ' '.join(rule.words())
            if rule.priority < 1 or any(rule.fits(other) for other in there):
                raise ConflictError('%s: the rule %s: there already is one that cannot be told apart from it'
                                    % (end.label, words), hint='Give it another priority.')
            there.append(rule)
            settled.append(rule)
        end.rules = tuple(settled)
