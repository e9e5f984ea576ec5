"""What all commands share: their help goes the way of all other output."""
from __future__ import absolute_import, division, print_function

import click

from netnsctl.cli import output

HELP_NAMES = ['-h', '--help']


def tell_help(ctx):
    """Prints the help of a command, escaped and with its failures told, line by line."""
    for line in ctx.get_help().splitlines():
        output.say(line)


def _help_asked(ctx, _param, value):
    if value and not ctx.resilient_parsing:
        tell_help(ctx)
        ctx.exit()


def help_option():
    """The option -h, --help. click's own prints by itself, and a full disk is then a traceback."""
    return click.Option(HELP_NAMES, is_flag=True, is_eager=True, expose_value=False, callback=_help_asked,
                        help='Show this message and exit.')


class Command(click.Command):
    """A command of netnsctl."""

    def get_help_option(self, ctx):
        return help_option()


class Group(click.Group):
    """A command of netnsctl that has commands of its own."""

    def __init__(self, *args, **options):
        # Without a command it is a usage error in every version of click.
        click.Group.__init__(self, *args, **dict(options, no_args_is_help=False,
                                                 context_settings={'help_option_names': HELP_NAMES}))

    def get_help_option(self, ctx):
        return help_option()
