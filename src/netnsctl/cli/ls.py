"""netnsctl ls"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.outcomes import origin, uplink_words, waiting
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.model import shaping
from netnsctl.usecases.recorded import existing, inventory
from netnsctl.usecases.wires.session import Session

COLOURS = {inventory.WHOLE: 'green', inventory.LOST: 'red', inventory.ALTERED: 'yellow', inventory.HALF: 'red'}


HEADING = ('NAME', 'STATE', 'END', 'END')


def _run(names, header, as_json):
    """List the recorded wires, or those named, compared with what the kernel says.

    \b
    whole    as it was made
    lost     a network namespace is gone: a container was restarted
    altered  a link was renamed, removed, set down, or lacks an address, a route,
             a rule, its shaping or its DHCP client
    half     being made or removed, or only one of its ends is there
    """
    names = [native(name) for name in names]
    session = Session()
    try:
        # Of thousands what is told is kept, not the wires.
        shown, there = [], set()
        for wire, _ in inventory.wires_and_records(session, names or None):
            shown.append(output.json_item(wire.to_json()) if as_json else _row(wire))
            there.add(wire.name)
        missing = [existing.missing(session, 'ls', name) for name in names if name not in there]
    finally:
        session.close()
    if as_json:
        output.emit_json_items({'version': 1}, 'wires', shown, missing[0] if missing else None)
    else:
        _table(shown, header)
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    for error in missing:
        output.report_error(error)
    return missing[0].exit_code if missing else 0


def _row(wire):
    return [output.printable(cell) for cell in [wire.name, wire.state, _end(wire.ends[0]), _end(wire.ends[1])]
            + ['(%s)' % text for text in waiting(wire) + origin(wire)]]


def _table(rows, header):
    if header:
        rows.insert(0, list(HEADING))
    if not rows:
        return
    widths = [max(output.width_of(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [output.padded(cell, width) for cell, width in zip(row, widths)]
        if row[1] in COLOURS:
            cells[1] = output.colour(row[1], COLOURS[row[1]]) + cells[1][len(row[1]):]
        output.say('  '.join(cells + row[3:]), escaped=True)


def _dhcp(end):
    """'dhcp:10.0.0.50/24' of an end whose address comes by DHCP, 'dhcp' while it has none: list of text."""
    if not end.get('dhcp'):
        return []
    return ['dhcp:' + item['address'] for item in end['leased']] or ['dhcp']


def _end(end):
    place = '%s:%s' % (end['target'], end['ifname']) if end['ifname'] else end['target']
    words = _dhcp(end) + end['addresses'] + uplink_words(end) + shaping.words(end.get('shaping'))
    return '%s %s' % (place, ','.join(words)) if words else place


command = Syntax(_run, Words('names', '[NAME]...', offers=[('wires', None)]), options=[
    Option(['--header'], 'header', 'Print a header line first.'),
    Option(['--json'], 'as_json', 'Print the list as JSON.')])
