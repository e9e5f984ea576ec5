"""What lets a wire pass FORWARD chains of others, which would drop its packets: rules at their head, with the wire in a
comment; with firewalld, the zone of its link.

A row of operations is [program, table, chain]: 'nft' with 'inet filter', or the name of an iptables, such as
'ip6tables-legacy', with 'filter'; 'firewalld' with the zone, and the one that the link was in before ('' for none).
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import shell_quote
from netnsctl.edge.firewall import firewalld, letting_pass
from netnsctl.edge.uplink import apart, iptables, nft

_HANDLE = re.compile(r' # handle ([0-9]+)$')  # of nft -a


def where(place):
    """What lets a wire pass there, in words."""
    if place[0] == firewalld.NAME:
        return 'link in zone %s of firewalld' % place[1]
    return 'rules in chain %s of %s, table %s' % (place[2], place[0], place[1])


def key_of(place):
    """What tells a place from others, as a tuple: for a zone not the one that the link was in before."""
    return tuple(place[:2] if place[0] == firewalld.NAME else place)


def is_of_other(text, wire):
    """Is that a rule that lets another wire pass? text: as printed. wire: '' for any."""
    match = re.search(r'\bnetnsctl:([^"\s]*):open\b', text)
    return match is not None and match.group(1) != wire


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
        if program == firewalld.NAME:
            found.append(' '.join(shell_quote(word) for word in firewalld.command(operation.link, table)))
            continue
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

    def place_of(self, chain, link):
        """The row of a forward_chain.Chain: where docker and firewalld leave a place for that, there. NetnsctlError."""
        place = letting_pass.place_in(chain)
        if firewalld.is_of(chain) and place == chain.name:
            zone = firewalld.Firewalld(self.host).zone_of(link)
            if zone is not None:
                return [firewalld.NAME, firewalld.ZONE, zone]
        return [chain.program, chain.table, place]

    def own(self, operation, place):
        """What removes the wire's rules in a place: list of commands for its program; None if the chain is not there.
        A rule with another text is not ours, whatever its comment says. NetnsctlError."""
        found = (self._of_nft if place[0] == 'nft' else self._of_iptables)(operation, place)
        if found is None:
            return None
        wanted = set(rules_of(operation, place[0]))
        if set(found) - wanted:
            wanted |= self._as_listed(operation, place[0])
        return [command for text in found if text in wanted for command in found[text]]

    def _of_nft(self, operation, place):
        """The rules with the wire's comment: {text: [what removes one]}, or None if the chain is not there."""
        _, table, chain = place
        text, found = nft.Nft(self.host).list('chain', *table.split(' ') + [chain]), {}
        for line in (text or '').splitlines():
            if line.startswith('\t\t') and _mentions(operation, line) and _HANDLE.search(line):
                found.setdefault(_HANDLE.sub('', line.strip()), []).append(
                    'delete rule %s %s handle %s' % (table, chain, _HANDLE.search(line).group(1)))
        return None if text is None else found

    def _of_iptables(self, operation, place):
        program, table, chain = place
        now, is_there, found = None, False, {}
        saver = self.host.require(program + '-save')
        for line in iptables.Iptables(self.host, self.keep).read(saver, (table,)).splitlines():
            line = iptables.unquoted(line)
            now = line[1:].strip() if line.startswith('*') else now
            is_there |= now == table and line.startswith(':%s ' % chain)
            if now == table and line.startswith('-A %s ' % chain) and _mentions(operation, line):
                found.setdefault(line[len('-A %s ' % chain):], []).append('-D' + line[2:])
        return found if is_there else None

    def _as_listed(self, operation, program):
        """The rules as the program lists them: set of text."""
        rules = rules_of(operation, program)
        if program == 'nft':
            path, trial = self.host.require('nft'), 'inet trial c'
            text = apart.listed(self.host, [path, '-f', '-'], ['add table inet trial', 'add chain ' + trial] + [
                'add rule %s %s' % (trial, rule) for rule in rules], [path, 'list', 'ruleset'])
            return set(line.strip() for line in text.splitlines() if _mentions(operation, line))
        feed = ['*filter'] + ['-A FORWARD ' + rule for rule in rules] + ['COMMIT']
        text = apart.listed(self.host, [self.host.require(program + '-restore'), '--noflush'], feed,
                            [self.host.require(program + '-save')])
        return set(iptables.unquoted(line)[len('-A FORWARD '):] for line in text.splitlines()
                   if _mentions(operation, line))

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
            if program == firewalld.NAME:
                firewalld.Firewalld(self.host, self.keep).put(operation.link, table)
                continue
            start = 'insert rule %s %s' % (table, chain) if program == 'nft' else '-I %s' % chain
            self._feed(place, (self.own(operation, place) or []) + [
                '%s %s' % (start, rule) for rule in reversed(rules_of(operation, program))])

    def delete(self, operation):
        """Removes them; a chain that is gone has taken them along."""
        for place in operation.places:
            if place[0] == firewalld.NAME:
                there = firewalld.Firewalld(self.host, self.keep)
                if there.zone_of(operation.link) == place[1]:
                    there.put(operation.link, place[2])
                continue
            commands = self.own(operation, place)
            if commands:
                self._feed(place, commands)

    def lacks(self, operation, known):
        """The places that are there without the rules: list of rows. known: a dict that keeps the zones of links."""
        found = []
        for place in operation.places:
            if place[0] == firewalld.NAME:
                if ('zone', operation.link) not in known:
                    known['zone', operation.link] = firewalld.Firewalld(self.host).zone_of(operation.link)
                if known['zone', operation.link] not in (None, place[1]):
                    found.append(place)
                continue
            there = self.own(operation, place)
            if there is not None and len(there) != len(rules_of(operation, place[0])):
                found.append(place)
        return found


def _mentions(operation, line):
    return re.search(r'%s\b(?![^\s"])' % re.escape(_comment(operation)), line) is not None
