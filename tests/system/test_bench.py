"""The bench runs, on a host of its own, and says what it skips."""

from __future__ import absolute_import, division, print_function

import json
import os
import sys

import pytest

from support.process import run
from support.untouched import assert_untouched, own_state

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BENCH = [sys.executable, '-sE', os.path.join(TOP, 'bench', 'bench.py')]

pytestmark = pytest.mark.skipif(sys.version_info < (3, 6), reason='the bench itself is for Python 3.6 and newer')


@pytest.mark.thorough
def test_its_figures_stand_in_its_json_and_nothing_is_left(tmpdir):
    before = own_state()
    target = str(tmpdir.join('figures.json'))
    words = ['wires', 'containers', '--rounds', '1', '--sizes', '1,2', '--json', target]
    result = run(BENCH + words, timeout=600)
    assert result.status == 0, result
    with open(target) as source:
        found = json.load(source)
    assert found['machine']['kernel'] == os.uname()[2] and found['command'][1:] == words
    made = found['figures']['wires']['make']['2']
    for name in ('nine ip commands', 'ip -batch'):
        assert made[name]['seconds'] > 0, made
    assert len([name for name in made if name.startswith('netnsctl netlink, ')]) >= 1, made
    if not [name for name in found['skipped'] if name.startswith('CNI')]:
        assert [name for name in made if name.startswith('netnsctl as CNI plugin, ')], made
    for name in ('floor (C)', 'CNI ptp (one side)', 'CNI bridge'):
        assert (name in made) != (name in found['skipped']), (name, found['skipped'])
    assert found['figures']['containers'], found['skipped']
    assert [item['target'] for item in found['targets'] if item['met'] is not None], found['targets']
    assert_untouched(before)


@pytest.mark.parametrize(
    'words', [['nothing'], ['--sizes', '0'], ['--sizes', 'x'], ['--json', '/run/x'], ['--tree', '0']]
)
def test_what_it_does_not_know_is_a_usage_error(words):
    result = run(BENCH + words)
    assert result.status == 2 and 'Traceback' not in result.err, result
