"""Wires that a killed run left half done."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.errors import NetnsctlError
from netnsctl.execution.journal import Journal
from netnsctl.execution.state import State
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn


@check('wires', 'wires', seconds=5.0)
def check_wires(host):
    """No wire is half done."""
    state = State(host)
    try:
        done, pending = Journal(state).names()
    except NetnsctlError as error:
        return warn('could not be looked at: %s' % error.message, [('folder', state.folder)],
                    Remediation('Run netnsctl as root to have it looked at.', ['sudo netnsctl doctor wires']))
    evidence = [('folder', state.folder), ('recorded', len(done)),
                ('begun, not committed', ', '.join(pending) or 'none')]
    if not pending:
        return ok('%d recorded, none half done' % len(done), evidence)
    if state.is_locked():
        return ok('%d recorded; another netnsctl is at work on %s' % (len(done), ', '.join(pending)), evidence)
    return warn('half done, by a run that was killed: %s' % ', '.join(pending), evidence,
                Remediation('The next netnsctl command that changes anything rolls them back; this one does no more.',
                            ['netnsctl unwire %s' % shell_quote(pending[0])]))
