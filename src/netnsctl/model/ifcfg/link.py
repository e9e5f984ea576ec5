"""An ifcfg file's values: Link, made of the lines of a file and written as assignments again."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.endpoint import check_ifname, check_mtu, check_wire_name
from netnsctl.model.ifcfg import masks, spaces
from netnsctl.model.ifcfg.fields import FIELDS, find, nearest
from netnsctl.model.ifcfg.lines import split_words

ETHERNET, BRIDGE = 'Ethernet', 'Bridge'
STATIC, DHCP = 'none', 'dhcp'
_TYPES = {'ethernet': ETHERNET, 'veth': ETHERNET, 'bridge': BRIDGE}
# initscripts take anything but dhcp and bootp for static; netnsctl takes what is meant so, and refuses misspellings.
_BOOTPROTO = {'none': STATIC, 'static': STATIC, 'dhcp': DHCP}
_DOMAIN = re.compile(r'[A-Za-z0-9_.-]+( [A-Za-z0-9_.-]+)*\Z')
_DEFAULTS = {'type': ETHERNET, 'onboot': True, 'bootproto': STATIC, 'defroute': True, 'addresses': (), 'addresses6': (),
             'dns': ()}
_SCOPES = ('global', 'site', 'link', 'host')


class Link(object):
    """What one ifcfg file says of a link.

    device: its name. type: ETHERNET (an end of a wire) or BRIDGE. netns, peer_netns: endpoint.Target or None. wire: the
    name of the wire, or None. peer: the name of the other end, or None. bridge: that it is plugged into, or None.
    onboot, defroute: bool. bootproto: STATIC or DHCP. mac, mtu (bytes), gateway, metric, srcaddr, gateway6, domain: or
    None. addresses, addresses6: tuples of 'ADDRESS/PREFIXLEN'. scope: of its IPv4 addresses (iproute2's word), or None.
    dns: tuple of addresses. No part of the value: numbers, {key: number of its line}; keys, {address: its key}.
    """
    VALUES = tuple(sorted(set(field.attribute for field in FIELDS if field.acted)))
    __slots__ = VALUES + ('numbers', 'keys')

    def __init__(self, device, **values):
        for name in self.VALUES:
            setattr(self, name, _DEFAULTS.get(name))
        self.device, self.numbers, self.keys = device, {}, {}
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
                                      if getattr(self, name) != _DEFAULTS.get(name))

    def replaced(self, **values):
        """A copy with other values."""
        made = Link(**dict((name, getattr(self, name)) for name in self.VALUES))
        for name, value in values.items():
            setattr(made, name, value)
        return made

    def differing(self, other):
        """Names of the values in which two Links differ: set."""
        return set(name for name in self.VALUES if getattr(self, name) != getattr(other, name))


# From a file

def from_lines(found, place, device):
    """The Link that a file's lines (lines.parse) describe. UsageError 'FILE:LINE: reason'.

    device: what the file's name says, ifcfg-DEVICE.
    """
    values, numbers, link = {}, {}, Link(device)
    reader = _Reader(values, numbers, place)
    for line in found:
        if line.key is None:
            continue
        known = find(line.key)
        if known is None:
            meant = nearest(line.key)
            raise UsageError('%s:%d: no key %s%s' % (place, line.number, line.key, meant and '; %s?' % meant or ''))
        numbers[line.key] = line.number
        if known[0].acted and line.value != '':
            values[line.key] = line.value
            reader.indexes.setdefault(known[0].key, []).append(known[1])
    for key, attribute, read in _READERS:
        if key in values:
            setattr(link, attribute, reader.call(key, read))
    link.device = device if link.device is None else link.device
    if link.device != device:
        raise UsageError('%s:%d: DEVICE is %s, and the file is called ifcfg-%s'
                         % (place, numbers['DEVICE'], link.device, device))
    link.addresses = reader.addresses()
    link.addresses6 = reader.addresses6()
    link.dns = reader.dns()
    link.numbers, link.keys = numbers, reader.keys
    _refuse_nonsense(link, place, numbers)
    return link


class _Reader(object):
    """values: {key: text} of the keys that are acted on; indexes: {key without its number: its numbers, None for one
    that has none}; numbers: {key: line}."""

    def __init__(self, values, numbers, place):
        self.values, self.numbers, self.place = values, numbers, place
        self.indexes, self.keys = {}, {}

    def call(self, key, read):
        try:
            return read(self.values[key])
        except UsageError as error:
            raise self.wrong(key, error.message)

    def wrong(self, key, why):
        return UsageError('%s:%d: %s: %s' % (self.place, self.numbers[key], key, why))

    def indexed(self, key):
        """The indexes with which a key stands, in order: None first."""
        return sorted(self.indexes.get(key, ()), key=lambda index: -1 if index is None else index)

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
            found.append(self.call(key, _with_length(length)))
            self.keys[found[-1]] = key
        for key in ('PREFIX', 'NETMASK'):
            for index in self.indexed(key):
                suffix = '' if index is None else '%d' % index
                if 'IPADDR' + suffix not in self.values:
                    raise self.wrong(key + suffix, 'there is no IPADDR%s for it' % suffix)
        if len(set(addressing.bare(address) for address in found)) < len(found):
            raise self.wrong('IPADDR' if 'IPADDR' in self.values else sorted(
                key for key in self.values if key.startswith('IPADDR'))[-1], 'the same address stands twice')
        return tuple(found)

    def _length(self, suffix):
        if 'PREFIX' + suffix in self.values:
            return self.call('PREFIX' + suffix, masks.prefix_length)
        if 'NETMASK' + suffix in self.values:
            return self.call('NETMASK' + suffix, _netmask)
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
                    raise self.wrong(key, '%s is no IPv6 address' % text)
                found.append(address)
                self.keys[address] = key
        is_on = self.call('IPV6INIT', _switch) if 'IPV6INIT' in self.values else False
        if found and not is_on:
            raise self.wrong('IPV6ADDR' if 'IPV6ADDR' in self.values else 'IPV6ADDR_SECONDARIES',
                             'IPV6INIT=yes is needed with it')
        if len(set(addressing.bare(address) for address in found)) < len(found):
            raise self.wrong('IPV6ADDR_SECONDARIES', 'the same address stands twice')
        return tuple(found)

    def dns(self):
        return tuple(self.call('DNS%d' % index, lambda text: addressing.parse_ip(text, 'the server'))
                     for index in self.indexed('DNS'))


def _with_length(length):
    return lambda text: addressing.parse_address('%s/%d' % (text, length))


def _switch(text):
    if text.lower() in ('yes', 'true', '1', 'on'):
        return True
    if text.lower() in ('no', 'false', '0', 'off'):
        return False
    raise UsageError('neither yes nor no: %s' % text)


def _netmask(text):
    length = masks.mask_length(text)
    if not length:
        raise UsageError('not the mask of a host\'s address: %s' % text)
    return length


def _ifname(text):
    check_ifname(text)
    return text


def _word_of(table, what):
    def read(text):
        if text.lower() not in table:
            raise UsageError('%s is not one of the %s %s' % (text, what, ', '.join(sorted(table))))
        return table[text.lower()]
    return read


def _gateway(family):
    def read(text):
        address = addressing.parse_ip(text, 'the gateway')
        if addressing.family_of(address) != family:
            raise UsageError('%s is no IPv%d address' % (text, family))
        return address
    return read


def _metric(text):
    if not re.match(r'[0-9]{1,10}\Z', text) or int(text) > 0xffffffff:
        raise UsageError('not a metric: %s' % text)
    return int(text) or None  # 0 is what the kernel takes where nothing is said


def _scope(text):
    """`link`, or `scope link` as ifup-eth passes it on."""
    words = split_words(text)
    word = words[-1] if words[:1] == ['scope'] and len(words) == 2 else text
    if word not in _SCOPES:
        raise UsageError('%s is not one of the scopes %s' % (text, ', '.join(_SCOPES)))
    return word


def _domain(text):
    if not _DOMAIN.match(text):
        raise UsageError('not a domain: %s' % text)
    return text


_READERS = (
    ('DEVICE', 'device', _ifname), ('TYPE', 'type', _word_of(_TYPES, 'types')),
    ('NETNS', 'netns', spaces.parse_target), ('WIRE', 'wire', check_wire_name), ('PEER', 'peer', _ifname),
    ('PEER_NETNS', 'peer_netns', spaces.parse_target), ('BRIDGE', 'bridge', _ifname), ('ONBOOT', 'onboot', _switch),
    ('BOOTPROTO', 'bootproto', _word_of(_BOOTPROTO, 'protocols')), ('MACADDR', 'mac', addressing.parse_mac),
    ('MTU', 'mtu', check_mtu), ('SCOPE', 'scope', _scope), ('GATEWAY', 'gateway', _gateway(4)),
    ('DEFROUTE', 'defroute', _switch), ('METRIC', 'metric', _metric), ('SRCADDR', 'srcaddr', _gateway(4)),
    ('IPV6_DEFAULTGW', 'gateway6', _gateway(6)), ('DOMAIN', 'domain', _domain),
)


def _refuse_nonsense(link, place, numbers):
    """UsageError for keys that do not go together."""
    def wrong(key, why):
        raise UsageError('%s:%d: %s: %s' % (place, numbers[key], key, why))

    if link.type == BRIDGE:
        for key in ('PEER', 'PEER_NETNS', 'BRIDGE', 'WIRE', 'GATEWAY', 'IPV6_DEFAULTGW', 'MACADDR', 'MTU'):
            if key in numbers:
                wrong(key, 'a bridge has none here')
        if link.bootproto == DHCP:
            wrong('BOOTPROTO', 'a bridge of netnsctl\'s has its addresses from here')
    if link.bootproto == DHCP and link.addresses:
        wrong('BOOTPROTO', 'dhcp, and IPADDR too')
    if link.gateway is not None and link.bootproto == STATIC and not link.addresses:
        wrong('GATEWAY', 'there is no address that it could be reached from')


# To a file

def to_items(link, only=None):
    """The assignments of a Link, in the order of FIELDS: list of (key, value). only: of these attributes alone.

    UsageError where a value cannot stand in a file.
    """
    items, written = [], set()
    for field in FIELDS:
        if not field.acted or field.attribute in written or only is not None and field.attribute not in only:
            continue
        written.add(field.attribute)
        items += _WRITERS[field.attribute](link) if field.attribute in _WRITERS else _write(field, link)
    for key, value in items:
        known = find(key)
        if known[0].bare and not re.match(r'[A-Za-z0-9_.@+-]+\Z', value):
            raise UsageError('%s %s: cannot be saved: initscripts look for it without quotes' % (key, value))
    return items


def _write(field, link):
    value = getattr(link, field.attribute)
    if value is None or value == _DEFAULTS.get(field.attribute, ()) and field.key not in ('ONBOOT', 'BOOTPROTO'):
        return []
    return [(field.key, ('yes' if value else 'no') if isinstance(value, bool) else '%s' % value)]


def _write_addresses(link):
    items = []
    for index, address in enumerate(link.addresses):
        suffix = '%d' % index if len(link.addresses) > 1 else ''
        ip, _, length = address.partition('/')
        items += [('IPADDR' + suffix, ip), ('PREFIX' + suffix, length)]
    return items


def _write_addresses6(link):
    if not link.addresses6:
        return []
    items = [('IPV6INIT', 'yes'), ('IPV6ADDR', link.addresses6[0])]
    return items + ([('IPV6ADDR_SECONDARIES', ' '.join(link.addresses6[1:]))] if link.addresses6[1:] else [])


def _write_scope(link):
    return [('SCOPE', 'scope ' + link.scope)] if link.scope else []


def _write_dns(link):
    return [('DNS%d' % number, server) for number, server in enumerate(link.dns, 1)]


_WRITERS = {'addresses': _write_addresses, 'addresses6': _write_addresses6, 'scope': _write_scope, 'dns': _write_dns}
