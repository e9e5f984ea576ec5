"""Operations on ports of Open vSwitch bridges: rows of its database, which both backends change through ovs-vsctl."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import operations
from netnsctl.model.operation import Operation


class _PortWords(Operation):
    """What AddPort and DeletePort share. dev: the link, and the name of the port. switch: the bridge. wire: the name of
    the wire that it is of, which the row has as external_ids:netnsctl-wire. data: pairs of text, its items. stale: the
    bridge that has a port of that name which an earlier wire left, and which goes in the same transaction, or None."""
    fields = ('ns', 'dev', 'switch', 'wire', 'data', 'stale')
    later = ('data', 'stale')
    outlives = True

    def __init__(self, *values, **named):
        Operation.__init__(self, *values, **named)
        # As it was, whether or not it comes out of a record.
        self.__dict__['data'] = self.data and tuple(tuple(pair) for pair in self.data)


class AddPort(_PortWords):
    verb = 'add-port'

    def undo(self):
        return DeletePort(self.ns, self.dev, self.switch, self.wire)


class DeletePort(_PortWords):
    """Removes the port, if the row is that wire's."""
    verb = 'delete-port'

    def undo(self):
        return AddPort(self.ns, self.dev, self.switch, self.wire)


OPERATIONS = (AddPort, DeletePort)
operations.BY_VERB.update((_kind.verb, _kind) for _kind in OPERATIONS)
