"""--dry-run: everything up to the plan, and the plan as commands that a person could paste."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge import ip_program
from netnsctl.errors import NetnsctlError, declared
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.usecases.wires import deciding
from netnsctl.usecases.wires.wiring import Wiring
from netnsctl.usecases.wires.many import line_options, refuse_repeats


def commands(session, lines, options, atomic=False):
    """(shell commands for the wires of lines, remarks, [(line, NetnsctlError)] of lines that would fail), changing
    nothing. atomic: one that fails leaves no commands."""
    found, remarks, failed = [], [], []
    program = _program(session, remarks)
    if atomic:
        refuse_repeats(lines)
    for line in lines:
        wiring = Wiring(session, line.a, line.b, line_options(options, line))
        try:
            found += _commands_of(session, program, wiring, remarks)
        except Exception as error:
            failed.append((line, declared(error, 'make the wire %s' % wiring.name)))
            if atomic:
                return [], remarks, failed
        finally:
            wiring.close()
    return found, remarks, failed


def _commands_of(session, program, wiring, remarks):
    """The commands for one wire: list. Raises what `wire` would before its first change."""
    found = []
    wiring.asks_neighbours = False
    wiring.resolve()
    outcome, replaced = wiring.settle_existing(clear=False)
    if outcome is not None:
        remarks.append('already wired: %s' % outcome.record.name)
        return []
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
    return found + printer.lines(printer.plan(steps, live=False))


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
