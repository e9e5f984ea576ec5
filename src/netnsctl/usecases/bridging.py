"""What a wire to a bridge has to respect: the bridge's own MAC address and MTU, and the addresses it has."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import random_mac
from netnsctl.errors import ConflictError
from netnsctl.model import operations
from netnsctl.usecases import records

# The first byte of a port's MAC address, as libvirt and LXC have it: a bridge without an address of its own takes the
# lowest one of its ports (br_stp_recalculate_bridge_id), and no other port's is likely to be higher.
PORT = 'fe'
_NO_MAC = '00:00:00:00:00:00'  # of a bridge without a port on 2.6.32
_USUAL_MTU = 1500
IF_OPER_UP = 6  # linux/if.h


def settle(session, end, other):
    """Looks at the bridge of an end (plan.End) and writes into both ends what follows from it. other: its peer.

    ConflictError where the link of that name is not a bridge.
    """
    rtnl = session.home.rtnl()
    link = rtnl.link(name=end.bridge)
    if link is None:
        end.bridge_mac = random_mac()
        end.new_bridge = end.bridge not in session.planned_bridges
        end.own_bridge = not end.new_bridge
        return
    if link.kind not in ('bridge', None):
        raise ConflictError('%s: %s is a link of kind %s' % (end.label, end.bridge, link.kind))
    end.own_bridge = link.alias == operations.BRIDGE_ALIAS
    end.keep_mac = _mac_to_keep(link, end)
    if link.mtu != _USUAL_MTU:
        # The near end, or it would lower the bridge's (the lowest of its ports'); the far end, or what is as large as
        # the network takes would be dropped.
        end.mtu, other.mtu = end.mtu or link.mtu, other.mtu or link.mtu
    end.present = tuple('%s/%d' % (item.address, item.prefixlen) for item in rtnl.addresses(link.index))
    end.shared = tuple(address for address in end.addresses
                       if address in end.present and _is_from_a_wire(session, end.bridge, address))


def _mac_to_keep(link, end):
    """The MAC address to fix for a bridge that would take over the one of the new port, or None.

    That is one without a port that is up (a new one has a carrier all the same, but no operational state), one that has
    a wire's address, and one whose address is the higher. Those that netnsctl made have theirs from the start, but for
    the ioctl of 2.6.32.
    """
    if end.own_bridge and link.kind == 'bridge':
        return None
    if link.operstate == IF_OPER_UP and not link.mac.startswith(PORT) and link.mac < end.mac:
        return None
    return link.mac if link.mac != _NO_MAC else random_mac()


def _is_from_a_wire(session, bridge, address):
    """Did netnsctl put an address on a bridge? Any wire that asks for it there knows."""
    for record in session.recorded(pending=session.group is not None):
        for end in record['ends']:
            if end['bridge'] == bridge and address in end['addresses']:
                return address in records.own_addresses(record, end)
    return False
