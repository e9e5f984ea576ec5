"""The two ways to carry operations out, and which one `auto` means.

A backend has: name; plan(operations) -> the operations that it will run for these; apply(operations), which raises the
declared error for the first that fails. Both identify namespaces by the plan's references.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError, UsageError, cause_of

BACKENDS = ('iproute', 'netlink')


class Choice(object):
    """What was chosen and why: name ('iproute' or 'netlink'), reason (text), ip (IpProgram or None)."""
    __slots__ = ('name', 'reason', 'ip')

    def __init__(self, name, reason, ip=None):
        self.name, self.reason, self.ip = name, reason, ip


def require_known(requested):
    """UsageError for an unknown backend."""
    if requested not in ('auto',) + BACKENDS:
        raise UsageError('backend %s: known backends: auto, %s' % (requested, ', '.join(BACKENDS)))


def choose(host, requested='auto', many=False, state=None):
    """The backend for a request: Choice.

    auto means what /etc/netnsctl.conf says; by default, iproute if the host's ip supports netns (probed), otherwise
    netlink; and netlink for a file of many wires, which it makes several times faster. state: where the probe's answer
    is kept; None probes again. Raises NetnsctlError if iproute was asked for and the host's ip cannot do it, UsageError
    as settings.read().
    """
    require_known(requested)
    reason, hint = 'asked for', '`--backend netlink` needs no ip.'
    if requested == 'auto':
        from netnsctl.edge.files import settings
        said = settings.read(host)
        if said.backend != 'auto':
            requested = said.backend
            reason = '%s:%d says so' % (settings.PLACE, said.lines['backend'])
            hint = '%s; %s' % (reason, hint)
    if requested == 'netlink':
        return Choice('netlink', reason)
    if requested == 'auto' and many:
        return Choice('netlink', 'many wires: it starts no process for each')
    from netnsctl.edge import ip_program  # netlink needs no ip
    try:
        program = ip_program.found(host, state)
    except NetnsctlError as error:
        if requested == 'iproute':
            raise
        return Choice('netlink', error.message)
    if program is not None and program.netns:
        return Choice('iproute', '%s supports netns' % program.path, program)
    lack = 'there is no ip' if program is None else '%s has no netns' % program.path
    if requested == 'iproute':
        raise NetnsctlError('backend iproute: %s' % lack, hint=hint)
    return Choice('netlink', lack)


def load(*names):
    """Imports the backends of these names. NetnsctlError if that fails."""
    for name in names:
        try:
            __import__('netnsctl.execution.backends.' + name)
        except (EnvironmentError, ImportError) as error:
            raise NetnsctlError('load the backend %s: %s' % (name, cause_of(error)))


def make(choice, host, namespaces, wire_name, lock_fd=None):
    """The backend of a Choice, for the namespaces of one plan ({reference: Netns}).

    wire_name: what names given to nameless namespaces are made of. lock_fd: inherited by the helpers.
    """
    if choice.name == 'netlink':
        from netnsctl.execution.backends.netlink import Netlink
        return Netlink(namespaces, lock_fd)
    from netnsctl.edge import ip_program
    from netnsctl.execution.backends.iproute import Iproute
    return Iproute(host, choice.ip or ip_program.found(host), namespaces, wire_name, lock_fd)
