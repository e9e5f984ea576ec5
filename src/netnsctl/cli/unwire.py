"""netnsctl unwire"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.compat import native
from netnsctl.errors import UndoError, UsageError
from netnsctl.usecases import unwiring
from netnsctl.usecases.session import Session


def _run(names, every, if_exists, as_json):
    """Remove wires, by their names or one by its two endpoints, and bring back what they displaced.

    A name that is not a wire's is an error, and then nothing is removed; with --if-exists it is not.
    """
    names = [native(name) for name in names]
    if every == bool(names):
        raise UsageError('unwire: takes names of wires, two endpoints, or --all', hint='Try: netnsctl unwire --help')
    session = Session()
    try:
        with session.state.locked():
            wanted, rolled_back, errors = _wanted(session, names, every, if_exists)
            gone = []
            if not errors:
                gone, errors = _unwire_all(session, wanted)
        return _report(session, names, rolled_back + gone, errors, as_json)
    finally:
        session.close()


def _wanted(session, names, every, if_exists):
    """(names of wires to remove, names of those that were rolled back already, errors)"""
    rolled_back = session.recover()
    already = [record['name'] for record in rolled_back]
    if every:
        return session.journal.names()[0], already, []
    wanted, errors = unwiring.select(session, names, rolled_back)
    if if_exists:
        errors = [error for error in errors if isinstance(error, UndoError)]
    return ([name for name in wanted if name not in already], [name for name in wanted if name in already], errors)


def _unwire_all(session, wanted):
    """(names that are gone now, errors): one that cannot be taken away does not keep the others."""
    gone, errors = [], []
    unwiring.unwire_many(session, wanted,
                         lambda name, error: gone.append(name) if error is None else errors.append(error))
    return gone, errors


def _report(session, names, gone, errors, as_json):
    if as_json:
        output.emit_json({'version': 1, 'unwired': gone, 'failed': [error.message for error in errors]},
                         errors[0] if errors else None)
    else:
        for name in gone:
            output.say('unwired %s' % name)
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    for error in errors:
        output.report_error(error)
    if errors:
        if len(names) > 1 and not gone:
            output.warn('netnsctl: unwire: nothing was removed')
        return errors[0].exit_code
    if not gone:
        output.warn('netnsctl: %s: nothing is wired' % (' '.join(names) or '--all'))
    return 0


command = Syntax(_run, 'unwire', 'Remove wires.', words=('names', 'NAME... | A B'), options=[
    Option(['--all'], 'every', 'Remove every wire.'),
    Option(['--if-exists'], 'if_exists', 'What is not wired is not an error.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
