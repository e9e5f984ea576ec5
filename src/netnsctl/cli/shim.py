"""netnsctl shim enable|disable|status"""
from __future__ import absolute_import, division, print_function

import click

from netnsctl.cli import output
from netnsctl.cli.commands import Command, Group, RootCommand
from netnsctl.edge.host import Host
from netnsctl.usecases import shim


@click.group('shim', cls=Group, short_help='Give the whole host an `ip` that knows netns.')
def command():
    """An `ip` in front of the host's own, for scripts that use `ip netns`, `ip -n` and `ip link set DEV netns NAME`.

    What the host's own ip can do itself it does itself, with the arguments untouched.
    """


@command.command('enable', cls=RootCommand)
@click.option('--force', is_flag=True, help='Also where the host\'s own ip knows netns.')
def enable(force):
    """Put it at /usr/local/sbin/ip, as a symlink."""
    host = Host()
    output.say(shim.enable(host, force))
    for line in shim.advice(shim.status(host)):
        output.warn(line)


@command.command('disable', cls=RootCommand)
def disable():
    """Take it away."""
    output.say(shim.disable(Host()))


@command.command('status', cls=Command, short_help='Say whether it is enabled and in effect.')
@click.option('--json', 'as_json', is_flag=True, help='Print it as JSON.')
def status(as_json):
    """Say whether it is enabled, and whether it is the `ip` that the PATH leads to."""
    now = shim.status(Host())
    if as_json:
        output.emit_json(now.as_data())
        return
    texts = {shim.ENABLED: 'enabled: %s leads to %s' % (now.place, now.target),
             shim.DISABLED: 'disabled',
             shim.DANGLING: 'dangling: %s leads to %s, which is gone' % (now.place, now.target),
             shim.FOREIGN: 'disabled: %s is there and is not netnsctl\'s' % now.place}
    output.say(texts[now.state])
    if now.ip is not None:
        output.say('the host\'s own ip: %s, which %s netns' % (now.ip.path, 'knows' if now.ip.netns else 'has no'))
    for line in shim.advice(now):
        output.say(line)
