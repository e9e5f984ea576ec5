"""Everything that rtnetlink says of a link that a map shows: more than edge.netlink.reading, which decodes what wires
need.

Sources: linux/if_link.h, linux/if_arp.h, linux/if_tunnel.h, net/core/rtnetlink.c.
"""
from __future__ import absolute_import, division, print_function

import _socket as socket
import struct

from netnsctl.compat import native
from netnsctl.edge.netlink import reading
from netnsctl.edge.netlink.reading import attributes, each_attribute

IFF_LOOPBACK = 8
_HARDWARE = {1: 'nic', 772: 'loopback', 65534: 'none', 32: 'infiniband', 768: 'ipip', 776: 'sit', 778: 'gre',
             824: 'netlink', 801: 'wlan', 512: 'ppp', 280: 'can'}
STATES = ('unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up')
PORT_STATES = ('disabled', 'listening', 'learning', 'forwarding', 'blocking')
# IFLA_QDISC, IFLA_PROP_LIST, IFLA_PARENT_DEV_NAME
_WANTED = reading.OF_A_LINK | frozenset((6, 52, 56))
_MACVLAN = {1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source'}
_IPVLAN = {0: 'l2', 1: 'l3', 2: 'l3s'}
_BOND = ('balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb')
_BONDS = dict(enumerate(_BOND))


class Link(reading.Link):
    """A link, with what a map shows besides. sort: its kind, or of one without what its hardware is ('nic',
    'loopback'). state (operstate in iproute2's words, lower case), qdisc, altnames (list), bus (of a NIC: the name of
    its device on the bus), port_state (of a bridge's port), below (the ifindex that it hangs on or is a peer of, or
    None; the namespace that is in is peer_nsid), details ({word of `ip -d link`: text or number}), addresses (list of
    text). What edge.survey.more adds: shaping ('KEY=VALUE'), remotes (further ones of a vxlan), vlans ({'untagged',
    'tagged'} of a port, or None).
    """
    __slots__ = ('sort', 'state', 'qdisc', 'altnames', 'bus', 'port_state', 'below', 'details', 'addresses', 'shaping',
                 'vlans', 'remotes')


def _text(data):
    return native(data).rstrip('\0') if data else None


def _u8(data):
    return ord(data[:1])


def _u16(data):
    return struct.unpack('=H', data[:2])[0]


def _be16(data):
    return struct.unpack('>H', data[:2])[0]


def _u32(data):
    return struct.unpack('=I', data[:4])[0]


def _key(data):
    return struct.unpack('>I', data[:4])[0] or None


def _ip(data):
    if not data.strip(b'\0'):
        return None
    return socket.inet_ntop(socket.AF_INET if len(data) == 4 else socket.AF_INET6, data)


def _named(table):
    return lambda data: table.get(_u16(data) if len(data) < 4 else _u32(data))


def _bond_mode(data):
    return _BONDS.get(_u8(data))


def _service_tag(data):
    return '802.1ad' if data[:2] == b'\x88\xa8' else None


def _yes(data):
    return True if _u8(data) else None


def _tun(data):
    return {1: 'tun', 2: 'tap'}.get(_u8(data))


def _stp(data):
    return True if _u32(data) else None


_GRE = ((4, 'key', _key), (6, 'local', _ip), (7, 'remote', _ip))
_IPTUN = ((2, 'local', _ip), (3, 'remote', _ip))
_VTI = ((2, 'key', _key), (4, 'local', _ip), (5, 'remote', _ip))
# {kind: ((type in IFLA_INFO_DATA, word, reader), ...)}
_DETAILS = {
    'vlan': ((1, 'tag', _u16), (5, 'protocol', _service_tag)),
    'macvlan': ((1, 'mode', _named(_MACVLAN)),), 'macvtap': ((1, 'mode', _named(_MACVLAN)),),
    'ipvlan': ((1, 'mode', _named(_IPVLAN)),), 'ipvtap': ((1, 'mode', _named(_IPVLAN)),),
    'vxlan': ((1, 'id', _u32), (2, 'remote', _ip), (16, 'remote', _ip), (4, 'local', _ip), (17, 'local', _ip),
              (15, 'port', _be16)),
    'geneve': ((1, 'id', _u32), (2, 'remote', _ip), (7, 'remote', _ip), (5, 'port', _be16)),
    'gre': _GRE, 'gretap': _GRE, 'erspan': _GRE, 'ip6gre': _GRE, 'ip6gretap': _GRE,
    'ipip': _IPTUN, 'sit': _IPTUN, 'ip6tnl': _IPTUN, 'vti': _VTI, 'vti6': _VTI,
    'bridge': ((5, 'stp', _stp), (7, 'vlan_filtering', _yes)),
    'vrf': ((1, 'table', _u32),), 'bond': ((1, 'mode', _bond_mode),), 'tun': ((3, 'mode', _tun),),
    'xfrm': ((2, 'id', _u32),),
}
# Which attribute names the link below, where IFLA_LINK does not.
_BELOW = {'vxlan': 3, 'gre': 1, 'gretap': 1, 'ipip': 1, 'sit': 1, 'ip6tnl': 1, 'vti': 1, 'xfrm': 1}


def link_of(body):
    """The Link of a body of RTM_NEWLINK. Raises what edge.netlink.reading.decoded() turns into a KernelError."""
    link = Link()
    flags, hardware, found, info = reading.read_link(link, body, _WANTED)
    link.name, link.mtu, link.below = link.name or '', link.mtu or 0, link.peer
    link.state = STATES[link.operstate] if link.operstate < len(STATES) else 'unknown'
    link.qdisc, link.bus = _text(found.get(6)), _text(found.get(56))
    link.altnames = [_text(value) or '' for _, value in each_attribute(found[52])] if 52 in found else []
    link.addresses, link.details, link.port_state = [], {}, None
    link.shaping, link.remotes, link.vlans = [], [], None
    link.sort = link.kind
    if link.kind is None:
        link.sort = 'loopback' if flags & IFF_LOOPBACK else _HARDWARE.get(hardware, 'nic')
    elif 2 in info:
        _read_details(link, attributes(info[2], 0))
    if info.get(4, b'').rstrip(b'\0') == b'bridge':
        state = attributes(info.get(5, b''), 0).get(1)
        link.port_state = PORT_STATES[_u8(state)] if state and _u8(state) < len(PORT_STATES) else None
    return link


def _read_details(link, data):
    for number, word, read in _DETAILS.get(link.kind, ()):
        if number in data:
            value = read(data[number])
            if value is not None:
                link.details[word] = value
    below = _BELOW.get(link.kind)
    if below in data:
        link.below = _u32(data[below]) or None
    elif below is not None and link.below == link.index:
        link.below = None  # what IFLA_LINK says of one on no link, if it was made in another namespace
