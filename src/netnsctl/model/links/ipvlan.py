"""ipvlan: a link that shares the MAC address of a NIC of the host's, `ipvlan://eth0`. Since Linux 3.19.

Made in place by one request of the host's namespace, which the NIC is in. linux/if_link.h, drivers/net/ipvlan.
"""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.errors import UsageError
from netnsctl.model.links import Key, Kind, item_of, nic_name, one_of, probe_on_nic

# enum ipvlan_mode. l3s: since Linux 4.9.
MODES = {'l2': 0, 'l3': 1, 'l3s': 2}


def mode_of(link):
    """The name of its mode."""
    return item_of(link, 'mode', 'l2')


def _check(end, anchor):
    if end.mac:
        raise UsageError('%s: mac=%s: an ipvlan has the MAC address of its NIC' % (end.label, end.mac),
                         hint='A macvlan has its own: macvlan://%s.' % anchor.anchor)
    if end.dhcp:
        raise UsageError('%s: dhcp: a server identifies clients by their MAC address, and an ipvlan has that of its NIC'
                         % end.label, hint='A macvlan has its own: macvlan://%s.' % anchor.anchor)


def _hint(number, words):
    if number == errno.EBUSY:
        return 'A NIC that is in a bridge or a bond, or has a macvlan, cannot have an ipvlan.'
    if number == errno.EINVAL:
        return 'Its MTU cannot exceed that of the NIC.'
    return None


def _advice(link, is_hosts):
    if is_hosts:
        return 'An ipvlan does not reach the host through its NIC.'
    if mode_of(link) == 'l2':
        return None
    return ('In mode=%s the gateway needs a route to these addresses via the address of the NIC: ARP is not answered.'
            % mode_of(link))


def _clash(link, other):
    """The mode is the NIC's: a second ipvlan changes that of the first (ipvlan_set_port_mode)."""
    if mode_of(link) == mode_of(other):
        return None
    return 'all ipvlans on a NIC have the same mode, and those of %s have mode=%s' % (link.anchor, mode_of(other))


kind = Kind(
    'ipvlan',
    attempt='make the ipvlan {dev} on {anchor} in {ns}',
    sent_from=lambda link: 'host',
    words=lambda link: ['mode', mode_of(link)],
    attributes=lambda link, peer: [['IFLA_IPVLAN_MODE', MODES[mode_of(link)]]],
    numbers={'IFLA_IPVLAN_MODE': (1, 'u16')},
    hint=_hint,
    advice=_advice,
    clash=_clash,
    excludes=('macvlan',),
    asked_at=lambda anchor: anchor.anchor,
    is_it=lambda link, found: found.kind == 'ipvlan',
    has_mac=False,
    keys={'mode': Key(one_of('mode', MODES), 'l2')},
    check=_check,
    is_alone=True,
    read_name=nic_name,
    probe=probe_on_nic('ipvlan'),
)
