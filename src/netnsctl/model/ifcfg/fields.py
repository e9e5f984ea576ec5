"""FIELDS: every key that an ifcfg file of the tree may have, in the order in which they are written.

The parser, the writer and the template are all driven by it. A key has the meaning that initscripts 9.03.40 (EL6) give
it in sysconfig.txt and ifup-eth; NETNS, WIRE, PEER and PEER_NETNS are netnsctl's own.
"""
from __future__ import absolute_import, division, print_function

import re

INDEXES = 256  # ifup-eth looks at IPADDR, IPADDR0 .. IPADDR255
DNS_SERVERS = 3  # resolv.conf(5), MAXNS


class Field(object):
    """key: as it stands in a file. attribute: of link.Link that holds it; None where netnsctl does not act on it.
    indexed: may also stand with a number. bare: never quoted, for initscripts grep it."""
    __slots__ = ('key', 'attribute', 'indexed', 'bare')

    def __init__(self, key, attribute=None, indexed=False, bare=False):
        self.key, self.attribute, self.indexed, self.bare = key, attribute, indexed, bare

    @property
    def acted(self):
        """Does netnsctl act on it?"""
        return self.attribute is not None


FIELDS = (
    Field('DEVICE', 'device', bare=True),
    Field('TYPE', 'type'),
    Field('NETNS', 'netns'),
    Field('WIRE', 'wire'),
    Field('PEER', 'peer'),
    Field('PEER_NETNS', 'peer_netns'),
    Field('BRIDGE', 'bridge'),
    Field('ONBOOT', 'onboot'),
    Field('BOOTPROTO', 'bootproto'),
    Field('MACADDR', 'mac'),
    Field('MTU', 'mtu'),
    Field('IPADDR', 'addresses', indexed=True),
    Field('PREFIX', 'addresses', indexed=True),
    Field('NETMASK', 'addresses', indexed=True),
    Field('SCOPE', 'scope'),
    Field('GATEWAY', 'gateway'),
    Field('DEFROUTE', 'defroute'),
    Field('METRIC', 'metric'),
    Field('SRCADDR', 'srcaddr'),
    Field('IPV6INIT', 'addresses6'),
    Field('IPV6ADDR', 'addresses6'),
    Field('IPV6ADDR_SECONDARIES', 'addresses6'),
    Field('IPV6_DEFAULTGW', 'gateway6'),
    Field('DNS', 'dns', indexed=True),
    Field('DOMAIN', 'domain'),
) + tuple(Field(key) for key in (
    # initscripts know these, and NetworkManager; here they have no effect.
    'ARPCHECK', 'ARPUPDATE', 'AUTOCONNECT_PRIORITY', 'BONDING_OPTS', 'BRIDGING_OPTS', 'BROADCAST', 'BROWSER_ONLY',
    'CONNECTION_METERED', 'DELAY', 'DEVICETYPE', 'DHCLIENTARGS', 'DHCLIENT_IGNORE_GATEWAY', 'DHCPRELEASE', 'DHCPV6C',
    'DHCP_CLIENT_ID', 'DHCP_HOSTNAME', 'DHCP_SEND_HOSTNAME', 'DOWNDELAY', 'ETHTOOL_OPTS', 'HOTPLUG',
    'IPV4_FAILURE_FATAL',
    'IPV6FORWARDING', 'IPV6TO4INIT', 'IPV6_ADDR_GEN_MODE', 'IPV6_AUTOCONF', 'IPV6_DEFAULTDEV', 'IPV6_DEFROUTE',
    'IPV6_DISABLED', 'IPV6_FAILURE_FATAL', 'IPV6_MTU', 'IPV6_PEERDNS', 'IPV6_PEERROUTES', 'IPV6_PRIVACY', 'ISALIAS',
    'LINKDELAY', 'MASTER', 'NAME', 'NETWORK', 'NM_CONTROLLED', 'NOZEROCONF', 'PEERDNS', 'PEERNTP', 'PEERROUTES',
    'PERSISTENT_DHCLIENT', 'PROXY_METHOD', 'SLAVE', 'STP', 'SUBCHANNELS', 'UPDELAY', 'USERCTL', 'UUID', 'VLAN',
    'WINDOW', 'ZONE')) + (Field('HWADDR', bare=True),)

_BY_KEY = dict((field.key, field) for field in FIELDS)
_NUMBERED = re.compile(r'([A-Z_]+?)(0|[1-9][0-9]{0,2})\Z')


def find(key):
    """(Field, index) of a key in a file; index is None for one without a number. None where nobody knows the key."""
    field = _BY_KEY.get(key)
    if field is not None:
        # DNS is written with a number only: DNS1, DNS2.
        return None if field.key == 'DNS' else (field, None)
    match = _NUMBERED.match(key)
    field = _BY_KEY.get(match.group(1)) if match else None
    if field is None or not field.indexed:
        return None
    number = int(match.group(2))
    if field.key == 'DNS':
        return (field, number) if 1 <= number <= DNS_SERVERS else None
    return (field, number) if number < INDEXES else None


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
    found = difflib.get_close_matches(key.upper(), [field.key for field in FIELDS if field.key != 'DNS'], 1, 0.75)
    return found[0] if found else None
