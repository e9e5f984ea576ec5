"""netnsctl help"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.syntax import Syntax, Words


def _run(words):
    """Show the help of a command, or of the program, as --help does."""
    from netnsctl.cli import program
    return program.call(list(words) + ['--help'])


command = Syntax(_run, Words('words', '[COMMAND]...', offers=[('help', None)]), needs_root=False, is_raw=True)
