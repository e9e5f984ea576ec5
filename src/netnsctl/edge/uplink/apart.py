"""What a firewall's program makes of rules: each version lists them in words of its own. Found in a network namespace
that ends with the question."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import syscalls
from netnsctl.errors import NetnsctlError

SECONDS = 20.0


def enter():
    """For the child of a program: into a network namespace of its own."""
    syscalls.unshare(syscalls.CLONE_NEWNET)


def listed(host, feeder, commands, lister):
    """What a program (argv) prints after another one was given commands (list of text). NetnsctlError."""
    script = '%s && exec %s' % tuple(
        ' '.join('"${%d}"' % (start + at) for at in range(len(argv)))
        for start, argv in ((1, feeder), (1 + len(feeder), lister)))
    result = host.run(['/bin/sh', '-c', script, 'sh'] + feeder + lister, feed='\n'.join(commands) + '\n',
                      seconds=SECONDS, prepare=enter)
    if result.status != 0:
        raise NetnsctlError('%s: the rules cannot be compared: %s' % (feeder[0].rpartition('/')[2], (
            result.err.strip().splitlines() or ['it exited with status %d' % result.status])[0]))
    return result.out
