"""netnsctl ls"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.usecases import inventory
from netnsctl.usecases.session import Session

COLOURS = {inventory.WHOLE: 'green', inventory.LOST: 'red', inventory.ALTERED: 'yellow', inventory.HALF: 'red'}


def _run(as_json):
    """List the recorded wires, held against what the kernel says.

    \b
    whole    as it was made
    lost     a network namespace is gone: a container was restarted
    altered  a link was renamed, removed, set down, or lacks an address, a route,
             a rule or its DHCP client
    half     begun or being taken away, or only one of its ends is there
    """
    session = Session()
    try:
        wires = inventory.wires(session)
    finally:
        session.close()
    if as_json:
        output.emit_json({'version': 1, 'wires': [wire.to_json() for wire in wires]})
    else:
        _table(wires)
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    return 0


def _table(wires):
    rows = [[output.printable(cell) for cell in (wire.name, wire.state, _end(wire.ends[0]), _end(wire.ends[1]))]
            for wire in wires]
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        state = output.colour(row[1], COLOURS[row[1]]) + ' ' * (widths[1] - len(row[1]))
        output.say('%s  %s  %s  %s' % (row[0].ljust(widths[0]), state, row[2].ljust(widths[2]), row[3]), escaped=True)


def _end(end):
    place = '%s:%s' % (end['target'], end['ifname'])
    return '%s %s' % (place, ','.join(end['addresses'])) if end['addresses'] else place


command = Syntax(_run, 'ls', 'List the wires and whether they are whole.', options=[
    Option(['--json'], 'as_json', 'Print the list as JSON.')])
