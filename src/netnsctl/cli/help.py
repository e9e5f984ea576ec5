"""netnsctl help"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.syntax import Syntax, Words
from netnsctl.errors import UsageError


def _run(words):
    """Show the help of a command, or of the program, as --help does."""
    from netnsctl.cli import program
    return program.call(_command_in(list(words)) + ['--help'])


def _command_in(words):
    """Those of the words that name a command: what follows `netns` would be carried out. UsageError for words after any
    other; an unknown command's are left for the parser to tell."""
    from netnsctl.cli import commands
    found = commands.split(words)
    if found is None:
        return words if commands.find(words[:1]) is not None else words[:1]  # `--` would let `netns` through
    syntax, path, rest = found
    if rest and not syntax.is_raw:
        raise UsageError('help: no such command: %s' % ' '.join(words), hint='Try: netnsctl %s --help' % ' '.join(path))
    return path


command = Syntax(_run, Words('words', '[COMMAND]...', offers=[('help', None)]), needs_root=False, is_raw=True)
