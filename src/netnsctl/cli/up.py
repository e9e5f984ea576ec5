"""netnsctl up"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.up_down import tell
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.usecases.up_down import up_down
from netnsctl.usecases.wires.session import Session


def _run(spaces, only_rules, as_json):
    """Create the wires that /etc/sysconfig/netns describes, in all directories or those named (web, docker:db, host).

    What is missing is created, what differs is recreated, and what matches is left alone. Without names, links with
    ONBOOT=no are skipped. A bad file, or a container that is not running, affects only its own wires. A signal ends the
    run, and the wires that are complete by then are kept.
    """
    if only_rules and spaces:
        raise UsageError('up: --firewall is for all wires', hint='Try: netnsctl up --help')
    session = Session()
    try:
        if only_rules:
            summary = up_down.restore_rules(session)
        else:
            summary = up_down.up(session, [native(name) for name in spaces] or None)
        return tell('up', session, summary, as_json)
    finally:
        session.close()


command = Syntax(_run, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
    Option(['--firewall'], 'only_rules', 'Only restore firewall rules that wires lack.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
