"""Can the host's firewall translate addresses, for nat and publish=? Tried in a throwaway network namespace."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.uplink import choosing
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Later, ok
from netnsctl.usecases.doctor.kernel.privileges import is_privileged


class _Trials(object):
    """Tries each program with each IP version once, when that is asked for."""

    def __init__(self, host):
        self._host, self._known = host, {}

    def why_not(self, program, family):
        """As choosing.refusal()."""
        key = program, family
        if key not in self._known:
            self._known[key] = choosing.refusal(self._host, program, family)
        return self._known[key]

    def answer(self, program, family):
        """The same as evidence: each is a start of nft or iptables."""
        return self.why_not(program, family) or 'works'


@check('nat', 'forwarding', seconds=60.0)
def check_nat(host):
    """nft or iptables translates addresses, for nat and publish=."""
    if not is_privileged(host):
        return ok('not examined: that needs root')
    trials = _Trials(host)
    evidence = [('%s, IPv%d' % (program, family), Later(trials.answer, program, family))
                for program in choosing.PROGRAMS for family in (4, 6)]
    try:
        found = choosing.choose(host, [4], trials.why_not)[0]
    except NetnsctlError as error:
        return ok('%s; only nat and publish= need it' % error.message, evidence)  # as most hosts need none
    six = any(trials.why_not(program, 6) is None for program in (found,) + choosing.PROGRAMS)
    return ok('%s does it%s' % (found, '' if six else '; IPv6 is not translated'), evidence)
