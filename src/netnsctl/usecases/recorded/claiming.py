"""Which recorded wire has an address on the host: the host's own, or behind one of its bridges."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing


class Claim(object):
    """Who has an address: wire (its name), place ('docker://a:eth0'), is_bridge (is it the bridge's own)."""
    __slots__ = ('wire', 'place', 'is_bridge')

    def __init__(self, record, end):
        self.wire, self.place, self.is_bridge = record.name, end.place, bool(end.bridge)


def claimed(session):
    """Addresses of recorded wires to the host, on bridges or (bridge None) elsewhere: {(bridge, address): Claim}. Read
    once; the session keeps it up to date."""
    if session.claimed is None:
        session.claimed = {}
        for record in session.recorded(pending=session.group is not None):
            note_claims(session, record)
    return session.claimed


def note_claims(session, record):
    """A wire is made."""
    if session.claimed is None:
        return
    for end, other in (record.ends, reversed(record.ends)):
        bridge = end.bridge or other.bridge
        for address in end.addresses if 'host' in (end.ns, other.ns) else ():
            session.claimed[bridge, addressing.bare(address)] = Claim(record, end)
