"""One wire as the commands make it: make it, get its address by DHCP, check it and save it."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import CheckFailedError, NetnsctlError, NotFoundError, declared
from netnsctl.execution import signals
from netnsctl.usecases.recorded import existing, records
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.wiring import Outcome, Wiring, wire


def wire_one(session, a, b, options):
    """Makes and checks one wire: Outcome. Interrupted at any time: the wire is removed again."""
    session.untold = None
    try:
        return _wire_one(session, a, b, options)
    except NetnsctlError:
        raise  # its wire was taken back
    except BaseException:  # an Exception may be what a handler of whoever uses the library raises
        take_back_interrupted(session)
        raise
    finally:
        signals.hear()


def _wire_one(session, a, b, options):
    wiring = Wiring(session, a, b, options)
    try:
        wiring.resolve()
        with session.locked():
            transaction.recover(session)
            outcome = make(session, wiring)
            if not lacks_lease(outcome):
                return finish(session, outcome, options, False, wiring.namespaces())
    finally:
        with signals.held():
            wiring.close()
    (outcome, error), = get_leases(session, [(outcome, options)])
    if error is not None:
        raise error
    return outcome


def make(session, wiring):
    """Makes a resolved Wiring, with the lock held: Outcome, for finish(), or for get_leases() if lacks_lease()."""
    if wiring.options.save:
        from netnsctl.usecases.tree import saving
        existing.settle_spelling(wiring)
        saving.require_savable(wiring.targets)
    if any(end.dhcp for end in wiring.endpoints):
        from netnsctl.usecases.ends import dhcp
        dhcp.client_of(session.host)
        session.takes_back = True
    return wire(session, wiring)


def lacks_lease(outcome):
    """Has a wire an end by DHCP without a client?"""
    if not outcome.record.dhcp:
        return False
    from netnsctl.usecases.ends import dhcp
    return outcome.changed or bool(dhcp.dead_ends(outcome.record))


def finish(session, outcome, options, is_one_of_many, namespaces):
    """Checks a wire that was made, if a check was asked for and it is new or failed the last one, and saves it if that
    was asked for: Outcome. With the lock held. namespaces: {reference: Netns}.

    A check that fails is told in the Outcome; one that cannot be made, or is interrupted, takes the wire back, as what
    cannot be saved does.
    """
    try:
        if options.check and not outcome.changed and outcome.record.has_failed_check:
            _check_again(session, outcome)
        if outcome.changed and options.check:
            from netnsctl.usecases.check import checking
            outcome.report = checking.check_record(session, outcome.record, namespaces)
            _note_check(session, outcome)
            if outcome.record.has_uplink and outcome.report.ok and not is_one_of_many:
                from netnsctl.usecases.check import uplinked  # few wires have nat or publish
                session.notices += ['%s: %s; `--replace --open` has a rule put there that lets it pass' % (
                    outcome.record.name, text) for text in uplinked.dropped_now(session, outcome.record)]
            if any(end.bridge for end in outcome.record.ends):
                from netnsctl.usecases.wires import bridging
                bridging.announce_checked(outcome.record, outcome.report, namespaces)
        if not _waits(session, outcome, options) and options.save:
            from netnsctl.usecases.tree import saving
            before = saving.before_new(session, outcome.record, is_one_of_many, outcome.changed)
            with signals.held() as hold:
                outcome.saved = saving.save_new(session, outcome.record, before, outcome.changed)
                if outcome.saved:
                    session.untold = None  # the tree says that it is to be there
                    if not is_one_of_many:
                        hold.drop()
    except BaseException:
        if outcome.changed and not outcome.saved:
            transaction.roll_back(session, outcome.record, namespaces)
            if outcome.record.dhcp:
                settle_servers(session, outcome.record)
        raise
    if outcome.changed and outcome.record.replaces:
        settle_servers(session, outcome.record.replaces)
    return outcome


def _check_again(session, outcome):
    """A wire that is there already and did not pass its last check must not be said to be well."""
    from netnsctl.usecases.check import checking
    namespaces = session.open_of(outcome.record)
    try:
        outcome.report = checking.check_record(session, outcome.record, namespaces)
    finally:
        records.close_all(namespaces)
    _note_check(session, outcome)


def _note_check(session, outcome):
    """Writes into the record whether the check failed, for whoever asks for the same wire again."""
    failed = not outcome.report.ok
    if not failed and not outcome.record.has_failed_check:
        return  # nearly all wires: nothing is read
    is_pending = session.group is not None and outcome.changed
    record = session.journal.load(outcome.record.name, pending=is_pending)
    if record is None or record.has_failed_check == failed:
        return
    for one in (record, outcome.record):
        one.data.pop('unchecked', None)
        if failed:
            one.data['unchecked'] = True
    (session.journal.begin if is_pending else session.journal.put_back)(record)


def _waits(session, outcome, options):
    """Does a wire wait to be confirmed, and to be saved only then? Its time begins now, where that was asked for."""
    request = session.confirming
    if request is None and not session.state.has('unconfirmed'):
        return False
    from netnsctl.usecases.recorded import unconfirmed
    mark = unconfirmed.of(session, outcome.record)
    if mark is None:
        if session.group is not None and outcome.changed:
            outcome.seconds_left = request and request.seconds  # it is committed with the others
        return False
    if request is not None:
        unconfirmed.renew(session, mark, request)
    elif options.save:
        mark.save = True
        unconfirmed.write(session, mark)
    outcome.seconds_left = mark.seconds_left(unconfirmed.uptime(session.host))
    return True


def settle_servers(session, gone):
    """The resolv.conf of namespaces that a wire ended in (its record) no longer has the servers of that."""
    from netnsctl.usecases.wires import unwiring  # nothing that a new wire needs
    session.notices += [error.message for error in
                        unwiring.settle_servers(session, session.targets_with_servers(gone))]


def get_leases(session, made, is_one_of_many=False):
    """Asks for the addresses of wires that were made, all at once and without the lock, and finishes them with it:
    [(Outcome or None, NetnsctlError or None)] in their order. made: [(Outcome, its Options)].

    A new wire that gets none, or cannot be finished, is taken back, and what it replaced comes again; a signal takes
    all the new ones back that are not finished.
    """
    from netnsctl.usecases.tree import clients
    found = []
    try:
        failed = clients.ask(session, [outcome.record for outcome, _ in made])
        with session.locked():
            for outcome, options in made:
                found.append(_finished(session, outcome, options, failed, is_one_of_many))
    except BaseException:
        take_back(session, [outcome for outcome, _ in made[len(found):]])
        raise
    return found


def _finished(session, outcome, options, failed, is_one_of_many):
    """(Outcome, None), or (None, NetnsctlError) of a wire that is not there any more."""
    try:
        return finish_leased(session, outcome, options, failed, is_one_of_many), None
    except Exception as error:
        try:
            _take_one_back(session, outcome)
        except NetnsctlError as undo:
            return None, undo
        return None, declared(error, 'make the wire %s' % outcome.record.name)


def finish_leased(session, outcome, options, failed, is_one_of_many):
    """finish() for a wire whose address was asked for. failed: {its name: NetnsctlError} if it got none."""
    record = session.standing(outcome.record)
    if record is None:
        raise NotFoundError('%s: the wire was removed while it waited for a DHCP lease' % outcome.record.name)
    outcome.record = record
    if record.name in failed:
        error = failed[record.name]
        error.hint = error.hint or 'Is there a DHCP server on the network of this link?%s' % (
            ' The wire has been removed.' if outcome.changed else '')
        raise error
    namespaces = records.open_namespaces(record)
    try:
        from netnsctl.usecases.ends import leasing
        outcome.leased = dict((at, leasing.addresses_of(namespaces[end.ns], end.index))
                              for at, end in enumerate(record.ends) if end.dhcp and end.ns in namespaces)
        finished = finish(session, outcome, options, is_one_of_many, namespaces)
        if outcome.changed and session.group is None:
            from netnsctl.usecases.ends import asking
            asking.forget(session, record.id)
        return finished
    finally:
        records.close_all(namespaces)


def take_back(session, outcomes):
    """Takes those of made wires back that are new and still there. Takes the lock."""
    with session.locked():
        for outcome in outcomes:
            _take_one_back(session, outcome)


def _take_one_back(session, outcome):
    record = session.standing(outcome.record) if outcome.changed else None
    if record is not None:
        transaction.roll_back(session, record)
        if record.dhcp:
            settle_servers(session, record)  # its client may have had its address


def take_back_interrupted(session):
    """take_back_untold() where a call for one wire ends without its Outcome. Takes the lock."""
    if session.untold is not None:
        with signals.held():
            with session.locked():
                take_back_untold(session)


def take_back_untold(session):
    """After a signal: takes back the wire of session.untold, whose Outcome has reached nobody, as one whose check is
    interrupted. With the lock held."""
    record, session.untold = session.untold, None
    _take_one_back(session, Outcome(record, True))


def check_error(outcome):
    """The CheckFailedError for a wire that stands but does not pass packets, whose message names the first cause; None
    of any other."""
    if outcome.report is None or outcome.report.ok:
        return None
    causes = outcome.report.causes
    cause = causes[0].text if causes else 'an echo was not answered'
    return CheckFailedError('%s: wired, but %s' % (outcome.record.name, cause),
                            hint=causes[0].hint if causes else None)
