"""netnsctl shim enable|disable|status"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Command, Group, Option, Syntax
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError
from netnsctl.usecases import shim


def _enable(force):
    """Install the shim as /usr/local/sbin/ip, a symlink."""
    host = Host()
    output.say(shim.enable(host, force))
    try:
        lines = shim.advice(shim.status(host))
    except NetnsctlError as error:  # it is enabled anyway
        lines = [error.message]
    for line in lines:
        output.warn(line)


def _disable():
    """Remove the shim."""
    output.say(shim.disable(Host()))


def _status(as_json):
    """Report whether the shim is enabled, and whether it is the `ip` that the PATH leads to."""
    now = shim.status(Host())
    if as_json:
        output.emit_json(now.as_data())
        return
    texts = {shim.ENABLED: 'enabled: %s points to %s' % (now.place, now.target),
             shim.DISABLED: 'disabled',
             shim.DANGLING: 'dangling: %s points to %s, which is gone' % (now.place, now.target),
             shim.FOREIGN: 'disabled: %s exists and is not netnsctl\'s' % now.place}
    output.say(texts[now.state])
    if now.ip is not None:
        output.say('the host\'s own ip: %s, which %s netns' % (now.ip.path, 'knows' if now.ip.netns else 'has no'))
    for line in shim.advice(now):
        output.say(line)


command = Group("""Manage an `ip` in front of the host's own, for scripts that use `ip netns`, `ip -n` and
`ip link set DEV netns NAME`.

Whatever the host's own ip can do is passed on to it, with the arguments untouched.
""", [
    Command('enable', 'Install the shim as /usr/local/sbin/ip, a symlink.', Syntax(_enable, options=[
        Option(['--force'], 'force', 'Enable it even if the host\'s own ip supports netns and -n.')])),
    Command('disable', 'Remove the shim.', Syntax(_disable)),
    Command('status', 'Report whether the shim is enabled and in effect.', Syntax(_status, needs_root=False, options=[
        Option(['--json'], 'as_json', 'Print it as JSON.')])),
])
