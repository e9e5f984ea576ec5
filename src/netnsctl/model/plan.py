"""From two resolved ends to a plan: the operations that make the wire, in order. No I/O.

Anything that must be looked up first (free names, MAC addresses, what is in the way) is passed in.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing, operations as op
from netnsctl.model.links import kind_named
from netnsctl.model.route import Route, as_route, parse_scope

IPV6_MIN_MTU = 1280  # RFC 8200
RT_TABLE_MAIN = 254


class End(object):
    """One end of a wire with everything decided.

    ns: reference of its namespace in the plan ('a', 'b' or 'host'). label: its target, to speak of it. dev: its
    interface. mac, mtu (None: the kernel's default). addresses, gateways, routes, rules, scope: as in Endpoint, but
    each rule has its priority once the plan is built. bridge: the bridge it is plugged into, or None; the addresses
    then go on the bridge. new_bridge: the plan has to make that bridge, with bridge_mac. keep_mac: the MAC address that
    a bridge which is there has, or is to have, and would lose to the new port; None if it would not. is_first_port: the
    bridge has never had one, and its MAC address is set after it is plugged in (bridges.has_id()). own_bridge: netnsctl
    made that bridge for an earlier wire. displaced: routes in the way, to be taken out first
    (operations.AddRoute values). present: addresses that the bridge has already; shared: those of them that it has from
    an earlier wire. tag: the ID of its port's VLAN (text), or None; needs_filtering: the bridge does not filter VLANs
    yet; default_tag: the VLAN that the port would be in without that (int), or None; moves_bridge: the bridge itself
    comes into its VLAN too; switched, moved: an earlier wire did either; is_apart: the bridge's own addresses are in
    another one. ipv6: IPv6 may be enabled for this link, or for a bridge that netnsctl made; enables_ipv6: it has to
    be. dhcp: as in Endpoint. kind, anchor, data: of an end that is an anchor and has no link (dev None) but maybe a
    port: the kind of link that the other end gets, what it hangs on, and what its kind is told.
    wire, stale: of one with a port, as ports.AddPort has them. lent: if the other end gets that NIC itself, its state
    (edge.nics.saved). temporary: a name to make the link by first, or None. shaping: as in Endpoint; queues: what makes
    it (shaping.queues()).
    uplink: operations on the host for nat and published ports (usecases.uplinks), which come last.
    """

    def __init__(self, ns, label, dev, mac, mtu=None, addresses=(), gateways=(), routes=(), bridge=None, rules=(),
                 scope=None):
        self.ns, self.label, self.dev, self.mac, self.mtu = ns, label, dev, mac, mtu
        self.addresses, self.gateways = tuple(addresses), tuple(gateways)
        self.routes = tuple(as_route(route) for route in routes)
        self.rules, self.scope = tuple(rules), scope
        self.bridge = bridge
        self.new_bridge = self.own_bridge = self.is_first_port = False
        self.bridge_mac = self.keep_mac = self.tag = self.default_tag = None
        self.needs_filtering = self.moves_bridge = self.switched = self.moved = self.is_apart = False
        self.host_steps, self.host_mac = (), None
        self.ipv6 = self.enables_ipv6 = self.dhcp = False
        self.kind = self.anchor = self.temporary = self.data = self.lent = self.wire = self.stale = None
        self.displaced = self.uplink = ()
        self.present = self.shared = ()
        self.shaping = self.queues = ()

    @classmethod
    def of(cls, asked, ns=None, target=None, dev=None, mac=None):
        """What an Endpoint asks for, with what was decided of it. target: the canonical Target. None: what it says
        itself, which is enough for validate()."""
        target = target or asked.target
        end = cls(ns or str(target), str(target), dev or asked.ifname, mac or asked.mac, asked.mtu, asked.addresses,
                  asked.gateways, asked.routes, target.name if target.scheme == 'bridge' else None, asked.rules,
                  asked.scope)
        end.ipv6, end.dhcp, end.shaping = asked.ipv6, asked.dhcp, asked.shaping
        if target.has_no_link:
            end.kind = target.scheme
            end.anchor, said = kind_named(target.scheme).read_name(target.name)
            end.data = tuple(said) + asked.data or None
            if not target.has_port:
                end.dev = end.mac = None
        elif end.bridge:
            end.tag = dict(asked.data).get('tag')
        return end

    @property
    def address_dev(self):
        """The link that carries the addresses: the bridge, or the end itself."""
        return self.bridge or self.dev

    @property
    def own_addresses(self):
        """Addresses of its bridge that netnsctl put there, for this wire or for an earlier one: tuple."""
        return tuple(address for address in self.addresses
                     if self.bridge and (address not in self.present or address in self.shared))

    def wanted_routes(self, peer):
        """The Routes of this end: host routes to the peer, then those asked for, then gateways."""
        asked = [route.dst for route in self.routes if route.table is None and not route.metric and not route.tos]
        wanted = [Route(dst) for dst in
                  addressing.host_routes(self.addresses, peer.addresses, self.label, reached_by(self.routes))
                  if dst not in asked]
        # What leads to a gateway comes before the routes by it, in whatever order they were asked for.
        for route in sorted(self.routes, key=_has_gateway):
            wanted += self._reachable(route, peer)
        for gateway in self.gateways:
            wanted += _by_gateway(gateway, not self._is_on_link(gateway, peer))
        return wanted

    def host_routes(self):
        """The AddRoutes by which the host reaches the other end: list."""
        return [step for step in self.host_steps if step.verb == 'add-route']

    def _reachable(self, route, peer):
        """A route that was asked for; a default one by a gateway off the link is onlink, as with gw=."""
        if not _is_by_gateway(route) or self._is_on_link(route.via, peer):
            return [route]
        if ':' in route.via:
            return [Route(route.via + '/128'), route]
        return [route._replace(onlink=True)]

    def off_link(self, peer):
        """The gateways of this end that are on no network of the link: list."""
        return [gateway for gateway in self.gateways if not self._is_on_link(gateway, peer)]

    def _is_on_link(self, gateway, peer):
        return addressing.is_on_link(gateway, self.addresses, peer.addresses, reached_by(self.routes))


def reached_by(routes):
    """The destinations that Routes which were asked for lead to, without a gateway: list."""
    return [route.dst for route in routes if not _has_gateway(route) and route.table is None and not route.type]


def _has_gateway(route):
    return bool(route.via or route.nexthops)


def _is_by_gateway(route):
    """Is it a default route by a gateway, which may be off the link?"""
    return bool(route.via) and not route.onlink and route.dst in ('0.0.0.0/0', '::/0')


def _by_gateway(gateway, is_off_link):
    """The Routes that lead everywhere by a gateway."""
    if ':' not in gateway:
        return [Route('0.0.0.0/0', gateway, onlink=is_off_link)]
    # IPv6 has no onlink before Linux 4.16, and passes over it: a route to the gateway itself does the same.
    return ([Route(gateway + '/128')] if is_off_link else []) + [Route('::/0', gateway)]


def validate(a, b):
    """UsageError if two Ends cannot make a working wire: nothing has been touched yet."""
    addressing.require_distinct(a.addresses, b.addresses)
    for end, peer in ((a, b), (b, a)):
        if end.bridge and (end.gateways or end.routes):
            raise UsageError('%s: gw= and route= belong to the other end of the wire' % end.label)
        _validate_routing(end, peer)
        if end.mtu and end.mtu < IPV6_MIN_MTU and any(':' in address for address in end.addresses):
            raise UsageError('%s: mtu %d: IPv6 needs an MTU of at least %d' % (end.label, end.mtu, IPV6_MIN_MTU))
        _refuse_clashes(end, end.wanted_routes(peer))
        if end.shaping and end.mtu:
            _refuse_small_burst(end)
    if a.kind and b.kind or _cannot_be_port(a, b) or _cannot_be_port(b, a):
        raise UsageError('%s and %s: one end must be a namespace or a container' % (a.label, b.label))
    for end, other in ((a, b), (b, a)):
        if other.kind:
            kind_named(other.kind).check(end, other)
    if a.bridge and b.bridge and (a.ns, a.bridge) == (b.ns, b.bridge):
        raise UsageError('%s: both ends are the same bridge' % a.label)


def _cannot_be_port(end, anchor):
    """Is an end a bridge that the link of the other one cannot be plugged into?"""
    return bool(end.bridge and anchor.kind and not kind_named(anchor.kind).plugs_in)


def _refuse_small_burst(end):
    from netnsctl.model import shaping  # few wires have any
    try:
        shaping.queues(end.shaping, end.mtu)
    except UsageError as error:
        raise UsageError('%s: %s' % (end.label, error.message), hint=error.hint)


def _refuse_clashes(end, routes):
    """UsageError if two routes of an end are one to the kernel: it takes the second for there already.

    What tells routes to one destination apart is the metric, and for IPv4 the tos. The networks of the addresses have
    routes as well: for IPv4 of the metric 0, for IPv6 of 256 (addrconf.c, IP6_RT_PRIO_ADDRCONF).
    """
    taken = {}
    for address in end.addresses:
        if not addressing.is_host(address):
            metric = 256 if ':' in address else 0
            taken[addressing.network_of(address), RT_TABLE_MAIN, metric, 0] = 'that of the address %s' % address
    for route in routes:
        key = (route.dst, route.table or RT_TABLE_MAIN, route.metric or (1024 if ':' in route.dst else 0),
               route.tos or 0)
        words = ' '.join(route.words())
        if key in taken:
            raise UsageError('%s: the route %s clashes with %s: they have the same destination and metric'
                             % (end.label, words, taken[key]), hint='Leave one of them out, or give it a metric.')
        taken[key] = 'the route %s' % words


def _validate_routing(end, peer):
    """UsageError for a gateway, route or rule of one end that the kernel would not take."""
    reached = reached_by(end.routes)
    for route in end.routes:
        if not route.is_plain():
            from netnsctl.model import route_checks  # nothing that a plain wire needs
            route_checks.check_route(route)
        for via in _gateways_of(route):
            what = 'gateway of route %s' % route.dst
            if not any(addressing.covers(dst, via) for dst in reached):
                addressing.require_gateway(via, end.addresses, end.label, what)
                if not _is_by_gateway(route) and not addressing.is_on_link(via, end.addresses, peer.addresses):
                    raise UsageError('%s: the %s %s is not on any network of this link (%s)'
                                     % (end.label, what, via, ', '.join(end.addresses)),
                                     hint='Add a route to it: route=%s.' % via)
    for gateway in end.gateways:
        if not any(addressing.covers(dst, gateway) for dst in reached):
            addressing.require_gateway(gateway, end.addresses, end.label, 'gateway')
    for at, rule in enumerate(end.rules):
        from netnsctl.model import route_checks
        route_checks.check_rule(rule)
        if rule in end.rules[:at]:
            raise UsageError('%s: the rule %s is given twice' % (end.label, ' '.join(rule.words())))
    if end.scope is not None:
        parse_scope(end.scope)


def _gateways_of(route):
    """The ones that must be on the link: list."""
    if route.nexthops:
        from netnsctl.model import route_words  # few routes have them
        return [address for address, _, onlink in route_words.gateways_of(route.nexthops) if not onlink]
    return [route.via] if route.via and not route.onlink else []


def build(a, b):
    """The operations that wire two Ends, which validate() has taken: tuple."""
    plan = []
    for end in (a, b):
        plan += [op.DeleteRoute(*[getattr(route, field) for field in op.AddRoute.fields]) for route in end.displaced]
    for end in (a, b):
        if end.new_bridge:
            plan.append(op.AddLink(end.ns, end.bridge, end.bridge_mac, None, 'bridge'))
            plan.append(op.SetAlias(end.ns, end.bridge, op.BRIDGE_ALIAS))
        if end.needs_filtering:
            plan.append(op.SetVlanFiltering(end.ns, end.bridge, 1))
    plan += _links(a, b)
    wanted = dict((end, end.wanted_routes(peer)) for end, peer in ((a, b), (b, a)))
    # An IPv6 gateway is only reachable once both ends are up: the first end's IPv6 routes come last.
    plan += _configure(a, b) + _routes(a, wanted[a], 4)
    plan += _configure(b, a) + _routes(b, wanted[b], 4) + _routes(b, wanted[b], 6)
    plan += _routes(a, wanted[a], 6)
    # Last of all that a link gets: a move to another namespace would drop its queues.
    plan += queue_steps(a) + queue_steps(b)
    # A rule that is there before its table is filled would send packets nowhere.
    plan += [op.AddRule(end.ns, *rule) for end in (a, b) for rule in end.rules]
    plan += [step for end in (a, b) for step in tuple(end.uplink) + end.host_steps]
    return tuple(plan)


def _links(a, b):
    """What makes the link, or the pair of them."""
    for end, other in ((a, b), (b, a)):
        if other.kind is not None:
            return kind_named(other.kind).steps(end, other)
    return [op.AddLink(a.ns, a.dev, a.mac, a.mtu, 'veth', peer=(b.ns, b.dev, b.mac, b.mtu))]


def queue_steps(end, handle=1):
    """The operations that shape what leaves an End, or one of a record, by its queues. handle: the number of the first
    queue, which differs from that of the one that it takes the place of."""
    found, parent = [], None
    for depth, (kind, words) in enumerate(end.queues):
        number = '%x:' % (handle + 16 * depth)
        found.append(op.AddQueue(end.ns, end.dev, kind, words, number, parent))
        parent = number + '1'
    return found


def _routes(end, wanted, family):
    return [op.AddRoute(end.ns, None if route.type and route.type != 'local' else end.address_dev, route.dst, route.via,
                        route.metric, route.src, route.protocol, route.scope, route.table, route.onlink or None,
                        route.mtu, route.type, route.tos, route.realms, route.options, route.nexthops)
            for route in wanted if addressing.family_of(route.via or route.dst) == family]


def _configure(end, peer):
    """What is configured at one end once the links exist, except the routes."""
    if end.kind is not None:
        return []  # it has no link
    steps = []
    if end.ns == 'host' and (end.new_bridge or not end.bridge and not peer.kind):  # before it is up
        steps.append(op.IgnoreAdvertisements(end.ns, end.address_dev))
    if end.enables_ipv6:
        steps.append(op.EnableIPv6(end.ns, end.address_dev))
    plugging = [op.SetMac(end.ns, end.bridge, end.keep_mac)] if end.keep_mac else []
    if end.bridge:
        plugging.append(op.SetMaster(end.ns, end.dev, end.bridge))
    steps += reversed(plugging) if end.is_first_port else plugging
    dev = end.address_dev
    # Between two ends that netnsctl knows, nobody else can hold an address: no need to wait two seconds for DAD.
    nodad = not (end.bridge or peer.bridge or peer.kind)
    steps += [op.AddAddress(end.ns, dev, address, *((nodad, None) if ':' in address else (None, end.scope)))
              for address in end.addresses if address not in end.present]
    if end.tag:
        steps += _vlans(end)
    steps.append(op.SetUp(end.ns, end.dev))
    if end.new_bridge:
        steps.append(op.SetUp(end.ns, end.bridge))
    return steps


def _vlans(end):
    """What puts the port of a bridge into its VLAN, and where the bridge has its addresses for it, that as well."""
    steps, tag = [], int(end.tag)
    for dev, is_bridge in [(end.dev, None)] + [(end.bridge, True)] * end.moves_bridge:
        steps.append(op.AddVlan(end.ns, dev, tag, is_bridge))
        if end.default_tag not in (None, tag):
            steps.append(op.DeleteVlan(end.ns, dev, end.default_tag, is_bridge))
    return steps


def undo(a, b, plan):
    """What removes the wire: the inverses, and a bridge that netnsctl made, or addresses on one, with the last wire
    that wants them. Whoever runs the list leaves out the addresses that another wire asks for."""
    steps = list(op.undo_of(plan))
    for end in (a, b):
        if end.own_bridge and not end.new_bridge:
            # Before its addresses: without the last of them the kernel drops the routes that may be why it stays.
            own = [step for step in steps if step.verb == 'delete-address' and step.dev == end.bridge]
            steps = [step for step in steps if step not in own] + [
                op.DeleteLink(end.ns, end.bridge, kind='bridge')] + own
        if end.new_bridge:
            steps = _with_routes(end, plan, steps)
        taken = [(step.dev, step.address) for step in steps if step.verb == 'delete-address']
        # Also of a bridge that is new: it stays with other wires' ports in it.
        steps += [op.DeleteAddress(end.ns, end.bridge, address, None, None) for address in end.own_addresses
                  if (end.bridge, address) not in taken]
        if end.host_steps:
            steps = _undo_of_host(end, steps)
    for end in (a, b):
        if end.tag and (end.own_bridge or end.new_bridge):
            steps += _undo_of_vlan(end)
    return tuple(steps)


def _with_routes(end, plan, steps):
    """The same with the routes over a new bridge, which other wires may keep: undo_of() leaves them out. Before the
    bridge, which would stay for them."""
    at, = [place for place, step in enumerate(steps)
           if step.verb == 'delete-link' and (step.ns, step.dev) == (end.ns, end.bridge)]
    return steps[:at] + [step.undo() for step in reversed(plan) if step.verb == 'add-route'
                         and (step.ns, step.dev) == (end.ns, end.bridge)] + steps[at:]


def _undo_of_vlan(end):
    """What a bridge of netnsctl's that stays for other wires gets back of what wires changed, once it has no port in
    that VLAN, or in any: whichever wire goes last."""
    steps = []
    if (end.moves_bridge or end.moved) and end.default_tag not in (None, int(end.tag)):
        steps += [op.DeleteVlan(end.ns, end.bridge, int(end.tag), True),
                  op.AddVlan(end.ns, end.bridge, end.default_tag, True)]
    return steps + [op.SetVlanFiltering(end.ns, end.bridge, 0)] * (end.needs_filtering or end.switched)


def _undo_of_host(end, steps):
    """The host's link is shared: it goes with the last route over it. Routes that those displaced come after them."""
    from netnsctl.model.links import macvlan
    name = macvlan.host_name(end.anchor)
    others = [step for step in steps if getattr(step, 'dev', None) != name]
    return [step for step in others if step.verb != 'add-route'] + [step.undo() for step in end.host_routes()] + [
        op.DeleteLink('host', name, kind='macvlan', mac=end.host_mac, anchor=end.anchor)] + [
        step for step in others if step.verb == 'add-route']
