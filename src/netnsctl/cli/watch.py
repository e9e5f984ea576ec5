"""netnsctl watch"""
from __future__ import absolute_import, division, print_function

import signal

import click

from netnsctl.cli import output
from netnsctl.cli.commands import Command
from netnsctl.edge.host import Host
from netnsctl.errors import Interrupted
from netnsctl.usecases import watching


@click.command('watch', cls=Command, short_help='Bring up the wires of containers as they start.')
@click.option('--once', is_flag=True, help='Bring up those of the containers that run now, and end.')
def command(once):
    """Follow docker's and podman's events, and bring up a container's wires when it starts or restarts.

    Which containers: those that have a folder in /etc/sysconfig/netns (docker:NAME, podman:NAME). Runs in the
    foreground until SIGTERM or SIGINT; SIGHUP has it read the tree again and bring up what is missing.
    """
    host = Host()
    if once:
        return watching.once(host, output.say, output.report_error)
    signum = watching.Watch(host, _tell, output.report_error).run()
    # That is how a service is told to end.
    if signum != signal.SIGTERM:
        raise Interrupted(signum)
    return 0


def _tell(text):
    try:
        output.say(text)
    except output.OutputError as error:
        output.report_error(error)  # a full disk: the wires are to come up all the same
