"""Wires that a killed run left half done, and recorded ones that have changed since they were made."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.model.endpoint import RUNTIME_SCHEMES
from netnsctl.usecases.recorded import inventory, meaning
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.kernel.netnsdir import quote
from netnsctl.usecases.doctor.finding import WIRE, Remediation, ok, warn
from netnsctl.usecases.recorded.records import Journal

# Examining a wire takes at most a millisecond; with thousands, the finding says how many were examined in time.
LOOK_SECONDS = 3.0
SHOWN = 10
DAMAGED, UNSEEN = 'damaged', 'unseen'
_TOLD = {inventory.LOST: 'lost', inventory.ALTERED: 'altered', inventory.HALF: 'only one end left',
         DAMAGED: 'the record cannot be read', UNSEEN: 'could not be examined'}
_ORDER = (inventory.LOST, inventory.ALTERED, inventory.HALF, DAMAGED, UNSEEN)


class Fault(object):
    """A recorded wire that differs from its record: name, state (one of _ORDER), remarks, record."""
    __slots__ = ('name', 'state', 'remarks', 'record')

    def __init__(self, name, state, remarks, record=None):
        self.name, self.state, self.remarks, self.record = name, state, remarks, record


def look_at_all(host, journal, names, seconds):
    """Examines these committed wires for that long: (list of Fault, number of wires looked at)."""
    faults, looked = [], 0
    shared = inventory.Look(meaning.Meanings(host))
    deadline = monotonic() + seconds
    try:
        for name in names:
            if monotonic() > deadline:
                break
            looked += 1
            fault = _look(journal, name, shared)
            if fault is not None:
                faults.append(fault)
    finally:
        shared.close()
    return faults, looked


def _look(journal, name, shared):
    """The Fault of one committed wire, or None if it is whole or has been removed since."""
    record = None
    try:
        record = journal.load(name)
        if record is None:
            return None
        state, remarks = inventory.look(record, shared)
    except NetnsctlError as error:
        return Fault(name, DAMAGED if record is None else UNSEEN, [error.message], record)
    except (KeyError, TypeError, AttributeError, ValueError):
        return Fault(name, DAMAGED, ['some of its fields are missing'])
    return None if state == inventory.WHOLE else Fault(name, state, remarks, record)


def rewire_command(record):
    """The command that makes a recorded wire as it was asked for, without --replace; None if only the config tree can
    ask for that (rules, say)."""
    ends = [end.asked_endpoint() for end in record.ends]
    if not all(end.is_in_grammar() for end in ends):
        return None
    return 'netnsctl wire --name %s %s' % (quote(record.name), ' '.join(quote(str(end)) for end in ends))


def _is_there(host, target):
    """Does a recorded Target exist now? A PID may belong to another process by now, so a PID never counts."""
    scheme, name = target.scheme, target.name
    if scheme in RUNTIME_SCHEMES:
        # Imported here: most hosts' wires are whole.
        from netnsctl.edge.runtimes import finding
        try:
            return finding.by_scheme(scheme).lookup(host, name) is not None
        except NetnsctlError:
            return False
    if scheme == 'netns':
        return os.path.exists('%s/%s' % (netns.NETNS_DIR, name))
    return os.path.exists(name) if scheme == 'path' else target.is_on_host


def _command(host, journal, fault):
    """What fixes one wire: it is recreated where both of its targets are there, else removed."""
    if fault.state == DAMAGED:
        return 'rm %s' % quote(journal.state.path('wires', fault.name + '.json'))
    try:
        if all(_is_there(host, end.parsed_target()) for end in fault.record.ends):
            command = rewire_command(fault.record)
            if command is None:
                return 'netnsctl up'
            return command if fault.state == inventory.LOST else command + ' --replace'
    except (KeyError, TypeError, AttributeError):
        pass  # of another version: removing it needs fewer of its fields
    return 'netnsctl unwire %s' % quote(fault.name)


_PROSE = {
    inventory.LOST: 'A lost wire had an end in a container, process or namespace that is gone. Wire it again if '
                    'that has come back; otherwise remove it.',
    inventory.ALTERED: 'An altered one has been changed behind netnsctl\'s back: recreate it, or leave it if that is '
                       'what you want.',
    DAMAGED: 'A wire whose record cannot be read can be neither checked nor removed, and its name is taken; other '
             'wires are not affected. Unless another version of netnsctl wrote it, remove it, and look with '
             '`ip link` for what its wire left.',
    UNSEEN: 'The evidence says why a wire could not be examined; `netnsctl ls` looks again.',
}
_PROSE[inventory.HALF] = _PROSE[inventory.ALTERED]


@check('wires', 'wires', seconds=10.0)
def check_wires(host):
    """No wire is half done, and each recorded one is as it was made."""
    journal = Journal(State(host))
    folder = journal.state.folder
    try:
        done, pending = journal.names()
    except NetnsctlError as error:
        if os.geteuid() == 0:
            mend = Remediation('netnsctl wires nothing while others could have written there. See who has, remove what '
                               'is not netnsctl\'s, and give the directory back to root alone.',
                               ['ls -lanR %s' % folder])
        else:
            mend = Remediation('Run netnsctl as root to examine it.', ['sudo netnsctl doctor wires'])
        return warn('could not be examined: %s' % error.message, [('directory', folder)], mend)
    evidence = [('directory', folder), ('recorded', len(done)),
                ('begun, not committed', ', '.join(pending[:SHOWN]) or 'none')]
    working = ''
    if pending and journal.state.is_locked():
        working, pending = '; another netnsctl is at work on %s' % ', '.join(pending[:SHOWN]), []
    faults, looked = look_at_all(host, journal, [name for name in done if name not in pending], LOOK_SECONDS)
    if faults and journal.state.is_locked():
        # What is being wired or unwired right now looks altered for a moment.
        working, faults = '; another netnsctl is at work, so they were not compared with the kernel', []
    evidence.append(('looked at', looked))
    evidence += [('%s, %s' % (fault.name, _TOLD[fault.state]), '; '.join(fault.remarks)) for fault in faults[:SHOWN]]
    if not pending and not faults:
        return ok(_describe_whole(len(done), looked) + working, evidence)
    found = warn(_describe(pending, faults) + working, evidence, _mend(host, journal, pending, faults))
    return found.about(WIRE, pending + [fault.name for fault in faults])


def _describe_whole(count, looked):
    if not count:
        return 'none recorded'
    if looked < count:
        return '%d recorded, none half done; the %d examined in time are as they were made' % (count, looked)
    return '%d recorded, %s' % (count, 'it is as it was made' if count == 1 else 'all are as they were made')


def _describe(pending, faults):
    """One line: 'half done, by a run that was killed or could not undo it: a; lost: b, c'."""
    parts = [('half done, by a run that was killed or could not undo it', pending)]
    parts += [(_TOLD[state], [fault.name for fault in faults if fault.state == state])
              for state in _ORDER]
    return '; '.join('%s: %s%s' % (what, ', '.join(names[:3]), ', ... (%d)' % len(names) if len(names) > 3 else '')
                     for what, names in parts if names)


def _mend(host, journal, pending, faults):
    prose, commands = [], []
    if pending:
        prose.append('The next netnsctl command that changes anything rolls half-done wires back; this unwire does '
                     'only that.')
        commands.append('netnsctl unwire %s' % quote(pending[0]))
    for state in _ORDER:
        if any(fault.state == state for fault in faults) and _PROSE[state] not in prose:
            prose.append(_PROSE[state])
    mendable = [fault for fault in faults if fault.state != UNSEEN]
    commands += [_command(host, journal, fault) for fault in mendable[:SHOWN]]
    if len(mendable) > SHOWN:
        prose.append('These are the first %d of %d: `netnsctl ls` lists them all.' % (SHOWN, len(mendable)))
    return Remediation(' '.join(prose), commands)
