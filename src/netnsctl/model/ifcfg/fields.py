"""FIELDS: every key that an ifcfg file of the tree may have, in the order in which they are written.

The parser, the writer and the template are all driven by it. A key has the meaning that initscripts 9.03.61 (EL6) give
it in sysconfig.txt, ifup, ifup-eth and ifup-ipv6; NETNS, WIRE, WIRE_END, PEER, PEER_NETNS and ANCHOR are netnsctl's
own, VLAN_ID, VID, BRIDGE_VLANS and BRIDGE_PORT_VLANS are NetworkManager's, OVS_BRIDGE and OVS_OPTIONS Open vSwitch's.
Each key is of one of three sorts: netnsctl acts on it; it stays in the file and has no effect (unused.KEPT); or it
makes another kind of link of the one that the file is about, and is refused (unused.REFUSED).
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.model import shaping
from netnsctl.model.ifcfg.unused import KEPT, PREFIXES, REFUSED

INDEXES = 256  # ifup-eth looks at IPADDR, IPADDR0 .. IPADDR255
DNS_SERVERS = 3  # that a resolver asks: resolv.conf(5), MAXNS


class Field(object):
    """key: as it stands in a file. attribute: of link.Link that holds it; None if netnsctl does not act on it. indexed:
    may also have a number. bare: never quoted, because initscripts grep it. why: of one that has no effect, the reason,
    or None. other: of one that is refused, what it makes of the link; harmless: its values that do not."""
    __slots__ = ('key', 'attribute', 'indexed', 'bare', 'why', 'other', 'harmless')

    def __init__(self, key, attribute=None, indexed=False, bare=False, why=None, other=None, harmless=()):
        self.key, self.attribute, self.indexed, self.bare = key, attribute, indexed, bare
        self.why, self.other, self.harmless = why, other, harmless

    @property
    def acted(self):
        """Does netnsctl act on it?"""
        return self.attribute is not None

    def refuses(self, value):
        """Does it make another kind of link, with that value?"""
        return self.other is not None and value.lower() not in ('',) + self.harmless


FIELDS = (
    Field('DEVICE', 'device', bare=True),
    Field('TYPE', 'type'),
    Field('NETNS', 'netns'),
    Field('WIRE', 'wire'),
    Field('WIRE_END', 'wire_end'),
    Field('PEER', 'peer'),
    Field('PEER_NETNS', 'peer_netns'),
    Field('BRIDGE', 'bridge'),
    Field('BRIDGE_PORT_VLANS', 'tag'),
    Field('BRIDGE_VLANS', 'tag'),
    Field('ANCHOR', 'anchor'),
    Field('VLAN', 'anchor'),
    Field('PHYSDEV', 'anchor'),
    Field('VLAN_ID', 'anchor'),
    Field('VID', 'anchor'),
    Field('OVS_BRIDGE', 'anchor'),
    Field('OVS_OPTIONS', 'anchor'),
    Field('ONBOOT', 'onboot'),
    Field('BOOTPROTO', 'bootproto'),
    Field('BOOTP', 'bootproto'),
    Field('MACADDR', 'mac'),
    Field('MTU', 'mtu'),
) + tuple(
    Field(key.upper(), key) for key in shaping.KEYS
) + (
    Field('NAT', 'nat'),
    Field('FORWARD_OPEN', 'open'),
    Field('PUBLISH', 'publish'),
    Field('PUBLISH_LOCALHOST', 'localhost'),
    Field('IPADDR', 'addresses', indexed=True),
    Field('PREFIX', 'addresses', indexed=True),
    Field('NETMASK', 'addresses', indexed=True),
    Field('SCOPE', 'scope'),
    Field('GATEWAY', 'gateway', indexed=True),
    Field('GATEWAYDEV', 'gatewaydev'),
    Field('DEFROUTE', 'defroute'),
    Field('METRIC', 'metric'),
    Field('WINDOW', 'window'),
    Field('SRCADDR', 'srcaddr'),
    Field('IPV6INIT', 'ipv6'),
    Field('IPV6ADDR', 'addresses6'),
    Field('IPV6ADDR_SECONDARIES', 'addresses6'),
    Field('IPV6_DEFAULTGW', 'gateway6'),
    Field('IPV6_DEFAULTDEV', 'gatewaydev6'),
    Field('IPV6_DEFROUTE', 'defroute6'),
    Field('DNS', 'dns', indexed=True),
    Field('DOMAIN', 'domain'),
    Field('RES_OPTIONS', 'res_options'),
    Field('PEERDNS', 'peerdns'),
) + tuple(
    Field(key, indexed=is_indexed, bare=key == 'HWADDR', why=why) for key, is_indexed, why in KEPT
) + tuple(
    Field(key, other=other, harmless=harmless) for key, other, harmless in REFUSED)

_BY_KEY = dict((field.key, field) for field in FIELDS)
_PREFIXED = tuple((re.compile(pattern + r'\Z'), Field(pattern, why=why)) for pattern, why in PREFIXES)
_NUMBERED = re.compile(r'([A-Z0-9_]*?[A-Z_])(0|[1-9][0-9]{0,2})\Z')


def find(key):
    """(Field, index) of a key in a file; index is None for one without a number. None if nobody knows the key."""
    field = _BY_KEY.get(key)
    if field is not None:
        # DNS is written with a number only: DNS1, DNS2.
        return None if field.key == 'DNS' else (field, None)
    match = _NUMBERED.match(key)
    field = _BY_KEY.get(match.group(1)) if match else None
    if field is not None and field.indexed and int(match.group(2)) < INDEXES and key != 'DNS0':
        return field, int(match.group(2))
    for pattern, field in _PREFIXED:
        if pattern.match(key):
            return field, None
    return None


def attribute_of(key):
    """The attribute of link.Link that a key of a file belongs to; None of one that netnsctl does not act on."""
    found = find(key)
    return None if found is None else found[0].attribute


def is_acted(key):
    """Does netnsctl act on that key (known or not)?"""
    return attribute_of(key) is not None


def nearest(key):
    """The key that a key nobody knows may have been meant for ('IPADR': 'IPADDR'), or None."""
    import difflib  # imports much, for an error alone
    if key == 'DNS':
        return 'DNS1'
    acted = [field.key for field in FIELDS if field.acted and field.key != 'DNS']
    # One that does something is meant rather than one that does nothing.
    found = difflib.get_close_matches(key.upper(), acted, 1, 0.75) or difflib.get_close_matches(
        key.upper(), [field.key for field in FIELDS if field.key != 'DNS'], 1, 0.75)
    return found[0] if found else None
