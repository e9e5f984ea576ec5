"""netnsctl up"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import composed
from netnsctl.cli.up_down import tell
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.usecases.up_down import up_down
from netnsctl.usecases.wires.session import Session


def _run(spaces, only_rules, compose, project, check, dry_run, as_json):
    """Create the wires that /etc/sysconfig/netns describes, in all directories or those named (web, docker:db, host).

    What is missing is created, what differs is recreated, and what matches is left alone. Without names, links with
    ONBOOT=no are skipped. A bad file, or a container that is not running, affects only its own wires. A signal ends the
    run, and the wires that are complete by then are kept.

    With --compose the wires are those of a compose file's x-netnsctl and of labels of its services, between the
    containers of its project that run; what the file no longer describes is removed.
    """
    composed.require_alone('up', compose, project, dry_run, only_rules or spaces, check)
    if only_rules and spaces:
        raise UsageError('up: --firewall is for all wires', hint='Try: netnsctl up --help')
    session = Session()
    try:
        if compose is not None:
            return composed.run('up', session, compose, project, dry_run, as_json, check=check)
        if only_rules:
            return tell('up', session, up_down.restore_rules(session), as_json, None)
        return tell('up', session, up_down.up(session, [native(name) for name in spaces] or None), as_json)
    finally:
        session.close()


command = Syntax(_run, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
    Option(['--firewall'], 'only_rules',
           'Only restore firewall rules and sysctls of wires that are up; do not read the tree.'),
    Option(['--compose'], 'compose', 'Create what a compose FILE describes instead.', 'FILE', offers='files'),
    Option(['--project'], 'project', 'With --compose: the name of its project.', 'NAME'),
    Option(['--check'], 'check', 'With --compose: test each new wire with echoes both ways.', default=True,
           off='--no-check', shows_default=True),
    Option(['--dry-run'], 'dry_run', 'With --compose: print what would be done as ip commands.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
