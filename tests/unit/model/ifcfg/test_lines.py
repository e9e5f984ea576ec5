# -*- coding: utf-8 -*-
"""ifcfg files as text: what is taken, what is refused with its line, quoting, and what a save leaves as it was."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.compat import native, to_bytes
from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import fields, lines
from support.py26 import check_output


def values(text):
    return [(line.key, line.value) for line in lines.parse(text, 'f') if line.key is not None]


def test_bare_and_both_kinds_of_quotes_are_read():
    assert values('A=1\nB="a b"\nC=\'a $b "c"\'\nD=\n E=x # why\nF="\\$x \\"y\\" \\\\ \\`z\\` \\n"\t\n') == [
        ('A', '1'), ('B', 'a b'), ('C', 'a $b "c"'), ('D', ''), ('E', 'x'), ('F', '$x "y" \\ `z` \\n')]


def test_what_a_shell_takes_without_quotes_is_taken_without_them(tmpdir):
    wanted = ['!ip=', '192.0.2.2#a', '*', '[x]?', '{a,b}', '^']
    text = ''.join('K%d=%s\n' % (number, value) for number, value in enumerate(wanted))
    assert [value for _, value in values(text)] == wanted
    path = tmpdir.join('f')
    path.write_binary(to_bytes(text))
    said = check_output(['sh', '-c', '. "$1"; printf "%s\\n" "$K0" "$K1" "$K2" "$K3" "$K4" "$K5"', 'sh',
                         str(path)])
    assert said.decode('utf-8').split() == wanted


def test_a_variable_may_stand_where_the_value_has_no_effect_but_nothing_that_runs():
    text = 'ETHTOOL_OPTS="-K ${DEVICE} tso off"\nUUID=${UUID}\n'
    assert values(text) == [('ETHTOOL_OPTS', '-K ${DEVICE} tso off'), ('UUID', '${UUID}')]
    for line in ('NAME="`id`"', 'NAME=`id`', 'NAME=$(id)', 'IPADDR=$IP', 'IPADDR="$IP"'):
        with pytest.raises(UsageError):
            values(line + '\n')


def test_comments_and_blank_lines_say_nothing():
    assert values('# A=1\n\n   \n\t# x\nA=2\n') == [('A', '2')]


@pytest.mark.parametrize('line, reason',
                         [('A=$(id)', '$'),
                          ('A=`id`', '`'),
                          ('A="$(id)"', '$'),
                          ('A="`id`"', '`'),
                          ('A="$HOME"', '$'),
                          ('A=1;reboot', ';'),
                          ('A=1; reboot', ';'),
                          ('A=1 reboot', 'reboot'),
                          ('A=1&&reboot', '&'),
                          ('A=1|x', '|'),
                          ('A=<x', '<'),
                          ('A=(a)', '('),
                          ('A="x', 'not closed'),
                          ("A='x", 'not closed'),
                          ('A="x"y', 'not understood'),
                          ('A=x"y"', '"'),
                          ('A=~/x', '~'),
                          ('A=a\\ b', '\\'),
                          ('A = 1', 'KEY=VALUE'),
                          ('export A=1', 'KEY=VALUE'),
                          ('A', 'KEY=VALUE'),
                          ('A+=1', 'KEY=VALUE'),
                          ('A[0]=1', 'KEY=VALUE'),
                          ('1A=1', 'KEY=VALUE'),
                          ('. /etc/x', 'KEY=VALUE'),
                          ('A=1\r', 'carriage return'),
                          ('A=\x1b[0m', 'control character'),
                          ('A="\x00"', 'control character'),
                          ('A=\x7f', 'control character'),
                          (native(b'A=\xff'),
                           'UTF-8'),
                          (native(b'\xef\xbb\xbfA=1'),
                           'byte order mark'),
                          ('A="x\x0by"', 'control character'),
                          (native(b'A=x\xc2\xa0# y'), 'quotes'),
                          (native(b'A="x"\xc2\xa0# y'), 'not understood'),
                          (native(b'\xc2\xa0A=x'), 'KEY=VALUE'),
                          (native(b'\xe3\x80\x80# x'), 'KEY=VALUE')])
def test_what_a_shell_would_do_something_with_is_refused_with_its_line(line, reason):
    with pytest.raises(UsageError) as caught:
        lines.parse('# first\n%s\nB=2\n' % line, '/x/ifcfg-a')
    assert caught.value.message.startswith('/x/ifcfg-a:2: ') and reason in caught.value.message


def test_a_key_that_stands_twice_is_refused_with_both_lines():
    with pytest.raises(UsageError) as caught:
        lines.parse('A=1\nB=2\nA=2\n', 'f')
    assert caught.value.message == 'f:3: A is already given on line 1, with another value'


def test_a_line_that_says_again_what_another_says_is_taken_and_goes_with_it():
    text = 'A=1\nB=2\nA="1" # again\n'
    found = lines.parse(text, 'f')
    assert [(line.key, line.value) for line in found] == [('A', '1'), ('B', '2'), (None, None)]
    assert lines.update(found, [('A', '1'), ('B', '2')], lambda key: True) == text
    assert lines.update(found, [('A', '3'), ('B', '2')], lambda key: True) == 'A=3\nB=2\n'
    assert lines.update(found, [('B', '2')], lambda key: True) == 'B=2\n'
    assert lines.update(found, [('B', '2')], lambda key: key == 'B') == text


def test_a_file_of_ten_megabytes_is_refused():
    with pytest.raises(UsageError):
        lines.parse('A="%s"\n' % ('x' * 10000000), 'f')


@pytest.mark.parametrize('value',
                         ['', 'eth0', 'a b', '$(reboot)', '`reboot`', 'a"b', "a'b", 'a\\b', '~', 'x;y', '!', '*',
                          u'\xe9t\xe9', '#', 'a#b', ' ', '-n', '=', 'a=b', '{a,b}', '\\$', '"', '\\"', '\t'])
def test_a_quoted_value_is_the_same_to_netnsctl_and_to_a_shell(value, tmpdir):
    value = native(value)
    line = 'A=%s' % lines.quote(value)
    assert values(line + '\n') == [('A', value)]
    path = tmpdir.join('ifcfg')
    path.write_binary(to_bytes(line + '\n'))
    shown = check_output(['sh', '-euc', '. "$1"; printf %s "$A"', 'sh', str(path)], cwd=str(tmpdir))
    assert native(shown) == value


@pytest.mark.parametrize('value', ['a\nb', 'a\rb', '\x1b', '\x00', native(b'\xff')])
def test_what_cannot_stand_in_a_file_is_not_written(value):
    with pytest.raises(ValueError):
        lines.quote(value)


def test_an_update_changes_what_differs_and_nothing_else():
    text = ('# mine\nDEVICE=eth0\nUUID="1 2"\n\nIPADDR=10.0.0.1   # old\nPREFIX="24"\nMTU=1400\n  # last\n'
            'NM_CONTROLLED=no\n')
    updated = lines.update(lines.parse(text, 'f'), [('DEVICE', 'eth0'), ('IPADDR', '10.0.0.9'), ('PREFIX', '24'),
                                                    ('DOMAIN', 'a b')], fields.is_acted)
    assert updated == ('# mine\nDEVICE=eth0\nUUID="1 2"\n\nIPADDR=10.0.0.9   # old\nPREFIX="24"\n  # last\n'
                       'NM_CONTROLLED=no\nDOMAIN="a b"\n')


def test_an_update_with_what_is_there_is_the_same_bytes():
    text = '\n#\nDEVICE=eth0\n\n\n'
    assert lines.update(lines.parse(text, 'f'), [('DEVICE', 'eth0')], fields.is_acted) == text


@pytest.mark.parametrize('key, known',
                         [('IPADDR', True),
                          ('IPADDR0', True),
                          ('IPADDR255', True),
                          ('IPADDR256', False),
                          ('IPADDR00', False),
                          ('DNS', False),
                          ('DNS1', True),
                          ('DNS4', True),
                          ('GATEWAY0', True),
                          ('NM_USER_x__a', True),
                          ('NM_USER_', False),
                          ('ROUTING_RULE_1', True),
                          ('KEY1', True),
                          ('SLAVE_MSN', True),
                          ('IEEE_8021X_EAP_METHODS', True),
                          ('DNS0', False),
                          ('IPV6ADDR', True),
                          ('IPV6ADDR1', False),
                          ('UUID', True),
                          ('PATH', False),
                          ('LD_PRELOAD', False),
                          ('MTU0', False),
                          ('IFS', False),
                          ('BASH_ENV', False),
                          ('NETMASK7', True),
                          ('', False)])
def test_only_keys_of_initscripts_and_netnsctl_are_known(key, known):
    assert (fields.find(key) is not None) is known


def test_every_key_stands_once_in_the_table():
    keys = [field.key for field in fields.FIELDS]
    assert len(keys) == len(set(keys))


def test_any_value_comes_back_as_it_was(tmpdir):
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies

    @hypothesis.settings(max_examples=500, deadline=None)
    @hypothesis.given(strategies.text(strategies.characters(blacklist_categories=('Cs', 'Cc')), max_size=40))
    def holds(value):
        assert values('A=%s\n' % lines.quote(value)) == [('A', value)]
    holds()


def test_whatever_is_in_a_file_only_the_declared_error_comes_out_of_it():
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies
    from netnsctl.model.ifcfg import link

    @hypothesis.settings(max_examples=1000, deadline=None)
    @hypothesis.given(strategies.lists(strategies.tuples(
        strategies.sampled_from([field.key for field in fields.FIELDS] + ['IPADDR0', 'PREFIX0', 'DNS1', 'X', 'a']),
        strategies.one_of(strategies.text(max_size=20), strategies.sampled_from(
            ['yes', 'no', '24', '10.0.0.1', 'fd00::1/64', 'dhcp', 'Bridge', 'docker://a', 'host', 'eth0', '"a b"']))),
        max_size=12))
    def holds(pairs):
        try:
            link.from_lines(lines.parse(''.join('%s=%s\n' % pair for pair in pairs), 'f'), 'f', 'eth0')
        except UsageError as error:
            assert error.message.startswith('f:')
    holds()


def test_a_shell_in_strict_mode_reads_the_same_values(tmpdir):
    """Every variable of a rendered file, compared with what a real sh has after sourcing it."""
    text = 'A=1\nB="two words"\nC="\\$(touch x) \\`touch x\\` \\"q\\" \\\\"\nD=\'$HOME\'\nE=\n'
    path = tmpdir.join('ifcfg-x')
    path.write(text)
    for key, value in values(text):
        shown = check_output(
            ['sh', '-euc', 'set -o noglob; . "$1"; eval "printf %%s \\"\\$%s\\""' % key, 'sh', str(path)],
            cwd=str(tmpdir))
        assert native(shown) == value, key
    assert os.listdir(str(tmpdir)) == ['ifcfg-x']
