"""netnsctl down"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import composed
from netnsctl.cli.up_down import foresee, tell
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.usecases.up_down import up_down
from netnsctl.usecases.wires.session import Session


def _run(spaces, compose, project, dry_run, as_json):
    """Remove the wires that /etc/sysconfig/netns describes, in all directories or those named; the files stay.

    Only what netnsctl made is removed: its links, and named namespaces that `up` made and that nothing else uses.

    With --compose, the wires that `up --compose` made for the project of a compose file are removed.
    """
    composed.require_alone('down', compose, project, False, spaces)
    session = Session()
    try:
        if compose is not None:
            return composed.run('down', session, compose, project, dry_run, as_json)
        summary = up_down.down(session, [native(name) for name in spaces] or None, dry_run)
        if dry_run:
            return foresee(session, summary, as_json)
        return tell('down', session, summary, as_json)
    finally:
        session.close()


command = Syntax(_run, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
    Option(['--compose'], 'compose', 'Remove the wires of a compose FILE instead.', 'FILE', offers='files'),
    Option(['--project'], 'project', 'With --compose: the name of its project.', 'NAME'),
    Option(['--dry-run'], 'dry_run', 'Print what would be done as commands, and change nothing.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
