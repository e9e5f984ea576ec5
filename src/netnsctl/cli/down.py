"""netnsctl down"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.up_down import tell
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.usecases.up_down import up_down
from netnsctl.usecases.wires.session import Session


def _run(spaces, as_json):
    """Remove the wires that /etc/sysconfig/netns describes, in all directories or those named; the files stay.

    Only what netnsctl made is removed: its links, and named namespaces that `up` made and that nothing else uses.
    """
    session = Session()
    try:
        summary = up_down.down(session, [native(name) for name in spaces] or None)
        return tell('down', session, summary, as_json)
    finally:
        session.close()


command = Syntax(_run, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
