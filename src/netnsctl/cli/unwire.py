"""netnsctl unwire"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.usecases import records, unwiring
from netnsctl.usecases.session import Session


def _run(names, every, as_json):
    """Take a wire away, by its name or its two endpoints, and bring back what it displaced.

    A wire that is not there is no error: doing it twice is as good as once.
    """
    names = [native(name) for name in names]
    if every == bool(names) or len(names) > 2:
        raise UsageError('unwire: takes a name, two endpoints, or --all', hint='Try: netnsctl unwire --help')
    ends = [endpoint.parse(text) for text in names] if len(names) == 2 else None
    if len(names) == 1:
        records.check_known_name(names[0])
    session = Session()
    try:
        with session.state.locked():
            session.recover()
            wanted = _wanted(session, names, ends, every)
            gone, errors = _unwire_all(session, wanted)
        return _report(session, names, gone, errors, every, as_json)
    finally:
        session.close()


def _wanted(session, names, ends, every):
    if every:
        return session.journal.names()[0]
    if ends is None:
        return names
    found = unwiring.find(session, *ends)
    return [] if found is None else [found]


def _unwire_all(session, wanted):
    """(names that are gone now, errors): one that cannot be taken away does not keep the others."""
    gone, errors = [], []
    unwiring.unwire_many(session, wanted,
                         lambda name, error: gone.append(name) if error is None else errors.append(error))
    return gone, errors


def _report(session, names, gone, errors, every, as_json):
    if as_json:
        output.emit_json({'version': 1, 'unwired': gone, 'failed': [error.message for error in errors]})
    else:
        for name in gone:
            output.say('unwired %s' % name)
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    for error in errors:
        output.report_error(error)
    if errors:
        return errors[0].exit_code
    if not gone:
        output.warn('netnsctl: %s: nothing is wired' % ('--all' if every else ' '.join(names)))
    return 0


command = Syntax(_run, 'unwire', 'Take wires away.', words=('names', 'NAME | A B'), options=[
    Option(['--all'], 'every', 'Take every wire away.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
