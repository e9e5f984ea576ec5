"""After a container's last process: the wires that were made when it started are removed."""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import monotonic
from netnsctl.errors import UndoError
from netnsctl.execution import signals
from netnsctl.usecases.starting import container as starting
from netnsctl.usecases.wires import transaction, unwiring

DYING_SECONDS = 2.0  # a killed process is there for some time


def end(session, identity):
    """Removes the wires of the container of that ID, which has ended: names of wires. Doing it twice is not an error.

    Not those of one that runs: it was started again, and this is about its last run.
    """
    if not _of(session, identity):
        return []
    session.state.say_held()
    deadline = monotonic() + DYING_SECONDS
    while _runs(session, identity) and monotonic() < deadline:
        time.sleep(0.01)
    with session.locked():
        transaction.recover(session)
        return sum([remove(session, container) for container in _of(session, identity)
                    if not container.is_there()], [])


def sweep(session, new, earlier):
    """Removes, with the lock held, what containers left whose end nobody reported (a runtime was killed, or the host's
    power was cut), and what earlier runs of a new one did."""
    session.state.sweep_ended(starting.FOLDER)
    for container, _ in starting.noted(session):
        if container.identity != new.identity and not container.is_there():
            remove(session, container)
    for container in earlier + [new]:
        _unwire(session, starting.wires_of(session, container))


def remove(session, container):
    """Removes the wires of a container, with the lock held: their names. UndoError names what could not be removed."""
    with signals.held():  # so that a signal leaves no file that says it may have wires
        found = _unwire(session, starting.wires_of(session, container))
        starting.forget(session, container.identity)
    return found


def _of(session, identity):
    return [container for container, _ in starting.noted(session) if container.identity == identity]


def _runs(session, identity):
    return any(container.is_there() for container in _of(session, identity))


def _unwire(session, found):
    errors, names = [], [record.name for record in found]
    unwiring.unwire_many(session, names, lambda name, error: error is not None and errors.append(error))
    if errors:
        raise UndoError('; '.join(error.message for error in errors), hint=errors[0].hint)
    return names
