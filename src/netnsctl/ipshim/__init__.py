"""What the shim (netnsctl/libexec/ip) cannot leave to the host's own `ip`.

`ip netns ...` is ipnetns's. `ip -n NS ...` enters NS and continues. `ip link set DEV netns NAME` is passed to the
host's own ip, with NAME replaced by the PID of a process in that namespace: all other words keep their meaning. A batch
is run line by line.

It imports as little as ipnetns, for the same reason.
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import argument_bytes, children_waited_for, default_signals
from netnsctl.ipnetns import SIGINT, SIGPIPE, SIGXFSZ, options, words
from netnsctl.ipnetns.output import Output, Refused, strerror
from netnsctl.ipshim.objects import is_link, is_netns
from netnsctl.ipshim.real import RealIp


def prepare(argv, real, is_script, shim):
    """Reads a command line and imports everything it needs, so that a broken netnsctl shows before anything is done:
    the function that runs it and ends the process.

    argv (native str): what follows `ip`. real: the path of the host's own ip, or ''; is_script: it could come back to
    the shim. shim: the shim's own path.
    """
    default_signals(SIGINT, SIGPIPE, SIGXFSZ)
    children_waited_for().__enter__()  # the namespace is never left: the command ends in this process
    argv, shim = [argument_bytes(word) for word in argv], argument_bytes(shim)
    real = RealIp(argument_bytes(real), is_script)
    found = []
    try:
        rest = options.scan(argv, found)
    except Refused as refused:
        # An ip without -n has no option that netnsctl lacks.
        found, rest = (found + [('refused', refused)], []) if _is_entering(found) else ([], argv)
    if _is_entering(found):
        __import__('netnsctl.ipnetns.entering')
    if is_batch(found):
        __import__('netnsctl.ipshim.batches')
        words.load_all()
    elif rest and is_netns(rest[0]):
        words.load(rest[1:])
    elif rest and is_link(rest[0]):
        __import__('netnsctl.ipshim.links')
    return lambda: os._exit(run(found, rest, real, shim))


def run(found, rest, real, shim):
    """Runs one command line, its options apart (options.scan(), and what it was refused for as 'refused'): the exit
    status."""
    out = Output()
    try:
        try:
            status = _dispatch(found, rest, real, out)
        except Refused as refused:
            status = out.refuse(refused)
        out.flush()
    except EnvironmentError as error:
        out.drop()
        return out.refuse(Refused(shim + b': ' + strerror(error), 1))
    return status


def _is_entering(found):
    return bool([option for action, option in found if action == 'namespace'])


def is_batch(found):
    """Do the options name a file of lines?"""
    return bool([option for action, option in found if action == 'batch' and len(option) == 2])


def _dispatch(found, rest, real, out):
    plain = []
    for action, option in found:
        if action == 'namespace':
            if len(option) < 2:
                raise Refused(options.INCOMPLETE, 255)
            from netnsctl.ipnetns import entering
            entering.enter(option[1], out)
        elif action == 'refused':
            raise option
        else:
            plain.append((action, option))
    flat = [word for _, option in plain for word in option]
    if is_batch(plain):
        from netnsctl.ipshim import batches
        return batches.run(plain, real, out)
    if rest and is_netns(rest[0]):
        settings, _ = options.parse(flat)
        return words.run(settings, rest[1:], out)
    out.flush()
    if rest and is_link(rest[0]):
        from netnsctl.ipshim import links
        # They are kept until this process, which becomes the host's own ip, ends.
        rest = links.Lenders(through_exec=True).with_pids(rest)
    return real.become(flat + rest)
