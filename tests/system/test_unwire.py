"""`netnsctl unwire`: what a wire made goes, whatever became of it meanwhile, and nothing else."""

from __future__ import absolute_import, division, print_function

import json

import pytest

from support import process
from support.aside import Aside, own_host
from support.inside import add_link, ip, links
from support.process import must
from support.untouched import assert_untouched, own_state


@pytest.fixture
def aside(run_netnsctl):
    """A function that gives the program with a state folder of its own, from the namespaces named so far."""
    made = []

    def start():
        made.append(Aside(run_netnsctl))
        return made[-1]

    yield start
    for one in made:
        one.close()


def test_what_is_not_wired_is_status_3_and_with_if_exists_no_error(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a, b).status == 0
    assert run_netnsctl('unwire', '%s-%s' % (a, b)).status == 0
    before = own_state()
    for words in (('%s-%s' % (a, b),), (a, b), (a, b, a + b), (a + ':A', b + ':B'),
                  (a + ':A=10.1.1.1/32,mac=02:00:00:00:00:01', b + '=10.1.1.2'), ('host', 'bridge://nt-none'),
                  ('/x', a)):
        again = run_netnsctl('unwire', *words)
        assert again.status == 3 and again.out == '' and ' '.join(words[:1]) in again.err, again
        again = run_netnsctl('unwire', '--if-exists', *words)
        assert again.status == 0 and again.out == '' and 'nothing is wired' in again.err, again
    assert_untouched(before)


@pytest.fixture
def three(run_netnsctl, netns):
    """(a, b, [names of three wires between them])"""
    a, b = netns('a'), netns('b')
    names = ['%s.%d' % (a, number) for number in range(3)]
    for number, name in enumerate(names):
        assert run_netnsctl('wire', '--name', name, '%s:A%d' % (a, number), '%s:B%d' % (b, number)).status == 0
    return a, b, names


@pytest.mark.parametrize('count', [1, 2, 3])
def test_several_names_are_several_wires(run_netnsctl, three, count):
    a, _, names = three
    result = run_netnsctl('unwire', *names[:count])
    assert (result.status, result.err) == (0, ''), result
    assert result.out == ''.join('unwired %s\n' % name for name in names[:count])
    assert len(links(a)) == 3 - count


def test_a_name_given_twice_is_one_wire(run_netnsctl, three):
    _, _, names = three
    result = run_netnsctl('unwire', names[0], names[0])
    assert (result.status, result.out) == (0, 'unwired %s\n' % names[0]), result


@pytest.mark.parametrize('place', [0, 1, 2])
def test_one_unknown_name_of_several_removes_nothing(run_netnsctl, three, place):
    _, _, names = three
    before = own_state()
    words = names[:2]
    words.insert(place, names[0] + '-typo')
    result = run_netnsctl('unwire', *words)
    assert result.status == 3 and result.out == '' and names[0] + '-typo: no such wire' in result.err, result
    assert 'nothing was removed' in result.err, result
    assert_untouched(before)
    result = run_netnsctl('unwire', '--if-exists', *words)
    assert result.status == 0 and result.out.count('unwired ') == 2, result


def test_a_name_and_an_unknown_word_are_not_two_ends(run_netnsctl, three):
    _, _, names = three
    before = own_state()
    for words in ((names[0], 'nt-typo'), ('nt-typo', names[0])):
        result = run_netnsctl('unwire', *words)
        assert result.status == 3 and 'nt-typo: no such wire' in result.err and names[0] + ':' not in result.err, result
    assert_untouched(before)


def test_a_place_is_not_the_name_of_a_wire_and_its_wires_are_listed(run_netnsctl, three):
    a, b, names = three
    before = own_state()
    for place in (a, 'netns://' + a):
        result = run_netnsctl('unwire', place)
        assert result.status == 4 and [name for name in names if 'unwire ' + name not in result.err] == [], result
    result = run_netnsctl('unwire', b + ':B1')
    assert result.status == 3 and 'netnsctl unwire %s\n' % names[1] in result.err, result
    assert_untouched(before)


def test_two_words_that_are_names_and_ends_are_status_4(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    assert run_netnsctl('wire', a, b).status == 0
    assert run_netnsctl('wire', '--name', a, a, c).status == 0
    # One of them is the name of a wire, both are the ends of another: that is meant.
    assert run_netnsctl('wire', '--name', b, b, c).status == 0
    before = own_state()
    result = run_netnsctl('unwire', a, b)
    assert result.status == 4 and '%s-%s' % (a, b) in result.err, result
    assert_untouched(before)
    assert run_netnsctl('unwire', b).status == 0
    result = run_netnsctl('unwire', a, b)
    assert (result.status, result.out) == (0, 'unwired %s-%s\n' % (a, b)), result


@pytest.mark.parametrize(
    'words',
    ['{0}:A {1}:B', '{1}:B {0}:A', '{0} {1}', 'netns://{1} {0}', 'netns://{0}:A netns://{1}:B', '{0}:A=10.9.9.9 {1}:B'],
)
def test_by_its_ends_in_any_order_and_form(run_netnsctl, netns, words):
    a, b = netns('a'), netns('b')
    before = own_state()
    assert run_netnsctl('wire', a + ':A=10.1.1.1', b + ':B=10.1.1.2').status == 0
    result = run_netnsctl('unwire', *words.format(a, b).split())
    assert result.status == 0 and result.out == 'unwired %s:A-%s:B\n' % (a, b), result
    assert_untouched(before)


def test_ends_that_two_wires_join_are_status_4_with_both_named(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    for dev in ('A', 'B'):
        assert run_netnsctl('wire', '%s:%s' % (a, dev), '%s:%s' % (b, dev)).status == 0
    before = own_state()
    result = run_netnsctl('unwire', a, b)
    assert result.status == 4, result
    assert '%s:A-%s:A' % (a, b) in result.err and '%s:B-%s:B' % (a, b) in result.err
    assert_untouched(before)


def test_one_namespace_gone_is_no_error_and_the_rest_goes(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    before = own_state()
    assert run_netnsctl('wire', 'host', a).status == 0
    assert run_netnsctl('wire', a, b).status == 0
    must(['ip', 'netns', 'delete', a])
    for words in (('host', a), (a, b)):
        result = run_netnsctl('unwire', *words)
        assert result.status == 0 and result.out.startswith('unwired '), result
    must(['ip', 'netns', 'add', a])
    assert_untouched(before)


def test_an_end_that_was_renamed_or_removed_is_found_all_the_same(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    before = own_state()
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    ip(a, 'link', 'set', 'A', 'down')
    ip(a, 'link', 'set', 'A', 'name', 'other')
    add_link(a, 'A')
    assert run_netnsctl('unwire', a + ':A', b + ':B').status == 0
    # The link that took the name is not the wire's.
    assert sorted(links(a)) == ['A', 'A-x'] and links(b) == {}
    ip(a, 'link', 'delete', 'A')
    assert_untouched(before)
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    ip(b, 'link', 'delete', 'B')
    assert run_netnsctl('unwire', a + ':A', b + ':B').status == 0
    assert_untouched(before)


def test_a_link_that_was_there_before_stays(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    add_link(a, 'eth0')
    before = own_state()
    assert run_netnsctl('wire', a, b).status == 0
    assert run_netnsctl('unwire', a, b).status == 0
    assert_untouched(before)


def test_all_takes_every_wire_away_and_then_says_that_there_is_none(run_netnsctl, netns, aside):
    a, b, c = netns('a'), netns('b'), netns('c')
    program = aside()
    before = own_state()
    for pair in ((a, b), (b, c), (a, c), (a, 'host')):
        assert program('wire', *pair).status == 0
    result = program('unwire', '--all')
    assert result.status == 0 and len(result.out.splitlines()) == 4, result
    assert program('ls').out == ''
    again = program('unwire', '--all')
    assert (again.status, again.out) == (0, '') and 'nothing is wired' in again.err, again
    assert_untouched(before)


def test_json_names_what_went(run_netnsctl, netns, aside):
    a, b = netns('a'), netns('b')
    program = aside()
    assert program('wire', a, b).status == 0
    result = program('unwire', '--all', '--json')
    assert json.loads(result.out) == {'version': 1, 'unwired': ['%s-%s' % (a, b)], 'failed': []}, result
    again = program('unwire', '--if-exists', a, b, '--json')
    assert again.status == 0 and json.loads(again.out)['unwired'] == [], again


def test_names_and_ends_and_all_do_not_go_together(run_netnsctl):
    for words in ((), ('a', '--all'), ('--if-exists',)):
        result = run_netnsctl('unwire', *words)
        assert (result.status, result.out) == (2, '') and 'Try: netnsctl unwire --help' in result.err, result


@pytest.mark.parametrize('command', ['unwire', 'show', 'check'])
def test_what_can_be_no_name_of_a_wire_is_a_usage_error(run_netnsctl, command):
    for name in ('', '..', '../ip', 'a/b', 'x' * 300, 'a\nb', '\x1b[31m', 'a\xffb'):
        result = run_netnsctl(command, name)
        assert result.status == 2 and '\x1b' not in result.err and 'Traceback' not in result.err, (name, result)


def test_a_damaged_record_costs_no_other_wire(run_netnsctl):
    host = own_host(run_netnsctl)
    try:
        host.sh('ip netns add a; ip netns add b')
        assert host('wire', '--name', 'w', 'a', 'b').status == 0
        host.sh("echo '{}' >/run/netnsctl/wires/x.json; echo nonsense >/run/netnsctl/wires/y.json")
        assert host('wire', 'a:C', 'b:D').status == 0
        for ends in (('a:C', 'b:D'), ('a', 'b')):
            result = host('unwire', *ends)
            assert result.status == 0 and result.out.startswith('unwired '), result
    finally:
        host.close()


def test_with_too_few_descriptors_the_wire_stands_or_is_gone(aside, netns):
    a, b = netns('a'), netns('b')
    run = aside()
    failed = 0
    for most in range(6, 24):
        assert run('wire', '--no-check', a, b).status == 0
        result = process.run(['prlimit', '--nofile=%d' % most] + run.argv('unwire', '--all'), b'', 60, run.environ())
        # (With all too few it is Python that does not start.)
        assert 'Traceback' not in result.err or '/netnsctl/' not in result.err, (most, result)
        states = [wire['state'] for wire in json.loads(run('ls', '--json').out)['wires']]
        assert states == {0: [], 6: ['half']}.get(result.status, ['whole']), (most, states, result)
        failed += result.status != 0
        run('unwire', '--all')
    assert 0 < failed < 18
