"""The VLAN of a bridge's port, and of the bridge itself."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge.netlink import bridge_vlans
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.execution import bridge_users
from netnsctl.model.links import bridge


def settle(session, end, link):
    """Decides what the tag= of a plan.End asks of its bridge. link: the bridge (Link), or None. ConflictError where
    that is for whoever made the bridge."""
    end.needs_filtering, end.default_tag = link is None, 1
    if link is None:
        return
    rtnl = session.home.rtnl()
    settings = bridge_vlans.settings_of(rtnl, link)
    end.default_tag = settings.default or None
    end.needs_filtering = not settings.filters
    if not settings.can:
        raise NetnsctlError('%s: bridges of this kernel do not filter VLANs' % end.label, hint=bridge.NO_VLANS)
    if end.needs_filtering and not end.own_bridge:
        raise ConflictError('%s: the bridge %s does not filter VLANs, and netnsctl did not make it'
                            % (end.label, link.name), hint='To switch that on (each port is then in VLAN %d, until you '
                            'put it into another): ip link set dev %s type bridge vlan_filtering 1'
                            % (settings.default, shell_quote(link.name)))
    own = bridge_vlans.vlan_of(rtnl, link)
    end.is_apart = own != int(end.tag)
    if end.is_apart and end.addresses and end.own_bridge and not bridge_users.use_of(
            rtnl, link, lambda: ((), ()))[0]:
        end.moves_bridge, end.is_apart = True, False  # nobody speaks to the bridge itself
    end.switched, end.moved = _done_by_wires(session, end)
    if end.is_apart and end.addresses:
        raise ConflictError(
            '%s: the addresses of the bridge %s itself are in %s, not in VLAN %s'
            % (end.label, link.name, 'VLAN %d' % own if own else 'no VLAN', end.tag),
            hint='Leave the address out. To give the host an address in that VLAN: bridge vlan add dev %s vid %s self; '
            'ip link add link %s name %s type vlan id %s; then set that up and add the address to it.'
            % (shell_quote(link.name), end.tag, shell_quote(link.name), shell_quote(_of_vlan(link.name, end.tag)),
               end.tag))


def _done_by_wires(session, end):
    """(did a wire that is there make the bridge of a plan.End filter VLANs, did one move the bridge itself into this
    VLAN): the last of them undoes that, and nobody what the user did."""
    steps = [step for record in session.recorded(pending=True, mentioning=(end.bridge,))
             for step in record.undo_operations() if step.ns == end.ns and getattr(step, 'dev', None) == end.bridge]
    return (any(step.verb == 'set-vlan-filtering' for step in steps),
            any(step.verb == 'delete-vlan' and step.vid == int(end.tag) for step in steps))


def _of_vlan(bridge, tag):
    return '%s.%s' % (bridge[:14 - len(tag)], tag)
