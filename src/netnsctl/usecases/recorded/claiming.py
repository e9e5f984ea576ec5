"""What recorded wires have on the host: addresses (the host's own, or in the network of a bridge or an anchor),
anchors, and what they say of bridges."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing, plan as planning
from netnsctl.model.links import kind_named

_FEW = 2  # a wire gives an address to each end


class Claim(object):
    """Who has an address: wire (its name), place ('docker://a:eth0'), is_bridge (is it the bridge's own)."""
    __slots__ = ('wire', 'place', 'is_bridge')

    def __init__(self, record, end):
        self.wire, self.place, self.is_bridge = record.name, end.place, bool(end.bridge)


class Claims(object):
    """addresses: {(network, address): Claim}, by network_of(); anchors: {(kind, name of the host's link): {wire:
    plan.End}}; words: {(bridge, what is asked of it: 'ipv6', 'nat' or 'open'): names of the wires}."""
    __slots__ = ('addresses', 'anchors', 'words')

    def __init__(self):
        self.addresses, self.anchors, self.words = {}, {}, {}

    def note(self, record):
        """A wire is made."""
        for wires in self.anchors.values() if record.replaces else ():
            wires.pop(record.replaces.name, None)
        for names in self.words.values() if record.replaces else ():
            names.discard(record.replaces.name)
        for words in _words_of(record):
            self.words.setdefault(words, set()).add(record.name)
        for end, network, anchor in _places_of(record):
            if anchor is not None:
                self.anchors.setdefault((anchor.kind, anchor.anchor), {})[record.name] = anchor
            for address in end.addresses if network != '' else ():
                self.addresses[network, addressing.bare(address)] = Claim(record, end)

    def forget(self, record):
        """A wire is gone."""
        for words in _words_of(record):
            self.words.get(words, set()).discard(record.name)
        for end, network, anchor in _places_of(record):
            if anchor is not None:
                self.anchors.get((anchor.kind, anchor.anchor), {}).pop(record.name, None)
            for address in end.addresses:
                claim = self.addresses.get((network, addressing.bare(address)))
                if claim is not None and claim.wire == record.name:
                    del self.addresses[network, addressing.bare(address)]


def _words_of(record):
    return [(end.bridge, word) for end in record.ends if end.bridge
            for word in ('ipv6', 'nat', 'open') if (end.ipv6 if word == 'ipv6' else (word, 'yes') in end.items)]


def _places_of(record):
    """Where the ends of a recorded wire are: [(end, the network of its addresses, or '' where nobody else can have
    them, the plan.End of the anchor that its link hangs on, or None)]."""
    found = []
    for end, other in (record.ends, reversed(record.ends)):
        network, anchor = network_of_bridge(end.bridge or other.bridge, end.tag or other.tag), None
        if other.parsed_target().has_no_link:
            anchor = planning.End.of(other.made_endpoint())
            network = network_of(end, anchor)
        found.append((end, network if 'host' in (end.ns, other.ns) else '', anchor))
    return found


def claims(session):
    """The Claims of all recorded wires. Read once; the session keeps them up to date."""
    if session.claimed is None:
        session.claimed = Claims()
        for record in session.recorded(pending=session.group is not None):
            session.claimed.note(record)
    return session.claimed


def claimed(session):
    """Addresses of recorded wires to the host: Claims.addresses."""
    return claims(session).addresses


def holder(session, network, address, bridge):
    """The Claim of the recorded wire that has an address in a network, or None. bridge: the name of the one that makes
    the network, or None.

    For the few questions of one wire, records that do not mention both are not made out: of a thousand that takes
    longer than all else that a wire does. Whoever asks more has all of them read, once.
    """
    if session.claimed is not None or session.sought >= _FEW:
        return claimed(session).get((network, address))
    session.sought += 1
    found = Claims()
    for record in session.recorded(session.group is not None, [text for text in (address, bridge) if _is_plain(text)]):
        found.note(record)
    return found.addresses.get((network, address))


def _is_plain(text):
    """Does JSON have a text as it is?"""
    return text and all(' ' < char <= '~' and char not in '"\\' for char in text)


def network_of(end, other):
    """The network that the link of an end is in: the name of a bridge, or what the Kind of an anchor calls it; None if
    it only leads to the other end. Of a plan.End, whose other one this is. A VXLAN is a port of the end's bridge."""
    if other.kind and not end.bridge:
        return kind_named(other.kind).network(other)
    return network_of_bridge(end.bridge or other.bridge, end.tag or other.tag)


def network_of_bridge(bridge, tag):
    """The network of what is plugged into a bridge (None: nothing is), in a VLAN or (None) in that of all others."""
    return '%s/%s' % (bridge, tag) if tag else bridge


def said_of_bridges(ends):
    """What Endpoints say of the bridges that they are, and the files of these have: set of (bridge, VLAN or '', 'nat',
    'open', 'ipv6' or an address)."""
    found = set()
    for end in ends:
        if end.target.scheme == 'bridge':
            items = dict(end.data)
            words = [word for word in ('nat', 'open') if word in items] + (['ipv6'] if end.ipv6 else [])
            found.update((end.target.name, '', word) for word in words)
            found.update((end.target.name, items.get('tag') or '', address) for address in end.addresses)
    return found


def said_by(record):
    """The same of a record."""
    return said_of_bridges(end.made_endpoint() for end in record.ends if end.bridge)


def unsaid_by(record):
    """The same of what a record replaced, as far as the record has it: files may still say so."""
    return set(tuple(words) for words in record.data.get('unsaid', ()))
