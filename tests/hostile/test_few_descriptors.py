"""With few descriptors each command does what it was asked, or leaves all as it was, or says (6) what it could not put
back; what comes after, with enough of them, finds everything in order."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.core import content
from support.process import run

EVERY = bool(os.environ.get('NETNSCTL_TEST_EVERY'))
LIMITS = list(range(5, 41)) if EVERY else [11, 15, 16, 17, 19]


def limited(run_netnsctl, limit, *words):
    """Runs a command with that limit of descriptors."""
    script = ('import os, resource, sys\n'
              'resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]),) * 2)\n'
              'os.execv(sys.argv[2], sys.argv[2:])\n')
    argv = run_netnsctl.argv(*words)
    return run([argv[0], '-c', script, '%d' % limit] + argv, environ=run_netnsctl.environ())


@pytest.fixture
def place(netns):
    """(name of a wire, its two namespaces)."""
    a, b = netns('a'), netns('b')
    return a + '-w', a, b


def words_of(command, name, a, b):
    ends = [a + ':e0=10.9.9.1/24', b + ':m0=10.9.9.2/24']
    return {'wire': ['wire', '--no-check', '--name', name] + ends,
            'wire and check': ['wire', '--name', name] + ends,
            'replace': ['wire', '--no-check', '--replace', '--name', name, '--mtu', '1400'] + ends,
            'unwire': ['unwire', name]}[command]


@pytest.mark.parametrize('backend', ['netlink', pytest.param('iproute', marks=pytest.mark.thorough)])
@pytest.mark.parametrize('command', [pytest.param('wire', marks=pytest.mark.thorough), 'wire and check', 'replace',
                                     pytest.param('unwire', marks=pytest.mark.thorough)])
def test_done_or_nothing_changed(run_netnsctl, place, command, backend):
    name, a, b = place
    first = words_of('wire', name, a, b)
    seen = set()
    for limit in LIMITS:
        if command in ('replace', 'unwire'):
            made = run_netnsctl(*(first + ['--backend', backend]))
            assert made.status == 0, (limit, made)
        before = without_counters(a, b)
        words = words_of(command, name, a, b) + (['--backend', backend] if command != 'unwire' else [])
        result = limited(run_netnsctl, limit, *words)
        after = without_counters(a, b)
        seen.add(result.status)
        if result.status in (0, 5):
            if command != 'unwire':
                assert 'whole' in run_netnsctl('ls').out, (limit, result)
                assert after != before, (limit, result)
        elif result.status == 6:
            # The next command puts it in order: it is said, and nothing is left half done.
            assert 'journal' in result.err, (limit, result)
            told = run_netnsctl('unwire', 'nosuch' + name)
            after = without_counters(a, b)
            assert after == before or command != 'replace', (limit, result, told)
        else:
            assert after == before, (limit, result)
        assert result.status >= 0, (limit, result)
        assert run_netnsctl('unwire', '--if-exists', name).status == 0, (limit, result)
        assert without_counters(a, b)[1] == ['lo'], (limit, result)
    assert 0 in seen and len(seen) > 1


def without_counters(*names):
    """What two namespaces hold, as far as it does not change by itself; and the names of their links."""
    import json
    state, links = [], set()
    for name, lines in sorted(content(*names).items()):
        for line in lines:
            item = json.loads(line)
            if 'ifname' in item:
                links.add(item['ifname'])
                state.append((name, item['ifname'], item.get('mtu'), sorted(
                    info['local'] for info in item['addr_info'] if info['scope'] == 'global')))
    return state, sorted(links)
