"""The commands as click has them, and what it makes of a command line."""
from __future__ import absolute_import, division, print_function

import sys

import click

from netnsctl.cli import command_of, output, suggesting
from netnsctl.cli.commands import HELP_NAMES, Group, of_syntax, tell_help
from netnsctl.cli.syntax import Syntax
from netnsctl.errors import UsageError

# Each is a module of netnsctl.cli that defines it as `command`, imported only when it is called.
COMMANDS = ('doctor', 'wire', 'unwire', 'ls', 'show', 'check', 'config', 'up', 'down', 'watch', 'netns', 'shim', 'repo')
# click 6.7 has no Exit: there --help ends in SystemExit.
_EXIT = getattr(click.exceptions, 'Exit', ())


class LazyGroup(Group):
    """A group that imports a command's module when it is called, so that `wire` does not pay for importing all."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        command = command_of(name)
        return of_syntax(command) if isinstance(command, Syntax) else command


def _version(ctx, _param, value):
    if value:
        import netnsctl
        output.say('netnsctl %s' % netnsctl.__version__)
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={'help_option_names': HELP_NAMES})
@click.option('-V', '--version', is_flag=True, is_eager=True, expose_value=False, callback=_version,
              help='Print the version and end.')
@click.pass_context
def group(ctx):
    """Gives containers, processes and named network namespaces a network, by hand."""
    if ctx.invoked_subcommand is None:
        tell_help(ctx)
        sys.exit(UsageError.exit_code)


def call(argv):
    """Runs a command line: its exit code. UsageError for what click does not understand."""
    if argv[:1] == ['help']:
        argv = argv[1:] + ['--help']
    elif argv[:1] == ['version']:
        argv = ['--version'] + argv[1:]
    try:
        return group.main(args=argv, prog_name='netnsctl', standalone_mode=False, obj=argv) or 0
    except _EXIT as error:
        return error.exit_code
    except click.NoSuchOption as error:
        raise _unknown_option(error)
    except click.ClickException as error:
        raise UsageError(error.format_message(), hint=_usage_hint(error))
    except click.Abort:
        return 130
    except SystemExit as error:
        return error.code or 0


def _unknown_option(error):
    """The UsageError for an option that a command does not have."""
    names = [name for item in error.ctx.command.get_params(error.ctx) for name in item.opts + item.secondary_opts
             if name.startswith('-')]
    return UsageError('%s: no such option: %s' % (error.ctx.command_path.partition(' ')[2] or 'netnsctl',
                                                  error.option_name),
                      hint=suggesting.option_hint(error.ctx.command_path, error.option_name, names))


def _usage_hint(error):
    ctx = getattr(error, 'ctx', None)
    return 'Try: %s --help' % ctx.command_path if ctx is not None else None
