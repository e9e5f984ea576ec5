"""macvlan: a link with a MAC address of its own on a NIC of the host's.

Made in place by one request of the host's namespace, which the NIC is in. linux/if_link.h.
"""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.compat import sha256_hex
from netnsctl.errors import UsageError
from netnsctl.model.links import Key, Kind, item_of, nic_name, one_of, probe_on_nic
from netnsctl.model.operations import BRIDGE_ALIAS

# enum macvlan_mode. Where none is sent the kernel takes vepa, which needs a switch that sends frames back.
MODES = {'private': 1, 'vepa': 2, 'bridge': 4, 'passthru': 8}


def mode_of(link):
    """The name of its mode."""
    return item_of(link, 'mode', 'bridge')


def host_name(nic):
    """The name of the host's own macvlan on a NIC."""
    return 'nwh' + sha256_hex('macvlan %s' % nic)[:9]


def has_host(anchor):
    """Is the host to have a macvlan too?"""
    return 'host' in dict(anchor.data or ())


def _is_hosts(link):
    return link.ns == 'host' and link.dev == host_name(link.anchor)


def _check(end, anchor):
    if not has_host(anchor):
        return
    if mode_of(anchor) != 'bridge':
        raise UsageError('%s: `host` needs mode=bridge: in mode=%s, macvlans of one NIC do not reach each other here'
                         % (anchor.label, mode_of(anchor)))
    if end.label == 'host':
        raise UsageError('%s: the other end is the host itself, which needs no `host`' % anchor.label)
    if end.dhcp or all(':' in address for address in end.addresses):
        raise UsageError('%s: `host` needs an IPv4 address at the other end, which the host gets a route to'
                         % anchor.label, hint='For IPv6, the host needs an address of its own there: netnsctl wire '
                         'host:m0=ADDRESS,route=CONTAINER %s' % anchor.label)


def _hint(number, words):
    if number == errno.EBUSY:
        return 'A NIC that is in a bridge or a bond, or has an ipvlan, cannot have a macvlan.'
    if number == errno.EINVAL:
        return 'Its MTU cannot exceed that of the NIC, and in mode passthru it must be the only one on the NIC.'
    if number == errno.EADDRINUSE:
        return ('The NIC, or another macvlan on it in any namespace, has the same MAC address: leave mac= out, or '
                'choose another one.')
    return None


def _advice(link, is_hosts):
    if is_hosts:
        return ('A macvlan reaches the host only through another macvlan, not through its NIC. To give the host one: '
                'macvlan://%s=host' % link.anchor)
    if mode_of(link) == 'vepa':
        return 'In mode=vepa the switch has to send back packets for another macvlan on the same NIC.'
    return ('Clouds and vSphere drop packets from unknown MAC addresses, unless promiscuous mode and forged transmits '
            'are allowed. An ipvlan (ipvlan://%s) has the MAC address of the NIC.' % link.anchor)


def _clash(anchor, other):
    """The kernel says EINVAL of both (macvlan_port_create, macvlan_common_newlink)."""
    if 'passthru' in (mode_of(anchor), mode_of(other)):
        return 'a macvlan in mode=passthru has the NIC to itself'
    return None


def _is_it(link, found):
    if _is_hosts(link):
        return found.kind == 'macvlan' and (found.alias == BRIDGE_ALIAS or found.mac == link.mac)
    # In passthru it has the MAC address of its NIC, whatever it was given.
    return found.kind == 'macvlan' and (found.mac == link.mac or mode_of(link) == 'passthru')


kind = Kind(
    'macvlan',
    attempt='make the macvlan {dev} on {anchor} in {ns}',
    sent_from=lambda link: 'host',
    words=lambda link: ['mode', mode_of(link)],
    attributes=lambda link, peer: [['IFLA_MACVLAN_MODE', MODES[mode_of(link)]]],
    numbers={'IFLA_MACVLAN_MODE': (1, 'u32')},
    hint=_hint,
    advice=_advice,
    is_it=_is_it,
    is_kept=lambda link, found, is_used: _is_hosts(link) and is_used(),
    clash=_clash,
    excludes=('ipvlan',),
    asked_at=lambda anchor: anchor.anchor,
    check=_check,
    keys={'host': Key(lambda text: '', is_word=True), 'mode': Key(one_of('mode', MODES), 'bridge')},
    is_alone=True,
    read_name=nic_name,
    probe=probe_on_nic('macvlan'),
)
