"""Rules of a wire in FORWARD chains of others, which would drop its packets: at their head, with the wire in a
comment.

A row of operations is [program, table, chain]: 'nft' with 'inet filter', or the name of an iptables, such as
'ip6tables-legacy', with 'filter'.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import shell_quote
from netnsctl.edge.firewall import letting_pass
from netnsctl.edge.uplink import iptables, nft

_HANDLE = re.compile(r' # handle ([0-9]+)$')


def place_of(chain):
    """The row of a forward_chain.Chain: docker's own place for such rules where it has one."""
    return [chain.program, chain.table, 'DOCKER-USER' if 'DOCKER-USER' in chain.chains else chain.name]


def is_ours(text):
    """Is that a rule that lets a wire pass? text: as printed."""
    return re.search(r'\bnetnsctl:[^"\s]*:open\b', text) is not None


def _comment(operation):
    return 'netnsctl:%s:open' % operation.wire


def rules_of(operation, program):
    """The rules in one place, in their order, as text."""
    if program == 'nft':
        return ['%s comment "%s"' % (text % ('"%s"' % operation.link), _comment(operation))
                for text in letting_pass.NFT]
    return ['%s -m comment --comment %s -j ACCEPT' % (text % operation.link, _comment(operation))
            for text in letting_pass.IPTABLES]


def lines(operation):
    """The shell commands that add the rules: list of text."""
    found = []
    for program, table, chain in operation.places:
        for rule in reversed(rules_of(operation, program)):
            if program == 'nft':
                found.append('nft %s' % shell_quote('insert rule %s %s %s' % (table, chain, rule)))
            else:
                found.append('%s -t %s -I %s %s' % (program, table, chain, rule))
    return found


class Opening(object):
    """Adds and removes them in the namespace of this process. host: edge.Host; keep: a descriptor that the programs
    inherit (the lock)."""

    def __init__(self, host, keep=None):
        self.host, self.keep = host, keep

    def own(self, operation, place):
        """What removes the wire's rules in a place: list of commands for its program; None if the chain is not there.
        NetnsctlError."""
        program, table, chain = place
        mine = re.compile(r'%s\b(?![^\s"])' % re.escape(_comment(operation)))
        if program == 'nft':
            text = nft.Nft(self.host).list('chain', *table.split(' ') + [chain])
            return text and ['delete rule %s %s handle %s' % (table, chain, _HANDLE.search(line).group(1))
                             for line in text.splitlines() if mine.search(line) and _HANDLE.search(line)]
        now, is_there, found = None, False, []
        for line in self._iptables([self.host.require(program + '-save')]).splitlines():
            line = iptables.unquoted(line)
            now = line[1:].strip() if line.startswith('*') else now
            is_there |= now == table and line.startswith(':%s ' % chain)
            if now == table and line.startswith('-A %s ' % chain) and mine.search(line):
                found.append('-D' + line[2:])
        return found if is_there else None

    def _iptables(self, argv, feed=''):
        return iptables.Iptables(self.host, self.keep).run(argv, feed)

    def _feed(self, place, commands):
        program, table, _ = place
        if program == 'nft':
            nft.Nft(self.host, self.keep).feed(commands)
        else:
            self._iptables([self.host.require(program + '-restore'), '--noflush'],
                           '*%s\n%s\nCOMMIT\n' % (table, '\n'.join(commands)))

    def add(self, operation):
        """Puts the rules in each place, instead of those of the wire that are there."""
        for place in operation.places:
            program, table, chain = place
            start = 'insert rule %s %s' % (table, chain) if program == 'nft' else '-I %s' % chain
            self._feed(place, (self.own(operation, place) or []) + [
                '%s %s' % (start, rule) for rule in reversed(rules_of(operation, program))])

    def delete(self, operation):
        """Removes them; a chain that is gone has taken them along."""
        for place in operation.places:
            commands = self.own(operation, place)
            if commands:
                self._feed(place, commands)

    def lacks(self, operation):
        """The places that are there without the rules: list of rows."""
        found = []
        for place in operation.places:
            there = self.own(operation, place)
            if there is not None and len(there) != len(rules_of(operation, place[0])):
                found.append(place)
        return found
