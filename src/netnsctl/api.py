"""What both the commands and `import netnsctl` call: a wire made, checked and saved."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import CheckFailedError, NetnsctlError
from netnsctl.usecases import records
from netnsctl.usecases.wiring import Wiring, wire as make_wire


def wire_one(session, a, b, options):
    """Makes and checks one wire: Outcome. Interrupted during the check: the wire is taken away again."""
    wiring = Wiring(session, a, b, options)
    try:
        wiring.resolve()
        with session.state.locked():
            session.recover()
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
        from netnsctl.usecases.config_tree import saving
        saving.require_savable(wiring.targets)
    outcome = make_wire(session, wiring)
    try:
        if outcome.changed and wiring.options.check:
            outcome.report = check_record(session, outcome.record, wiring.namespaces())
            if any(end.bridge for end in outcome.record.ends):
                from netnsctl.usecases import bridging
                bridging.announce_checked(outcome.record, outcome.report, wiring.namespaces())
        if wiring.options.save:
            outcome.saved = saving.save_records(session.host, [outcome.record])
    except BaseException:
        if outcome.changed:
            session.roll_back(outcome.record, wiring.namespaces())
        raise
    return outcome


def check_record(session, record, namespaces=None):
    """Tests a recorded wire both ways: report.Report. namespaces: {reference: Netns} where they are open already."""
    from netnsctl.usecases import checking
    from netnsctl.usecases.report import Cause
    opened = namespaces if namespaces is not None else records.open_namespaces(record)
    try:
        gone = [end for end in record.ends if end.ns not in opened]
        if gone:
            raise NetnsctlError('check %s: the network namespace of %s is gone' % (record.name, gone[0]['target']),
                                hint='Wire it again: the old ends are cleared away then.')
        ends = [checking.End(end.place, opened[end.ns], end.bridge or end.dev, end.addresses, end.mtu,
                             bridge=end.bridge, port=end.dev) for end in record.ends]
        for end, other in (ends, reversed(ends)):
            if end.bridge:
                end.addresses += checking.addresses_of_bridge(end.netns, end.bridge, end.addresses, other.addresses)
        report = checking.check(session.host, ends[0], ends[1])
        if namespaces is None:
            from netnsctl.usecases import meaning
            report.add_causes([Cause('passed-on', text, 'netnsctl unwire %s' % record.name)
                               for text in meaning.Meanings(session.host).passed_on(record)])
        if record.dhcp:
            from netnsctl.usecases import leasing  # few wires have a lease
            report.add_causes(leasing.causes(record, [opened[end.ns] for end in record.ends]))
        return report
    finally:
        if namespaces is None:
            records.close_all(opened)


def check_failed(outcome):
    """The error for a wire that stands but does not pass packets; its message names the first cause."""
    causes = outcome.report.causes
    cause = causes[0].text if causes else 'an echo was not answered'
    return CheckFailedError('%s: wired, but %s' % (outcome.record.name, cause),
                            hint=causes[0].hint if causes else None)


def wire_lines(session, lines, options, atomic=False):
    """Makes the wires of a file (list of WireLine): (list of wiring_many.LineOutcome, Interrupted or None)."""
    from netnsctl.usecases import wiring_many
    with session.state.locked():
        session.recover()
        return wiring_many.wire_lines(session, lines, options, make_and_check, atomic)
