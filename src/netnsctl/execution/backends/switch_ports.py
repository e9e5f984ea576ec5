"""Ports of Open vSwitch bridges, for either backend: ovs-vsctl is the only way to them."""
from __future__ import absolute_import, division, print_function

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
    if not ovs.is_installed():
        return False
    port = ovs.read().ports.get(inverse.dev)
    return port is not None and (port.switch, port.wire) == (inverse.switch, inverse.wire)
