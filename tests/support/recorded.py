"""Records of wires for tests that make none: as much of one as it takes to be read."""
from __future__ import absolute_import, division, print_function


def recorded_end(target, dev, addresses=(), gateways=()):
    """One end of a record, as plain data."""
    asked = {'addresses': list(addresses), 'gateways': list(gateways), 'routes': [], 'mac': None, 'mtu': None}
    return dict(asked, target=target, ns='a', dev=dev, bridge=None, own_bridge=False, index=None,
                asked=dict(asked, ifname=dev))


def recorded(name, ends):
    """A record of a wire, as plain data. ends: two of recorded_end()."""
    return {'version': 1, 'id': '0' * 16, 'name': name, 'backend': 'netlink', 'made': 1.0, 'replaces': None,
            'netns': {'a': {'path': '/run/netns/a', 'label': 'netns://a', 'name': 'a', 'pid': None, 'start': None,
                            'dev': 4, 'ino': 5}}, 'ends': ends, 'plan': [], 'undo': []}
