"""The command line. The only place where errors become exit codes."""
from __future__ import absolute_import, division, print_function

import os
import sys

import click

from netnsctl.cli import output
from netnsctl.cli.commands import HELP_NAMES, help_option, tell_help
from netnsctl.errors import Interrupted, NetnsctlError, UsageError

# command -> module of netnsctl.cli that defines it as `command` (show lives with ls); imported only when it is called
COMMANDS = {'doctor': 'doctor', 'wire': 'wire', 'unwire': 'unwire', 'ls': 'ls', 'show': 'show', 'check': 'check',
            'config': 'config', 'up': 'up', 'down': 'down', 'watch': 'watch', 'netns': 'netns', 'shim': 'shim',
            'repo': 'repo'}
# click 6.7 has no Exit: there --help ends in SystemExit.
_EXIT = getattr(click.exceptions, 'Exit', ())
ORDER = ('doctor', 'wire', 'unwire', 'ls', 'show', 'check', 'config', 'up', 'down', 'watch', 'netns', 'shim', 'repo')


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, for one wire must not pay for all of them."""

    def get_help_option(self, ctx):
        return help_option()

    def list_commands(self, ctx):
        return list(ORDER)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        module = __import__('netnsctl.cli.' + COMMANDS[name], None, None, ['command'])
        return module.command


def _version(ctx, _param, value):
    if value:
        import netnsctl
        output.say('netnsctl %s' % netnsctl.__version__)
        ctx.exit()


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={'help_option_names': HELP_NAMES})
@click.option('--version', is_flag=True, is_eager=True, expose_value=False, callback=_version,
              help='Print the version and end.')
@click.pass_context
def group(ctx):
    """Gives containers, processes and named network namespaces a network, by hand."""
    if ctx.invoked_subcommand is None:
        tell_help(ctx)
        sys.exit(UsageError.exit_code)


def main(argv=None):
    """The program. Ends the process with the exit code of the design; never with a traceback for what a user can do."""
    from netnsctl.execution import signals
    output.open_standard_streams()
    signals.install()
    try:
        status = _call(sys.argv[1:] if argv is None else argv)
    except (NetnsctlError, Interrupted) as error:
        output.report_error(error)
        status = error.exit_code
    except ImportError as error:
        output.warn('netnsctl: %s' % error)
        status = 1
    except EnvironmentError as error:
        # No part of the work declares it (no descriptor is left, say): what was begun is rolled back by now.
        output.warn('netnsctl: %s' % ': '.join(text for text in (error.filename, error.strerror or str(error)) if text))
        status = 1
    except MemoryError:
        output.warn('netnsctl: out of memory')
        status = 1
    if argv is not None:
        sys.exit(status)
    # All is written and closed; to free every object one by one would take a sixth of a whole `netnsctl wire`.
    output.flush()
    os._exit(status)


def _call(argv):
    try:
        return group.main(args=argv, prog_name='netnsctl', standalone_mode=False) or 0
    except _EXIT as error:
        return error.exit_code
    except click.ClickException as error:
        raise UsageError(error.format_message(), hint=_usage_hint(error))
    except click.Abort:
        return 130
    except SystemExit as error:
        return error.code or 0


def _usage_hint(error):
    ctx = getattr(error, 'ctx', None)
    return 'Try: %s --help' % ctx.command_path if ctx is not None else None
