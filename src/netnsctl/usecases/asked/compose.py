"""`up --compose` and `down --compose`: the wires that a compose file describes, between the containers of its project
that run."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import shell_quote
from netnsctl.edge.files import compose_file
from netnsctl.edge.runtimes import labelled
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError
from netnsctl.model import compose
from netnsctl.model.endpoint import Target
from netnsctl.usecases.asked.making import Asked, Making, ids_of, is_lost, of_origin, remove
from netnsctl.usecases.up_down.summary import Summary
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.wiring import Options

_LABEL = 'com.docker.compose.'  # podman-compose sets them too


def read(host, filename, project=None):
    """The compose.Project of a file. project: its name, or None: what compose calls it. UsageError."""
    data, name, path = compose_file.read(host, filename, project)
    return compose.parse(data, path, name)


def containers_of(host, project):
    """The containers of a project that run (compose.Containers), and the targets of all that run: {scheme: set of
    text}, without an engine of which nothing is found. NetnsctlError where one cannot be asked."""
    told = [(scheme, labelled.running(host, scheme)) for scheme in labelled.SCHEMES]
    rows = [_row(one, project.name) for _, found in told for one in found or ()]
    return compose.Containers([row for row in rows if row is not None]), dict(
        (scheme, set(one.target for one in found)) for scheme, found in told if found is not None)


def _row(found, project):
    """(service, number, Target) of a Labelled of that project, else None."""
    labels = found.labels
    service, number = labels.get(_LABEL + 'service'), labels.get(_LABEL + 'container-number', '')
    if labels.get(_LABEL + 'project') != project or not service or labels.get(_LABEL + 'oneoff') == 'True':
        return None
    return service, int(number) if re.match('[0-9]{1,9}\\Z', number) else 0, Target(found.scheme, found.name)


def asked_of(project, containers, fail):
    """The wires that a Project describes between these Containers: [Asked]. fail(where, NetnsctlError) for each that
    has no container, or is ambiguous."""
    found, origin = [], {'kind': 'compose', 'project': project.name, 'file': project.filename}
    for wanted in project.wires:
        try:
            found += [Asked(wanted.where, line, origin) for line in compose.lines_of(wanted, containers)]
        except NetnsctlError as error:
            fail(wanted.where, error)
    return found


def up(session, project, check=True, backend='auto'):
    """Makes the wires of a Project that are missing, recreates those of its own that differ, removes those of its own
    that it no longer describes: summary.Summary."""
    summary = Summary()
    options = Options(backend=backend, check=check)
    making = Making(session, options, summary)
    known = ids_of(session, _is_own(project))
    # Without the lock: podman gives no answer about a container while a hook starts it that may wait for the lock.
    containers, running = containers_of(session.host, project)
    wanted = asked_of(project, containers, making.fail)
    with session.locked():
        transaction.recover(session)
        count = len(summary.failed)
        making.each(wanted)
        for _, error in summary.failed[count:]:
            if isinstance(error, NotFoundError):
                error.may_pass = True  # its container was listed and does not run: docker lists it a moment longer
        if summary.interrupted is None:
            # Where something failed, one that stands may be what could not be said.
            remove(session, [record.name for record in _own(session, project)
                             if record.id in known and record.name not in making.names
                             and (not summary.failed or _has_ended(record, running))], summary)
    making.get_leases()
    return summary


def _has_ended(record, running):
    """Has a container of a recorded wire ended? running: the targets of those that run, as containers_of() has them."""
    return is_lost(record) or any(end.target not in running.get(end.parsed_target().scheme, [end.target])
                                  for end in record.ends)


def _own(session, project):
    return of_origin(session, _is_own(project))


def _is_own(project):
    return lambda origin: origin.get('kind') == 'compose' and origin.get('project') == project.name


def down(session, project):
    """Removes the wires that up() made for a Project, whatever its file says by now: summary.Summary."""
    summary = Summary()
    with session.locked():
        transaction.recover(session)
        remove(session, [record.name for record in _own(session, project)], summary)
    return summary


def dry_run(session, project):
    """(the commands that up() would be, remarks, [(where, NetnsctlError)]), changing nothing."""
    from netnsctl.usecases.wires import dry_run as planned
    failed, own = [], dict((record.name, record) for record in _own(session, project))
    containers, running = containers_of(session.host, project)
    wanted = asked_of(project, containers, lambda *what: failed.append(what))
    where = dict((id(asked.line), asked.what) for asked in wanted)
    plans, remarks, others = planned.plan_lines(session, [asked.line for asked in wanted], Options(replace=True))
    failed += [(where[id(line)], error) for line, error in others]
    commands = []
    for plan in plans:
        if plan.replaces is None or plan.replaces in own:
            commands += plan.commands
        else:
            failed.append((where[id(plan.line)], ConflictError(
                'the wire %s exists and differs' % plan.replaces, hint='netnsctl show %s' % plan.replaces)))
    names = set(plan.name for plan in plans)
    return commands + _removing(own[name] for name in sorted(set(own) - names)
                                if not failed or _has_ended(own[name], running)), remarks, failed


def _removing(found):
    """The commands that remove recorded wires: list of text."""
    return ['netnsctl unwire %s' % shell_quote(record.name) for record in found]


def dry_run_down(session, project):
    """The commands that down() would be: list of text."""
    return _removing(_own(session, project))
