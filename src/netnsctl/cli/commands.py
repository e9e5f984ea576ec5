"""What all commands share: their help goes the way of all other output."""
from __future__ import absolute_import, division, print_function

import inspect

import click

from netnsctl.cli import output, require_root, suggesting
from netnsctl.errors import UsageError

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


class _Parsing(object):
    """What commands and groups do alike with a command line that click does not understand."""

    def get_help_option(self, ctx):
        return help_option()

    def parse_args(self, ctx, args):
        try:
            return super(_Parsing, self).parse_args(ctx, args)
        except click.UsageError as error:
            # click 6.7 does not say of which command an unknown option is.
            error.ctx = error.ctx or ctx
            raise


class Command(_Parsing, click.Command):
    """A command of netnsctl."""


class RootCommand(Command):
    """A command that fails for any user but root."""

    def invoke(self, ctx):
        require_root(ctx.command_path.partition(' ')[2], ctx.find_root().obj)
        return Command.invoke(self, ctx)


def of_syntax(syntax):
    """click's command of a Syntax."""
    params = [] if syntax.words is None else [click.Argument([syntax.words[0]], nargs=-1, metavar=syntax.words[1])]
    params += [_option(option) for option in syntax.options]
    kind = RootCommand if syntax.needs_root else Command
    return kind(syntax.name, params=params, callback=syntax.run, short_help=syntax.summary,
                help=inspect.getdoc(syntax.run))


def _option(option):
    names = list(option.names)
    shown = option.default
    if option.off is not None:
        shown = (names[-1] if option.default else option.off).lstrip('-')
        names[-1] += '/' + option.off
    kind = {'is_flag': True} if option.metavar is None else {'metavar': option.metavar}
    # Not click's show_default: of a flag each version shows something else.
    text = option.help + ('  [default: %s]' % shown if option.shows_default else '')
    return click.Option(names + [option.parameter], default=option.default, help=text, **kind)


class Group(_Parsing, click.Group):
    """A command of netnsctl that has commands of its own."""

    def __init__(self, *args, **options):
        # Without a command it is a usage error in every version of click.
        click.Group.__init__(self, *args, **dict(options, no_args_is_help=False,
                                                 context_settings={'help_option_names': HELP_NAMES}))

    def resolve_command(self, ctx, args):
        require_known(self, ctx, args[0])
        return click.Group.resolve_command(self, ctx, args)


def require_known(group, ctx, word):
    """UsageError for a word that is not a command of the group, with the one that it may be meant to be."""
    if word[:1] != '-' and group.get_command(ctx, word) is None:
        path = ctx.command_path
        raise UsageError('no such command: %s %s' % (path, word),
                         hint=suggesting.command_hint(path, word, group.list_commands(ctx)))
