"""Before a container's first process: its wires are made, all of them, or none and the runtime is told why."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.errors import NotFoundError, UndoError
from netnsctl.usecases import tree
from netnsctl.usecases.starting import container as starting
from netnsctl.usecases.starting import ending
from netnsctl.usecases.starting.held import Held
from netnsctl.usecases.wires import many, transaction
from netnsctl.usecases.wires.wiring import Options


def spaces_of(host, container):
    """The directories of the tree that are a container's: list of names."""
    return [space for space in tree.spaces(host) if container.scheme is not None
            and space.startswith(container.scheme + ':') and container.is_called(space.partition(':')[2])]


def begin(session, container, lines):
    """Makes the wires of a container: those of its directories of the tree, and those that were asked for with it (list
    of WireLine): names of wires, in order. On any error nothing is left, and that is raised.

    A wire of the tree to a container that does not run is left out: it is made when that one starts.
    """
    spaces = spaces_of(session.host, container)
    if not lines and not spaces:
        return []
    session.state.say_held()
    earlier = [other for other, _ in starting.noted(session) if other.identity == container.identity]
    session.starting = container
    session.presence.held = Held(session, container)
    made = []
    try:
        starting.note(session, container)
        with session.locked():
            transaction.recover(session)
            ending.sweep(session, container, earlier)
        made += _bring_up(session, spaces) if spaces else []
        made += _make(session, lines) if lines else []
        starting.note(session, container, monotonic())
    except BaseException:
        _take_back(session, container)
        raise
    return made


def _bring_up(session, spaces):
    from netnsctl.usecases.up_down import up_down
    summary = up_down.up_at_boot(session, spaces)
    if summary.interrupted is not None:
        raise summary.interrupted
    for what, error in summary.failed:
        text = error.message if error.message.startswith(what) else '%s: %s' % (what, error.message)
        if not (isinstance(error, NotFoundError) and error.is_of_end):
            error.message = text
            raise error
        session.notices.append('left out: %s' % text)  # the other end's own start makes it
    return summary.made + summary.changed + summary.same


def _make(session, lines):
    # No echo: nothing in the container could answer one sooner than its first process could use the wire.
    results, interrupted = many.wire_lines(session, lines, Options(check=False), atomic=True)
    if interrupted is not None:
        raise interrupted
    for result in results:
        if result.error is not None:
            raise result.error
    return [result.outcome.record.name for result in results]


def _take_back(session, container):
    """Removes what was made: the runtime ends the container now."""
    with session.locked():
        try:
            ending.remove(session, container)
        except UndoError as error:
            session.notices.append(error.message)
