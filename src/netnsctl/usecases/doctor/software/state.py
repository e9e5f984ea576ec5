"""The directory in which netnsctl keeps its records and its lock."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import shell_quote
from netnsctl.edge.files import own_files
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn


@check('state', 'wires', required=True)
def check_state(host):
    """The state directory belongs to root alone and can be written to: without it nothing is wired."""
    folder = State(host).folder
    evidence = [('directory', folder)]
    if os.geteuid() != 0:
        return warn('cannot be examined without root', evidence,
                    Remediation('Run netnsctl as root to examine it.', ['sudo netnsctl doctor state']))
    try:
        is_there = own_files.require_own(folder)
    except NetnsctlError as error:
        return fail(error.message, evidence, _taken_back(folder))
    place = folder if is_there else os.path.dirname(folder)
    why = own_files.why_not_writable(place)
    if why:
        return fail('%s cannot be written to: %s' % (place, why), evidence, Remediation(
            'Make it writable: `findmnt -T %s` shows which file system it is on and whether that is read-only; `df %s` '
            'shows whether it is full.' % (place, place)))
    return ok('%s can be written to' % place, evidence)


def _taken_back(folder):
    """The Remediation for a state directory that is not root's alone: one that is moved away takes the records of the
    wires along, which then nothing can remove."""
    quoted = shell_quote(folder)
    if os.path.isdir(folder) and not os.path.islink(folder):
        return Remediation(
            'netnsctl does not trust what others may have put there. See who has, remove what is not netnsctl\'s, and '
            'give the directory back to root alone.',
            ['ls -lanR %s' % quoted, 'chown root %s' % quoted, 'chmod go-w %s' % quoted])
    return Remediation('netnsctl does not trust what others may have put there. Look at it, and move it out of the '
                       'way.', ['ls -lad %s' % quoted, 'mv %s %s.old' % (quoted, quoted)])
