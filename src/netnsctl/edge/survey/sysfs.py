"""Bridges, by sysfs, where rtnetlink does not say which links are some.

On 2.6.32 neither a bridge (br_dev_setup in net/bridge/br_device.c) nor its port has a rtnl_link_ops that could say its
kind, and br_fill_ifinfo in br_netlink.c answers a dump of AF_BRIDGE alone.
That kernel has the links of the first network namespace in sysfs and no others (edge.bridges.in_sysfs), which is where
it can have bridges. Its numbers of links are unique on the host: a link that sysfs has under another one is not this.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.bridges import is_bridge, port_names
from netnsctl.edge.survey.links import PORT_STATES

FOLDER = '/sys/class/net/'


def add_bridges(links):
    """Writes sort, details, master and port_state of Links of the host's namespace that are bridges or ports of one."""
    by_name = dict((link.name, link) for link in links)
    for bridge in links:
        own = FOLDER + bridge.name
        if bridge.sort != 'nic' or not is_bridge(bridge) or _number(own + '/ifindex') != bridge.index:
            continue
        bridge.sort = 'bridge'
        if _number(own + '/bridge/stp_state'):
            bridge.details['stp'] = True
        for name in port_names(bridge.name):
            port = by_name.get(name)
            if port is not None and port.master in (None, bridge.index):
                port.master = bridge.index
                state = _number(FOLDER + name + '/brport/state')
                port.port_state = PORT_STATES[state] if state is not None and 0 <= state < len(PORT_STATES) else None


def _number(path):
    """A whole number of sysfs, or None."""
    try:
        with open(path) as source:
            return int(source.read())
    except (EnvironmentError, ValueError):
        return None
