"""Runtimes that were asked in vain: one that hangs costs a command its time limit once, and not for each wire.

What is known is in Host.unanswered, {scheme: {name of a container: NoAnswerError}}, and so lasts as long as a command,
or a turn of watch. The name ANY stands for all containers of that runtime.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.errors import NoAnswerError

ANY = None
LONG = 1.0  # seconds; what was refused sooner costs little to ask again


def refuse(host, scheme, name=ANY):
    """NoAnswerError if a runtime has not answered about this container, or does not answer at all."""
    known = host.unanswered.get(scheme, {})
    error = known.get(name) or known.get(ANY)
    if error is not None:
        raise NoAnswerError('look up %s container %s: %s' % (scheme, name, error.message.partition(': ')[2]),
                            hint=error.hint)


def remember(host, scheme, error, name=ANY):
    """A runtime did not answer about that container, or ANY."""
    host.unanswered.setdefault(scheme, {})[name] = error


def ask_once(host, scheme, name, look_up, is_alive=None):
    """What look_up(host, name) gives. NoAnswerError without asking where that was in vain before.

    is_alive(host): does it answer at all? One container can hang in an engine that is well. Without such a function, a
    runtime does not answer at all when it has not answered about two containers.
    """
    refuse(host, scheme, name)
    begun = monotonic()
    try:
        return look_up(host, name)
    except NoAnswerError as error:
        if monotonic() - begun >= LONG:
            remember(host, scheme, error, name)
            if len(host.unanswered[scheme]) > 1 if is_alive is None else not is_alive(host):
                remember(host, scheme, error)
        raise
