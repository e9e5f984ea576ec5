"""What several wires need of the host, sysctls above all: set by the first, and set back with the last."""
from __future__ import absolute_import, division, print_function

import os
from itertools import chain

from netnsctl.edge.files import settings
from netnsctl.edge.firewall import firewalld
from netnsctl.edge.uplink import choosing, iptables
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.model.features import uplink_steps as steps


def sysctl_steps(session, outer, wanted):
    """The operations that set sysctls [(name, value)], each with what it was before any wire needed it: list.

    outer: the plan.End at the host. One of a link that is made along with the wire was nothing. NetnsctlError if one
    that is there cannot be read.
    """
    known = {}
    for record in session.recorded(pending=True):
        known.update((step.name, step.was) for step in record.planned('set-sysctl'))
    found = []
    for name, value in wanted:
        was = known[name] if name in known else session.home.sysctl(name)
        # As when no descriptor is free. What an earlier wire found nothing of came with its link.
        if was is None and name not in known and os.path.exists('/proc/sys/net/' + name):
            raise NetnsctlError('net/%s cannot be read' % name)
        found.append(steps.SetSysctl('host', name, value, was))
    return found


def fresh_tables(session, program, families):
    """AddNat.fresh: tables that were not there before the first wire that needs them."""
    if program != 'iptables':
        return ()
    known = {}
    for record in session.recorded(pending=True):
        for step in record.planned('add-nat'):
            if step.program == program:
                known.update((family, [row for row in step.fresh if row[0] == family]) for family in step.families)
    tool = iptables.Iptables(session.host)
    return [row for family in families
            for row in (known[family] if family in known else tool.fresh([family]))]


def refuse_foreign(session, program, families):
    """ConflictError if somebody else has a table or chain of the name of ours, where no wire has one; NetnsctlError if
    the program cannot show what there is."""
    is_known = any(step.program == program for record in session.recorded(pending=True)
                   for step in record.planned('add-nat'))
    if is_known and program != 'iptables':
        return
    text = choosing.tool(session.host, program).foreign(program, families)
    if text is not None and not is_known:
        raise ConflictError('%s that netnsctl did not make' % text, hint='Rename or remove it%s.' % _instead(
            session.host, program, families))


def _instead(host, program, families):
    """What a hint says of the other program, if that works here."""
    own = program.partition('-')[0]
    for other in choosing.PROGRAMS:
        if not other.startswith(own) and all(choosing.refusal(host, other, family) is None for family in families):
            return '; or let netnsctl use the other program: `firewall = %s` in %s' % (
                other.partition('-')[0], settings.PLACE)
    return ''


def without_shared(session, record, undo, standing=()):
    """An undo list without the sysctls, and the zones of firewalld, that another wire needs: tuple. standing: as for
    transaction.undo_of()."""
    wanted = set(_shared(undo, 'restore-sysctl', 'close-forward'))
    own_names = (record.name, (record.replaces or record).name)
    kept = set()
    for other in chain(standing, session.wires_that_stay()):
        if other.name not in own_names:
            kept |= wanted & set(_shared(other.planned('set-sysctl', 'open-forward'), 'set-sysctl', 'open-forward'))
        if kept == wanted:
            break
    found = []
    for step in undo:
        if step.verb == 'close-forward':
            step = step.with_places([row for row in step.places if row[0] != firewalld.NAME or
                                         (step.link, row[1]) not in kept])
        if step.verb != 'restore-sysctl' or step.name not in kept:
            found.append(step)
    return tuple(found)


def _shared(steps, of_sysctl, of_zone):
    """What steps of these two verbs change of what wires share: names of sysctls, and (link, zone): generator."""
    for step in steps:
        if step.verb == of_sysctl:
            yield step.name
        elif step.verb == of_zone:
            for row in step.places:
                if row[0] == firewalld.NAME:
                    yield step.link, row[1]
