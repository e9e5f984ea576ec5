"""What tasks say of hosts whose netnsctl is not there, is another, or dies; and of what users are not allowed."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from support import ansible_runs, process
from support.inside import links

ENDS = {'ends': ['a:x', 'b:x']}


@pytest.fixture
def standing_in(tmp_path):
    """standing_in(text of a shell script) -> the path of a program."""
    def write(text):
        path = str(tmp_path / 'other')
        with open(path, 'w') as script:
            script.write('#!/bin/sh\n' + text)
        os.chmod(path, 0o755)
        return path
    return write


VERSION = 'case $1 in --version) echo netnsctl 1.0.0; exit;; esac\n'
CASES = [
    ('exit 127', 'is not installed on this host'),
    ('echo netnsctl 0.0.1', 'this host has netnsctl 0.0.1; the collection needs 1.0.0 or later'),
    ('echo something else', 'does not print the version of netnsctl: something else'),
    (VERSION + 'echo hello', 'printed what is not JSON: hello'),
    (VERSION, 'printed what is not JSON: nothing'),
    (VERSION + 'echo "{"', 'printed what is not JSON'),
    (VERSION + 'kill -9 $$', 'netnsctl: ended by signal 9'),
    (VERSION + 'echo "netnsctl: no: why" >&2; echo "  do that" >&2; exit 1', 'netnsctl: no: why\ndo that'),
    (VERSION + 'exit 255', 'exit status 2'),
]


@pytest.mark.parametrize('script, text', CASES)
def test_a_netnsctl_that_cannot_be_used_is_told(act, standing_in, script, text):
    wire, wires = act.many([('wire', dict(ENDS, executable=standing_in(script))),
                            ('wires', {'wires': ['a:x b:x'], 'executable': standing_in(script)})])
    for failed in (wire, wires):
        assert failed.how == 'failed' and text in failed['msg'] and not failed['changed'], failed


def test_without_netnsctl(act):
    for executable in ('/no/such/netnsctl', 'no-such-netnsctl'):
        failed = act('doctor', {'executable': executable})
        assert failed.how == 'failed' and executable + ' is not installed on this host' in failed['msg'], failed


def test_an_older_netnsctl_without_what_check_mode_needs(act, standing_in):
    old = standing_in(VERSION + 'echo \'{"version": 1, "commands": []}\'')
    failed = act('wire', dict(ENDS, executable=old), '--check')
    assert failed.how == 'failed' and 'too old: it does not say wires' in failed['msg'], failed


def test_what_could_not_be_undone_counts_as_a_change(act, standing_in):
    text = '{"version": 1, "error": "cannot undo x", "hint": null, "exit_code": 6}'
    failed = act('wire', dict(ENDS, executable=standing_in(VERSION + "echo '%s'; exit 6" % text)))
    assert failed.how == 'failed' and failed['rc'] == 6 and failed['changed'], failed
    assert failed['msg'] == 'netnsctl: cannot undo x' and 'could not be undone' in failed['meaning']


def test_standard_error_on_a_terminal_does_not_hide_the_document(act, standing_in):
    text = 'echo "netnsctl: a notice" >&2; printf \'{\\r\\n "version": 1, "wires": []\\r\\n}\\r\\n\'; echo more'
    done = act('wire', dict(ENDS, executable=standing_in('exec 2>&1\n' + VERSION + text)))
    assert done.how == 'ok' and done['notes'] == ['netnsctl: a notice', 'more'], done


def test_a_user_who_is_not_root_is_told_and_may_become_it(core, tmp_path, pair, run_netnsctl):
    a, b = pair
    os.chmod(str(tmp_path), stat.S_IRWXU | stat.S_IROTH | stat.S_IXOTH)
    tasks = [{'netnsctl.netnsctl.wire': {'ends': ['%s:x=10.1.1.1/32' % a, '%s:x=10.1.1.2/32' % b]},
              'become': True, 'become_method': 'su', 'become_user': user, 'ignore_errors': True}
             for user in ('nobody', 'root')]
    played = core.play([{'hosts': 'all', 'gather_facts': False, 'tasks': tasks, 'module_defaults': {
        'group/netnsctl.netnsctl.netnsctl': {'executable': ansible_runs.program(tmp_path)}}}],
        environ={'ANSIBLE_BECOME_FLAGS': '-s /bin/sh'})
    refused, made = played.tasks
    assert refused.how == 'failed' and not refused['changed'], refused
    assert made.how == 'ok' and made['changed'] and 'x' in links(a), made
    run_netnsctl('unwire', '%s:x-%s:x' % (a, b))


def test_the_environment_of_a_task_reaches_netnsctl(act, standing_in):
    script = standing_in(VERSION + 'printf \'{"version": 1, "error": "%s", "hint": null, "exit_code": 1}\' '
                                   '"$NETNSCTL_PATH"; exit 1')
    told = act('wire', dict(ENDS, executable=script), keywords={'environment': {'NETNSCTL_PATH': "/it's here:/x"}})
    assert told['msg'] == "netnsctl: /it's here:/x", told


def test_an_unreachable_host_is_unreachable_and_the_others_are_done(core, tmp_path, pair, run_netnsctl):
    a, b = pair
    inventory = (u'here ansible_connection=local\n'
                 u'gone ansible_host=127.0.0.1 ansible_port=9 ansible_connection=ssh\n')
    played = core.play([{'hosts': 'all', 'gather_facts': False, 'tasks': [{'netnsctl.netnsctl.wire': {
        'ends': [a + ':x', b + ':x'], 'executable': ansible_runs.program(tmp_path)}}]}], inventory=inventory)
    found = dict((task.host, task) for task in played.tasks)
    assert found['gone'].how == 'unreachable' and found['here']['changed'], played
    run_netnsctl('unwire', '%s:x-%s:x' % (a, b))


def test_arguments_for_a_check_in_the_background_are_refused(act):
    failed = act('wire', ENDS, keywords={'async': 10, 'poll': 1})
    assert failed.how == 'failed' and 'async' in failed['msg'], failed


def test_the_same_is_true_over_a_shell_that_is_not_there(act, standing_in):
    assert process.run(['test', '-e', '/run/hit']).status == 1
    failed = act('wire', dict(ENDS, executable='/no/such; touch /run/hit'))
    assert failed.how == 'failed' and process.run(['test', '-e', '/run/hit']).status == 1, failed
