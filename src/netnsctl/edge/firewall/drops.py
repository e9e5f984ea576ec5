"""What drops packets in a namespace's firewall, according to iptables-save and nft.

Reads only: iptables-save lists the tables that are there and makes none. Its counters, read
before and after a packet that went missing, say which rule or policy took it.
"""
from __future__ import absolute_import, division, print_function

import re
import socket

from netnsctl.edge.firewall import programs
from netnsctl.errors import NetnsctlError

_POLICY = re.compile(r'^:(\S+) DROP \[(\d+):\d+\]')
_RULE = re.compile(r'^\[(\d+):\d+\] (-A (\S+) .*-j (?:DROP|REJECT)\b.*)$')
_NFT_TABLE = re.compile(r'^table (?:(ip|ip6|inet|arp|bridge|netdev) )?(\S+) \{')
_NFT_CHAIN = re.compile(r'^\tchain (\S+) \{')
_NFT_HOOK = re.compile(r'^\t\ttype \S+ hook (\S+) .*?(policy drop;)?$')
_NFT_DROP = re.compile(r'\b(drop|reject)\b')
_NFT_COUNTER = re.compile(r'\bcounter packets (\d+) bytes \d+')
_QUOTED = re.compile(r'"[^"]*"')


class Dropper(object):
    """A policy or a rule that drops.

    tool: 'iptables', 'ip6tables' or 'nft'. table, chain: their names. rule: its text, or None for the chain's policy.
    hook: input, forward, output ..., or None if the chain hangs on none itself. packets: how many it has dropped, or
    None if that is not counted.
    """
    __slots__ = ('tool', 'table', 'chain', 'rule', 'hook', 'packets')

    def __init__(self, tool, table, chain, rule, hook, packets):
        self.tool = tool
        self.table = table
        self.chain = chain
        self.rule = rule
        self.hook = hook
        self.packets = packets

    @property
    def key(self):
        """What names the same dropper when it is read again (the text of an nft rule holds its counter)."""
        return self.tool, self.table, self.chain, self.rule and _NFT_COUNTER.sub('', self.rule)


def droppers(host, netns, family, unread):
    """Every policy and rule that can drop a packet of that family (AF_INET, AF_INET6) in a namespace: list of Dropper.

    A program that is missing or fails contributes nothing. unread: {(namespace's key, program): why there is no
    answer}, which gets those that give none; what is in it already is not asked again.
    """
    found = []
    for name, program in programs.savers(host, 4 if family == socket.AF_INET else 6):
        found.extend(parse_save(name.split('-')[0], _output(host, netns, [program, '-c'], unread)))
    nft = host.find('nft')
    if nft is not None:
        known = set((item.tool, item.table) for item in found)
        found.extend(parse_ruleset(_output(host, netns, [nft, 'list', 'ruleset'], unread), family, known))
    return found


def _output(host, netns, argv, unread):
    key = netns.key, argv[0]
    if key not in unread:
        try:
            with netns.entered():
                return programs.output(host, argv)
        except NetnsctlError as error:
            unread[key] = error.message
    return ''


def parse_save(tool, text):
    """What `iptables-save -c` prints: list of Dropper."""
    found = []
    table = None
    for line in text.splitlines():
        if line.startswith('*'):
            table = line[1:].strip()
            continue
        match = _POLICY.match(line)
        if match:
            found.append(Dropper(tool, table, match.group(1), None, match.group(1).lower(), int(match.group(2))))
        match = _RULE.match(line)
        if match:
            chain = match.group(3)
            hook = chain.lower() if chain in ('INPUT', 'FORWARD', 'OUTPUT', 'PREROUTING', 'POSTROUTING') else None
            found.append(Dropper(tool, table, chain, match.group(2), hook, int(match.group(1))))
    return found


def parse_ruleset(text, family, known=()):
    """What `nft list ruleset` prints: list of Dropper, for the tables that an IP packet of that family can meet.

    known: (tool, table) pairs that iptables-save has told of, whose nft twins are left out.
    """
    found = []
    twin, kinds = ('iptables', ('ip',)) if family == socket.AF_INET else ('ip6tables', ('ip6',))
    table = chain = hook = None
    for line in text.splitlines():
        match = _NFT_TABLE.match(line)
        if match:
            kind = match.group(1) or 'ip'
            concerned = kind in kinds + ('inet', 'bridge', 'netdev') and (twin, match.group(2)) not in known
            table = '%s %s' % (kind, match.group(2)) if concerned else None
        elif _NFT_CHAIN.match(line):
            chain, hook = _NFT_CHAIN.match(line).group(1), None
        elif table is not None and _NFT_HOOK.match(line):
            hook, drops = _NFT_HOOK.match(line).groups()
            if drops:
                found.append(Dropper('nft', table, chain, None, hook, None))
        elif table is not None and line.startswith('\t\t') and _NFT_DROP.search(_QUOTED.sub('', line)):
            counter = _NFT_COUNTER.search(line)
            found.append(Dropper('nft', table, chain, line.strip(), hook, int(counter.group(1)) if counter else None))
    return found
