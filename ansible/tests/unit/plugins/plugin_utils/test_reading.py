# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""What the actions make of arguments, and of what netnsctl answers."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import shlex

import pytest

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading

DOCUMENT = '{\n  "version": 1,\n  "wires": []\n}\n'
HOSTILE = ['a b', "it's", '$(x)', '`x`', ';', '&&', '|', '>', '*', '"', '\\', '%s', '\u00fc', '--all', '', '!', '#']


@pytest.mark.parametrize('word', HOSTILE)
def test_a_word_stays_one_word_in_a_line_for_a_shell(word):
    assert shlex.split(reading.command_line('/usr/bin/netnsctl', ['wire', word])) == ['/usr/bin/netnsctl', 'wire', word]
    line = reading.command_line('netnsctl', ['wire', '-f', '-'], word + '\n', "A='b c' ")
    assert shlex.split(line) == ['printf', '%s', word + '\n', '|', 'A=b c', 'netnsctl', 'wire', '-f', '-']


@pytest.mark.parametrize('text', ['a\nb', 'a\rb', 'a\0b'])
def test_what_no_line_can_hold_is_refused(text):
    with pytest.raises(ValueError, match='name has a'):
        reading.check_text(text, 'name')
    with pytest.raises(ValueError):
        reading.wire_line({'ends': [text, 'b']})


@pytest.mark.parametrize('word', [each for each in HOSTILE if each])
def test_a_wire_as_a_line_of_a_file(word):
    line = reading.wire_line({'ends': [word, 'b:B'], 'name': word, 'mtu': 1400})
    assert shlex.split(line) == [word, 'b:B', '--name', word, '--mtu', '1400']
    assert reading.wire_line('a b --name x') == 'a b --name x'


@pytest.mark.parametrize('item', [{'ends': ['a']}, {'ends': 'ab'}, {'ends': ['a', 'b', 'c']}, {}, {'ends': [1, 2]},
                                  {'ends': ['a', 'b'], 'x': 1}, 5, None, ['a', 'b']])
def test_what_is_not_a_wire_is_refused(item):
    with pytest.raises(ValueError, match='wire'):
        reading.wire_line(item)


@pytest.mark.parametrize('rc, out, err, text', [
    (127, '', '/bin/sh: 1: netnsctl: not found', 'is not installed on this host'),
    (126, '', 'Permission denied', 'is not installed on this host'),
    (0, 'hello\n', '', 'does not print the version of netnsctl: hello'),
    (1, '', 'sudo: a password is required', 'does not print the version of netnsctl: sudo: a password'),
    (0, '', '', 'no output'),
    (0, 'netnsctl 0.0.9\n', '', 'has netnsctl 0.0.9; the collection needs'),
    (0, 'netnsctl 0.0\n', '', 'has netnsctl 0.0; the collection needs'),
])
def test_a_host_without_a_netnsctl_that_will_do(rc, out, err, text):
    with pytest.raises(reading.Unusable, match=text):
        reading.version_of(rc, out, err, 'netnsctl')


@pytest.mark.parametrize('out', ['netnsctl 1.0.0\n', 'netnsctl 1.0.0\r\n', 'motd\nnetnsctl 12.0.1\n',
                                 'netnsctl 1.10\n'])
def test_a_version_that_will_do(out):
    assert reading.version_of(0, out, '', 'netnsctl') in out


@pytest.mark.parametrize('out, notes', [
    (DOCUMENT, []),
    (DOCUMENT.replace('\n', '\r\n'), []),
    ('netnsctl: a notice\r\n' + DOCUMENT + 'and another\n', ['netnsctl: a notice', 'and another']),
    ('{not json\n{\nnor this\n}\n' + DOCUMENT, ['{not json', '{', 'nor this', '}']),
    ('{"version": 1, "wires": []}\n', []),
])
def test_a_document_is_found_among_what_else_a_terminal_shows(out, notes):
    found = reading.answer(0, out, '')
    assert found.document == {'version': 1, 'wires': []} and found.notes == notes


def test_no_document_of_a_netnsctl_that_did_not_fail():
    for out in ('', 'hello', '{"a":', '{\n'):
        with pytest.raises(reading.Unusable, match='not JSON'):
            reading.answer(0, out, '')
        assert reading.answer(0, out, '', wants_document=False).document is None


def test_why_it_failed_comes_from_the_document_or_else_from_standard_error():
    text = '{"error": "exists", "hint": "--replace", "exit_code": 4, "version": 1}\n'
    found = reading.answer(4, text, 'netnsctl: exists\n')
    assert (found.error, found.hint) == ('netnsctl: exists', '--replace')
    found = reading.answer(1, '', 'netnsctl: no\n  a hint\n')
    assert (found.error, found.hint) == ('netnsctl: no', 'a hint')
    assert reading.answer(137, '', 'Killed\n').error == 'netnsctl: ended by signal 9: Killed'
    assert reading.answer(9, '', '').error == 'netnsctl: exit status 9'
    assert reading.answer(0, DOCUMENT, '').error == ''


def test_a_netnsctl_that_does_not_say_what_is_asked_is_too_old():
    with pytest.raises(reading.Unusable, match='too old: it does not say purged'):
        reading.require(reading.answer(0, DOCUMENT, ''), 'purged')
    reading.require(reading.answer(0, DOCUMENT, ''), 'wires')
    reading.require(reading.answer(3, '', 'x'), 'wires')


def test_what_is_shown_of_an_answer_is_one_short_line():
    assert reading.shown('a\n b\t') == 'a b' and len(reading.shown('x' * 9999)) < 400
