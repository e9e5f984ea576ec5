"""`netnsctl ls` and `show`: a wire that is whole from one that is lost, altered or half."""

from __future__ import absolute_import, division, print_function

import json
import os
import subprocess

import pytest

from support import inject, process
from support.inside import add_link, ip
from support.process import must
from support.untouched import own_state


@pytest.fixture
def wired(run_netnsctl, netns):
    """(a, b, name) of a wire between two namespaces."""
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32').status == 0
    return a, b, '%s:A-%s:B' % (a, b)


def state_of(run_netnsctl, name):
    """(state, remarks) of a wire, the same in ls, ls --json, show and show --json."""
    listed = [line for line in run_netnsctl('ls').out.splitlines() if line.startswith(name + ' ')]
    assert len(listed) == 1, listed
    of_all = json.loads(run_netnsctl('ls', '--json').out)
    assert of_all['version'] == 1
    of_one = [wire for wire in of_all['wires'] if wire['name'] == name][0]
    shown = json.loads(run_netnsctl('show', name, '--json').out)
    assert shown.pop('version') == 1 and shown == of_one
    text = run_netnsctl('show', name).out.splitlines()
    assert text[0] == '%s: %s' % (name, of_one['state']) and listed[0].split()[1] == of_one['state']
    assert [line.strip() for line in text[1 : 1 + len(of_one['remarks'])]] == of_one['remarks']
    return of_one['state'], of_one['remarks']


def test_a_wire_as_it_was_made_is_whole(run_netnsctl, wired):
    assert state_of(run_netnsctl, wired[2]) == ('whole', [])


def test_json_holds_both_ends_in_full(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    words = (
        a + ':A=10.1.1.1/24,gw=10.1.1.2,mac=02:00:00:00:00:0a,mtu=1400',
        b + ':B=10.1.1.2/24,route=10.8.0.0/16@10.1.1.1',
    )
    assert run_netnsctl('wire', '--mtu', '1400', *words).status == 0
    wire = json.loads(run_netnsctl('show', '%s:A-%s:B' % (a, b), '--json').out)
    one, two = wire['ends']
    assert one == {
        'target': 'netns://' + a,
        'ifname': 'A',
        'mac': '02:00:00:00:00:0a',
        'mtu': 1400,
        'addresses': ['10.1.1.1/24'],
        'gateways': ['10.1.1.2'],
        'routes': [],
        'bridge': None,
    }
    assert (two['routes'], two['mtu'], two['mac'][:3]) == ([['10.8.0.0/16', '10.1.1.1']], 1400, '02:')
    assert set(wire) == set(['version', 'name', 'state', 'remarks', 'backend', 'made', 'ends',
                              'seconds_left', 'origin'])


def test_looking_changes_nothing(run_netnsctl, wired):
    before = own_state()
    for words in (('ls',), ('ls', '--json'), ('show', wired[2]), ('check', wired[2])):
        assert run_netnsctl(*words).status == 0
    assert own_state() == before


def test_lost_when_a_namespace_is_gone_even_if_one_of_its_name_is_there(run_netnsctl, wired):
    a, b, name = wired
    must(['ip', 'netns', 'delete', b])
    assert state_of(run_netnsctl, name)[0] == 'lost'
    must(['ip', 'netns', 'add', b])
    state, remarks = state_of(run_netnsctl, name)
    assert state == 'lost' and b in remarks[0]
    check = run_netnsctl('check', name)
    assert check.status == 5 and 'gone' in check.err, check
    again = run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32')
    assert again.status == 0 and again.out.startswith('wired '), again
    assert state_of(run_netnsctl, name) == ('whole', [])


@pytest.mark.parametrize(
    'words, remark',
    [
        ('link set A name X', 'was renamed to X'),
        ('link set A down', 'is down'),
        ('addr del 10.1.1.1/32 dev A', '10.1.1.1/32'),
        ('route del 10.1.1.2/32', '10.1.1.2/32'),
        ('link set A address 02:00:00:00:00:01', '02:00:00:00:00:01'),
    ],
)
def test_altered_says_how(run_netnsctl, wired, words, remark):
    a, b, name = wired
    if ' name ' in words:
        ip(a, 'link', 'set', 'A', 'down')
    ip(a, *words.split())
    state, remarks = state_of(run_netnsctl, name)
    assert state == 'altered' and [line for line in remarks if remark in line and a in line], remarks


def test_altered_when_both_ends_were_removed(run_netnsctl, wired):
    a, b, name = wired
    ip(a, 'link', 'delete', 'A')
    state, remarks = state_of(run_netnsctl, name)
    assert state == 'altered' and len(remarks) == 2, (state, remarks)


def test_an_impostor_with_the_name_of_an_end_does_not_pass(run_netnsctl, wired):
    a, b, name = wired
    ip(a, 'link', 'delete', 'A')
    add_link(a, 'A')
    assert state_of(run_netnsctl, name)[0] == 'altered'


def test_an_end_that_was_moved_elsewhere_leaves_half(run_netnsctl, wired, netns):
    a, b, name = wired
    ip(a, 'link', 'set', 'A', 'netns', netns('c'))
    assert state_of(run_netnsctl, name)[0] == 'half'


def test_an_altered_wire_is_refused_and_made_anew_with_replace(run_netnsctl, wired):
    a, b, name = wired
    ip(a, 'addr', 'del', '10.1.1.1/32', 'dev', 'A')
    words = a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32'
    refused = run_netnsctl('wire', *words)
    assert refused.status == 4 and 'altered' in refused.err, refused
    assert run_netnsctl('wire', '--replace', *words).status == 0
    assert state_of(run_netnsctl, name) == ('whole', [])


def test_half_is_what_a_killed_run_left_until_the_next_command(run_netnsctl, netns):
    inject.available()
    a, b = netns('a'), netns('b')
    before = own_state()
    total = inject.count(run_netnsctl, 'sendto', ['wire', '--no-check', '--backend', 'netlink', a, b])
    assert run_netnsctl('unwire', a, b).status == 0
    killed = inject.inject(
        run_netnsctl, 'sendto', 'signal=KILL', total - 1, ['wire', '--no-check', '--backend', 'netlink', a, b]
    )
    assert killed.status == -9, killed
    assert state_of(run_netnsctl, '%s-%s' % (a, b))[0] == 'half'
    cleared = run_netnsctl('unwire', a, b)
    assert cleared.status == 0 and 'rolled back' in cleared.err, cleared
    assert own_state() == before


def test_show_and_check_of_a_wire_that_is_not_there_is_status_3(run_netnsctl):
    for command in ('show', 'check'):
        result = run_netnsctl(command, 'nt-no-such-wire')
        assert result.status == 3 and result.out == '' and 'nt-no-such-wire' in result.err, result


def test_check_says_each_way_and_takes_json(run_netnsctl, wired):
    a, b, name = wired
    text = run_netnsctl('check', name)
    assert text.status == 0 and text.out.splitlines()[0] == name + ': ok', text
    assert 'netns://%s:A -> netns://%s:B  10.1.1.2, 84 bytes: answered in ' % (a, b) in text.out
    assert 'netns://%s:B -> netns://%s:A  10.1.1.1, 1500 bytes: answered in ' % (b, a) in text.out
    document = json.loads(run_netnsctl('check', name, '--json').out)
    assert document['version'] == 1 and [check['name'] for check in document['checks']] == [name]
    assert len(document['checks'][0]['probes']) == 4
    ip(b, 'link', 'set', 'B', 'down')
    failing = run_netnsctl('check', name, '--json')
    assert failing.status == 5 and 'is down' in failing.err, failing
    check = json.loads(failing.out)['checks'][0]
    assert not check['ok'] and check['causes'][0]['code'] and 'is down' in check['causes'][0]['text'], check


def test_check_of_a_wire_that_nothing_can_be_sent_over_says_what_it_looked_at(run_netnsctl, netns):
    a, untested = netns('a'), 'neither end has an address to send an echo to'
    assert 'links up)' in run_netnsctl('wire', '--name', a, a + ':x', 'bridge://nwchk%d' % os.getpid()).out
    assert run_netnsctl('check', a).out == '%s: ok (links up)\n  not tested: %s\n' % (a, untested)
    check, = json.loads(run_netnsctl('check', a, '--json').out)['checks']
    assert (check['ok'], check['probes'], check['untested']) == (True, [], [untested])
    assert run_netnsctl('unwire', a).status == 0


def test_a_damaged_record_costs_no_other_wire(run_netnsctl, wired):
    a, b, name = wired
    path = '/run/netnsctl/wires/%s.x.json' % a
    for content in ('', '{', '[]', '{"version": 1}', '{"version": 99, "ends": []}'):
        with open(path, 'w') as record:
            record.write(content)
        try:
            result = run_netnsctl('ls')
            assert result.status == 0 and name in result.out and path in result.err or a in result.err, (
                content,
                result,
            )
            assert 'Traceback' not in result.err
            assert run_netnsctl('show', name).status == 0
        finally:
            os.unlink(path)


def test_a_name_that_holds_escapes_is_printed_escaped(run_netnsctl, wired):
    a, b, name = wired
    ip(a, 'link', 'set', 'A', 'down')
    ip(a, 'link', 'set', 'A', 'name', 'x\x1b[31m$(id)')
    for words in (('ls',), ('show', name), ('check', name), ('ls', '--json')):
        result = run_netnsctl(*words)
        assert '\x1b' not in result.out + result.err and 'Traceback' not in result.err, result
    assert '\\x1b[31m' in run_netnsctl('show', name).out
    state, remarks = [
        (wire['state'], wire['remarks'])
        for wire in json.loads(run_netnsctl('ls', '--json').out)['wires']
        if wire['name'] == name
    ][0]
    assert state == 'altered' and 'x\x1b[31m$(id)' in remarks[0]


@pytest.mark.parametrize('odd', [b'x\xff\xfe', b'\xc3\xa9t\xc3\xa9', b'\xe2\x80\xae', b'-x'])
def test_a_name_of_any_bytes_is_no_traceback(run_netnsctl, wired, odd):
    a, b, name = wired
    ip(a, 'link', 'set', 'A', 'down')
    subprocess.check_call([b'ip', b'-n', a.encode(), b'link', b'set', b'dev', b'A', b'name', odd])
    for environ in ({'LC_ALL': 'C'}, {'LC_ALL': 'C.UTF-8'}):
        for words in (('ls',), ('show', name), ('check', name), ('ls', '--json')):
            result = run_netnsctl(*words, environ=environ)
            assert result.status in (0, 5) and 'Traceback' not in result.err, result
            assert u'\u202e'.encode('utf-8') not in (
                result.out if isinstance(result.out, bytes) else result.out.encode('utf-8', 'surrogateescape')
            ), result
    assert run_netnsctl('unwire', name).status == 0


def test_colour_is_for_terminals_and_no_color_is_honoured(run_netnsctl, wired):
    def on_a_terminal(environ):
        words = ' '.join("'%s'" % word.replace("'", "'\\''") for word in run_netnsctl.argv('ls'))
        return process.run(['script', '-qec', words, '/dev/null'], environ=run_netnsctl.environ(environ=environ)).out

    assert '\x1b' not in run_netnsctl('ls').out
    assert '\x1b[32mwhole\x1b[0m' in on_a_terminal({'TERM': 'xterm', 'NO_COLOR': None})
    assert '\x1b' not in on_a_terminal({'TERM': 'xterm', 'NO_COLOR': '1'})
    assert '\x1b' not in on_a_terminal({'TERM': 'dumb'})
