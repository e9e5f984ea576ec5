"""netnsctl up"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import restored
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.usecases import restoring
from netnsctl.usecases.session import Session


def _run(spaces, as_json):
    """Make the wires that /etc/sysconfig/netns describes, of all folders or of those named (web, docker:db, host).

    What is missing is made, what differs is made anew, what is right is left. Without names, links that say ONBOOT=no
    are left out. A bad file, or a container that does not run, costs only its own wires; a signal ends it with what is
    whole by then.
    """
    session = Session()
    try:
        summary = restoring.up(session, [native(name) for name in spaces] or None)
        return restored.tell('up', session, summary, as_json)
    finally:
        session.close()


command = Syntax(_run, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
