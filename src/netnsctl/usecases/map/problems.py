"""What the doctor complains of, for a map."""
from __future__ import absolute_import, division, print_function

from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.finding import FAIL, WARN


def find(host):
    """List of {'check', 'status' ('fail' or 'warn'), 'text', 'commands' (that fix it)}, in the doctor's order."""
    return [{'check': finding.check, 'status': finding.status, 'text': finding.text,
             'commands': list(finding.remediation.commands) if finding.remediation else []}
            for finding in doctor.run(host) if finding.status in (FAIL, WARN)]
