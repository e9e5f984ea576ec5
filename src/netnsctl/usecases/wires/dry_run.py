"""--dry-run: everything up to the plan, and the plan as commands to paste."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge import ip_program
from netnsctl.errors import ConflictError, NetnsctlError, declared
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.model.links import kind_named
from netnsctl.usecases.recorded import existing, records
from netnsctl.usecases.wires import deciding
from netnsctl.usecases.wires.wiring import Wiring
from netnsctl.usecases.wires.many import line_options, name_of, refuse_repeats


class LinePlan(object):
    """What would be done for one line: line (WireLine), name (of the wire), commands (list of text; empty where it is
    there already, or where it would fail), replaces (the name of the wire that it would take the place of, or None)."""
    __slots__ = ('line', 'name', 'commands', 'replaces')

    def __init__(self, line):
        self.line, self.name, self.commands, self.replaces = line, None, [], None


def plan_lines(session, lines, options, atomic=False, gone=()):
    """([LinePlan] of the lines, remarks, [(line, NetnsctlError)] of those that would fail), changing nothing. atomic:
    if one fails, no line has commands. gone: the records of wires that would be removed before."""
    plans, remarks, failed = [], [], []
    planned, before = deciding.Planned(), []
    for record in gone:
        planned.remove(record)
    program = find_program(session, remarks)
    if atomic:
        refuse_repeats(lines)
    for line in lines:
        wiring, plan = None, LinePlan(line)
        plans.append(plan)
        try:
            wiring = Wiring(session, line.a, line.b, line_options(options, line), planned=planned)
            plan.commands = _commands_of(session, program, wiring, remarks, before, plan)
        except Exception as error:
            failed.append((line, declared(error, 'make the wire %s' % name_of(wiring, line))))
            plan.replaces = None
            if atomic:
                break
        finally:
            plan.name = plan.name or name_of(wiring, line)
            if wiring is not None:
                wiring.close()
    for plan in plans if atomic and failed else ():
        plan.commands, plan.replaces = [], None
    return plans, remarks, failed


def _restoring(session, outcome):
    """What is missing of the rules of a wire that is there is restored: list of commands."""
    if outcome is None or not outcome.record.has_uplink:
        return []
    from netnsctl.usecases.uplinks import standing  # few wires have nat or publish
    return ['netnsctl up --firewall'] if standing.lacking(session.host, session.home, outcome.record) else []


def _commands_of(session, program, wiring, remarks, before, plan):
    """The commands for one wire: list. Raises what `wire` would before its first change, and what would be in its way
    by then. before: the wires of the earlier lines, [(name, what was asked of each end)]. plan: its LinePlan, which
    learns the name of the wire, and of the one that is replaced."""
    found = []
    wiring.asks_neighbours = False
    wiring.resolve()
    outcome, replaced = wiring.settle_existing(clear=False)
    asked = dict((_end_of(wiring, at), records.asked_of(wiring.endpoints[at])) for at in (0, 1))
    name = outcome.record.name if outcome is not None else _planned_as(wiring, asked, before)
    if name is not None:
        remarks.append('already wired: %s' % name)
        plan.name = name
        return _restoring(session, outcome)
    stays = _changes(session, program, wiring, replaced)
    if stays is not None:
        before.append((wiring.name, asked))
        return stays
    # What is left of a lost wire is removed as well.
    leaving = replaced or existing.of_request(wiring)[0]
    if leaving is not None:
        found.append('netnsctl unwire %s' % shell_quote(leaving.name))
        plan.replaces = leaving.name
        wiring.planned.remove(leaving)
    try:
        ends, steps = _decide(wiring)
    except Exception:
        if leaving is not None:
            wiring.planned.keep(leaving)
        raise
    printer = Iproute(session.host, program, wiring.namespaces(), wiring.name)
    found += printer.lines(printer.plan(steps, live=False))
    for at, endpoint in enumerate(wiring.endpoints):
        if endpoint.dhcp:
            found += _client_lines(session, wiring, at, ends[at].dev)
    before.append((wiring.name, asked))
    return found


def _changes(session, program, wiring, replaced):
    """The commands that change a recorded wire whose link stays: list, or None where there is none."""
    if replaced is None or not any(target.is_anchor and kind_named(target.scheme).changes for target in wiring.targets):
        return None
    from netnsctl.usecases.wires import changing  # few wires can stay
    change = changing.change_of(wiring, replaced)
    if change is None:
        return None
    namespaces = session.open_of(replaced)
    try:
        printer = Iproute(session.host, program, namespaces, wiring.name)
        return printer.lines(printer.plan(change.steps, live=False))
    finally:
        records.close_all(namespaces)


def _client_lines(session, wiring, at, dev):
    """The commands for the DHCP client of an end."""
    from netnsctl.usecases.ends import dhcp
    from netnsctl.usecases.tree import resolvers
    opened, place = wiring.opened[at], resolvers.place_for(wiring.targets[at])
    inside = ['ip', 'netns', 'exec', opened.name] if opened.name else ['nsenter', '--net=%s' % opened.path]
    return dhcp.Client(session, wiring.name, at).shell_lines(
        dev, dhcp.Settings(session.host.path(place) if place else ''), inside)


def _decide(wiring):
    ends, steps = deciding.decide(wiring)
    for end, opened in zip(ends, wiring.opened):
        if end.dev is not None and not deciding.is_free(wiring, opened, end.dev):
            raise ConflictError('%s has a link named %s already' % (end.label, end.dev))
    wiring.planned.add(ends, wiring.opened)
    return ends, steps


def _end_of(wiring, at):
    """What tells an end from others as long as its link has no name: namespace, what it hangs on, IFNAME."""
    target = wiring.targets[at]
    return wiring.opened[at].key, str(target) if target.is_anchor else None, wiring.endpoints[at].ifname


def _planned_as(wiring, asked, before):
    """The name by which an earlier line makes this very wire, or None. ConflictError if one makes it otherwise, or has
    its name."""
    for name, known in before if not wiring.options.replace else ():
        if set(known) == set(asked):
            if known == asked and wiring.options.name in (None, name):
                return name
            raise ConflictError('an earlier line joins %s and %s, as %s' % (tuple(wiring.targets) + (name,)))
        if name == wiring.name:
            raise ConflictError('an earlier line has a wire called %s, which joins other ends' % name)
    return None


def find_program(session, remarks):
    """The host's ip, for what it knows; where it does not support netns, today's is what the commands are for."""
    try:
        program = ip_program.found(session.host)
    except NetnsctlError as error:
        remarks.append(error.message)
        return None
    if program is None or not program.netns:
        remarks.append("this host's ip does not support netns, so netnsctl uses netlink; the commands are for an ip "
                       "that does")
        return None
    return program
