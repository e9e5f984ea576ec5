"""The commands that let packets pass a FORWARD chain of somebody else's: where docker and firewalld leave a place for
that, there."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote

# What begins at a link; what answers it; what comes for published ports.
NFT = ('iifname %s accept', 'oifname %s ct state established,related accept', 'oifname %s ct status dnat accept')
# What begins at it; what answers it, or comes for published ports.
IPTABLES = ('-i %s', '-o %s -m conntrack --ctstate RELATED,ESTABLISHED,DNAT')


def commands(chain, incoming, outgoing):
    """Commands that let new connections pass from one link to another, and the replies come back: list of text.

    chain: forward_chain.Chain. outgoing: None for any other link.
    """
    within = incoming == outgoing
    name = shell_quote(incoming)
    if chain.table == 'inet firewalld' or any(other.startswith('FWDI_') for other in chain.chains):
        return ['firewall-cmd --zone=trusted --add-interface=%s' % name]
    if chain.program == 'nft' and 'DOCKER-USER' not in chain.chains:
        start = 'nft insert rule %s %s' % (chain.table, chain.name)
        name = shell_quote('"%s"' % incoming)
        if within:
            return ['%s iifname %s oifname %s accept' % (start, name, name)]
        return ['%s %s' % (start, text % name) for text in NFT]
    program = chain.program if chain.program != 'nft' else 'iptables'
    start = '%s -t %s -I %s' % (program, 'filter' if chain.program == 'nft' else chain.table,
                                'DOCKER-USER' if 'DOCKER-USER' in chain.chains else chain.name)
    if within:
        return ['%s -i %s -o %s -j ACCEPT' % (start, name, name)]
    return ['%s %s -j ACCEPT' % (start, text % name) for text in IPTABLES]
