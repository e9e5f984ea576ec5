"""The doctor's registry, its guard over checks that go wrong, and what it prints."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import threading
import time

import pytest

from netnsctl.cli import doctor as doctor_cli
from netnsctl.edge.host import Host
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn
from support.doctor import USUAL_PATH, a_check


# The registry

def test_every_check_has_a_unique_name_and_says_what_it_holds():
    checks = doctor.checks()
    names = [item.name for item in checks]
    assert len(names) == len(set(names))
    assert all(item.summary.endswith('.') and item.seconds > 0 for item in checks)
    assert set(item.tier for item in checks) == set(['required', 'advisory'])
    assert max(len(name) for name in names) == doctor.WIDEST_NAME


def test_the_checks_of_a_group_stand_together():
    groups = [item.group for item in doctor.checks()]
    headings = [group for group, before in zip(groups, [None] + groups) if group != before]
    assert len(headings) == len(set(headings))


def test_names_select_checks_in_display_order():
    assert [item.name for item in doctor.select(['ip', 'privileges'])] == ['privileges', 'ip']


def test_the_findings_of_all_processes_come_in_display_order():
    assert [finding.check for finding in doctor.each(Host(), False)] == [item.name for item in doctor.checks()]


def test_what_a_process_that_is_killed_did_not_tell_is_found_out_by_this_one(monkeypatch):
    parent, run_check = os.getpid(), doctor.run_check

    def killed(item, host):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return run_check(item, host)
    monkeypatch.setattr(doctor, 'processors', lambda: 2)
    monkeypatch.setattr(doctor, 'run_check', killed)
    names = ['privileges', 'docker', 'python', 'state', 'cni']
    assert sorted(finding.check for finding in doctor.each(Host(), True, names)) == sorted(names)


def test_an_unknown_name_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError) as caught:
        doctor.run(Host(), ['ip', 'nix'])
    assert 'nix' in caught.value.message
    assert 'privileges' in caught.value.hint and 'netns-names' in caught.value.hint


def test_run_fills_in_whose_finding_it_is(tree):
    finding, = doctor.run(tree(), ['privileges'])
    assert (finding.check, finding.group) == ('privileges', 'privileges')
    assert (finding.tier, finding.status) == ('required', 'ok')


@pytest.mark.parametrize('required,status', [(True, 'fail'), (False, 'warn')])
def test_a_check_that_throws_becomes_a_finding_of_its_tier(required, status):
    def broken(_host):
        raise ValueError('of two\nlines')
    finding = doctor.run_check(a_check(broken, required), None)
    assert finding.status == status
    assert finding.text == 'the check itself failed: ValueError: of two lines'
    assert finding.evidence[0][1].startswith('test_registry.py:')


def test_a_declared_error_of_a_check_is_told_in_its_own_words():
    def broken(_host):
        raise NetnsctlError('open it: not there')
    found = doctor.run_check(a_check(broken), None)
    assert (found.text, found.remediation) == ('the check itself failed: open it: not there', None)


def test_the_hint_of_an_error_is_what_to_do_where_a_check_fails():
    def broken(host):
        raise NetnsctlError('open it: not there', hint='Make it.')
    assert doctor.run_check(a_check(broken), None).remediation.prose == 'Make it.'


def test_a_check_that_returns_no_finding_becomes_one():
    finding = doctor.run_check(a_check(lambda host: None), None)
    assert finding.status == 'fail' and 'it returned None' in finding.text


def test_an_advisory_check_never_fails():
    assert doctor.run_check(a_check(lambda host: fail('no'), required=False), None).status == 'warn'


def test_a_signal_goes_through_a_check():
    def ended(_host):
        raise Interrupted(signal.SIGTERM)
    with pytest.raises(Interrupted):
        doctor.run_check(a_check(ended), None)


@pytest.mark.parametrize('catcher', [(), Exception])
def test_a_check_over_its_time_limit_becomes_a_finding(catcher):
    def slow(_host):
        try:
            time.sleep(30)
        except catcher:
            return ok('caught it')
    finding = doctor.run_check(a_check(slow, seconds=0.1), None)
    assert finding.status == 'fail' and 'longer than 0.1 s' in finding.text


def test_a_helper_of_a_check_over_its_time_limit_is_ended(program):
    folder = program('sleeper', 'echo $$ >"$0.pid"; exec sleep 60')

    def slow(_host):
        Host(path=folder + ':' + USUAL_PATH).run([folder + '/sleeper'], seconds=50)
    doctor.run_check(a_check(slow, seconds=0.5), None)
    with open(folder + '/sleeper.pid') as source:
        pid = int(source.read())
    with pytest.raises(OSError):
        os.kill(pid, 0)


def test_an_alarm_of_somebody_else_goes_on_after_a_check():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 50)
        assert doctor.run_check(a_check(lambda host: ok('well'), seconds=10), None).status == 'ok'
        left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        assert 40 < left <= 50
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        deadline = time.time() + 60
        while not rung and time.time() < deadline:
            time.sleep(0.01)
        assert rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_check_runs_in_a_thread_too():
    findings = []
    thread = threading.Thread(target=lambda: findings.append(doctor.run_check(a_check(lambda host: ok('well')), None)))
    thread.start()
    thread.join(10)
    assert [finding.status for finding in findings] == ['ok']


def test_only_a_required_failure_makes_a_host_unfit():
    def finding(made, required):
        return doctor.run_check(a_check(lambda host: made, required), None)
    assert doctor.is_fit([finding(ok('a'), True), finding(warn('b'), True), finding(fail('c'), False)])
    assert not doctor.is_fit([finding(ok('a'), True), finding(fail('b'), True)])


def test_a_finding_as_data_has_every_field():
    made = warn('a\n b', [('seen', 7)], Remediation('Do it.', ['do it'])).about('wire', ['w', 'v', 'w'])
    finding = doctor.run_check(a_check(lambda host: made), None)
    data = json.loads(json.dumps(finding.as_data()))
    assert data.pop('seconds') >= 0
    assert data == {
        'check': 'probe', 'group': 'things', 'tier': 'required', 'status': 'warn', 'text': 'a b',
        'summary': 'It is well.', 'subjects': [{'what': 'wire', 'name': 'v'}, {'what': 'wire', 'name': 'w'}],
        'evidence': [{'what': 'seen', 'seen': '7'}], 'remediation': {'prose': 'Do it.', 'commands': ['do it']}}


# What is printed

def test_text_from_outside_is_escaped_and_commands_stay_on_one_line():
    made = warn('bad \x1b\x1b[31m name', [('a\x1b', 'b\nc')], Remediation('Do \x1b it. ' * 20, ['rm x']))
    finding = doctor.run_check(a_check(lambda host: made), None)
    lines = doctor_cli.render(finding, {'warn': 'warn'}, 5, True)
    assert not [line for line in lines if '\x1b' in line or '\n' in line]
    assert lines[-1] == '        rm x' and max(len(line) for line in lines) <= doctor_cli.WIDTH


def test_an_ok_finding_is_one_line_unless_it_is_asked_for():
    finding = doctor.run_check(a_check(lambda host: ok('well', [('seen', 'it')])), None)
    assert doctor_cli.render(finding, {'ok': 'ok  '}, 6, False) == ['  ok   probe   well']
    assert doctor_cli.render(finding, {'ok': 'ok  '}, 6, True)[1:] == ['      seen: it']


def test_the_listed_checks_have_their_tiers(run_netnsctl):
    result = run_netnsctl('doctor', '--list-checks')
    assert result.status == 0
    assert [line.split()[:3] for line in result.out.splitlines()] == [
        [item.name, item.group, item.tier] for item in doctor.checks()]


def test_an_unknown_check_ends_with_2(run_netnsctl):
    result = run_netnsctl('doctor', 'nix')
    assert (result.status, result.out) == (2, '') and 'netns-names' in result.err
