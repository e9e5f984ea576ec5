"""The rules of wires in iptables: chains of our own, NETNSCTL-*, with one jump to each from the built-in one.

iptables 1.4.7 (EL6) has neither -C nor -w: what is there is read from iptables-save, and what is to be there is given
to iptables-restore --noflush, which changes a table at once. It empties a chain that it is told to make, so each
chain of ours is written again, with the rules that stay.
"""
from __future__ import absolute_import, division, print_function

import re
import time

from netnsctl.compat import monotonic
from netnsctl.edge.files import settings
from netnsctl.edge.firewall import programs
from netnsctl.edge.uplink import apart
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
# Those of iptables-nft, which makes them when they are needed.
BUILT_IN = {'nat': ('PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'), 'raw': ('PREROUTING', 'OUTPUT')}
ORDER = ('NETNSCTL-PRE', 'NETNSCTL-OUT', 'NETNSCTL-POST', 'NETNSCTL-RAW')
_WIRE = re.compile(r'--comment netnsctl:([^"\s]*):[a-z]+ ')
# What iptables-nft says, with status 0, of a table with rules that nft wrote: it shows none of that table's.
_UNREADABLE = re.compile(r"^# Table `([a-z]+)' is incompatible", re.MULTILINE)
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
    ours: [text of each jump that leads to it, after `-A PARENT`]}; referred: chains of ours that others lead to as
    well; tables: {name: has it only chains that let all pass}."""

    def __init__(self, text):
        self.chains, self.jumps, self.referred, self.tables = {}, {}, set(), {}
        table = None
        for line in text.splitlines():
            line = unquoted(line)
            if line.startswith('*'):
                table = line[1:].strip()
                self.tables[table] = True
                continue
            if line.startswith(':') and line.split(' ')[1:2] != ['ACCEPT'] or line.startswith('-A '):
                self.tables[table] = False
            if line.startswith(':') and self._is_ours(table, line[1:].split(' ')[0]):
                self.chains.setdefault(line[1:].split(' ')[0], [])
            elif line.startswith('-A '):
                self._take(table, *line[3:].partition(' ')[::2])

    @staticmethod
    def _is_ours(table, chain):
        return chain in CHAINS and CHAINS[chain][0] == table

    def _take(self, table, chain, rule):
        target = re.search(r'(?:^| )-([jg]) (\S+)$', rule)
        if self._is_ours(table, chain):
            self.chains.setdefault(chain, []).append(rule)
        elif target and self._is_ours(table, target.group(2)):
            if target.group(1) == 'j' and CHAINS[target.group(2)][1] == chain:
                self.jumps.setdefault(target.group(2), []).append(rule)
            else:
                self.referred.add(target.group(2))

    def jump(self, chain):
        """The jump to a chain of ours, as it should be if it is there; else what there is, or None."""
        there = self.jumps.get(chain) or [None]
        return jump_to(chain) if jump_to(chain) in there else there[0]

    def by_wire(self, family):
        """The rules of wires: {wire: {(IP version, chain): [the jump there, rules]}}."""
        found = {}
        for chain, rules in self.chains.items():
            for rule in rules:
                found.setdefault(wire_of(rule), {}).setdefault((family, chain), [self.jump(chain)]).append(rule)
        return found

    def foreign(self):
        """A chain of the name of one of ours that has other rules, or none: its name, or None."""
        for chain, rules in sorted(self.chains.items()):
            if not rules or None in [wire_of(rule) for rule in rules]:
                return chain
        return None


def jump_to(chain):
    """The rule after `-A PARENT` that leads to a chain of ours."""
    return '%s-j %s' % (CHAINS[chain][2], chain)


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
        lines = tables.setdefault(CHAINS[chain][0], ([], []))
        for at, commands in enumerate(_of_chain(saved, chain, wire, [rule for where, rule in rules if where == chain])):
            lines[at].extend(commands)
    return ''.join('*%s\n%s\nCOMMIT\n' % (table, '\n'.join(tables[table][0] + tables[table][1]))
                   for table in ('nat', 'raw') if tables[table][0] + tables[table][1])


def _of_chain(saved, chain, wire, own):
    """The same for one chain: (lines that declare it, commands)."""
    there, jumps, parent = saved.chains.get(chain), saved.jumps.get(chain, []), CHAINS[chain][1]
    kept = [rule for rule in there or () if wire_of(rule) != wire]
    if not own and kept == there:
        return [], []  # of other wires, or of somebody else
    if own or kept:
        # Whose rules are left in it has the jump too.
        wrong = [jump for jump in jumps if jump != jump_to(chain)] if own else []
        if kept + own == there and jumps and not wrong:
            return [], []
        return [':%s - [0:0]' % chain], ['-A %s %s' % (chain, rule) for rule in kept + own] + [
            '-D %s %s' % (parent, jump) for jump in wrong] + (
            ['-A %s %s' % (parent, jump_to(chain))] if own and len(wrong) == len(jumps) else [])
    return [], [] if not there else ['-F ' + chain] + ['-D %s %s' % (parent, jump) for jump in jumps] + (
        ['-X ' + chain] if chain not in saved.referred else [])


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

    def read(self, path, tables):
        """What an iptables-save prints. tables: names of those that it must be able to show. NetnsctlError: without
        them nothing of ours would seem to be there, and be made once more."""
        text = self.run([path])
        for table in _UNREADABLE.findall(text):
            if table in tables:
                error = KernelError('%s: table %s has rules that were written by nft and that it cannot show' % (
                    path.rpartition('/')[2], table), None)
                error.hint = 'New wires can be made with the other program: `firewall = nft` in %s.' % settings.PLACE
                raise error
        return text

    def saved(self, family):
        """What there is: Saved."""
        return Saved(self.read(self._path(family, 0), ('nat', 'raw')))

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
        for family in operation.families:  # a run that was killed may have come to the rules alone
            self._tidy(family, [row[1:] for row in operation.fresh if row[0] == family])
        return bool(found)

    def _tidy(self, family, fresh):
        """Removes tables of iptables-nft, and built-in chains, that were not there before, if nobody else uses them by
        now. fresh: rows (table,) or (table, chain). KernelError where the kernel does not answer."""
        if not fresh:
            return
        from netnsctl.edge.uplink import nft_tables  # rarely needed
        path = self._path(family, 0)
        text = self.run([path])
        there = Saved(text).tables if programs.is_of_nft(path, text) else {}
        for row in fresh:
            if row[1:] and row[0] in there or there.get(row[0]):
                if nft_tables.remove_empty(family, row[0], row[1:] or None) is None:
                    raise KernelError('remove the empty table %s: nf_tables did not answer' % row[0], None)

    def fresh(self, families):
        """The tables that an add-nat would make, and the built-in chains in others: list of [IP version, table] or [IP
        version, table, chain]."""
        from netnsctl.edge.uplink import nft_tables  # few wires are made so
        found = []
        for family in families:
            path = self._path(family, 0)
            text = self.run([path])
            there, is_nft = Saved(text).tables, programs.is_of_nft(path, text)
            for table, chains in sorted(BUILT_IN.items()):
                if table not in there:
                    found.append([family, table])
                elif is_nft:
                    known = nft_tables.chains_of(family, table)
                    found += [[family, table, chain] for chain in chains
                              if known is not None and chain not in known]
        return found

    def _change(self, operation, family, rules):
        text = restore_text(self.saved(family), operation.wire, rules)
        if text:
            self.feed(family, text)
        return bool(text)

    def rules(self, _, families):
        """The rules of wires: {wire: {(IP version, chain): [the jump there, rules]}}."""
        found = {}
        for family in families:
            for wire, chains in self.saved(family).by_wire(family).items():
                found.setdefault(wire, {}).update(chains)
        return found

    @staticmethod
    def wanted(operation):
        """The rules of an add-nat as they are given to iptables: {(IP version, chain): [the jump there, rules]}."""
        found = {}
        for family in operation.families:
            for chain, rule in rules_of(operation, family):
                found.setdefault((family, chain), [jump_to(chain)]).append(rule)
        return found

    def as_listed(self, operation):
        """The same as this iptables lists them: from a throwaway network namespace. NetnsctlError."""
        found = {}
        for family in operation.families:
            text = restore_text(Saved(''), operation.wire, rules_of(operation, family))
            found.update(Saved(apart.listed(self.host, [self._path(family, 1), '--noflush'], text.splitlines(),
                                            [self._path(family, 0)])).by_wire(family).get(operation.wire, {}))
        return found

    def foreign(self, _, families):
        """Is there something of the name of what is ours that is not? text, or None."""
        for family in families:
            chain = self.saved(family).foreign()
            if chain is not None:
                return '%s has a chain %s in table %s' % ('iptables' if family == 4 else 'ip6tables', chain,
                                                          CHAINS[chain][0])
        return None
