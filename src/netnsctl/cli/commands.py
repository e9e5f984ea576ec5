"""The table of the program's commands.

Help, suggestions, completion and what click parses are made of it; a new command is a row here and a module of its
name that defines `command`.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.syntax import Command, Group, Option, named

COMMANDS = (
    Command('doctor', 'Say what this host can do and what is in the way; mend it.', elsewhere='diagnose'),
    Command('wire', 'Give two endpoints a link, addresses and routes.', elsewhere='add create connect link'),
    Command('unwire', 'Remove wires.', elsewhere='delete del remove rm disconnect'),
    Command('ls', 'List the wires and whether they are whole.', elsewhere='list status ps'),
    Command('show', 'Show one wire in full.', elsewhere='info inspect'),
    Command('check', 'Test a wire both ways and say why it fails.', elsewhere='test ping'),
    Command('config', 'The per-namespace ifcfg files in /etc/sysconfig/netns.', elsewhere='save render'),
    Command('up', 'Make what the config tree describes.', elsewhere='start'),
    Command('down', 'Remove what the config tree describes.', elsewhere='stop'),
    Command('watch', 'Bring up the wires of containers as they start.'),
    Command('netns', '`ip netns`, word for word, without iproute.', elsewhere='exec identify pids attach'),
    Command('shim', 'Give the whole host an `ip` that knows netns.'),
    Command('repo', 'The yum repository that has an iproute with netns (EL6).'),
    Command('help', 'Show the help of a command.'),
    Command('version', 'Print the version.'),
)
PROGRAM = Group('Gives containers, processes and named network namespaces a network, by hand.', COMMANDS, options=[
    Option(['-V', '--version'], 'version', 'Print the version and end.')])


def find(path):
    """The Syntax or Group of a path of names (['config', 'save']; [] is the program's); None where there is none."""
    syntax = PROGRAM
    for name in path:
        command = named(syntax.commands, name)
        if command is None:
            return None
        syntax = command.load()
    return syntax


def split(words):
    """(Syntax, its path, the words after that) of a command line; None where it does not begin with a command's."""
    commands = COMMANDS
    for index, word in enumerate(words):
        command = named(commands, word)
        if command is None:
            return None
        syntax = command.load()
        commands = syntax.commands
        if not commands:
            return syntax, words[:index + 1], words[index + 1:]
    return None


def walk(commands=COMMANDS, above=()):
    """[(path, Command)] of every command that does something, subcommands in place of their groups; loads them all."""
    found = []
    for command in commands:
        path, below = above + (command.name,), command.load().commands
        found += walk(below, path) if below else [(path, command)]
    return found
