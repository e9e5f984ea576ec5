"""What tests of the rtnetlink reader share."""
from __future__ import absolute_import, division, print_function

import struct


from netnsctl.edge.netlink import writing


def veth(dev, peer):
    info = {'attrs': [['IFLA_INFO_KIND', 'veth'],
                      ['IFLA_INFO_DATA', {'attrs': [['VETH_INFO_PEER', {'attrs': [['IFLA_IFNAME', peer]]}]]}]]}
    return writing.encode('ifinfmsg', 16, 0x605, {}, [['IFLA_IFNAME', dev], ['IFLA_LINKINFO', info]])


def message(kind, body, flags=2, ahead=0):
    """A function sequence -> bytes of a netlink message; ahead: what is added to the sequence number."""
    def make(sequence):
        data = struct.pack('=IHHII', 16 + len(body), kind, flags, sequence + ahead, 0) + body
        return data + b'\0' * (-len(data) % 4)
    return make


def link(index, **more):
    name = b'l%d\0' % index if bytes is not str else 'l%d\0' % index
    return message(16, struct.pack('=BxHiII', 0, 1, index, 0, 0) + struct.pack('=HH', 4 + len(name), 3) + name, **more)


def indexes(rtnl):
    return [item.index for item in rtnl.links()]
