# -*- coding: utf-8 -*-
"""The file of wires: its lines, comments, quotes, and what is refused at which line."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import wires_file


def parsed(text):
    """The lines of a file none of which is malformed."""
    lines, errors = wires_file.parse(text, 'wires.txt')
    assert errors == []
    return lines


def refused(text):
    """The message for the one line of a file that is malformed."""
    error, = wires_file.parse(text, 'wires.txt')[1]
    return error.message


def test_lines_comments_and_options():
    lines = parsed('# all of them\n\na:A=10.1.1.1/32 b:B=10.1.1.2/32\n'
                   '  \t c  d --name w-1 --mtu 1400   # the second\n"e"  \'f:F\'')
    assert [(line.number, str(line.a), str(line.b), line.name, line.mtu) for line in lines] == [
        (3, 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32', None, None), (4, 'c', 'd', 'w-1', 1400), (5, 'e', 'f:F', None, None)]


@pytest.mark.parametrize('text', ['', '\n\n', '# nothing', '   \n\t\n#x'])
def test_a_file_of_nothing_has_no_wire(text):
    assert parsed(text) == []


def test_options_may_stand_anywhere_in_a_line():
    line, = parsed('--name w a --mtu 1400 b')
    assert (str(line.a), str(line.b), line.name, line.mtu) == ('a', 'b', 'w', 1400)


def test_a_value_may_follow_its_option_in_the_same_word_as_on_the_command_line():
    first, second = parsed('a b --name=w --mtu=1400\n--name="x" c d')
    assert (first.name, first.mtu, second.name) == ('w', 1400, 'x')


@pytest.mark.parametrize('line,words', [
    ('a', 'a wire has two endpoints, this line has 1'),
    ('a b c', 'a wire has two endpoints, this line has 3'),
    ('--name w', 'this line has 0'),
    ('a b --name', '--name: no value'),
    ('a b --mtu', '--mtu: no value'),
    ('a b --name=', '--name: no value'),
    ('a b --name ""', '--name: no value'),
    ('a b --mtu=5', 'mtu 5: not a number'),
    ('a b --name x --name=y', '--name is given twice'),
    ('a b --nmae=x', '--nmae=x: not an option of a wire in a file'),
    ('a b --name=a/b', 'wire name a/b'),
    ('a b --mtu 5', 'mtu 5: not a number'),
    ('a b --replace', '--replace: not an option of a wire in a file'),
    ('-x b', '-x: not an option'),
    ('a b:lo', 'interface name "lo"'),
    ('a=10.1.1.1/33 b', 'address 10.1.1.1/33'),
    ('a "b', 'cannot be split into words'),
    ("a 'b", 'cannot be split into words'),
    ('a b\\', 'cannot be split into words'),
    ('a b\r', 'carriage return'),
    ('"" b', 'an endpoint is empty'),
    ('x' * 65537 + ' b', 'longer than 65536 bytes'),
    ('a\0 b', 'control character'),
    ('a \x1b[1mb', 'control character'),
])
def test_a_bad_line_is_named_with_file_and_number(line, words):
    message = refused('# one\na:A b:B\n' + line)
    assert message.startswith('wires.txt:3: ')
    assert words in message


def test_a_shells_words_are_only_odd_names():
    wire, = parsed('a $(id):A;')
    assert (wire.b.target.name, wire.b.ifname) == ('$(id)', 'A;')


def test_every_malformed_line_is_named_and_the_others_are_there():
    lines, errors = wires_file.parse('a b\nc\nd e\nf g --mtu 1', 'wires.txt')
    assert [line.number for line in lines] == [1, 3]
    assert [(error.number, error.message[:13]) for error in errors] == [(2, 'wires.txt:2: '), (4, 'wires.txt:4: ')]


def test_a_file_of_another_kind_is_refused_without_reading_all_of_it():
    with pytest.raises(UsageError) as caught:
        wires_file.parse('a b\n' + 'x\n' * 1000000, 'wires.txt')
    assert caught.value.message.startswith('wires.txt: not a file of wires: 1000 malformed lines, the first is ')


def test_a_byte_order_mark_is_named():
    with pytest.raises(UsageError) as caught:
        wires_file.parse(native(u'\ufeffa b'), 'wires.txt')
    assert caught.value.message == 'wires.txt:1: begins with a byte order mark'


def test_a_carriage_return_is_named_in_every_form_of_line():
    assert [error.message for error in wires_file.parse('a b\r\nc d\r\n', 'wires.txt')[1]] == [
        'wires.txt:%d: the line ends in a carriage return' % number for number in (1, 2)]


def test_bytes_that_are_no_utf8_are_named():
    assert 'wires.txt:1: ' in refused('a\xff b' if bytes is str else 'a\udcff b')


def test_a_line_of_ten_megabytes_is_refused_at_once():
    assert refused('x' * 10000000) == 'wires.txt:1: the line is longer than 65536 bytes'


def test_a_hash_inside_a_word_of_a_line():
    # As the shell has it where a comment begins a word; shlex (2.x and 3.x) ends the word there.
    line, = parsed('a "b#1:x#y"')
    assert (line.b.target.name, line.b.ifname) == ('b#1', 'x#y')
