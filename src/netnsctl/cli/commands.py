"""The table of the program's commands.

Help, suggestions, completion and click's commands come from it; a new command is a row here and a module of its name
that defines `command`.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli.syntax import Command, Group, Option, named

COMMANDS = (
    Command('doctor', 'Report what this host can do and what is in the way; fix it.', elsewhere='diagnose'),
    Command('wire', 'Give two endpoints a link, addresses and routes.', elsewhere='add create connect link'),
    Command('unwire', 'Remove wires.', elsewhere='delete del remove rm disconnect'),
    Command('confirm', 'Keep wires that would be undone (wire --confirm).', elsewhere='commit keep'),
    Command('ls', 'List the wires and whether they are whole.', elsewhere='list status ps'),
    Command('show', 'Show all details of one wire.', elsewhere='info inspect'),
    Command('check', 'Test a wire both ways and explain failures.', elsewhere='test ping'),
    Command('map', 'Draw every network namespace of the host and how they are joined.', elsewhere='graph topology'),
    Command('shape', 'Limit or delay what leaves an end of a wire.', elsewhere='limit tc qdisc'),
    Command('config', 'Manage the per-namespace ifcfg files in /etc/sysconfig/netns.', elsewhere='save render'),
    Command('up', 'Create what the config tree describes.', elsewhere='start'),
    Command('down', 'Remove what the config tree describes.', elsewhere='stop'),
    Command('watch', 'Bring up the wires of containers as they start.'),
    Command('netns', 'Run `ip netns` commands without iproute.', elsewhere='exec identify pids attach'),
    Command('shim', 'Give the whole host an `ip` that supports netns.'),
    Command('repo', 'Manage a yum repository whose iproute has netns (EL6).'),
    Command('help', 'Show help for a command.'),
    Command('version', 'Print the version.'),
)
PROGRAM = Group('Wires containers, processes and network namespaces to each other, to a bridge or the host.',
                COMMANDS, [Option(['-V', '--version'], 'version', 'Print the version and exit.')])


def find(path):
    """The Syntax or Group of a path of names (['config', 'save']; [] is the program's); None if there is none."""
    syntax = PROGRAM
    for name in path:
        command = named(syntax.commands, name)
        if command is None:
            return None
        syntax = command.load()
    return syntax


def split(words):
    """(Syntax, its path, the words after that) of a command line; None if it does not begin with a command's."""
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
