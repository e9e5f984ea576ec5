"""Router advertisements that the host itself lives by. A kernel that forwards IPv6 ignores them on every link whose
accept_ra is 1, and drops the default routes that they brought (Linux, ip-sysctl; addrconf_fixup_forwarding()): the host
would be cut off. With 2 they are heard all the same (since Linux 2.6.37)."""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge.netlink.reading import IFA_F_PERMANENT
from netnsctl.edge.uplink.accept_ra import FORWARDING, accept_ra

RTPROT_KERNEL, RTPROT_RA = 2, 9  # rtnetlink.h; before Linux 4.11 what a router advertises is the kernel's
HEARD, HEARD_BY_A_ROUTER = '1', '2'


def wanted(session):
    """The sysctls that must be set before IPv6 is forwarded: [(name, value)]. Those that other wires have set too, so
    that they are set back with the last one."""
    home = session.home
    found = set(step.name for record in session.recorded(pending=True) for step in record.planned('set-sysctl')
                if step.name.endswith('/accept_ra') and home.sysctl(step.name) is not None)
    if home.sysctl(FORWARDING) == '0':
        found.update(accept_ra(link.name) for link in _heard(session.host, home))
    return [(name, HEARD_BY_A_ROUTER) for name in sorted(found)]


def _heard(host, home):
    """The Links on which advertisements are heard now and may be needed: that have routes or addresses by them, and
    real NICs, on which one may not have come yet, as at boot."""
    by_them = living_by(home)
    return [link for link in home.rtnl().links()
            if (link.index in by_them
                or link.up and not link.master and host.exists('/sys/class/net/%s/device' % link.name))
            and home.sysctl(accept_ra(link.name)) == HEARD]


def living_by(home):
    """The indexes of the links that have a route by a router advertisement, or an address that lapses: set."""
    rtnl = home.rtnl()
    found = set(route.index for route in rtnl.routes(socket.AF_INET6)
                if route.protocol == RTPROT_RA or route.protocol == RTPROT_KERNEL and route.via)
    found.update(item.index for item in rtnl.addresses()
                 if item.family == socket.AF_INET6 and not item.flags & IFA_F_PERMANENT)
    return found


def deaf(home):
    """The names of links that live by advertisements and do not hear them, since the host forwards IPv6: list."""
    if home.sysctl(FORWARDING) != '1':
        return []
    by_them = living_by(home)
    return sorted(link.name for link in home.rtnl().links()
                  if link.index in by_them and home.sysctl(accept_ra(link.name)) == HEARD)
