"""Work that is shared out to several processes, forks of this one, on as many processors."""
from __future__ import absolute_import, division, print_function

import signal

from netnsctl.compat import processors
from netnsctl.edge.worker import Worker
from netnsctl.execution import signals

# More than four would wait for the kernel's RTNL lock, which a wire holds for a good third of its time.
PROCESSES = 4


def size(count, least):
    """How many processes are worth it for so many things, if each is to have so many at least."""
    return max(1, min(PROCESSES, processors(), count // least))


def start(parts, work):
    """Starts a worker for work(part) of each part: ([(Worker, part)], what is in the parts that none could be had for).
    """
    workers, left = [], []
    for part in parts:
        try:
            workers.append((Worker(lambda part=part: work(part)), part))
        except OSError:
            left += part
    return workers, left


def collect(workers, hold, signum=None):
    """Waits for them: list of (part, True, what work() returned) or (part, False, None) where it raised or was killed.

    hold: signals.held, in which this is called. The workers are sent the signal, or the first one that comes meanwhile.
    """
    answers, told = [], False
    for worker, part in workers:
        while not worker.is_done(0.05):
            signum = signum or hold.arrived and hold.arrived[0]
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
    with signals.held() as hold:

        def work(part):
            del hold.arrived[:]  # the parent's
            return hold.call(function, part)

        workers, left = start([things[at::count] for at in range(1, count)], work)
        try:
            found = [hold.call(function, things[::count] + left)]
        except BaseException:
            collect(workers, hold, signal.SIGTERM)
            raise
        for part, done, answer in collect(workers, hold):
            found.append(answer if done or hold.arrived else hold.call(function, part))
    return found
