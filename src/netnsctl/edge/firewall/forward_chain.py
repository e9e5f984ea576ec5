"""What a namespace's firewall does with packets that are forwarded from one link to another.

Walks the FORWARD chains as iptables-save and `nft list ruleset` print them, for a packet of which only the two links
and the state of its connection are known. A rule that asks for more is taken for what it may be: one that accepts may
let the packet through, one that drops is known to no one but the packet (usecases.diagnosis counts those). Tables of
the families bridge and netdev are not looked at.
"""
from __future__ import absolute_import, division, print_function

import fnmatch
import re

from netnsctl.edge.firewall.programs import is_of_nft, output, savers

ACCEPT, MAYBE, DROP = 'accept', 'maybe', 'drop'
IPV4, IPV6 = 4, 6
# What a packet can be: the first of a connection, the first of one to a published port, a reply to either. The words
# are those of `--ctstate`, and of `ct state` and `ct status`.
NEW, PUBLISHED, REPLY = ('new',), ('new', 'dnat'), ('established', 'snat', 'dnat', 'seen-reply', 'confirmed', 'assured')
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_NFT_TABLE = re.compile(r'^table (?:(\w+) )?(\S+) \{')
_NFT_CHAIN = re.compile(r'^\tchain (\S+) \{')
_NFT_POLICY = re.compile(r'policy (\w+);')


class ChainRule(object):
    """verdict: accept, drop, jump, goto, return or None (goes on). target: the chain of a jump. incoming, outgoing:
    (negated, patterns of link names) or None. states: the states of a connection that it asks for, or None. asks: None
    (nothing more), or 'little' (more than that: an address, a set) or 'much' (one protocol, a mark: not every packet of
    a connection between two links meets it). text: as printed."""
    __slots__ = ('verdict', 'target', 'incoming', 'outgoing', 'states', 'asks', 'text')

    def __init__(self, text):
        self.verdict = self.target = self.incoming = self.outgoing = self.states = self.asks = None
        self.text = text

    def ask_state(self, states):
        """states: a list of words."""
        states = set(word.lower() for word in states)
        self.states = states if self.states is None else self.states & states

    def ask(self, much):
        if self.asks != 'much':
            self.asks = 'much' if much else 'little'


class Chain(object):
    """One place where forwarded packets pass. program: what changes it (a name of a program). table, name: as there.
    policy: ACCEPT or DROP. chains: {name: [ChainRule]} of its table."""
    __slots__ = ('program', 'table', 'name', 'policy', 'chains')

    def __init__(self, program, table, name, policy, chains):
        self.program, self.table, self.name, self.policy, self.chains = program, table, name, policy, chains

    @property
    def where(self):
        """'chain FORWARD of iptables, table filter'"""
        return 'chain %s of %s, table %s' % (self.name, self.program, self.table)


def read_chains(host, family):
    """Every place where this namespace's firewall sees forwarded packets of IPV4 or IPV6: list of Chain.

    A program that is missing, fails or gives no answer tells nothing. None is run if the kernel has no firewall loaded,
    because that would load one.
    """
    found, told = [], set()
    nft = _has_nf_tables(host)
    legacy = host.exists('/proc/net/ip_tables_names' if family == IPV4 else '/proc/net/ip6_tables_names')
    if not nft and not legacy:
        return found
    for name, program in savers(host, family):
        text = output(host, [program])
        kind = name[:-len('-save')]
        found += parse_save(kind, text)
        if is_of_nft(program, text):
            told.update(line[1:] for line in text.splitlines() if line.startswith('*'))
    if nft and host.find('nft'):
        skip = set(('ip' if family == IPV4 else 'ip6', table) for table in told)
        found += [chain for chain in parse_ruleset(output(host, [host.find('nft'), 'list', 'ruleset']), family)
                  if tuple(chain.table.split(' ', 1)) not in skip]
    return found


def _has_nf_tables(host):
    if host.exists('/sys/module/nf_tables'):
        return True
    modules = host.read('/proc/modules')
    # A kernel without modules has it built in, or not at all.
    return not modules or re.search(r'(?m)^nf_tables ', modules) is not None


# iptables

def parse_save(program, text):
    """The FORWARD chains in what `iptables-save` prints: list of Chain."""
    found, table, chains, policy = [], None, {}, None
    for line in text.splitlines():
        if line.startswith('*'):
            table, chains, policy = line[1:].strip(), {}, None
        elif line.startswith(':FORWARD '):
            policy = DROP if line.split()[1:2] == ['DROP'] else ACCEPT
        elif line.startswith('-A '):
            words = _WORDS.findall(line)
            chains.setdefault(words[1] if words[1:] else '', []).append(_iptables_rule(words[2:], line))
        elif line.startswith('COMMIT') and policy is not None and table not in (None, 'nat'):
            found.append(Chain(program, table, 'FORWARD', policy, chains))
    return found


_VERDICTS = {'ACCEPT': ACCEPT, 'DROP': DROP, 'REJECT': DROP, 'RETURN': 'return'}
# They look at the packet and let it go on.
_GOING_ON = ('LOG', 'NFLOG', 'ULOG', 'MARK', 'CONNMARK', 'TCPMSS', 'AUDIT', 'SECMARK', 'CONNSECMARK', 'CHECKSUM', 'CT',
             'DSCP', 'TOS', 'TTL', 'HL', 'CLASSIFY', 'SET', 'TRACE', 'NOTRACK')


def _iptables_rule(words, text):
    rule, negated, at = ChainRule(text), False, 0
    while at < len(words):
        word, value = words[at], words[at + 1] if at + 1 < len(words) else ''
        if word == '!':
            negated, at = True, at + 1
            continue
        # Some options take no value; none of those that are told apart here.
        at += 1 if value.startswith('-') or value == '!' else 2
        if word in ('-i', '-o'):
            patterns = [re.sub(r'\+$', '*', value)]
            setattr(rule, 'incoming' if word == '-i' else 'outgoing', (negated, patterns))
        elif word in ('-j', '-g'):
            _set_iptables_verdict(rule, word, value)
            break  # the rest is the target's own
        elif word == '-m':
            if value not in ('comment', 'conntrack', 'state'):
                rule.ask(False)
        elif word in ('--ctstate', '--state') and not negated:
            rule.ask_state(value.split(','))
        elif word != '--comment':
            rule.ask(word in ('-p', '--mark'))
        negated = False
    return rule


def _set_iptables_verdict(rule, word, value):
    if value in _VERDICTS:
        rule.verdict = _VERDICTS[value]
    elif value not in _GOING_ON:
        rule.verdict, rule.target = 'jump' if word == '-j' else 'goto', value


# nft

_LOG_OPTIONS = ('prefix', 'level', 'group', 'snaplen', 'queue-threshold', 'flags')
_ASKS_MUCH = ('tcp', 'udp', 'icmp', 'icmpv6', 'l4proto', 'protocol', 'mark')


def parse_ruleset(text, family):
    """The chains at the forward hook in what `nft list ruleset` prints, that packets of a family pass: list of
    Chain."""
    found, table, chains, name, base = [], None, {}, None, None
    kinds = ('inet', 'ip' if family == IPV4 else 'ip6')
    for line in text.splitlines():
        match = _NFT_TABLE.match(line)
        if match:
            kind = match.group(1) or 'ip'
            table, chains, name = ('%s %s' % (kind, match.group(2)) if kind in kinds else None), {}, None
        elif table is None:
            continue
        elif _NFT_CHAIN.match(line):
            name = _NFT_CHAIN.match(line).group(1)
            chains[name] = []
        elif line.startswith('\t}'):
            name = None
        elif name is not None and line.startswith('\t\ttype '):
            if ' hook forward ' in line and line.split()[1] == 'filter':
                base = _NFT_POLICY.search(line)
                found.append(Chain('nft', table, name, DROP if base and base.group(1) == 'drop' else ACCEPT, chains))
        elif name is not None and line.startswith('\t\t'):
            chains[name].append(_nft_rule(line.strip()))
    return found


def _nft_rule(text):
    rule, words, at = ChainRule(text), _WORDS.findall(text), 0
    if 'vmap' in words:
        # Any of several verdicts; the one by the state of connections lets none in that is new.
        rule.verdict = ACCEPT
        if words[:2] == ['ct', 'state']:
            rule.ask_state(re.findall(r'(\w[\w-]*) : accept', text))
        else:
            rule.ask(False)
        return rule
    while at < len(words):
        word = words[at]
        at += 1
        if word in ('iifname', 'oifname', 'iif', 'oif'):
            negated = words[at:at + 1] == ['!=']
            patterns, at = _nft_set(words, at + (1 if negated or words[at:at + 1] == ['=='] else 0))
            setattr(rule, 'incoming' if word[0] == 'i' else 'outgoing', (negated, patterns))
        elif word == 'counter':
            at += 4 if words[at:at + 1] == ['packets'] else 0
        elif word == 'comment':
            at += 1
        elif word == 'log':
            while words[at:at + 1] and words[at] in _LOG_OPTIONS:
                at += 2
        elif word in (ACCEPT, DROP, 'return'):
            rule.verdict = word
        elif word == 'reject':
            rule.verdict = DROP
            break  # with which answer
        elif word in ('jump', 'goto') and at < len(words):
            rule.verdict, rule.target = word, words[at]
            at += 1
        elif (word == 'ct' and words[at:at + 1] in (['state'], ['status'])
              and words[at + 1:at + 2] not in (['!='], ['&'])):
            states, at = _nft_set(words, at + 1)
            rule.ask_state(re.split('[, ]+', ' '.join(states)))
        else:
            rule.ask(word in _ASKS_MUCH or word == 'ct')
    return rule


def _nft_set(words, at):
    """([names], index of the word after) of `"a"` or `{ "a", "b" }`."""
    if words[at:at + 1] != ['{']:
        return [word.strip('"') for word in words[at:at + 1]], at + 1
    end = words.index('}', at) if '}' in words[at:] else len(words)
    return [word.rstrip(',').strip('"') for word in words[at + 1:end]], end + 1


# The walk

def judge(chain, incoming, outgoing, packet=NEW):
    """What a chain does with a packet between two links: (ACCEPT, MAYBE or DROP, the rule that says so, or None for its
    policy). incoming, outgoing: None if any other link may be meant. packet: NEW, PUBLISHED or REPLY."""
    verdict, rule = _walk(chain.chains, chain.name, (incoming, outgoing, packet), {})
    return (chain.policy, None) if verdict is None else (verdict, rule)


def _walk(chains, name, packet, known):
    """(verdict or None if the packet comes back, its ChainRule). known: {chain: that}, so that each is walked once; one
    that leads back to itself, which no kernel takes, says nothing there."""
    if name not in known:
        known[name] = None, None
        known[name] = _walk_rules(chains, chains.get(name, ()), packet, known)
    return known[name]


def _walk_rules(chains, rules, packet, known):
    maybe = None
    for rule in rules:
        met = _meets(rule, *packet)
        if not met or rule.verdict is None:
            continue
        sure = met is True
        if rule.verdict == 'return':
            if sure:
                break
        elif rule.verdict in ('jump', 'goto'):
            verdict, found = _walk(chains, rule.target, packet, known)
            if verdict == MAYBE or verdict == ACCEPT and not sure:
                maybe = maybe or found
            elif verdict is not None and sure:
                return (MAYBE, maybe) if maybe and verdict == DROP else (verdict, found)
            elif rule.verdict == 'goto' and sure:
                break
        elif rule.verdict == ACCEPT and not sure:
            maybe = maybe or rule
        elif sure:
            return (MAYBE, maybe) if maybe and rule.verdict == DROP else (rule.verdict, rule)
    return (MAYBE, maybe) if maybe else (None, None)


def _meets(rule, incoming, outgoing, packet):
    """Does such a packet meet a rule: True, False, or 'maybe'."""
    result = _meets_link(rule.incoming, incoming, outgoing), _meets_link(rule.outgoing, outgoing, incoming)
    # A first packet may be of any kind; one to a published port, or a reply, may be of the kind that is asked for.
    if False in result or rule.asks == 'much' and packet == NEW or rule.states is not None and not (
            rule.states & set(packet)):
        return False
    return 'maybe' if 'maybe' in result or rule.asks else True


def _meets_link(asked, name, opposite):
    if asked is None:
        return True
    if name is None:
        # Some other link: it is not one that is named to be left out, and may be one that is asked for.
        return True if asked[0] else False if asked[1] == [opposite] else 'maybe'
    if any(pattern.startswith('@') for pattern in asked[1]):
        return 'maybe'  # a named set, whose elements may change
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in asked[1]) != asked[0]
