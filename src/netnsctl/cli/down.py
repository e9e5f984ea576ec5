"""netnsctl down"""
from __future__ import absolute_import, division, print_function

import click

from netnsctl.cli import restored
from netnsctl.cli.commands import Command
from netnsctl.compat import native
from netnsctl.usecases import restoring
from netnsctl.usecases.session import Session


@click.command('down', cls=Command, short_help='Take away what the config tree describes.')
@click.argument('spaces', nargs=-1, metavar='[NS]...')
@click.option('--json', 'as_json', is_flag=True, help='Print the result as JSON.')
def command(spaces, as_json):
    """Take the wires away that /etc/sysconfig/netns describes, of all folders or of those named; the files stay.

    Only what netnsctl made is removed: its links, and named namespaces that `up` made and that nothing uses any more.
    """
    session = Session()
    try:
        summary = restoring.down(session, [native(name) for name in spaces] or None)
        return restored.tell('down', session, summary, as_json)
    finally:
        session.close()
