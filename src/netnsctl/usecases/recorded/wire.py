"""A recorded wire as it is told: by `ls`, `show` and the library."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.endpoint import UPLINK_WORDS, shown_item
from netnsctl.usecases.recorded import comparing


class Wire(object):
    """A recorded wire as it stands: name, state, remarks (list of text), backend, made (seconds since the epoch), ends,
    seconds_left (until it is undone unless it is confirmed, or None), origin (Record.origin).

    ends: two dicts with target ('docker://a'), ifname, mac, mtu (None: the default), addresses, gateways, routes,
    bridge, and where they say something dhcp (True: a client gets its IPv4 address), leased (those that it got: list
    of {'address', 'seconds_left' until it lapses, or None}), items (of an anchor: list of 'mode=vepa'), nat, open,
    localhost, ipv6 (True), publish (list of '8080:80/udp'), shaping ({'rate': '10mbit', ...}), rules (list of text in
    iproute2's words) and scope.
    routes: lists [dst, via], or where there is more text in iproute2's words.
    """
    __slots__ = ('name', 'state', 'remarks', 'backend', 'made', 'ends', 'seconds_left', 'origin')

    def __init__(self, record, state, remarks, seconds_left=None, leased=None):
        self.name, self.state, self.remarks, self.seconds_left = record.name, state, list(remarks), seconds_left
        self.backend, self.made, self.origin = record.backend, record.made, record.origin
        told = ('target', 'mac', 'mtu', 'addresses', 'gateways', 'routes', 'bridge')
        self.ends = [dict((key, getattr(end, key)) for key in told) for end in record.ends]
        for at, (mine, end) in enumerate(zip(self.ends, record.ends)):
            mine['ifname'] = end.dev
            if end.items:
                mine['items'] = [shown_item(pair) for pair in end.items]
                mine.update((key, True) for key, _ in end.items if key in UPLINK_WORDS)
                published = [value for key, value in end.items if key == 'publish']
                if published:
                    mine['publish'] = published
            if end.ipv6:
                mine['ipv6'] = True
            mine['routes'] = [data if len(data) == 2 else comparing.shown_route(data) for data in end.routes]
            if end.dhcp:
                mine['dhcp'] = True
                mine['leased'] = (leased or {}).get(at, [])
            if end.shaping:
                mine['shaping'] = dict(end.shaping)
            if end.rules:
                mine['rules'] = [comparing.shown_rule(data) for data in end.rules]
            if end.scope:
                mine['scope'] = end.scope

    def to_json(self):
        """Plain data with every field."""
        return dict((field, getattr(self, field)) for field in self.__slots__)

    def __repr__(self):
        return 'Wire(%s, %s)' % (self.name, self.state)
