"""The pool: pairs of addresses for two ends that were given none. No I/O."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, unicode_of
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model.addressing import parse_address, parse_destination

# ipaddress is imported where it is needed, as in addressing.
DEFAULT_POOL = '198.18.0.0/15'  # RFC 2544: for benchmarks, routed nowhere


def parse_pool(text):
    """'198.18.0.0/15' -> its network in normal form. UsageError if it has no room for a pair."""
    if text == DEFAULT_POOL:
        return text
    import ipaddress
    network = ipaddress.ip_network(unicode_of(parse_destination(text, what='pool')))
    if network.num_addresses < 2:
        raise UsageError('pool %s: no room for a pair of addresses' % text)
    found = native(network.with_prefixlen)
    try:
        for address in Pool(found, ()).pair():
            parse_address(address)
    except UsageError:
        raise UsageError('pool %s: not addresses that hosts can have' % text)
    return found


class Pool(object):
    """Hands out pairs of host addresses from a network, lowest first.

    pool: network in text. taken: networks in text that routes cover or wires hold; a default route is no cover.
    """

    def __init__(self, pool, taken):
        import ipaddress
        self.network = ipaddress.ip_network(unicode_of(pool))
        self.taken = []
        for text in taken:
            self.take(text)
        room = self.network.num_addresses
        # Neither the network's own address nor its broadcast, where it has them.
        self._first, self._end = (1, room - 1) if room > 2 else (0, room)

    def take(self, text):
        """No pair may touch this network (or address) any more."""
        import ipaddress
        network = ipaddress.ip_network(unicode_of(text), strict=False)
        if network.version == self.network.version and network.prefixlen and network.overlaps(self.network):
            self._take(int(network.network_address), int(network.broadcast_address))

    def _take(self, first, last):
        """Adds a range of numbers; ranges that meet become one, so that a thousand pairs are soon passed over."""
        import bisect
        at = bisect.bisect_left(self.taken, (first,))
        if at and self.taken[at - 1][1] >= first - 1:
            at -= 1
        end = at
        while end < len(self.taken) and self.taken[end][0] <= last + 1:
            first, last = min(first, self.taken[end][0]), max(last, self.taken[end][1])
            end += 1
        self.taken[at:end] = [(first, last)]

    def pair_beside(self, taken):
        """The lowest pair that is free and not in one of these networks (text) either, which count for no other pair.
        ConflictError as pair()."""
        if not taken:
            return self.pair()
        own = Pool.__new__(Pool)
        own.__dict__.update(self.__dict__, taken=list(self.taken))
        for text in taken:
            own.take(text)
        pair = own.pair()
        for address in pair:
            self.take(address)
        return pair

    def pair(self):
        """The lowest free pair: ('198.18.0.1/32', '198.18.0.2/32'). ConflictError if the pool is used up."""
        base = int(self.network.network_address)
        low = base + self._first
        for first, last in self.taken:  # sorted, and apart
            if first <= low + 1 and last >= low:
                # Pairs keep their parity, so that what is given back fits again.
                low = last + 1
                low += (low - base - self._first) % 2
        if low + 1 >= base + self._end:
            raise ConflictError('pool %s: every pair of addresses is taken' % self.network,
                                hint='Give the ends addresses, or another network with --pool.')
        address_class = type(self.network.network_address)
        pair = tuple('%s/%d' % (native(address_class(number).compressed), self.network.max_prefixlen)
                     for number in (low, low + 1))
        self._take(low, low + 1)
        return pair
