"""Refusals at the last step, and helpers and engines that hang or talk nonsense: one line, and nothing is left."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import time

import pytest

from support import process
from support.engine import http
from support.inside import add_link, ip
from support.untouched import assert_untouched, own_state


# 5. the name is taken


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
@pytest.mark.parametrize('which', [0, 1])
def test_a_name_that_is_taken_is_status_4_and_the_old_link_stays(run_netnsctl, pair, backend, which):
    add_link(pair[which], 'B')
    ip(pair[which], 'addr', 'add', '10.3.3.3/24', 'dev', 'B')
    before = own_state()
    result = run_netnsctl('wire', '--backend', backend, pair[0] + ':B=10.1.1.1', pair[1] + ':B=10.1.1.2')
    assert result.status == 4 and pair[which] in result.err and 'named B' in result.err, result
    assert len(result.err.splitlines()) == 1
    assert_untouched(before)
    ip(pair[which], 'link', 'delete', 'B')
    assert run_netnsctl('wire', '--backend', backend, pair[0] + ':B=10.1.1.1', pair[1] + ':B=10.1.1.2').status == 0


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_route_that_is_taken_at_the_last_step_undoes_all(run_netnsctl, pair, backend):
    add_link(pair[1], 'x')
    ip(pair[1], 'route', 'add', '10.9.0.0/16', 'dev', 'x')
    before = own_state()
    for words in (
        (pair[0], pair[1] + '=10.1.1.2,route=10.9.0.0/16'),
        ('host', pair[1] + '=10.1.1.2,route=10.9.0.0/16'),
    ):
        result = run_netnsctl('wire', '--backend', backend, *words)
        assert result.status == 4 and '10.9.0.0/16' in result.err and 'dev x' in result.err, result
        assert_untouched(before)


# 7. IPv6 that is switched off


@pytest.mark.parametrize('scope', ['all', 'default'])
def test_ipv6_switched_off_names_the_sysctl(run_netnsctl, pair, scope):
    path = '/proc/sys/net/ipv6/conf/%s/disable_ipv6' % scope
    process.must(['ip', 'netns', 'exec', pair[1], 'sh', '-c', 'echo 1 >' + path])
    before = own_state()
    result = run_netnsctl('wire', pair[0] + ':A=fd00::1/64', pair[1] + ':B=fd00::2/64')
    assert result.status == 1 and 'net.ipv6.conf.%s.disable_ipv6' % scope in result.err and pair[1] in result.err, (
        result
    )
    assert_untouched(before)
    process.must(['ip', 'netns', 'exec', pair[1], 'sh', '-c', 'echo 0 >' + path])
    assert run_netnsctl('wire', pair[0] + ':A=fd00::1/64', pair[1] + ':B=fd00::2/64').status == 0


# 8. helpers that hang or talk nonsense


def stand_in(tmpdir, name, text):
    path = tmpdir.join(name)
    path.write('#!/bin/sh\n' + text)
    path.chmod(0o755)
    return str(tmpdir)


NO_UTF8 = "printf '\\033[31m\\377\\n' >&2; exit 1"


@pytest.mark.parametrize('text', ['exit 0', 'exit 1', 'echo nonsense; exit 0', 'kill -9 $$', NO_UTF8])
def test_an_ip_of_nonsense(run_netnsctl, pair, tmpdir, text):
    before = own_state()
    folder = stand_in(tmpdir, 'ip', text + '\n')
    for backend in ('iproute', 'auto'):
        result = run_netnsctl('wire', '--backend', backend, *pair, path=folder)
        assert 'Traceback' not in result.err and '\x1b' not in result.err, result
        assert result.status in (0, 1, 3), result
        if result.status == 0:
            assert '(netlink, checked)' in result.out
            assert run_netnsctl('unwire', *pair, path=folder).status == 0
        else:
            assert len(result.err.splitlines()) <= 2 and result.out == ''
        assert_untouched(before)


def test_an_ip_that_fails_or_stops_in_the_middle(run_netnsctl, pair, tmpdir):
    """It answers the probe as the real one, then fails at the second end, or does all and then says that it failed."""
    before = own_state()
    count = tmpdir.join('count')
    for text in (
        'case "$*" in *-batch*) echo x >>%s; [ $(wc -l <%s) -lt 2 ] || { echo Nonsense >&2; exit 2; } ;; esac\n'
        'exec /usr/sbin/ip "$@"\n' % (count, count),
        'case "$*" in *-batch*) /usr/sbin/ip "$@"; kill -9 $$ ;; esac\nexec /usr/sbin/ip "$@"\n',
        'case "$*" in *-batch*) /usr/sbin/ip "$@"; exit 1 ;; esac\nexec /usr/sbin/ip "$@"\n',
    ):
        if count.check():
            count.remove()
        result = run_netnsctl('wire', '--backend', 'iproute', *pair, path=stand_in(tmpdir, 'ip', text))
        assert result.status == 1 and result.out == '' and len(result.err.splitlines()) <= 2, result
        assert_untouched(before)
    assert run_netnsctl('wire', '--backend', 'iproute', *pair).status == 0


def wait_until_ended(pid, seconds=60):
    """A process that was sent SIGKILL takes a moment to be gone, or a zombie."""
    deadline = time.time() + seconds
    while True:
        try:
            with open('/proc/%s/stat' % pid) as about:
                if about.read().rpartition(')')[2].split()[0] == 'Z':
                    return
        except (IOError, OSError):
            return
        assert time.time() < deadline, pid
        time.sleep(0.02)


def test_an_ip_that_never_answers_is_given_up_and_ended(run_netnsctl, pair, tmpdir):
    before = own_state()
    started = time.time()
    pid = tmpdir.join('pid')
    folder = stand_in(tmpdir, 'ip', 'echo $$ >>%s\nsleep 1000 & echo $! >>%s\nwait\n' % (pid, pid))
    result = run_netnsctl('wire', '--backend', 'iproute', *pair, path=folder)
    assert result.status == 1 and 'no answer within' in result.err and time.time() - started < 500, result
    for number in pid.read().split():
        wait_until_ended(number)
    assert_untouched(before)


@pytest.mark.parametrize(
    'answer',
    [
        b'',
        b'nonsense',
        b'HTTP/1.0 200 OK\r\n\r\n',
        http('200 OK', ''),
        http('200 OK', '{'),
        http('200 OK', '[]'),
        http('200 OK', '{}'),
        http('200 OK', '{"Id": "%s", "Name": "/x", "State": {"Pid": -5}}' % ('a' * 64)),
        http('200 OK', '{"Id": "%s", "Name": "/x", "State": {"Pid": "1"}}' % ('a' * 64)),
        http('200 OK', '{"Id": 5, "Name": [], "State": null}'),
        http('200 OK', '[' * 100000),
        http('500 Oops', '{"message": "\\u001b[31mno"}'),
        http('404 Not Found', 'x'),
        b'HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n{}',
        b'\xff\xfe\0\0' * 1000,
    ],
)
def test_an_engine_of_nonsense(run_netnsctl, pair, engine, answer, tmpdir):
    before = own_state()
    server = engine(lambda request: answer)
    result = run_netnsctl('wire', 'docker://x', pair[0], environ=server.environ, only_path='/usr/sbin:/sbin')
    assert (
        result.status in (1, 3) and result.out == '' and 'Traceback' not in result.err and '\x1b' not in result.err
    ), result
    assert len(result.err.splitlines()) <= 2 and 'docker' in result.err
    # Names of namespaces work all the same.
    named = run_netnsctl('wire', *pair, environ=server.environ, only_path='/usr/sbin:/sbin')
    assert named.status == 0, named
    assert run_netnsctl('unwire', *pair).status == 0
    assert_untouched(before)


def test_an_engine_that_never_answers(run_netnsctl, pair, engine):
    before = own_state()
    server = engine(lambda request: None)
    result = run_netnsctl('wire', 'docker://x', pair[0], environ=server.environ)
    assert result.status == 1 and 'no answer within' in result.err, result
    assert run_netnsctl('wire', 'netns://' + pair[0], 'netns://' + pair[1], environ=server.environ).status == 0
    assert run_netnsctl('unwire', 'netns://' + pair[0], 'netns://' + pair[1]).status == 0
    assert_untouched(before)


def test_an_engine_that_lies_about_the_pid(run_netnsctl, pair, engine):
    """PID 1's namespace, or our own: the host's. Refused, whoever says it."""
    before = own_state()
    body = json.dumps({'Id': 'a' * 64, 'Name': '/x', 'State': {'Pid': os.getpid()}})
    server = engine(lambda request: http('200 OK', body))
    result = run_netnsctl('wire', 'docker://x', pair[0], environ=server.environ)
    assert result.status == 1 and 'is not in it' in result.err, result
    assert_untouched(before)


def test_a_container_that_is_another_at_the_second_look_is_refused(run_netnsctl, pair, engine):
    before = own_state()
    # A shim is called by the ID of its container; this one by those of both.
    script = 'ip netns exec %s sh -c "echo \\$\\$; exec sleep 60" & wait' % pair[0]
    holder = process.start(['sh', '-c', script, 'a' * 64, 'b' * 64])
    pid = int(holder.stdout.readline())
    try:
        bodies = [json.dumps({'Id': digit * 64, 'Name': '/x', 'State': {'Pid': pid}}) for digit in 'ab']
        server = engine(lambda request: http('200 OK', bodies[min(len(server.requests), 2) - 1]))
        result = run_netnsctl('wire', 'docker://x', pair[1], environ=server.environ)
        assert result.status == 3 and 'restarted' in result.err, result
    finally:
        os.kill(pid, signal.SIGKILL)
        process.finish(holder)
    assert_untouched(before)


# 20. no engine at all


def test_without_an_engine_names_and_pids_work_and_containers_are_not_found(run_netnsctl, pair, tmpdir):
    environ = {'DOCKER_HOST': 'unix://%s' % tmpdir.join('none')}
    holder = process.start(['ip', 'netns', 'exec', pair[1], 'sh', '-c', 'echo in; cat'])
    try:
        holder.stdout.readline()
        assert run_netnsctl('wire', pair[0], '%d' % holder.pid, environ=environ).status == 0
        assert run_netnsctl('unwire', pair[0], '%d' % holder.pid).status == 0
    finally:
        process.finish(holder)
    result = run_netnsctl('wire', pair[0], 'nt-web', environ=environ)
    assert result.status == 3 and 'nt-web' in result.err, result
