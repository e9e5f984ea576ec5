"""netnsctl show"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.outcomes import origin, uplink_words, waiting
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import shaping
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires.session import Session


def _run(names, as_json):
    """Show one wire: its ends, its state, and what has changed since it was made."""
    if len(names) != 1:
        raise UsageError('show: takes the name of one wire', hint='Try: netnsctl show --help')
    name = native(names[0])
    session = Session()
    try:
        wire = inventory.one(session, name)
    finally:
        session.close()
    if as_json:
        output.emit_json(dict(wire.to_json(), version=1))
        return 0
    output.say('%s: %s' % (wire.name, wire.state))
    for remark in wire.remarks:
        output.say('  %s' % remark)
    for end in wire.ends:
        output.say('  %s' % ('%s:%s' % (end['target'], end['ifname']) if end['ifname'] else end['target']))
        if end.get('dhcp'):
            output.say('    %-9s  %s' % ('dhcp', ', '.join(_lease(item) for item in end['leased']) or 'yes'))
        for key in ('mac', 'mtu', 'addresses', 'scope', 'gateways', 'routes', 'rules', 'bridge', 'items'):
            value = end.get(key)
            if key == 'items' and value:  # what follows has the others
                value = [text for text in value if text not in uplink_words(end)]
            if value:
                output.say('    %-9s  %s' % (key, _shown(value)))
        for key in ('ipv6', 'nat', 'open', 'publish', 'localhost'):
            if end.get(key):
                output.say('    %-9s  %s' % (key, 'yes' if end[key] is True else ' '.join(end[key])))
        if end.get('shaping'):
            output.say('    %-9s  %s' % ('shaping', ' '.join(shaping.words(end['shaping']))))
    for text in waiting(wire):
        output.say('  %s%s' % (text, '; to keep it: netnsctl confirm %s' % wire.name if wire.seconds_left else ''))
    for text in origin(wire):
        output.say('  asked for by the %s' % text)
    output.say('  made %s by %s' % (output.local_time(wire.made), wire.backend))
    return 0


def _lease(item):
    left = item['seconds_left']
    return item['address'] if left is None else '%s, lapses in %d s' % (item['address'], left)


def _shown(value):
    if not isinstance(value, list):
        return str(value)
    items = [item if not isinstance(item, list) else '@'.join(part for part in item if part) for item in value]
    return (', ' if any(' ' in item for item in items) else ' ').join(items)


command = Syntax(_run, Words('names', 'NAME', offers=[('wires', 1)]), options=[
    Option(['--json'], 'as_json', 'Print it as JSON.')])
