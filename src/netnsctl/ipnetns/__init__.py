"""`netnsctl netns`: `ip netns` without iproute2, in its words, its texts, its streams and its exit codes.

Read in iproute2's ip/ip.c, ip/ipnetns.c, lib/namespace.c, lib/utils.c (6.1 and 7.1). Where it does better than the
original, that is said at the place.

It is to start as fast as Python does: nothing of click, pyroute2 or jinja2, and of the standard library only what the
word at hand needs. All text from and to the outside is bytes.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import argument_bytes, default_signals
from netnsctl.ipnetns import options, words
from netnsctl.ipnetns.output import Output, Refused, strerror

# Python ignores the last two for itself; exec would hand that on.
SIGINT, SIGPIPE, SIGXFSZ = 2, 13, 25


def main(argv):
    """The program: argv is what follows `netnsctl netns` (native str). Ends the process."""
    default_signals(SIGINT, SIGPIPE, SIGXFSZ)
    os._exit(run([argument_bytes(word) for word in argv]))


def run(argv):
    """Runs one command line (bytes): the exit status."""
    out = Output()
    try:
        try:
            settings, rest = options.parse(argv)
            if settings.namespace is not None:
                from netnsctl.ipnetns import entering
                entering.enter(settings.namespace, out)
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
        # A full disk under standard output; whatever else, in one line.
        out.drop()
        return out.refuse(Refused(b'netnsctl netns: ' + (b'write: ' if error.filename is None else b'')
                                  + strerror(error), 1))
    return status
