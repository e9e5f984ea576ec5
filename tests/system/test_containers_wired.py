"""The scenario: two containers with no network, wired, pinged from inside, restarted, wired again, unwired."""

from __future__ import absolute_import, division, print_function

import json
import os
import time

import pytest

from support import process
from support.program import TOP
from support.untouched import assert_untouched, own_state


@pytest.fixture(params=['docker', 'podman'])
def runtime(request):
    made = request.getfixturevalue(request.param)
    made.options = made.options + ['--cap-add', 'NET_RAW']  # for ping inside; podman's own default lacks it
    return made


def ping_inside(runtime, name, address):
    return runtime.execute(name, 'ping6' if ':' in address else 'ping', '-c', '1', '-W', '2', address).status == 0


def state_of(run_netnsctl, name):
    return [wire['state'] for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'] if wire['name'] == name]


@pytest.mark.parametrize('backend', ['auto', 'iproute', 'netlink'])
def test_the_scenario(run_netnsctl, runtime, backend):
    a, b = runtime.run('a'), runtime.run('b')
    before = own_state()
    name = '%s:A-%s:B' % (a, b)
    words = ['wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32', '--backend', backend]
    made = run_netnsctl(*words)
    assert made.status == 0 and made.out.startswith('wired %s: ' % name) and 'checked' in made.out, made
    assert ping_inside(runtime, a, '10.1.1.2') and ping_inside(runtime, b, '10.1.1.1')
    assert run_netnsctl(*words).out.startswith('already wired: ')
    assert state_of(run_netnsctl, name) == ['whole']
    runtime.restart(a)
    assert state_of(run_netnsctl, name) == ['lost']
    # The kernel takes a dead namespace apart when it comes to it.
    deadline = time.time() + 20
    while ping_inside(runtime, b, '10.1.1.1'):
        assert time.time() < deadline
    again = run_netnsctl(*words)
    assert again.status == 0 and again.out.startswith('wired '), again
    assert state_of(run_netnsctl, name) == ['whole']
    assert ping_inside(runtime, a, '10.1.1.2') and ping_inside(runtime, b, '10.1.1.1')
    runtime.restart(b)
    gone = run_netnsctl('unwire', a, b)
    assert gone.status == 0 and gone.out == 'unwired %s\n' % name, gone
    assert 'A' not in runtime.execute(a, 'ip', '-o', 'link').out.replace('LOOPBACK', '').split(':')
    assert_untouched(before)


def test_with_the_ip_of_el6(run_netnsctl, runtime, old_ip):
    a, b = runtime.run('a'), runtime.run('b')
    before = own_state(runtime.pid(a), runtime.pid(b))
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32', path=old_ip)
    assert result.status == 0 and '(netlink, checked)' in result.out, result
    assert ping_inside(runtime, a, '10.1.1.2')
    assert run_netnsctl('unwire', a, b, path=old_ip).status == 0
    assert_untouched(before)


def test_by_scheme_full_id_and_pid(run_netnsctl, runtime):
    a, b = runtime.run('a'), runtime.run('b')
    scheme = runtime.command[0]
    pid = runtime.pid(b)
    before = own_state(runtime.pid(a), pid)
    for one, two in (
        ('%s://%s' % (scheme, a), b),
        ('%s://%s' % (scheme, runtime.id(a)), 'pid://%d' % pid),
        (runtime.id(a), '%d' % pid),
    ):
        result = run_netnsctl('wire', one + ':A=10.1.1.1', two + ':B=10.1.1.2', '--name', a + '.w')
        assert result.status == 0, result
        assert ping_inside(runtime, a, '10.1.1.2')
        assert run_netnsctl('unwire', a + '.w').status == 0
    assert_untouched(before)


@pytest.mark.parametrize('form', ['%s', '{scheme}://%s'])
def test_by_the_12_digits_that_ps_prints_alone_and_in_a_file(run_netnsctl, runtime, form):
    a, b = runtime.run('a'), runtime.run('b')
    form = form.format(scheme=runtime.command[0])
    ends = tuple(form % runtime.id(name)[:12] for name in (a, b))
    made = run_netnsctl('wire', '--name', a + '.w', ends[0] + ':A=10.1.1.1', ends[1] + ':B=10.1.1.2')
    assert made.status == 0 and 'checked' in made.out, made
    many = run_netnsctl('wire', '-f', '-', feed='%s:C %s:C --name %s.x\n%s:D %s:D --name %s.y\n' % (
        ends + (a,) + ends[::-1] + (a,)))
    assert many.status == 0 and many.out.count('wired ') == 2, many
    assert ping_inside(runtime, a, '10.1.1.2')
    assert run_netnsctl('unwire', *['%s.%s' % (a, letter) for letter in 'wxy']).status == 0


def test_a_container_with_the_hosts_network_is_refused(run_netnsctl, runtime):
    a, b = runtime.run('a', net='host'), runtime.run('b')
    before = own_state(runtime.pid(b))
    for words in ((a, b), (b, a), ('%s://%s' % (runtime.command[0], a), b)):
        result = run_netnsctl('wire', *words)
        assert result.status == 4 and "host's own" in result.err and result.out == '', result
    assert_untouched(before)


def test_a_stopped_container_and_none_are_status_3_and_say_which(run_netnsctl, runtime):
    a, b = runtime.run('a'), runtime.run('b')
    runtime.stop(a)
    scheme = runtime.command[0]
    for target, words in (
        ('%s://%s' % (scheme, a), 'not running'),
        ('%s://%s-none' % (scheme, a), 'no such container'),
        (a, 'not running'),
        ('%s://%s' % (scheme, runtime.id(b)[:11]), 'no such container'),  # one digit more would be enough
    ):
        result = run_netnsctl('wire', target, b)
        assert result.status == 3 and words in result.err, (target, result)


@pytest.mark.parametrize('form', ['%s', '{scheme}://%s'])
def test_in_a_file_those_that_are_there_are_wired_and_each_of_the_others_says_why(run_netnsctl, runtime, form):
    names = [runtime.run('f') for _ in range(5)]
    runtime.stop(names[1])
    runtime.restart(names[2])
    form = form.format(scheme=runtime.command[0])
    ends = [form % name for name in names + [names[0] + '-none']]
    lines = ''.join('%s:m%d=10.1.%d.1/24 %s:n%d=10.1.%d.2/24 --name %s.%d\n' % (
        one, at, at, ends[4], at, at, names[4], at) for at, one in enumerate(ends) if at != 4)
    result = run_netnsctl('wire', '-f', '-', feed=lines)
    assert result.status == 3 and '3 of 5 wires are in place' in result.err, result
    assert sorted(line.split()[1] for line in result.out.splitlines()) == [
        '%s.%d:' % (names[4], at) for at in (0, 2, 3)], result
    told = [line for line in result.err.splitlines() if line.startswith('netnsctl: -:')]
    assert len(told) == 2 and names[1] in told[0] and ' running' in told[0] and names[0] + '-none' in told[1], result
    assert ping_inside(runtime, names[4], '10.1.2.1')
    assert run_netnsctl('unwire', *['%s.%d' % (names[4], at) for at in (0, 2, 3)]).status == 0


def test_a_name_that_is_a_namespace_too_is_ambiguous(run_netnsctl, runtime, netns):
    a, other = runtime.run('a'), netns('o')
    process.must(['ip', 'netns', 'add', a])
    try:
        result = run_netnsctl('wire', a, other)
        assert result.status == 4, result
        assert 'netns://' + a in result.err and '%s://%s' % (runtime.command[0], a) in result.err
    finally:
        process.must(['ip', 'netns', 'delete', a])


def test_a_container_and_the_host_and_a_bridge(run_netnsctl, runtime):
    a = runtime.run('a')
    bridge = 'c%d' % os.getpid()
    before = own_state(runtime.pid(a))
    assert run_netnsctl('wire', a + ':A=10.243.0.2/24,gw=10.243.0.1', 'bridge://%s=10.243.0.1/24' % bridge).status == 0
    assert run_netnsctl('wire', a + ':B=10.243.1.2', 'host=10.243.1.1').status == 0
    assert ping_inside(runtime, a, '10.243.0.1') and ping_inside(runtime, a, '10.243.1.1')
    assert run_netnsctl('unwire', a, 'bridge://' + bridge).status == 0
    assert run_netnsctl('unwire', a, 'host').status == 0
    assert_untouched(before)


def test_ipv6_where_docker_switched_it_off_names_the_sysctl(run_netnsctl, docker):
    a, b = docker.run('a', options=['--sysctl', 'net.ipv6.conf.all.disable_ipv6=1']), docker.run('b')
    before = own_state(docker.pid(a), docker.pid(b))
    for words in ((a + ':A=fd00::1/64', b + ':B=fd00::2/64'), (b + ':B=fd00::2/64', a + ':A=fd00::1/64')):
        result = run_netnsctl('wire', *words)
        assert result.status == 1 and 'disable_ipv6' in result.err and words[0].split(':')[0] in result.err, result
    assert_untouched(before)


def test_ipv6_between_containers_that_have_it(run_netnsctl, docker):
    options = ['--sysctl', 'net.ipv6.conf.all.disable_ipv6=0', '--sysctl', 'net.ipv6.conf.default.disable_ipv6=0']
    a, b = docker.run('a', options=options), docker.run('b', options=options)
    result = run_netnsctl('wire', a + ':A=fd00::1/64', b + ':B=fd00::2/64')
    assert result.status == 0, result
    assert ping_inside(docker, a, 'fd00::2') and ping_inside(docker, b, 'fd00::1')


def test_docker_by_its_command_where_the_socket_does_not_answer(run_netnsctl, docker, tmpdir):
    """DOCKER_HOST, which netnsctl asks first, is a dead socket; a stand-in for `docker` knows the way to the engine."""
    a, b = docker.run('a'), docker.run('b')
    before = own_state(docker.pid(a), docker.pid(b))
    wrapper = tmpdir.join('docker')
    wrapper.write('#!/bin/sh\nunset DOCKER_HOST\nexec /usr/bin/docker "$@"\n')
    wrapper.chmod(0o755)
    dead = {'DOCKER_HOST': 'unix://%s' % tmpdir.join('dead.sock')}
    for environ in (dead, {'DOCKER_HOST': 'tcp://127.0.0.1:9'}):
        result = run_netnsctl(
            'wire', 'docker://%s:A=10.1.1.1' % a, 'docker://%s:B=10.1.1.2' % b, path=str(tmpdir), environ=environ
        )
        assert result.status == 0, result
        assert ping_inside(docker, a, '10.1.1.2')
        assert run_netnsctl('unwire', a, b).status == 0
    without = run_netnsctl('wire', 'docker://' + a, 'docker://' + b, environ=dead)
    assert without.status in (1, 3) and 'docker' in without.err and 'Traceback' not in without.err, without
    assert_untouched(before)


def test_the_completion_offers_the_containers_that_run(runtime):
    a, stopped = runtime.run('a'), runtime.run('s')
    runtime.stop(stopped)
    scheme = runtime.command[0]
    script = os.path.join(TOP, 'rpm', 'netnsctl.bash-completion')
    shown = process.run(['/bin/bash', '-c', '. "$1"; _netnsctl_print netnsctl wire "$2"', 'bash', script,
                         '%s://%s' % (scheme, a[:-1])])
    assert (shown.status, shown.err) == (0, '') and '%s://%s' % (scheme, a) in shown.out.split(), shown
    assert stopped not in shown.out
