"""What all commands share: their help goes the way of all other output."""
from __future__ import absolute_import, division, print_function

import inspect

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


def of_syntax(syntax):
    """click's command of a Syntax."""
    params = [] if syntax.words is None else [click.Argument([syntax.words[0]], nargs=-1, metavar=syntax.words[1])]
    params += [_option(option) for option in syntax.options]
    return Command(syntax.name, params=params, callback=syntax.run, short_help=syntax.summary,
                   help=inspect.getdoc(syntax.run))


def _option(option):
    names = list(option.names)
    if option.off is not None:
        names[-1] += '/' + option.off
    kind = {'is_flag': True} if option.metavar is None else {'metavar': option.metavar}
    return click.Option(names + [option.parameter], default=option.default, help=option.help,
                        show_default=option.shows_default, **kind)


class Group(click.Group):
    """A command of netnsctl that has commands of its own."""

    def __init__(self, *args, **options):
        # Without a command it is a usage error in every version of click.
        click.Group.__init__(self, *args, **dict(options, no_args_is_help=False,
                                                 context_settings={'help_option_names': HELP_NAMES}))

    def get_help_option(self, ctx):
        return help_option()
