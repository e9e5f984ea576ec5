"""Operations for a NIC that is lent to a namespace: it is moved there itself, and comes back as it was. No I/O.

Apart from the other operations, since few wires have them; model.earlier loads this for their verbs.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.model import operations
from netnsctl.model.operation import Operation


class _Lent(Operation):
    """What LendLink and ReturnLink share: `was` is a dict, which has no hash."""

    def __hash__(self):
        return hash((self.verb, self.ns, self.dev, self.to_ns, self.to_dev))


class LendLink(_Lent):
    """Moves a NIC to another namespace under another name, in one request.

    was: all that it takes to know the NIC again and to restore it, as edge.nics.saved.look() gives it.
    """
    verb = 'lend-link'
    fields = ('ns', 'dev', 'to_ns', 'to_dev', 'was')

    def made(self):
        return ((self.to_ns, self.to_dev),)

    def undo(self):
        return ReturnLink(self.to_ns, self.to_dev, self.ns, self.dev, self.was)


class ReturnLink(_Lent):
    """Brings a NIC back from wherever it is now, and restores it: execution.returning. In undo lists only."""
    verb = 'return-link'
    fields = LendLink.fields

    def undo(self):
        raise NotImplementedError


class DeleteAltname(Operation):
    """Removes an alternative name of a link (Linux 5.5), which a clash in another namespace could keep it from."""
    verb = 'delete-altname'
    fields = ('ns', 'dev', 'altname')

    def undo(self):
        return None  # the NIC gets them back when it is returned


class SetMtu(Operation):
    """Sets the MTU of a NIC that is lent; when it is returned it gets its own one back."""
    verb = 'set-mtu'
    fields = ('ns', 'dev', 'mtu')

    def undo(self):
        return None


OPERATIONS = (LendLink, ReturnLink, DeleteAltname, SetMtu)
operations.BY_VERB.update((_kind.verb, _kind) for _kind in OPERATIONS)
