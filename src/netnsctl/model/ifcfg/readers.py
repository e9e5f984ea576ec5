"""The values of single keys of an ifcfg file: text to what it means."""
from __future__ import absolute_import, division, print_function

import re
from functools import partial

from netnsctl.errors import UsageError
from netnsctl.model import addressing, endpoint, shaping
from netnsctl.model.names import check_ifname, check_mtu, check_wire_name
from netnsctl.model.features import uplink
from netnsctl.model.ifcfg import masks, spaces
from netnsctl.model.links import ANCHORS, vlan_id
from netnsctl.model.ifcfg.lines import split_words

ETHERNET, BRIDGE, OVSPORT = 'Ethernet', 'Bridge', 'OVSPort'
STATIC, DHCP = 'none', 'dhcp'
_TYPES = {'ethernet': ETHERNET, 'veth': ETHERNET, 'vlan': ETHERNET, 'bridge': BRIDGE, 'ovsport': OVSPORT}
# initscripts take anything but dhcp and bootp for static; netnsctl takes what is meant so, and refuses misspellings.
PROTOCOLS = {'none': STATIC, 'static': STATIC, 'dhcp': DHCP, 'bootp': DHCP}
SCOPES = ('global', 'site', 'link', 'host')
_DOMAIN = re.compile(r'[A-Za-z0-9_.-]+( [A-Za-z0-9_.-]+)*\Z')
_RES_OPTIONS = re.compile(r'[a-z0-9:-]+( [a-z0-9:-]+)*\Z')
_U32 = 0xffffffff


def with_length(length):
    """Function of an IPv4 address without a length: the same with this one. UsageError."""
    return lambda text: addressing.parse_address('%s/%d' % (text, length))


def switch(text):
    """yes or no, as initscripts and NetworkManager write them -> bool. UsageError."""
    if text.lower() in ('yes', 'y', 'true', 't', '1', 'on'):
        return True
    if text.lower() in ('no', 'n', 'false', 'f', '0', 'off'):
        return False
    raise UsageError('neither yes nor no: %s' % text)


def netmask(text):
    """'255.255.255.0' -> 24. UsageError."""
    length = masks.mask_length(text)
    if not length:
        raise UsageError('not the mask of a host\'s address: %s' % text)
    return length


def _ifname(text):
    check_ifname(text)
    return text


def anchor(text):
    """An end of a wire that has no link of its own, as the command line has it ('macvlan://eth0=mode=vepa')."""
    end = endpoint.parse(text)
    if not end.target.has_no_link:
        raise UsageError('%s: not something on the host that a link can hang on; known are %s' % (
            text, ' '.join('%s://' % scheme for scheme in ANCHORS if scheme != 'bridge')))
    return str(end)


def _word_of(table, what):
    def read(text):
        if text.lower() not in table:
            raise UsageError('%s is not one of the %s %s' % (text, what, ', '.join(sorted(table))))
        return table[text.lower()]
    return read


def gateway_of(family):
    """Function of a gateway of that family (4 or 6): its normal form. UsageError."""
    def read(text):
        address = addressing.parse_ip(text, 'the gateway')
        if addressing.family_of(address) != family:
            raise UsageError('%s is not an IPv%d address' % (text, family))
        return address
    return read


def _number(what):
    def read(text):
        if not re.match(r'[0-9]{1,10}\Z', text) or int(text) > _U32:
            raise UsageError('not a %s: %s' % (what, text))
        return int(text) or None  # 0 is the kernel's default
    return read


def _scope(text):
    """`link`, or `scope link` as ifup-eth passes it on."""
    words = split_words(text)
    word = words[-1] if words[:1] == ['scope'] and len(words) == 2 else text
    if word not in SCOPES:
        raise UsageError('%s is not one of the scopes %s' % (text, ', '.join(SCOPES)))
    return word


def _tag(text):
    words = split_words(text)
    if sorted(words[1:]) != ['pvid', 'untagged']:
        raise UsageError('%s: netnsctl puts a port into one VLAN, without tags: "100 pvid untagged"' % text)
    return vlan_id(words[0])


def _publish(text):
    """Ports, as `publish=` has them, with blanks between: tuple of text."""
    return tuple(sorted(uplink.shown(uplink.parse_publish(word)) for word in split_words(text)))


def _end(text):
    if text not in ('1', '2'):
        raise UsageError('not an end of a wire: %s (1 or 2)' % text)
    return int(text)


def _domain(text):
    text = ' '.join(split_words(text))
    if not _DOMAIN.match(text):
        raise UsageError('not a domain: %s' % text)
    return text


def _res_options(text):
    text = ' '.join(split_words(text))
    if not _RES_OPTIONS.match(text):
        raise UsageError('not options of resolv.conf(5): %s' % text)
    return text


# (key, attribute of link.Link, how its value is read)
READERS = (
    ('DEVICE', 'device', _ifname), ('TYPE', 'type', _word_of(_TYPES, 'types')),
    ('NETNS', 'netns', spaces.parse_target), ('WIRE', 'wire', check_wire_name),
    ('WIRE_END', 'wire_end', _end), ('PEER', 'peer', _ifname),
    ('PEER_NETNS', 'peer_netns', spaces.parse_target), ('ANCHOR', 'anchor', anchor), ('BRIDGE', 'bridge', _ifname),
    ('BRIDGE_PORT_VLANS', 'tag', _tag), ('BRIDGE_VLANS', 'tag', _tag),
    ('ONBOOT', 'onboot', switch),
    ('BOOTPROTO', 'bootproto', _word_of(PROTOCOLS, 'protocols')), ('MACADDR', 'mac', addressing.parse_mac),
    ('MTU', 'mtu', check_mtu), ('SCOPE', 'scope', _scope), ('GATEWAYDEV', 'gatewaydev', _ifname),
    ('DEFROUTE', 'defroute', switch), ('METRIC', 'metric', _number('metric')),
    ('WINDOW', 'window', _number('window in bytes')), ('SRCADDR', 'srcaddr', gateway_of(4)),
    ('IPV6_DEFAULTDEV', 'gatewaydev6', _ifname),
    ('IPV6_DEFROUTE', 'defroute6', switch), ('DOMAIN', 'domain', _domain), ('RES_OPTIONS', 'res_options', _res_options),
    ('PEERDNS', 'peerdns', switch), ('NAT', 'nat', switch), ('PUBLISH', 'publish', _publish),
    ('PUBLISH_LOCALHOST', 'localhost', switch), ('FORWARD_OPEN', 'open', switch),
) + tuple((key.upper(), key, partial(shaping.read, key)) for key in shaping.KEYS)
