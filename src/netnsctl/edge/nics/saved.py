"""The state of a NIC before it is lent, and its return to that state.

Addresses and routes are kept as the kernel told them, and sent to it again: so do `ip address save` and `ip route save`
with their `restore`. linux/rtnetlink.h, if_addr.h, if_link.h.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import _socket as socket
import struct
from binascii import hexlify, unhexlify

from netnsctl.compat import native, to_bytes
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import (ADDRESS, LINK, ROUTE, RT_TABLE_LOCAL, RTPROTS_OF_KERNEL, address_of,
                                           attributes, decoded, each_attribute, route_of)
from netnsctl.edge.netlink.rtnl import RTM_GETADDR, RTM_GETLINK, RTM_GETROUTE
from netnsctl.edge.nics import identity
from netnsctl.errors import KernelError

RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWLINKPROP, RTM_DELLINKPROP = 20, 24, 108, 109
IFLA_PROP_LIST, IFLA_ALT_IFNAME, NLA_F_NESTED = 52, 53, 0x8000
# Numbers of a link that its namespace may change, by ip's words: IFLA_TXQLEN, IFLA_GROUP (2.6.39)
_NUMBERS = {'txqueuelen': 13, 'group': 27}
IFLA_AF_SPEC, IFLA_INET6_ADDR_GEN_MODE = 26, 8
IFLA_LINKINFO, IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA, IFLA_BOND_SLAVE_PERM_HWADDR = 18, 4, 5, 4
RTA_OIF, RTA_GATEWAY, RTA_MULTIPATH, RTA_CACHEINFO, RTA_VIA = 4, 5, 9, 12, 18
RTNH_F_ONLINK, RTM_F_CLONED = 4, 0x200
NLM_F_EXCL, NLM_F_APPEND = 0x200, 0x800
IFA_F_TEMPORARY = 0x01
# Flags of a link that are its owner's: up, and those by which it takes packets that are not for it.
IFF_UP, FLAGS = 0x1, 0x1 | 0x80 | 0x100 | 0x200 | 0x1000  # UP NOARP PROMISC ALLMULTI MULTICAST


def look(netns, link):
    """The state of a Link in a Netns, as plain data for the journal: what identity.of_link() gives, and name, mtu,
    flags, alias, altnames, numbers (numbers_of()), genmode (how it gets a link-local address, IN6_ADDR_GEN_MODE_*, or
    None), master (the name of a bridge or a bond, or None), device (its directory in sysfs, or None), addresses and
    routes (the kernel's messages in hexadecimal), home (Netns.identity())."""
    rtnl = netns.rtnl()
    master = rtnl.link(index=link.master) if link.master else None
    found = identity.of_link(netns, link)
    found['mac'] = _mac_before_bond(rtnl, link.index) or found['mac']
    found.update(
        name=link.name, mtu=link.mtu, flags=flags_of(rtnl, link.index), alias=link.alias or '',
        altnames=altnames(rtnl, link.index), numbers=numbers_of(rtnl, link.index), genmode=genmode(rtnl, link.index),
        master=master and master.name, device=_device(link.name),
        addresses=_addresses(rtnl, link.index), routes=_routes(rtnl, link.index), home=netns.identity())
    return found


def _device(name):
    """Its device in sysfs, below /sys/devices, or None."""
    path = '/sys/class/net/%s/device' % name
    return os.path.realpath(path) if os.path.exists(path) else None


def _link_body(rtnl, index):
    """The answer to a question for a link: bytes. KernelError, also if there is none."""
    found = rtnl.ask(RTM_GETLINK, LINK.pack(0, 0, index, 0, 0))
    if not found or len(found[0]) < LINK.size:
        raise KernelError('look up the link %d: the kernel does not describe it' % index, errno.ENODEV)
    return found[0]


def _mac_before_bond(rtnl, index):
    """The MAC address that a bond gives back to a link when it leaves, text; None of one in no bond."""
    info = attributes(attributes(_link_body(rtnl, index), 16, (IFLA_LINKINFO,)).get(IFLA_LINKINFO, b''), 0)
    if info.get(IFLA_INFO_SLAVE_KIND, b'').rstrip(b'\0') != b'bond':
        return None
    told = attributes(info.get(IFLA_INFO_SLAVE_DATA, b''), 0).get(IFLA_BOND_SLAVE_PERM_HWADDR, b'')
    digits = native(hexlify(told))
    return ':'.join(digits[at:at + 2] for at in range(0, len(digits), 2)) or None


def flags_of(rtnl, index):
    """The flags (IFF_*) of a link that are saved and restored: number. KernelError if there is no such link."""
    return LINK.unpack_from(_link_body(rtnl, index))[3] & FLAGS


def altnames(rtnl, index):
    """Its alternative names (Linux 5.5): list of text."""
    listed = attributes(_link_body(rtnl, index), 16, (IFLA_PROP_LIST,)).get(IFLA_PROP_LIST, b'')
    return [native(value).rstrip('\0') for kind, value in each_attribute(listed) if kind & 0x3fff == IFLA_ALT_IFNAME]


def genmode(rtnl, index):
    """How IPv6 makes its link-local address (Linux 3.17): number, or None if the kernel does not say it."""
    families = attributes(attributes(_link_body(rtnl, index), 16, (IFLA_AF_SPEC,)).get(IFLA_AF_SPEC, b''), 0)
    told = attributes(families.get(socket.AF_INET6, b''), 0).get(IFLA_INET6_ADDR_GEN_MODE)
    return ord(told[:1]) if told else None


def set_genmode(rtnl, index, number):
    """Sets that: None, or the errno of a refusal."""
    told = writing.attribute(IFLA_INET6_ADDR_GEN_MODE, struct.pack('B', number))
    body = LINK.pack(0, 0, index, 0, 0) + writing.attribute(IFLA_AF_SPEC, writing.attribute(socket.AF_INET6, told))
    answer = rtnl.request([writing.message(writing.RTM_NEWLINK, writing.CHANGE, body)])[0]
    return answer and answer[0]


def numbers_of(rtnl, index):
    """Its txqueuelen and its group, where the kernel tells them: {ip's word: number}."""
    told = attributes(_link_body(rtnl, index), 16, tuple(_NUMBERS.values()))
    return dict((word, _index_in(told[kind])) for word, kind in _NUMBERS.items() if kind in told)


def set_number(rtnl, index, word, number):
    """Sets one of those: None, or the errno of a refusal."""
    body = LINK.pack(0, 0, index, 0, 0) + writing.u32(_NUMBERS[word], number)
    answer = rtnl.request([writing.message(writing.RTM_NEWLINK, writing.CHANGE, body)])[0]
    return answer and answer[0]


def change_altnames(rtnl, index, names, adds):
    """Adds alternative names to a link, or removes them: list of (name, errno) of those that were refused."""
    kind = RTM_NEWLINKPROP if adds else RTM_DELLINKPROP
    flags = writing.CREATE if adds else writing.CHANGE
    refused = []
    for name in names:
        listed = writing.attribute(IFLA_ALT_IFNAME, to_bytes(name) + b'\0')
        body = LINK.pack(0, 0, index, 0, 0) + writing.attribute(IFLA_PROP_LIST | NLA_F_NESTED, listed)
        answer = rtnl.request([writing.message(kind, flags, body)])[0]
        if answer is not None:
            refused.append((name, answer[0]))
    return refused


def _addresses(rtnl, index):
    found = rtnl.dump(RTM_GETADDR, ADDRESS.pack(0, 0, 0, 0, 0), (), lambda body: _is_kept_address(body, index))
    return _as_text(found, shown_address)


def _as_text(bodies, shown):
    """Messages in hexadecimal, each of which can be shown: list. KernelError before anything is changed, else."""
    found = [native(hexlify(body)) for body in bodies]
    decoded(shown, found)
    return found


def _is_kept_address(body, index):
    """A temporary address of IPv6 (RFC 8981) is one that the kernel makes again."""
    family, _, flags, _, own = ADDRESS.unpack_from(body)
    if own != index or family not in (socket.AF_INET, socket.AF_INET6):
        return False
    return family == socket.AF_INET or not flags & IFA_F_TEMPORARY


def _routes(rtnl, index):
    found = []
    for family in (socket.AF_INET, socket.AF_INET6):
        bodies = rtnl.dump(RTM_GETROUTE, ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0),
                           (errno.ENOENT, errno.EAFNOSUPPORT, errno.EOPNOTSUPP),
                           lambda body: _is_kept_route(body, index))
        # Those that lead to a gateway come last: it has to be on a link.
        found += sorted(bodies, key=_leads_on)
    return _as_text(found, shown_route)


def _leads_on(body):
    found = attributes(body, 12)
    return RTA_GATEWAY in found or RTA_VIA in found or RTA_MULTIPATH in found


def _is_kept_route(body, index):
    family, _, _, _, table, protocol, _, _, flags = ROUTE.unpack_from(body)
    if table == RT_TABLE_LOCAL or protocol in RTPROTS_OF_KERNEL or flags & RTM_F_CLONED:
        return False
    if family not in (socket.AF_INET, socket.AF_INET6):
        return False
    found = attributes(body, 12)
    return _index_in(found.get(RTA_OIF)) == index or index in _indexes(found.get(RTA_MULTIPATH, b''))


def _index_in(value):
    return struct.unpack('=I', value)[0] if value is not None and len(value) == 4 else None


def _indexes(nexthops):
    """The indexes in an RTA_MULTIPATH: struct rtnexthop is length, flags, weight, index."""
    found, offset = [], 0
    while offset + 8 <= len(nexthops):
        length, _, _, index = struct.unpack_from('=HBBi', nexthops, offset)
        if length < 8:
            break
        found.append(index)
        offset += (length + 3) & ~3
    return found


def next_hops(rtnl, family):
    """The indexes of the links by which default routes of several next hops lead: set."""
    found = set()
    for body in rtnl.dump(RTM_GETROUTE, ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0), (errno.EAFNOSUPPORT,),
                          lambda body: body[1:2] == b'\0'):
        found.update(_indexes(attributes(body, 12).get(RTA_MULTIPATH, b'')))
    return found


def address_again(text, index):
    """The message that adds an address of look() to the link that now has that index: bytes."""
    body = unhexlify(to_bytes(text))
    family, length, flags, scope, _ = ADDRESS.unpack_from(body)
    return writing.message(RTM_NEWADDR, writing.CREATE, ADDRESS.pack(family, length, flags, scope, index) + body[8:])


def shown_address(text):
    """An address of look(), as it is known: '10.1.1.1/24'."""
    found = address_of(unhexlify(to_bytes(text)))
    return '%s/%d' % (found.address, found.prefixlen)


def shown_route(text):
    """A route of look(): '0.0.0.0/0 via 10.1.1.1'."""
    found = route_of(unhexlify(to_bytes(text)))
    return found.dst + (' via %s' % found.via if found.via else '')


def route_again(text, before, index):
    """The message that adds a route of look() again: bytes. before, index: of the NIC then and now."""
    body = unhexlify(to_bytes(text))
    fields = list(ROUTE.unpack_from(body))
    # Of a route of IPv6 with several next hops those by other links are still there; an IPv4 one went as a whole.
    is_alone = fields[0] == socket.AF_INET6 and RTA_MULTIPATH in attributes(body, 12)
    fields[-1] &= RTNH_F_ONLINK  # others say how the link was, and are refused
    found = ROUTE.pack(*fields)
    for kind, value in each_attribute(body, 12):
        if kind == RTA_OIF and _index_in(value) == before:
            value = struct.pack('=I', index)
        elif kind == RTA_MULTIPATH:
            value = _nexthops_again(value, before, index, is_alone)
        if kind != RTA_CACHEINFO:
            found += writing.attribute(kind, value)
    return writing.message(RTM_NEWROUTE, (writing.CREATE & ~NLM_F_EXCL) | NLM_F_APPEND if is_alone else writing.CREATE,
                           found)


def _nexthops_again(data, before, index, is_alone):
    """is_alone: only those by the NIC."""
    found, offset = b'', 0
    while offset + 8 <= len(data):
        length, flags, weight, own = struct.unpack_from('=HBBi', data, offset)
        if length < 8:
            break
        if own == before or not is_alone:
            found += struct.pack('=HBBi', length, flags & RTNH_F_ONLINK, weight, index if own == before else own)
            found += data[offset + 8:offset + ((length + 3) & ~3)]
        offset += (length + 3) & ~3
    return found


class Refused(KernelError):
    """The kernel has answered, and does not change the link so. (Any other KernelError: it may not have been asked.)"""


def set_link(rtnl, index, flags=None, attributes=()):
    """Changes a link. flags: those of FLAGS that it is to have, or None. attributes: as edge.netlink.writing has them.
    Refused, KernelError."""
    fields = {'index': index}
    if flags is not None:
        fields.update(flags=flags & FLAGS, change=FLAGS)
    message = writing.encode('ifinfmsg', writing.RTM_NEWLINK, writing.CHANGE, fields, list(attributes))
    answer = rtnl.request([message])[0]
    if answer is not None:
        raise Refused(answer[1] or os.strerror(answer[0]), *answer)
