"""`doctor --fix native`: the host works with the `ip` it has, through netlink."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import ip_program
from netnsctl.edge.files import settings
from netnsctl.errors import NetnsctlError
from netnsctl.execution.journal import Journal
from netnsctl.execution.state import State
from netnsctl.usecases import doctor, shim
from netnsctl.usecases.doctor.finding import FAIL
from netnsctl.usecases.fixing import naming
from netnsctl.usecases.fixing.step import Step

_NEEDED = ('netns', 'veth')


def plan(host):
    """The steps that are still to be done: list of Step.

    NetnsctlError if the netlink backend cannot work on this host, UsageError if /etc/netnsctl.conf is not well formed.
    """
    _require_netlink(host)
    return (_record_backend(host) + naming.plan_names(host) + naming.plan_folder(host) + roll_back_wires(host)
            + _offer_shim(host))


def _require_netlink(host):
    """Checks first that the kernel and the libraries allow it."""
    causes = [finding.text for finding in doctor.run(host, _NEEDED) if finding.status == FAIL]
    try:
        __import__('netnsctl.edge.netlink.pyroute2_messages')
    except (ImportError, NetnsctlError) as error:
        causes.append('pyroute2 cannot be used: %s' % error)
    if causes:
        raise NetnsctlError('doctor --fix native: the netlink backend cannot work here: %s' % '; '.join(causes),
                            hint='Nothing was changed. See: netnsctl doctor %s backend' % ' '.join(_NEEDED))


def _record_backend(host):
    now = settings.read(host)
    if now.backend == 'netlink':
        return []
    # A file that has the line gets it rewritten: without any, the backend would be auto.
    undo = ('put the line "backend = %s" back into %s' % (now.backend, settings.PLACE) if 'backend' in now.lines else
            'remove the line "backend = netlink" from %s' % settings.PLACE)

    def run():
        settings.record(host, 'backend', 'netlink')
        return '%s: backend = netlink' % settings.PLACE
    return [Step('record in %s that the netlink backend is used from now on' % settings.PLACE, run, undo=undo)]


def roll_back_wires(host):
    """What the check `wires` asks for if wires are half done: list of Step."""
    state = State(host)
    pending = Journal(state).names()[1]
    if not pending:
        return []

    def run():
        # Imported here, since it loads the backends.
        from netnsctl.usecases.wires import transaction
        from netnsctl.usecases.wires.session import Session
        session = Session(host)
        try:
            with session.locked():
                transaction.recover(session)
            left = session.journal.names()[1]
        finally:
            session.close()
        if left:
            raise NetnsctlError('roll back half-done wires: %s' % '; '.join(session.notices))
        return '; '.join(session.notices) or 'another netnsctl has done it already'
    text = 'roll back the half-done wire%s %s' % ('s' if len(pending) > 1 else '', ', '.join(pending))
    # It may be at work on them, or have been killed and its `ip` still hold the lock.
    return [Step(text + (', unless another netnsctl finishes %s' % ('them' if len(pending) > 1 else 'it')
                         if state.is_locked() else ''), run)]


def _offer_shim(host):
    """If the host's ip has no netns: installs an `ip` that has, for people and scripts. One that cannot be asked now is
    asked again when it comes to it."""
    if shim.status(host).enabled:
        return []
    try:
        program, trouble = ip_program.found(host), None
    except NetnsctlError as error:
        program, trouble = None, error
    if trouble is None and (program is None or program.netns):
        return []

    def run():
        asked = ip_program.found(host)
        return shim.enable(host) if asked and not asked.netns else 'nothing: it supports netns'
    says = 'give root an `ip` that supports netns, in front of %s (the shim)' % program.path if program else (
        'ask again whether the host\'s `ip` supports netns (%s), and if not give root one that does (the shim)'
        % trouble.message)
    return [Step(says, run, ['netnsctl shim enable'], offered=True, undo='netnsctl shim disable')]
