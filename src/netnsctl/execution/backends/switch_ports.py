"""Ports of Open vSwitch bridges, for either backend: ovs-vsctl is the only way to them."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge.switches import ovs


def change(operation, namespaces):
    """Carries out an add-port or a delete-port. NetnsctlError."""
    if operation.verb == 'add-port':
        ovs.add(operation)
    else:
        ovs.delete(operation.switch, operation.dev)


def is_there(inverse):
    """Is the port that a delete-port speaks of in the database, and its wire's? NetnsctlError where nobody can be
    asked. Without an ovs-vsctl there is no Open vSwitch any more."""
    port = _of(inverse)
    return port is not None and (port.switch, port.wire) == (inverse.switch, inverse.wire)


def left(inverse):
    """What is to be said of a port that stays, since it does not say any more that it is that wire's: text, or None."""
    port = _of(inverse)
    if port is None or port.switch != inverse.switch or port.wire == inverse.wire:
        return None
    return 'the port %s of the Open vSwitch bridge %s stays: %s. To remove it: ovs-vsctl --if-exists del-port %s %s' % (
        port.name, port.switch, 'it no longer says that it is of the wire %s' % inverse.wire if port.wire is None else
        'it says that it is of the wire %s' % port.wire, shell_quote(port.switch), shell_quote(port.name))


def _of(inverse):
    return ovs.read().ports.get(inverse.dev) if ovs.is_installed() else None
