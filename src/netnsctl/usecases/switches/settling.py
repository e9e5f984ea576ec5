"""What a wire to an Open vSwitch bridge must respect: is there such a bridge, who has the port's name, which MTU."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge import bridges
from netnsctl.edge.switches import ovs
from netnsctl.errors import ConflictError, NotFoundError
from netnsctl.model import plan as planning
from netnsctl.model.links import kind_named


def settle(wiring, end, anchor):
    """Looks at the bridge of an anchor and writes into both plan.Ends what follows from it.

    NotFoundError if there is no such bridge, ConflictError if another port has the name; NetnsctlError, NoAnswerError
    if Open vSwitch cannot be asked.
    """
    rtnl = wiring.session.home.rtnl()
    database, link = require_switch(wiring.session.host, rtnl, anchor)
    anchor.wire = wiring.name
    anchor.stale = _stale_port(wiring, rtnl, anchor, database.ports.get(anchor.dev))
    if end.mtu is None and link is not None and link.mtu != kind_named(anchor.kind).usual_mtu:
        end.mtu = link.mtu
        planning.validate(end, anchor)  # IPv6 needs more than some of them
    if end.mtu and link is not None and end.mtu < link.mtu:
        wiring.session.notices.append('%s: a port with mtu %d lowers the mtu of the bridge %s, which is %d' % (
            anchor.label, end.mtu, link.name, link.mtu))
    anchor.mtu = end.mtu


def require_switch(host, rtnl, anchor):
    """(ovs.Database, the bridge's own Link or None) of an anchor, a plan.End. Raises what settle() does for a bridge
    that is not there, or cannot be asked for."""
    database, link = ovs.read(host), rtnl.link(name=anchor.anchor)
    if anchor.anchor not in database.switches:
        raise _missing(anchor, link, database)
    return database, link


def _missing(anchor, link, database):
    if link is not None and bridges.is_bridge(link):
        return ConflictError('%s: %s is a Linux bridge, not one of Open vSwitch' % (anchor.label, link.name),
                             hint='bridge://%s' % link.name)
    known = ', '.join(sorted(database.switches))
    return NotFoundError('%s: Open vSwitch has no bridge %s' % (anchor.label, anchor.anchor),
                         hint=('Its bridges are: %s.' % known if known else 'It has none yet.')
                         + ' To make it: ovs-vsctl add-br %s' % shell_quote(anchor.anchor))


def _stale_port(wiring, rtnl, anchor, port):
    """The bridge that has a port of that name which an earlier wire left, or None if none has."""
    if port is None:
        return None
    # The database outlives a reboot, and the journal does not.
    if port.wire is not None and rtnl.index_of(port.name) is None:
        return port.switch
    owner = 'of the wire %s' % port.wire if port.wire else 'which is not netnsctl\'s'
    raise ConflictError('%s: the bridge %s has a port %s already, %s' % (anchor.label, port.switch, port.name, owner),
                        hint='Give this one another name: ovs://%s:NAME' % anchor.anchor)
