"""Bridges on kernels whose rtnetlink has neither the `bridge` kind nor IFLA_MASTER (2.6.32): by ioctl and sysfs.

linux/sockios.h. Functions that change something return None, or (errno, None) if the kernel refused, like Rtnl's
answers.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import native, open_cloexec, random_hex, shell_quote, to_bytes
from netnsctl.edge import syscalls
from netnsctl.errors import NetnsctlError

SIOCBRADDBR, SIOCBRDELBR, SIOCBRADDIF, SIOCBRDELIF = 0x89a0, 0x89a1, 0x89a2, 0x89a3
SIOCSIFFLAGS = 0x8914
LOOK_SECONDS = 5.0
_FDB_ENTRY = struct.Struct('=6sBB4xB3x')  # mac_addr, port_no, is_local, ageing_timer_value, port_hi
_FDB_BYTES = 1 << 20  # 65,536 MAC addresses
_NO_LINK = b'./\0'  # no link can have this name (dev_valid_name)


def _ioctl(netns, request, argument):
    with netns.entered():
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        ioctl(control.fileno(), request, argument)
    except (OSError, IOError) as error:
        return error.errno, None
    finally:
        control.close()
    return None


def add_bridge(netns, name):
    """Makes the bridge; EEXIST if the name is taken.

    EOPNOTSUPP, with the reason, outside the first network namespace on a kernel that would not survive it.
    """
    from netnsctl.model.links.bridge import NOT_HERE  # only on old kernels
    lacking = has_ioctls(netns)
    if lacking is not None:
        return lacking
    try:
        if not in_sysfs(netns):
            return errno.EOPNOTSUPP, NOT_HERE
    except NetnsctlError as error:
        return errno.EOPNOTSUPP, '%s; could not find out which one this is: %s' % (NOT_HERE, error.message)
    refused = _ioctl(netns, SIOCBRADDBR, to_bytes(name) + b'\0')
    if refused is None and netns.label == 'host':  # /sys is the host's, wherever the calling thread is
        _forward_at_once(name)
    return refused


def has_ioctls(netns):
    """Does the kernel make bridges by ioctl? (errno, None) where it does not, else None.

    Asks to remove a bridge that does not exist, which only loads the module `bridge`.
    """
    refused = _ioctl(netns, SIOCBRDELBR, _NO_LINK)
    return None if refused and refused[0] == errno.ENXIO else refused


def is_bridge(link):
    """Is a Link of the host a bridge? 2.6.32 does not report its kind, but sysfs does."""
    return link.kind == 'bridge' or link.kind is None and os.path.isdir('/sys/class/net/%s/bridge' % link.name)


def how_to_plug(rtnl, link):
    """How to wire to the bridge of which a link of the host (a Link), such as a NIC, is or can become a port: text."""
    if link.name == 'lo':
        return 'To wire the host itself, use `host`.'  # no bridge takes a loopback link
    master = rtnl.link(index=link.master) if link.master else None
    if master is not None and is_bridge(master):
        return '%s is a port of the bridge %s: wire to bridge://%s.' % (link.name, master.name, master.name)
    return ('To put it into a bridge: `ip link add br0 type bridge; ip link set dev %s master br0` (or brctl addbr, '
            'brctl addif), move its addresses and routes to br0, and wire to bridge://br0.' % shell_quote(link.name))


def in_sysfs(netns):
    """Does sysfs have the links of this namespace? NetnsctlError if that cannot be seen.

    Before Linux 2.6.35 it has those of the first network namespace alone (netdev_register_kobject in net-sysfs.c), and
    SIOCBRADDBR anywhere else meets a BUG_ON(!kobj->sd) in sysfs_create_group, which stops the host. Neither the number
    of lo nor /proc/1/ns/net tells which namespace is the first (OpenVZ's 2.6.32 counts links in each from 1, and in a
    container PID 1 is the container's own), so a link is made and looked for: one whose other end is in a namespace of
    its own, so that it cannot stay behind.
    """
    from netnsctl.edge import child  # of no use to a plain wire
    name = 'nw' + random_hex(6)
    with netns.entered():
        told = child.run(lambda tell: _look_in_sysfs(netns, name, tell), LOOK_SECONDS, 'look for a link in sysfs')
    return told == 'yes'


def _look_in_sysfs(netns, name, tell):
    """Runs in a child in the namespace: does sysfs show a new link of that name?"""
    from netnsctl.edge.netlink import writing
    from netnsctl.edge.netlink.rtnl import Rtnl
    # A sysfs mounted here shows, from 2.6.35 on, the links of this namespace. Not read-only: before, there is one for
    # all, and get_sb_single (fs/super.c) gives the host's the flags of the latest mount.
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount('', '/', 'none', syscalls.MS_SLAVE | syscalls.MS_REC)
    try:
        syscalls.mount('netnsctl', '/sys', 'sysfs', 0)
    except OSError as error:
        if error.errno != errno.EBUSY:  # the same one is there already
            raise
    syscalls.unshare(syscalls.CLONE_NEWNET)
    rtnl = Rtnl()
    pair = writing.new_veth([['IFLA_IFNAME', 'nw0']], [['IFLA_IFNAME', name], ['IFLA_NET_NS_FD', netns.fd]])
    refused = rtnl.request([writing.encode(*pair)])[0]
    if refused is not None:
        raise OSError(refused[0], os.strerror(refused[0]))
    tell('yes' if os.path.exists('/sys/class/net/' + name) else 'no')
    rtnl.request([writing.encode(*writing.delete_link(rtnl.index_of('nw0')))])


def _forward_at_once(name):
    """Without STP too, 2.6.32 keeps a new port in the learning state for the forward delay, 15 s by default."""
    try:
        descriptor = open_cloexec('/sys/class/net/%s/bridge/forward_delay' % name, os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(descriptor, b'0')
    except OSError:
        pass
    finally:
        os.close(descriptor)


def delete_bridge(netns, name):
    """Deletes the bridge after setting it down, as the kernel requires."""
    _ioctl(netns, SIOCSIFFLAGS, struct.pack('16sh22x', to_bytes(name), 0))
    return _ioctl(netns, SIOCBRDELBR, to_bytes(name) + b'\0')


def plug(netns, bridge, index):
    """Makes the link of that index a port of the bridge."""
    return _ioctl(netns, SIOCBRADDIF, struct.pack('16si20x', to_bytes(bridge), index))


def unplug(netns, bridge, index):
    """Takes the link of that index out of the bridge."""
    return _ioctl(netns, SIOCBRDELIF, struct.pack('16si20x', to_bytes(bridge), index))


def has_id(name):
    """Does a bridge of the host have an ID? It gets one with its first port.

    Until then its MAC address is not in its forwarding table, and setting the same address again does not enter it
    (br_set_mac_address() of Linux 5.10), but keeps the first port from doing so: the bridge would not receive what is
    sent to it.
    """
    try:
        with open('/sys/class/net/%s/bridge/bridge_id' % name) as source:
            return source.read().strip().rpartition('.')[2].strip('0') != ''
    except (OSError, IOError):
        return True


def has_ports(rtnl, bridge):
    """Is any link plugged into a bridge of the host (a Link)?

    2.6.32 tells no master of a bridge's port (nor the bridge's kind); its sysfs has them, of the host's namespace only.
    """
    if bridge.kind is None:
        return bool(port_names(bridge.name))
    return bool(rtnl.dump_links(master=bridge.index))


def names_of_ports(rtnl, bridge):
    """The names of what has_ports() finds: list."""
    if bridge.kind is None:
        return sorted(port_names(bridge.name))
    from netnsctl.edge.netlink.reading import decoded, link_of
    return sorted(link.name for link in decoded(link_of, rtnl.dump_links(master=bridge.index))
                  if link.master == bridge.index)


def port_names(bridge):
    """The names of the ports of a bridge of the host, by sysfs: list."""
    try:
        return [native(name) for name in os.listdir('/sys/class/net/%s/brif' % bridge)]
    except OSError:
        return []


def learned(rtnl, bridge, macs):
    """Where a bridge of the host has heard some MAC addresses (text): {text: index of the port's link}.

    sysfs, which 2.6.32 has as well: brforward holds struct __fdb_entry (linux/if_bridge.h), port_no the number of each.
    At most _FDB_BYTES are read: anybody on the bridge can make it learn millions, and for each page the kernel begins
    again.
    """
    ports, indexes = '/sys/class/net/%s/brif' % bridge, {}
    try:
        for name in os.listdir(ports):
            with open('%s/%s/port_no' % (ports, name)) as source:
                indexes[int(source.read(), 16)] = rtnl.index_of(name)
        with open('/sys/class/net/%s/brforward' % bridge, 'rb') as source:
            data = source.read(_FDB_BYTES)
    except (EnvironmentError, ValueError):
        return {}
    found = {}
    wanted = dict((bytes(bytearray(int(byte, 16) for byte in mac.split(':'))), mac) for mac in macs)
    for at in range(0, len(data) - _FDB_ENTRY.size + 1, _FDB_ENTRY.size):
        mac, low, is_local, high = _FDB_ENTRY.unpack_from(data, at)
        if mac in wanted and not is_local:
            found[wanted[mac]] = indexes.get(high << 8 | low)
    return found


def is_plugged(rtnl, index, bridge_name):
    """Is the link of that index a port of the bridge of that name?"""
    link, bridge_index = rtnl.link(index=index), rtnl.index_of(bridge_name)
    if link is None or bridge_index is None:
        return False
    if link.master is not None:
        rtnl.sets_masters = rtnl.sets_masters or link.master == bridge_index
        return link.master == bridge_index
    bridge = rtnl.link(index=bridge_index)  # 2.6.32 tells no masters
    return bridge is not None and is_port_of(link, bridge)


def is_port_of(link, bridge):
    """Is one Link a port of another one?"""
    if bridge.kind is None:
        return os.path.exists('/sys/class/net/%s/brif/%s' % (bridge.name, link.name))
    return link.master == bridge.index
