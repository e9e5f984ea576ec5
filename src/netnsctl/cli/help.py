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
        # A group and what may be a command of its: with `--` and more words it would be carried out.
        return words[:1] + [word for word in words[1:2] if not word.startswith('-')]
    syntax, path, rest = found
    if rest and not syntax.is_raw:
        raise UsageError('help: no such command: %s' % ' '.join(words), hint='Try: netnsctl %s --help' % ' '.join(path))
    return path


command = Syntax(_run, Words('words', '[COMMAND]...', offers=[('help', None)]), needs_root=False, is_raw=True)
