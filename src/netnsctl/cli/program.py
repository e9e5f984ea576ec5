"""Builds click's commands from the table, and lets click parse a command line."""
from __future__ import absolute_import, division, print_function

import inspect
import re
import sys

from netnsctl.compat import find_libraries, native, native_tree, unicode_of

find_libraries()
import click  # noqa: E402

from netnsctl.cli import commands, output, suggesting  # noqa: E402
from netnsctl.cli.syntax import named  # noqa: E402
from netnsctl.edge.privileges import require_root  # noqa: E402
from netnsctl.errors import UsageError  # noqa: E402

HELP_NAMES = ['-h', '--help']
# click 6.7 has no Exit: there --help ends in SystemExit.
_EXIT = getattr(click.exceptions, 'Exit', ())


def _tell_help(ctx):
    """Prints the help of a command, escaped line by line, with failures to write reported."""
    for line in ctx.get_help().splitlines():
        output.say(line)


def _help_asked(ctx, _param, value):
    if value and not ctx.resilient_parsing:
        _tell_help(ctx)
        ctx.exit()


def _version_asked(ctx, _param, value):
    if value:
        commands.find(['version']).run()
        ctx.exit()


class _Parsing(object):
    """What commands and groups share: handling a command line that click does not understand."""

    def get_help_option(self, ctx):
        # click's own handler prints directly, and a full disk is then a traceback.
        return click.Option(HELP_NAMES, is_flag=True, is_eager=True, expose_value=False, callback=_help_asked,
                            help='Show this message and exit.') if self.add_help_option else None

    def parse_args(self, ctx, args):
        try:
            return super(_Parsing, self).parse_args(ctx, args)
        except click.UsageError as error:
            # click 6.7 does not say of which command an unknown option is.
            error.ctx = error.ctx or ctx
            raise


class _Command(_Parsing, click.Command):
    """click's command of a Syntax."""

    def __init__(self, name, summary, syntax):
        raw = {'ignore_unknown_options': True, 'allow_interspersed_args': False} if syntax.is_raw else {}
        click.Command.__init__(
            self, name, params=_words(syntax) + [_option(option) for option in syntax.options],
            short_help=summary, help=_about(syntax), add_help_option=not syntax.is_raw,
            context_settings=raw)
        self._syntax = syntax

    def invoke(self, ctx):
        path = _path_of(ctx)
        if self._syntax.needs_root:
            require_root(path, ctx.find_root().obj)
        return self._syntax.call(path, self.given(ctx))

    def given(self, ctx):
        """The parameters as Syntax.read() gives them. UsageError if an option that can have only one value is given
        twice: click would drop the first silently."""
        given = native_tree(dict(ctx.params))
        for option in self._syntax.options:
            if option.metavar is not None and not option.is_repeated:
                values = given[option.parameter]
                if len(values) > 1:
                    raise UsageError('%s: %s is given %s' % (
                        _path_of(ctx), option.names[-1], 'twice' if len(values) == 2 else '%d times' % len(values)))
                given[option.parameter] = values[0] if values else option.default
        return given


class _Group(_Parsing, click.Group):
    """click's group of a Group."""

    def __init__(self, name, summary, syntax, **options):
        # Without a command it is a usage error in every version of click.
        click.Group.__init__(self, name, short_help=summary, help=syntax.about, no_args_is_help=False,
                             context_settings={'help_option_names': HELP_NAMES}, **options)
        self._rows = syntax.commands

    def parse_args(self, ctx, args):
        if not args and not self.invoke_without_command:
            raise UsageError('%s: takes a command: %s' % (
                _path_of(ctx), ', '.join(self.list_commands(ctx))), hint=_help_hint(ctx))
        return super(_Group, self).parse_args(ctx, args)

    def list_commands(self, ctx):
        return [row.name for row in self._rows]

    def get_command(self, ctx, name):
        row = named(self._rows, name)
        return None if row is None else _made(row)

    def format_commands(self, ctx, formatter):
        # click's own loads every command to list them.
        with formatter.section('Commands'):
            formatter.write_dl([(row.name, row.summary) for row in self._rows])

    def resolve_command(self, ctx, args):
        word = native(args[0])
        if word[:1] != '-' and named(self._rows, word) is None:
            path = native(ctx.command_path)
            raise UsageError('no such command: %s %s' % (path, word or "''"),
                             hint=suggesting.command_hint(path, word, self._rows))
        return click.Group.resolve_command(self, ctx, args)


def _made(row):
    """click's command or group of a row of the table."""
    syntax = row.load()
    return (_Group if syntax.commands else _Command)(row.name, row.summary, syntax)


def _about(syntax):
    """The help of a Syntax."""
    text = inspect.getdoc(syntax.run)
    return text % dict((name, fill()) for name, fill in syntax.fills.items()) if syntax.fills else text


def _words(syntax):
    """click's arguments for the words of a Syntax that are not options: list."""
    words = syntax.words
    if words is None:
        return []
    if words.default is not None:
        return [click.Argument([words.parameter], required=False, default=words.default, metavar=words.metavar)]
    kind = {'type': click.UNPROCESSED} if syntax.is_raw else {}
    return [click.Argument([words.parameter], nargs=-1, metavar=words.metavar, **kind)]


def _option(option):
    names = list(option.names)
    shown = option.default
    if option.off is not None:
        shown = (names[-1] if option.default else option.off).lstrip('-')
        names[-1] += '/' + option.off
    kind = {'is_flag': True} if option.metavar is None else {'metavar': option.metavar, 'multiple': True}
    # Not click's show_default: each version shows something different for a flag.
    text = option.help + ('  [default: %s]' % shown if option.shows_default else '')
    # click gets no default for options that take a value: netnsctl must see how often they were given.
    default = None if option.metavar is not None else option.default
    return click.Option(names + [option.parameter], default=default, help=text, **kind)


def _without_command():
    ctx = click.get_current_context()
    if ctx.invoked_subcommand is None:
        _tell_help(ctx)
        sys.exit(UsageError.exit_code)


def _program():
    """click's group of the whole program."""
    version, = commands.PROGRAM.options
    return _Group(None, None, commands.PROGRAM, invoke_without_command=True, callback=_without_command, params=[
        click.Option(version.names, is_flag=True, is_eager=True, expose_value=False, callback=_version_asked,
                     help=version.help)])


group = _program()


def call(argv):
    """Runs a command line: its exit code. UsageError for what click does not understand."""
    # click for Python 2 joins the words to text of its own. Not its main(), which refuses to run where the locale is
    # ASCII (before Python 3.7).
    words = [unicode_of(word) for word in argv]
    try:
        with group.make_context('netnsctl', words, obj=argv) as ctx:
            return group.invoke(ctx) or 0
    except _EXIT as error:
        return error.exit_code
    except click.NoSuchOption as error:
        raise _unknown_option(error)
    except click.BadOptionUsage as error:
        raise _badly_used_option(error)
    except click.ClickException as error:
        raise _other_mistake(error)
    except SystemExit as error:
        return error.code or 0


def _path_of(ctx):
    """What a command is called in messages, before which the program's own name stands; '' for the program."""
    return native(ctx.command_path).partition(' ')[2] if ctx is not None else ''


def _about_command(ctx, text, hint):
    path = _path_of(ctx)
    return UsageError('%s%s' % (path and path + ': ', text), hint=hint)


def _other_mistake(error):
    """The UsageError for a command line with too many words, say."""
    ctx, text = getattr(error, 'ctx', None), native(error.format_message())
    found = re.match(r'Got unexpected extra arguments? \((.*)\)\Z', text, re.S)
    if found:
        text = 'unexpected argument: %s' % (found.group(1) or "''")
    return _about_command(ctx, text, _help_hint(ctx))


def _unknown_option(error):
    """The UsageError for an option that a command does not have."""
    names = [name for item in error.ctx.command.get_params(error.ctx) for name in item.opts + item.secondary_opts
             if name.startswith('-')]
    option = native(error.option_name)
    hint = suggesting.place_hint(option, error.ctx.find_root().obj) if isinstance(
        error.ctx.command, _Group) else None
    return _about_command(error.ctx, 'no such option: %s' % option,
                          hint or suggesting.option_hint(native(error.ctx.command_path), option, names))


def _badly_used_option(error):
    """The UsageError for an option without its value, or with one that it does not take. click words it differently in
    each version, and 6.7 names the option in its message alone."""
    option = re.search(r'--?[A-Za-z][A-Za-z0-9-]*', error.format_message()).group()
    metavar, = [item.metavar for item in error.ctx.command.get_params(error.ctx)
                if option in item.opts + item.secondary_opts]
    return _about_command(error.ctx, '%s %s' % (
        option, 'needs a value: %s %s' % (option, metavar) if metavar else 'takes no value'), _help_hint(error.ctx))


def _help_hint(ctx):
    return 'Try: %s --help' % native(ctx.command_path) if ctx is not None else None
