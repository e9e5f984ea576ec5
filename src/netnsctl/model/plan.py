"""From two resolved ends to a plan: the operations that make the wire, in order. No I/O.

What has to be looked up first (free names, MAC addresses, what is in the way) comes in ready.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing, operations as op

IPV6_MIN_MTU = 1280  # RFC 8200


class End(object):
    """One end of a wire with everything decided.

    ns: reference of its namespace in the plan ('a', 'b' or 'host'). label: its target, to speak of it.
    dev: its interface. mac, mtu (None: the kernel's default). addresses, gateways, routes: as in Endpoint.
    bridge: the bridge it is plugged into, or None; the addresses then go on the bridge. new_bridge: the plan has to
    make that bridge. own_bridge: netnsctl made that bridge for an earlier wire. displaced: routes in the way, to be
    taken out first (operations.AddRoute values). present: addresses that the bridge has already.
    """

    def __init__(self, ns, label, dev, mac, mtu=None, addresses=(), gateways=(), routes=(), bridge=None):
        self.ns, self.label, self.dev, self.mac, self.mtu = ns, label, dev, mac, mtu
        self.addresses, self.gateways, self.routes = tuple(addresses), tuple(gateways), tuple(routes)
        self.bridge = bridge
        self.new_bridge = self.own_bridge = False
        self.bridge_mac = None
        self.displaced = ()
        self.present = ()

    @property
    def address_dev(self):
        """The link that carries the addresses: the bridge, or the end itself."""
        return self.bridge or self.dev

    def wanted_routes(self, peer):
        """The routes of this end as (dst, via or None): host routes to the peer, then those asked for,
        then gateways."""
        wanted = [(dst, None) for dst in addressing.host_routes(self.addresses, peer.addresses, self.label)]
        wanted += [route for route in self.routes if route not in wanted]
        wanted += [('::/0' if ':' in gateway else '0.0.0.0/0', gateway) for gateway in self.gateways]
        return wanted


def validate(a, b):
    """UsageError where two ends cannot make a working wire: nothing has been touched yet."""
    addressing.require_distinct(a.addresses, b.addresses)
    for end, peer in ((a, b), (b, a)):
        if end.bridge and (end.gateways or end.routes):
            raise UsageError('%s: gw= and route= belong to the end that is plugged into the bridge' % end.label)
        for gateway in end.gateways:
            addressing.require_on_link(gateway, end.addresses, peer.addresses, end.label, 'gateway')
        for dst, via in end.routes:
            if via:
                addressing.require_on_link(via, end.addresses, peer.addresses, end.label, 'gateway of route %s' % dst)
        if end.mtu and end.mtu < IPV6_MIN_MTU and any(':' in address for address in end.addresses):
            raise UsageError('%s: mtu %d: IPv6 takes no link under %d' % (end.label, end.mtu, IPV6_MIN_MTU))
        end.wanted_routes(peer)
    if a.bridge and b.bridge and (a.ns, a.bridge) == (b.ns, b.bridge):
        raise UsageError('%s: both ends are the same bridge' % a.label)


def build(a, b):
    """The operations that wire two Ends: tuple. UsageError as validate()."""
    validate(a, b)
    plan = []
    for end in (a, b):
        plan += [op.DeleteRoute(*[getattr(route, field) for field in op.AddRoute.fields]) for route in end.displaced]
    for end in (a, b):
        if end.new_bridge:
            plan.append(op.AddBridge(end.ns, end.bridge, end.bridge_mac))
            plan.append(op.SetAlias(end.ns, end.bridge, op.BRIDGE_ALIAS))
    plan.append(op.AddVeth(a.ns, a.dev, a.mac, a.mtu, b.ns, b.dev, b.mac, b.mtu))
    # An IPv6 gateway is only reachable once both ends are up: the first end's IPv6 routes come last.
    plan += _configure(a, b) + _routes(a, b, 4)
    plan += _configure(b, a) + _routes(b, a, 4) + _routes(b, a, 6)
    plan += _routes(a, b, 6)
    return tuple(plan)


def _routes(end, peer, family):
    return [op.AddRoute(end.ns, end.address_dev, dst, via, None, None, None)
            for dst, via in end.wanted_routes(peer) if addressing.family_of(dst) == family]


def _configure(end, peer):
    """What goes on one end after the links are there, but for the routes."""
    steps = []
    if end.bridge:
        steps.append(op.SetMaster(end.ns, end.dev, end.bridge))
    dev = end.address_dev
    # Between two ends that netnsctl knows, nobody else can hold an address: no need to wait two seconds for DAD.
    nodad = not (end.bridge or peer.bridge)
    steps += [op.AddAddress(end.ns, dev, address, nodad if ':' in address else None)
              for address in end.addresses if address not in end.present]
    steps.append(op.SetUp(end.ns, end.dev))
    if end.new_bridge:
        steps.append(op.SetUp(end.ns, end.bridge))
    return steps


def undo(a, b, plan):
    """What takes the wire away: the inverses, and a bridge that netnsctl made, with its last wire."""
    steps = list(op.undo_of(plan))
    for end in (a, b):
        if end.own_bridge and not end.new_bridge:
            steps.append(op.DeleteBridge(end.ns, end.bridge, None))
    return tuple(steps)
