"""--dry-run: everything up to the plan, and the plan as commands that a person could paste."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge import ip_program
from netnsctl.errors import NetnsctlError
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.usecases import deciding
from netnsctl.usecases.wiring import Wiring
from netnsctl.usecases.wiring_many import line_options


def commands(session, lines, options):
    """(shell commands for the wires of lines, remarks), changing nothing.

    Raises what `wire` would before its first change.
    """
    found, remarks = [], []
    program = _program(session, remarks)
    for line in lines:
        wiring = Wiring(session, line.a, line.b, line_options(options, line))
        wiring.asks_neighbours = False
        try:
            wiring.resolve()
            outcome, replaced = wiring.settle_existing(clear=False)
            if outcome is not None:
                remarks.append('already wired: %s' % outcome.record.name)
                continue
            if replaced is not None:
                found.append('netnsctl unwire %s' % shell_quote(replaced.name))
                wiring.going = set(((told['dev'], told['ino']), end.index) for end in replaced.ends
                                   for told in [replaced.identity(end)])
                wiring.leaving = [rule for end in replaced.ends for rule in end.rules]
            ends, steps = deciding.decide(wiring)
            for end, opened in zip(ends, wiring.opened):
                session.planned_links.setdefault(opened.key, set()).add(end.dev)
                session.planned_bridges.update([end.bridge] if end.new_bridge else [])
            printer = Iproute(session.host, program, wiring.namespaces(), wiring.name)
            found += printer.lines(printer.plan(steps, live=False))
        finally:
            wiring.close()
    return found, remarks


def _program(session, remarks):
    """The host's ip, for what it knows; where it knows no netns, today's is what the commands are for."""
    try:
        program = ip_program.found(session.host)
    except NetnsctlError as error:
        remarks.append(error.message)
        return None
    if program is None or not program.netns:
        remarks.append("this host's ip knows no netns: netnsctl does this through netlink; "
                       "the commands are for an ip that does")
        return None
    return program
