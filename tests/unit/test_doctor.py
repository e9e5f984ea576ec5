"""The doctor's registry, and each check on a host made of files and stand-ins: its finding, and its silence."""
from __future__ import absolute_import, division, print_function

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from netnsctl.cli import doctor as doctor_cli
from netnsctl.edge.host import Host
from netnsctl.edge.runtimes import by_scheme
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.execution.state import State
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor import checks_iproute, checks_kernel, checks_netnsdir, checks_runtimes
from netnsctl.usecases.doctor.checks_backend import check_backend
from netnsctl.usecases.doctor.checks_kernel import Seen
from netnsctl.usecases.doctor.checks_privileges import check_privileges
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn

STANDINS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'standins')
USUAL_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
ROOT_STATUS = 'Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n'
NOBODY_STATUS = 'Name:\tx\nUid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\n'
EL6_4 = '2.6.32-358.23.2.el6.x86_64\n'
WORKS, ABSENT, UNKNOWN_CALL, DENIED = Seen(0), Seen(errno.ENOENT), Seen(errno.ENOSYS), Seen(errno.EPERM)


@pytest.fixture
def tree(tmpdir):
    """tree({path: text}) -> a Host whose files are these, as root unless they say otherwise."""
    def make(files=()):
        files = dict(files)
        files.setdefault('proc/self/status', ROOT_STATUS)
        for path, text in files.items():
            tmpdir.join(path).write(text, ensure=True)
        return Host(root=str(tmpdir))
    return make


@pytest.fixture
def program(tmpdir):
    """program(name, script) -> the folder that it is in, for Host(path=...)."""
    def make(name, script, folder='bin'):
        path = tmpdir.join(folder, name)
        path.write('#!/bin/sh\n' + script + '\n', ensure=True)
        path.chmod(0o755)
        return str(tmpdir.join(folder))
    return make


def a_check(function, required=True, seconds=5.0):
    tier = 'required' if required else 'advisory'
    return doctor.Check('probe', 'things', tier, seconds, function, 'It is well.')


# The registry

def test_every_check_has_a_unique_name_and_says_what_it_holds():
    checks = doctor.checks()
    names = [item.name for item in checks]
    assert len(names) == len(set(names))
    assert all(item.summary.endswith('.') and item.seconds > 0 for item in checks)
    assert set(item.tier for item in checks) == set(['required', 'advisory'])


def test_the_checks_of_a_group_stand_together():
    groups = [item.group for item in doctor.checks()]
    headings = [group for group, before in zip(groups, [None] + groups) if group != before]
    assert len(headings) == len(set(headings))


def test_names_select_checks_in_display_order():
    assert [item.name for item in doctor.select(['ip', 'privileges'])] == ['privileges', 'ip']


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
    assert finding.evidence[0][1].startswith('test_doctor.py:')


def test_a_declared_error_of_a_check_is_told_in_its_own_words():
    def broken(_host):
        raise NetnsctlError('open it: not there')
    assert doctor.run_check(a_check(broken), None).text == 'the check itself failed: open it: not there'


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
    started = time.time()
    finding = doctor.run_check(a_check(slow, seconds=0.1), None)
    assert time.time() - started < 5
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
        deadline = time.time() + 5
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
    made = warn('a\n b', [('seen', 7)], Remediation('Do it.', ['do it']))
    finding = doctor.run_check(a_check(lambda host: made), None)
    assert json.loads(json.dumps(finding.as_data())) == {
        'check': 'probe', 'group': 'things', 'tier': 'required', 'status': 'warn', 'text': 'a b',
        'evidence': [{'what': 'seen', 'seen': '7'}], 'remediation': {'prose': 'Do it.', 'commands': ['do it']}}


# privileges

def test_root_with_both_capabilities_is_fit(tree):
    finding = check_privileges(tree({'proc/self/uid_map': '         0          0 4294967295\n'}))
    assert (finding.status, finding.remediation) == ('ok', None)


def test_a_kernel_without_uid_maps_has_no_user_namespace(tree):
    assert check_privileges(tree()).status == 'ok'


@pytest.mark.parametrize('files,words', [
    ({'proc/self/status': NOBODY_STATUS}, 'not root: uid 65534, without CAP_SYS_ADMIN and CAP_NET_ADMIN'),
    ({'proc/self/status': NOBODY_STATUS.replace('0000000000000000', '0000000000201000')}, 'not root: uid 65534'),
    ({'proc/self/status': ROOT_STATUS.replace('1ffffffffff', '1ffffffefff')}, 'root, but without CAP_NET_ADMIN'),
    ({'proc/self/status': ROOT_STATUS.replace('1ffffffffff', '1ffffdfffff')}, 'root, but without CAP_SYS_ADMIN'),
    ({'proc/self/uid_map': '0 1000 1\n'},
     'root only inside a user namespace: what is the host\'s cannot be changed from here'),
    ({'proc/self/status': ''}, '/proc/self/status cannot be read'),
])
def test_what_is_missing_of_the_privileges_is_named(tree, files, words):
    finding = check_privileges(tree(files))
    assert (finding.status, finding.text) == ('fail', words)
    assert finding.remediation.prose


# netns: what the throwaway child met, explained

def judge(host, unshare=WORKS, entry=WORKS, setns=WORKS):
    seen = {'unshare': unshare}
    if not unshare.errno:
        seen.update({'open': entry, 'setns': setns})
    return checks_kernel.judge_namespaces(host, seen)


def test_a_kernel_whose_namespaces_can_be_entered_is_fit_whatever_its_release(tree):
    # RDO's own kernel for 6.4 has setns though its number is below 384.
    finding = judge(tree({'proc/sys/kernel/osrelease': '2.6.32-358.123.2.openstack.el6.x86_64\n'}))
    assert finding.status == 'ok' and '358.123.2.openstack' in finding.text


def test_an_el6_kernel_without_setns_is_told_which_kernel_mends_it(tree):
    finding = judge(tree({'proc/sys/kernel/osrelease': EL6_4}), entry=ABSENT, setns=UNKNOWN_CALL)
    assert finding.status == 'fail'
    assert 'no /proc/PID/ns/net and no setns(2)' in finding.text and '2.6.32-358.23.2.el6' in finding.text
    assert '2.6.32-431' in finding.remediation.prose
    assert finding.remediation.commands == ['yum install kernel', 'reboot']


def test_another_old_kernel_is_told_the_release_that_has_setns(tree):
    finding = judge(tree({'proc/sys/kernel/osrelease': '2.6.38-8-generic\n'}), entry=ABSENT, setns=UNKNOWN_CALL)
    assert finding.status == 'fail' and 'Linux 3.0' in finding.remediation.prose and not finding.remediation.commands


def test_a_missing_proc_is_not_blamed_on_the_kernel(tmpdir):
    finding = judge(Host(root=str(tmpdir)), entry=ABSENT)
    assert finding.status == 'fail' and finding.remediation.commands == ['mount -t proc proc /proc']


@pytest.mark.parametrize('number,words', [
    (errno.EINVAL, 'CONFIG_NET_NS'), (errno.ENOSPC, 'limit'), (errno.EPERM, 'seccomp'),
])
def test_root_is_told_why_no_namespace_can_be_made(tree, number, words):
    finding = judge(tree(), unshare=Seen(number))
    assert finding.status == 'fail' and words in finding.remediation.prose and errno.errorcode[number] in finding.text


def test_the_limit_of_namespaces_is_shown_and_raised(tree):
    finding = judge(tree({'proc/sys/user/max_net_namespaces': '3000\n'}), unshare=Seen(errno.ENOSPC))
    assert ('user.max_net_namespaces', '3000') in finding.evidence
    assert finding.remediation.commands == ['sysctl -w user.max_net_namespaces=6000']


@pytest.mark.parametrize('met', [{'unshare': DENIED}, {'setns': DENIED}])
def test_without_root_what_is_denied_was_only_not_looked_at(tree, met):
    finding = judge(tree({'proc/self/status': NOBODY_STATUS}), **met)
    assert finding.status == 'warn' and 'could not be looked at without root' in finding.text


def test_a_throwaway_child_that_throws_says_with_what():
    def broken(_report):
        raise KeyError('lost')
    with pytest.raises(NetnsctlError) as caught:
        checks_kernel.in_throwaway(broken)
    assert 'lost' in caught.value.message or 'unshare' in caught.value.message


def test_a_throwaway_child_that_hangs_is_ended():
    started = time.time()
    try:
        checks_kernel.in_throwaway(lambda report: time.sleep(60), seconds=0.2)
    except NetnsctlError as error:
        assert 'not done in time' in error.message
    assert time.time() - started < 10
    with pytest.raises(OSError) as caught:
        os.waitpid(-1, os.WNOHANG)
    assert caught.value.errno == errno.ECHILD


# veth

def judge_veth(host, **seen):
    return checks_kernel.judge_link(host, 'veth', seen)


def test_a_veth_that_can_be_made_is_quiet(tree):
    assert judge_veth(tree(), unshare=WORKS, link=WORKS).status == 'ok'


@pytest.mark.parametrize('files,commands', [
    ({'lib/modules/6.1.0/modules.dep': '', 'proc/sys/kernel/osrelease': '6.1.0\n'}, ['modprobe veth']),
    ({'lib/modules/6.2.0/modules.dep': '', 'proc/sys/kernel/osrelease': '6.1.0\n'}, ['reboot']),
    ({'proc/sys/kernel/osrelease': '6.1.0\n'}, []),
])
def test_a_missing_module_is_named_with_the_way_to_load_it(tree, files, commands):
    finding = judge_veth(tree(files), unshare=WORKS, link=Seen(errno.EOPNOTSUPP, 'Unknown device type'))
    assert (finding.status, finding.remediation.commands) == ('fail', commands)
    assert 'EOPNOTSUPP' in finding.text and 'module veth' in finding.remediation.prose


def test_a_veth_that_could_not_be_tried_points_to_the_check_of_namespaces(tree):
    finding = judge_veth(tree(), unshare=Seen(errno.EINVAL))
    assert finding.status == 'fail' and finding.remediation.commands == ['netnsctl doctor netns']


@pytest.mark.parametrize('seen', [{'unshare': DENIED}, {'unshare': WORKS, 'link': DENIED}])
def test_without_privileges_a_veth_was_only_not_looked_at(tree, seen):
    assert judge_veth(tree({'proc/self/status': NOBODY_STATUS}), **seen).status == 'warn'


# ip, backend

def test_an_ip_that_knows_netns_is_quiet(program):
    folder = program('ip', 'case "$*" in\n'
                           '-V) echo "ip utility, iproute2-5.10.0, libbpf 0.3" ;;\n'
                           '"-n . link") echo Invalid name >&2; exit 1 ;;\n'
                           'esac')
    host = Host(path=folder)
    finding = checks_iproute.check_ip(host)
    assert finding.status == 'ok' and 'iproute2-5.10.0, knows netns, knows -n' in finding.text
    assert doctor.run(host, ['backend'])[0].text == 'auto takes iproute: %s/ip knows netns' % folder


def test_an_ip_with_netns_but_no_dash_n_is_quiet():
    folder = os.path.join(STANDINS, 'ip-rdo')
    finding = checks_iproute.check_ip(Host(path='%s:%s' % (folder, USUAL_PATH)))
    assert finding.status == 'ok' and finding.text.endswith('does not know -n')


def test_an_ip_like_el6s_is_an_advice_that_names_both_ways_out(program):
    folder = program('ip', '[ "$*" = -V ] && echo "ip utility, iproute2-ss091226" && exit\n'
                           'echo \'Object "netns" is unknown, try "ip help".\' >&2; exit 255')
    host = Host(path=folder)
    finding = checks_iproute.check_ip(host)
    assert finding.status == 'warn' and 'iproute2-ss091226, does not know netns' in finding.text
    prose = finding.remediation.prose
    assert 'netlink backend' in prose and 'iproute-2.6.32-130.el6ost.netns.2' in prose
    backend = check_backend(host)
    assert backend.status == 'ok' and 'auto takes netlink' in backend.text and 'has no netns' in backend.text


def test_a_better_ip_further_down_the_path_is_pointed_out(program):
    old = program('ip', 'exit 255', 'old')
    new = program('ip', 'exit 0', 'new')
    finding = checks_iproute.check_ip(Host(path='%s:%s' % (old, new)))
    assert finding.status == 'warn' and '%s/ip, further down the PATH' % new in finding.remediation.prose
    assert [what for what, _ in finding.evidence] == [old + '/ip', new + '/ip']


def test_one_ip_under_two_names_is_one(program, tmpdir):
    folder = program('ip', 'exit 0')
    os.symlink(folder, str(tmpdir.join('again')))
    finding = checks_iproute.check_ip(Host(path='%s:%s/again' % (folder, tmpdir)))
    assert len(finding.evidence) == 1 and '(also %s/again/ip)' % tmpdir in finding.evidence[0][1]


def test_no_ip_at_all_is_an_advice(program):
    host = Host(path=program('yum', 'exit 0'))
    finding = checks_iproute.check_ip(host)
    assert finding.status == 'warn' and finding.remediation.commands == ['yum install iproute']
    assert check_backend(host).text == 'auto takes netlink: there is no ip'


def test_an_ip_that_does_not_answer_is_an_advice(program, monkeypatch):
    monkeypatch.setattr('netnsctl.edge.ip_program.PROBE_SECONDS', 0.2)
    finding = checks_iproute.check_ip(Host(path=program('ip', 'exec /bin/sleep 60')))
    assert finding.status == 'warn' and 'does not work' in finding.text and 'no answer within' in finding.evidence[0][1]


def test_an_ip_that_is_no_program_is_an_advice(program, tmpdir):
    folder = program('ip', '')
    tmpdir.join('bin', 'ip').write('\x7fELFnot')
    finding = checks_iproute.check_ip(Host(path=folder))
    assert finding.status == 'warn' and 'netlink backend' in finding.remediation.prose


@pytest.mark.parametrize('has_netns,status,words', [
    (True, 'warn', 'netlink cannot be used'), (False, 'fail', 'no backend works'),
])
def test_a_missing_pyroute2_is_in_the_way_only_where_netlink_is_needed(program, has_netns, status, words):
    folder = program('ip', 'exit %d' % (0 if has_netns else 255))
    # A process of its own: what Python has imported once stays.
    text = ('import sys\n'
            'class Refuse(object):\n'
            '    def find_spec(self, name, path=None, target=None):\n'
            '        if name.split(".")[0] == "pyroute2":\n'
            '            raise ImportError("No module named pyroute2")\n'
            '    def find_module(self, name, path=None):\n'
            '        return self.find_spec(name)\n'
            'sys.meta_path.insert(0, Refuse())\n'
            'from netnsctl.edge.host import Host\n'
            'from netnsctl.usecases import doctor\n'
            'finding, = doctor.run(Host(path=%r), ["backend"])\n'
            'print(finding.status + ": " + finding.text)\n' % folder)
    process = subprocess.Popen([sys.executable, '-c', text], stdout=subprocess.PIPE,
                               env=dict(os.environ, PYTHONPATH=':'.join(path for path in sys.path if path)))
    out = process.communicate()[0].decode()
    assert out.startswith(status + ': ') and words in out


# /var/run/netns

BIND, SHARE = 'mount --rbind /var/run/netns /var/run/netns', 'mount --make-rshared /var/run/netns'
MOUNT = '%d 1 0:1 / %s rw,relatime %s- tmpfs tmpfs rw\n'


def mountinfo(*mounts):
    return ''.join(MOUNT % (number, point, 'shared:1 ' if shared else '')
                   for number, (point, shared) in enumerate(mounts))


@pytest.mark.parametrize('mounts', [
    [('/', False), ('/var/run/netns', True)], [('/', True)], [('/', False), ('/var/run', True)],
    [('/var/run/netns', False), ('/var/run/netns', True)],
    [('/', True), ('/var/run/net', False)],
])
def test_names_on_a_shared_mount_are_quiet(tree, mounts):
    host = tree({'var/run/netns/a': '', 'proc/self/mountinfo': mountinfo(*mounts)})
    assert checks_netnsdir.check_netns_dir(host).status == 'ok'


@pytest.mark.parametrize('mounts,commands', [
    ([('/', False)], [BIND, SHARE]),
    ([('/', True), ('/var/run/netns', False)], [SHARE]),
    ([('/', True), ('/var/run', False)], [BIND, SHARE]),
])
def test_names_that_are_not_shared_are_an_advice(tree, mounts, commands):
    finding = checks_netnsdir.check_netns_dir(tree({'var/run/netns/a': '', 'proc/self/mountinfo': mountinfo(*mounts)}))
    assert (finding.status, finding.remediation.commands) == ('warn', commands)


def test_no_folder_of_names_or_an_empty_one_is_quiet(tree, tmpdir):
    host = tree({'proc/self/mountinfo': mountinfo(('/', False))})
    assert 'not there yet' in checks_netnsdir.check_netns_dir(host).text
    assert checks_netnsdir.check_netns_names(host).text == 'no names'
    tmpdir.join('var/run/netns').ensure(dir=True)
    finding = checks_netnsdir.check_netns_dir(host)
    assert finding.status == 'ok' and 'empty' in finding.text


def test_a_file_in_the_place_of_the_folder_is_an_advice(tree):
    finding = checks_netnsdir.check_netns_dir(tree({'var/run/netns': ''}))
    assert finding.status == 'warn' and 'no folder' in finding.text


def test_mounts_that_cannot_be_read_are_said_to_be_so(tree, tmpdir):
    tmpdir.join('var/run/netns').ensure(dir=True)
    finding = checks_netnsdir.check_netns_dir(tree())
    assert finding.status == 'warn' and 'could not be looked at' in finding.text


def a_dead_pid():
    process = subprocess.Popen(['/bin/true'])
    process.wait()
    return process.pid


def test_stale_names_are_told_with_what_they_are(tree, tmpdir):
    host = tree({'var/run/netns/file': 'x'})
    folder = tmpdir.join('var/run/netns')
    folder.join('folder').ensure(dir=True)
    pid = a_dead_pid()
    os.symlink('/proc/%d/ns/net' % pid, str(folder.join('dead')))
    os.symlink('/nowhere', str(folder.join('dangling')))
    os.symlink('/etc/passwd', str(folder.join('passwd')))
    os.mkfifo(str(folder.join('fifo')))
    os.symlink('/proc/self/ns/net', str(folder.join('well')))
    finding = checks_netnsdir.check_netns_names(host)
    assert finding.status == 'warn' and finding.text.startswith('6 of 7 names lead to no namespace')
    seen = dict(finding.evidence)
    assert seen['dead'] == 'a symlink to process %d, which is gone' % pid
    assert seen['dangling'] == 'a symlink to /nowhere, which is gone'
    assert seen['passwd'] == 'a symlink to a file that is no namespace'
    assert seen['file'] == 'a file, not a namespace' and seen['folder'] == 'a folder, not a namespace'
    assert 'fifo' in seen and 'well' not in seen
    assert finding.remediation.commands == [
        'rm /var/run/netns/dangling', 'rm /var/run/netns/dead', 'rm /var/run/netns/fifo', 'rm /var/run/netns/file',
        'rmdir /var/run/netns/folder', 'rm /var/run/netns/passwd']


def test_names_that_lead_to_namespaces_are_quiet(tree, tmpdir):
    host = tree()
    tmpdir.join('var/run/netns').ensure(dir=True)
    for name in 'ab':
        os.symlink('/proc/self/ns/net', str(tmpdir.join('var/run/netns', name)))
    finding = checks_netnsdir.check_netns_names(host)
    assert (finding.status, finding.text) == ('ok', '2 names, each of a namespace')


@pytest.mark.skipif(os.geteuid() == 0, reason='root may look at everything')
def test_without_root_names_of_others_are_not_called_stale(tree, tmpdir):
    host = tree()
    tmpdir.join('var/run/netns').ensure(dir=True)
    os.symlink('/proc/1/ns/net', str(tmpdir.join('var/run/netns', 'init')))
    assert 'could not be looked at without root' in checks_netnsdir.check_netns_names(host).text


def test_a_name_that_becomes_a_namespace_meanwhile_is_not_called_stale(tree, tmpdir, monkeypatch):
    host = tree({'var/run/netns/new': ''})
    path = str(tmpdir.join('var/run/netns/new'))

    def mount_it(_seconds):
        os.unlink(path)
        os.symlink('/proc/self/ns/net', path)
    monkeypatch.setattr(checks_netnsdir.time, 'sleep', mount_it)
    assert checks_netnsdir.check_netns_names(host).status == 'ok'


@pytest.mark.parametrize('name', ['plain', 'a b', "it's", '$(id)', '-rf', '*', '"`$x', 'new\nline', '\x1b[31m',
                                  'it\'s back\\slash\n'])
def test_a_quoted_name_comes_out_of_bash_as_it_was(name):
    word = checks_netnsdir.quote(name)
    assert '\n' not in word and '\x1b' not in word
    process = subprocess.Popen(['bash', '-c', 'printf %s ' + word], stdout=subprocess.PIPE)
    assert process.communicate()[0] == name.encode()


def test_a_quoted_name_that_is_no_utf8_comes_out_of_bash_as_it_was(tmpdir):
    raw = b'b\xff\xc3\xa9'
    open(os.path.join(str(tmpdir).encode(), raw), 'w').close()
    word = checks_netnsdir.quote(Host().listdir(str(tmpdir))[0])
    process = subprocess.Popen(['bash', '-c', 'printf %s ' + word], stdout=subprocess.PIPE)
    assert process.communicate()[0] == raw


# Runtimes

def test_a_runtime_that_is_not_installed_is_quiet(tree):
    finding = checks_runtimes.examine(tree(), by_scheme('podman'))
    assert (finding.status, finding.text) == ('ok', 'not installed')


@pytest.mark.parametrize('scheme,folder,version', [
    ('docker', 'docker-1.7.1', '1.7.1'), ('podman', 'podman-4.3.1', '4.3.1'), ('lxc', 'lxc-0.7.5', '0.7.5'),
    ('libvirt-lxc', 'libvirt-0.10.2', '0.10.2'), ('nspawn', 'systemd-219', '219'),
])
def test_a_runtime_that_answers_is_quiet_with_its_version(tmpdir, scheme, folder, version):
    place = str(tmpdir.join('bin'))
    shutil.copytree(os.path.join(STANDINS, 'runtimes', folder), place)
    open(os.path.join(place, 'containers'), 'w').close()
    # An engine that runs on this machine must not be asked.
    host = Host(path='%s:%s' % (place, USUAL_PATH), environ={'DOCKER_HOST': 'unix:///nowhere/docker.sock'})
    finding = checks_runtimes.examine(host, by_scheme(scheme))
    assert (finding.status, finding.text) == ('ok', '%s answers' % version)
    assert ('version', version) in finding.evidence


@pytest.mark.parametrize('systemd,command', [(True, 'systemctl start docker'), (False, 'service docker start')])
def test_a_runtime_that_does_not_answer_is_an_advice(tree, program, tmpdir, systemd, command):
    program('docker', 'echo Cannot connect to the Docker daemon >&2; exit 1', 'usr/bin')
    host = tree({'run/systemd/system/x': ''} if systemd else {})
    finding = checks_runtimes.examine(host, by_scheme('docker'))
    assert (finding.status, finding.text) == ('warn', 'installed, but does not answer')
    assert finding.remediation.commands == [command]


def test_without_root_a_runtime_may_just_not_answer_us(tree, program):
    program('podman', 'exit 125', 'usr/bin')
    finding = checks_runtimes.examine(tree({'proc/self/status': NOBODY_STATUS}), by_scheme('podman'))
    assert (finding.status, finding.text) == ('warn', 'installed, but does not answer without root')


def test_machinectl_without_systemd_is_quiet(tree, program):
    program('machinectl', 'echo Failed to connect to bus >&2; exit 1', 'usr/bin')
    assert checks_runtimes.examine(tree(), by_scheme('nspawn')).status == 'ok'
    assert checks_runtimes.examine(tree({'run/systemd/system/x': ''}), by_scheme('nspawn')).status == 'warn'


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


def state_with(tmpdir, *files):
    """A Host whose state folder has these files of wires."""
    tmpdir.ensure('run', 'netnsctl', 'wires', dir=True)
    for name in files:
        tmpdir.join('run', 'netnsctl', 'wires', name).write('{}')
    return Host(root=str(tmpdir))


def test_wires_that_stand_are_quiet(tmpdir):
    finding = doctor.run(state_with(tmpdir, 'a-b.json', 'c-d.json'), ['wires'])[0]
    assert (finding.status, finding.text) == ('ok', '2 recorded, none half done')
    assert doctor.run(Host(root=str(tmpdir.join('none'))), ['wires'])[0].status == 'ok'


def test_a_half_done_wire_is_named_and_a_command_that_rolls_it_back(tmpdir):
    finding = doctor.run(state_with(tmpdir, 'a-b.json', 'c-d.pending.json'), ['wires'])[0]
    assert (finding.status, finding.text) == ('warn', 'half done, by a run that was killed: c-d')
    assert finding.remediation.commands == ['netnsctl unwire c-d']


def test_a_wire_that_is_being_made_right_now_is_no_half_done_one(tmpdir):
    host = state_with(tmpdir, 'c-d.pending.json')
    with State(host).locked():
        finding = doctor.run(host, ['wires'])[0]
    assert finding.status == 'ok' and 'another netnsctl is at work on c-d' in finding.text


def test_an_unknown_check_ends_with_2(run_netnsctl):
    result = run_netnsctl('doctor', 'nix')
    assert (result.status, result.out) == (2, '') and 'netns-names' in result.err
