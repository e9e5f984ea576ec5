"""The programs that print a namespace's firewall. They change nothing; one that is missing or fails contributes
nothing."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import confined
from netnsctl.errors import NoAnswerError

SECONDS = 3.0
MEMORY_BYTES = 1 << 30  # of address space; nft takes 200 MiB for 60,000 rules
# Some hosts hold rules in both kernels' tables: each program shows only its own.
_SAVERS = {4: ('iptables-save', 'iptables-nft-save', 'iptables-legacy-save'),
           6: ('ip6tables-save', 'ip6tables-nft-save', 'ip6tables-legacy-save')}


def savers(host, version):
    """Those that print the rules of IP version 4 or 6, each program once: list of (name, path)."""
    found, programs = [], set()
    for name in _SAVERS[version]:
        path = host.find(name)
        # Both versions' names lead to one program: within a version a name stands for the kind of its tables.
        if path is not None and os.path.realpath(path) not in programs:
            programs.add(os.path.realpath(path))
            found.append((name, path))
    return found


def output(host, argv, seconds=SECONDS):
    """What a program prints in the namespace of the calling thread; '' if it fails.

    NetnsctlError if it gives no answer in time, or takes too much memory: whoever is root in a container can make more
    rules than can be read.
    """
    prepare = confined.setup((confined.NET_ADMIN, confined.NET_RAW), as_nobody=confined.can_nobody_run(argv[0]),
                             memory=MEMORY_BYTES)
    result = host.run(argv, seconds=seconds, prepare=prepare)
    if result.status < 0 or 'memory' in result.err.lower():
        raise NoAnswerError('%s: it uses more than %d MiB of memory' % (' '.join(argv[:3]), MEMORY_BYTES >> 20))
    return result.out if result.status == 0 else ''
