"""Which program translates addresses here: found by trying in a throwaway network namespace, never by a version."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import settings
from netnsctl.edge.uplink import apart, iptables, nft
from netnsctl.errors import KernelError, NetnsctlError
from netnsctl.model.features.uplink_steps import AddNat

PROGRAMS = ('nft', 'nft-ip', 'iptables')
_TRIED = {4: ('10.0.0.0/24', ['tcp', None, 1, 1, '10.0.0.2', 2]), 6: ('fd00::/64', ['tcp', None, 1, 1, 'fd00::2', 2])}


def tool(host, program, keep=None):
    """What runs a program of PROGRAMS: Nft or Iptables."""
    return nft.Nft(host, keep) if program.startswith('nft') else iptables.Iptables(host, keep)


def lines(operation):
    """The shell commands for an add-nat on a host that has none of its rules: list of text."""
    from netnsctl.compat import shell_quote
    if operation.program.startswith('nft'):
        fed = [('nft -f -', nft.commands_to_add(operation))]
    else:
        fed = [('ip%stables-restore --noflush' % ('6' if family == 6 else ''), iptables.restore_text(
            iptables.Saved(''), operation.wire, iptables.rules_of(operation, family)).splitlines())
            for family in operation.families]
    return ["printf '%%s\\n' %s | %s" % (' '.join(shell_quote(line) for line in said), command)
            for command, said in fed]


def choose(host, families, why_not=None):
    """(program, the IP versions of `families` that it can translate, why not for the others: {version: text}).

    What /etc/netnsctl.conf says, else the first that works. NetnsctlError if none does. why_not: what is asked in place
    of refusal(), by a program and an IP version.
    """
    asked = settings.read(host).firewall
    reasons = []
    for program in PROGRAMS:
        if asked != 'auto' and program.partition('-')[0] != asked:
            continue
        refused = {}
        for family in families:
            why = why_not(program, family) if why_not else refusal(host, program, family)
            if why:
                refused[family] = why
        able = [family for family in families if family not in refused]
        if able:
            return program, able, refused
        reasons += [text for text in refused.values() if text not in reasons]
    raise NetnsctlError('this host can translate no addresses: %s' % '; '.join(reasons),
                        hint='Install nftables or iptables; `netnsctl doctor privileges` says what this user may do.')


def refusal(host, program, family):
    """Why a program cannot translate addresses of an IP version in a new network namespace: text, or None."""
    net, row = _TRIED[family]
    needed = 'nft' if program.startswith('nft') else 'ip%stables-restore' % ('6' if family == 6 else '')
    if host.find(needed) is None:
        return 'there is no %s' % needed
    trial = AddNat('host', 'trial', program, 'trial', [net], [row], [net], False)
    try:
        if program.startswith('nft'):
            nft.Nft(host).feed(nft.commands_to_add(trial), apart.enter)
        else:
            iptables.Iptables(host).feed(family, iptables.restore_text(
                iptables.Saved(''), trial.wire, iptables.rules_of(trial, family)), apart.enter)
    except KernelError as error:  # what keeps the program from running at all says nothing of it
        return error.message
    return None
