"""What keeps netnsctl from wiring is in the way by the doctor too, and what it proposes mends it when it is pasted."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import shell_quote
from support import process


def finding_of(host, name, *words):
    """(exit code, the finding of one check)"""
    result = host('doctor', '--json', name, *words)
    return result.status, json.loads(result.out)['findings'][0]


def works(host):
    """Can a wire be made?"""
    host.sh('ip netns add a 2>/dev/null || true; ip netns add b 2>/dev/null || true')
    made = host('wire', 'a', 'b')
    return made.status == 0


@pytest.mark.parametrize('break_it,check', [
    ('echo x >/run/netns', 'netns-dir'),
    ('mkdir -p /run/netns; mount -t tmpfs -o ro,mode=755 none /run/netns', 'netns-dir'),
    ('mkdir -m 0777 /run/netns', 'netns-dir'),
    ('mkdir -m 0777 /run/netnsctl', 'state'),
    ('mkdir /run/netnsctl; chown 1000 /run/netnsctl', 'state'),
    ('echo x >/run/netnsctl', 'state'),
    ('ln -s /tmp /run/netnsctl', 'state'),
])
def test_what_is_in_the_way_of_every_wire_is_found_and_the_commands_mend_it(host, tmpdir, break_it, check):
    host.sh(break_it)
    assert not works(host)
    status, found = finding_of(host, check)
    assert (status, found['status'], found['tier']) == (1, 'fail', 'required'), found
    for command in found['remediation']['commands']:
        # What is asked on the terminal is answered here.
        command = command + ' --yes' if '--fix' in command else command
        paste(host, command, tmpdir)
    assert finding_of(host, check)[1]['status'] == 'ok'
    assert works(host)


def test_records_in_a_directory_that_others_can_write_to_stay_where_they_are(host, tmpdir):
    assert works(host)
    host.sh('chmod 0777 /run/netnsctl; chown 1000 /run/netnsctl')
    for command in finding_of(host, 'state')[1]['remediation']['commands']:
        paste(host, command, tmpdir)
    assert finding_of(host, 'state')[1]['status'] == 'ok'
    assert host('unwire', '--all').out.startswith('unwired ')
    assert host.sh('ip netns exec a ip -o link').count('\n') == 1


def test_names_need_no_space_but_inodes(host, tmpdir):
    host.sh('mount -t tmpfs -o size=64k,mode=755 none /run; mkdir /run/lock; cat /dev/zero >/run/full 2>&1 || true')
    assert finding_of(host, 'netns-dir')[0] == 0
    assert (finding_of(host, 'state')[0], 'No space left' in finding_of(host, 'state')[1]['text']) == (1, True)
    assert host('netns', 'add', 'a').status == 0
    host.sh('mount -t tmpfs -o nr_inodes=6,mode=755 none /run; mkdir /run/lock; touch /run/1 /run/2 /run/3 /run/4 2>&1 '
            '|| true')
    status, found = finding_of(host, 'netns-dir')
    assert (status, found['remediation']['commands']) == (1, []) and 'no inodes' in found['remediation']['prose'], found


@pytest.mark.parametrize('words', [('doctor', '--fix', 'netns-names', '--yes'), ('wire', 'a', 'b')])
def test_without_proc_that_is_what_is_missing(host, words):
    script = 'mount -t tmpfs none /proc; exec "$@"'
    result = process.run(host.prefix + ['unshare', '-m', 'sh', '-c', script, 'sh'] + host.program.argv(*words),
                         environ=host.environ())
    assert result.status == 1 and 'mount -t proc proc /proc' in result.err, result


def paste(host, command, tmpdir):
    """Runs a command as a person would, who has netnsctl on the PATH."""
    script = tmpdir.join('netnsctl')
    script.write('#!/bin/sh\nexec %s "$@"\n' % ' '.join(shell_quote(word) for word in host.program.argv()))
    script.chmod(0o755)
    environ = host.environ()
    environ['PATH'] = '%s:%s' % (tmpdir, environ['PATH'])
    result = process.run(host.prefix + ['sh', '-euc', command], environ=environ)
    assert result.status == 0, result


def test_a_read_only_run_is_in_the_way(host):
    host.sh('mount -o remount,ro /run')
    status, found = finding_of(host, 'state')
    assert (status, found['status']) == (1, 'fail') and 'Read-only file system' in found['text'], found
    assert 'findmnt' in found['remediation']['prose']
    host.sh('mount -o remount,rw /run')
    assert finding_of(host, 'state')[0] == 0 and 'netnsctl' not in host.sh('ls -A /run')


def test_many_stale_names_are_one_command_that_removes_them_all_and_nothing_else(host):
    host.sh('ip netns add well; for n in $(seq 1 400); do mkdir /run/netns/s$n; done')
    found = finding_of(host, 'netns-names')[1]
    assert found['remediation']['commands'] == ['netnsctl doctor --fix netns-names']
    result = host('doctor', '--fix', 'netns-names', '--yes')
    assert result.status == 0, result
    assert '- remove stale names from /var/run/netns: s1, ' in result.out
    assert 'cannot be undone' in result.out
    assert host.sh('ls /run/netns') == 'well\n'
    assert host.sh('ls /etc/netnsctl.conf 2>/dev/null || echo none') == 'none\n'
    assert 'Nothing to fix' in host('doctor', '--fix', 'netns-names', '--yes').out


@pytest.mark.parametrize('count', [1, 12])
def test_names_that_hold_something_are_to_be_looked_at_and_the_fix_leaves_them(host, count):
    host.sh('mount --make-shared /run; ip netns add well; cd /run/netns; mkdir d; : >d/e; mkfifo p; '
            'for n in $(seq %d); do echo mine >f$n; ln -s /run/nowhere s$n; done' % count)
    remedy = finding_of(host, 'netns-names')[1]['remediation']
    assert 'Look at d, f1, ' in remedy['prose'] and 'yourself' in remedy['prose'], remedy
    assert remedy['commands'] == (['rm /var/run/netns/s1'] if count == 1 else ['netnsctl doctor --fix netns-names'])
    fixed = host('doctor', '--fix', 'netns-names', '--yes')
    assert fixed.status == 0 and 's1' not in host.sh('ls /run/netns').split(), fixed
    found = finding_of(host, 'netns-names')[1]
    assert found['status'] == 'warn' and found['remediation']['commands'] == [], found
    assert found['remediation']['prose'].startswith('Look at d, f1, '), found
    assert len(host.sh('ls /run/netns').split()) == 3 + count
    plain = host('doctor', 'netns-names')
    assert 'Look at d, f1, ' in plain.out and 'rm' not in plain.out.split(), plain


def test_only_what_is_worth_a_look_is_shown_and_all_of_them_counted(host):
    host.sh('ip netns add well; mkdir /run/netns/gone')
    every = [item['check'] for item in json.loads(host('doctor', '--list-checks', '--json').out)['checks']]
    findings = json.loads(host('doctor', '--json').out)['findings']
    short, full = host('doctor'), host('doctor', '--all')
    shown = [line.split()[1] for line in short.out.splitlines() if line.startswith(('  warn', '  FAIL', '  ok'))]
    assert shown == [item['check'] for item in findings if item['status'] != 'ok'] and 'netns-names' in shown
    assert [line.split()[1] for line in full.out.splitlines()
            if line.startswith(('  warn', '  FAIL', '  ok'))] == every
    assert short.out.splitlines()[-1].startswith('%d checks: fit; %d worth a look: ' % (len(every), len(shown)))


def test_a_file_in_the_place_of_the_names_is_moved_and_nothing_is_mounted_over_it(host):
    host.sh('echo mine >/run/netns; echo older >/run/netns.old')
    result = host('doctor', '--fix', 'native', '--yes')
    assert 'move /var/run/netns, which is not a directory, to /var/run/netns.old1' in result.out, result
    assert 'undone by: mv -T /var/run/netns.old1 /var/run/netns' in result.out
    assert host.sh('cat /run/netns.old /run/netns.old1') == 'older\nmine\n'


def test_root_of_a_user_namespace_with_a_run_of_its_own_is_fit(run_netnsctl):
    argv = run_netnsctl.argv('doctor', '--json', 'privileges', 'netns', 'veth', 'state', 'netns-dir')
    script = 'mount -t tmpfs none /run; exec "$@"'
    if process.run(['unshare', '-Urmn', 'true']).status != 0:
        pytest.skip('no user namespaces here')
    result = process.run(['unshare', '-Urmn', 'sh', '-euc', script, 'sh'] + argv, environ=run_netnsctl.environ())
    document = json.loads(result.out)
    assert document['fit'] and result.status == 0, document
    assert [item['status'] for item in document['findings']] == ['warn', 'ok', 'ok', 'ok', 'ok'], document


@pytest.mark.parametrize('prepare', ['true', 'mkdir /run/netns'])
def test_root_of_a_user_namespace_without_mounts_of_its_own_cannot_name_a_namespace(host, prepare):
    if process.run(['unshare', '-Urn', 'true']).status != 0:
        pytest.skip('no user namespaces here')
    host.sh(prepare)

    def inside(*words):
        return process.run(host.prefix + ['unshare', '-Urn'] + host.program.argv(*words), environ=host.environ())
    found = inside('doctor', '--json', 'netns-dir')
    finding = json.loads(found.out)['findings'][0]
    assert (found.status, finding['status']) == (1, 'fail') and 'Operation not permitted' in finding['text'], finding
    assert host.sh('ls -A /run/netns 2>/dev/null || true') == ''
    added = inside('netns', 'add', 'x')
    assert added.status == 1 and 'Operation not permitted' in added.err, added
    # Just outside, nothing is in the way.
    assert finding_of(host, 'netns-dir')[1]['status'] == 'ok'


def test_a_run_that_is_read_only_has_no_place_for_names(host):
    host.sh('mount -o remount,ro /run')
    status, found = finding_of(host, 'netns-dir')
    assert (status, found['status']) == (1, 'fail') and 'cannot be created: Read-only' in found['text'], found


@pytest.mark.parametrize('text', [
    '{}', 'no JSON', '{"version": 99}', '[]', '{"version": 1, "name": "x"}',
    '{"version": 1, "name": "x", "ends": [{}, {}]}',
    '{"version": 1, "id": "1", "name": "x", "backend": "netlink", "made": 1, "plan": [], "undo": [], "replaces": null, '
    '"ends": [{"ns": "a"}, {"ns": "b"}], "netns": []}'])
def test_what_is_said_of_a_record_that_cannot_be_read_is_so(host, text):
    host.sh("ip netns add a; ip netns add b; mkdir -p -m 0700 /run/netnsctl/wires; printf '%%s' '%s' "
            '>/run/netnsctl/wires/x.json' % text)
    found = finding_of(host, 'wires')[1]
    assert found['status'] == 'warn' and 'the record cannot be read: x' in found['text'], found
    assert 'other wires are not affected' in found['remediation']['prose']
    assert host('wire', 'a', 'b').status == 0 and host('unwire', 'a-b').status == 0
    for words in (('wire', '--name', 'x', 'a', 'b'), ('check', 'x'), ('unwire', 'x'), ('show', 'x'), ('check', '--all'),
                  ('config', 'save', 'x'), ('config', 'save', '--all'), ('unwire', '--all')):
        result = host(*words)
        assert result.status == 1 and 'x.json' in result.err and 'Traceback' not in result.err, result
    for command in found['remediation']['commands']:
        host.sh(command)
    assert finding_of(host, 'wires')[1]['status'] == 'ok'
    assert host('wire', '--name', 'x', 'a', 'b').status == 0
