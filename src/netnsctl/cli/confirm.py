"""netnsctl confirm"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.usecases.wires.session import Session


def _run(names, every, as_json):
    """Keep wires that were made with --confirm, which are undone by themselves otherwise.

    By name, one by its two endpoints, or all that wait. Wires that were made with --atomic are confirmed together.
    What was to be saved (--save) is saved now.

    \b
      netnsctl wire --confirm 60 --name lan host:lan0=10.0.0.1/24 bridge://br0
      netnsctl confirm lan
    """
    names = [native(name) for name in names]
    if every == bool(names):
        raise UsageError('confirm: takes names of wires, two endpoints, or --all', hint='Try: netnsctl confirm --help')
    from netnsctl.usecases.confirming import keeping
    session = Session()
    try:
        kept = keeping.confirm(session, names, every)
    finally:
        for notice in session.notices:
            output.warn('netnsctl: %s' % notice)
        session.close()
    if as_json:
        output.emit_json({'version': 1, 'confirmed': kept.confirmed, 'waiting_for_nothing': kept.waiting_for_nothing,
                          'saved': [place for place, _ in kept.saved],
                          'failed': [error.message for error in kept.errors]}, (kept.errors or [None])[0])
    else:
        for name in kept.confirmed:
            output.say('confirmed %s' % name)
        for name in kept.waiting_for_nothing:
            output.say('already confirmed: %s waits for nothing' % name)
        for place, text in kept.saved:
            output.say('%s %s' % ('removed' if text is None else 'wrote', place))
    for error in kept.errors:
        output.report_error(error)
    if kept.errors:
        return kept.errors[0].exit_code
    if every and not kept.confirmed:
        output.warn('netnsctl: --all: nothing waits to be confirmed')
    return 0


command = Syntax(_run, Words('names', 'NAME... | A B', offers=[('wires', None), ('endpoint', 2)]), options=[
    Option(['--all'], 'every', 'Confirm every wire that waits for it.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
