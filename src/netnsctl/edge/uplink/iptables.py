"""The rules of wires in iptables: chains of our own, NETNSCTL-*, with one jump to each from the built-in one.

iptables 1.4.7 (EL6) has neither -C nor -w: what is there is read from iptables-save, and what is to be there is given
to iptables-restore --noflush, which changes a table at once. It empties a chain that it is told to make, so each
chain of ours is written again, with the rules that stay.
"""
from __future__ import absolute_import, division, print_function

import re
import time

from netnsctl.compat import monotonic
from netnsctl.edge.uplink.nft import port_pairs
from netnsctl.errors import KernelError

SECONDS = 10.0
# Another program holds the lock of iptables: its status, since 1.4.20 (1.8: RESOURCE_PROBLEM).
BUSY = 4
BUSY_SECONDS = 30.0
# chain of ours: (table, the one that jumps to it, what the jump asks for)
CHAINS = {'NETNSCTL-PRE': ('nat', 'PREROUTING', '-m addrtype --dst-type LOCAL '),
          'NETNSCTL-OUT': ('nat', 'OUTPUT', '-m addrtype --dst-type LOCAL '),
          'NETNSCTL-POST': ('nat', 'POSTROUTING', ''),
          'NETNSCTL-RAW': ('raw', 'PREROUTING', '')}
ORDER = ('NETNSCTL-PRE', 'NETNSCTL-OUT', 'NETNSCTL-POST', 'NETNSCTL-RAW')
_WIRE = re.compile(r'--comment netnsctl:([^"\s]*):[a-z]+ ')
_QUOTED = re.compile(r'(--comment )"(netnsctl:[^"\s]*)"')
_PROGRAMS = {4: ('iptables-save', 'iptables-restore'), 6: ('ip6tables-save', 'ip6tables-restore')}


def rules_of(operation, family):
    """The rules of an add-nat for one IP version: list of (chain, text after `-A CHAIN`)."""
    found = []

    def rule(chain, words, target, what):
        found.append((chain, '%s -m comment --comment netnsctl:%s:%s -j %s' % (words, operation.wire, what, target)))

    for net in operation.nat:
        if (':' in net) == (family == 6):
            # Two rules, since one cannot leave two networks out.
            rule('NETNSCTL-POST', '-s %s -d %s' % (net, '224.0.0.0/4' if family == 4 else 'ff00::/8'), 'RETURN', 'nat')
            rule('NETNSCTL-POST', '-s %s ! -d %s' % (net, net), 'MASQUERADE', 'nat')
    rows = [row for row in operation.publish if (':' in row[4]) == (family == 6)]
    for protocol, address, first, last, ip, to in rows:
        for ports, target in port_pairs(first, last, to):
            goal = 'DNAT --to-destination ' + (ip if target is None else '[%s]:%d' % (ip, target) if family == 6
                                               else '%s:%d' % (ip, target))
            for chain in ('NETNSCTL-PRE', 'NETNSCTL-OUT'):
                where = '-d %s ' % _host(address) if address else '' if family == 6 or (
                    operation.localhost and chain == 'NETNSCTL-OUT') else '! -d 127.0.0.0/8 '
                rule(chain, '%s-p %s -m %s --dport %s' % (where, protocol, protocol, ports.replace('-', ':')), goal,
                     'publish')
    for ip in sorted(set(row[4] for row in rows)):
        nets = [net for net in operation.inside if (':' in net) == (family == 6)]
        nets += ['127.0.0.0/8'] if operation.localhost and family == 4 else []
        for net in nets:
            rule('NETNSCTL-POST', '-s %s -d %s -m conntrack --ctstate DNAT' % (net, _host(ip)), 'MASQUERADE',
                 'localhost' if net == '127.0.0.0/8' else 'hairpin')
    if rows and operation.localhost and family == 4:
        for way in '-d', '-s':  # what route_localnet lets in: the host's own services trust these addresses
            rule('NETNSCTL-RAW', way + ' 127.0.0.0/8 ! -i lo', 'DROP', 'localhost')
    return found


def _host(ip):
    return ip + ('/128' if ':' in ip else '/32')


class Saved(object):
    """What iptables-save says of us. chains: {chain of ours that is there: [rule after `-A CHAIN`]}; jumps: {chain of
    ours: how many jumps lead to it}; tables: {name: has it only chains that let all pass}; is_nft: are they
    tables of nft, which are made when they are needed?"""

    def __init__(self, text):
        self.chains, self.jumps, self.tables = {}, {}, {}
        self.is_nft = 'nf_tables' in text.partition('*')[0] or 'iptables-nft' in text or 'ip6tables-nft' in text
        table = None
        for line in text.splitlines():
            line = unquoted(line)
            if line.startswith('*'):
                table = line[1:].strip()
                self.tables[table] = True
            elif line.startswith(':') and line.split(' ')[1] != 'ACCEPT' or line.startswith('-A '):
                self.tables[table] = False
            if line.startswith('*'):
                continue
            if line.startswith(':') and line[1:].split(' ')[0] in CHAINS:
                if CHAINS[line[1:].split(' ')[0]][0] == table:
                    self.chains.setdefault(line[1:].split(' ')[0], [])
            elif line.startswith('-A '):
                chain, _, rule = line[3:].partition(' ')
                target = re.search(r'-j (\S+)$', line)
                if chain in CHAINS and CHAINS[chain][0] == table:
                    self.chains.setdefault(chain, []).append(rule)
                elif target and target.group(1) in CHAINS and CHAINS[target.group(1)][:2] == (table, chain):
                    self.jumps[target.group(1)] = self.jumps.get(target.group(1), 0) + 1

    def count(self):
        """{wire: how many rules of its own there are}; those of a chain that nothing leads to do not count."""
        found = {}
        for chain, rules in self.chains.items():
            for rule in rules if self.jumps.get(chain) else ():
                wire = wire_of(rule)
                found[wire] = found.get(wire, 0) + 1
        return found


def unquoted(line):
    """A line of iptables-save: 1.4.7 ends a rule with a blank, and its iptables-restore garbles a word in quotes."""
    return _QUOTED.sub(r'\1\2', line.rstrip())


def wire_of(rule):
    """The wire that a rule is of, or None."""
    match = _WIRE.search(rule + ' ')
    return match and match.group(1)


def restore_text(saved, wire, rules):
    """What iptables-restore --noflush is told, so that a wire has these rules [(chain, rule)] and no others: text. ''
    if there is nothing to do."""
    tables = {}
    for chain in ORDER:
        table, parent, asked = CHAINS[chain]
        kept = [rule for rule in saved.chains.get(chain, ()) if wire_of(rule) != wire]
        wanted = kept + [rule for at, rule in rules if at == chain]
        lines = tables.setdefault(table, ([], []))
        jump = '%s %s-j %s' % (parent, asked, chain)
        if wanted:
            if wanted == saved.chains.get(chain) and saved.jumps.get(chain):
                continue
            lines[0].append(':%s - [0:0]' % chain)
            lines[1].extend('-A %s %s' % (chain, rule) for rule in wanted)
            if not saved.jumps.get(chain):
                lines[1].append('-A ' + jump)
        elif chain in saved.chains:
            lines[1].append('-F ' + chain)
            lines[1].extend(['-D ' + jump] * saved.jumps.get(chain, 0))
            lines[1].append('-X ' + chain)
    return ''.join('*%s\n%s\nCOMMIT\n' % (table, '\n'.join(tables[table][0] + tables[table][1]))
                   for table in ('nat', 'raw') if tables[table][0] + tables[table][1])


class Iptables(object):
    """Runs iptables-save and iptables-restore in the namespace of this process. host: edge.Host; keep: a descriptor
    that they inherit (the lock)."""

    def __init__(self, host, keep=None):
        self.host, self.keep = host, keep

    def _path(self, family, at):
        return self.host.require(_PROGRAMS[family][at])

    def run(self, argv, feed='', prepare=None):
        """Runs one of the programs, and waits while another one has their lock: what it prints. NetnsctlError."""
        deadline = monotonic() + BUSY_SECONDS
        while True:
            result = self.host.run(argv, feed=feed, seconds=SECONDS, keep=self.keep, prepare=prepare)
            if result.status != BUSY or monotonic() > deadline or 'lock' not in result.err:
                break
            time.sleep(0.05)
        if result.status != 0:
            lines = [line for line in result.err.splitlines() if line.strip() and not line.startswith('#')]
            raise KernelError('%s: %s' % (argv[0].rpartition('/')[2], lines[0].strip() if lines else
                                          'it exited with status %d' % result.status), None)
        return result.out

    def saved(self, family):
        """What there is: Saved."""
        return Saved(self.run([self._path(family, 0)]))

    def feed(self, family, text, prepare=None):
        """Gives a text to iptables-restore."""
        self.run([self._path(family, 1), '--noflush'], text, prepare)

    def add(self, operation):
        """Carries out an add-nat."""
        for family in operation.families:
            self._change(operation, family, rules_of(operation, family))

    def delete(self, operation):
        """Carries out a delete-nat: is anything removed?"""
        found = [family for family in operation.families if self._change(operation, family, [])]
        for family in found:
            self._tidy(family, [table for number, table in operation.fresh if number == family])
        return bool(found)

    def _tidy(self, family, fresh):
        """Removes tables of iptables-nft that were not there before, if nobody else uses them by now."""
        nft = self.host.find('nft')
        if not fresh or nft is None:
            return
        saved = self.saved(family)
        for table in fresh if saved.is_nft else ():
            if saved.tables.get(table):
                self.host.run([nft, 'delete', 'table', 'ip' if family == 4 else 'ip6', table], seconds=SECONDS,
                              keep=self.keep)

    def fresh(self, families):
        """The tables that an add-nat would make: list of [IP version, name]."""
        found = []
        for family in families:
            there = self.saved(family).tables
            found += [[family, table] for table in ('nat', 'raw') if table not in there]
        return found

    def _change(self, operation, family, rules):
        text = restore_text(self.saved(family), operation.wire, rules)
        if text:
            self.feed(family, text)
        return bool(text)

    def count(self, _, families):
        """{wire: how many rules of its own there are}."""
        found = {}
        for family in families:
            for wire, number in self.saved(family).count().items():
                found[wire] = found.get(wire, 0) + number
        return found
