"""Does the host hear the router advertisements that its own addresses and default route come by?"""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge import netns
from netnsctl.edge.uplink.accept_ra import FORWARDING, accept_ra
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import LINK, Remediation, ok, warn
from netnsctl.usecases.doctor.kernel.netnsdir import quote
from netnsctl.usecases.uplinks import advertised


@check('accept-ra', 'forwarding')
def check_accept_ra(host):
    """The host hears the router advertisements that it lives by, though it forwards IPv6."""
    try:
        home = netns.open_host()
    except NetnsctlError as error:
        return ok('not examined: %s' % error.message)
    try:
        value = home.sysctl(FORWARDING)
        deaf = advertised.deaf(home)
        evidence = [('net/' + FORWARDING, 'not there' if value is None else value)]
        evidence += [('net/' + accept_ra(link), home.sysctl(accept_ra(link))) for link in deaf]
    except (NetnsctlError, socket.error) as error:
        return ok('not examined: %s' % error)
    finally:
        home.close()
    if not deaf:
        return ok('IPv6 is not forwarded, so they are heard' if value != '1' else
                  'no link that lives by them ignores them', evidence)
    return warn('this host forwards IPv6, and so ignores router advertisements on %s: its addresses there lapse, and '
                'so does its default route' % ', '.join(deaf[:3]), evidence, Remediation(
                    'With accept_ra=2 a link hears them all the same; a route that is gone comes back with the next '
                    'one.', ['sysctl -w net/%s=2' % quote(accept_ra(link)) for link in deaf])).about(LINK, deaf)
