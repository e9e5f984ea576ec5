"""A file of wires: each its own transaction, or with --atomic all of them one."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import random_hex
from netnsctl.errors import Interrupted, NetnsctlError, UsageError, declared
from netnsctl.model.names import default_name
from netnsctl.usecases.wires import side_by_side, transaction
from netnsctl.usecases.wires.making import make_and_check
from netnsctl.usecases.ends.resolving import canonical_target
from netnsctl.usecases.wires.wiring import Wiring


class LineOutcome(object):
    """What became of one line: line (WireLine), outcome (wiring.Outcome or None), error (NetnsctlError or None)."""
    __slots__ = ('line', 'outcome', 'error')

    def __init__(self, line, outcome=None, error=None):
        self.line, self.outcome, self.error = line, outcome, error


def line_options(options, line):
    """The Options of one line: its own --name and --mtu over those of the command."""
    return options.of_line(line.name, line.mtu)


def wire_lines(session, lines, options, atomic=False):
    """Makes, checks and saves the wires of a file (list of WireLine): (list of LineOutcome, Interrupted or None).

    A line that fails costs only itself; with atomic the first that fails, and any signal, takes all back that this call
    made. Without, a signal ends the run with what is whole.
    """
    with session.state.locked():
        transaction.recover(session)
        return _wire_lines(session, lines, options, atomic)


def _wire_lines(session, lines, options, atomic):
    session.presence.many = True
    for line in lines:
        for end in (line.a, line.b):
            end.target = canonical_target(end.target)  # one wire has one name, before any is made
    if not options.force and any(end.target.scheme == 'bridge' for line in lines for end in (line.a, line.b)):
        from netnsctl.usecases.wires import bridging
        bridging.ask_ahead(session, [(line.a, line.b) for line in lines])
    if atomic:
        return _wire_group(session, lines, options)
    found, interrupted = side_by_side.each(session, lines, options, lambda line: _wire_line(session, line, options))
    return [LineOutcome(line, *what) for line, what in found], interrupted


def _wire_group(session, lines, options):
    """The same for wires that stand or fall together."""
    refuse_repeats(lines)
    session.group = random_hex(8)
    results, interrupted = [], None
    try:
        for line in lines:
            results.append(LineOutcome(line, *_wire_line(session, line, options)))
            if results[-1].error is not None:
                break
    except Interrupted as error:
        interrupted = error
    interrupted = _end_group(session, results, interrupted)
    session.group = None
    return results, interrupted


def _wire_line(session, line, options):
    """(Outcome or None, NetnsctlError or None)"""
    wiring = Wiring(session, line.a, line.b, line_options(options, line), many=True)
    try:
        wiring.resolve()
        return make_and_check(session, wiring), None
    except Exception as error:
        return None, declared(error, 'make the wire %s' % wiring.name)
    finally:
        wiring.close()


def refuse_repeats(lines):
    """UsageError where two lines are the same wire: of wires that stand or fall together each is begun once."""
    seen = {}
    for line in lines:
        names = ((line.name,) if line.name
                 else (default_name(line.a, line.b), default_name(line.b, line.a)))
        for name in names:
            if name in seen:
                raise UsageError('%s:%d: %s line %d: %s' % (
                    line.filename, line.number,
                    'it has the same name as' if line.name else 'it is the same wire as', seen[name], name))
        seen[line.name or default_name(line.a, line.b)] = line.number


def _end_group(session, results, interrupted):
    """Commits the group, or takes back what it made: the Interrupted that ended it, or None.

    What keeps the group from being committed, or comes meanwhile, takes all back as well.
    """
    made = [result.outcome.record for result in results if result.outcome is not None and result.outcome.changed]
    failure = None
    if interrupted is None and not any(result.error for result in results):
        try:
            transaction.commit_group(session, made)
            return None
        except Interrupted as error:
            interrupted = error
        except NetnsctlError as error:
            failure = error
    # By the journal, and not by the results: a signal may have come between the two.
    transaction.take_group_back(session, made)
    for result in results:
        if result.outcome is not None and result.outcome.changed:
            result.outcome = None
    if failure is not None:
        raise failure
    return interrupted
