"""Ports that wires left in the database of Open vSwitch, which outlives a reboot of the host, unlike the journal."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.switches import ovs
from netnsctl.errors import NetnsctlError

DATABASE = '/run/openvswitch/db.sock'


def sweep(session):
    """Removes the ports of wires that are no longer recorded and whose links are gone, with the lock held. One that
    cannot be removed is told in a notice."""
    if not (session.host.exists(DATABASE) and ovs.is_installed(session.host)):
        return
    try:
        ports = ovs.read(session.host).ports
        own = [port for port in ports.values() if port.wire is not None]
        if not own:
            return
        known = set((end.dev, record.name) for record in session.recorded(pending=True) for end in record.ends)
        left = {}
        for port in own:
            if (port.name, port.wire) not in known and session.home.rtnl().index_of(port.name) is None:
                left.setdefault(port.switch, []).append(port.name)
        for switch in sorted(left):
            ovs.delete(switch, *sorted(left[switch]))
    except NetnsctlError as error:
        session.notices.append('ports that earlier wires left in Open vSwitch: %s' % error.message)
