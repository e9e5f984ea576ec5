"""netnsctl: a network for containers, processes and named namespaces, by hand.

    import netnsctl
    wire = netnsctl.wire('a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    print(wire.name, wire.state)
    netnsctl.unwire(wire.name)

Endpoints are text in the grammar of `netnsctl wire`. Every error is a netnsctl.errors.NetnsctlError with the exit code
that the command would end with.
"""
from __future__ import absolute_import, division, print_function

__version__ = '0.1.0'
__all__ = ['wire', 'unwire', 'wires']


def wire(a, b, name=None, mtu=None, backend='auto', check=True, replace=False, pool=None, host=None,
         force=False):
    """Wires two endpoints: the Wire as it stands. The same wire again changes nothing.

    a, b: 'TARGET[:IFNAME][=ITEM,...]'. mtu: bytes. backend: 'auto', 'iproute' or 'netlink'. check: an echo each way,
    and CheckFailedError (the wire stands) if one is not answered. pool: network that addresses come from where
    neither end has any. force: take an address that somebody else on the bridge, or the host, has.
    Raises UsageError, NotFoundError, ConflictError, NetnsctlError, UndoError; but for the last nothing was changed.
    """
    from netnsctl import api
    return api.wire(a, b, name, mtu, backend, check, replace, pool, host, force)


def unwire(name, peer=None, host=None):
    """Takes a wire away, by its name, or by its two endpoints: True, or False where there was none.

    Raises UndoError where something could not be taken away.
    """
    from netnsctl import api
    return api.unwire(name, peer, host)


def wires(host=None):
    """Every recorded wire, held against the kernel: list of Wire (name, state, remarks, backend, made, ends)."""
    from netnsctl import api
    return api.wires(host)
