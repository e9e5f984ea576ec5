"""dummy: a link that leads nowhere, for addresses of a namespace's own."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model.links import Kind


def _check(end, anchor):
    if end.dhcp:
        raise UsageError('%s: dhcp: a dummy link does not lead to a server' % end.label)


# Left to itself, the module makes a dummy0 on the host when it is loaded.
kind = Kind('dummy', is_alone=True, usual_mtu=1500, module_options=('numdummies=0',), check=_check,
            network=lambda anchor: '')
