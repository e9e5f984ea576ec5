"""The VLANs that ports of bridges have, compared with those that wires put them into."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink import bridge_vlans


def remarks(rtnl, end, read=bridge_vlans.of_links):
    """How the port of a recorded End with a tag is not in its VLAN alone: list of (text, command that mends it).

    rtnl: the host's. read: bridge_vlans.of_links, or who remembers what it said.
    """
    bridge = rtnl.link(name=end.bridge)
    if bridge is None or rtnl.link(index=end.index) is None:
        return []  # said already
    name, found = rtnl.link(index=end.index).name, []
    if not bridge_vlans.settings_of(rtnl, bridge).filters:
        found.append(('the bridge %s does not filter VLANs' % end.bridge,
                      ('ip link set dev %s type bridge vlan_filtering 1', end.bridge)))
    vlans, tag = read(rtnl), int(end.tag)
    there = vlans.get(end.index, {})
    if there.get(tag, 0) & (bridge_vlans.PVID | bridge_vlans.UNTAGGED) != bridge_vlans.PVID | bridge_vlans.UNTAGGED:
        found.append(('its port is %s the VLAN %d' % ('not the untagged port of' if tag in there else 'not in', tag),
                      ('bridge vlan add dev %%s vid %d pvid untagged' % tag, name)))
    found += [('its port is in the VLAN %d too' % vid, ('bridge vlan del dev %%s vid %d' % vid, name))
              for vid in sorted(there)[:4] if vid != tag]
    own = bridge_vlans.own_vlan(vlans.get(bridge.index, {}))
    if end.addresses and own != tag:
        found.append(('the addresses of the bridge %s are in %s, not in VLAN %d' % (
            end.bridge, 'VLAN %d' % own if own else 'no VLAN', tag),
            ('bridge vlan add dev %%s vid %d pvid untagged self' % tag, end.bridge)))
    return found


def are_apart(rtnl, bridge_name, port_name):
    """Is a port of a bridge in another VLAN than the bridge's own addresses?"""
    bridge, port = rtnl.link(name=bridge_name), rtnl.link(name=port_name)
    if bridge is None or port is None or not bridge_vlans.settings_of(rtnl, bridge).filters:
        return False
    vlans = bridge_vlans.of_links(rtnl)
    return bridge_vlans.own_vlan(vlans.get(bridge.index, {})) != bridge_vlans.own_vlan(vlans.get(port.index, {}))
