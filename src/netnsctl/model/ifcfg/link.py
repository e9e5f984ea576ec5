"""An ifcfg file's values: Link, made of the lines of a file and written as assignments again."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import addressing, shaping
from netnsctl.model.links import kind_named
from netnsctl.model.names import check_ifname
from netnsctl.model.route import Route
from netnsctl.model.ifcfg import masks, readers
from netnsctl.model.ifcfg.fields import DNS_SERVERS, FIELDS, find, nearest
from netnsctl.model.ifcfg.lines import split_words

VLAN_KEYS = frozenset(['VLAN', 'PHYSDEV', 'VLAN_ID', 'VID'])
OVS_KEYS = frozenset(['OVS_BRIDGE', 'OVS_OPTIONS'])
ETHERNET, BRIDGE, OVSPORT = readers.ETHERNET, readers.BRIDGE, readers.OVSPORT
STATIC, DHCP = readers.STATIC, readers.DHCP
DEFAULTS = {'type': ETHERNET, 'onboot': True, 'bootproto': STATIC, 'defroute': True, 'defroute6': True,
             'peerdns': True, 'addresses': (), 'addresses6': (), 'dns': (),
            'nat': False, 'localhost': False, 'open': False, 'publish': (), 'ipv6': False}


class Link(object):
    """What one ifcfg file says of a link.

    device: its name. type: ETHERNET or OVSPORT (an end of a wire) or BRIDGE. netns, peer_netns: endpoint.Target or
    None. wire: the name of the wire, or None. wire_end: 1 or 2, which end of the wire it is, or None. peer: the name of
    the other end, or None. bridge: that it is plugged into, or None. tag: the VLAN of that port, or of a bridge itself,
    or None. anchor: what it hangs on, as endpoint.parse() reads it, or None. onboot, defroute, defroute6, peerdns:
    bool. bootproto: STATIC or DHCP. mac, mtu (bytes), gateway, gatewaydev, metric, window (bytes), srcaddr, gateway6,
    gatewaydev6, domain, res_options: or None. rate, burst, delay, jitter, loss: text as model.shaping has it, or None.
    nat, localhost, open: bool. publish: tuple of text.
    addresses, addresses6: tuples of 'ADDRESS/PREFIXLEN'. ipv6: is IPv6 wanted without any of addresses6?
    scope: of its IPv4 addresses (iproute2's word), or None. dns: tuple of addresses.
    No part of the value: numbers, {key: number of its line}; keys, {address: its key}; remarks, [(number of a line,
    what of it has no effect)].
    """
    VALUES = tuple(sorted(set(field.attribute for field in FIELDS if field.acted)))

    def __init__(self, device, **values):
        self.device, self.numbers, self.keys, self.remarks = device, {}, {}, []
        for name, value in values.items():
            setattr(self, name, value)

    def _key(self):
        return tuple(getattr(self, name) for name in self.VALUES)

    def __eq__(self, other):
        return isinstance(other, Link) and self._key() == other._key()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._key())

    def __repr__(self):
        return 'Link(%s)' % ', '.join('%s=%r' % (name, getattr(self, name)) for name in self.VALUES
                                      if getattr(self, name) != DEFAULTS.get(name))

    @property
    def default_gateway(self):
        """The IPv4 gateway, if this link has a default route through it, else None."""
        return self.gateway if self.defroute and self.gatewaydev in (None, self.device) else None

    @property
    def default_gateway6(self):
        """The same of IPv6."""
        return self.gateway6 if self.defroute6 and self.gatewaydev6 in (None, self.device) else None

    def default_route(self, gateway=None):
        """The IPv4 default route that it asks for, as a Route, or None. gateway: one to take where it has
        none itself. GATEWAYDEV alone makes it one without a gateway, as ifup-eth has it."""
        gateway = self.default_gateway or gateway
        if gateway is None and not (self.defroute and self.gateway is None and self.gatewaydev == self.device):
            return None
        return Route('0.0.0.0/0', gateway, metric=self.metric, src=self.srcaddr,
                                options=self.window and 'window %d' % self.window)

    def replaced(self, **values):
        """A copy with other values."""
        made = Link(**dict((name, getattr(self, name)) for name in self.VALUES))
        for name, value in values.items():
            setattr(made, name, value)
        return made

    @property
    def shaping(self):
        """Pairs, as model.shaping has them."""
        return _shaping_of(self)

    @property
    def uplink(self):
        """Pairs, as model.features.uplink has them."""
        words = [(key, 'yes') for key in ('localhost', 'nat', 'open') if getattr(self, key)]
        return tuple(sorted(words + [('publish', text) for text in self.publish]))

    def differing(self, other):
        """Names of the values in which two Links differ: set."""
        return set(name for name in self.VALUES if getattr(self, name) != getattr(other, name))


for _name in Link.VALUES:
    setattr(Link, _name, DEFAULTS.get(_name))  # what a file does not say, and most say little, takes no room


def _shaping_of(link):
    return tuple((key, getattr(link, key)) for key in shaping.KEYS if getattr(link, key))


# From a file

def from_lines(found, place, device):
    """The Link that a file's lines (lines.parse) describe. UsageError 'FILE:LINE: reason'.

    device: what the file's name says, ifcfg-DEVICE.
    """
    values, numbers, link = {}, {}, Link(device)
    reader = _Reader(values, numbers, place)
    for line in found:
        if line.key is not None:
            _take_line(line, place, reader)
    reader.leave_mac()
    reader.leave_others_words()
    if set(values) & OVS_KEYS or values.get('TYPE', '').lower() == OVSPORT.lower():
        ovs_keys().settle(reader)
    for key, attribute, read in readers.READERS:
        if key in values:
            setattr(link, attribute, reader.call(key, read))
    if (link.anchor or '').startswith('ovs://'):
        ovs_keys().take_apart(link)
    else:
        for line in found:
            if (line.key, line.value and line.value.lower()) == ('DEVICETYPE', 'ovs'):
                raise UsageError('%s:%d: DEVICETYPE: ovs goes with TYPE=%s here' % (place, line.number, OVSPORT))
    if set(values) & VLAN_KEYS:
        from netnsctl.model.ifcfg import vlan_keys  # few files have them
        vlan_keys.settle(reader, link, link.device or device)
    if 'BOOTP' in values and reader.call('BOOTP', readers.switch):
        link.bootproto = DHCP  # ifup-eth: "Old BOOTP variable"
    if link.bootproto == DHCP:
        reader.leave_to_dhcp()
    link.device = device if link.device is None else link.device
    if link.device != device:
        raise UsageError('%s:%d: DEVICE is %s, but the file is called ifcfg-%s'
                         % (place, numbers['DEVICE'], link.device, device))
    link.addresses, link.addresses6 = reader.addresses(), reader.addresses6()
    link.ipv6 = not link.addresses6 and reader.wants_ipv6()
    link.dns, link.gateway, link.gateway6 = reader.dns(), reader.gateway(), reader.gateway6(device)
    link.numbers, link.keys = numbers, reader.keys
    _refuse_nonsense(link, place, numbers, values)
    link.remarks = sorted(reader.remarks + _remarks(link))
    return link


def ovs_keys():
    from netnsctl.model.ifcfg import ovs_keys as found  # few files have them
    return found


def _take_line(line, place, reader):
    """Notes what a line says in a _Reader. UsageError for an unknown key, or one that makes it another kind of link."""
    known = find(line.key)
    if known is None:
        meant = nearest(line.key)
        raise UsageError('%s:%d: no key %s%s' % (place, line.number, line.key, meant and '; %s?' % meant or ''))
    if known[0].refuses(line.value):
        raise UsageError('%s:%d: %s: it makes the link %s, but a file here describes the end of a veth or a bridge '
                         '(TYPE=Bridge)' % (place, line.number, line.key, known[0].other))
    reader.numbers[line.key] = line.number
    if known[0].acted and line.value != '':
        reader.values[line.key] = line.value
        reader.indexes.setdefault(known[0].key, []).append(known[1])


def _remarks(link):
    """What has no effect beside other values of a Link: [(number of its line, text)]."""
    found = []
    for gateway, wins, key, device, word in (
            (link.gateway, link.default_gateway, 'GATEWAY', link.gatewaydev, 'GATEWAYDEV'),
            (link.gateway6, link.default_gateway6, 'IPV6_DEFAULTGW', link.gatewaydev6, 'IPV6_DEFAULTDEV')):
        if gateway is not None and wins is None and device not in (None, link.device):
            found.append((link.numbers[key], '%s has no effect here: %s is %s' % (key, word, device)))
    if link.gatewaydev6 is not None and link.gateway6 is None:
        found.append((link.numbers['IPV6_DEFAULTDEV'],
                      'IPV6_DEFAULTDEV has no effect here: a veth needs a gateway (IPV6_DEFAULTGW)'))
    for at in range(DNS_SERVERS, len(link.dns)):
        found.append((link.numbers[link.keys['DNS', at]], '%s: only the first %d servers are asked (resolv.conf(5))' % (
            link.keys['DNS', at], DNS_SERVERS)))
    return found


class _Reader(object):
    """values: {key: text} of the keys that are acted on; indexes: {key without its number: its numbers, None for one
    that has none}; numbers: {key: line}."""

    def __init__(self, values, numbers, place):
        self.values, self.numbers, self.place = values, numbers, place
        self.indexes, self.keys, self.remarks = {}, {}, []

    def call(self, key, read):
        try:
            return read(self.values[key])
        except UsageError as error:
            raise self.wrong(key, error.message)

    def wrong(self, key, why):
        return UsageError('%s:%d: %s: %s' % (self.place, self.numbers[key], key, why))

    def indexed(self, key):
        """The indexes with which a key appears, in order: None first."""
        return sorted(self.indexes.get(key, ()), key=lambda index: -1 if index is None else index)

    def leave_to_dhcp(self):
        """What ifup-eth does not look at beside BOOTPROTO=dhcp: the lease has a mask and routers of its own."""
        for word, why in (('GATEWAY', 'the gateway'), ('NETMASK', 'the mask'), ('PREFIX', 'the mask')):
            for index in self.indexed(word):
                suffix = '' if index is None else '%d' % index
                if word != 'GATEWAY' and 'IPADDR' + suffix in self.values:
                    continue
                key = word + suffix
                del self.values[key]
                self.indexes[word].remove(index)
                self.remarks.append((self.numbers[key], '%s has no effect here: BOOTPROTO is dhcp, and %s comes '
                                     'from the server' % (key, why)))

    def leave_mac(self):
        """NetworkManager's words for a generated or permanent MAC address: a wire has its own."""
        if self.values.get('MACADDR', '').lower() in ('permanent', 'preserve', 'random', 'stable', 'stable-ssid'):
            self.remarks.append((self.numbers['MACADDR'], 'MACADDR has no effect here: %s, and the link gets a MAC '
                                 'address of its own' % self.values.pop('MACADDR')))

    def leave_others_words(self):
        """DELAY is also the forward delay of a bridge, in seconds, and RATE that of a wireless link."""
        for key, is_other, why in (
                ('DELAY', self.values.get('TYPE', '').lower() == 'bridge', 'bridges keep what the kernel gives them'),
                ('DELAY', self.values.get('DELAY', '').isdigit(), 'without a unit it is the forward delay of a bridge'),
                ('RATE', re.match(r'(auto|[0-9.]+M\Z)', self.values.get('RATE', ''), re.IGNORECASE),
                 'of a wireless link')):
            if is_other and self.values.pop(key, None) is not None:
                self.remarks.append((self.numbers[key], '%s has no effect here: %s' % (key, why)))

    def addresses(self):
        """IPADDRn with PREFIXn, else NETMASKn, else the class of the address, as ifup-eth has it."""
        found = []
        for index in self.indexed('IPADDR'):
            suffix = '' if index is None else '%d' % index
            key = 'IPADDR' + suffix
            if not re.match(r'[0-9.]{1,15}\Z', self.values[key]):
                raise self.wrong(key, 'not an IPv4 address: %s%s' % (
                    self.values[key], ' (IPV6ADDR takes those)' if ':' in self.values[key] else ''))
            length = self._length(suffix)
            found.append(self.call(key, readers.with_length(length)))
            self.keys[found[-1]] = key
        for key in ('PREFIX', 'NETMASK'):
            for index in self.indexed(key):
                suffix = '' if index is None else '%d' % index
                # ifup-eth looks at those of an IPADDRn alone. Without a number it is more likely a slip.
                if 'IPADDR' + suffix not in self.values and suffix in ('', '0'):
                    raise self.wrong(key + suffix, 'there is no IPADDR%s for it' % suffix)
                if 'IPADDR' + suffix not in self.values:
                    self.remarks.append((self.numbers[key + suffix], '%s%s has no effect here: there is no IPADDR%s'
                                         % (key, suffix, suffix)))
        if len(set(addressing.bare(address) for address in found)) < len(found):
            raise self.wrong('IPADDR' if 'IPADDR' in self.values else sorted(
                key for key in self.values if key.startswith('IPADDR'))[-1], 'the same address is given twice')
        return tuple(found)

    def _length(self, suffix):
        if 'PREFIX' + suffix in self.values:
            return self.call('PREFIX' + suffix, masks.prefix_length)
        if 'NETMASK' + suffix in self.values:
            return self.call('NETMASK' + suffix, readers.netmask)
        return self.call('IPADDR' + suffix, masks.class_length)

    def addresses6(self):
        """IPV6ADDR and IPV6ADDR_SECONDARIES, /64 where they have no length; none without IPV6INIT=yes."""
        found = []
        for key in ('IPV6ADDR', 'IPV6ADDR_SECONDARIES'):
            for text in split_words(self.values.get(key, '')):
                try:
                    address = addressing.parse_address(text if '/' in text else text + '/64')
                except UsageError as error:
                    raise self.wrong(key, error.message)
                if ':' not in address:
                    raise self.wrong(key, '%s is not an IPv6 address' % text)
                found.append(address)
                self.keys[address] = key
        if 'IPV6INIT' in self.values and not self.wants_ipv6():
            self._leave_ipv6()
            return ()
        if found and not self.wants_ipv6():
            raise self.wrong('IPV6ADDR' if 'IPV6ADDR' in self.values else 'IPV6ADDR_SECONDARIES',
                             'IPV6INIT=yes is needed with it')
        if len(set(addressing.bare(address) for address in found)) < len(found):
            raise self.wrong('IPV6ADDR_SECONDARIES', 'the same address is given twice')
        return tuple(found)

    def wants_ipv6(self):
        """Is IPV6INIT yes?"""
        return 'IPV6INIT' in self.values and self.call('IPV6INIT', readers.switch)

    def _leave_ipv6(self):
        """ifup-ipv6 does nothing where IPV6INIT is no."""
        for key in ('IPV6ADDR', 'IPV6ADDR_SECONDARIES', 'IPV6_DEFAULTGW'):
            if self.values.pop(key, None) is not None:
                self.remarks.append((self.numbers[key], '%s has no effect here: IPV6INIT is %s' % (
                    key, self.values['IPV6INIT'])))
        self.keys = dict((address, key) for address, key in self.keys.items() if key in self.values)

    def dns(self):
        found = []
        for index in self.indexed('DNS'):
            key = 'DNS%d' % index
            # Several in one, as some write them; the values of initscripts are split by the shell, too.
            for word in split_words(self.values[key]):
                try:
                    server = addressing.parse_server(word)
                except UsageError as error:
                    raise self.wrong(key, error.message)
                self.keys['DNS', len(found)] = key
                found.append(server)
        return tuple(found)

    def gateway(self):
        """GATEWAY, else the first of NetworkManager's GATEWAY0, GATEWAY1 ..."""
        found = ['GATEWAY' + ('' if index is None else '%d' % index) for index in self.indexed('GATEWAY')]
        read = [(key, self.call(key, readers.gateway_of(4))) for key in found]
        for key, address in read[1:]:
            if address != read[0][1]:
                self.remarks.append((self.numbers[key], '%s has no effect here: %s is the default gateway' % (
                    key, found[0])))
        if found:
            self.numbers.setdefault('GATEWAY', self.numbers[found[0]])
        return read[0][1] if read else None

    def gateway6(self, device):
        """IPV6_DEFAULTGW, which may name its link: ADDRESS%LINK. One of another link is not for this one
        (ipv6_set_default_route() of network-functions-ipv6), and :: is none."""
        if 'IPV6_DEFAULTGW' not in self.values:
            return None
        address, percent, zone = self.values['IPV6_DEFAULTGW'].partition('%')
        if address == '::':
            return None
        try:
            address = readers.gateway_of(6)(address)
            if percent:
                check_ifname(zone)
        except UsageError as error:
            raise self.wrong('IPV6_DEFAULTGW', error.message)
        if zone and zone != device:
            self.remarks.append((self.numbers['IPV6_DEFAULTGW'], 'IPV6_DEFAULTGW has no effect here: it is one of the '
                                                                 'link %s' % zone))
            return None
        return address


def _plugs_in(anchor):
    """May a link that hangs on that be a port of a bridge?"""
    return anchor is not None and kind_named(anchor.partition('://')[0]).plugs_in


def _refuse_nonsense(link, place, numbers, values):
    """UsageError for keys that do not go together."""
    def wrong(key, why):
        raise UsageError('%s:%d: %s: %s' % (place, numbers[key], key, why))

    if link.type == BRIDGE:
        for key in ('PEER', 'PEER_NETNS', 'BRIDGE', 'ANCHOR', 'VLAN', 'WIRE', 'GATEWAY', 'IPV6_DEFAULTGW', 'MACADDR',
                    'MTU', 'RATE', 'BURST', 'DELAY', 'JITTER', 'LOSS', 'PUBLISH', 'PUBLISH_LOCALHOST'):
            if key in values:
                wrong(key, 'a bridge has none here')
        if link.bootproto == DHCP:
            wrong('BOOTPROTO', 'a bridge that netnsctl makes gets its addresses from here')
    if 'BRIDGE_VLANS' in values and link.type != BRIDGE:
        wrong('BRIDGE_VLANS', 'it is for a bridge (TYPE=Bridge); the port of one has BRIDGE_PORT_VLANS')
    if 'BRIDGE_PORT_VLANS' in values and link.bridge is None:
        wrong('BRIDGE_PORT_VLANS', 'there is no BRIDGE for it')
    for key in ('PEER', 'PEER_NETNS') + (() if _plugs_in(link.anchor) else ('BRIDGE',)):
        if link.anchor is not None and key in values and (key, link.type) != ('PEER', OVSPORT):
            wrong(key, 'the link is attached to %s and has no other end' % link.anchor)
    if link.bootproto == DHCP and link.addresses:
        wrong('BOOTPROTO', 'dhcp, but IPADDR is given too')
    try:
        shaping.in_order(dict(_shaping_of(link)))
    except UsageError as error:
        wrong(error.message.partition('=')[0].upper(), error.message)
