"""`netnsctl netns`: `ip netns` without iproute2, with the same words, texts, streams and exit codes.

Read in iproute2's ip/ip.c, ip/ipnetns.c, lib/namespace.c, lib/utils.c (6.1 and 7.1). A comment marks each place where
it does better than the original.

It must start as fast as Python does: it imports no click, pyroute2 or jinja2, and of the standard library only what the
current word needs. All input and output is bytes.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import argument_bytes, default_signals
from netnsctl.ipnetns import options, words
from netnsctl.ipnetns.output import Output, Refused, strerror

# Python itself ignores the last two, and exec would pass that on.
SIGINT, SIGPIPE, SIGXFSZ = 2, 13, 25


def main(argv):
    """The program: argv is what follows `netnsctl netns` (native str). Ends the process."""
    default_signals(SIGINT, SIGPIPE, SIGXFSZ)
    os._exit(run([argument_bytes(word) for word in argv]))


def _enter(name, out):
    from netnsctl.ipnetns import entering
    entering.enter(name, out)


def run(argv):
    """Runs one command line (bytes): the exit status."""
    out = Output()
    try:
        try:
            settings, rest = options.parse(argv, lambda name: _enter(name, out))
            if settings.batch is not None:
                from netnsctl.ipnetns import batch
                status = batch.run(settings, out)
            else:
                status = words.run(settings, rest, out)
        except Refused as refused:
            status = out.refuse(refused)
        out.flush()
    except MemoryError:
        return out.refuse(Refused(b'out of memory', 1))
    except EnvironmentError as error:
        # A full disk, for example; any other failure is reported in one line.
        out.drop()
        return out.refuse(Refused(b'netnsctl netns: ' + (b'write: ' if error.filename is None else b'')
                                  + strerror(error), 1))
    return status
