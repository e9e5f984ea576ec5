# -*- coding: utf-8 -*-
"""The command line as a whole: who may run a command, what a mistyped one is answered with, what tables look like."""

from __future__ import absolute_import, division, print_function

import json
import os
import re
import subprocess

import pytest

from support import process
from support.lacking import lacking
from support.process import native
from support.untouched import assert_untouched, own_state

# Every command that does nothing for a user who is not root, as it might be typed.
NEEDS_ROOT = [
    'wire {0} {1}',
    'wire {0} nosuch --dry-run',
    'wire -f /nonexistent',
    'unwire {0} {1}',
    'unwire --all --json',
    'ls',
    'ls --json',
    'show nosuch',
    'check --all',
    'up',
    'down',
    'up nosuch',
    'watch --once',
    'watch',
    'config check',
    'config save --all',
    'config forget x',
    'config render {0} {1}',
    'shim enable',
    'shim disable',
    'repo enable',
    'repo disable',
    'doctor --fix native --yes',
]


@pytest.mark.parametrize('words', NEEDS_ROOT)
def test_who_is_not_root_is_told_so_in_one_text_before_all_else(as_nobody, pair, words):
    before = own_state()
    words = words.format(*pair).split()
    result = as_nobody(*words)
    named = re.match(r'netnsctl: ([a-z -]+): must be run as root\n  sudo netnsctl (.+)\n\Z', result.err)
    assert result.status == 1 and named, result
    assert ' '.join(words).startswith(named.group(1)) and named.group(2) == ' '.join(words), result
    assert bool(result.out) == ('--json' in words), result
    assert_untouched(before, 0.2)


@pytest.mark.parametrize(
    'words',
    [
        'help', 'version', '-V', '--version', 'wire --help', 'help wire', 'config check --help', 'shim status',
        'repo status', 'doctor --list-checks', 'config render netns://a:A=10.1.1.1 netns://b:B=10.1.1.2',
    ],
)
def test_what_needs_no_root_works_without(as_nobody, words):
    result = as_nobody(*words.split())
    assert result.status == 0 and result.out and 'root' not in result.err, result


@pytest.mark.parametrize('words', ['help', '-h', '--help'])
def test_help_is_a_command_too(run_netnsctl, words):
    assert run_netnsctl(words).out == run_netnsctl('--help').out != ''


def test_help_of_a_command(run_netnsctl):
    assert run_netnsctl('help', 'config', 'save').out == run_netnsctl('config', 'save', '--help').out != ''
    result = run_netnsctl('help', 'nosuch')
    assert result.status == 2 and 'nosuch' in result.err, result


@pytest.mark.parametrize('words', ['add made', 'delete there', '-all delete', 'exec there touch ran', 'list'])
def test_help_about_netns_carries_nothing_out(host, words):
    host.sh('ip netns add there')
    asked = host('help', 'netns', *words.split())
    told = host('netns', '--help')
    assert 'Usage:' in told.err and (asked.status, asked.out, asked.err) == (told.status, told.out, told.err)
    assert host.sh('ls /run/netns') == 'there\n' and not os.path.exists('ran')


def test_help_with_an_end_of_options_in_it_carries_nothing_out(run_netnsctl):
    told = run_netnsctl('help', 'config')
    assert told.out != '' and run_netnsctl('help', 'config', '--', 'save', '--').out == told.out


@pytest.mark.parametrize('words', ['wire foo', 'config save foo', 'shim status x'])
def test_help_about_a_command_that_is_none_names_it_and_the_one_that_is(run_netnsctl, words):
    asked = run_netnsctl('help', *words.split())
    assert asked.status == 2 and asked.out == '', asked
    assert 'help: no such command: %s\n' % words in asked.err
    assert 'Try: netnsctl %s --help' % words.rpartition(' ')[0] in asked.err



@pytest.mark.parametrize('words', ['map x', 'watch x', 'version x', 'shim enable --force x'])
def test_a_word_too_many_is_named_with_its_command(run_netnsctl, words):
    result = run_netnsctl(*words.split())
    path = words.partition(' x')[0].replace(' --force', '')
    assert result.status == 2 and result.err == 'netnsctl: %s: unexpected argument: x\n  Try: netnsctl %s --help\n' % (
        path, path), result


def test_a_command_with_no_name_is_shown_as_that(run_netnsctl):
    result = run_netnsctl('')
    assert result.status == 2 and result.err.startswith("netnsctl: no such command: netnsctl ''\n"), result


@pytest.mark.parametrize('words', ['version', '-V', '--version'])
def test_the_version(run_netnsctl, words):
    result = run_netnsctl(words)
    assert result.status == 0 and re.match(r'netnsctl [0-9.]+\n\Z', result.out), result


@pytest.mark.parametrize(
    'words,meant',
    [
        ('wirre a b', 'netnsctl wire'),
        ('unwier a b', 'netnsctl unwire'),
        ('list', 'netnsctl ls'),
        ('LS', 'netnsctl ls'),
        ('rm x', 'netnsctl unwire'),
        ('docter', 'netnsctl doctor'),
        ('conf check', 'netnsctl config'),
        ('config sav', 'netnsctl config save'),
        ('shim enabled', 'netnsctl shim enable'),
        ('repo stat', 'netnsctl repo status'),
        ('wire a b --dryrun', '--dry-run'),
        ('wire --nocheck a b', '--no-check'),
        ('unwire --al', '--all'),
        ('ls --jsn', '--json'),
        ('config save --alll', '--all'),
        ('doctor --list', '--list-checks'),
    ],
)
def test_a_mistyped_word_is_answered_with_the_right_one(run_netnsctl, words, meant):
    result = run_netnsctl(*words.split())
    assert result.status == 2 and result.out == '', result
    assert re.search(r'Did you mean `?%s[`?]' % re.escape(meant), result.err), result
    assert re.search(r'Try: netnsctl [a-z ]*--help\n\Z', result.err), result


@pytest.mark.parametrize('words', ['xyzzy', 'config xyzzy', 'wire --xyzzy a b', 'ls -x', 'up -j', 'wire --name'])
def test_what_is_like_nothing_gets_no_suggestion_but_the_help(run_netnsctl, words):
    result = run_netnsctl(*words.split())
    assert result.status == 2 and 'Did you mean' not in result.err, result
    assert re.search(r'Try: netnsctl [a-z ]*--help\n\Z', result.err), result


def test_the_help_shows_defaults_in_the_words_of_the_command_line(run_netnsctl):
    text = ' '.join(run_netnsctl('wire', '--help').out.split())
    assert '[default: check]' in text and '[default: auto]' in text and '[default: 198.18.0.0/15]' in text, text


def test_wide_characters_keep_the_columns_of_ls(run_netnsctl, netns):
    a, wide = netns('a'), netns(native(u'\u5bb9\u5668'.encode('utf-8')))
    names = ['%s.A' % a, '%s.B' % a]
    assert run_netnsctl('wire', '--name', names[0], wide + ':A=10.1.1.1', a + ':A=10.1.1.2').status == 0
    assert run_netnsctl('wire', '--name', names[1], a + ':B=10.2.1.1', wide + ':B=10.2.1.2').status == 0
    lines = run_netnsctl('ls', *names, environ={'LC_ALL': 'C.UTF-8'}).out.splitlines()
    columns = []
    for line in lines:
        text = line if isinstance(line, type(u'')) else line.decode('utf-8')
        at = text.rindex(u'netns://')
        columns.append(sum(2 if letter in u'\u5bb9\u5668' else 1 for letter in text[:at]))
    assert len(columns) == 2 and columns[0] == columns[1], lines


def test_a_heading_stands_above_the_columns_that_it_names(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('ls', '--header', '--json').status == 0
    assert run_netnsctl('wire', a, b).status == 0
    heading, line = run_netnsctl('ls', '--header', '%s-%s' % pair).out.splitlines()
    assert heading.split() == ['NAME', 'STATE', 'END', 'END']
    assert heading.index('STATE') == line.index('whole') and heading.rindex('END') == line.rindex('netns://')
    assert run_netnsctl('ls', '%s-%s' % pair).out.splitlines() == [line]


def test_show_says_when_in_the_time_zone_of_the_host(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', a, b).status == 0
    for zone, offset in (('UTC', '+0000'), ('XYZ-5:45', '+0545'), ('XYZ3', '-0300'), ('XYZ0:30', '-0030')):
        result = run_netnsctl('show', '%s-%s' % pair, environ={'TZ': zone})
        assert re.search(r'  made \d{4}-\d\d-\d\d \d\d:\d\d:\d\d %s by ' % re.escape(offset), result.out), result


@pytest.mark.parametrize('words', ['ls --header', 'version', 'wire --help', 'doctor --list-checks', 'ls --json',
                                   'zz --json'])
def test_standard_output_that_cannot_be_written_is_status_1(run_netnsctl, words):
    with open('/dev/full', 'wb') as target:
        popen = subprocess.Popen(run_netnsctl.argv(*words.split()), stdout=target, stderr=subprocess.PIPE,
                                 env=run_netnsctl.environ())
        err = native(popen.communicate()[1])
    assert popen.returncode == (2 if 'zz' in words else 1), err
    assert 'write to standard output: %s' % os.strerror(28) in err and 'Traceback' not in err, err


@pytest.mark.parametrize('words,text', [
    ('--json ls', 'no such option: --json\n  Options come after the command: netnsctl ls --json\n'),
    ('--name x wire a b', 'no such option: --name\n  Options come after the command: netnsctl wire --name\n'),
    ('--json', 'no such option: --json\n  Options come after the command: netnsctl COMMAND --json\n'),
    ('config --json check',
     'config: no such option: --json\n  Options come after the command: netnsctl config check --json\n'),
    ('-v', 'no such option: -v\n  Try: netnsctl --help\n')])
def test_an_option_before_its_command_is_told_where_it_belongs(run_netnsctl, words, text):
    result = run_netnsctl(*words.split())
    assert (result.status, result.err) == (2, 'netnsctl: ' + text), result


@pytest.mark.parametrize('words,text', [
    ('wire a b --name', 'wire: --name needs a value: --name NAME\n  Try: netnsctl wire --help\n'),
    ('wire -f', 'wire: -f needs a value: -f FILE\n  Try: netnsctl wire --help\n'),
    ('wire --no-check=x a b', 'wire: --no-check takes no value\n  Try: netnsctl wire --help\n'),
    ('--version=1', '--version takes no value\n  Try: netnsctl --help\n'),
    ('shim', 'shim: takes a command: enable, disable, status\n  Try: netnsctl shim --help\n')])
def test_a_missing_value_a_needless_one_and_a_missing_command_are_named(run_netnsctl, words, text):
    result = run_netnsctl(*words.split())
    assert (result.status, result.err) == (2, 'netnsctl: ' + text), result


@pytest.mark.parametrize('command', ['wire', 'up', 'show'])
def test_help_after_a_command_is_told_what_shows_it(run_netnsctl, command):
    result = run_netnsctl(command, 'help')
    assert result.status in (2, 3) and 'Try: netnsctl help %s\n' % command in result.err, result


@pytest.mark.parametrize('words', ['db:', 'macvlan://', 'bridge://0123456789abcdef', 'docker://web:a/b', 'db:lo'])
def test_a_name_that_no_link_can_have_is_refused_with_its_endpoint(run_netnsctl, words):
    result = run_netnsctl('wire', words, 'x')
    assert result.status == 2 and 'endpoint %s: ' % words in result.err, result


@pytest.mark.parametrize('locale', ['C', 'C.UTF-8'])
@pytest.mark.parametrize('words,text', [
    (b'version \xc3\xa9 q\xff', b'version: unexpected argument: \xc3\xa9 q\\xff\n'),
    (b'help config \xc3\xa9', b'no such command: netnsctl config \xc3\xa9\n'),
    (b'--\xc3\xa9 ls', b'no such option: --\xc3\xa9\n'),
    (b'ls --js\xff', b'ls: no such option: --js\\xff\n'),
    (b'wire -f\xc3\xa9', b'\xc3\xa9: No such file or directory\n'),
    (b'show -- \xc3\xa9', b'wire name \xc3\xa9: 1 to 100 letters')])
def test_words_of_any_bytes_are_named_as_they_are_in_any_locale(run_netnsctl, words, text, locale):
    result = run_netnsctl(*words.split(), environ={'LC_ALL': locale})
    assert result.status == 2 and 'netnsctl: ' + native(text) in result.err, result


def compiled_locale(tmpdir, locale, charmap):
    """The environment of a locale in another encoding."""
    try:
        made = process.run(['localedef', '-i', locale, '-f', charmap, str(tmpdir.join('%s.%s' % (locale, charmap)))])
    except OSError as error:
        lacking('localedef', error)
    if not tmpdir.listdir():
        lacking('localedef', made.err)
    return {'LOCPATH': str(tmpdir), 'LC_ALL': '%s.%s' % (locale, charmap)}


@pytest.mark.parametrize('locale', ['C', 'de_DE ISO-8859-1', 'ja_JP EUC-JP'])
def test_namespaces_and_files_of_any_name_are_found_in_any_locale(run_netnsctl, netns, tmpdir, locale):
    environ = {'LC_ALL': 'C'} if locale == 'C' else compiled_locale(tmpdir.mkdir('locales'), *locale.split())
    a, odd = netns('a'), netns(native(b'\xc3\xbc\xe2\x82\xac'))
    path = str(tmpdir.join(native(b'\xe2\x82\xac.json')))
    words = ('wire', '--save', odd + ':A=10.1.1.1', 'netns://%s:A=10.1.1.2' % a)
    made = run_netnsctl(*words, environ=environ)
    assert made.status == 0 and 'netns://%s:A' % odd in made.out, made
    assert os.path.exists('/etc/sysconfig/netns/%s/ifcfg-A' % odd)
    assert run_netnsctl('netns', 'pids', odd, environ=environ).status == 0
    assert run_netnsctl('map', '-o', path, environ=environ).status == 0 and os.path.exists(path)
    again = run_netnsctl(*words, environ={'LC_ALL': 'C.UTF-8'})
    assert again.status == 0 and 'already wired' in again.out, again
    assert run_netnsctl('unwire', '--forget', odd, a, environ=environ).status == 0


def test_an_unknown_option_of_any_bytes_has_its_document(run_netnsctl):
    result = run_netnsctl('wire', '--json', b'--\xc3\xa9')
    assert result.status == 2 and json.loads(result.out)['error'] == u'wire: no such option: --\xe9', result


def test_a_value_of_any_bytes_may_be_joined_to_its_option(run_netnsctl, tmpdir):
    for name in (b'\xc3\xa9', b'q\xff'):
        path = os.path.join(str(tmpdir).encode(), name)
        result = run_netnsctl('map', b'-o' + path, '--format=json')
        assert result.status == 0 and os.path.exists(path), result


@pytest.mark.parametrize('words', ['--help', 'wire --help', 'nosuch', 'doctor --list-checks --',
                                   'wire --json -fnosuch'])
def test_what_click_reads_is_the_same_in_an_ascii_locale(run_netnsctl, words):
    told = [run_netnsctl(*words.split(), environ={'LC_ALL': locale}) for locale in ('C', 'C.UTF-8', 'nosuch')]
    assert len(set((result.status, result.out, result.err) for result in told)) == 1 and (
        'Traceback' not in told[0].err), told[0]
