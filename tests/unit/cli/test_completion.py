"""The bash completion: its words are those of the program, and what it offers, asked of a real bash."""
from __future__ import absolute_import, division, print_function

import os
import re

import pytest

from netnsctl.ipnetns import options as ip_options
from netnsctl.ipnetns import words as ip_words
from netnsctl.model import endpoint, shaping
from netnsctl.usecases import doctor
from netnsctl.usecases.repository import presets
from support import process, terminal
from support.clicktree import commands, find, option_names, options, takes_value
from support.completing import SCRIPT, Complete, bash, quoted
from support.lacking import lacking
from support.program import TOP

ZSH = os.path.join(TOP, 'rpm', 'netnsctl.zsh-completion')
FISH = os.path.join(TOP, 'rpm', 'netnsctl.fish')
# Everything that a bash of root's could have set.
SETTINGS = ('', 'set -u', 'set -o posix', 'shopt -s failglob', 'shopt -s nullglob', 'set -f', 'IFS=:',
            'shopt -s extglob', 'shopt -s nocasematch')
GROUPS = ['', 'config', 'shim', 'repo']


@pytest.fixture
def complete(tmpdir):
    """Complete for a host with two wires, three namespaces, a bridge and a config tree."""
    for name in ('run/netnsctl/wires/ab.json', 'run/netnsctl/wires/web:eth0-br0.json', 'run/netnsctl/wires/x.pending',
                 'run/netns/a', 'run/netns/blue', 'run/netns/green', 'sys/class/net/br0/bridge/x',
                 'sys/class/net/eth0/x', 'etc/sysconfig/netns/a/x',
                 'etc/sysconfig/netns/docker:web/x', 'etc/sysconfig/netns/host/x'):
        tmpdir.join(name).write('', ensure=True)
    return Complete(tmpdir)


# The words are those of the program.

def listed(function, command):
    """What _netnsctl_options or _netnsctl_commands sets for a command."""
    array = function.rpartition('_')[2]
    return bash('%s "%s"; printf \'%%s\\n\' ${%s[@]+"${%s[@]}"}' % (function, command, array, array)).split()


@pytest.mark.parametrize('path', [path for path in sorted(commands()) if path not in ('netns', 'help')] + GROUPS)
def test_the_options_of_a_command_are_those_of_the_program(path):
    wanted = ['-h', '--help']
    for option in options(path):
        wanted += [name + ('=' if takes_value(option) else '') for name in option_names(option)]
    assert sorted(listed('_netnsctl_options', path)) == sorted(wanted)


@pytest.mark.parametrize('path', GROUPS)
def test_the_commands_are_those_of_the_program(path):
    assert sorted(listed('_netnsctl_commands', path)) == sorted(find(path).list_commands(None))


def test_the_words_and_options_of_netns_are_those_of_the_program():
    assert listed('_netnsctl_commands', 'netns') == [word.decode('ascii') for word, _, _ in ip_words._WORDS]
    assert listed('_netnsctl_options', 'netns') == [
        name.decode('ascii') + ('=' if action in ip_options._WITH_VALUE else '')
        for name, action in ip_options._OPTIONS]


@pytest.mark.parametrize('array,wanted', [
    ('checks', [item.name for item in doctor.checks()]),
    ('schemes', [scheme + '://' for scheme in endpoint.SCHEMES]),
    ('keys', sorted([key + '=' for key in endpoint.KEYS] + list(endpoint.WORDS))),
    ('shaping', [key + '=' for key in shaping.KEYS]),
    ('presets', [preset.name for preset in presets.every()])])
def test_the_lists_are_those_of_the_program(array, wanted):
    assert bash('printf \'%%s\\n\' "${_netnsctl_%s[@]}"' % array).split() == wanted


def test_it_is_registered_for_the_program_and_needs_no_package():
    assert 'complete -F _netnsctl netnsctl' in bash('complete -p')
    with open(SCRIPT) as source:
        assert '_init_completion' not in source.read()


# What is offered.

@pytest.mark.parametrize('line,wanted', [
    ('netnsctl un', ['unwire']),
    ('netnsctl --v', ['--version']),
    ('netnsctl wat', ['watch']),
    ('netnsctl ver', ['version']),
    ('netnsctl help con', ['config', 'confirm']),
    ('netnsctl help config s', ['save']),
    ('netnsctl help wire ', []),
    ('netnsctl doctor --fix rdo --fix wi', ['wires']),
    ('netnsctl wire --name=a -f ', []),
    ('netnsctl nosuch ', []),
    ('netnsctl config ', ['check', 'forget', 'render', 'save']),
    ('netnsctl repo e', ['enable']),
    ('netnsctl repo enable ', ['havana']),
    ('netnsctl repo enable havana ', []),
    ('netnsctl wire --no', ['--no-check']),
    ('netnsctl wire --backend ', ['auto', 'iproute', 'netlink']),
    ('netnsctl wire --backend=n', ['netlink']),
    ('netnsctl wire --backend=', ['auto', 'iproute', 'netlink']),
    ('netnsctl wire --name x ', ['host', 'a', 'blue', 'green'] + [s + '://' for s in endpoint.SCHEMES]),
    ('netnsctl wire --name ', []),
    ('netnsctl wire bl', ['blue']),
    ('netnsctl wire netns:', ['//']),
    ('netnsctl wire netns://', ['//a', '//blue', '//green']),
    ('netnsctl wire netns://gr', ['//green']),
    ('netnsctl wire docker://', ['//web']),
    ('netnsctl wire podman://', []),
    ('netnsctl wire a:A=10.1.1.1/32 bridge://', ['//br0']),
    ('netnsctl wire a:A=10.1.1.1/32,g', ['10.1.1.1/32,gw=']),
    ('netnsctl shape w a ', ['burst=', 'delay=', 'jitter=', 'loss=', 'rate=']),
    ('netnsctl shape w a rate=1mbit l', ['loss=']),
    ('netnsctl wire a=', [key + '=' for key in endpoint.KEYS] + list(endpoint.WORDS)),
    ('netnsctl wire a=gw=10.0.0.1', []),
    ('netnsctl wire a b ', []),
    ('netnsctl wire a gre', ['green']),
    ('netnsctl unwire w', ['web:eth0-br0']),
    ('netnsctl unwire web:e', ['eth0-br0']),
    ('netnsctl unwire -', ['--all', '--dry-run', '--forget', '--help', '--if-exists', '--json', '-h']),
    ('netnsctl show ', ['ab', 'web:eth0-br0']),
    ('netnsctl show --json a', ['ab']),
    ('netnsctl show ab ', []),
    ('netnsctl check a', ['ab']),
    ('netnsctl ls ', ['ab', 'web:eth0-br0']),
    ('netnsctl ls ab w', ['web:eth0-br0']),
    ('netnsctl unwire ab web:eth0-br0 a', ['ab']),
    ('netnsctl config save ab w', ['web:eth0-br0']),
    ('netnsctl config render bl', ['blue']),
    ('netnsctl up ', ['a', 'docker:web', 'host']),
    ('netnsctl up docker:', ['web']),
    ('netnsctl down a ho', ['host']),
    ('netnsctl config check d', ['docker:web']),
    ('netnsctl doctor rp', ['rp-filter']),
    ('netnsctl doctor ip net', ['netns', 'netns-dir', 'netns-names', 'networkd', 'networkmanager']),
    ('netnsctl doctor --fix ', ['native', 'netns-dir', 'netns-names', 'rdo', 'wires']),
    ('netnsctl doctor --fix native -',
     ['--all', '--dry-run', '--fix', '--help', '--json', '--list-checks', '--yes', '-a', '-h', '-y']),
    ('netnsctl shim s', ['status']),
    ('netnsctl shim enable -', ['--force', '--help', '-h']),
    ('netnsctl netns de', ['delete']),
    ('netnsctl netns -j', ['-json']),
    ('netnsctl netns -n ', ['a', 'blue', 'green']),
    ('netnsctl netns --batch x del b', ['blue']),
    ('netnsctl netns exec ', ['a', 'blue', 'green']),
    ('netnsctl netns exec a netnsctl-none', []),
    ('netnsctl netns exec a whil', ['while']),
    ('netnsctl netns exec a ls -', []),
    ('netnsctl netns pids a ', []),
    ('netnsctl show "a', []),
    ('netnsctl show $(a', []),
])
def test_what_is_offered(complete, line, wanted):
    assert complete(line) == sorted(wanted)


@pytest.mark.parametrize('setting', SETTINGS)
def test_it_works_whatever_the_shell_is_set_to(complete, setting):
    assert complete('netnsctl unwire web:e', setting) == ['eth0-br0']
    assert complete('netnsctl doctor rp', setting) == ['rp-filter']
    assert complete('netnsctl wire x bridge://', setting) == ['//br0']
    assert complete('netnsctl ls x', setting) == []


@pytest.mark.parametrize('line,wanted', [
    ('netnsctl unwire web:e', ['web:eth0-br0']), ('netnsctl wire netns://g', ['netns://green']),
    ('netnsctl wire --backend=n', ['--backend=netlink'])])
def test_where_colons_break_no_words_whole_words_are_offered(complete, line, wanted):
    assert complete(line, wordbreaks=' \t\n', words=line.split()) == wanted


def test_what_is_behind_the_cursor_is_not_looked_at(complete):
    assert complete('netnsctl sh', after='xx ab', words=['netnsctl', 'shxx']) == ['shape', 'shim', 'show']


def test_odd_names_are_not_offered_and_run_nothing(tmpdir):
    odd = ['$(>made)', '`>made`', 'a b', ';>made', '*', "it's", '"', '\\', '-x', '~root', '\x1b[31m', '!!',
           'first\nsecond$(>made)', '{a,b}', '>made', '&', '#x']
    for name in odd + ['well']:
        for folder in ('run/netns', 'etc/sysconfig/netns'):
            tmpdir.ensure(folder, name)
        tmpdir.ensure('run/netnsctl/wires', name + '.json')
    complete = Complete(tmpdir)
    # The beginning of a name of two lines is a harmless word.
    assert complete('netnsctl netns delete ') == ['first', 'well']
    assert complete('netnsctl up ') == ['first', 'well']
    assert complete('netnsctl show ') == ['well']
    assert complete('netnsctl wire netns://') == ['//first', '//well']
    assert not tmpdir.join('made').check()


def test_wires_and_names_are_found_where_a_run_was_made_later(tmpdir):
    """On EL6, which has /var/run only."""
    tmpdir.ensure('var/run/netnsctl/wires/old.json')
    tmpdir.ensure('var/run/netns/name')
    for _ in range(2):
        assert Complete(tmpdir)('netnsctl show ') == ['old']
        assert Complete(tmpdir)('netnsctl netns delete ') == ['name']
        tmpdir.ensure('run/netnsctl/wires', dir=True)


@pytest.mark.parametrize('word', ['$(>made)', '`>made`', '"$(>made)', '${x[$(>made)]}', 'a[$(>made)]'])
def test_what_is_typed_is_not_run(complete, word):
    for before in ('show', 'wire', 'wire --backend', 'netns exec', 'netns exec a', 'up', word):
        complete('netnsctl %s %s' % (before, word), words=['netnsctl'] + before.split(' ') + [word])
    assert not complete.root.join('made').check()


def test_a_host_with_nothing_on_it_has_nothing_to_offer(tmpdir):
    complete = Complete(tmpdir)
    assert complete('netnsctl show ') == [] and complete('netnsctl up ') == []
    assert complete('netnsctl netns delete ') == []


@pytest.mark.parametrize('folder', ['run', 'var/run'])
def test_names_are_found_where_el6_has_them_too(tmpdir, folder):
    tmpdir.ensure(folder, 'netns', 'blue')
    tmpdir.ensure(folder, 'netnsctl', 'wires', 'ab.json')
    complete = Complete(tmpdir)
    assert complete('netnsctl show ') == ['ab'] and complete('netnsctl netns pids ') == ['blue']


@pytest.mark.parametrize('typed,shown', [
    ('netnsctl unw\tweb:\t', '<unwire><web:eth0-br0>'),
    ('netnsctl wir\tnetns://bl\t host:x=10.0.0.1,g\t10.0.0.2', '<wire><netns://blue><host:x=10.0.0.1,gw=10.0.0.2>'),
    ('netnsctl config s\t--a\t', '<config><save><--all>'),
    ('netnsctl wire --backend=ne\t', '<wire><--backend=netlink>'),
    ('netnsctl wire -f %sab\t', '<wire><-f><%sab.json>'),
    ('netnsctl wire %srun/netnsctl/w\t x', '<wire><%srun/netnsctl/wires/><x>')])
def test_on_a_terminal_tab_completes_the_line(complete, typed, shown):
    top = str(complete.root) + '/'
    folder = top + 'run/netnsctl/wires/' if '-f' in typed else top
    lines = ['bind "set bell-style none"; bind "set enable-bracketed-paste off" 2>/dev/null; PS1= PS2=',
             'source %s; _netnsctl_root=%s' % (quoted(SCRIPT), quoted(top)),
             'netnsctl() { printf "<%s>" "$@"; echo; }',
             typed.replace('%s', folder), 'exit', '']
    result = terminal.run(['/bin/bash', '--norc', '--noprofile', '-i'], '\n'.join(lines),
                          {'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'TERM': 'dumb', 'HISTFILE': '/dev/null'})
    assert '\n%s\n' % shown.replace('%s', folder) in result.out.replace('\r', '\n'), result


# zsh and fish, which ask the completion for bash.

def other_shell(name):
    for folder in ('/usr/bin', '/bin', '/usr/local/bin'):
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    return lacking(name, 'no %s is installed' % name)


OTHERS = [
    ('unw', ['unwire']), ('config s', ['save']), ('wire --backend=n', ['--backend=netlink']),
    ('wire --backend ', ['auto', 'iproute', 'netlink']), ('wire netns://gr', ['netns://green']),
    ('unwire web:e', ['web:eth0-br0']), ('up docker:', ['docker:web']),
    ('wire a:A=10.1.1.1/32,g', ['a:A=10.1.1.1/32,gw=']),
    ('nosuch ', []), ('show ab ', []),
    ('doctor rp', ['rp-filter'])]


@pytest.mark.parametrize('line,wanted', OTHERS)
def test_fish_offers_the_same(complete, line, wanted):
    environ = {'PATH': '/usr/bin:/bin', 'HOME': str(complete.root), 'NETNSCTL_COMPLETION': rooted(complete),
               'LC_ALL': 'C.UTF-8'}
    result = process.run([other_shell('fish'), '--no-config', '-c', 'source %s; complete -C %s' % (
        quoted(FISH), quoted('netnsctl ' + line))], environ=environ)
    assert result.err == '' and sorted(word.split('\t')[0] for word in result.out.splitlines()) == wanted, result


@pytest.mark.parametrize('line,wanted', [(line, words[0]) for line, words in OTHERS if len(words) == 1])
def test_zsh_completes_the_same(complete, line, wanted):
    """On a terminal: what the line is after the tabulator is what the program is called with."""
    folder = complete.root.ensure('functions', dir=True)
    folder.join('_netnsctl').mksymlinkto(ZSH)
    typed = ('PS1= PS2= RPS1=; unsetopt zle_bracketed_paste beep prompt_cr prompt_sp; fpath=(%s $fpath)\n'
             'autoload -Uz compinit && compinit -D -u\n'
             'netnsctl() { print -r -- "<${(pj:><:)@}>" }\n'
             'netnsctl %s\t\n'
             'exit\n' % (folder, line))
    result = terminal.run([other_shell('zsh'), '-f', '-i'], typed, {
        'PATH': '/usr/bin:/bin', 'HOME': str(complete.root), 'NETNSCTL_COMPLETION': rooted(complete), 'TERM': 'dumb',
        'LC_ALL': 'C.UTF-8'})
    before = line.split()[:-1]
    shown = '<%s>' % '><'.join(before + [wanted])
    assert re.search(r'(?m)^\s*%s\s*$' % re.escape(shown), result.out.replace('\r', '\n')), (shown, result)


def rooted(complete):
    """A copy of the completion whose host is the test's."""
    with open(SCRIPT) as source:
        text = source.read()
    assert '_netnsctl_root=\n' in text
    place = complete.root.join('completion')
    place.write(text.replace('_netnsctl_root=\n', '_netnsctl_root=%s\n' % quoted(str(complete.root))))
    return str(place)
