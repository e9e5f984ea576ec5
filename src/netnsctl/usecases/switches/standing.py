"""Recorded ports of Open vSwitch bridges compared with what its database has."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.switches import ovs
from netnsctl.errors import NetnsctlError
from netnsctl.model.links.ovs import columns_of


class Switches(object):
    """One look at the database, however many wires have a port: read when the first asks."""

    def __init__(self):
        self._database = self._error = None

    def ports(self):
        """{name: edge.switches.ovs.Port}. NetnsctlError, the same each time."""
        if self._error is not None:
            raise self._error
        if self._database is None:
            try:
                self._database = ovs.read()
            except NetnsctlError as error:
                self._error = error
                raise
        return self._database.ports


def remarks(record, look):
    """How the ports of a recorded wire are not as they were made: list of text. look: inventory.Look, whose wires share
    one look at the database."""
    look.switches = look.switches or Switches()
    return [text for _, text, _ in _differences(record, look.switches)]


def causes(record):
    """The same as why a check fails: [(code, text, hint)]. A database that cannot be asked is no cause: packets may
    pass."""
    if not record.planned('add-port'):
        return []
    try:
        return _differences(record, Switches())
    except NetnsctlError:
        return []


def _differences(record, switches):
    """[(code, text, hint)]."""
    found = []
    for step in record.planned('add-port'):
        place = [end.place for end in record.ends if end.dev == step.dev and end.parsed_target().has_port][0]
        port = switches.ports().get(step.dev)
        wanted = columns_of(step.data)
        again = 'netnsctl unwire %s, and wire it again.' % record.name
        if port is None:
            found.append(('port-missing', '%s: is not a port of the bridge %s any more' % (place, step.switch), again))
        elif port.switch != step.switch:
            found.append(('port-missing', '%s: is a port of the bridge %s, not of %s' % (
                place, port.switch, step.switch), again))
        elif sorted(port.columns()) != sorted(wanted):
            found.append(('port-differs', '%s: its port has %s, not %s' % (
                place, _shown(port.columns()), _shown(wanted)), again))
        elif port.wire != step.wire:
            # Only a port that says so is removed with the wire.
            found.append(('port-unmarked', '%s: its port no longer says which wire it is of, and would stay in %s '
                          'without its link' % (place, step.switch),
                          'ovs-vsctl set Port %s external_ids:%s=\'"%s"\'' % (step.dev, ovs.WIRE_KEY, step.wire)))
    return found


def _shown(columns):
    return ' '.join('%s=%s' % pair for pair in columns) or 'no VLAN'
