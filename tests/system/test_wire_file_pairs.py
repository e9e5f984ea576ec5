"""`netnsctl wire -f`: a line whose two ends are well formed, but cannot have the ports that they publish together."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.inside import links
from support.untouched import assert_untouched, own_state

REASON = 'netns://{a}:z: ports are published on a wire to a bridge or to host'
FEED = ('{a}:x=10.0.0.1/24 {b}:y=10.0.0.2/24\nnetns://{a}:z=10.9.0.2/24,publish=80:80 netns://{b}:w=10.9.0.3/24\n'
        '{a}:q=10.8.0.1/24 {b}:r=10.8.0.2/24\n')


@pytest.fixture
def ends(netns):
    return {'a': netns('a'), 'b': netns('b')}


def wire(run_netnsctl, ends, *words):
    result = run_netnsctl('wire', '-f', '-', *words, feed=FEED.format(**ends))
    assert result.status == 2 and result.err.count('netnsctl: -:2: ' + REASON.format(**ends)) == 1, result
    assert '  This one leads to netns://%s.' % ends['b'] in result.err
    return result


def test_it_affects_only_itself(run_netnsctl, ends):
    result = wire(run_netnsctl, ends)
    assert result.out.count('wired ') == 2 and '2 of 3 wires are in place; 1 line is malformed' in result.err, result
    assert sorted(links(ends['a'])) == ['q', 'x']
    assert wire(run_netnsctl, ends).out.count('already wired: ') == 2


def test_with_atomic_or_purge_nothing_is_made_and_nothing_removed(run_netnsctl, ends):
    assert run_netnsctl('wire', '--name', ends['a'] + '-old', ends['a'] + ':old', ends['b'] + ':old').status == 0
    before = own_state()
    for words in (['--atomic'], ['--purge', ends['a'] + '*']):
        result = wire(run_netnsctl, ends, *words)
        assert result.out == '' and 'with %s, none is created' % words[0] in result.err, result
        assert_untouched(before)


def test_a_dry_run_prints_the_others(run_netnsctl, ends):
    before = own_state()
    result = wire(run_netnsctl, ends, '--dry-run')
    assert [word in result.out for word in ('10.0.0.1/24', '10.9.0.2/24', '10.8.0.1/24')] == [True, False, True], result
    document = json.loads(wire(run_netnsctl, ends, '--dry-run', '--json').out)
    assert [(item['line'], item['exit_code']) for item in document['failed']] == [(2, 2)]
    assert_untouched(before)
