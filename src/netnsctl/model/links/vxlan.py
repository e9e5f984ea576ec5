"""vxlan: layer 2 between hosts over UDP, `vxlan://42=remote=192.0.2.2`. Since Linux 3.7.

It is made in the host's namespace, where its UDP socket stays, and then moved (Linux 3.16): one that is made where it
is used would send its packets from there. linux/if_link.h, drivers/net/vxlan, RFC 7348.
"""
from __future__ import absolute_import, division, print_function

import errno
import re

from netnsctl.errors import UsageError
from netnsctl.model import addressing, names
from netnsctl.model.links import Key, Kind, item_of
from netnsctl.model.operations import AddFdb, AddLink, MoveLink

ID_MAX = (1 << 24) - 1
PORT = 4789  # IANA's; the kernel's default is 8472
# What a packet grows by: Ethernet, VXLAN, UDP, and IPv4 or IPv6.
OVERHEAD = {4: 50, 6: 70}


def _read_name(text):
    return None, (('id', _number('the ID of a VXLAN', 0, ID_MAX)(text)),)


def _number(what, low, high):
    def read(text):
        if not re.match('(0|[1-9][0-9]{0,8})$', text) or not low <= int(text) <= high:
            raise UsageError('%s is not %s (%d to %d)' % (text or 'nothing', what, low, high))
        return text
    return read


def _nic(text):
    names.check_ifname(text)
    return text


def remotes_of(link):
    """Its remotes, in order: list of addresses."""
    return [value for key, value in link.data if key == 'remote']


def is_multicast(address):
    """Is it the address of a group?"""
    return address.lower().startswith('ff') if ':' in address else 224 <= int(address.split('.')[0]) < 240


def _check(end, anchor):
    remotes = remotes_of(anchor)
    if not remotes:
        raise UsageError('%s: it has no remote' % anchor.label, hint='%s=remote=192.0.2.2, for example.' % anchor.label)
    local = item_of(anchor, 'local')
    families = set(addressing.family_of(address) for address in remotes + ([local] if local else []))
    if len(families) > 1:
        raise UsageError('%s: its addresses are of both IPv4 and IPv6' % anchor.label)
    _check_scopes(anchor, remotes, local)
    if '255.255.255.255' in remotes:
        raise UsageError('%s: the remote 255.255.255.255 is not the address of a host' % anchor.label)
    groups = [address for address in remotes if is_multicast(address)]
    if groups and len(remotes) > 1:
        raise UsageError('%s: with the group %s it can have no other remote' % (anchor.label, groups[0]))
    if groups and not item_of(anchor, 'dev'):
        raise UsageError('%s: the group %s needs dev=, the NIC that it is joined on' % (anchor.label, groups[0]))


def _check_scopes(anchor, remotes, local):
    """UsageError where some addresses are link-local and the kernel would refuse them (vxlan_config_validate)."""
    of_link = [address for address in remotes if addressing.is_link_local(address)]
    if of_link and not local:
        raise UsageError('%s: the link-local remote %s needs local=, the link-local address of this host there'
                         % (anchor.label, of_link[0]))
    if local and len(set(_is_of_link(address) for address in remotes + [local])) > 1:
        raise UsageError('%s: some of its addresses are link-local and some are not' % anchor.label)
    if local and addressing.is_link_local(local) and not item_of(anchor, 'dev'):
        raise UsageError('%s: link-local addresses need dev=, the NIC that they are on' % anchor.label)


def _is_of_link(address):
    """Is it link-local, or that of a group of such scope?"""
    return addressing.is_link_local(address) or address[:2] == 'ff' and address[3:5] == '2:'


def _words(link):
    found = ['id', item_of(link, 'id'), 'dstport', item_of(link, 'port') or str(PORT)]
    if remotes_of(link):
        first = remotes_of(link)[0]
        found += ['group' if is_multicast(first) else 'remote', first]
    for key in ('local', 'dev', 'ttl'):
        found += [key, item_of(link, key)] if item_of(link, key) else []
    return found


def _attributes(link, peer):
    found = [['IFLA_VXLAN_ID', int(item_of(link, 'id'))]]
    for key, value in [('GROUP', address) for address in remotes_of(link)[:1]] + [('LOCAL', item_of(link, 'local'))]:
        if value:
            found.append(['IFLA_VXLAN_%s%s' % (key, '6' if ':' in value else ''), value])
    if item_of(link, 'dev'):
        found.append(['IFLA_VXLAN_LINK', item_of(link, 'dev')])
    if item_of(link, 'ttl'):
        found.append(['IFLA_VXLAN_TTL', int(item_of(link, 'ttl'))])
    return found + [['IFLA_VXLAN_PORT', int(item_of(link, 'port') or PORT)]]


def _steps(end, anchor):
    """The first remote is the link's own; the kernel sends what is for nobody it knows to all of its table."""
    link = AddLink('host', end.dev, end.mac, end.mtu, 'vxlan', None, anchor.data)
    moved = []
    if end.ns != 'host':
        link = link.replaced(dev=end.temporary)
        moved = [MoveLink('host', end.temporary, end.ns, end.dev)]
    return [link] + moved + [AddFdb(end.ns, end.dev, address) for address in remotes_of(anchor)[1:]]


def _changes(end, before, after):
    """Only its remotes can change: those that are new first, so that there are always some."""
    if [pair for pair in before if pair[0] != 'remote'] != [pair for pair in after if pair[0] != 'remote']:
        return None
    old, new = [[value for key, value in data if key == 'remote'] for data in (before, after)]
    if any(is_multicast(address) for address in old + new):
        return None
    from netnsctl.model.remotes import DeleteFdb  # few wires are changed
    return ([AddFdb(end.ns, end.dev, address) for address in new if address not in old]
            + [DeleteFdb(end.ns, end.dev, address) for address in old if address not in new])


def _hint(number, words):
    if number == errno.EADDRINUSE:
        return 'Another program uses the UDP port. Choose another one with port=.'
    if number == errno.EINVAL and (words or '').lower() in ('', 'invalid argument'):  # an old kernel says no more
        return ('A kernel before Linux 3.16 cannot move a vxlan to another namespace: make it an end of the host, and '
                'plug it into a bridge (brctl addif BRIDGE LINK).')
    return None


kind = Kind(
    'vxlan',
    attempt='make the vxlan {dev} in {ns}',
    words=_words,
    attributes=_attributes,
    numbers={'IFLA_VXLAN_ID': (1, 'u32'),
             'IFLA_VXLAN_GROUP': (2, 'ip'), 'IFLA_VXLAN_LINK': (3, 'link'), 'IFLA_VXLAN_LOCAL': (4, 'ip'),
             'IFLA_VXLAN_TTL': (5, 'u8'), 'IFLA_VXLAN_PORT': (15, 'be16'),
             'IFLA_VXLAN_GROUP6': (16, 'ip'),
             'IFLA_VXLAN_LOCAL6': (17, 'ip')},
    hint=_hint,
    taken=lambda link: 'this host already has the VXLAN %s on port %s' % (
        item_of(link, 'id'), item_of(link, 'port') or PORT),
    read_name=_read_name,
    keys={'remote': Key(lambda text: addressing.parse_ip(text, 'remote', True), is_list=True),
          'local': Key(lambda text: addressing.parse_ip(text, 'local')), 'dev': Key(_nic),
          'port': Key(_number('a UDP port', 1, 65535), str(PORT)), 'ttl': Key(_number('a TTL', 1, 255))},
    check=_check,
    steps=_steps,
    changes=_changes,
    plugs_in=True,
    is_moved=True,
    is_alone=True,
    needs=lambda anchor: item_of(anchor, 'dev'),
    network=lambda anchor: 'vxlan/%s/%s' % (item_of(anchor, 'id'), item_of(anchor, 'port') or PORT),
    carriers=lambda anchor: [(address, OVERHEAD[addressing.family_of(address)]) for address in remotes_of(anchor)],
    probe=lambda name, lower: (AddLink('host', name, None, None, 'vxlan', None,
                                       (('id', '4242'), ('remote', '192.0.2.1'))),),
)
