"""NICs of the host that were lent, and have not come back from a namespace that ended."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import WIRE, Remediation, ok, warn
from netnsctl.usecases.doctor.kernel.netnsdir import quote
from netnsctl.usecases.lending import marks
from netnsctl.usecases.wires.session import Session


@check('nics', 'wires', seconds=10.0)
def check_nics(host):
    """Each NIC that was lent is with its wire, or back."""
    session = Session(host)
    try:
        return _judge(session)
    except NetnsctlError as error:
        mend = None if os.geteuid() == 0 else Remediation('Run netnsctl as root.', ['sudo netnsctl doctor nics'])
        return warn('could not be examined: %s' % error.message, (), mend)
    finally:
        session.close()


def _judge(session):
    names = marks.names(session)
    if not names:
        return ok('none is lent')
    # Imported here: on most hosts none is.
    from netnsctl.execution import returning
    from netnsctl.usecases.lending import returned
    missing = [(record.name, end.target, was) for record, end, was in returned.ended(session)]
    if not session.state.is_locked():
        missing += [(record.name, end.target, was) for record, end, was in returned.unfinished(session)]
    evidence = [('wires with a NIC', ', '.join(names))]
    evidence += [('%s of %s' % (was['name'], name), returning.whereabouts(was)) for name, _, was in missing]
    if not missing:
        return ok('%d lent' % len(names), evidence)
    told = '; '.join('%s has not come back from %s' % (was['name'], target) for _, target, was in missing)
    return warn(told, evidence, Remediation(
        'The next netnsctl command that changes anything brings it back, as it was; this unwire does only that.',
        ['netnsctl unwire %s' % quote(name) for name, _, _ in missing])).about(WIRE, [name for name, _, _ in missing])
