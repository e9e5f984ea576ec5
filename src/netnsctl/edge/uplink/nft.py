"""The rules of wires in nft: one table of our own, `inet netnsctl`, in which each rule has a comment with its wire.

Kernels before Linux 5.2 have no NAT in the family inet: then it is `ip netnsctl` and `ip6 netnsctl`.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.edge.uplink import apart
from netnsctl.errors import KernelError, NetnsctlError

SECONDS = 10.0
TABLE = 'netnsctl'
# chain: (type, hook, priority); as numbers, since older nft has no names for these.
CHAINS = {'prerouting': ('nat', 'prerouting', -100), 'output': ('nat', 'output', -100),
          'postrouting': ('nat', 'postrouting', 100), 'strangers': ('filter', 'prerouting', -300)}
_CHAIN = re.compile(r'\tchain (\S+) \{')
_HOOK = re.compile(r'\t\ttype (\S+) hook (\S+) ')
_RULE = re.compile(r'\t\t(.*) comment "netnsctl:([^"]*):[a-z]+" # handle ([0-9]+)$')
_ANY_RULE = re.compile(r'\t\t(.*) # handle ([0-9]+)$')
_FRAME = re.compile(r'table \S+ \S+ \{|\t?\}$|\s*$')


def tables(program, families):
    """The tables that hold rules of these IP versions: list of ('inet', 4 or 6)."""
    return [('inet' if program == 'nft' else 'ip' if family == 4 else 'ip6', family) for family in families]


def rules_of(operation):
    """The rules of an add-nat: list of (family of the table, chain, text without the comment, what it is for)."""
    found = []
    for table, family in tables(operation.program, operation.families):
        word = 'ip' if family == 4 else 'ip6'
        for net in operation.nat:
            if (':' in net) == (family == 6):
                found.append((table, 'postrouting', '%s saddr %s %s daddr != { %s, %s } masquerade' % (
                    word, _net(net), word, _net(net), '224.0.0.0/4' if family == 4 else 'ff00::/8'), 'nat'))
        rows = [row for row in operation.publish if (':' in row[4]) == (family == 6)]
        for row in rows:
            found += _published(table, word, row, operation.localhost)
        for ip in sorted(set(row[4] for row in rows)):
            for net in operation.inside:
                if (':' in net) == (family == 6):
                    found.append((table, 'postrouting', '%s saddr %s %s daddr %s ct status dnat masquerade' % (
                        word, _net(net), word, ip), 'hairpin'))
        if rows and operation.localhost and family == 4:
            for ip in sorted(set(row[4] for row in rows)):
                found.append((table, 'postrouting', 'ip saddr 127.0.0.0/8 ip daddr %s ct status dnat masquerade' % ip,
                              'localhost'))
            for way in ('daddr', 'saddr'):  # what route_localnet lets in: the host's own services trust these addresses
                found.append((table, 'strangers', 'ip %s 127.0.0.0/8 iifname != "lo" drop' % way, 'localhost'))
    return found


def _net(text):
    """As nft lists it."""
    return text.partition('/')[0] if text.endswith('/128' if ':' in text else '/32') else text


def _published(table, word, row, is_local):
    protocol, address, first, last, ip, to = row
    goal = 'dnat %sto %s' % (word + ' ' if table == 'inet' else '', ip)
    version = 'meta nfproto %s ' % ('ipv6' if ':' in ip else 'ipv4') if table == 'inet' else ''
    where = 'fib daddr type local ' + ('%s daddr %s ' % (word, address) if address else '')
    found = []
    for ports, target in port_pairs(first, last, to):
        text = ' %s dport %s %s%s' % (protocol, ports, goal if ':' not in ip or not target else
                                      goal[:-len(ip)] + '[%s]' % ip, ':%d' % target if target else '')
        for chain in ('prerouting', 'output'):
            beyond = '' if word == 'ip6' or address or is_local and chain == 'output' \
                else 'ip daddr != 127.0.0.0/8 '
            # As nft lists it, which leaves out what the address says.
            found.append((table, chain, ('' if address or beyond else version) + (where + beyond).strip() + text,
                          'publish'))
    return found


def port_pairs(first, last, to):
    """[('8080', 80)] of one port; [('8000-8010', None)] of a range that keeps its numbers; else one pair a port."""
    if first == last:
        return [('%d' % first, to)]
    if first == to:
        return [('%d-%d' % (first, last), None)]
    return [('%d' % (first + at), to + at) for at in range(last - first + 1)]


def commands_to_add(operation):
    """The nft commands that add the rules where there are none of that wire: list of text."""
    found = []
    rules = rules_of(operation)
    for table, chain in sorted(set(rule[:2] for rule in rules)):
        if 'add table %s %s' % (table, TABLE) not in found:
            found.append('add table %s %s' % (table, TABLE))
        found.append('add chain %s %s %s { type %s hook %s priority %d ; }' % ((table, TABLE, chain) + CHAINS[chain]))
    return found + ['add rule %s %s %s %s' % (table, TABLE, chain, text)
                    for (table, chain), texts in sorted(wanted(operation).items()) for text in texts]


def wanted(operation):
    """The rules of an add-nat as they are given to nft: {(family of the table, chain): [text with the comment]}."""
    found = {}
    for table, chain, text, what in rules_of(operation):
        found.setdefault((table, chain), []).append('%s comment "netnsctl:%s:%s"' % (text, operation.wire, what))
    return found


class Listing(object):
    """What a table of ours holds. rules: [(chain, wire or None of a rule that is not ours, handle, text)]. chains: of
    ours, in their order. is_ours: has it nothing that netnsctl does not put there?"""

    def __init__(self, text):
        self.rules, self.chains = [], []
        chain, others = None, 0
        for line in text.splitlines():
            match = _CHAIN.match(line)
            hook, rule, other = _HOOK.match(line), _RULE.match(line), _ANY_RULE.match(line)
            if match:
                chain = match.group(1)
            elif hook:
                if CHAINS.get(chain, ())[:2] == hook.groups():
                    self.chains.append(chain)
            elif rule:
                self.rules.append((chain, rule.group(2), rule.group(3), line.strip().rpartition(' # handle')[0]))
            elif other:
                self.rules.append((chain, None, other.group(2), other.group(1)))
            elif not _FRAME.match(line):
                others += 1
        there = len(re.findall(r'(?m)^\tchain ', text))
        self.is_ours = bool(self.chains) and there == len(self.chains) and not others and all(
            wire is not None for _, wire, _, _ in self.rules)


class Nft(object):
    """Runs nft in the namespace of this process. host: edge.Host; keep: a descriptor that it inherits (the lock)."""

    def __init__(self, host, keep=None):
        self.host, self.keep = host, keep

    def list(self, *words):
        """What `nft -a list` prints of a table or a chain, or None if that is not there. NetnsctlError."""
        result = self.host.run([self.host.require('nft'), '-a', 'list'] + list(words), seconds=SECONDS)
        if result.status == 0:
            return result.out
        if 'No such file' in result.err or 'does not exist' in result.err:
            return None
        raise NetnsctlError('nft list %s: %s' % (' '.join(words), _complaint(result)))

    def listing(self, table):
        """The Listing of a table of ours, or None if it is not there."""
        text = self.list('table', table, TABLE)
        return None if text is None else Listing(text)

    def feed(self, commands, prepare=None):
        """Runs commands, all or none of them. NetnsctlError."""
        result = self.host.run([self.host.require('nft'), '-f', '-'], feed='\n'.join(commands) + '\n', seconds=SECONDS,
                               keep=self.keep, prepare=prepare)
        if result.status != 0:
            raise KernelError('nft: %s' % _complaint(result), None)

    def add(self, operation):
        """Carries out an add-nat."""
        self.feed(self._to_remove(operation, False) + commands_to_add(operation))

    def delete(self, operation):
        """Carries out a delete-nat: is anything removed?"""
        commands = self._to_remove(operation, True)
        if commands:
            self.feed(commands)
        return bool(commands)

    def _to_remove(self, operation, with_table):
        """with_table: and with the last rule what else is ours; what somebody else has put there stays."""
        found = []
        for table in sorted(set(table for table, _ in tables(operation.program, operation.families))):
            there = self.listing(table)
            if there is None:
                continue
            own = [rule for rule in there.rules if rule[1] == operation.wire]
            left = [rule for rule in there.rules if rule[1] != operation.wire]
            if with_table and there.is_ours and not left:
                found.append('delete table %s %s' % (table, TABLE))
                continue
            found += ['delete rule %s %s %s handle %s' % (table, TABLE, rule[0], rule[2]) for rule in own]
            if with_table and not any(rule[1] for rule in left):
                found += ['delete chain %s %s %s' % (table, TABLE, chain) for chain in there.chains
                          if chain not in [rule[0] for rule in left]]
        return found

    def rules(self, program, families):
        """The rules of wires: {wire: {(family of the table, chain): [text]}}."""
        return self._by_wire(dict((table, self.listing(table)) for table, _ in tables(program, families)))

    @staticmethod
    def _by_wire(listings):
        found = {}
        for table, listing in listings.items():
            for chain, wire, _, text in listing.rules if listing else ():
                found.setdefault(wire, {}).setdefault((table, chain), []).append(text)
        return found

    @staticmethod
    def wanted(operation):
        """The rules of an add-nat as they are given to nft."""
        return wanted(operation)

    def as_listed(self, operation):
        """The same as this nft lists them: from a throwaway network namespace. NetnsctlError."""
        text = apart.listed(self.host, [self.host.require('nft'), '-f', '-'], commands_to_add(operation),
                            [self.host.require('nft'), '-a', 'list', 'ruleset'])
        listings = {}
        # Before Python 3.7 no text is split where nothing is matched.
        for part in re.split(r'(?m)^table ', text)[1:]:
            listings[part.split(' ')[0]] = Listing('table ' + part)
        return self._by_wire(listings).get(operation.wire, {})

    def foreign(self, program, families):
        """Is there something of the name of what is ours that is not? text, or None."""
        for table, _ in tables(program, families):
            there = self.listing(table)
            if there is not None and not there.is_ours:
                return 'nft has a table %s %s' % (table, TABLE)
        return None


def _complaint(result):
    lines = [line.strip() for line in result.err.splitlines() if line.strip()]
    text = lines[0] if lines else 'it exited with status %d' % result.status
    return re.sub(r'^\S+:[0-9]+:[0-9]+(-[0-9]+)?: ', '', text)
