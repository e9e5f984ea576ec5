"""macvlan://NIC=host: the host's own macvlan on a NIC, by which it reaches those of its containers, which it does not
through the NIC itself.

It has no address: the host's are on the NIC. For each address of a container there is a route over it, which sends from
the host's own, and it answers ARP only where such a route leads back (arp_filter), since it hears what the whole
network asks for the host. Neighbour discovery has no such filter, so this is for IPv4 alone. All wires on the NIC share
it, and it goes with the last one.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import random_mac, shell_quote
from netnsctl.errors import ConflictError, NotFoundError
from netnsctl.model import addressing, operations as op
from netnsctl.model.links.macvlan import host_name
from netnsctl.usecases.uplinks import sharing


def settle(wiring, end, anchor):
    """Decides on the steps that give the host its macvlan and the routes over it: anchor.host_steps, anchor.host_mac.

    end, anchor: plan.Ends. ConflictError if another link has its name, NotFoundError if the host has no address.
    """
    session, name = wiring.session, host_name(anchor.anchor)
    rtnl = session.home.rtnl()
    link = wiring.planned.link_of_host(session.home, name)
    if link is not None and (link.kind != 'macvlan' or link.alias != op.BRIDGE_ALIAS):
        raise ConflictError('%s: the link %s of the host is not one that netnsctl made' % (anchor.label, name))
    is_new = link is None and name not in wiring.planned.links.get(session.home.key, ())
    anchor.host_mac = link.mac if link is not None else random_mac('02')
    steps = [op.AddLink('host', name, anchor.host_mac, None, 'macvlan', anchor.anchor),
             op.SetAlias('host', name, op.BRIDGE_ALIAS)] if is_new else []
    steps += sharing.sysctl_steps(session, anchor, [('ipv4/conf/%s/arp_filter' % name, '1')])
    steps += [op.SetUp('host', name)] if is_new else []
    if not wiring.options.force:
        _refuse_gateways(rtnl, end, anchor)
    own = [(item.address, item.prefixlen) for item in rtnl.addresses(rtnl.index_of(anchor.anchor))]
    for address in end.addresses:
        if ':' not in address:
            steps += _left_by_lost(wiring, rtnl, link, addressing.bare(address) + '/32')
            steps.append(op.AddRoute('host', name, addressing.bare(address) + '/32', src=_source(anchor, own, address)))
        elif not addressing.is_link_local(address):
            session.notices.append(
                '%s: `host` is for IPv4; to reach %s the host needs an address of its own there: netnsctl wire '
                'host:m0=ADDRESS,route=%s macvlan://%s' % (anchor.label, address, addressing.bare(address),
                                                           anchor.anchor))
    anchor.host_steps = tuple(steps)


def _left_by_lost(wiring, rtnl, link, dst):
    """The operations that remove a route which only lost wires have: their addresses are free."""
    routes = rtnl.routes(index=link.index) if link is not None else ()
    there = [route.src for route in routes if route.dst == dst and not route.metric]
    if not there:
        return []
    from netnsctl.usecases.wires import bridging
    owners = [(record.name, step) for record in wiring.session.recorded(pending=True, mentioning=(dst,))
              for step in record.planned('add-route') if (step.ns, step.dev, step.dst) == ('host', link.name, dst)]
    are_lost = all(bridging.is_lost(wiring, name) for name, _ in owners)
    return [step.undo() for _, step in owners if are_lost and step.src in there][:1]


def _refuse_gateways(rtnl, end, anchor):
    """ConflictError if an address of a container is that of a router which routes of the host lead over, whether or not
    it answers now: all that goes there would go to the container."""
    own = set(addressing.bare(address) for address in end.addresses)
    for route in rtnl.routes():
        for address in set([route.via] + [gateway[0] for gateway in route.gateways]) & own:
            raise ConflictError('%s: the address %s is in use: it is a gateway of this host (route to %s)' % (
                end.label, address, route.dst), hint='Choose another address; --force uses this one anyway.')


def _source(anchor, own, address):
    """The host's address on the NIC that it speaks to an address of a container from: one of its network, if any."""
    of_family = ['%s/%d' % pair for pair in own if ':' not in pair[0]]
    near = [text for text in of_family if addressing.covers(text, addressing.bare(address))]
    for text in near + of_family:
        return addressing.bare(text)
    raise NotFoundError(
        '%s: the host has no IPv4 address on %s to reach %s from' % (anchor.label, anchor.anchor,
                                                                    addressing.bare(address)),
        hint='Add one to %s; or leave `host` out, and give the host a macvlan with an address: netnsctl wire '
             'host:m0=ADDRESS macvlan://%s' % (shell_quote(anchor.anchor), anchor.anchor))
