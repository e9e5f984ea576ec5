"""VLAN filtering of bridges (Linux 3.9): is it on, and which VLANs do the ports have?

linux/if_bridge.h, net/bridge/br_netlink.c and br_sysfs_br.c. What rtnetlink does not report (before Linux 4.3) is read
from sysfs, which has bridges of the host alone.
"""
from __future__ import absolute_import, division, print_function

import os
import struct

from netnsctl.compat import named_tuple, open_cloexec
from netnsctl.edge.netlink import rtnl as netlink
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import LINK, attributes, decoded, each_attribute

AF_BRIDGE = 7
IFLA_LINKINFO, IFLA_AF_SPEC, IFLA_EXT_MASK = 18, 26, 29
IFLA_INFO_DATA = 2
IFLA_BR_VLAN_FILTERING, IFLA_BR_VLAN_DEFAULT_PVID = 7, 39
IFLA_BRIDGE_VLAN_INFO = 2
RTEXT_FILTER_BRVLAN = 2
PVID, UNTAGGED = 0x2, 0x4

# filters: is it on? can: is it known to this kernel? default: the VLAN that a new port is in (0: none).
Settings = named_tuple('Settings', 'filters can default')


def settings_of(rtnl, link):
    """The Settings of a bridge (a Link of the host's)."""
    found = decoded(_settings, rtnl.ask(netlink.RTM_GETLINK, LINK.pack(0, 0, link.index, 0, 0)))
    if found and found[0] is not None:
        return found[0]
    filters, default = _number_of(link.name, 'vlan_filtering'), _number_of(link.name, 'default_pvid')
    return Settings(bool(filters), filters is not None, default or 0)


def _settings(body):
    info = attributes(attributes(body, 16).get(IFLA_LINKINFO, b''), 0)
    told = attributes(info.get(IFLA_INFO_DATA, b''), 0)
    if IFLA_BR_VLAN_DEFAULT_PVID not in told:  # IFLA_BR_VLAN_FILTERING is there without VLAN filtering too
        return None
    return Settings(told.get(IFLA_BR_VLAN_FILTERING, b'\0')[:1] == b'\1', True,
                    struct.unpack('=H', told[IFLA_BR_VLAN_DEFAULT_PVID][:2])[0])


def _number_of(bridge, name):
    try:
        with open('/sys/class/net/%s/bridge/%s' % (bridge, name)) as source:
            return int(source.read())
    except (EnvironmentError, ValueError):
        return None


def filter_by_sysfs(bridge, value):
    """Switches it on (1) or off (0): was that possible?"""
    try:
        descriptor = open_cloexec('/sys/class/net/%s/bridge/vlan_filtering' % bridge, os.O_WRONLY)
    except OSError:
        return False
    try:
        os.write(descriptor, b'1' if value else b'0')
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def of_links(rtnl):
    """The VLANs of every port of a bridge, and of the bridges: {index of the link: {ID: flags}}."""
    mask = writing.u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN)
    found = {}
    for index, vlans in decoded(_vlans, rtnl.dump(netlink.RTM_GETLINK, LINK.pack(AF_BRIDGE, 0, 0, 0, 0) + mask)):
        found.setdefault(index, {}).update(vlans)  # a NIC that has a switch inside is told twice
    return found


def _vlans(body):
    found = {}
    for kind, value in each_attribute(attributes(body, 16).get(IFLA_AF_SPEC, b'')):  # one for each VLAN
        if kind == IFLA_BRIDGE_VLAN_INFO and len(value) >= 4:
            flags, vid = struct.unpack_from('=HH', value)
            found[vid] = flags
    return struct.unpack_from('=BxHi', body)[2], found


def own_vlan(vlans):
    """The ID of the VLAN of what has no tag, of {ID: flags}; None if there is none."""
    found = [vid for vid, flags in vlans.items() if flags & PVID]
    return found[0] if found else None


def vlan_of(rtnl, link):
    """own_vlan() of a port or a bridge itself (a Link)."""
    return own_vlan(of_links(rtnl).get(link.index, {}))


def are_used(rtnl, link):
    """Is any port of a bridge (a Link) in another VLAN than the default one?"""
    default, vlans = settings_of(rtnl, link).default, of_links(rtnl)
    return any(own_vlan(vlans.get(port.index, {})) != (default or None)
               for port in rtnl.links() if port.master == link.index)


def has_port_in(rtnl, link, vid):
    """Does what has no tag at any port of a bridge (a Link) belong to this VLAN?"""
    vlans = of_links(rtnl)
    return any(own_vlan(vlans.get(port.index, {})) == vid for port in rtnl.links() if port.master == link.index)
