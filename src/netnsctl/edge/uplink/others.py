"""Does somebody else translate addresses here by now? Whoever does needs the host to forward, and may have found that
on."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.edge.firewall import programs

_TRANSLATES = re.compile(r'\b(masquerade|dnat|snat)\b', re.IGNORECASE)
SECONDS = 30.0  # a busy host takes its time, and the answer decides
_OURS = re.compile(r'netnsctl:|NETNSCTL-')


def translate(host, version):
    """Are there rules of others that translate addresses of IP version 4 or 6? NetnsctlError if that cannot be found
    out now: either answer would be a guess, and one leaves a host forwarding for nobody."""
    commands = [[path] for _, path in programs.savers(host, version)]
    nft = host.find('nft')
    commands += [[nft, 'list', 'ruleset']] if nft else []
    texts = [programs.output(host, argv, SECONDS) for argv in commands]
    return any(_TRANSLATES.search(line) and not _OURS.search(line) for text in texts for line in text.splitlines()
               if line.startswith(('-A', '\t\t')))
