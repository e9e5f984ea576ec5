"""Whether the ends of a wire that have their address by DHCP have one, and why not."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.usecases.ends import dhcp, leased
from netnsctl.usecases.check.report import Cause


def causes(record, namespaces):
    """Why the ends of a recorded wire with a DHCP client have no address: list of report.Cause. namespaces: the Netns
    of each end."""
    found = dhcp.troubles(record, [leased.has_ipv4(opened, end) for opened, end in zip(namespaces, record.ends)])
    ends = ' '.join(shell_quote(str(end.asked_endpoint())) for end in record.ends)
    again = 'up' if record.tree else 'wire %s' % ends
    hint = 'Is the server running? To start the client: netnsctl %s' % again
    return [Cause('dhcp-lease', '%s: %s' % (record.ends[at].place, text), hint) for at, text in found]
