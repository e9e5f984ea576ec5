"""One wire as commands make it: made, checked and saved."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import CheckFailedError
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.wiring import Wiring, wire


def wire_one(session, a, b, options):
    """Makes and checks one wire: Outcome. Interrupted during the check: the wire is taken away again."""
    wiring = Wiring(session, a, b, options)
    try:
        wiring.resolve()
        with session.state.locked():
            transaction.recover(session)
            return make_and_check(session, wiring)
    finally:
        wiring.close()


def make_and_check(session, wiring):
    """Makes a resolved Wiring, with the lock held, checks it if it is new and a check was asked for, and saves it if
    that was asked for: Outcome.

    A check that fails is told in the Outcome; one that cannot be made, or is interrupted, takes the wire back, as what
    cannot be saved does.
    """
    if wiring.options.save:
        from netnsctl.usecases.tree import saving
        existing.settle_spelling(wiring)
        saving.require_savable(wiring.targets)
    outcome = wire(session, wiring)
    try:
        if outcome.changed and wiring.options.check:
            from netnsctl.usecases.check import checking
            outcome.report = checking.check_record(session, outcome.record, wiring.namespaces())
            if any(end.bridge for end in outcome.record.ends):
                from netnsctl.usecases.wires import bridging
                bridging.announce_checked(outcome.record, outcome.report, wiring.namespaces())
        if wiring.options.save:
            outcome.saved = saving.save_new(session.host, outcome.record, wiring.many)
    except BaseException:
        if outcome.changed:
            transaction.roll_back(session, outcome.record, wiring.namespaces())
        raise
    if outcome.changed and outcome.record.replaces:
        from netnsctl.usecases.wires import unwiring
        unwiring.settle_servers(session, unwiring.targets_of(session, outcome.record.replaces))
    return outcome


def check_failed(outcome):
    """The error for a wire that stands but does not pass packets; its message names the first cause."""
    causes = outcome.report.causes
    cause = causes[0].text if causes else 'an echo was not answered'
    return CheckFailedError('%s: wired, but %s' % (outcome.record.name, cause),
                            hint=causes[0].hint if causes else None)
