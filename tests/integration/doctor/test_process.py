"""The doctor as a process on the real kernel: with system calls refused, privileges taken, a /run/netns of its own."""
from __future__ import absolute_import, division, print_function

import json
import os
import time

import pytest

from support import process
from support.program import NOBODY
from support.refusal import refused


def commands_of(finding):
    return finding['remediation']['commands']


def test_this_host_is_fit_and_every_check_reports(doctor, run_netnsctl):
    status, findings = doctor()
    assert status == 0
    listed = json.loads(run_netnsctl('doctor', '--list-checks', '--json').out)['checks']
    assert sorted(findings) == sorted(item['check'] for item in listed)
    for name in ('privileges', 'netns', 'veth', 'backend'):
        assert findings[name]['status'] == 'ok', findings[name]
    assert not [finding for finding in findings.values() if 'the check itself' in finding['text']]


def test_the_doctor_changes_nothing(run_netnsctl, netns, snapshot, nothing_left):
    netns()
    before = snapshot()
    assert run_netnsctl('doctor').status == 0
    nothing_left(before)


def test_the_text_is_plain_where_it_is_no_terminal(run_netnsctl):
    result = run_netnsctl('doctor', '--all')
    assert (result.status, result.err) == (0, '') and '\x1b' not in result.out
    assert '  ok   netns  ' in result.out and ' checks: fit' in result.out.splitlines()[-1]


@pytest.mark.parametrize('locale,no_color,symbol,colour', [
    ('C.UTF-8', None, u'\u2713', True), ('C', None, None, True), ('C.UTF-8', '1', None, False),
])
def test_symbols_and_colour_only_on_a_terminal_that_can(run_netnsctl, locale, no_color, symbol, colour):
    words = ' '.join("'%s'" % word.replace("'", "'\\''") for word in run_netnsctl.argv('doctor', 'veth'))
    environ = run_netnsctl.environ(environ={'LC_ALL': locale, 'LANG': None, 'TERM': 'xterm', 'NO_COLOR': no_color})
    result = process.run(['script', '-qec', words, '/dev/null'], environ=environ)
    out = result.out if isinstance(result.out, type(u'')) else result.out.decode('utf-8')
    assert result.status == 0 and ('\x1b[32m' in out) == colour
    # In the C locale some Pythons encode in UTF-8 all the same; there it is words that must never be wrong.
    assert (symbol or u'ok') in out or locale == 'C'


def test_a_failure_ends_with_1_and_its_remedy(run_netnsctl):
    argv = refused('unshare', 'EINVAL') + run_netnsctl.argv('doctor', 'netns')
    result = process.run(argv, environ=run_netnsctl.environ())
    assert result.status == 1
    assert 'FAIL netns' in result.out and 'CONFIG_NET_NS' in result.out
    assert '1 check: not fit; 1 in the way: netns' in result.out


# Kernels that lack something

@pytest.mark.parametrize('call,error,words', [
    ('unshare', 'EINVAL', 'no network namespace can be created'),
    ('unshare', 'ENOSPC', 'no network namespace can be created'),
    ('unshare', 'EPERM', 'no network namespace can be created'),
    ('setns', 'ENOSYS', 'namespaces can be created, but not entered: no setns(2)'),
])
def test_a_kernel_that_refuses_a_call_is_unfit(doctor, call, error, words):
    status, findings = doctor('netns', before=refused(call, error))
    assert (status, findings['netns']['status']) == (1, 'fail')
    assert words in findings['netns']['text'] and findings['netns']['remediation']['prose']


def test_a_kernel_without_proc_self_ns_net_is_unfit(doctor):
    before = ['strace', '-f', '-o', '/dev/null', '-P', '/proc/self/ns/net', '-e', 'trace=open,openat',
              '-e', 'inject=open,openat:error=ENOENT']
    status, findings = doctor('netns', before=before)
    assert status == 1 and 'no /proc/PID/ns/net' in findings['netns']['text']


def test_a_probe_that_hangs_is_a_finding_and_the_others_go_on(doctor):
    before = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=unshare', '-e', 'inject=unshare:signal=STOP']
    status, findings = doctor('privileges', 'netns', 'ip', before=before)
    assert status == 1 and 'did not finish in time' in findings['netns']['text']
    assert findings['privileges']['status'] == 'ok' and 'ip' in findings


# Privileges that lack

@pytest.mark.parametrize('capability', ['sys_admin', 'net_admin'])
def test_root_without_a_capability_is_unfit(doctor, capability):
    status, findings = doctor('privileges', 'netns', 'veth', before=['setpriv', '--bounding-set', '-' + capability])
    assert status == 1
    assert findings['privileges']['text'] == 'root, but without CAP_%s' % capability.upper()
    assert findings['netns']['status'] != 'fail' and findings['veth']['status'] != 'fail'


def test_root_of_a_user_namespace_is_told_so(doctor):
    status, findings = doctor('privileges', before=['unshare', '-U', '-r'])
    assert status == 0 and 'inside a user namespace' in findings['privileges']['text']


def test_nobody_gets_every_finding_and_no_traceback(doctor, run_netnsctl):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    before = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups']
    status, findings = doctor(before=before)
    assert status == 1 and findings['privileges']['text'].startswith('not root: uid %d' % NOBODY)
    assert [name for name, finding in findings.items() if finding['status'] == 'fail'] == ['privileges']
    assert not [finding for finding in findings.values() if 'the check itself' in finding['text']]


# An ip like EL6's

def test_an_ip_like_el6s_is_an_advice_with_a_way_out_and_auto_takes_netlink(doctor, old_ip):
    status, findings = doctor('ip', 'backend', path=old_ip)
    assert status == 0 and findings['ip']['status'] == 'warn'
    assert 'iproute2-ss091226, supports -batch, does not support netns -n -json' in findings['ip']['text']
    prose = findings['ip']['remediation']['prose']
    assert 'netlink backend' in prose and 'the shim' in prose
    assert commands_of(findings['ip']) == ['netnsctl shim enable']
    assert 'auto chooses netlink' in findings['backend']['text']


# /run/netns

def test_names_of_real_namespaces_are_quiet(doctor, private_names):
    process.must(private_names + ['ip', 'netns', 'add', 'one'])
    status, findings = doctor('netns-dir', 'netns-names', before=private_names)
    assert status == 0
    assert (findings['netns-names']['status'], findings['netns-names']['text']) == ('ok', '1 name, each of a namespace')
    assert findings['netns-dir']['status'] == 'ok'


def test_stale_names_are_named_and_the_pasted_commands_mend_it(doctor, private_names):
    process.must(private_names + ['ip', 'netns', 'add', 'well'])
    process.must(private_names + ['sh', '-c', 'mount --make-shared /run/netns && cd /run/netns '
                                              '&& : >file && mkdir folder '
                                              '&& : >\'a b$(id)\' && : >"$(printf \'esc\\033[1m\\nx\')" '
                                              '&& : >mounted && : >/run/empty && mount --bind /run/empty mounted '
                                              '&& ln -s well alias'])
    _, findings = doctor('netns-names', before=private_names)
    finding = findings['netns-names']
    assert finding['status'] == 'warn' and finding['text'].startswith('5 of 7 names lead to no namespace')
    for command in commands_of(finding):
        process.must(private_names + ['bash', '-c', command])
    _, findings = doctor('netns-names', before=private_names)
    assert findings['netns-names']['text'] == '2 names, each of a namespace'
    assert os.path.exists('/run/empty')


def test_nobody_is_not_told_that_names_of_others_are_stale(doctor, run_netnsctl, private_names):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    process.must(private_names + ['ln', '-s', '/proc/1/ns/net', '/run/netns/init'])
    nobody = ['setpriv', '--reuid=%d' % NOBODY, '--regid=%d' % NOBODY, '--clear-groups']
    finding = doctor('netns-names', before=private_names + nobody)[1]['netns-names']
    assert (finding['status'], finding['text']) == ('warn', '1 of 1 names cannot be examined without root')
    assert commands_of(finding) == ['sudo netnsctl doctor netns-names']


# Runtimes

def test_docker_is_found_and_its_version_told(doctor, docker):
    docker.run()
    _, findings = doctor('docker')
    assert findings['docker']['status'] == 'ok' and findings['docker']['text'].endswith(' answers')


def test_a_docker_that_is_not_there_is_an_advice(doctor, docker):
    # The daemon is asked for at a place where none listens.
    assert docker
    status, findings = doctor('docker', environ={'DOCKER_HOST': 'unix:///run/nowhere.sock'})
    assert status == 0 and findings['docker']['status'] == 'warn'


# It changes nothing

LOOK = """exec 2>&1
find /etc /run /usr/local/sbin /mnt -xdev -printf '%p %y %m %s %T@ %l\\n' | sort
cat /proc/self/mountinfo /proc/modules | sort
sysctl -a --pattern '^net' | grep -v -e age -e cache -e random -e conntrack_count | sort
for ns in '' $(ip netns list | cut -d' ' -f1); do
    for what in address route rule; do ${ns:+ip netns exec $ns} ip -j $what || :; done
    ${ns:+ip netns exec $ns} nft list ruleset || :
done
"""


@pytest.mark.parametrize('used', [False, True])
def test_nothing_of_a_host_is_changed_by_any_check(world, used, old_ip):
    if used:
        world.sh('ip netns add a; ip netns add b; ln -s /nowhere /run/netns/stale; mkdir /run/NetworkManager '
                 '/run/systemd /run/systemd/netif')
        world.netnsctl('wire', '--name', 'w', 'a=10.1.1.1/24,gw=10.1.1.2', 'host:to-a=10.1.1.2/24')
        world.netnsctl('wire', 'a', 'b')
        world.sh('ip netns del b; iptables -P FORWARD DROP || :')
        # Addresses of IPv6 are tried for a moment.
        deadline = time.time() + 60
        while 'tentative' in world.sh('ip address; ip netns exec a ip address') and time.time() < deadline:
            time.sleep(0.1)
    before = world.sh(LOOK).splitlines()
    findings = process.run(world.aside.argv('doctor'), environ=world.aside.environ(path=old_ip))
    assert findings.status == 0 and ('lost' in findings.out) == used, findings
    assert sorted(set(before) ^ set(world.sh(LOOK).splitlines())) == []
