"""The host's own macvlan beside those of its containers, compared with what wires gave it."""
from __future__ import absolute_import, division, print_function


def remarks(rtnl, record):
    """How what a wire gave the host is not there: list of (text, command that mends it, or None). rtnl: the host's."""
    wanted = [step for step in record.planned('add-route') if step.ns == 'host']
    found = []
    for name in sorted(set(step.dev for step in wanted if step.dev)):
        link = rtnl.link(name=name)
        if link is None:
            found.append(('the macvlan %s of the host is gone' % name, None))
        elif not link.up:
            found.append(('the macvlan %s of the host is down' % name, 'ip link set dev %s up' % name))
        else:
            there = set(route.dst for route in rtnl.routes(index=link.index))
            found += [('the host lacks the route to %s' % step.dst, 'ip route add %s dev %s src %s' % (
                step.dst, name, step.src)) for step in wanted if step.dev == name and step.dst not in there]
    return found
