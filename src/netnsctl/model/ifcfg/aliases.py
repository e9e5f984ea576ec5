"""ifcfg-DEV:N and ifcfg-DEV-rangeN: more IPv4 addresses of a link, as ifup-aliases of initscripts 9.03.61 reads them.

An address has no label here (eth0:1), which nothing but ifconfig looks at.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing
from netnsctl.model.ifcfg import file_names, lines, link, masks, readers

_RANGE = ('IPADDR_START', 'IPADDR_END', 'CLONENUM_START')


class Alias(object):
    """place: the file. addresses: tuple of 'ADDRESS/PREFIXLEN'; keys: {address: its key}; numbers: {key: its line}.
    gateway: or None. is_left: is it not to come up with its link (ONPARENT=no)?"""
    __slots__ = ('place', 'addresses', 'keys', 'numbers', 'gateway', 'is_left')

    def where(self, key):
        """FILE:LINE of a key, or the file."""
        return '%s:%d' % (self.place, self.numbers[key]) if key in self.numbers else self.place


def read(text, place, name, parent):
    """The Alias that a file ifcfg-NAME describes. parent: the link.Link of its link. UsageError 'FILE:LINE: reason'."""
    found = lines.parse(text, place)
    own = dict((line.key, line) for line in found if line.key is not None)
    device = own.pop('DEVICE', None)
    is_range = file_names.is_range(name)
    if device is not None and not is_range and device.value not in ('', name):
        raise UsageError('%s:%d: DEVICE is %s, but the file is called ifcfg-%s' % (place, device.number, device.value,
                                                                                   name))
    left_out = ('DEVICE',) + (_RANGE + ('PREFIX', 'NETMASK') if is_range else ())
    parsed = link.from_lines([line for line in found if line.key not in left_out], place, name)
    alias = Alias()
    alias.place, alias.gateway = place, parsed.gateway
    alias.numbers = dict((key, line.number) for key, line in own.items())
    if parsed.bootproto == link.DHCP:
        raise UsageError('%s: BOOTPROTO: an alias has an address of its own' % alias.where('BOOTPROTO'))
    try:
        alias.is_left = 'ONPARENT' in own and own['ONPARENT'].value != '' and not readers.switch(own['ONPARENT'].value)
    except UsageError as error:
        raise UsageError('%s: ONPARENT: %s' % (alias.where('ONPARENT'), error.message))
    addresses = _range(alias, own) if is_range else [(address, parsed.keys[address])
                                                             for address in parsed.addresses]
    if not addresses:
        raise UsageError('%s: it has no IPADDR' % place)
    if not any(key.startswith(('PREFIX', 'NETMASK')) and own[key].value for key in own):
        addresses = _with_length_of(parent, alias, addresses)
    alias.addresses, alias.keys = tuple(address for address, _ in addresses), dict(addresses)
    return alias


def _with_length_of(parent, alias, addresses):
    """Where an alias names no length it has that of its link, if that says one."""
    if not any(key.startswith(('PREFIX', 'NETMASK')) for key in parent.numbers) or not parent.addresses:
        return addresses
    length = int(parent.addresses[0].partition('/')[2])
    try:
        return [(readers.with_length(length)(addressing.bare(address)), key) for address, key in addresses]
    except UsageError as error:
        raise UsageError('%s: %s' % (alias.where(addresses[0][1]), error.message))


def _range(alias, own):
    """[(address, 'IPADDR_START')] of a range. UsageError as ifup-aliases complains."""
    values = dict((key, own[key].value) for key in _RANGE if key in own)
    for key in _RANGE[:2]:
        try:
            address = addressing.parse_ip(values.get(key, ''), key)
        except UsageError:
            address = ':'
        if ':' in address:
            raise UsageError('%s: %s: not an IPv4 address: %s' % (alias.where(key), key, values.get(key, 'none')))
    (start, _, first), (end, _, last) = [values[key].rpartition('.') for key in _RANGE[:2]]
    if start != end or int(first) > int(last):
        raise UsageError('%s: IPADDR_END: a range must ascend within one network of 256 addresses' %
        alias.where('IPADDR_END'))
    length = _length_of_range(own, alias)
    found = []
    for number in range(int(first), int(last) + 1):
        try:
            found.append((readers.with_length(length)('%s.%d' % (start, number)), 'IPADDR_START'))
        except UsageError as error:
            raise UsageError('%s: %s' % (alias.where('IPADDR_START'), error.message))
    return found


def _length_of_range(own, alias):
    """The prefix length that a range names with PREFIX or NETMASK; 32 where it names none."""
    for key, read_length in (('PREFIX', masks.prefix_length), ('NETMASK', readers.netmask)):
        if key in own and own[key].value:
            try:
                return read_length(own[key].value)
            except UsageError as error:
                raise UsageError('%s: %s: %s' % (alias.where(key), key, error.message))
    return 32
