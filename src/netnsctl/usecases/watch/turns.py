"""What one turn of `netnsctl watch` does, in a process of its own: wires that were lost are reported, others are made.

Names of directories of the tree ('docker:web') are called spaces here, as in usecases.up_down.up_down.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.events.running import running
from netnsctl.edge.runtimes import engines
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, UsageError, declared
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.watch import asked, leases, overdue, rules, told
from netnsctl.usecases.watch.told import Told
from netnsctl.usecases.wires.session import Session

FOLLOWED = ('docker', 'podman')
# How a turn ends, as the status of its process: one of these,
DONE, FAILED = 0, 1
BROKEN = 2  # unexpected failure: each of its spaces is tried separately
# or some of these: two of its spaces, one of what it was to do besides, where another netnsctl had the lock, and one of
# rules that could not be restored.
NOT_RUNNING_YET, MAY_PASS, LOCKED_OUT, RULES_MISSING = 4, 8, 16, 32
# What a Turn may have to do besides its spaces.
FLAGS = ('is_overdue', 'nics', 'rules', 'leases')


class Turn(object):
    """sure: spaces whose container started. unsure: those to bring up if their container runs, and watch.asked's pieces
    of work. gone: spaces whose container ended. last: those of `sure` that no other turn will try if they do not run.
    All sets. is_overdue: is there a wire that nobody confirmed in time? nics: are there NICs to be brought home?
    rules: may rules of wires be missing? leases: may ends have lost their addresses by DHCP? is_told: has an earlier
    one said already why rules are missing?"""
    __slots__ = ('sure', 'unsure', 'gone', 'last', 'is_overdue', 'nics', 'rules', 'leases', 'is_told')

    def __init__(self, sure=(), unsure=(), gone=(), is_overdue=False, nics=False, rules=False,
                 leases=False):
        self.sure, self.unsure, self.gone, self.last = set(sure), set(unsure), set(gone), set()
        self.is_overdue, self.nics, self.rules, self.leases = is_overdue, nics, rules, leases
        self.is_told = False

    def __bool__(self):
        return bool(self.sure or self.unsure or self.gone or self.flags())

    __nonzero__ = __bool__

    def spaces(self):
        """Those that may be brought up, sorted."""
        return sorted(self.sure | self.unsure)

    def flags(self):
        """Those of FLAGS that are set: list."""
        return [flag for flag in FLAGS if getattr(self, flag)]


def scheme_of(space):
    """'docker' of 'docker:web'; None of what no container runtime is followed for."""
    scheme, colon, _ = space.partition(':')
    return scheme if colon and scheme in FOLLOWED else None


def take_turn(host, turn, tell, complain, up):
    """Does the work of a Turn: (its status as above, the exit code of `up`).

    tell(text) is called with each thing done, complain(error) with each NetnsctlError.
    """
    host.unanswered.clear()  # a runtime that hung before this turn may answer by now
    session = Session(host)
    try:
        _tell_lost(session, turn.gone, tell, complain)
        found, code = _do_flags(session, turn, tell, complain)
        status, up_code = _do_spaces(session, turn, tell, complain, up)
        return _joined(found, status), up_code or code
    except NoAnswerError as error:
        if not error.may_pass:
            raise
        complain(error)
        return MAY_PASS | LOCKED_OUT, error.exit_code
    finally:
        session.close()


def _joined(*found):
    """Several statuses as one: FAILED says nothing beside those that say what is to be done."""
    whole = 0
    for status in found:
        whole |= status
    return whole & ~FAILED or whole


def _do_flags(session, turn, tell, complain):
    """What a Turn has to do besides its spaces, each whether or not another fails: (status, exit code). NoAnswerError
    where another netnsctl has the lock."""
    does, found, code = {'is_overdue': overdue.undo, 'nics': _bring_nics_home, 'rules': rules.restore,
                         'leases': leases.report}, DONE, 0
    for flag in turn.flags():
        try:
            failed = does[flag](session, tell) or ()
        except NetnsctlError as error:
            if isinstance(error, NoAnswerError) and error.may_pass:
                raise
            failed = [('', error)]
        for what, error in failed:
            code = error.exit_code
            found |= RULES_MISSING if flag == 'rules' else 0
            if not (flag == 'rules' and turn.is_told):
                complain(_about(what, error))
    return found or (FAILED if code else DONE), code


def _about(what, error):
    """An error that names what it is about: NetnsctlError."""
    return error if error.message.startswith(what) else NetnsctlError('%s: %s' % (what, error.message), error.hint)


def _do_spaces(session, turn, tell, complain, up):
    """Brings up the spaces of a Turn: (status, exit code)."""
    waiting, code, failed, unanswered = set(), 0, [], []
    pieces = set(piece for piece in turn.unsure if asked.is_asked(piece))
    if turn.sure or turn.unsure - pieces:
        found = _running(session.host, (turn.sure | turn.unsure) - pieces, unanswered)
        for error in unanswered:
            complain(error)
        waiting = turn.sure - found
        for space in sorted(waiting & turn.last):
            complain(NetnsctlError('bring up %s: its container is not running' % space))
        if found:
            code = _bring_up(session, sorted(found), tell, complain, up, failed)
    if pieces:
        code = _settle_asked(session, pieces, tell, complain, failed) or code
    # As for `up`, a runtime that does not answer has no running container.
    code = code or NotFoundError.exit_code if unanswered else code
    again = NOT_RUNNING_YET if waiting - turn.last else 0
    if any(getattr(error, 'may_pass', False) for error in failed):
        again |= MAY_PASS
    return again or (FAILED if code else DONE), code


def _bring_nics_home(session, tell):
    from netnsctl.usecases.wires import transaction  # few hosts lend any
    with session.locked():
        transaction.recover(session)
    for notice in session.notices:
        tell(notice)
    del session.notices[:]


def _running(host, spaces, unanswered):
    """The spaces whose container runs: set. unanswered: list that gets a NoAnswerError for each runtime that does not
    say."""
    found = set()
    for scheme in FOLLOWED:
        names = set(space[len(scheme) + 1:] for space in spaces if scheme_of(space) == scheme)
        try:
            found.update('%s:%s' % (scheme, name) for name in (running(host, scheme, names) if names else ()))
        except NoAnswerError as error:
            unanswered.append(error)
    return found


def _bring_up(session, spaces, tell, complain, up, failed):
    """The exit code. failed: list that gets the errors of wires."""
    try:
        summary = up(session, spaces)
    except (NotFoundError, UsageError) as error:
        # An empty directory is refused before anything is done, so that it does not affect the others.
        if len(spaces) == 1:
            complain(error)
            return error.exit_code
        return max(_bring_up(session, [space], tell, complain, up, failed) for space in spaces)
    return _tell(session, summary, tell, complain, failed)


def _settle_asked(session, pieces, tell, complain, failed):
    codes = [0]

    def fail(what, error):
        codes.append(error.exit_code)
        complain(error if what in error.message else NetnsctlError('%s: %s' % (what, error.message), error.hint))
    for summary in asked.settle(session, pieces, fail):
        codes.append(_tell(session, summary, tell, complain, failed))
    return max(codes)


def _tell(session, summary, tell, complain, failed):
    """Reports a Summary: the exit code. failed: list that gets the errors of wires."""
    for name in getattr(summary, 'gone', ()):
        tell(Told('unwired %s' % name, told.UNWIRED, wire=name))
    for name in summary.made:
        tell(Told('wired %s' % name, told.WIRED, wire=name))
    for name in summary.changed:
        if name in summary.live:
            tell(Told('changed %s, which stayed up' % name, told.CHANGED, wire=name))
        else:
            tell(Told('recreated %s' % name, told.RECREATED, wire=name))
    failed += [error for _, error in summary.failed] + getattr(summary, 'passing', [])
    for what, error in summary.failed:
        complain(_about(what, error))
    for notice in session.notices:
        complain(NetnsctlError(notice))
    del session.notices[:]
    if getattr(summary, 'interrupted', None) is not None:
        raise summary.interrupted
    return summary.exit_code


def _is_of(target, spaces):
    """Is a recorded Target one of these containers? An ID may be recorded as 12 digits or more of it."""
    called = '%s:%s' % (target.scheme, target.name)
    return called in spaces or target.scheme in FOLLOWED and engines.is_id_prefix(target.name) and any(
        space.startswith(called) for space in spaces)


def _tell_lost(session, spaces, tell, complain):
    """Prints a line for each recorded wire that was lost with one of these containers."""
    for name in session.journal.names()[0] if spaces else ():
        try:
            record = session.journal.load(name)
            ended = sorted(end.target for end in record.ends if _is_of(end.parsed_target(), spaces)) if record else ()
            if ended and inventory.look(record)[0] == inventory.LOST:
                tell(Told('lost %s: %s ended' % (name, ' and '.join(ended)), told.LOST, wire=name, ended=ended))
        except (KeyError, TypeError, AttributeError):
            pass  # a damaged record, which `ls` reports
        except Exception as error:
            complain(declared(error, 'look at %s' % name))
