"""vlan: an 802.1Q VLAN of a NIC of the host's, `vlan://eth0/100`.

Made in place by one request of the host's namespace, which the NIC is in. linux/if_link.h, net/8021q/vlan_netlink.c.
"""
from __future__ import absolute_import, division, print_function

import errno
from netnsctl.errors import UsageError
from netnsctl.model.links import Kind, item_of, nic_name, probe_on_nic, vlan_id


def id_of(link):
    """The VLAN's ID: int."""
    return int(item_of(link, 'id'))


def _read_name(text):
    nic, slash, number = text.rpartition('/')
    if not slash:
        raise UsageError('a VLAN needs an ID', hint='For example: vlan://%s/100' % (text or 'eth0'))
    nic_name(nic)
    return nic, (('id', vlan_id(number)),)


def _hint(number, words):
    if number == errno.EINVAL:
        return 'The MTU of a VLAN cannot exceed that of its NIC.'
    if number == errno.ENETDOWN:  # vlan_dev_open() in net/8021q/vlan_dev.c
        return 'The NIC is down, and so are its VLANs: ip link set dev NIC up'
    return None


def _advice(link, is_hosts):
    if is_hosts:
        return None
    return 'Does the switch port that %s is plugged into carry the VLAN %d, tagged?' % (link.anchor, id_of(link))


kind = Kind(
    'vlan',
    module='8021q',
    attempt='make the vlan {dev} on {anchor} in {ns}',
    sent_from=lambda link: 'host',
    words=lambda link: ['id', str(id_of(link))],
    attributes=lambda link, peer: [['IFLA_VLAN_ID', id_of(link)]],
    numbers={'IFLA_VLAN_ID': (1, 'u16')},
    hint=_hint,
    advice=_advice,
    # A NIC has each ID once, whatever namespace its VLAN is in.
    taken=lambda link: '%s already has the VLAN %d, in this namespace or another one' % (link.anchor, id_of(link)),
    is_it=lambda link, found: found.kind == 'vlan' and link.mac in (None, found.mac),
    has_mac=False,
    is_alone=True,
    read_name=_read_name,
    network=lambda anchor: '%s/%d' % (anchor.anchor, id_of(anchor)),
    probe=probe_on_nic('vlan', (('id', '100'),)),
)
