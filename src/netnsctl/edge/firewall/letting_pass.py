"""The commands that let packets pass a FORWARD chain of somebody else's: where docker and firewalld leave a place for
that, there."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge.firewall import firewalld

# What begins at a link; what answers it; what comes for published ports.
NFT = ('iifname %s accept', 'oifname %s ct state established,related accept', 'oifname %s ct status dnat accept')
# What begins at it; what answers it, or comes for published ports.
IPTABLES = ('-i %s', '-o %s -m conntrack --ctstate RELATED,ESTABLISHED,DNAT')

# The chain that docker leaves to its users, and puts nothing into but a return.
DOCKERS = 'DOCKER-USER'


def place_in(chain):
    """The name of the chain to begin with such rules: docker's for that where packets come by it, else the
    forward_chain.Chain itself."""
    return DOCKERS if any(rule.target == DOCKERS and not (rule.incoming or rule.outgoing or rule.asks)
                          for rule in chain.chains.get(chain.name, ())) else chain.name


def commands(chain, incoming, outgoing):
    """Commands that let new connections pass from one link to another, and the replies come back: list of text.

    chain: forward_chain.Chain. outgoing: None for any other link.
    """
    within = incoming == outgoing
    name = shell_quote(incoming)
    place = place_in(chain)
    if firewalld.is_of(chain) and place != DOCKERS:
        return [' '.join(shell_quote(word) for word in firewalld.command(incoming))]
    if chain.program == 'nft' and place != DOCKERS:
        start = 'nft insert rule %s %s' % (chain.table, chain.name)
        name = shell_quote('"%s"' % incoming)
        if within:
            return ['%s iifname %s oifname %s accept' % (start, name, name)]
        return ['%s %s' % (start, text % name) for text in NFT]
    program = chain.program
    if program == 'nft':
        program = 'ip6tables' if chain.table.startswith('ip6 ') else 'iptables'
    start = '%s -t %s -I %s' % (program, chain.table.split(' ')[-1], place)
    if within:
        return ['%s -i %s -o %s -j ACCEPT' % (start, name, name)]
    return ['%s %s -j ACCEPT' % (start, text % name) for text in IPTABLES]
