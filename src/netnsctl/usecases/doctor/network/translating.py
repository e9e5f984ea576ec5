"""Can the host's firewall translate addresses, for nat and publish=? Tried in a throwaway network namespace."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.uplink import choosing
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import ok
from netnsctl.usecases.doctor.kernel.privileges import is_privileged


@check('nat', 'forwarding', seconds=60.0)
def check_nat(host):
    """nft or iptables translates addresses, for nat and publish=."""
    if not is_privileged(host):
        return ok('not examined: that needs root')
    evidence = []
    for program in choosing.PROGRAMS:
        for family in (4, 6):
            why = choosing.refusal(host, program, family)
            evidence.append(('%s, IPv%d' % (program, family), why or 'works'))
    try:
        found = choosing.choose(host, [4])[0]
    except NetnsctlError as error:
        return ok('%s; only nat and publish= need it' % error.message, evidence)  # as most hosts need none
    six = [item for item in evidence if item[0].endswith('IPv6') and item[1] == 'works']
    return ok('%s does it%s' % (found, '' if six else '; IPv6 is not translated'), evidence)
