"""A file of wires: each is its own transaction, or with --atomic all of them are one."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import random_hex
from netnsctl.errors import Interrupted, UsageError, declared
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.wires import making, side_by_side, transaction
from netnsctl.usecases.ends.resolving import canonical_target
from netnsctl.usecases.ends.staying import Staying
from netnsctl.usecases.wires.wiring import Outcome, Wiring


class LineOutcome(object):
    """What became of one line: line (WireLine), outcome (wiring.Outcome, or what is told of it, or None), error
    (NetnsctlError or None)."""
    __slots__ = ('line', 'outcome', 'error')

    def __init__(self, line, outcome=None, error=None):
        self.line, self.outcome, self.error = line, outcome, error


def line_options(options, line):
    """The Options of one line: its own --name and --mtu over those of the command."""
    return options.of_line(line.name, line.mtu)


def wire_lines(session, lines, options, atomic=False, told=None):
    """Makes, checks and saves the wires of a file (list of WireLine): (list of LineOutcome, Interrupted or None).

    A line that fails affects only itself; with atomic the first that fails, and any signal, takes all back that this
    call made. Otherwise, a signal ends the run, and complete wires are kept. told: function that makes of an Outcome
    what is kept of it, in its place: thousands of them would need much memory.
    """
    results, interrupted, session.tree_before = [], None, None
    try:
        with session.locked():
            transaction.recover(session)
            interrupted = _wire_lines(session, lines, options, atomic, told, results)
    except Interrupted as error:
        # It came as the lock was let go.
        if not results:
            raise
        interrupted = error
        if atomic:
            with session.locked():
                _take_committed_back(session, results)
    waiting = [] if atomic else _waiting(results)
    if waiting:
        interrupted = _get_leases(session, waiting, options, interrupted)
    for result in results if told else ():
        if isinstance(result.outcome, Outcome):
            result.outcome = told(result.outcome)
    return results, interrupted


def _waiting(results):
    """The LineOutcomes of wires that have no address by DHCP yet: list."""
    return [result for result in results if isinstance(result.outcome, Outcome) and making.lacks_lease(result.outcome)]


def _get_leases(session, waiting, options, interrupted):
    """What became of them goes into the LineOutcomes: the Interrupted that ended it, or None."""
    try:
        if interrupted is not None:
            making.take_back(session, [result.outcome for result in waiting])
        else:
            told = making.get_leases(session, [(result.outcome, line_options(options, result.line))
                                               for result in waiting], True)
            for result, (outcome, error) in zip(waiting, told):
                result.outcome, result.error = outcome, error
            return None
    except Interrupted as error:
        interrupted = error
    for result in waiting:
        if result.outcome.changed and not session.stands(result.outcome.record):
            result.outcome = None
    return interrupted


def _wire_lines(session, lines, options, atomic, told, results):
    """The Interrupted that ended it, or None; what became of the lines goes into results."""
    session.presence.many = True
    with Staying():
        return _wire_each(session, lines, options, atomic, told, results)


def _wire_each(session, lines, options, atomic, told, results):
    existing.start(session)
    for line in lines:
        for end in (line.a, line.b):
            end.target = canonical_target(end.target)  # one wire has one name, before any is made
    session.presence.ask_ahead([end.target for line in lines for end in (line.a, line.b)])
    if not options.force and any(end.target.scheme == 'bridge' for line in lines for end in (line.a, line.b)):
        from netnsctl.usecases.wires import bridging
        bridging.ask_ahead(session, [(line.a, line.b) for line in lines])
    if atomic:
        return _wire_group(session, lines, options, results)
    found, interrupted = side_by_side.each(
        session, lines, options, lambda line: _wire_line(session, line, options, told),
        lambda line: making.take_back_untold(session))
    results += [LineOutcome(line, *what) for line, what in found]
    return interrupted


def _wire_group(session, lines, options, results):
    """The same for wires that stand or fall together: what prevents or interrupts the commit takes all back."""
    refuse_repeats(lines)
    session.group, interrupted, is_done = random_hex(8), None, False
    try:
        is_done = _make_group(session, lines, options, results)
    except Interrupted as error:
        interrupted = error
    except Exception:
        _take_group_back(session, results, _made(results))
        session.group = None
        raise
    if not is_done:
        _take_group_back(session, results, _made(results))
    session.group = None
    return interrupted


def _make_group(session, lines, options, results):
    """Makes the wires of a group and commits them: is it done? If not, the error is in the results."""
    for line in lines:
        results.append(LineOutcome(line, *_wire_line(session, line, options)))
        if results[-1].error is not None:
            return False
    _lease_group(session, _waiting(results), options)
    if any(result.error for result in results):
        return False
    transaction.commit_group(session, _made(results))
    return True


def _lease_group(session, waiting, options):
    """The addresses by DHCP of a group, whose wires keep the lock until they are committed."""
    failed = {}
    if waiting:
        from netnsctl.usecases.tree import clients  # few wires have one
        failed = clients.ask(session, [result.outcome.record for result in waiting])
    for result in waiting:
        try:
            result.error = failed.get(result.outcome.record.name)
            if result.error is None:
                making.finish_leased(session, result.outcome, line_options(options, result.line), {}, True)
        except Exception as error:
            result.error = declared(error, 'make the wire %s' % result.outcome.record.name)


def _wire_line(session, line, options, told=None):
    """(Outcome, or what is told of it, or None; NetnsctlError or None). One whose address by DHCP is to be asked for is
    not finished."""
    wiring = None
    try:
        wiring = Wiring(session, line.a, line.b, line_options(options, line), many=True)
        wiring.resolve()
        outcome = making.make(session, wiring)
        if not making.lacks_lease(outcome):
            making.finish(session, outcome, wiring.options, True, wiring.namespaces())
            if told:
                return told(outcome), None
        return outcome, None
    except Exception as error:
        return None, declared(error, 'make the wire %s' % name_of(wiring, line))
    finally:
        if wiring is not None:
            wiring.close()


def name_of(wiring, line):
    """What the wire of a line is called, also where its two ends do not make a Wiring (None)."""
    return wiring.name if wiring is not None else line.name or default_name(line.a, line.b)


def refuse_repeats(lines):
    """UsageError if two lines are the same wire, or have the same name: of wires that stand or fall together each is
    begun once."""
    seen = {}
    for line in lines:
        names = ((line.name,) if line.name
                 else (default_name(line.a, line.b), default_name(line.b, line.a)))
        for name in names:
            other = seen.get(name)
            if other is not None:
                is_same = not line.name and not other.name and _are_same(line, other)
                raise UsageError('%s:%d: %s line %d: %s' % (
                    line.filename, line.number, 'it is the same wire as' if is_same else 'it has the same name as',
                    other.number, name), hint=None if is_same else 'Give this one another name with --name.')
        seen[names[0]] = line


def _are_same(line, other):
    """Are the ends of two lines the same, in any order? A bare name may be that of any scheme."""
    return any(all(end.target.name == there.target.name and end.ifname == there.ifname
                   and (end.target.scheme == there.target.scheme or None in (end.target.scheme, there.target.scheme))
                   for end, there in zip((line.a, line.b), ends)) for ends in ((other.a, other.b), (other.b, other.a)))


def _made(results):
    """The records of the wires that were made: list."""
    return [result.outcome.record for result in results if result.outcome is not None and result.outcome.changed]


def _take_group_back(session, results, made):
    """Takes back what the group made: made, and what there may be of other wires of its."""
    # By the journal, and not by the results: a signal may have come between the two.
    transaction.take_group_back(session, made)
    for record in made:
        if record.dhcp:
            making.settle_servers(session, record)
    _forget_made(results)


def _forget_made(results):
    for result in results:
        if result.outcome is not None and result.outcome.changed:
            result.outcome = None


def _take_committed_back(session, results):
    """Takes back a group that was committed as a signal came, with the lock held again: those that still stand."""
    session.group = None
    transaction.recover(session)  # the lock was let go: another command may have been killed as it removed one of them
    made = []
    for record in _made(results):
        committed = session.journal.load(record.name)
        if committed is not None and committed.id == record.id:
            made.append(record)
            session.group = committed.group
    if made:
        session.journal.mark_group(session.group)  # a kill in the middle leaves all of them
        _take_group_back(session, results, made)
        session.group = None
    _forget_made(results)
