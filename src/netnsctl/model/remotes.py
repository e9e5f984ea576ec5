"""The operation that takes a remote of a vxlan which stays up away again: few wires are changed so."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import operations
from netnsctl.model.operation import Operation


class DeleteFdb(Operation):
    """Nothing more that is for all, or for nobody known, is sent to that remote of a vxlan."""
    verb = 'delete-fdb'
    fields = ('ns', 'dev', 'remote')

    def undo(self):
        return operations.AddFdb(self.ns, self.dev, self.remote)


OPERATIONS = (DeleteFdb,)
operations.BY_VERB.update((_kind.verb, _kind) for _kind in OPERATIONS)
