"""What chains of others drop of what a wire with nat or published ports sends through the host."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.edge.firewall import firewalld, forward_chain
from netnsctl.edge.netlink import lookups
from netnsctl.edge.uplink import opening
from netnsctl.errors import UsageError
from netnsctl.model.features import uplink_steps

# Documentation's addresses (RFC 5737, 3849): nobody has them, and the way there is the one to everywhere.
ELSEWHERE = {4: '203.0.113.1', 6: '2001:db8:ffff::1'}
# Others are a pattern, or more than a word, to nft or iptables.
_PLAIN = re.compile(r'[A-Za-z0-9_.:-]+\Z')


def uplink_of(home, family):
    """The Link of the host's default route, or None."""
    hop = lookups.route_to(home.rtnl(), ELSEWHERE[family])
    return None if hop is None else home.rtnl().link(index=hop.index)


def dropping(host, step, family, uplink, own=None, known=None):
    """[(what is dropped as text, Chain, ChainRule or None of its policy)], one of each chain. step: the AddNat. uplink:
    name of the link of the default route, or None. own: the wire whose rules alone count of those that netnsctl has put
    there, '' for none; None: all count. known: a dict that keeps what is read, or None."""
    found, known = [], {} if known is None else known
    ways = ways_of(step, family, uplink)
    if ('chains', family) not in known:
        known['chains', family] = forward_chain.read_chains(host, family)
    for chain in known['chains', family]:
        if own is not None:
            chain = forward_chain.Chain(chain.program, chain.table, chain.name, chain.policy, dict(
                (name, [rule for rule in rules if not opening.is_of_other(rule.text, own)])
                for name, rules in chain.chains.items()))
        for what, incoming, outgoing, packet in ways:
            verdict, rule = forward_chain.judge(chain, incoming, outgoing, packet)
            if verdict == forward_chain.DROP:
                found.append((what, chain, rule))
                break  # what lets one of them pass does so for all
    return found


def places(host, home, step, own, known=None):
    """The rows of an OpenForward where chains drop what a wire sends: list. The arguments as for dropping()."""
    found = []
    for family in step.families:
        link = uplink_of(home, family)
        for _, chain, _ in dropping(host, step, family, link and link.name, own, known):
            place = opening.Opening(host).place_of(chain, step.link)
            if place not in found:
                found.append(place)
    return found


def shared_zones(session, step, known=None):
    """The rows of other wires for zones of firewalld that their link, which is this one's too, is in: list. known: as
    for dropping()."""
    known = {} if known is None else known
    if 'zones' not in known:
        known['zones'] = [(other.link, list(place)) for record in session.recorded(pending=True)
                          for other in record.planned('open-forward') for place in other.places
                          if place[0] == firewalld.NAME]
    return [place for link, place in known['zones'] if link == step.link]


def ways_of(step, family, uplink):
    """What is to pass the FORWARD chains for an add-nat: list of (text, link in, link out, kind of packet). uplink: of
    the default route, or None."""
    link, found = step.link, []
    if any((':' in net) == (family == 6) for net in step.nat):
        found += [('what link %s sends out' % link, link, uplink, forward_chain.NEW),
                  ('what answers link %s' % link, uplink, link, forward_chain.REPLY)]
    if any((':' in row[4]) == (family == 6) for row in step.publish):
        found += [('what comes for the published ports through link %s' % link, uplink, link, forward_chain.PUBLISHED),
                  ('what the published ports answer through link %s' % link, link, uplink, forward_chain.REPLY)]
    return found


def open_steps(session, step):
    """The operations that let a wire's packets pass where a chain would drop them: tuple. step: its AddNat.
    UsageError for a link that no rule can name."""
    # A zone that the link is in for another wire has to last as long as this one.
    found = places(session.host, session.home, step, '') + shared_zones(session, step)
    keys = [opening.key_of(place) for place in found]
    found = [place for at, place in enumerate(found) if keys[at] not in keys[:at]]
    require_plain(step, found)
    return (uplink_steps.OpenForward(step.ns, step.wire, step.link, found),) if found else ()


def require_plain(step, rows):
    """UsageError if there are rows, and the link has a name that no rule can say."""
    if rows and not _PLAIN.match(step.link):
        raise UsageError('link %s: a rule of a firewall means other links by that name, so `open` cannot be had'
                         % step.link,
                         hint='Give the link a name of letters, digits, "-", "_" and ".".')
