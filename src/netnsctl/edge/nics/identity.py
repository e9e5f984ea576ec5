"""What tells a NIC from every other link, whatever a container does to it: the device that it belongs to, and the MAC
address that it was built with. ethtool(8)'s ioctls, in the namespace that the NIC is in; linux/ethtool.h.

A container can change its name, MAC address, alias and index, and give any of them to another link. It cannot make a
link without an rtnetlink kind on a device of the host's.
"""
from __future__ import absolute_import, division, print_function

import ctypes
import errno
import struct
from binascii import hexlify
from fcntl import ioctl

from netnsctl.compat import native, to_bytes
from netnsctl.edge import link_nodes
from netnsctl.edge.netlink.reading import LINK, attributes
from netnsctl.edge.netlink.rtnl import RTM_GETLINK
from netnsctl.errors import NetnsctlError

SIOCETHTOOL, ETHTOOL_GDRVINFO, ETHTOOL_GPERMADDR = 0x8946, 0x03, 0x20
# struct ethtool_drvinfo: the command, then texts of 32 bytes: driver, version, firmware, bus
_DRIVER_BYTES, _BUS = 196, 4 + 3 * 32
IFLA_PARENT_DEV_NAME = 56
_ADDRESS_BYTES = 32  # MAX_ADDR_LEN


def bus_of(rtnl, name):
    """Where the device of a link is ('0000:00:04.0'): text, '' if it has none or the kernel does not say it."""
    told = _ask(rtnl, name, struct.pack('=I', ETHTOOL_GDRVINFO), _DRIVER_BYTES)
    return '' if told is None else native(told[_BUS:_BUS + 32].split(b'\0')[0])


def _place(rtnl, link):
    """bus_of(), or what rtnetlink calls its device, where the driver says nothing (Linux 5.14)."""
    found = bus_of(rtnl, link.name)
    if not found:
        for body in rtnl.ask(RTM_GETLINK, LINK.pack(0, 0, link.index, 0, 0), (errno.ENODEV,)):
            told = attributes(body, 16, (IFLA_PARENT_DEV_NAME,)).get(IFLA_PARENT_DEV_NAME, b'')
            found = native(told).rstrip('\0')
    return found


def permanent_mac(rtnl, name):
    """The MAC address that a NIC was built with: text, '' if the kernel does not say it."""
    told = _ask(rtnl, name, struct.pack('=II', ETHTOOL_GPERMADDR, _ADDRESS_BYTES), 8 + _ADDRESS_BYTES)
    if told is None:
        return ''
    length = min(struct.unpack_from('=I', told, 4)[0], _ADDRESS_BYTES)
    address = told[8:8 + length]
    if not address.strip(b'\0'):
        return ''
    digits = native(hexlify(address))
    return ':'.join(digits[at:at + 2] for at in range(0, len(digits), 2))


def _ask(rtnl, name, question, size):
    """The kernel's answer to a question of ethtool's, bytes, or None."""
    answer = ctypes.create_string_buffer(question, size)
    form = '16sP16x' if struct.calcsize('P') == 8 else '16sP12x'
    try:
        ioctl(rtnl.control.fileno(), SIOCETHTOOL, struct.pack(form, to_bytes(name), ctypes.addressof(answer)))
    except (OSError, IOError):
        return None
    return answer.raw


def of_link(netns, link):
    """What is_it() needs to know a Link in a Netns again: dict of kind, index, mac, bus, perm, and node (its number in
    sysfs, of one that has no device)."""
    rtnl = netns.rtnl()
    bus, perm = (_place(rtnl, link), permanent_mac(rtnl, link.name)) if link.kind is None else ('', '')
    node = link_nodes.number_of(netns, link.name, link.index) if link.kind is not None else None
    return {'kind': link.kind, 'index': link.index, 'mac': link.mac, 'bus': bus, 'perm': perm, 'node': node}


def is_it(netns, link, was):
    """Is a Link in a Netns the one that of_link() described? NetnsctlError if that cannot be found out."""
    if link.kind != was['kind']:
        return False
    rtnl = netns.rtnl()
    if was['bus'] or was['perm']:
        found = _place(rtnl, link), permanent_mac(rtnl, link.name)
        # It may have been renamed between the two questions, and the name given to another link.
        return found == (was['bus'], was['perm']) and rtnl.index_of(link.name) == link.index
    if was['node'] is not None:
        number = link_nodes.number_of(netns, link.name, link.index)
        if number is None and link.index == was['index']:
            raise NetnsctlError('%s: find out whether %s is the link that was lent: its sysfs cannot be read'
                                % (netns.label, link.name))  # no descriptor is left, say
        return number == was['node']
    return link.index == was['index']


def find(netns, was):
    """The Link in a Netns that of_link() described, or None."""
    rtnl = netns.rtnl()
    link = rtnl.link(index=was['index'])
    if link is not None and is_it(netns, link, was):
        return link
    for link in rtnl.links():
        if link.kind == was['kind'] and link.index != was['index'] and is_it(netns, link, was):
            return link
    return None
