"""The table of commands: what click, the help, the suggestions and the completion have is what the table has."""
from __future__ import absolute_import, division, print_function

import os
import re
import sys

import pytest

from netnsctl.cli import commands
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.model import endpoint
from support import clicktree, process
from support.program import TOP, Program

PATHS = dict((' '.join(path), command) for path, command in commands.walk())
GROUPS = ['', 'config', 'shim', 'repo']
RAW = sorted(path for path, command in PATHS.items() if command.load().is_raw)


def names_of(option):
    return option.names + ([] if option.off is None else [option.off])


def help_of(path):
    """What --help prints: {'Options': the first words of its rows, 'Commands': ...}"""
    result = Program()(*(path.split() + ['--help']))
    assert (result.status, result.err) == (0, ''), result
    found, title = {}, None
    for line in result.out.splitlines():
        if re.match('[A-Z][a-z]+:$', line):
            title = line[:-1]
            found[title] = []
        elif title and re.match('  [^ ]', line):
            found[title].append(line.strip())
    return found


def test_every_command_is_a_syntax_and_click_has_these_and_no_others():
    assert all(isinstance(command.load(), Syntax) for command in PATHS.values())
    assert sorted(PATHS) == sorted(clicktree.commands())
    assert RAW == ['help', 'netns']


@pytest.mark.parametrize('path', GROUPS)
def test_the_help_of_a_group_lists_its_commands_with_their_summaries(path):
    rows = commands.find(path.split()).commands
    listed = [re.split('  +', line) for line in help_of(path)['Commands']]
    assert listed == [[row.name, row.summary] for row in rows]


@pytest.mark.parametrize('path', sorted(set(PATHS) - set(RAW)) + GROUPS)
def test_the_help_of_a_command_has_its_options_and_no_others(path):
    listed = set()
    for line in help_of(path)['Options']:
        listed.update(re.findall('(?<![^ /])--?[A-Za-z][a-z0-9-]*', re.split('  +', line)[0]))
    wanted = set(['-h', '--help'])
    for option in getattr(commands.find(path.split()), 'options', ()):
        wanted.update(names_of(option))
    assert listed == wanted


@pytest.mark.parametrize('path', sorted(set(PATHS) - set(RAW)))
def test_an_option_of_the_table_is_the_option_of_click(path):
    table = [(names_of(option), option.metavar, option.metavar is not None, option.parameter)
             for option in PATHS[path].load().options]
    assert [(clicktree.option_names(option), option.metavar, bool(option.multiple), option.name)
            for option in clicktree.options(path)] == table


def test_a_summary_is_a_sentence_on_one_line():
    rows = list(PATHS.values()) + list(commands.COMMANDS)
    assert [row.name for row in rows if not re.match('(?:[A-Z]|`ip).*[.]$', row.summary) or len(row.summary) > 65] == []
    options = [option for command in PATHS.values() for option in command.load().options]
    assert all(isinstance(option, Option) and option.help.endswith('.') or '(' in option.help for option in options)


def test_a_word_of_other_programs_is_suggested_by_one_command_and_is_none():
    words = [word for command in commands.COMMANDS for word in command.elsewhere.split()]
    assert sorted(words) == sorted(set(words) - set(command.name for command in commands.COMMANDS))


@pytest.mark.parametrize('path', sorted(set(PATHS) - set(RAW)))
def test_an_option_that_is_given_twice_is_refused_where_only_one_value_counts(path):
    for option in PATHS[path].load().options:
        if option.metavar is None or path == 'watch' and option.is_repeated:  # which would watch
            continue
        for names in ((option.names[0], option.names[-1]), (option.names[-1],) * 3):
            result = Program()(*(path.split() + [word for name in names for word in (name, 'x')]))
            said = '%s: %s is given %s' % (path, option.names[-1], 'twice' if len(names) == 2 else '3 times')
            if os.geteuid() == 0 or not PATHS[path].load().needs_root:
                assert (result.status == 2 and said in result.err) == (not option.is_repeated), result


def test_the_help_of_wire_lists_the_schemes_and_items_of_the_grammar():
    text = re.sub('-\n +', '-', Program()('wire', '--help').out)
    assert set(re.findall('([a-z-]+)://', text)) == set(endpoint.SCHEMES)
    assert [word for word in [key + '=' for key in endpoint.KEYS] + list(endpoint.WORDS) if word not in text] == []
    assert '%' not in text


EMPTY = [['config', 'render', '--root', '', 'netns://a', 'netns://b'], ['config', 'render', '--root=', 'a', 'b'],
         ['wire', '-f', ''], ['wire', '--name', '', 'a', 'b'], ['wire', '', 'b'], ['unwire', ''], ['up', ''],
         ['repo', 'enable', '--gpgkey', ''], ['repo', 'enable', '--rpm='], ['repo', 'status', ''],
         ['doctor', '--fix', ''], ['doctor', ''], ['config', 'save', ''], ['wire', '--', '', 'b']]


@pytest.mark.parametrize('line', EMPTY, ids=' '.join)
def test_an_empty_word_is_refused_before_it_is_taken_for_something(tmpdir, monkeypatch, line):
    monkeypatch.chdir(str(tmpdir))
    result = Program()(*line)
    if os.geteuid() != 0 and 'must be run as root' in result.err:
        return
    assert result.status == 2 and re.search('--[a-z]+ is given an empty value|an argument is empty', result.err), result
    assert result.err.startswith('netnsctl: %s' % line[0]) and tmpdir.listdir() == []


def test_a_command_line_is_split_after_its_command():
    assert commands.split(['config', 'save', '--all'])[1:] == (['config', 'save'], ['--all'])
    assert commands.split(['config']) is None and commands.split([]) is None
    assert commands.split(['config', 'x']) is None and commands.split(['--version', 'ls']) is None
    assert commands.find(['config', 'nosuch']) is None and commands.find(['nosuch']) is None


def test_the_completion_is_what_is_made_of_the_table():
    result = process.run([sys.executable, os.path.join(TOP, 'rpm', 'write-completion'), '--check'],
                         environ=dict(os.environ))
    assert (result.status, result.out, result.err) == (0, '', ''), result
