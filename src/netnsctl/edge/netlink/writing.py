"""Writing rtnetlink messages: the one place where attributes become bytes; edge.netlink.reading is the other way.

encode() takes what pyroute2_messages.encode takes, by the same names, and gives the same bytes (a test holds them
equal). Loading pyroute2's classes takes as long as half of a whole `netnsctl wire`, and filling them twenty times as
long as this does; what is not in the tables here goes through them.

linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, fib_rules.h, veth.h
"""
from __future__ import absolute_import, division, print_function

import struct

import _socket as socket

from netnsctl.compat import to_bytes
from netnsctl.edge.netlink.reading import packed_address as _ip

RTM_NEWLINK, RTM_DELLINK, RTM_SETLINK = 16, 17, 19
CHANGE = 0x5            # NLM_F_REQUEST | NLM_F_ACK
CREATE = 0x605          # ... | NLM_F_CREATE | NLM_F_EXCL
MAX_ERRNO = 4095        # of an answer; include/linux/err.h
HEADER = struct.Struct('=IHHII')
_ATTRIBUTE = struct.Struct('=HH')
_PADDING = (b'', b'\0\0\0', b'\0\0', b'\0')  # by the length of what is padded, modulo 4
_MAC = struct.Struct('6B')
_UNSIGNED = struct.Struct('=HHI')
_SIGNED = struct.Struct('=HHi')


def attribute(kind, value):
    """One attribute, padded: bytes. kind: its number; value: bytes."""
    return _ATTRIBUTE.pack(4 + len(value), kind) + value + _PADDING[len(value) & 3]


def u32(kind, value):
    """One that is an unsigned number of 32 bits: bytes."""
    return _UNSIGNED.pack(8, kind, value)


def s32(kind, value):
    """One that is a signed number of 32 bits: bytes."""
    return _SIGNED.pack(8, kind, value)


def message(kind, flags, body, sequence=0):
    """A whole message: bytes. Rtnl.request() sets the sequence number."""
    return HEADER.pack(16 + len(body), kind, flags, sequence, 0) + body


_u32 = struct.Struct('=I').pack


def _asciiz(value):
    return to_bytes(value) + b'\0'


def _mac(value):
    return _MAC.pack(*[int(byte, 16) for byte in value.split(':')])


def _be16(value):
    return struct.pack('>H', value)


def _u16(value):
    return struct.pack('=H', value)


def _u8(value):
    return struct.pack('=B', value)


def _u32_range(value):
    return struct.pack('=II', *value)


def _u16_range(value):
    return struct.pack('=HH', *value)


def _packed(attributes):
    found = b''
    for name, value in attributes:
        kind, pack = _ATTRIBUTES[name]
        value = pack(value)
        found += _ATTRIBUTE.pack(4 + len(value), kind) + value + _PADDING[len(value) & 3]
    return found


def _nested(value):
    return _packed(value['attrs'])


def _vlan_info(value):
    # struct bridge_vlan_info (if_bridge.h)
    return struct.pack('=HH', value['flags'], value['vid'])


def _peer(value):
    # VETH_INFO_PEER (veth.h): a struct ifinfomsg, all zero, then attributes of the peer
    return b'\0' * 16 + _nested(value)


def _via(value):
    # struct rtvia: the family of the gateway, and its address
    return struct.pack('=H', socket.AF_INET6 if ':' in value else socket.AF_INET) + _ip(value)


def _multipath(value):
    # struct rtnexthop, each with the attributes of its gateway; value: [(index, weight, flags, address)]
    found = b''
    for index, weight, flags, address in value:
        gateway = _packed([['RTA_GATEWAY', address]])
        found += struct.pack('=HBBi', 8 + len(gateway), flags, weight - 1, index) + gateway
    return found


# name -> (number, how its value is packed)
_ATTRIBUTES = {
    'IFLA_ADDRESS': (1, _mac), 'IFLA_IFNAME': (3, _asciiz), 'IFLA_MTU': (4, _u32),
    'IFLA_LINK': (5, _u32), 'IFLA_MASTER': (10, _u32),
    'IFLA_LINKINFO': (18, _nested), 'IFLA_IFALIAS': (20, _asciiz),
    'IFLA_AF_SPEC': (26, _nested), 'IFLA_BRIDGE_FLAGS': (0, _u16), 'IFLA_BRIDGE_VLAN_INFO': (2, _vlan_info),
    'AF_INET6': (socket.AF_INET6, _nested), 'IFLA_INET6_ADDR_GEN_MODE': (8, _u8),
    'IFLA_BR_VLAN_FILTERING': (7, _u8),
    'IFLA_NET_NS_FD': (28, _u32), 'IFLA_INFO_KIND': (1, _asciiz), 'IFLA_INFO_DATA': (2, _nested),
    'VETH_INFO_PEER': (1, _peer),
    'NDA_DST': (1, _ip), 'NDA_LLADDR': (2, _mac), 'IFA_ADDRESS': (1, _ip), 'IFA_LOCAL': (2, _ip),
    'RTA_DST': (1, _ip), 'RTA_OIF': (4, _u32), 'RTA_GATEWAY': (5, _ip), 'RTA_PRIORITY': (6, _u32),
    'RTA_PREFSRC': (7, _ip), 'RTA_METRICS': (8, _nested), 'RTA_FLOW': (11, _u32), 'RTAX_MTU': (2, _u32),
    'RTAX_LOCK': (1, _u32), 'RTAX_WINDOW': (3, _u32), 'RTAX_RTT': (4, _u32), 'RTAX_RTTVAR': (5, _u32),
    'RTAX_SSTHRESH': (6, _u32), 'RTAX_CWND': (7, _u32), 'RTAX_ADVMSS': (8, _u32), 'RTAX_REORDERING': (9, _u32),
    'RTAX_HOPLIMIT': (10, _u32), 'RTAX_INITCWND': (11, _u32), 'RTAX_RTO_MIN': (13, _u32), 'RTAX_INITRWND': (14, _u32),
    'RTAX_QUICKACK': (15, _u32),
    'RTAX_FEATURES': (12, _u32), 'RTAX_CC_ALGO': (16, _asciiz), 'RTAX_FASTOPEN_NO_COOKIE': (17, _u32),
    'RTA_MULTIPATH': (9, _multipath), 'RTA_VIA': (18, _via),
    'RTA_TABLE': (15, _u32),
    'FRA_DST': (1, _ip), 'FRA_SRC': (2, _ip), 'FRA_IIFNAME': (3, _asciiz), 'FRA_PRIORITY': (6, _u32),
    'FRA_GOTO': (4, _u32), 'FRA_FLOW': (11, _u32), 'FRA_SUPPRESS_IFGROUP': (13, _u32),
    'FRA_SUPPRESS_PREFIXLEN': (14, _u32), 'FRA_L3MDEV': (19, _u8), 'FRA_UID_RANGE': (20, _u32_range),
    'FRA_IP_PROTO': (22, _u8), 'FRA_SPORT_RANGE': (23, _u16_range), 'FRA_DPORT_RANGE': (24, _u16_range),
    'FRA_FWMARK': (10, _u32), 'FRA_TABLE': (15, _u32), 'FRA_FWMASK': (16, _u32), 'FRA_OIFNAME': (17, _asciiz),
}

# kind -> (struct of the fixed part, its fields in order); rtnetlink(7)
_FIXED = {
    'ifinfmsg': (struct.Struct('=BxHiII'), ('family', 'ifi_type', 'index', 'flags', 'change')),
    'ifaddrmsg': (struct.Struct('=BBBBI'), ('family', 'prefixlen', 'flags', 'scope', 'index')),
    'rtmsg': (struct.Struct('=BBBBBBBBI'),
              ('family', 'dst_len', 'src_len', 'tos', 'table', 'proto', 'scope', 'type', 'flags')),
    'ndmsg': (struct.Struct('=BxxxiHBB'), ('family', 'ifindex', 'state', 'flags', 'ndm_type')),
    'fibmsg': (struct.Struct('=BBBBBBBBI'),
               ('family', 'dst_len', 'src_len', 'tos', 'table', 'res1', 'res2', 'action', 'flags')),
}


# What a Kind (model.links) says of an attribute of its own.
PACKERS = {'u8': _u8, 'u16': _u16, 'be16': _be16, 'link': _u32, 'u32': _u32, 'ip': _ip, 'text': _asciiz}


def learn(numbers):
    """Takes up attributes: {name: (number, key of PACKERS)}."""
    _ATTRIBUTES.update((name, (kind, PACKERS[packer])) for name, (kind, packer) in numbers.items())


def encode(kind, message_type, flags, fields, attributes):
    """The bytes of one message; KeyError where an attribute is none of those that this encoder knows."""
    fixed, names = _FIXED[kind]
    return message(message_type, flags, fixed.pack(*[fields.get(name, 0) for name in names]) + _packed(attributes))


def new_link(kind, attributes, data=()):
    """RTM_NEWLINK that makes a link: the parts that encode() takes. attributes: of the link, data: IFLA_INFO_DATA's.

    Neither index nor flags are given: on creation 2.6.32 answers EOPNOTSUPP to them, and to IFLA_MASTER.
    """
    info = [['IFLA_INFO_KIND', kind]] + ([['IFLA_INFO_DATA', {'attrs': list(data)}]] if data else [])
    return 'ifinfmsg', RTM_NEWLINK, CREATE, {}, list(attributes) + [['IFLA_LINKINFO', {'attrs': info}]]


def new_veth(end, peer):
    """RTM_NEWLINK that makes a veth pair: the parts that encode() takes. end, peer: attributes of the two."""
    return new_link('veth', end, [['VETH_INFO_PEER', {'attrs': peer}]])


def delete_link(index):
    """RTM_DELLINK of the link of that index: the parts that encode() takes."""
    return 'ifinfmsg', RTM_DELLINK, CHANGE, {'index': index}, []
