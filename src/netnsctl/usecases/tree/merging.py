"""What a file of the tree says once a wire is saved into it: the values of the wire, and everything else unchanged."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.ifcfg import assignments, fields, interface, lines, link


def settle_default_route(described, in_files):
    """A default route with METRIC, WINDOW or SRCADDR is said with GATEWAY (or GATEWAYDEV, where it has no gateway),
    link's own way, unless it has a line in the route file (in_files: the routes there) or there is a GATEWAY already. A
    plain one by a gateway stays a route, since GATEWAY is how `gw=` is said. Returns (Link, routes)."""
    made, routes = described.link.replaced(), list(described.routes)
    for route in described.routes:
        if route.dst != '0.0.0.0/0' or made.gateway or made.gatewaydev or route in in_files:
            continue
        if route.via and route.is_plain():
            continue
        said = made.replaced(gateway=route.via, gatewaydev=None if route.via else made.device, metric=route.metric,
                             srcaddr=route.src, window=_window_of(route))
        if said.default_route() == route:
            made = said
            routes.remove(route)
    return made, routes


def _window_of(route):
    words = (route.options or '').split()
    return int(words[1]) if len(words) == 2 and words[0] == 'window' else None


def merge(described, wanted, base):
    """The new Link for a file with the Link base. wanted: the wire's, from settle_default_route()."""
    if wanted.type == link.BRIDGE:
        # Every wire of a bridge adds to it, and what the user gave it stays.
        has_addresses = bool(wanted.addresses or wanted.addresses6)
        if has_addresses and base.tag != wanted.tag and (base.addresses or base.addresses6):
            raise UsageError('%s: the addresses of the bridge are in %s, and those of the wire in %s' % (
                described.place(), _vlan(base), _vlan(wanted)))
        return base.replaced(tag=wanted.tag if has_addresses else base.tag, nat=base.nat or wanted.nat,
                             open=base.open or wanted.open,
                             addresses=_added(base.addresses, wanted.addresses),
                             addresses6=_added(base.addresses6, wanted.addresses6),
                             ipv6=(base.ipv6 or wanted.ipv6) and not (base.addresses6 or wanted.addresses6))
    is_port = link.OVSPORT in (base.type, wanted.type)
    made = wanted.replaced(type=wanted.type if is_port else base.type, netns=base.netns, onboot=base.onboot,
                           dns=base.dns, domain=base.domain,
                           res_options=base.res_options, peerdns=base.peerdns, mac=wanted.mac or base.mac,
                           addresses=_ordered(base.addresses, wanted.addresses),
                           addresses6=_ordered(base.addresses6, wanted.addresses6))
    if base.wire is None and described.needs_no_name:
        made.wire = None
    if base.peer_netns is None and wanted.peer_netns == interface.HOST:
        made.peer_netns = None
    _merge_gateways(made, wanted, base)
    return made


def without(base, gone, keeps_ipv6):
    """The Link of a bridge without what no wire says any more. gone: set of (VLAN or '', 'nat', 'open', 'ipv6' or an
    address); keeps_ipv6: does a wire still want IPv6?"""
    left, left6 = [tuple(address for address in addresses if (base.tag or '', address) not in gone)
                   for addresses in (base.addresses, base.addresses6)]
    is_bare = not (left or left6) and bool(base.addresses or base.addresses6)
    return base.replaced(
        addresses=left, addresses6=left6, tag=None if is_bare else base.tag,
        nat=base.nat and ('', 'nat') not in gone, open=base.open and ('', 'open') not in gone,
        ipv6=not left6 and (base.ipv6 and ('', 'ipv6') not in gone or bool(base.addresses6) and keeps_ipv6))


def _vlan(bridge):
    return 'VLAN %s' % bridge.tag if bridge.tag else 'no VLAN'


def _merge_gateways(made, wanted, base):
    """The default routes of a Link that is to be saved, beside what the file says that no wire knows: a gateway that is
    not to be the default route."""
    if wanted.default_route() is not None:
        if base.gatewaydev == made.device:
            made.gatewaydev = base.gatewaydev
    elif base.default_route() is None and (made.addresses or made.bootproto == link.DHCP or base.gateway is None):
        for key in ('gateway', 'gatewaydev', 'defroute', 'metric', 'window', 'srcaddr'):
            setattr(made, key, getattr(base, key))
    if wanted.gateway6 is not None:
        if base.gatewaydev6 == made.device:
            made.gatewaydev6 = base.gatewaydev6
    elif base.default_gateway6 is None:
        for key in ('gateway6', 'gatewaydev6', 'defroute6'):
            setattr(made, key, getattr(base, key))


def _ordered(base, wanted):
    """The wanted addresses: of several, the first is the one that is sent from. Where base has the same, in whatever
    order, they match, and stay."""
    return base if set(base) == set(wanted) else wanted


def _added(base, wanted):
    """base and the wanted addresses; one that base has with another length gets the wanted one."""
    bare = set(addressing.bare(address) for address in wanted)
    return tuple(address for address in base if address in wanted or addressing.bare(address) not in bare) + tuple(
        address for address in wanted if address not in base)


def update_file(described, wanted, text, place):
    """The text of an ifcfg file into which a wire is saved. Lines whose values are still right stay byte for byte, in
    whatever spelling. UsageError if the file is not well formed, or is of another kind of link."""
    parsed = lines.parse(text, place)
    base = link.from_lines(parsed, place, wanted.device)
    if (base.type == link.BRIDGE) != (wanted.type == link.BRIDGE):
        raise UsageError('%s: TYPE is %s, but what is wired there is %s' % (
            place, base.type, 'a bridge' if wanted.type == link.BRIDGE else 'the end of a wire'))
    if base.netns is not None and base.netns != wanted.netns:
        raise UsageError('%s:%d: NETNS is %s, but the directory is for %s' % (
            place, base.numbers['NETNS'], base.netns, wanted.netns))
    return _rewritten(parsed, base, merge(described, wanted, base), text, place)


def update_bridge(device, gone, keeps_ipv6, text, place):
    """The text of a bridge's ifcfg file without what no wire says any more, as without() has it. UsageError."""
    parsed = lines.parse(text, place)
    base = link.from_lines(parsed, place, device)
    return _rewritten(parsed, base, without(base, gone, keeps_ipv6), text, place)


def _rewritten(parsed, base, made, text, place):
    """The text of a file, whose lines are parsed and make the Link base, with the values of another."""
    changed = made.differing(base)
    if changed & set(['ipv6', 'addresses6']):
        changed |= set(['ipv6', 'addresses6'])  # IPV6INIT goes with both
    if not changed:
        return text
    try:
        updated = lines.update(parsed, assignments.to_items(made, changed),
                               lambda key: fields.attribute_of(key) in changed)
    except ValueError as error:
        raise UsageError('%s: a value cannot be saved: it contains %s' % (place, error))
    if link.from_lines(lines.parse(updated, place), place, made.device) != made:
        raise UsageError('%s: the wire cannot be saved into it: its other settings do not fit the wire' % place)
    return updated
