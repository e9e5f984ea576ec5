"""Work that is divided among several forks of this process, on as many processors."""
from __future__ import absolute_import, division, print_function

import signal

from netnsctl.compat import processors
from netnsctl.edge.worker import Worker
from netnsctl.execution import signals

# More than four would wait for the kernel's RTNL lock, which a wire holds for a good third of its time.
PROCESSES = 4


def size(count, least):
    """How many processes to use for that many things, if each must have at least so many."""
    return max(1, min(PROCESSES, processors(), count // least))


def share(parts, here, there, hold):
    """here(part), in this process, of the first of the parts and those that no worker could be had for, while a worker
    calls there(part) for each of the others: list of (part, True, what there() returned) or (part, False, why) where
    that is not known: it raised, was killed, or returned what cannot be sent.

    parts: lists. here returns the signal that the workers are to end by, or None; one that comes while they are waited
    for ends them too. hold: signals.held, in which this is called.
    """
    def work(part):
        del hold.arrived[:]  # the parent's
        return there(part)

    workers, own = [], list(parts[0])
    for part in parts[1:]:
        try:
            workers.append((Worker(lambda part=part: work(part)), part))
        except OSError:
            own += part
    try:
        signum = here(own)
    except BaseException:
        _collect(workers, hold, signal.SIGTERM)
        raise
    return _collect(workers, hold, signum)


def _collect(workers, hold, signum):
    answers, told = [], False
    for worker, part in workers:
        while not worker.is_done(0.05):
            signum = signum or (hold.arrived[0] if hold.arrived else None)
            if signum and not told:
                told = True
                for other, _ in workers[len(answers):]:
                    other.stop(signum)
        answers.append((part,) + worker.answer())
    return answers


def look(function, things, least):
    """function(part) of parts of a list, that has so many at least each: list of what it returned.

    function changes nothing: what a worker that was killed had is looked at here.
    """
    count = size(len(things), least)
    if count < 2:
        return [function(things)]
    found = []
    with signals.held() as hold:
        def here(part):
            found.append(hold.call(function, part))

        parts = [things[at::count] for at in range(count)]
        for part, done, answer in share(parts, here, lambda part: hold.call(function, part), hold):
            if done or hold.arrived:
                found.append(answer)
            else:
                here(part)
    return found
