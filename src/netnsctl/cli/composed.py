"""`up --compose FILE` and `down --compose FILE`: what they print."""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.up_down import failed_data, tell
from netnsctl.compat import native
from netnsctl.errors import UsageError


def require_alone(verb, compose, project, dry_run, others, check=True):
    """UsageError for options that do not go together. others: what is for the tree alone."""
    if compose is None:
        for name, value in (('--project', project), ('--dry-run', dry_run), ('--no-check', not check)):
            if value:
                raise UsageError('%s: %s goes with --compose FILE' % (verb, name),
                                 hint='Try: netnsctl %s --help' % verb)
    elif others:
        raise UsageError('%s: --compose is for a file, and not for directories of the tree' % verb,
                         hint='Try: netnsctl %s --help' % verb)


def run(verb, session, filename, project, dry_run, as_json, **options):
    """Does it and prints it: the exit code."""
    from netnsctl.usecases.asked import compose
    found = compose.read(session.host, native(filename), project and native(project))
    if not dry_run:
        return tell(verb, session, getattr(compose, verb)(session, found, **options), as_json, found.filename)
    commands, remarks, failed = compose.dry_run(session, found) if verb == 'up' else (
        compose.dry_run_down(session, found), [], [])
    errors = sorted((error for _, error in failed), key=lambda error: error.exit_code == 3)
    for remark in remarks:
        output.warn('# %s' % remark)
    if as_json:
        output.emit_json({'version': 1, 'commands': commands, 'failed': failed_data(failed)},
                         errors[0] if errors else None)
    else:
        for text in commands:
            output.say(text)
        for where, error in failed:
            output.report_error(type(error)('%s: %s' % (where, error.message), hint=error.hint))
    return errors[0].exit_code if errors else 0
