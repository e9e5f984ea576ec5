"""bridge: what near ends of wires are plugged into; shared by wires, it goes with the last one that needs it."""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.model.links import Key, Kind, Way, nic_name, vlan_id
from netnsctl.model.operations import BRIDGE_ALIAS

NOT_HERE = ('this kernel makes bridges by ioctl only, which would stop the host in any network namespace but the first '
            '(sysfs before Linux 2.6.35)')

NO_VLANS = ('Bridges filter VLANs since Linux 3.9, where the kernel is built with CONFIG_BRIDGE_VLAN_FILTERING. '
            'Without that, make a VLAN of a NIC (ip link add link eth0 name eth0.100 type vlan id 100) and a bridge '
            'with that VLAN as a port, or use vlan://eth0/100.')


def _hint(_, words):
    if (words or '').startswith(NOT_HERE):
        return 'Run netnsctl on the host itself, not inside a namespace or a container on it.'
    return None


def _is_it(link, found):
    # The alias is set a step after the bridge is made; until then its MAC address tells. 2.6.32 tells no kind of a
    # bridge, and sets no MAC address when it makes one.
    return found.kind is None or found.kind == 'bridge' and (found.alias == BRIDGE_ALIAS or found.mac == link.mac)


kind = Kind(
    'bridge',
    # The rtnl_link_ops of bridges. By ioctl it gets no MAC address: it can only have one of its ports'.
    way=Way('3.0', (errno.EOPNOTSUPP, errno.EINVAL), ioctl='add-bridge'),
    hint=_hint,
    is_it=_is_it,
    read_name=nic_name,
    keys={'tag': Key(vlan_id)},
    is_kept=lambda link, found, has_ports: has_ports(),
)
