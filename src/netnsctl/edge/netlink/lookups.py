"""Single requests to the kernel that few commands make, on a socket that edge.netlink.rtnl opened."""
from __future__ import absolute_import, division, print_function

import os
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import to_bytes
from netnsctl.edge.netlink import rtnl as netlink
from netnsctl.edge.netlink.reading import LINK, attributes, decoded, link_of
from netnsctl.edge.netlink.writing import CHANGE, RTM_DELLINK, attribute, message, s32
from netnsctl.errors import KernelError

RTM_GETNSID = 90
IFLA_TARGET_NETNSID = 46
SIOCETHTOOL, ETHTOOL_GSTATS = 0x8946, 0x1d
AF_BRIDGE = 7
RTN_LOCAL = 2
# What the kernel answers if no route leads there: rtnetlink.h, types unreachable, prohibit, blackhole.
_DEAD_ENDS = {7: 'unreachable', 8: 'prohibit', 6: 'blackhole'}
STP_STATES = {0: 'disabled', 1: 'listening', 2: 'learning', 3: 'forwarding', 4: 'blocking'}
FORWARDING = 3


class Hop(object):
    """Where the kernel would send a packet. type: RTN_*. index: of the link, or None. via: gateway (text) or None.
    mtu: a path MTU in bytes that the route has or that was learned, or None."""
    __slots__ = ('type', 'index', 'via', 'mtu')


def route_to(rtnl, address, source=None):
    """Asks the kernel for the route to an address (RTM_GETROUTE): Hop, or None if none leads there.

    source: the address that the packet leaves from, which policy rules may look at.
    """
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    bits = len(packed) * 8
    body = struct.pack('=BBBBBBBBI', family, bits, bits if source else 0, 0, 0, 0, 0, 0, 0) + attribute(1, packed)
    if source:
        body += attribute(2, socket.inet_pton(family, source))
    try:
        answer = rtnl.ask(netlink.RTM_GETROUTE, body)
    except KernelError:
        return None  # ENETUNREACH, EHOSTUNREACH, EACCES or EINVAL, by the kind of dead end
    if not answer:
        return None
    return decoded(lambda body: _hop(family, body), answer[:1])[0]


def _hop(family, body):
    hop = Hop()
    hop.type = struct.unpack_from('=BBBBBBBBI', body)[7]
    if hop.type in _DEAD_ENDS:
        return None
    found = attributes(body, 12)
    hop.index = _u32(found.get(4))
    hop.via = socket.inet_ntop(family, found[5]) if 5 in found else None
    hop.mtu = _u32(attributes(found.get(8, b''), 0).get(2))  # RTA_METRICS, RTAX_MTU
    return hop


def addresses_like(rtnl, index, texts):
    """The addresses of a link that are of the families of some (text): list of Address. A list of one family takes no
    RTNL lock since Linux 6.9, of both it does; where several processes make wires they wait for that."""
    families = set(socket.AF_INET6 if ':' in text else socket.AF_INET for text in texts)
    return rtnl.addresses(index, families.pop() if len(families) == 1 else socket.AF_UNSPEC) if families else []


def bridge_ports(rtnl):
    """The state of every bridge port: {index of the link: 0..4}, see STP_STATES.

    RTM_GETLINK of family AF_BRIDGE; IFLA_PROTINFO (12) holds the state alone before Linux 3.8, attributes since.
    """
    return dict(pair for pair in decoded(_port, rtnl.dump_links(AF_BRIDGE)) if pair is not None)


def port_state(rtnl, index, body):
    """The state of one bridge port as in bridge_ports(), or None: no port of a bridge, or the kernel does not tell.
    body: what Rtnl.link_body() has of it.

    IFLA_LINKINFO of the link alone (IFLA_INFO_SLAVE_DATA 5, IFLA_BRPORT_STATE 1, Linux 3.18): a list of all ports for
    each of a thousand would take longer than all else. Earlier kernels are asked for the list.
    """
    told = attributes(attributes(body, 16, (18,)).get(18, b''), 0)
    if 5 not in told:
        return bridge_ports(rtnl).get(index)
    state = attributes(told[5], 0, (1,)).get(1) if told.get(4, b'').rstrip(b'\0') == b'bridge' else None
    return ord(state[:1]) if state else None


def _port(body):
    """(index, state) of a bridge's port, or None."""
    told = attributes(body, 16).get(12)
    if told is not None and len(told) != 1:
        told = attributes(told, 0).get(1)
    return (struct.unpack_from('=BxHi', body)[2], ord(told[:1])) if told else None


def nsid_of(rtnl, descriptor):
    """The number by which the socket's namespace knows another one (RTM_GETNSID, Linux 4.0): int, or None if it has
    none for it or the kernel has no such numbers. IFLA_LINK_NETNSID of a link is such a number."""
    try:
        answer = rtnl.ask(RTM_GETNSID, b'\0\0\0\0' + s32(3, descriptor))
    except KernelError:
        return None
    found = decoded(lambda body: struct.unpack('=i', attributes(body, 4)[1])[0], answer)
    return found[0] if found and found[0] >= 0 else None


def nsids(rtnl):
    """The numbers by which the socket's namespace knows others (a dump of RTM_GETNSID, Linux 4.9): list, empty where
    the kernel does not tell."""
    try:
        return all_nsids(rtnl)
    except KernelError:
        return []


def all_nsids(rtnl):
    """The same; KernelError where the kernel does not tell. NoAnswerError."""
    return decoded(lambda body: struct.unpack('=i', attributes(body, 4)[1])[0], rtnl.dump(RTM_GETNSID, b'\0\0\0\0'))


def link_beyond(rtnl, number, index):
    """The link of that index in the namespace that the socket's knows by a number (Link), or None; its peer_nsid too is
    a number of the socket's namespace. IFLA_TARGET_NETNSID, Linux 4.15: before, the kernel passes over it."""
    try:
        answer = rtnl.ask(netlink.RTM_GETLINK, LINK.pack(0, 0, index, 0, 0) + _beyond(number))
    except KernelError:
        return None
    if not answer or attributes(answer[0], 16).get(IFLA_TARGET_NETNSID) != struct.pack('=i', number):
        return None
    return decoded(link_of, answer)[0]


def links_beyond(rtnl, number, decode=link_of):
    """Every link in that namespace, as link_beyond() has it: list of Link, or of what decode(body) makes of one.
    KernelError, NoAnswerError."""
    return decoded(decode, rtnl.dump(netlink.RTM_GETLINK, LINK.pack(0, 0, 0, 0, 0) + _beyond(number)))


def delete_beyond(rtnl, number, index):
    """Deletes that link. KernelError."""
    body = LINK.pack(0, 0, index, 0, 0) + _beyond(number)
    refused = rtnl.request([message(RTM_DELLINK, CHANGE, body)])[0]
    if refused is not None:
        raise KernelError('delete a link that was moved away: %s' % (refused[1] or os.strerror(refused[0])), *refused)


def _beyond(number):
    return s32(IFLA_TARGET_NETNSID, number)


def peer_index(rtnl, link):
    """The index of a veth's peer, in whatever namespace that is: int, or None if the kernel does not say it.

    A veth's IFLA_LINK is its peer from Linux 4.1 on; before, ethtool's statistics have it, which begin with it.
    """
    if link.peer is not None:
        return link.peer
    import ctypes  # for an old kernel alone
    # The kernel writes as many numbers as the link has, whatever it is told; the name may be another link's by now.
    told = ctypes.create_string_buffer(struct.pack('=II', ETHTOOL_GSTATS, 0), 1 << 20)
    name = to_bytes(link.name)
    request = struct.pack('16sP16x' if struct.calcsize('P') == 8 else '16sP12x', name, ctypes.addressof(told))
    try:
        ioctl(rtnl.control.fileno(), SIOCETHTOOL, request)
    except (OSError, IOError):
        return None
    return struct.unpack('=Q', ctypes.string_at(ctypes.addressof(told) + 8, 8))[0] or None


def _u32(data):
    return None if data is None else struct.unpack('=I', data[:4])[0]
