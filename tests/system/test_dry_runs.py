"""Dry runs of the commands that remove, save and fix: they tell what then happens, and change nothing."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.tree import net, save_lines, tree_of


@pytest.fixture
def wired(host):
    """A throwaway host with the namespaces a, b and c, and two wires that are saved."""
    save_lines(host)
    return host


def state(host):
    return host('ls', '--json').out, tree_of(host), net(host, 'a', 'b', 'c')


def test_dry_runs_of_unwire_save_and_forget_tell_what_then_happens(wired):
    for words, key in ((['config', 'forget', 'ov-1'], 'removed'), (['config', 'save', 'ov-1'], 'written'),
                       (['unwire', '--forget', 'ov-2'], 'removed_files')):
        before = state(wired)
        told = wired(*words + ['--dry-run', '--json'])
        plain = wired(*words + ['--dry-run'])
        assert told.status == plain.status == 0 and state(wired) == before, told
        assert len(plain.out.splitlines()) >= 2 and 'would ' in plain.out, plain
        done = wired(*words + ['--json'])
        assert done.status == 0 and json.loads(done.out) == json.loads(told.out), (told, done)
        assert len(json.loads(done.out)[key]) == 2
    gone = wired('unwire', '--dry-run', '--json', 'ov-2')
    assert gone.status == 3 and json.loads(gone.out)['unwired'] == [], gone
    assert json.loads(wired('unwire', '--dry-run', '--json', '--if-exists', 'ov-2').out)['unwired'] == []


def test_down_says_which_wires_go(wired):
    before = state(wired)
    told = json.loads(wired('down', '--dry-run', '--json').out)
    assert wired('down', '--dry-run').out.splitlines() == told['commands']
    assert json.loads(wired('down', '--dry-run', '--json', 'c').out)['commands'] == ['netnsctl unwire ov-2']
    assert state(wired) == before
    assert told['commands'] == ['netnsctl unwire ov-1', 'netnsctl unwire ov-2']
    assert json.loads(wired('down', '--json').out)['gone'] == ['ov-1', 'ov-2']


def test_the_doctor_says_which_steps_it_would_take_and_then_which_it_took(host):
    host.sh('mount --make-shared /run; mkdir -p /run/netns; touch /run/netns/stale')
    told = host('doctor', '--fix', 'netns-names', '--dry-run', '--json')
    steps = json.loads(told.out)['steps']
    assert told.status == 0 and [step['way'] for step in steps] == ['netns-names'], told
    plain = host('doctor', '--fix', 'netns-names', '--dry-run')
    assert plain.status == 0 and plain.out.startswith('--fix netns-names would '), plain
    host.sh('test -e /run/netns/stale')
    done = json.loads(host('doctor', '--fix', 'netns-names', '--yes', '--json').out)
    assert [one['says'] for one in done['fixed']] == [step['says'] for step in steps]
    assert done['fixed'][0]['did']
    host.sh('test ! -e /run/netns/stale')
    assert json.loads(host('doctor', '--fix', 'netns-names', '--dry-run', '--json').out)['steps'] == []
    assert 'Nothing to fix' in host('doctor', '--fix', 'netns-names', '--dry-run').out
    assert json.loads(host('doctor', '--fix', 'netns-names', '--yes', '--json').out)['fixed'] == []


def test_a_dry_run_of_the_doctor_needs_a_fix(run_netnsctl):
    done = run_netnsctl('doctor', '--dry-run')
    assert done.status == 2 and '--dry-run: it needs --fix' in done.err, done
