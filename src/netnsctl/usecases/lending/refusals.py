"""May a NIC be lent? What would be cut off, or destroyed, is refused unless that is forced."""
from __future__ import absolute_import, division, print_function

import os
import _socket as socket

from netnsctl.compat import shell_quote
from netnsctl.edge.netlink import lookups
from netnsctl.edge.nics import managers, saved
from netnsctl.errors import ConflictError, NotFoundError
from netnsctl.model.links import item_of
from netnsctl.usecases.lending import marks, returned

# Links that no kernel moves: net/core/dev.c, NETIF_F_NETNS_LOCAL.
_NEVER = ('bridge', 'bond', 'team', 'vrf', 'openvswitch')
_PARENTS = 32  # of this process that are asked for the session


def settle(wiring, end, anchor):
    """Looks at the NIC that an end is to get, and sets anchor.lent to its state. NotFoundError, ConflictError."""
    session = wiring.session
    nic = wiring.planned.link_of_host(session.home, anchor.anchor)
    if nic is None and anchor.anchor in wiring.planned.returned:
        anchor.lent = wiring.planned.returned[anchor.anchor]
        return
    if nic is None:
        _refuse_absent(wiring, anchor)
    if nic.kind in _NEVER or nic.name == 'lo':
        raise ConflictError('%s: a %s cannot be moved to another namespace' % (anchor.label, nic.kind or 'loopback'),
                            hint='Plug the end into it: bridge://%s' % nic.name if nic.kind == 'bridge' else None)
    if item_of(anchor, 'force') != 'yes':
        found = list(reasons(wiring, nic))
        if found:
            hint = '\n'.join(advice for _, advice in found if advice)
            raise ConflictError('%s: %s' % (anchor.label, '; '.join(reason for reason, _ in found)),
                                hint=(hint + '\n' if hint else '') + '--force lends it all the same; in a file of '
                                'wires or the tree: phys://%s=force=yes' % shell_quote(nic.name))
    anchor.lent = saved.look(session.home, nic)


def _refuse_absent(wiring, anchor):
    session, name = wiring.session, wiring.planned.lent.get(anchor.anchor)
    if name is not None:
        raise ConflictError('%s: the wire %s of an earlier line has it' % (anchor.label, name))
    for name in marks.names(session):
        there = returned.lent(session, name)
        if there is not None and there[2]['name'] == anchor.anchor:
            raise ConflictError('%s: it is lent to %s, by the wire %s' % (anchor.label, there[1].place, name),
                                hint='netnsctl unwire %s' % shell_quote(name))
    raise NotFoundError('%s: this host has no link %s' % (anchor.label, anchor.anchor),
                        hint='`ip link` lists its links.')


def reasons(wiring, nic):
    """Why a Link of the host's should stay there: [(reason, what to do about it or None)]."""
    host, rtnl = wiring.session.host, wiring.session.home.rtnl()
    if nic.kind is not None:
        yield ('%s is a %s, which is destroyed with the namespace that it is in; only a NIC comes back'
               % (nic.name, nic.kind), None)
    if _has_default_route(rtnl, nic.index):
        yield '%s has a default route of this host' % nic.name, 'ip route show default'
    if _carries_session(host, rtnl, nic.index):
        yield 'this session comes in by %s' % nic.name, None
    if nic.master:
        master = rtnl.link(index=nic.master)
        if master is not None:
            yield '%s is part of %s' % (nic.name, master.name), None
    if any(host.exists('/sys/class/net/%s/%s' % (nic.name, item)) for item in ('wireless', 'phy80211')):
        yield '%s is a wireless link, which moves only as a whole: iw phy set netns' % nic.name, None
    for who, advice in managers.managers(host, nic):
        yield '%s manages %s' % (who, nic.name), advice
    on_it = _links_on(wiring, rtnl, nic)
    if on_it:
        yield ('%s carries %s, which would pass packets only as the container lets it' % (nic.name, ', '.join(on_it)),
               None)


def _has_default_route(rtnl, index):
    if any(route.dst in ('0.0.0.0/0', '::/0') for route in rtnl.routes(index=index)):
        return True
    return any(index in saved.next_hops(rtnl, family) for family in (socket.AF_INET, socket.AF_INET6))


def _links_on(wiring, rtnl, nic):
    """Names of links that are on the NIC, in the host or recorded as another wire's: list."""
    from netnsctl.usecases.recorded import claiming
    found = [link.name for link in rtnl.links()
             if link.peer == nic.index and link.peer_nsid is None and link.kind != 'veth' and link.index != nic.index]
    for (_, name), wires in sorted(claiming.claims(wiring.session).anchors.items(), key=str):
        if name == nic.name:
            found += ['the wire %s' % wire for wire in sorted(wires) if not wiring.is_about(wire)]
    return found


def _carries_session(host, rtnl, index):
    """Does a link carry the ssh session that this command was given in?"""
    connection = session_of(host)
    if connection is None:
        return False
    client, server = connection
    if any(address.address == server for address in rtnl.addresses(index)):
        return True
    try:
        hop = lookups.route_to(rtnl, client)
    except (ValueError, socket.error):
        return False
    return hop is not None and hop.index == index


def session_of(host, environ=None):
    """(address of the client, address of this host) of the ssh session: by SSH_CONNECTION, which sudo removes from the
    environment, but not from that of the processes above. None if there is none."""
    text = (os.environ if environ is None else environ).get('SSH_CONNECTION')
    pid = 'self'
    for _ in range(_PARENTS):
        if text:
            break
        # proc(5): PID (COMM) STATE PPID
        fields = (host.read('/proc/%s/stat' % pid, 4096) or '').rpartition(')')[2].split()
        if len(fields) < 2 or fields[1] == '0':
            return None
        pid = fields[1]
        for entry in (host.read('/proc/%s/environ' % pid, 1 << 17) or '').split('\0'):
            if entry.startswith('SSH_CONNECTION='):
                text = entry.partition('=')[2]
    words = (text or '').split()
    if len(words) < 4:
        return None
    # A link-local address comes with its link.
    return words[0].partition('%')[0], words[2].partition('%')[0]
