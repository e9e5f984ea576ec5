"""Plain lines, which are read without click, are read as click reads them."""
from __future__ import absolute_import, division, print_function

import sys

import click
import pytest

from netnsctl.cli import commands
from netnsctl.errors import UsageError
from support import clicktree, process
from support.program import SOURCE

PLAIN = [
    'wire a b', 'wire', 'wire a', 'wire a --no-check b', 'wire --no-check --check a b', 'wire - b', 'wire --name x a b',
    'wire --name=x=y a b', 'wire --name= a b', 'wire --name=-x a b', 'wire --name - a b',
    'wire --name x --mtu 1400 --pool=10.0.0.0/8', 'wire -f x', 'wire -f - --atomic', 'wire --file=- --json',
    'wire --dry-run --replace --save --backend netlink a=1.1.1.1,mtu=5 b', 'unwire', 'unwire a', 'unwire a b c',
    'unwire --all --json', 'unwire -', 'unwire --if-exists a', 'ls', 'ls --json', 'ls a b --header', 'show a', 'show',
    'check a --json', 'check --all', 'up', 'up docker:web --json', 'down a b', 'watch', 'watch --once', 'version',
    'doctor', 'doctor a b --json', 'doctor --list-checks -a', 'doctor --fix x --fix=y -y', 'doctor --all --yes',
    'config render a b --root /x -f y --name z', 'config save a b', 'config save --all', 'config forget --stale',
    'config check a --json', 'shim enable --force', 'shim disable', 'shim status --json', 'repo status',
    'repo enable havana --upgrade --rpm x --sha256=1 --insecure', 'repo disable --force', 'repo enable --gpgkey k',
    'help', 'help --json x', 'help -h', 'netns -n a list',
]
PATHS = sorted(path for path in clicktree.commands() if path not in ('netns', 'help'))
OTHER = [
    'wire --name x --name y a b', 'wire -f x --file=y', 'config render -f x -f x',
    'wire --help', 'wire -h', 'wire -- -a b', 'wire -fx', 'wire -f=x', 'wire --name', 'wire --name --json a b',
    'wire --mtu -5 a b', 'wire --nam x', 'wire --json=1 a b', 'wire --no-check=1 a b', 'wire -x', 'unwire --al',
    'unwire -a', 'ls -x', 'show --all', 'ls --', 'up --', 'down -j', 'config', 'config --help', 'config nosuch',
    'repo status a b', 'shim disable x', 'version x', 'doctor --fix', 'nosuch', '--version', '--help', '-V ls', '',
]


def read(line):
    """What a command is given by its own reading of a line, or None."""
    found = commands.split(line)
    return None if found is None else found[0].read(found[2])


def by_click(line):
    """What click gives the command of a line; None where it gives it nothing."""
    try:
        path = commands.split(line)[1]
        command = clicktree.find(' '.join(path))
        return command.given(command.make_context(path[-1], list(line[len(path):])))
    except (click.ClickException, UsageError):
        return None


@pytest.mark.parametrize('text', PLAIN)
def test_a_plain_line_is_read_as_click_reads_it(text):
    line = text.split(' ')
    assert read(line) == by_click(line) is not None


def test_an_empty_word_is_a_word_in_both_readings():
    for line in (['wire', '--name', '', 'a', 'b'], ['unwire', '']):
        assert read(line) == by_click(line) is not None


@pytest.mark.parametrize('text', OTHER)
def test_any_other_line_is_left_to_click(text):
    assert read(text.split(' ')) is None


def test_whatever_is_read_without_click_is_what_click_reads():
    hypothesis = pytest.importorskip('hypothesis')
    st = pytest.importorskip('hypothesis.strategies')

    @hypothesis.given(st.sampled_from(PATHS), st.data())
    @hypothesis.settings(max_examples=500, deadline=None)
    def holds(path, data):
        names = [word for option in clicktree.options(path) for word in clicktree.option_names(option)]
        some = st.sampled_from(names) if names else st.nothing()
        values = st.sampled_from(['a', '', '-', '--', '-x', '-f', '--name', 'a=b', '=', u'\u00e9', '--no'])
        words = st.one_of(some, values, st.builds(lambda *parts: '='.join(parts), some, values),
                          st.builds(lambda *parts: ''.join(parts), some, values), st.text(max_size=3))
        line = path.split() + data.draw(st.lists(words, max_size=6))
        found = read(line)
        assert found is None or found == by_click(line)

    holds()


@pytest.mark.parametrize('name', [command.name for command in commands.COMMANDS])
def test_reading_a_plain_line_loads_neither_click_nor_other_commands(name):
    program = ('import sys; sys.path.insert(0, %r); sys.modules["click"] = None; from netnsctl.cli import commands; '
               'commands.find([%r]); print(" ".join(sorted(sys.modules)))' % (SOURCE, name))
    result = process.run([sys.executable, '-sE', '-c', program])
    assert result.status == 0, result
    others = set('netnsctl.cli.' + command.name for command in commands.COMMANDS if command.name != name)
    # `config render` reads wires as `wire` does, once it is called.
    assert others & set(result.out.split()) == set()
