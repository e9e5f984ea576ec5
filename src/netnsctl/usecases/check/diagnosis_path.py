"""The part of a diagnosis that follows the packets: routes, MTUs, duplicates, filters.

Every step takes (host, sides, middle, failed): the two diagnosis.Sides, the diagnosis.Middle
between them and the failed Probes of one family; it returns a list of Cause. By then both
links are up and both ends have their addresses.
"""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.compat import shell_quote
from netnsctl.edge.packets import claims, icmp
from netnsctl.edge.firewall import drops
from netnsctl.edge.netlink import lookups, neighbours
from netnsctl.usecases.check import diagnosis_rules as rules
from netnsctl.usecases.check import echoes
from netnsctl.usecases.check.report import Cause, command

AGAIN_SECONDS = 0.25
MOST_FILTERS, RULE_LENGTH = 10, 300  # a container may have any number of rules, of any length


def is_big(probe):
    return probe.size > icmp.SMALL[probe.family]


def _small_ones(failed):
    """The failed small echoes, or, where only big ones failed, none: then routes and addresses are in order."""
    return [probe for probe in failed if not is_big(probe)]


def of_routes(host, sides, middle, failed):
    """No route to the other end, a route by another link, the other end's address on this side as well, rp_filter."""
    found = of_local_rules(sides, failed[0].family)
    for probe in [] if found else _small_ones(failed):
        if probe.address[:4] == 'fe80':
            continue  # goes by the link it names, whatever the routes say
        origin, target = sides[probe.way], sides[1 - probe.way]
        hop = lookups.route_to(origin.rtnl, probe.address, probe.source_address)
        way = rules.find_way(origin.rtnl, probe.source_address, probe.address, origin.link.name)
        if hop is None or way is not None and way.dead_end:
            found.append(of_no_route(origin, probe.address, way))
        elif hop.type == lookups.RTN_LOCAL and origin.netns.key != target.netns.key:
            found.append(_local_duplicate(origin, target, probe))
        elif hop.index != origin.link.index and origin.netns.key != target.netns.key:
            found.append(of_another_link(origin, probe, hop, way))
    for probe in _small_ones(failed):
        if not probe.arrived and probe.family == socket.AF_INET:
            found.extend(_of_rp_filter(sides[1 - probe.way], probe))
        if probe.arrived and not probe.answered and not found and probe.address[:4] != 'fe80':
            found.extend(_of_no_answer(sides[1 - probe.way], probe))
    return found


def of_local_rules(sides, family):
    """Without the rule to the table `local` a namespace takes no packet in for its own."""
    found = []
    for side in sides[:1] + tuple(side for side in sides[1:] if side.netns.key != sides[0].netns.key):
        known = side.rtnl.rules_or_none(family)
        if known is not None and (0, 'local') in rules.missing_own(known, family):
            found.append(_rule_missing(side, family, 0, 'local', 'the namespace does not recognize its own addresses'))
    return found


def _rule_missing(side, family, priority, table, so):
    version = 6 if family == socket.AF_INET6 else 4
    return Cause('rule-missing', '%s: rule %d of IPv%d, which leads to table %s, is gone: %s'
                 % (side.label, priority, version, table, so),
                 command(side, 'ip %srule add pref %d table %s' % ('-6 ' if version == 6 else '', priority, table)))


def of_another_link(origin, probe, hop, way):
    by = origin.name_of(hop.index) + (' via %s' % hop.via if hop.via else '')
    table, rule = '', ''
    if way is not None and way.route is not None and way.route.table != rules.TABLES['main']:
        table = ' table %s' % rules.table_name(way.route.table)
        rule = ', in%s, which rule %d leads to' % (table, way.rule.priority)
    return Cause('route-by-another-link', '%s: the route to %s goes through %s, not through link %s%s' % (
        origin.label, probe.address, by, origin.link.name, rule),
        command(origin, 'ip route add %s dev %s%s' % (probe.address, shell_quote(origin.link.name), table)))


def _of_no_answer(target, probe):
    """What keeps the answer to an echo that arrived: rules may see it otherwise than a packet bound to the link."""
    way = rules.find_way(target.rtnl, probe.address, probe.source_address, target.link.name)
    return [of_no_route(target, probe.source_address, way)] if way is not None and way.dead_end else []


def of_no_route(origin, address, way):
    """A rule or a route that forbids it, a rule that is gone, or none at all that leads there."""
    version = '-6 ' if ':' in address else ''
    keeps = 'of IPv%d keeps packets from %s' % (6 if version else 4, address)
    way = way or rules.Way()
    if way.dead_end and way.route is None:
        return Cause('rule-forbids', '%s: rule %d (%s) %s' % (
            origin.label, way.rule.priority, rules.words_of(way.rule), keeps),
            command(origin, 'ip %srule delete pref %d %s' % (
                version, way.rule.priority, rules.words_of(way.rule))))
    if way.dead_end:
        words = rules.route_words_of(way.route, None)
        return Cause('route-forbids', '%s: the route %s, which rule %d leads to, %s' % (
            origin.label, words, way.rule.priority, keeps),
            command(origin, 'ip %sroute delete %s' % (version, words)))
    if way.rule is None and way.missing:
        family = socket.AF_INET6 if version else socket.AF_INET
        return _rule_missing(origin, family, way.missing[0][0], way.missing[0][1],
                             'there is no other route to %s' % address)
    return Cause('no-route', '%s: no route to %s%s' % (origin.label, address, _why_none(origin, way)),
                 command(origin, 'ip %sroute replace %s dev %s'
                         % (version, address, shell_quote(origin.link.name))))


def _why_none(origin, way):
    """': ...' of a rule that leads elsewhere, or nowhere, or ''."""
    if way.rule is not None:
        return ''
    for rule, route in way.passed:
        link = origin.by_index.get(route.index)
        return ': the route %s is not used, since rule %d (%s) %s' % (
            rules.route_words_of(route, link and link.name), rule.priority, rules.words_of(rule),
            'skips it' if 'suppress_prefixlength' in rule.more else 'does not match such packets')
    for rule in way.empty:
        return ': table %s, which rule %d (%s) leads to, has none' % (
            rules.table_name(rule.table), rule.priority, rules.words_of(rule))
    return ''


def _local_duplicate(origin, target, probe):
    packed = socket.inet_pton(probe.family, probe.address)
    names = [origin.name_of(item.index) for item in origin.addresses
             if item.family == probe.family and socket.inet_pton(item.family, item.address) == packed]
    return Cause('duplicate-address', '%s: %s of %s is also here, on %s'
                 % (origin.label, probe.address, target.label, ', '.join(names) or 'a local route'),
                 'Remove %s from one of the two.' % probe.address)


def _of_rp_filter(target, probe):
    """Does the target drop the request because the way back leads elsewhere?

    Of all and the link's value the larger counts (ip-sysctl); 2 asks for any way back, 1 for one by the link. The
    kernel looks the way up as from the address that the request went to (fib_validate_source).
    """
    values = [int(target.netns.sysctl('ipv4/conf/%s/rp_filter' % name) or 0) for name in ('all', target.link.name)]
    hop = lookups.route_to(target.rtnl, probe.source_address, probe.address)
    strict = max(values) == 1 and (hop is None or hop.index != target.link.index)
    loose = max(values) == 2 and hop is None
    if not (strict or loose):
        return []
    way = 'there is no route to it' if hop is None else 'the route to it goes by %s' % target.name_of(hop.index)
    name = 'all' if values[0] >= values[1] else target.link.name
    return [Cause('rp-filter', '%s: link %s drops packets from %s, because %s (net.ipv4.conf.%s.rp_filter is %d)'
                  % (target.label, target.link.name, probe.source_address, way, name, max(values)),
                  'Fix the route, or: %s' % command(target, 'sysctl -w net/ipv4/conf/%s/rp_filter=0'
                                                     % shell_quote(name)))]


def of_mtus(host, sides, middle, failed):
    """MTUs that differ along the way; only where small packets pass."""
    if _small_ones(failed):
        return []
    found = []
    for probe in failed:
        origin, target = sides[probe.way], sides[1 - probe.way]
        places = _places(origin, probe.way, middle) + _places(target, 1 - probe.way, middle)[::-1]
        size = origin.link.mtu
        for label, link in places:
            if link.mtu < size:
                found.append(Cause('mtu-differs', '%s: link %s has an MTU of %d, %s of %s has %d' % (
                    label, link.name, link.mtu, 'link %s' % origin.link.name, origin.label, size),
                    'Give both ends and all between them one MTU, for example: %s'
                    % command(origin, 'ip link set dev %s mtu %d' % (shell_quote(origin.link.name), link.mtu))))
                break
        else:
            found.extend(_of_path_mtu(origin, target, probe))
    return found


def _places(side, way, middle):
    """The links from an end outwards: list of (label, Link)."""
    places = [(side.label, side.link)]
    if side.port is not side.link:
        places.append((side.label, side.port))
    if way in middle.links:
        places.append(('%s (host)' % side.label, middle.links[way]))
    return places


def _of_path_mtu(origin, target, probe):
    """A smaller MTU further on, as a router has told (RFC 1191): the kernel keeps it with the route."""
    hop = lookups.route_to(origin.rtnl, probe.address, probe.source_address)
    if hop is None or hop.mtu is None or hop.mtu >= probe.size:
        return []
    return [Cause('mtu-differs', '%s: link %s has an MTU of %d, but the path to %s allows only %d' % (
        origin.label, origin.link.name, origin.link.mtu, target.label, hop.mtu),
        command(origin, 'ip link set dev %s mtu %d' % (shell_quote(origin.link.name), hop.mtu)))]


def of_duplicates(host, sides, middle, failed):
    """The other end's address in the hands of a third: it answered an echo, or answers ARP on the link."""
    found = []
    for probe in _small_ones(failed):
        origin, target = sides[probe.way], sides[1 - probe.way]
        macs = []
        if probe.family == socket.AF_INET:
            macs = claims.who_has(origin.netns, origin.link.name, probe.address)
        strangers = [mac for mac in macs if mac != target.link.mac]
        if len(macs) > 1 or (probe.answered and not probe.arrived):
            found.append(Cause('duplicate-address', '%s: %s of %s has the same address as another on link %s%s' % (
                origin.label, probe.address, target.label, origin.link.name,
                ' (%s)' % ', '.join(strangers[:3]) if strangers else ''),
                'Find what else has %s and give it another address.' % probe.address))
    return found


def of_ignored_echoes(host, sides, middle, failed):
    """Echo requests that arrive and that the kernel is told not to answer."""
    found = []
    for probe in failed:
        target = sides[1 - probe.way]
        name = 'ipv4/icmp_echo_ignore_all' if probe.family == socket.AF_INET else 'ipv6/icmp/echo_ignore_all'
        if probe.arrived and not probe.answered and target.netns.sysctl(name) == '1':
            found.append(Cause('echo-ignored', '%s: echo requests that arrive on link %s are not answered (net.%s is 1)'
                               % (target.label, target.link.name, name.replace('/', '.')),
                               command(target, 'sysctl -w net/%s=0' % name)))
    return found


def of_forwarding(host, sides, middle, failed):
    """A host between the ends that is no bridge and does not forward."""
    if not middle.known:
        return []
    found = []
    version, switch = 'ipv6', 'ipv6.conf.all.forwarding'
    if failed[0].family == socket.AF_INET:
        version, switch = 'ipv4', 'ipv4.ip_forward'
    masters = [link.master for link in middle.links.values()]
    if masters[0] is not None and masters[0] == masters[1]:
        return []
    for way, link in sorted(middle.links.items()):
        dev = link.name if link.master not in middle.by_index else middle.by_index[link.master].name
        if middle.netns.sysctl('%s/conf/%s/forwarding' % (version, dev)) == '0':
            found.append(Cause('forwarding-off', 'host: link %s (towards %s) does not forward, '
                               'net.%s.conf.%s.forwarding is 0' % (dev, sides[way].label, version, dev),
                               'sysctl -w net.%s=1' % switch))
    return found


def of_neighbour_tables(host, sides, middle, failed):
    """The kernel's table of neighbours, one for all namespaces, takes no more."""
    family = failed[0].family
    rtnl = sides[0].rtnl
    before = neighbours.table(rtnl, family)
    if before is None or before.entries < before.thresh2:
        return []
    echoes.probe(sides[0].end, sides[1].end, AGAIN_SECONDS)
    after = neighbours.table(rtnl, family)
    if after.entries < after.thresh3 and after.overflows in (before.overflows, None):
        return []
    name = 'net.%s.neigh.default.gc_thresh3' % ('ipv4' if family == socket.AF_INET else 'ipv6')
    return [Cause('neighbour-table-full', '%s and %s: the kernel accepts no more neighbours, for links %s and %s '
                  'or any other (%s is %d for all namespaces together)' % (
                      sides[0].label, sides[1].label, sides[0].link.name, sides[1].link.name, name, after.thresh3),
                  'sysctl -w %s=%d' % (name, max(8192, after.thresh3 * 4)))]


def of_filters(host, sides, middle, failed):
    """Rules and policies of iptables and nft: those whose counters move when the echoes are sent again, or, where
    nothing is counted, those that hang where the packets pass."""
    family = failed[0].family
    places = {sides[0].netns.key: sides[0], sides[1].netns.key: sides[1]}
    if not middle.direct:
        places.setdefault(middle.netns.key, middle)
    unread = {}
    before = dict((key, drops.droppers(host, places[key].netns, family, unread)) for key in places)
    found = []
    if any(before.values()):
        again = [probe for probe in echoes.probe(sides[0].end, sides[1].end, AGAIN_SECONDS)
                 if not probe.ok and probe.family == family]
        found = of_droppers(host, places, middle, failed, again, before, unread) if again else []
    return found[:MOST_FILTERS] or _unread_causes(places, middle, unread)


def of_droppers(host, places, middle, failed, again, before, unread):
    """The Causes among what drops packets. before: {a namespace's key: its Droppers}, as they were before the Probes
    `again` failed."""
    # What else passes a busy host moves counters too: a rule that took our echoes has taken each of one probe's.
    least = min(probe.sent for probe in again)
    sure, likely = [], []
    for key, place in places.items():
        counts = dict((item.key, item.packets) for item in before[key])
        for item in drops.droppers(host, place.netns, failed[0].family, unread):
            if item.packets is None:
                if _may_meet(item, place is middle):
                    likely.append(_filter_cause(host, item, place, middle, failed, 'may be'))
            elif item.packets - counts.get(item.key, 0) >= least > 0:
                sure.append(_filter_cause(host, item, place, middle, failed, 'are'))
    return sure or likely


def _may_meet(item, in_between):
    if item.hook is None or item.hook in ('prerouting', 'postrouting', 'ingress', 'egress'):
        return True
    return (item.hook == 'forward') == in_between


def _where(place, middle):
    return 'host' if place is middle else '%s: link %s' % (place.label, place.link.name)


def _unread_causes(places, middle, unread):
    """One Cause for each reason why firewalls could not be read."""
    there = {}
    for (key, _), why in sorted(unread.items()):
        if places[key] not in there.setdefault(why, []):
            there[why].append(places[key])
    return [Cause('firewall-unread', '%s: no cause was found, and %s could not be read: %s'
                  % (' and '.join(_where(place, middle) for place in found),
                     'its firewall' if len(found) == 1 else 'their firewalls', why),
                  'It may have too many rules. To look for those that drop packets: %s | grep -w drop'
                  % command(found[0], 'nft list ruleset')) for why, found in sorted(there.items())]


def _filter_cause(host, item, place, middle, failed, verb):
    what = 'policy of chain %s is drop' % item.chain
    if item.rule is not None:
        what = 'rule in chain %s: %s' % (item.chain, item.rule[:RULE_LENGTH])
    text = '%s: packets %s dropped by %s (table %s), %s' % (_where(place, middle), verb, item.tool, item.table, what)
    hint = 'Accept packets between %s and %s in chain %s.' % (failed[0].source_address, failed[0].address, item.chain)
    bridges = _bridges_of(middle) if place is middle else []
    switch = 'bridge-nf-call-%s' % ('iptables' if failed[0].family == socket.AF_INET else 'ip6tables')
    if bridges and middle.netns.sysctl('bridge/%s' % switch) == '1' and not item.table.startswith('bridge'):
        text += '; bridge %s passes its packets to it (net.bridge.%s is 1)' % (bridges[0], switch)
        if item.tool != 'nft':
            hint = '%s -I FORWARD -i %s -o %s -j ACCEPT' % (item.tool, shell_quote(bridges[0]), shell_quote(bridges[0]))
    code = 'forward-dropped' if place is middle or item.hook == 'forward' else 'firewall'
    return Cause(code, text, hint)


def _bridges_of(middle):
    masters = set(link.master for link in middle.links.values())
    return sorted(middle.by_index[index].name for index in masters if index in middle.by_index)


STEPS = (
    ('routes and rp_filter', of_routes),
    ('MTUs', of_mtus),
    ('echo_ignore_all', of_ignored_echoes),
    ('forwarding', of_forwarding),
    ('neighbour table', of_neighbour_tables),
    ('duplicates', of_duplicates),
    ('iptables and nft', of_filters),
)
