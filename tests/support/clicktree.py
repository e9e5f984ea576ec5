"""The commands of the program as click has them, with their options and arguments."""
from __future__ import absolute_import, division, print_function

import click

from netnsctl.cli import program


def _walk(command, path):
    if not hasattr(command, 'list_commands'):
        return {path: command}
    found = {}
    for name in command.list_commands(None):
        found.update(_walk(command.get_command(None, name), (path + ' ' + name).strip()))
    return found


def commands():
    """{'wire': click's command, 'config save': ..., ...}, those that do something."""
    return _walk(program.group, '')


def find(path):
    """click's command or group of that path; '' is the program itself."""
    command = program.group
    for word in path.split():
        command = command.get_command(None, word)
    return command


def options(path):
    """click's options of a command, without -h, --help, which each has."""
    return [item for item in find(path).params if isinstance(item, click.Option)]


def arguments(path):
    """click's arguments of a command."""
    return [item for item in find(path).params if isinstance(item, click.Argument)]


def option_names(option):
    """['-f', '--file'], ['--check', '--no-check']"""
    return list(option.opts) + list(option.secondary_opts)


def takes_value(option):
    return not option.is_flag
