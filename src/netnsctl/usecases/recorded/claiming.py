"""Which recorded wire has an address on the host: the host's own, or in the network of a bridge or an anchor."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing, plan as planning
from netnsctl.model.links import kind_named


class Claim(object):
    """Who has an address: wire (its name), place ('docker://a:eth0'), is_bridge (is it the bridge's own)."""
    __slots__ = ('wire', 'place', 'is_bridge')

    def __init__(self, record, end):
        self.wire, self.place, self.is_bridge = record.name, end.place, bool(end.bridge)


def claimed(session):
    """Addresses of recorded wires to the host: {(network, address): Claim}, by network_of(). Read once; the session
    keeps it up to date."""
    if session.claimed is None:
        session.claimed = {}
        for record in session.recorded(pending=session.group is not None):
            note_claims(session, record)
    return session.claimed


def network_of(end, other):
    """The network that the link of an end is in: the name of a bridge, or what the Kind of an anchor calls it; None if
    it only leads to the other end. Of a plan.End, whose other one this is."""
    if other.kind:
        return kind_named(other.kind).network(other)
    return end.bridge or other.bridge


def note_claims(session, record):
    """A wire is made."""
    if session.claimed is None:
        return
    for end, other in (record.ends, reversed(record.ends)):
        if 'host' not in (end.ns, other.ns) or not end.addresses:
            continue
        if other.has_link:
            network = end.bridge or other.bridge
        else:
            network = network_of(end, planning.End.of(other.made_endpoint()))
        for address in end.addresses if network != '' else ():
            session.claimed[network, addressing.bare(address)] = Claim(record, end)
