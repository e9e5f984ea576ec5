"""What keeps a wire with nat, or with published ports, from the outside: as far as can be seen without a packet to
strangers, and with one where an address to ask is given."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.firewall import letting_pass
from netnsctl.edge.netlink import lookups
from netnsctl.edge.packets import icmp
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.model import addressing
from netnsctl.model.route import as_route
from netnsctl.usecases.check import echoes, gateways
from netnsctl.usecases.check.report import Cause, Probe, command
from netnsctl.usecases.uplinks import forwarded, standing

TO_SECONDS = 5.0
# Types of a route (rtnetlink.h) that leads to no other host.
_NO_HOST = {lookups.RTN_LOCAL: 'an address of this host, by its table local', 3: 'a broadcast address of this host\'s',
            4: 'a broadcast address of this host\'s', 5: 'a multicast address'}
SIZES = {icmp.AF_INET: 84, icmp.AF_INET6: 104}  # of ping(8)


def tell(report, session, record, ends, to=None):
    """Adds to a Report what is wrong with the way out of a recorded wire. ends: of those that have links, in
    their order (checking.End). to: an address that gets an echo, or None."""
    found = []
    try:
        for _, text in standing.lacking(session.host, session.home, record):
            found.append(Cause('nat-missing', 'host: the wire %s' % text if text.startswith(('lacks', 'has '))
                               else 'host: %s, and the wire needs it' % text, 'netnsctl up'))
    except NetnsctlError as error:
        found.append(Cause('nat-missing', 'host: the rules of the wire cannot be read: %s' % error.message))
    step, = record.planned('add-nat')
    for family in step.families:
        found += of_way_out(report, session, step, family)
    found += of_addresses(session, step) + of_routes(session, step)
    for inner, end, outer in _sides(record, ends):
        found += of_way_back(step, inner, end, outer)
        for gateway in inner.gateways:
            found += of_return(session, step, inner, gateway)
        if to is not None:
            found += ask(report, session.home, end, to)
    report.add_causes(found)


def tell_of_new(report, session, record, ends, to=None):
    """The same of a wire that was just made, whose rules are there: notices of what may still come, by another wire
    say, an address of the host or a route."""
    step, = record.planned('add-nat')
    found = of_addresses(session, step) + of_routes(session, step)
    for sides in _sides(record, ends):
        found += of_way_back(step, *sides)
    session.notices += ['%s: %s' % (record.name, cause.text) for cause in found]


def _sides(record, ends):
    """[(the records.End of the container, its checking.End, that of the host)]; empty of a wire without a container, as
    one from a bridge to other hosts."""
    return [(inner, end, outer) for inner, end in zip([end for end in record.ends if end.has_link], ends)
            if inner.ns != 'host' for outer in ends if outer is not end]


def dropped_now(session, record):
    """What other tables of the host drop of a new wire's packets, for its notices: [text]."""
    step, found = record.planned('add-nat')[0], []
    try:
        for family in step.families:
            link = forwarded.uplink_of(session.home, family)
            found += [dropped(what, family, chain, rule, step.link).text
                      for what, chain, rule in forwarded.dropping(session.host, step, family, link and link.name)]
    except NetnsctlError:
        return []  # `check` tells what cannot be read
    return found


def require_far(home, ends, to):
    """UsageError unless an address is that of a single host that is neither this one nor an end's. home: Netns."""
    for end in ends:
        there = ['%s/%d' % (item.address, item.prefixlen) for item in end.netns.rtnl().addresses()]
        addressing.require_far(to, there, 'this host' if end.netns.key == home.key else end.label, '--to')
    there = ['%s/%d' % (item.address, item.prefixlen) for item in home.rtnl().addresses()]
    addressing.require_far(to, there, 'this host', '--to')
    hop = lookups.route_to(home.rtnl(), to)
    if hop is not None and hop.type in _NO_HOST:
        raise UsageError('--to %s: %s' % (to, _NO_HOST[hop.type]), hint='ip route get %s' % to)


def of_addresses(session, step):
    """Ports published at addresses that the host has not: list of Cause."""
    own = set(item.address for item in session.home.rtnl().addresses()) if step.publish else ()
    return [Cause('publish-address', 'host: ports are published at %s, which is no address of this host' % address,
                  'ip address')
            for address in sorted(set(row[1] for row in step.publish if row[1] is not None and row[1] not in own))]


def of_routes(session, step):
    """Ports that lead where the host has no route by its link: list of Cause."""
    rtnl, found = session.home.rtnl(), []
    index = rtnl.index_of(step.link)
    for ip in sorted(set(row[4] for row in step.publish)):
        hop = lookups.route_to(rtnl, ip)
        if hop is None or hop.index != index:
            found.append(Cause('no-route', 'host: its published ports lead to %s, to which there is no route by link %s'
                               % (ip, step.link), 'ip route get %s' % ip))
    return found


def of_way_back(step, inner, end, outer):
    """No route from the container to everywhere, and none that it was given instead: list of Cause."""
    found = []
    for family in step.families:
        own, gateways, near = [[ip for ip in map(addressing.bare, texts) if addressing.family_of(ip) == family
                                and not addressing.is_link_local(ip)]
                               for texts in (end.addresses, inner.gateways, outer.addresses)]
        routes = [route for route in map(as_route, inner.routes) if addressing.family_of(route.dst) == family]
        is_led_elsewhere = not gateways and any(route.via or route.nexthops for route in routes)
        rtnl = end.netns.rtnl()
        # A rule may go by the source.
        if own and not is_led_elsewhere and not any(
                lookups.route_to(rtnl, forwarded.ELSEWHERE[family], ip) for ip in [None] + own):
            via = (gateways + near)[:1]
            found.append(Cause('no-route', '%s: it has no default route over IPv%d, by which it would answer others'
                               % (end.label, family), command(end, 'ip%s route add default via %s' % (
                                   ' -6' if family == 6 else '', via[0]) if via else 'ip route')))
    return found


def of_way_out(report, session, step, family):
    """The route of the host, and what other tables drop: list of Cause."""
    link = forwarded.uplink_of(session.home, family)
    if link is None:
        report.untested += ('the way out: this host has no default route of IPv%d' % family,)
    return [dropped(what, family, chain, rule, step.link)
            for what, chain, rule in forwarded.dropping(session.host, step, family, link and link.name)]


def dropped(what, family, chain, rule, link):
    """The Cause that a chain of somebody else's is."""
    why = 'its policy is drop' if rule is None else 'the rule %s' % rule.text
    return Cause('forward-dropped', 'host: %s over IPv%d is dropped by %s: %s' % (what, family, chain.where, why),
                 '; '.join(letting_pass.commands(chain, link, None)))


def of_return(session, step, inner, gateway):
    """Strict rp_filter on the link to the container, which has another way back: list of Cause."""
    if ':' in gateway:
        return []
    values = [int(session.home.sysctl('ipv4/conf/%s/rp_filter' % name) or 0) for name in ('all', step.link)]
    index = session.home.rtnl().index_of(step.link)
    for address in [addressing.bare(text) for text in inner.addresses if ':' not in text]:
        hop = lookups.route_to(session.home.rtnl(), address)
        if max(values) == 1 and (hop is None or hop.index != index):
            return [Cause('rp-filter', 'host: link %s drops packets from %s, because the way back is another '
                          '(net.ipv4.conf.%s.rp_filter is 1)' % (step.link, address, step.link),
                          'sysctl -w net/ipv4/conf/%s/rp_filter=2' % step.link)]
    return []


def ask(report, home, end, to):
    """An echo from the container's End to an address out there: list of Cause. home: the host's Netns."""
    own = [addressing.bare(text) for text in end.addresses if (':' in text) == (':' in to)]
    if not own:
        return [Cause('no-route', '%s: it has no address of the family of %s' % (end.label, to))]
    if lookups.route_to(end.netns.rtnl(), to, own[0]) is None:
        return [Cause('no-route', '%s: no route to %s' % (end.label, to), command(end, 'ip route'))]
    stations, family = [], icmp.AF_INET6 if ':' in to else icmp.AF_INET
    try:
        echoes.open_stations(stations, end, [(family, own[0], to, True)], (), True)
        echo = icmp.Echo(stations[0][family], None, own[0], to, SIZES[family])
        icmp.exchange([echo], TO_SECONDS)
    finally:
        gateways.close(stations)
    report.probes += (Probe(echo, 0, 'outside'),)
    if echo.answered:
        return []
    if lookups.route_to(home.rtnl(), to) is None:
        return [Cause('no-route', 'host: no route to %s' % to, 'ip route')]
    return [Cause('outside-silent', '%s: %s does not answer an echo' % (end.label, to),
                  'It may not answer anybody: try another address. `netnsctl doctor` looks at the firewall.')]
